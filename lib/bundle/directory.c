/* SPDX-License-Identifier: MIT */
#include "bundle/directory.h"

#include "base/alloc.h"
#include "base/file.h"
#include "bundle/member.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static extmgr_result add_name(struct extmgr__names *names, size_t *capacity, const char *name,
			      size_t maximum, extmgr_error **error)
{
	char **grown;

	if (names->count == maximum)
		return extmgr__error_set(error, EXTMGR_E_TOO_LARGE,
					 "the directory has more than %zu entries", maximum);
	grown = extmgr__array_grow((void *)names->items, names->count, capacity, sizeof(*grown));
	if (!grown)
		return extmgr__error_no_memory(error);
	names->items = grown;
	grown[names->count] = extmgr__strdup(name);
	if (!grown[names->count])
		return extmgr__error_no_memory(error);
	names->count++;
	return EXTMGR_OK;
}

static bool is_itself(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static extmgr_result read_names(DIR *stream, size_t maximum, struct extmgr__names *names,
				extmgr_error **error)
{
	extmgr_result result = EXTMGR_OK;
	const struct dirent *entry;
	size_t capacity = 0;

	errno = 0;
	while (result == EXTMGR_OK && (entry = readdir(stream)) != NULL) {
		if (!is_itself(entry->d_name))
			result = add_name(names, &capacity, entry->d_name, maximum, error);
		errno = 0;
	}
	if (result == EXTMGR_OK && errno)
		result = extmgr__error_set(error, EXTMGR_E_IO, "cannot read the directory: %s",
					   strerrordesc_np(errno));
	return result;
}

extmgr_result extmgr__names_read(int directory, size_t maximum, struct extmgr__names *names,
				 extmgr_error **error)
{
	/* A descriptor of its own: closedir() closes it, and the position is not shared. */
	int descriptor = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	extmgr_result result;
	DIR *stream;

	*names = (struct extmgr__names){0};
	if (descriptor < 0)
		return extmgr__error_set(error, EXTMGR_E_IO, "cannot read the directory: %s",
					 strerrordesc_np(errno));
	stream = fdopendir(descriptor);
	if (!stream) {
		(void)close(descriptor);
		return extmgr__error_no_memory(error);
	}
	result = read_names(stream, maximum, names, error);
	(void)closedir(stream);
	if (names->count)
		qsort(names->items, names->count, sizeof(names->items[0]), compare_names);
	return result;
}

void extmgr__names_free(struct extmgr__names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->items[i]);
	free((void *)names->items);
	*names = (struct extmgr__names){0};
}

/* ---- Walking ---- */

struct walk {
	const char *bundle;
	const struct extmgr__limits *limits;
	struct extmgr__content *content;
	struct extmgr__buffer path; /* of what is looked at, below dist/ */
	uint64_t entries;
	uint64_t total;
	extmgr_error **error;
};

static struct extmgr__member_name name_of(const struct walk *walk)
{
	return (struct extmgr__member_name){extmgr__buffer_get(&walk->path), walk->path.length};
}

/* What opening and reading answer, as a refusal of the bundle. */
static extmgr_result explain(const struct walk *walk, extmgr_result result)
{
	const struct extmgr__member_name name = name_of(walk);

	switch (result) {
	case EXTMGR_E_NOT_FOUND: /* it was there when its folder was read */
	case EXTMGR_E_CONFLICT:
		return extmgr__refuse_with_cause(walk->error, EXTMGR_E_BUNDLE_CHANGED, walk->bundle,
						 &name, "it changed while it was read");
	case EXTMGR_E_IO:
		return extmgr__refuse_with_cause(walk->error, EXTMGR_E_BUNDLE_UNREADABLE,
						 walk->bundle, &name, "it cannot be read");
	default:
		return result;
	}
}

static extmgr_result take_file(struct walk *walk, const struct stat *status,
			       struct extmgr__buffer *bytes)
{
	const struct extmgr__member_name name = name_of(walk);
	char *shrunk;

	/* The total is what was read: a file may have grown since it was looked at. */
	if (bytes->length != (size_t)status->st_size) {
		extmgr__buffer_free(bytes);
		return explain(walk, EXTMGR_E_CONFLICT);
	}
	shrunk = realloc(bytes->data, bytes->length + 1);
	return extmgr__content_add(walk->content, &name, shrunk ? shrunk : bytes->data,
				   bytes->length, walk->error);
}

static extmgr_result read_file(struct walk *walk, int file, const struct stat *status)
{
	const struct extmgr__member_name name = name_of(walk);
	uint64_t size = (uint64_t)status->st_size;
	struct extmgr__buffer bytes;
	extmgr_result result;

	result = extmgr__member_check_place(&name, walk->bundle, walk->error);
	if (result == EXTMGR_OK)
		result = extmgr__member_check_size(&name, size, walk->bundle, walk->limits,
						   walk->error);
	if (result != EXTMGR_OK)
		return result;
	walk->total += size;
	if (walk->total > walk->limits->bundle_total_bytes)
		return extmgr__refuse(walk->error, EXTMGR_E_BUNDLE_TOTAL_TOO_LARGE, walk->bundle,
				      NULL, "its files are together larger than %" PRIu64 " bytes",
				      walk->limits->bundle_total_bytes);
	result = extmgr__content_reserve(walk->content, size, walk->bundle, walk->error);
	if (result != EXTMGR_OK)
		return result;
	result = extmgr__file_read(file, status, name.bytes, (size_t)size, &bytes, walk->error);
	if (result == EXTMGR_E_TOO_LARGE) /* than it was a moment ago */
		result = EXTMGR_E_CONFLICT;
	return result == EXTMGR_OK ? take_file(walk, status, &bytes) : explain(walk, result);
}

