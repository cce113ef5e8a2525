/* SPDX-License-Identifier: MIT */
#include "registry/directory.h"

#include "base/alloc.h"
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAXIMUM_ENTRIES 10000
#define SUFFIX          ".js"

struct extmgr__directory {
	char *path;
	int descriptor;
	bool nothing_beside; /* no file of the listing has a name like "x.js.sha256" */
};

static extmgr_result open_path(const char *path, int *descriptor, extmgr_error **error)
{
	extmgr_result result;

	*descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*descriptor >= 0)
		return EXTMGR_OK;
	if (errno == ENOENT) {
		result = extmgr__error_set(error, EXTMGR_E_REGISTRY_NOT_FOUND,
					   "registry '%s' does not exist", path);
		extmgr__error_hint(error, "name a directory that holds definitions (.js files)");
		return result;
	}
	return extmgr__error_set(error, EXTMGR_E_REGISTRY_UNREADABLE,
				 "cannot read registry '%s': %s", path, strerrordesc_np(errno));
}

extmgr_result extmgr__directory_open(const char *path, struct extmgr__directory **directory_out,
				     extmgr_error **error)
{
	struct extmgr__directory *directory;
	extmgr_result result;
	int descriptor;

	result = open_path(path, &descriptor, error);
	if (result != EXTMGR_OK)
		return result;
	directory = calloc(1, sizeof(*directory));
	if (directory) {
		directory->descriptor = descriptor;
		directory->path = extmgr__strdup(path);
	} else {
		(void)close(descriptor);
	}
	if (!directory || !directory->path) {
		extmgr__directory_close(directory);
		return extmgr__error_no_memory(error);
	}
	*directory_out = directory;
	return EXTMGR_OK;
}

void extmgr__directory_close(struct extmgr__directory *directory)
{
	if (!directory)
		return;
	(void)close(directory->descriptor);
	free(directory->path);
	free(directory);
}

static bool has_suffix(const char *name, size_t length)
{
	return length > strlen(SUFFIX) &&
	       memcmp(name + length - strlen(SUFFIX), SUFFIX, strlen(SUFFIX)) == 0;
}

/* Whether the entry is a `.js` file, or a link that may lead to one; reading decides for good. */
static bool is_definition(int descriptor, const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);
	struct stat status;

	if (entry->d_name[0] == '.' || !has_suffix(entry->d_name, length))
		return false;
	/* Whoever asked for "x.js" would mean the file x.js, not x.js.js. */
	if (has_suffix(entry->d_name, length - strlen(SUFFIX)))
		return false;
	if (!extmgr__utf8_is_valid(entry->d_name, length) ||
	    extmgr__text_has_control(entry->d_name, length))
		return false;
	if (entry->d_type == DT_REG)
		return true;
	return fstatat(descriptor, entry->d_name, &status, 0) == 0 && S_ISREG(status.st_mode);
}

static void free_ids(char **ids, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(ids[i]);
	free((void *)ids);
}

static extmgr_result add_id(char ***ids, size_t *count, size_t *capacity, const char *name,
			    extmgr_error **error)
{
	char **grown;

	if (*count == MAXIMUM_ENTRIES)
		return extmgr__error_set(error, EXTMGR_E_TOO_LARGE,
					 "the registry holds more than %d definitions",
					 MAXIMUM_ENTRIES);
	grown = extmgr__array_grow((void *)*ids, *count, capacity, sizeof(*grown));
	if (!grown)
		return extmgr__error_no_memory(error);
	*ids = grown;
	grown[*count] = extmgr__memdup(name, strlen(name) - strlen(SUFFIX));
	if (!grown[*count])
		return extmgr__error_no_memory(error);
	(*count)++;
	return EXTMGR_OK;
}

