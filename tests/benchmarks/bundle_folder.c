/* SPDX-License-Identifier: MIT */
#include "bundle_folder.h"

#include "bundle/archive.h"
#include "measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* 6 large files and 20 small ones: 322 KB, packed some 200. */
#define LARGE_FILES 6
#define LARGE_SIZE  40000
#define SMALL_FILES 20
#define SMALL_SIZE  4100
static void must(int condition, const char *what)
{
	if (condition)
		return;
	perror(what);
	exit(EXIT_FAILURE);
}

/* Text of 32 different characters: deflate makes 5/8 of it. */
static char *make_text(size_t size, unsigned *seed)
{
	char *text = malloc(size + 1);

	must(text != NULL, "memory");
	for (size_t i = 0; i < size; i++) {
		*seed = *seed * 1664525u + 1013904223u;
		text[i] = "abcdefghijklmnopqrstuvwxyz(){}; \n"[*seed >> 27];
	}
	text[size] = '\0';
	return text;
}

static void add(struct extmgr__content *content, const char *path, char *text, size_t size)
{
	extmgr_error *error = NULL;

	check(extmgr__content_add(content, EXTMGR__NAME(path), text, size, &error), error);
}

static void make_archive(extmgr_context *context, size_t index, size_t version,
			 struct extmgr__buffer *archive)
{
	struct extmgr__content *content = extmgr__content_new(context);
	unsigned seed = (unsigned)(index + 100000 * version);
	extmgr_error *error = NULL;
	char *manifest = NULL;
	char path[64];
	int length;

	must(content != NULL, "memory");
	for (int i = 0; i < LARGE_FILES + SMALL_FILES; i++) {
		size_t size = i < LARGE_FILES ? LARGE_SIZE : SMALL_SIZE;

		(void)snprintf(path, sizeof(path), "%s%d.js",
			       i < LARGE_FILES ? "frontend/dist/" : "backend/src/", i);
		add(content, path, make_text(size, &seed), size);
	}
	length = asprintf(&manifest, "{\"name\":\"bundle-%05zu\",\"version\":\"1.%zu.0\"}", index,
			  version);
	must(length > 0, "memory");
	add(content, "manifest.json", manifest, (size_t)length);
	check(extmgr__content_finish(content, &error), error);
	check(extmgr__archive_pack(content, "benchmark", archive, &error), error);
	extmgr__content_unref(content);
}

void bundle_folder_path(const struct bundle_folder *folder, size_t index, char path[128])
{
	(void)snprintf(path, 128, "%s/%05zu.supx", folder->path, index);
}

static void write_archive(const struct bundle_folder *folder, size_t index,
			  const struct extmgr__buffer *archive)
{
	char path[128];
	FILE *file;

	bundle_folder_path(folder, index, path);
	file = fopen(path, "wb");
	must(file != NULL, path);
	must(fwrite(archive->data, 1, archive->length, file) == archive->length, path);
	must(fclose(file) == 0, path);
}

void bundle_folder_change(const struct bundle_folder *folder, extmgr_context *context, size_t index,
			  size_t version)
{
	struct extmgr__buffer archive = EXTMGR__BUFFER((size_t)1 << 20);

	make_archive(context, index, version, &archive);
	write_archive(folder, index, &archive);
	extmgr__buffer_free(&archive);
}

void bundle_folder_make(struct bundle_folder *folder, extmgr_context *context, size_t count,
			size_t ids)
{
	const char *place = getenv("TMPDIR");

	folder->count = count;
	(void)snprintf(folder->path, sizeof(folder->path), "%.40s/extmgr-bench-XXXXXX",
		       place && *place ? place : "/tmp");
	must(mkdtemp(folder->path) != NULL, folder->path);
	for (size_t variant = 0; variant < ids; variant++) {
		struct extmgr__buffer archive = EXTMGR__BUFFER((size_t)1 << 20);

		make_archive(context, variant, 0, &archive);
		for (size_t i = variant; i < count; i += ids)
			write_archive(folder, i, &archive);
		extmgr__buffer_free(&archive);
	}
}

void bundle_folder_remove(const struct bundle_folder *folder)
{
	char path[128];

	for (size_t i = 0; i < folder->count; i++) {
		bundle_folder_path(folder, i, path);
		must(unlink(path) == 0, path);
	}
	must(rmdir(folder->path) == 0, folder->path);
}
