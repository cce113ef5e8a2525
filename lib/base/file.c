/* SPDX-License-Identifier: MIT */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* O_NONBLOCK: a FIFO must not block; O_NOCTTY: a terminal must not become ours. */
#define OPEN_FLAGS (O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)

static bool path_of(int descriptor, char path[PATH_MAX])
{
	char link[64];
	ssize_t length;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", descriptor);
	length = readlink(link, path, PATH_MAX - 1);
	if (length < 0)
		return false;
	path[length] = '\0';
	return true;
}

/* Whether the open file lies below the open directory, judged by what was really opened. */
static bool lies_below(int file, int directory)
{
	char file_path[PATH_MAX];
	char directory_path[PATH_MAX];
	size_t length;

	if (!path_of(file, file_path) || !path_of(directory, directory_path))
		return false;
	length = strlen(directory_path);
	if (length == 1) /* "/" */
		return true;
	return strncmp(file_path, directory_path, length) == 0 && file_path[length] == '/';
}

/* The folder in which the last part of a path stands; -1 when it cannot be opened. */
static int open_folder_of(const char *path)
{
	char folder[PATH_MAX];
	const char *slash = strrchr(path, '/');
	size_t length = slash ? (size_t)(slash - path) + 1 : 0;

	if (length >= sizeof(folder))
		return -1;
	memcpy(folder, path, length);
	folder[length] = '\0';
	return open(length ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static bool stays_below(int file, int directory, const char *name)
{
	int folder;
	bool below;

	if (directory != AT_FDCWD)
		return lies_below(file, directory);
	folder = open_folder_of(name);
	below = folder >= 0 && lies_below(file, folder);
	if (folder >= 0)
		(void)close(folder);
	return below;
}

static extmgr_result open_error(const char *name, int number, extmgr_error **error)
{
	extmgr_result code = number == ENOENT || number == ENOTDIR || number == ENAMETOOLONG
				     ? EXTMGR_E_NOT_FOUND
				     : EXTMGR_E_IO;

	return extmgr__error_set(error, code, "cannot open file '%s': %s", name,
				 strerrordesc_np(number));
}

extmgr_result extmgr__file_open_at(int directory, const char *name, bool links, int *file_out,
				   struct stat *status, extmgr_error **error)
{
	extmgr_result result = EXTMGR_OK;
	bool followed = false;
	int file = openat(directory, name, OPEN_FLAGS | O_NOFOLLOW);

	if (file < 0 && errno == ELOOP && !links)
		return extmgr__error_set(error, EXTMGR_E_CONFLICT, "'%s' is a symbolic link", name);
	if (file < 0 && errno == ELOOP) {
		followed = true;
		file = openat(directory, name, OPEN_FLAGS);
	}
	if (file < 0)
		return open_error(name, errno, error);
	if (fstat(file, status) != 0)
		result = open_error(name, errno, error);
	else if (followed && !S_ISREG(status->st_mode) && !S_ISDIR(status->st_mode))
		result = extmgr__error_set(error, EXTMGR_E_IO, "'%s' is not a regular file", name);
	else if (followed && !stays_below(file, directory, name))
		result = extmgr__error_set(
			error, EXTMGR_E_CONFLICT,
			"'%s' is a symbolic link that leads out of its directory", name);
	if (result == EXTMGR_OK)
		*file_out = file;
	else
		(void)close(file);
	return result;
}

/* In one piece, when the file has as many bytes as it says: the byte more that is asked for would
 * show that it has grown, and what grows later is_unchanged() sees. */
static extmgr_result read_all(int file, const struct stat *status, const char *name,
			      struct extmgr__buffer *content, extmgr_error **error)
{
	size_t piece = (size_t)status->st_size + 1;

	for (;;) {
		size_t room = content->maximum - content->length;
		ssize_t length;

		if (!extmgr__buffer_reserve(content, piece < room ? piece : room))
			return extmgr__error_no_memory(error);
		/* A byte beyond the maximum fits where the NUL will stand. */
		length = read(file, content->data + content->length,
			      content->capacity - content->length);
		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0)
			return extmgr__error_set(error, EXTMGR_E_IO, "cannot read file '%s': %s",
						 name, strerrordesc_np(errno));
		if (length == 0)
			break;
		if ((size_t)length > room)
			return extmgr__error_set(error, EXTMGR_E_TOO_LARGE,
						 "file '%s' is larger than %zu bytes", name,
						 content->maximum);
		content->length += (size_t)length;
		if (content->length == (size_t)status->st_size)
			break;
		piece = 16384;
	}
	extmgr__buffer_append(content, "", 0); /* its NUL */
	return EXTMGR_OK;
}

static bool is_unchanged(int file, const struct stat *before, size_t length)
{
	struct stat after;

	return fstat(file, &after) == 0 && after.st_size == before->st_size &&
	       (uintmax_t)after.st_size == length &&
	       after.st_mtim.tv_sec == before->st_mtim.tv_sec &&
	       after.st_mtim.tv_nsec == before->st_mtim.tv_nsec;
}

extmgr_result extmgr__file_read(int file, const struct stat *status, const char *name,
				size_t maximum, struct extmgr__buffer *content,
				extmgr_error **error)
{
	extmgr_result result;

	*content = EXTMGR__BUFFER(maximum);
	if (!S_ISREG(status->st_mode))
		return extmgr__error_set(error, EXTMGR_E_IO, "'%s' is not a regular file", name);
	if ((uintmax_t)status->st_size > maximum)
		return extmgr__error_set(error, EXTMGR_E_TOO_LARGE,
					 "file '%s' is larger than %zu bytes", name, maximum);
	result = read_all(file, status, name, content, error);
	if (result == EXTMGR_OK && !is_unchanged(file, status, content->length))
		result = extmgr__error_set(error, EXTMGR_E_CONFLICT,
					   "file '%s' changed while it was read", name);
	if (result != EXTMGR_OK)
		extmgr__buffer_free(content);
	return result;
}

extmgr_result extmgr__file_read_at(int directory, const char *name, size_t maximum,
				   struct extmgr__buffer *content, extmgr_error **error)
{
	extmgr_result result;
	struct stat status;
	int file = -1;

	*content = EXTMGR__BUFFER(maximum);
	result = extmgr__file_open_at(directory, name, true, &file, &status, error);
	if (result != EXTMGR_OK)
		return result;
	result = extmgr__file_read(file, &status, name, maximum, content, error);
	(void)close(file);
	return result;
}
