/* SPDX-License-Identifier: MIT */
/* A file store over local directories. Symbolic links are not followed, so that neither a loop nor
 * a file outside of the directories is ever listed. */
#include "text.h"

#include <extmgr/context.h>
#include <extmgr/drivers.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MAXIMUM_DIRECTORIES 64
#define MAXIMUM_DEPTH       32
#define MAXIMUM_PATH        4096
/* A file that is being written. */
#define NEW_PREFIX    ".extmgr-new-"
#define NEW_NAME_SIZE (sizeof(NEW_PREFIX) + 16)
/* What a writer that was killed left behind is removed by the next one after this time. */
#define LEFTOVER_SECONDS 3600

struct store {
	char **directories; /* absolute */
	size_t count;
};

/* A file that create() began. */
struct new_file {
	int directory;
	int file;
	char new_name[NEW_NAME_SIZE];
	char name[NAME_MAX + 1];
};

/* One walk through one directory. */
struct walk {
	struct extmgr__drivers_text path; /* of the directory that is read */
	extmgr_operation *operation;
	extmgr_file_list *files;
	extmgr_host_error *error;
};

static void destroy(void *user_data)
{
	struct store *store = user_data;

	for (size_t i = 0; i < store->count; i++)
		free(store->directories[i]);
	free(store->directories);
	free(store);
}

static extmgr_result fail(struct walk *walk, const char *what, int number)
{
	char message[MAXIMUM_PATH + 256];

	snprintf(message, sizeof(message), "%s '%s': %s", what, walk->path.data, strerror(number));
	extmgr_host_error_set(walk->error, number, NULL, message, strlen(message));
	return number == ENOMEM ? EXTMGR_E_NO_MEMORY : EXTMGR_E_IO;
}

static extmgr_result too_deep(struct walk *walk)
{
	char message[MAXIMUM_PATH + 256];

	snprintf(message, sizeof(message), "directories lie more than %d deep below '%s'",
		 MAXIMUM_DEPTH, walk->path.data);
	extmgr_host_error_set(walk->error, 0, NULL, message, strlen(message));
	return EXTMGR_E_TOO_LARGE;
}

static extmgr_result walk_directory(struct walk *walk, int folder, int depth);

static bool is_new(const char *name)
{
	return strncmp(name, NEW_PREFIX, strlen(NEW_PREFIX)) == 0;
}

/* A file that goes away meanwhile is left out, as is what no definition could name. */
static extmgr_result visit(struct walk *walk, int folder, const char *name, int depth)
{
	size_t length = walk->path.length;
	struct stat status;
	extmgr_result result = EXTMGR_OK;
	int below;

	if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
		return EXTMGR_OK;
	if (length > 1)
		extmgr__drivers_puts(&walk->path, "/");
	extmgr__drivers_puts(&walk->path, name);
	if (walk->path.failed)
		return EXTMGR_E_NO_MEMORY;
	if (S_ISDIR(status.st_mode)) {
		below = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (below >= 0)
			result = walk_directory(walk, below, depth + 1);
		else if (errno != ENOENT)
			result = fail(walk, "cannot open the directory", errno);
	} else if (S_ISREG(status.st_mode) && walk->path.length <= MAXIMUM_PATH) {
		result = extmgr_file_list_append(walk->files, walk->path.data,
						 (uint64_t)status.st_size);
		if (result == EXTMGR_E_FORMAT)
			result = EXTMGR_OK;
	}
	walk->path.length = length;
	walk->path.data[length] = '\0';
	return result;
}

/* Takes folder over. */
static extmgr_result walk_directory(struct walk *walk, int folder, int depth)
{
	DIR *directory = fdopendir(folder);
	extmgr_result result = EXTMGR_OK;
	const struct dirent *entry;

	if (!directory) {
		close(folder);
		return fail(walk, "cannot read the directory", ENOMEM);
	}
	if (depth > MAXIMUM_DEPTH) {
		closedir(directory);
		return too_deep(walk);
	}
	while (result == EXTMGR_OK) {
		errno = 0;
		entry = readdir(directory);
		if (!entry) {
			if (errno != 0)
				result = fail(walk, "cannot read the directory", errno);
			break;
		}
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
		    is_new(entry->d_name))
			continue;
		if (extmgr_operation_get_remaining_ms(walk->operation) == 0)
			result = extmgr_operation_is_cancelled(walk->operation) ? EXTMGR_E_CANCELLED
										: EXTMGR_E_TIMEOUT;
		else
			result = visit(walk, dirfd(directory), entry->d_name, depth);
	}
	closedir(directory);
	return result;
}

