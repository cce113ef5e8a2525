/* SPDX-License-Identifier: MIT */
#include "host/cache_directory.h"

#include "base/file.h"
#include "base/hash.h"

#include <extmgr/version.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* The first line of an entry; behind it: its name, the digest of its content, a line feed. */
#define MAGIC "extmgr-cache/1 "
/* A name: kind, '-', SHA-256 of version and key in hexadecimal. */
#define KIND_MAXIMUM   32
#define NAME_SIZE      (KIND_MAXIMUM + 1 + EXTMGR__SHA256_HEX_SIZE)
#define HEADER_MAXIMUM (sizeof(MAGIC) + NAME_SIZE + EXTMGR__SHA256_HEX_SIZE + 1)
#define KEY_MAXIMUM    ((size_t)64 << 10)
/* What a writer that was killed left behind is removed by the next check after this time. */
#define NEW_PREFIX          "new-"
#define LEFTOVER_SECONDS    3600
#define LOCK_TRIES          200
#define LOCK_PAUSE_NS       10000000
#define MAXIMUM_SWEPT_FILES 100000

static extmgr_result say(const char *what, const char *path, int number, extmgr_error **error)
{
	if (number == ENOMEM)
		return extmgr__error_no_memory(error);
	return extmgr__error_set(error, EXTMGR_E_IO, "cannot %s cache directory '%s': %s", what,
				 path, strerrordesc_np(number));
}

static extmgr_result refuse(const char *path, const struct stat *status, extmgr_error **error)
{
	if (status->st_uid != geteuid())
		extmgr__error_set(error, EXTMGR_E_CACHE_UNSAFE,
				  "cache directory '%s' is not used: it belongs to user %lu", path,
				  (unsigned long)status->st_uid);
	else
		extmgr__error_set(error, EXTMGR_E_CACHE_UNSAFE,
				  "cache directory '%s' is not used: its mode is %04o, not 0700",
				  path, (unsigned int)(status->st_mode & 07777));
	extmgr__error_hint(error, "it must belong to the user of the process and have mode 0700");
	return EXTMGR_E_CACHE_UNSAFE;
}

static extmgr_result open_directory(const char *path, int *descriptor, extmgr_error **error)
{
	struct stat status = {0};

	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return say("make", path, errno, error);
	*descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*descriptor < 0)
		return say("open", path, errno, error);
	/* What was opened is judged, so that nothing can be put in its place behind the check. */
	if (fstat(*descriptor, &status) == 0 && status.st_uid == geteuid() &&
	    (status.st_mode & 07777) == 0700)
		return EXTMGR_OK;
	(void)close(*descriptor);
	return refuse(path, &status, error);
}

