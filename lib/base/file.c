/* SPDX-License-Identifier: MIT */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

static extmgr_result open_error(const char *name, int number, extmgr_error **error)
{
	extmgr_result code = number == ENOENT || number == ENOTDIR || number == ENAMETOOLONG
				     ? EXTMGR_E_NOT_FOUND
				     : EXTMGR_E_IO;

	return extmgr__error_set(error, code, "cannot open file '%s': %s", name,
				 strerrordesc_np(number));
}

static extmgr_result read_all(int file, const char *name, struct extmgr__buffer *content,
			      extmgr_error **error)
{
	char piece[16384];

	for (;;) {
		ssize_t length = read(file, piece, sizeof(piece));

		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0)
			return extmgr__error_set(error, EXTMGR_E_IO, "cannot read file '%s': %s",
						 name, strerrordesc_np(errno));
		if (length == 0)
			break;
		extmgr__buffer_append(content, piece, (size_t)length);
		if (extmgr__buffer_result(content) == EXTMGR_E_TOO_LARGE)
			return extmgr__error_set(error, EXTMGR_E_TOO_LARGE,
						 "file '%s' is larger than %zu bytes", name,
						 content->maximum);
		if (extmgr__buffer_result(content) != EXTMGR_OK)
			return extmgr__error_no_memory(error);
	}
	return EXTMGR_OK;
}

extmgr_result extmgr__file_read_at(int directory, const char *name, size_t maximum,
				   struct extmgr__buffer *content, extmgr_error **error)
{
	extmgr_result result;
	struct stat status;
	bool followed = false;
	int file;

	*content = EXTMGR__BUFFER(maximum);
	/* O_NONBLOCK: a FIFO must not block; O_NOCTTY: a terminal must not become ours. */
	file = openat(directory, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
	if (file < 0 && errno == ELOOP) {
		followed = true;
		file = openat(directory, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	}
	if (file < 0)
		return open_error(name, errno, error);
	if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode))
		result = extmgr__error_set(error, EXTMGR_E_IO, "'%s' is not a regular file", name);
	else if (followed && !lies_below(file, directory))
		result = extmgr__error_set(
			error, EXTMGR_E_IO,
			"'%s' is a symbolic link that leads out of its directory", name);
	else if (status.st_size > 0 && (uintmax_t)status.st_size > maximum)
		result = extmgr__error_set(error, EXTMGR_E_TOO_LARGE,
					   "file '%s' is larger than %zu bytes", name, maximum);
	else
		result = read_all(file, name, content, error);
	(void)close(file);
	if (result != EXTMGR_OK)
		extmgr__buffer_free(content);
	return result;
}
