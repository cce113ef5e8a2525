/* SPDX-License-Identifier: MIT */
/* A folder of bundles of 200 KB, for the benchmarks that need many. */
#ifndef BENCHMARKS_BUNDLE_FOLDER_H
#define BENCHMARKS_BUNDLE_FOLDER_H

#include <extmgr/context.h>

#include <stddef.h>

struct bundle_folder {
	char path[64];
	size_t count;
};

/* Makes it below TMPDIR; ends the program when it cannot. So many ids take turns. */
void bundle_folder_make(struct bundle_folder *folder, extmgr_context *context, size_t count,
			size_t ids);
/* Replaces one by another version of its id; the first ones have version 0. */
void bundle_folder_change(const struct bundle_folder *folder, extmgr_context *context, size_t index,
			  size_t version);
/* The path of one. */
void bundle_folder_path(const struct bundle_folder *folder, size_t index, char path[128]);
void bundle_folder_remove(const struct bundle_folder *folder);

#endif