/* Files of writers that were killed. */
static void sweep(int directory)
{
	int descriptor = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = descriptor >= 0 ? fdopendir(descriptor) : NULL;
	const struct dirent *entry;
	struct stat status;

	if (!stream) {
		if (descriptor >= 0)
			(void)close(descriptor);
		return;
	}
	for (int i = 0; i < MAXIMUM_SWEPT_FILES && (entry = readdir(stream)) != NULL; i++) {
		if (strncmp(entry->d_name, NEW_PREFIX, strlen(NEW_PREFIX)) == 0 &&
		    fstatat(directory, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
		    status.st_mtime < time(NULL) - LEFTOVER_SECONDS)
			(void)unlinkat(directory, entry->d_name, 0);
	}
	(void)closedir(stream);
}

extmgr_result extmgr__cache_directory_check(const char *path, extmgr_error **error)
{
	int descriptor;
	extmgr_result result = open_directory(path, &descriptor, error);

	if (result != EXTMGR_OK)
		return result;
	sweep(descriptor);
	(void)close(descriptor);
	return EXTMGR_OK;
}

static bool is_state(const char *kind)
{
	return strcmp(kind, EXTMGR__CACHE_STATE) == 0;
}

static extmgr_result name_of(const char *kind, const char *key, char name[NAME_SIZE],
			     extmgr_error **error)
{
	struct extmgr__buffer text = EXTMGR__BUFFER(KEY_MAXIMUM);
	char hex[EXTMGR__SHA256_HEX_SIZE];
	extmgr_result result;

	if (!is_state(kind))
		extmgr__buffer_puts(&text, EXTMGR_VERSION_STRING "\n");
	extmgr__buffer_puts(&text, key);
	result = extmgr__buffer_result(&text);
	if (result == EXTMGR_OK)
		result = extmgr__hash_sha256_hex(text.data, text.length, hex);
	extmgr__buffer_free(&text);
	if (result != EXTMGR_OK)
		return extmgr__error_from_result(error, result, "the key of a cache entry");
	(void)snprintf(name, NAME_SIZE, "%.*s-%s", KIND_MAXIMUM, kind, hex);
	return EXTMGR_OK;
}

static extmgr_result header_of(const char *name, const char *bytes, size_t length,
			       char header[HEADER_MAXIMUM], extmgr_error **error)
{
	char hex[EXTMGR__SHA256_HEX_SIZE];

	if (extmgr__hash_sha256_hex(bytes, length, hex) != EXTMGR_OK)
		return extmgr__error_no_memory(error);
	(void)snprintf(header, HEADER_MAXIMUM, MAGIC "%s %s\n", name, hex);
	return EXTMGR_OK;
}

/* Takes the header off; whatever is not as it was written is not there. */
static extmgr_result unwrap(const char *name, struct extmgr__buffer *content, extmgr_error **error)
{
	char header[HEADER_MAXIMUM];
	const char *end = memchr(extmgr__buffer_get(content), '\n', content->length);
	size_t size = end ? (size_t)(end - content->data) + 1 : 0;
	extmgr_result result = EXTMGR_E_NOT_FOUND;

	if (end)
		result = header_of(name, content->data + size, content->length - size, header,
				   error);
	if (result == EXTMGR_OK &&
	    (strlen(header) != size || memcmp(content->data, header, size) != 0))
		result = EXTMGR_E_NOT_FOUND;
	if (result == EXTMGR_E_NOT_FOUND)
		return extmgr__error_set(error, EXTMGR_E_NOT_FOUND, "cache entry '%s' is damaged",
					 name);
	if (result != EXTMGR_OK)
		return result;
	content->length -= size;
	memmove(content->data, content->data + size, content->length + 1);
	return EXTMGR_OK;
}

extmgr_result extmgr__cache_directory_read(const char *path, const char *kind, const char *key,
					   struct extmgr__buffer *content, extmgr_error **error)
{
	char name[NAME_SIZE];
	extmgr_result result;
	int directory;

	*content = EXTMGR__BUFFER(0);
	result = name_of(kind, key, name, error);
	if (result == EXTMGR_OK)
		result = open_directory(path, &directory, error);
	if (result != EXTMGR_OK)
		return result;
	result = extmgr__file_read_at(directory, name, EXTMGR__CACHE_ENTRY_MAXIMUM, content, error);
	(void)close(directory);
	if (result == EXTMGR_E_TOO_LARGE)
		return extmgr__error_wrap(error, EXTMGR_E_NOT_FOUND, "cache entry '%s' is damaged",
					  name);
	if (result != EXTMGR_OK)
		return result;
	result = unwrap(name, content, error);
	if (result != EXTMGR_OK)
		extmgr__buffer_free(content);
	return result;
}

static bool write_all(int file, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t written = write(file, bytes, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return false;
		bytes += written;
		length -= (size_t)written;
	}
	return true;
}

static extmgr_result write_entry(int directory, const char *path, const char *name,
				 const char *header, const char *bytes, size_t length, bool durable,
				 extmgr_error **error)
{
	char new_name[NAME_MAX];
	uint64_t number;
	bool written;
	int file;

	if (extmgr__hash_random(&number, sizeof(number)) != EXTMGR_OK)
		return extmgr__error_from_result(error, EXTMGR_E_INTERNAL, "a random number");
	(void)snprintf(new_name, sizeof(new_name), NEW_PREFIX "%016" PRIx64, number);
	file = openat(directory, new_name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
		      0600);
	if (file < 0)
		return say("write to", path, errno, error);
	written = write_all(file, header, strlen(header)) && write_all(file, bytes, length) &&
		  (!durable || fsync(file) == 0);
	if (close(file) != 0 || !written || renameat(directory, new_name, directory, name) != 0) {
		int number_of_error = errno;

		(void)unlinkat(directory, new_name, 0);
		return say("write to", path, number_of_error, error);
	}
	if (durable && fsync(directory) != 0)
		return say("write to", path, errno, error);
	return EXTMGR_OK;
}

extmgr_result extmgr__cache_directory_write(const char *path, const char *kind, const char *key,
					    const char *bytes, size_t length, extmgr_error **error)
{
	char name[NAME_SIZE];
	char header[HEADER_MAXIMUM];
	extmgr_result result;
	int directory;

	if (length > EXTMGR__CACHE_ENTRY_MAXIMUM - HEADER_MAXIMUM)
		return extmgr__error_set(error, EXTMGR_E_TOO_LARGE,
					 "an entry of the cache would be larger than %zu bytes",
					 EXTMGR__CACHE_ENTRY_MAXIMUM);
	result = name_of(kind, key, name, error);
	if (result == EXTMGR_OK)
		result = header_of(name, bytes, length, header, error);
	if (result == EXTMGR_OK)
		result = open_directory(path, &directory, error);
	if (result != EXTMGR_OK)
		return result;
	result = write_entry(directory, path, name, header, bytes, length, is_state(kind), error);
	(void)close(directory);
	return result;
}

extmgr_result extmgr__cache_directory_lock(const char *path, int *lock_out, extmgr_error **error)
{
	static const struct timespec pause = {.tv_nsec = LOCK_PAUSE_NS};
	extmgr_result result = open_directory(path, lock_out, error);

	if (result != EXTMGR_OK)
		return result;
	for (int i = 0; i < LOCK_TRIES; i++) {
		if (flock(*lock_out, LOCK_EX | LOCK_NB) == 0)
			return EXTMGR_OK;
		if (errno != EWOULDBLOCK && errno != EINTR)
			break;
		(void)nanosleep(&pause, NULL);
	}
	(void)close(*lock_out);
	return extmgr__error_set(error, EXTMGR_E_LOCKED,
				 "cache directory '%s' is held by another process", path);
}

void extmgr__cache_directory_unlock(int lock)
{
	(void)close(lock);
}
