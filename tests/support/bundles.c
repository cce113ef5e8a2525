/* SPDX-License-Identifier: MIT */
#include "bundles.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#define FILES 3

struct file {
	const char *path;
	char text[2000];
};

static size_t make_files(const struct test_bundle *bundle, struct file files[FILES])
{
	size_t count = 0;

	if (bundle->definition) {
		files[count].path = "backend/src/definition.js";
		(void)snprintf(files[count++].text, sizeof(files[0].text), "%s",
			       bundle->definition);
	}
	files[count].path = "frontend/dist/main.js";
	(void)snprintf(files[count++].text, sizeof(files[0].text), "%s", bundle->text);
	files[count].path = "manifest.json";
	(void)snprintf(files[count++].text, sizeof(files[0].text),
		       "{\"publisher\":\"acme\",\"name\":\"%s\",\"version\":\"%s\"%s}",
		       bundle->name, bundle->version,
		       bundle->definition ? ",\"definition\":\"definition.js\"" : "");
	return count;
}

/* Makes the folders of a path. */
static void make_folders(const char *path)
{
	char folder[500];

	for (const char *at = strchr(path + 1, '/'); at; at = strchr(at + 1, '/')) {
		(void)snprintf(folder, sizeof(folder), "%.*s", (int)(at - path), path);
		(void)mkdir(folder, 0700);
	}
}

void write_directory_bundle(const char *folder, const struct test_bundle *bundle)
{
	struct file files[FILES];
	size_t count = make_files(bundle, files);
	char path[500];

	for (size_t i = 0; i < count; i++) {
		FILE *file;

		(void)snprintf(path, sizeof(path), "%s/%s/dist/%s", folder, bundle->name,
			       files[i].path);
		make_folders(path);
		file = fopen(path, "w");
		assert_non_null(file);
		assert_true(fputs(files[i].text, file) >= 0);
		assert_int_equal(fclose(file), 0);
	}
}

static uint32_t crc32_of(const char *text)
{
	uint32_t crc = UINT32_MAX;

	for (; *text; text++) {
		crc ^= (unsigned char)*text;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	}
	return ~crc;
}

static void put(FILE *file, uint64_t value, int bytes)
{
	for (int i = 0; i < bytes; i++)
		assert_true(fputc((int)(value >> 8 * i & 0xff), file) != EOF);
}

/* What both headers have in common, from the version to the lengths. */
static void put_header(FILE *file, const struct file *member)
{
	put(file, 20, 2);
	put(file, 0, 2); /* flags, method, time, date 1980-01-01 */
	put(file, 0, 2);
	put(file, 0, 2);
	put(file, 0x21, 2);
	put(file, crc32_of(member->text), 4);
	put(file, strlen(member->text), 4);
	put(file, strlen(member->text), 4);
	put(file, strlen(member->path), 2);
	put(file, 0, 2);
}

void write_archive_bundle(const char *folder, const struct test_bundle *bundle)
{
	struct file files[FILES];
	size_t count = make_files(bundle, files);
	long offsets[FILES];
	char path[500];
	FILE *file;
	long directory;
	long end;

	(void)snprintf(path, sizeof(path), "%s/%s.supx", folder, bundle->name);
	file = fopen(path, "w");
	assert_non_null(file);
	for (size_t i = 0; i < count; i++) {
		offsets[i] = ftell(file);
		put(file, 0x04034b50, 4);
		put_header(file, &files[i]);
		assert_true(fputs(files[i].path, file) >= 0 && fputs(files[i].text, file) >= 0);
	}
	directory = ftell(file);
	for (size_t i = 0; i < count; i++) {
		put(file, 0x02014b50, 4);
		put(file, 0x314, 2);
		put_header(file, &files[i]);
		put(file, 0, 6); /* comment, disk, internal attributes */
		put(file, UINT64_C(0100644) << 16, 4);
		put(file, (uint64_t)offsets[i], 4);
		assert_true(fputs(files[i].path, file) >= 0);
	}
	end = ftell(file);
	put(file, 0x06054b50, 4);
	put(file, 0, 4);
	put(file, count, 2);
	put(file, count, 2);
	put(file, (uint64_t)(end - directory), 4);
	put(file, (uint64_t)directory, 4);
	put(file, 0, 2);
	assert_int_equal(fclose(file), 0);
}
