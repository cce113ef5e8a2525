/* SPDX-License-Identifier: MIT */
/* What lies in a directory and looks like a bundle, and which of several goes before the others. */
#include "bundle/bundle.h"

#include "base/alloc.h"
#include "base/semver.h"
#include "bundle/directory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX          ".supx"
#define MAXIMUM_ENTRIES 100000

static bool has_suffix(const char *name)
{
	size_t length = strlen(name);

	return length >= strlen(SUFFIX) && strcmp(name + length - strlen(SUFFIX), SUFFIX) == 0;
}

/* Reading looks at it again, and at where links lead. */
static bool has_dist(int directory, const char *name)
{
	struct extmgr__buffer path = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	struct stat status;
	bool has;

	extmgr__buffer_puts(&path, name);
	extmgr__buffer_puts(&path, "/dist");
	has = extmgr__buffer_result(&path) == EXTMGR_OK &&
	      fstatat(directory, path.data, &status, 0) == 0 && S_ISDIR(status.st_mode);
	extmgr__buffer_free(&path);
	return has;
}

static char *join(const char *folder, const char *name)
{
	struct extmgr__buffer path = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	size_t length = strlen(folder);

	while (length && folder[length - 1] == '/')
		length--;
	extmgr__buffer_append(&path, folder, length);
	extmgr__buffer_putc(&path, '/');
	extmgr__buffer_puts(&path, name);
	if (extmgr__buffer_result(&path) != EXTMGR_OK)
		extmgr__buffer_free(&path);
	return path.data;
}

static extmgr_result choose_names(const char *path, int directory,
				  const struct extmgr__names *names,
				  struct extmgr__candidates *candidates, extmgr_error **error)
{
	candidates->items = calloc(names->count ? names->count : 1, sizeof(*candidates->items));
	if (!candidates->items)
		return extmgr__error_no_memory(error);
	for (size_t i = 0; i < names->count; i++) {
		const char *name = names->items[i];
		int32_t kind = has_dist(directory, name) ? EXTMGR_BUNDLE_DIRECTORY
			       : has_suffix(name)        ? EXTMGR_BUNDLE_ARCHIVE
							 : 0;
		struct extmgr__candidate *item = &candidates->items[candidates->count];

		if (!kind)
			continue;
		*item = (struct extmgr__candidate){.path = join(path, name), .kind = kind};
		if (!item->path)
			return extmgr__error_no_memory(error);
		candidates->count++;
	}
	return EXTMGR_OK;
}

extmgr_result extmgr__candidates_scan(const char *path, struct extmgr__candidates *candidates,
				      extmgr_error **error)
{
	int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct extmgr__names names;
	extmgr_result result;

	*candidates = (struct extmgr__candidates){.path_exists = true};
	if (directory < 0 && errno == ENOENT) {
		candidates->path_exists = false;
		return EXTMGR_OK;
	}
	if (directory < 0) {
		result = extmgr__error_set(error, EXTMGR_E_BUNDLE_UNREADABLE,
					   "cannot read the directory '%s': %s", path,
					   strerrordesc_np(errno));
		extmgr__error_hint(error, "name a directory that holds bundles and may be read");
		return result;
	}
	result = extmgr__names_read(directory, MAXIMUM_ENTRIES, &names, error);
	if (result == EXTMGR_OK)
		result = choose_names(path, directory, &names, candidates, error);
	else if (result != EXTMGR_E_NO_MEMORY)
		result = extmgr__error_wrap(
			error, result == EXTMGR_E_IO ? EXTMGR_E_BUNDLE_UNREADABLE : result,
			"cannot look for bundles in '%s'", path);
	extmgr__names_free(&names);
	(void)close(directory);
	return result;
}

void extmgr__candidates_free(struct extmgr__candidates *candidates)
{
	for (size_t i = 0; i < candidates->count; i++)
		free(candidates->items[i].path);
	free(candidates->items);
	*candidates = (struct extmgr__candidates){0};
}

/* ---- Choosing ---- */

static int compare_choices(const void *a, const void *b)
{
	const struct extmgr__choice *const *x = a;
	const struct extmgr__choice *const *y = b;
	int order = strcmp((*x)->id, (*y)->id);

	if (!order)
		order = extmgr__semver_compare((*y)->version, (*x)->version);
	if (!order)
		order = ((*x)->kind != EXTMGR_BUNDLE_DIRECTORY) -
			((*y)->kind != EXTMGR_BUNDLE_DIRECTORY);
	/* Both stand in one array. */
	return order ? order : (*x > *y) - (*x < *y);
}

extmgr_result extmgr__choose(struct extmgr__choice *choices, size_t count)
{
	struct extmgr__choice **sorted = calloc(count ? count : 1, sizeof(*sorted));
	const struct extmgr__choice *first = NULL;
	size_t n = 0;

	if (!sorted)
		return EXTMGR_E_NO_MEMORY;
	for (size_t i = 0; i < count; i++) {
		choices[i].superseded_by = EXTMGR__NOT_SUPERSEDED;
		if (choices[i].id)
			sorted[n++] = &choices[i];
	}
	qsort((void *)sorted, n, sizeof(*sorted), compare_choices);
	for (size_t i = 0; i < n; i++) {
		if (first && strcmp(first->id, sorted[i]->id) == 0)
			sorted[i]->superseded_by = (size_t)(first - choices);
		else
			first = sorted[i];
	}
	free((void *)sorted);
	return EXTMGR_OK;
}