/* A stream over the directory that leaves its descriptor open. */
static DIR *open_stream(const struct extmgr__directory *directory)
{
	int descriptor = openat(directory->descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = descriptor >= 0 ? fdopendir(descriptor) : NULL;

	if (!stream && descriptor >= 0)
		(void)close(descriptor);
	return stream;
}

static extmgr_result cannot_read(const struct extmgr__directory *directory, int number,
				 extmgr_error **error)
{
	return extmgr__error_set(error, EXTMGR_E_REGISTRY_UNREADABLE,
				 "cannot read registry '%s': %s", directory->path,
				 strerrordesc_np(number));
}

extmgr_result extmgr__directory_list(struct extmgr__directory *directory, char ***ids_out,
				     size_t *count_out, extmgr_error **error)
{
	DIR *stream = open_stream(directory);
	extmgr_result result = EXTMGR_OK;
	struct dirent *entry;
	char **ids = NULL;
	size_t count = 0;
	size_t capacity = 0;

	if (!stream)
		return cannot_read(directory, errno, error);
	directory->nothing_beside = true;
	errno = 0;
	while (result == EXTMGR_OK && (entry = readdir(stream)) != NULL) {
		if (strstr(entry->d_name, SUFFIX "."))
			directory->nothing_beside = false;
		if (is_definition(directory->descriptor, entry))
			result = add_id(&ids, &count, &capacity, entry->d_name, error);
		errno = 0;
	}
	if (result == EXTMGR_OK && errno)
		result = cannot_read(directory, errno, error);
	(void)closedir(stream);
	if (result != EXTMGR_OK) {
		free_ids(ids, count);
		return result;
	}
	*ids_out = ids;
	*count_out = count;
	return EXTMGR_OK;
}

static extmgr_result map_read_error(extmgr_result result, const char *id, size_t maximum,
				    extmgr_error **error)
{
	switch (result) {
	case EXTMGR_E_NOT_FOUND:
		return extmgr__error_set(error, EXTMGR_E_EXTENSION_NOT_FOUND,
					 "extension \"%s\" not found", id);
	case EXTMGR_E_TOO_LARGE:
		return extmgr__error_set(error, EXTMGR_E_SOURCE_TOO_LARGE,
					 "definition '%s' is larger than %zu bytes", id, maximum);
	case EXTMGR_E_IO:
	case EXTMGR_E_CONFLICT: /* a link out of the registry, a change while it was read */
		return extmgr__error_wrap(error, EXTMGR_E_REGISTRY_UNREADABLE,
					  "cannot read definition '%s'", id);
	default:
		return result;
	}
}

/* Reads "<id>.js<suffix>"; the failures are those of extmgr__file_read_at(). A name that is too
 * long is not there. */
static extmgr_result read_file(const struct extmgr__directory *directory, const char *id,
			       const char *suffix, size_t maximum, struct extmgr__buffer *content,
			       extmgr_error **error)
{
	struct extmgr__buffer name = EXTMGR__BUFFER(NAME_MAX);
	extmgr_result result;

	extmgr__buffer_puts(&name, id);
	extmgr__buffer_puts(&name, SUFFIX);
	extmgr__buffer_puts(&name, suffix);
	result = extmgr__buffer_result(&name);
	if (result == EXTMGR_E_TOO_LARGE)
		result = EXTMGR_E_NOT_FOUND;
	else if (result != EXTMGR_OK)
		extmgr__error_no_memory(error);
	else
		result = extmgr__file_read_at(directory->descriptor, name.data, maximum, content,
					      error);
	extmgr__buffer_free(&name);
	return result;
}

extmgr_result extmgr__directory_read(const struct extmgr__directory *directory, const char *id,
				     size_t maximum, struct extmgr__buffer *content,
				     extmgr_error **error)
{
	return map_read_error(read_file(directory, id, "", maximum, content, error), id, maximum,
			      error);
}

extmgr_result extmgr__directory_read_beside(const struct extmgr__directory *directory,
					    const char *id, const char *suffix, size_t maximum,
					    struct extmgr__buffer *content, bool *found,
					    extmgr_error **error)
{
	extmgr_error *failure = NULL;
	extmgr_result result;

	*content = EXTMGR__BUFFER(0);
	*found = false;
	if (directory->nothing_beside)
		return EXTMGR_OK;
	result = read_file(directory, id, suffix, maximum, content, &failure);
	*found = result == EXTMGR_OK;
	if (result == EXTMGR_E_NOT_FOUND) {
		extmgr_error_free(failure);
		return EXTMGR_OK;
	}
	if (result == EXTMGR_E_TOO_LARGE || result == EXTMGR_E_IO)
		result = extmgr__error_wrap(&failure, EXTMGR_E_REGISTRY_UNREADABLE,
					    "cannot read what lies beside definition '%s'", id);
	if (result != EXTMGR_OK)
		extmgr__error_move(error, &failure);
	return result;
}