static extmgr_result list(void *user_data, extmgr_operation *operation, extmgr_file_list *files,
			  extmgr_host_error *error)
{
	const struct store *store = user_data;
	extmgr_result result = EXTMGR_OK;

	for (size_t i = 0; i < store->count && result == EXTMGR_OK; i++) {
		struct walk walk = {.operation = operation, .files = files, .error = error};
		int folder;

		extmgr__drivers_puts(&walk.path, store->directories[i]);
		if (walk.path.failed)
			return EXTMGR_E_NO_MEMORY;
		/* The directory itself may be a link: it is the host's own choice. */
		folder = open(walk.path.data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (folder < 0)
			result = fail(&walk, "cannot open the directory", errno);
		else
			result = walk_directory(&walk, folder, 0);
		extmgr__drivers_text_free(&walk.path);
	}
	return result;
}

/* ---- content ---- */

static extmgr_result read_fails(const char *path, int number, extmgr_host_error *error)
{
	char message[MAXIMUM_PATH + 256];

	snprintf(message, sizeof(message), "'%s': %s", path, strerror(number));
	extmgr_host_error_set(error, number, NULL, message, strlen(message));
	return EXTMGR_E_IO;
}

/* The part of the path below a directory of the store; NULL: it lies below none. */
static const char *path_below(const struct store *store, const char *path, const char **directory)
{
	for (size_t i = 0; i < store->count; i++) {
		size_t length = strlen(store->directories[i]);

		*directory = store->directories[i];
		if (length == 1)
			return path + 1;
		if (strncmp(path, *directory, length) == 0 && path[length] == '/')
			return path + length + 1;
	}
	return NULL;
}

/* Opens step by step, as the walk did: no link is followed that came in between. -1: errno. */
static int open_below(const char *directory, const char *path)
{
	int folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	while (folder >= 0) {
		size_t length = strcspn(path, "/");
		bool last = path[length] == '\0';
		char name[NAME_MAX + 1];
		int next = -1;

		errno = ENAMETOOLONG;
		if (length < sizeof(name)) {
			memcpy(name, path, length);
			name[length] = '\0';
			next = openat(folder, name,
				      O_RDONLY | O_NOFOLLOW | O_CLOEXEC |
					      (last ? O_NONBLOCK | O_NOCTTY : O_DIRECTORY));
		}
		close(folder);
		if (last || next < 0)
			return next;
		folder = next;
		path += length + 1;
	}
	return -1;
}

static extmgr_result read_pieces(int file, const char *path, extmgr_file_sink *sink,
				 extmgr_host_error *error)
{
	char piece[65536];
	extmgr_result result = EXTMGR_OK;

	while (result == EXTMGR_OK) {
		ssize_t length = read(file, piece, sizeof(piece));

		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0)
			return read_fails(path, errno, error);
		if (length == 0)
			break;
		result = extmgr_file_sink_append(sink, piece, (size_t)length);
	}
	return result;
}

static extmgr_result read_file(void *user_data, extmgr_operation *operation, const char *path,
			       extmgr_file_sink *sink, extmgr_host_error *error)
{
	const char *directory = NULL;
	const char *below = path_below(user_data, path, &directory);
	struct stat status;
	extmgr_result result;
	int file;

	(void)operation; /* the sink looks at it */
	if (!below)
		return read_fails(path, ENOENT, error);
	file = open_below(directory, below);
	if (file < 0)
		return read_fails(path, errno, error);
	if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode))
		result = read_fails(path, EINVAL, error);
	else
		result = read_pieces(file, path, sink, error);
	close(file);
	return result;
}

/* ---- new files ---- */

static extmgr_result write_fails(int number, extmgr_host_error *error)
{
	const char *message = strerror(number);

	extmgr_host_error_set(error, number, NULL, message, strlen(message));
	return number == ENOMEM ? EXTMGR_E_NO_MEMORY : EXTMGR_E_IO;
}