static extmgr_result read_folder(struct walk *walk, int folder);

static extmgr_result read_opened(struct walk *walk, int file, const struct stat *status)
{
	const struct extmgr__member_name name = name_of(walk);

	if (S_ISDIR(status->st_mode))
		return read_folder(walk, file);
	if (S_ISREG(status->st_mode))
		return read_file(walk, file, status);
	return extmgr__refuse(walk->error, EXTMGR_E_BUNDLE_SPECIAL_FILE, walk->bundle, &name,
			      "it is no regular file");
}

static extmgr_result read_entry(struct walk *walk, int folder, const char *entry)
{
	struct extmgr__member_name name;
	struct stat status;
	extmgr_result result;
	int file = -1;

	if (extmgr__buffer_result(&walk->path) != EXTMGR_OK)
		return extmgr__error_no_memory(walk->error);
	name = name_of(walk);
	result = extmgr__member_check_path(&name, walk->bundle, walk->limits, walk->error);
	if (result != EXTMGR_OK)
		return result;
	if (++walk->entries > walk->limits->bundle_entries)
		return extmgr__refuse(walk->error, EXTMGR_E_BUNDLE_TOO_MANY_ENTRIES, walk->bundle,
				      NULL, "it has more than %" PRIu64 " files and folders",
				      walk->limits->bundle_entries);
	result = extmgr__file_open_at(folder, entry, false, &file, &status, walk->error);
	if (result == EXTMGR_E_CONFLICT)
		return extmgr__refuse(walk->error, EXTMGR_E_BUNDLE_SPECIAL_FILE, walk->bundle,
				      &name, "it is a symbolic link");
	if (result != EXTMGR_OK)
		return explain(walk, result);
	result = read_opened(walk, file, &status);
	(void)close(file);
	return result;
}

/* As deep as a path may have parts. */
static extmgr_result read_folder(struct walk *walk, int folder)
{
	const size_t base = walk->path.length;
	struct extmgr__names names;
	extmgr_result result;

	result = extmgr__names_read(folder, (size_t)walk->limits->bundle_entries, &names,
				    walk->error);
	if (result == EXTMGR_E_TOO_LARGE)
		result = extmgr__refuse(walk->error, EXTMGR_E_BUNDLE_TOO_MANY_ENTRIES, walk->bundle,
					NULL, "it has more than %" PRIu64 " files and folders",
					walk->limits->bundle_entries);
	else if (result != EXTMGR_OK)
		result = explain(walk, result);
	for (size_t i = 0; i < names.count && result == EXTMGR_OK; i++) {
		if (base)
			extmgr__buffer_putc(&walk->path, '/');
		extmgr__buffer_puts(&walk->path, names.items[i]);
		result = read_entry(walk, folder, names.items[i]);
		walk->path.length = base; /* back to the folder */
	}
	extmgr__names_free(&names);
	return result;
}

static extmgr_result open_dist(int directory, const char *bundle, int *dist_out,
			       extmgr_error **error)
{
	struct stat status;
	extmgr_result result =
		extmgr__file_open_at(directory, "dist", false, dist_out, &status, error);

	if (result == EXTMGR_E_CONFLICT)
		return extmgr__refuse(error, EXTMGR_E_BUNDLE_LINK, bundle, NULL,
				      "its dist/ is a symbolic link");
	if (result == EXTMGR_E_NOT_FOUND)
		return extmgr__refuse(error, EXTMGR_E_BUNDLE_NOT_FOUND, bundle, NULL,
				      "the directory has no dist/");
	if (result != EXTMGR_OK)
		return extmgr__refuse_with_cause(error, EXTMGR_E_BUNDLE_UNREADABLE, bundle, NULL,
						 "its dist/ cannot be read");
	if (S_ISDIR(status.st_mode))
		return EXTMGR_OK;
	(void)close(*dist_out);
	return extmgr__refuse(error, EXTMGR_E_BUNDLE_NOT_FOUND, bundle, NULL,
			      "its dist is no directory");
}

extmgr_result extmgr__bundle_directory_read(extmgr_context *context, int directory,
					    const char *bundle,
					    struct extmgr__content **content_out,
					    extmgr_error **error)
{
	struct walk walk = {
		.bundle = bundle,
		.limits = extmgr__context_limits(context),
		/* The limit on paths has a code of its own: the buffer only must hold one more. */
		.path = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM),
		.error = error,
	};
	extmgr_result result;
	int dist = -1;

	result = open_dist(directory, bundle, &dist, error);
	if (result != EXTMGR_OK)
		return result;
	walk.content = extmgr__content_new(context);
	if (walk.content)
		result = read_folder(&walk, dist);
	else
		result = extmgr__error_no_memory(error);
	(void)close(dist);
	if (result == EXTMGR_OK)
		result = extmgr__content_finish(walk.content, error);
	extmgr__buffer_free(&walk.path);
	if (result == EXTMGR_OK)
		*content_out = walk.content;
	else
		extmgr__content_unref(walk.content);
	return result;
}