static void sweep(int folder)
{
	int descriptor = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *directory = descriptor >= 0 ? fdopendir(descriptor) : NULL;
	const struct dirent *entry;
	struct stat status;

	if (!directory) {
		if (descriptor >= 0)
			close(descriptor);
		return;
	}
	while ((entry = readdir(directory)) != NULL) {
		if (is_new(entry->d_name) &&
		    fstatat(folder, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
		    status.st_mtime < time(NULL) - LEFTOVER_SECONDS)
			unlinkat(folder, entry->d_name, 0);
	}
	closedir(directory);
}

static void new_file_free(struct new_file *new_file)
{
	if (new_file->file >= 0)
		close(new_file->file);
	if (new_file->directory >= 0)
		close(new_file->directory);
	free(new_file);
}

static bool open_new(struct new_file *new_file, const char *directory)
{
	unsigned long long number;

	new_file->directory = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (new_file->directory < 0 ||
	    getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number))
		return false;
	sweep(new_file->directory);
	snprintf(new_file->new_name, sizeof(new_file->new_name), NEW_PREFIX "%016llx", number);
	new_file->file = openat(new_file->directory, new_file->new_name,
				O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	return new_file->file >= 0;
}

static extmgr_result create_file(void *user_data, extmgr_operation *operation, const char *name,
				 void **file_out, extmgr_host_error *error)
{
	const struct store *store = user_data;
	struct new_file *new_file = calloc(1, sizeof(*new_file));
	int number;

	(void)operation; /* nothing here takes long */
	if (!new_file)
		return write_fails(ENOMEM, error);
	new_file->directory = -1;
	new_file->file = -1;
	if (*name != '\0' && strlen(name) < sizeof(new_file->name) && !strchr(name, '/')) {
		memcpy(new_file->name, name, strlen(name) + 1);
		if (open_new(new_file, store->directories[0])) {
			*file_out = new_file;
			return EXTMGR_OK;
		}
		number = errno;
	} else {
		number = EINVAL;
	}
	new_file_free(new_file);
	return write_fails(number, error);
}

static extmgr_result write_file(void *user_data, void *file, const void *bytes, size_t length,
				extmgr_host_error *error)
{
	const struct new_file *new_file = file;
	const char *at = bytes;

	(void)user_data;
	while (length > 0) {
		ssize_t written = write(new_file->file, at, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return write_fails(written < 0 ? errno : EIO, error);
		at += written;
		length -= (size_t)written;
	}
	return EXTMGR_OK;
}

/* Both the content and the name reach the disk, in this order. */
static bool publish(struct new_file *new_file)
{
	int file = new_file->file;

	if (fsync(file) != 0)
		return false;
	new_file->file = -1;
	return close(file) == 0 &&
	       renameat(new_file->directory, new_file->new_name, new_file->directory,
			new_file->name) == 0 &&
	       fsync(new_file->directory) == 0;
}

static extmgr_result finish_file(void *user_data, void *file, uint32_t commit,
				 extmgr_host_error *error)
{
	struct new_file *new_file = file;
	extmgr_result result = EXTMGR_OK;

	(void)user_data;
	if (commit && !publish(new_file))
		result = write_fails(errno, error);
	if (!commit || result != EXTMGR_OK)
		unlinkat(new_file->directory, new_file->new_name, 0);
	new_file_free(new_file);
	return result;
}

/* ---- opening ---- */

void extmgr_local_files_options_init(extmgr_local_files_options *options, uint32_t struct_size)
{
	uint32_t known = sizeof(*options);

	if (!options || struct_size < sizeof(uint32_t))
		return;
	memset(options, 0, struct_size < known ? struct_size : known);
	memcpy(options, &struct_size, sizeof(struct_size));
}

/* There is one version of the structure. */
static extmgr_result check_options(const extmgr_local_files_options *options, uint32_t *flags,
				   extmgr_error **error)
{
	*flags = 0;
	if (!options)
		return EXTMGR_OK;
	if (options->struct_size != sizeof(*options))
		return extmgr__drivers_error(
			error, EXTMGR_E_INVALID_ARGUMENT, NULL,
			"extmgr_local_files_options: struct_size %u is not that of this version",
			(unsigned)options->struct_size);
	if (options->flags & ~EXTMGR_LOCAL_FILES_WRITABLE)
		return extmgr__drivers_error(error, EXTMGR_E_INVALID_ARGUMENT, NULL,
					     "extmgr_local_files_options: unknown flags 0x%x",
					     (unsigned)options->flags);
	*flags = options->flags;
	return EXTMGR_OK;
}

/* Absolute, because the host may change its working directory, and without a slash at the end. */
static char *absolute_path(const char *path)
{
	struct extmgr__drivers_text text = {0};

	if (*path != '/') {
		char *here = getcwd(NULL, 0);

		if (!here)
			return NULL;
		extmgr__drivers_puts(&text, here);
		extmgr__drivers_puts(&text, "/");
		free(here);
	}
	extmgr__drivers_puts(&text, path);
	while (!text.failed && text.length > 1 && text.data[text.length - 1] == '/')
		text.data[--text.length] = '\0';
	if (text.failed)
		extmgr__drivers_text_free(&text);
	return text.data;
}

static extmgr_result check_directory(const char *path, extmgr_error **error)
{
	if (!path || *path == '\0' || strnlen(path, MAXIMUM_PATH) == MAXIMUM_PATH)
		return extmgr__drivers_error(
			error, EXTMGR_E_INVALID_ARGUMENT, NULL,
			"a directory of the file store is NULL, empty or longer "
			"than %d bytes",
			MAXIMUM_PATH - 1);
	if (extmgr__drivers_find_control(path))
		return extmgr__drivers_error(
			error, EXTMGR_E_INVALID_ARGUMENT, NULL,
			"a directory of the file store has a control character "
			"in its name");
	return EXTMGR_OK;
}

static extmgr_result add_directories(struct store *store, const char *const *directories,
				     size_t count, extmgr_error **error)
{
	for (size_t i = 0; i < count; i++) {
		extmgr_result result = check_directory(directories[i], error);

		if (result != EXTMGR_OK)
			return result;
		store->directories[i] = absolute_path(directories[i]);
		if (!store->directories[i])
			return extmgr__drivers_error(error, EXTMGR_E_NO_MEMORY, NULL,
						     "out of memory");
		store->count++;
	}
	return EXTMGR_OK;
}

extmgr_result extmgr_local_files_open(const char *const *directories, size_t count,
				      extmgr_files **files_out, extmgr_error **error_out)
{
	return extmgr_local_files_open_with_options(directories, count, NULL, files_out, error_out);
}

static extmgr_result make(struct store *store, uint32_t flags, extmgr_files **files_out,
			  extmgr_error **error)
{
	extmgr_files_callbacks callbacks;

	extmgr_files_callbacks_init(&callbacks, sizeof(callbacks));
	callbacks.list = list;
	callbacks.read = read_file;
	callbacks.destroy = destroy;
	if (flags & EXTMGR_LOCAL_FILES_WRITABLE) {
		callbacks.create = create_file;
		callbacks.write = write_file;
		callbacks.finish = finish_file;
	}
	return extmgr_files_new(&callbacks, store, files_out, error);
}

extmgr_result extmgr_local_files_open_with_options(const char *const *directories, size_t count,
						   const extmgr_local_files_options *options,
						   extmgr_files **files_out,
						   extmgr_error **error_out)
{
	struct store *store;
	uint32_t flags;
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (files_out)
		*files_out = NULL;
	if (!files_out || !directories || count == 0 || count > MAXIMUM_DIRECTORIES)
		return extmgr__drivers_error(
			error_out, EXTMGR_E_INVALID_ARGUMENT, NULL,
			"directories or files_out is NULL, or count is not 1 to %d",
			MAXIMUM_DIRECTORIES);
	result = check_options(options, &flags, error_out);
	if (result != EXTMGR_OK)
		return result;
	store = calloc(1, sizeof(*store));
	if (!store)
		return extmgr__drivers_error(error_out, EXTMGR_E_NO_MEMORY, NULL, "out of memory");
	store->directories = calloc(count, sizeof(*store->directories));
	result = store->directories ? add_directories(store, directories, count, error_out)
				    : extmgr__drivers_error(error_out, EXTMGR_E_NO_MEMORY, NULL,
							    "out of memory");
	if (result == EXTMGR_OK)
		result = make(store, flags, files_out, error_out);
	if (result != EXTMGR_OK)
		destroy(store);
	return result;
}
