/* SPDX-License-Identifier: MIT */
#include "host/files.h"

#include "base/alloc.h"
#include "base/options.h"
#include "base/text.h"
#include "host/host_error.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define PATH_MAXIMUM  4096
#define FILES_MAXIMUM 100000

struct extmgr_files {
	atomic_size_t references;
	extmgr_files_callbacks callbacks;
	void *user_data;
};

struct extmgr_file_list {
	struct extmgr__file *files;
	size_t count;
	size_t capacity;
	extmgr_result result; /* a failure that makes the list incomplete */
};

struct extmgr__new_file {
	extmgr_files *files; /* borrowed */
	void *file;          /* the host's */
	char *name;
};

struct extmgr_file_sink {
	struct extmgr__hash *hash;
	const extmgr_operation *operation;
	uint64_t remaining;   /* bytes of the listed size */
	extmgr_result result; /* the first failure */
};

void extmgr_files_callbacks_init(extmgr_files_callbacks *callbacks, uint32_t struct_size)
{
	extmgr__options_init(callbacks, sizeof(*callbacks), struct_size);
}

static extmgr_result callbacks_read(extmgr_files_callbacks *copy,
				    const extmgr_files_callbacks *callbacks, extmgr_error **error)
{
	extmgr_result result;

	if (!callbacks)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT, "callbacks is NULL");
	result = extmgr__options_copy(copy, sizeof(*copy), callbacks,
				      EXTMGR__SIZE_UP_TO(extmgr_files_callbacks, destroy),
				      "extmgr_files_callbacks", error);
	if (result != EXTMGR_OK)
		return result;
	if (copy->flags)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT,
					 "extmgr_files_callbacks: unknown flags 0x%x",
					 (unsigned)copy->flags);
	if (!copy->list)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT,
					 "extmgr_files_callbacks: list is missing");
	if (!copy->create != !copy->write || !copy->create != !copy->finish)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT,
					 "extmgr_files_callbacks: create, write and finish belong "
					 "together");
	return EXTMGR_OK;
}

extmgr_result extmgr_files_new(const extmgr_files_callbacks *callbacks, void *user_data,
			       extmgr_files **files_out, extmgr_error **error_out)
{
	extmgr_files_callbacks copy = {0};
	extmgr_files *files;
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (!files_out)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT, "files_out is NULL");
	*files_out = NULL;
	result = callbacks_read(&copy, callbacks, error_out);
	if (result != EXTMGR_OK)
		return result;
	files = calloc(1, sizeof(*files));
	if (!files)
		return extmgr__error_no_memory(error_out);
	atomic_init(&files->references, 1);
	files->callbacks = copy;
	files->user_data = user_data;
	*files_out = files;
	return EXTMGR_OK;
}

extmgr_files *extmgr__files_ref(extmgr_files *files)
{
	if (files)
		atomic_fetch_add_explicit(&files->references, 1, memory_order_relaxed);
	return files;
}

void extmgr__files_unref(extmgr_files *files)
{
	if (!files || atomic_fetch_sub(&files->references, 1) != 1)
		return;
	if (files->callbacks.destroy)
		files->callbacks.destroy(files->user_data);
	free(files);
}

void extmgr_files_free(extmgr_files *files)
{
	extmgr__files_unref(files);
}

static extmgr_result check_path(const char *path, size_t length)
{
	if (length > PATH_MAXIMUM || path[0] != '/' || path[length - 1] == '/')
		return EXTMGR_E_INVALID_ARGUMENT;
	if (!extmgr__utf8_is_valid(path, length) || extmgr__text_has_control(path, length))
		return EXTMGR_E_FORMAT;
	return EXTMGR_OK;
}

static extmgr_result add_file(extmgr_file_list *list, const char *path, size_t length,
			      uint64_t size)
{
	struct extmgr__file *grown;
	char *copy;

	if (list->count >= FILES_MAXIMUM)
		return EXTMGR_E_TOO_LARGE;
	grown = extmgr__array_grow(list->files, list->count, &list->capacity, sizeof(*grown));
	if (!grown)
		return EXTMGR_E_NO_MEMORY;
	list->files = grown;
	copy = extmgr__memdup(path, length);
	if (!copy)
		return EXTMGR_E_NO_MEMORY;
	grown[list->count++] =
		(struct extmgr__file){.path = copy, .name = strrchr(copy, '/') + 1, .size = size};
	return EXTMGR_OK;
}

extmgr_result extmgr_file_list_append(extmgr_file_list *files, const char *path, uint64_t size)
{
	extmgr_result result;
	size_t length;

	if (!files || !path)
		return EXTMGR_E_INVALID_ARGUMENT;
	length = strnlen(path, PATH_MAXIMUM + 1);
	result = check_path(path, length);
	if (result != EXTMGR_OK)
		return result; /* the host may go on without that file */
	if (files->result == EXTMGR_OK)
		files->result = add_file(files, path, length, size);
	return files->result;
}

static const char list_what[] = "cannot list the files of the file store";

/* By path, then by size: a path that was named twice has a fixed order, too. */
static int compare_files(const void *left, const void *right)
{
	const struct extmgr__file *a = left;
	const struct extmgr__file *b = right;
	int order = strcmp(a->path, b->path);

	return order ? order : (a->size > b->size) - (a->size < b->size);
}

extmgr_file_list *extmgr__file_list_new(void)
{
	return calloc(1, sizeof(extmgr_file_list));
}

extmgr_result extmgr__file_list_finish(extmgr_file_list *list, const char *what,
				       extmgr_error **error)
{
	if (list->result == EXTMGR_E_TOO_LARGE)
		return extmgr__error_set(error, EXTMGR_E_TOO_LARGE, "%s: more than %d files", what,
					 FILES_MAXIMUM);
	if (list->result != EXTMGR_OK)
		return extmgr__error_no_memory(error);
	if (list->count)
		qsort(list->files, list->count, sizeof(*list->files), compare_files);
	return EXTMGR_OK;
}

static extmgr_result store_failure(extmgr_result answer, struct extmgr_host_error *said,
				   const char *what, extmgr_error **error)
{
	/* A file store may answer every code of error.h, such as EXTMGR_E_IO. */
	if (extmgr_result_get_class(answer) != EXTMGR_CLASS_NONE)
		return extmgr__host_error_report(said, answer, what, error);
	return extmgr__host_error_take(said, answer, what, error);
}

extmgr_result extmgr__files_list(extmgr_files *files, extmgr_operation *operation,
				 extmgr_file_list **list_out, extmgr_error **error)
{
	struct extmgr_host_error said = {0};
	extmgr_file_list *list = NULL;
	extmgr_result result;

	*list_out = NULL;
	result = extmgr__operation_check(operation, error);
	if (result != EXTMGR_OK)
		return result;
	list = extmgr__file_list_new();
	if (!list)
		return extmgr__error_no_memory(error);
	if (files)
		result = files->callbacks.list(files->user_data, operation, list, &said);
	/* A full list is the reason for what the host answers to it. */
	if (list->result != EXTMGR_OK || result == EXTMGR_OK)
		result = extmgr__file_list_finish(list, list_what, error);
	else
		result = store_failure(result, &said, list_what, error);
	if (result != EXTMGR_OK) {
		result = extmgr__operation_explain(operation, result, error);
		extmgr__file_list_free(list);
		list = NULL;
	}
	extmgr__host_error_clear(&said);
	*list_out = list;
	return result;
}

/* ---- content ---- */

extmgr_result extmgr_file_sink_append(extmgr_file_sink *sink, const void *bytes, size_t length)
{
	if (!sink || (!bytes && length))
		return EXTMGR_E_INVALID_ARGUMENT;
	if (sink->result == EXTMGR_OK)
		sink->result = extmgr__operation_state(sink->operation);
	if (sink->result == EXTMGR_OK && length > sink->remaining)
		sink->result = EXTMGR_E_TOO_LARGE;
	if (sink->result == EXTMGR_OK && length)
		extmgr__hash_add(sink->hash, bytes, length);
	if (sink->result == EXTMGR_OK)
		sink->remaining -= length;
	return sink->result;
}

/* What the sink refused is the reason for what the host answers to it. */
static extmgr_result read_failure(const struct extmgr__file *file, extmgr_result sink_result,
				  extmgr_result answer, struct extmgr_host_error *said,
				  extmgr_error **error)
{
	struct extmgr__buffer what = EXTMGR__BUFFER(EXTMGR__MESSAGE_MAXIMUM);
	extmgr_result result;

	if (sink_result == EXTMGR_E_TOO_LARGE)
		return extmgr__error_set(error, EXTMGR_E_ARTIFACT_CHECKSUM,
					 "file '%s' has more than the %llu bytes that were listed",
					 file->path, (unsigned long long)file->size);
	extmgr__buffer_printf(&what, "cannot read file '%s'", file->path);
	result = store_failure(sink_result != EXTMGR_OK ? sink_result : answer, said,
			       extmgr__buffer_get(&what), error);
	extmgr__buffer_free(&what);
	return result;
}

static extmgr_result cannot_read(const struct extmgr__file *file, extmgr_error **error)
{
	extmgr__error_set(error, EXTMGR_E_UNSUPPORTED,
			  "the SHA-256 of file '%s' cannot be checked: this file store cannot "
			  "read files",
			  file->path);
	extmgr__error_hint(error, "the host may give extmgr_files_callbacks a read function");
	return EXTMGR_E_UNSUPPORTED;
}

extmgr_result extmgr__files_hash(extmgr_files *files, extmgr_operation *operation,
				 const struct extmgr__file *file, char hex[EXTMGR__SHA256_HEX_SIZE],
				 extmgr_error **error)
{
	struct extmgr_file_sink sink = {.operation = operation, .remaining = file->size};
	struct extmgr_host_error said = {0};
	extmgr_result result;

	if (!files->callbacks.read)
		return cannot_read(file, error);
	if (extmgr__hash_new(EXTMGR__HASH_SHA256, &sink.hash) != EXTMGR_OK) {
		extmgr__hash_free(sink.hash);
		return extmgr__error_no_memory(error);
	}
	result = files->callbacks.read(files->user_data, operation, file->path, &sink, &said);
	if (result != EXTMGR_OK || sink.result != EXTMGR_OK)
		result = read_failure(file, sink.result, result, &said, error);
	else if (extmgr__hash_hex(sink.hash, hex) != EXTMGR_OK)
		result = extmgr__error_no_memory(error);
	if (result != EXTMGR_OK)
		result = extmgr__operation_explain(operation, result, error);
	extmgr__hash_free(sink.hash);
	extmgr__host_error_clear(&said);
	return result;
}

/* ---- new files ---- */

bool extmgr__files_are_writable(const extmgr_files *files)
{
	return files && files->callbacks.create;
}

static extmgr_result write_failure(const char *name, extmgr_result answer,
				   struct extmgr_host_error *said, extmgr_error **error)
{
	struct extmgr__buffer what = EXTMGR__BUFFER(EXTMGR__MESSAGE_MAXIMUM);
	extmgr_result result;

	extmgr__buffer_printf(&what, "cannot write file '%s' to the file store", name);
	result = store_failure(answer, said, extmgr__buffer_get(&what), error);
	extmgr__buffer_free(&what);
	return result;
}

extmgr_result extmgr__files_create(extmgr_files *files, extmgr_operation *operation,
				   const char *name, struct extmgr__new_file **file_out,
				   extmgr_error **error)
{
	struct extmgr_host_error said = {0};
	struct extmgr__new_file *file = calloc(1, sizeof(*file));
	extmgr_result result;

	*file_out = NULL;
	if (file)
		file->name = extmgr__strdup(name);
	if (!file || !file->name) {
		free(file);
		return extmgr__error_no_memory(error);
	}
	file->files = files;
	result = files->callbacks.create(files->user_data, operation, name, &file->file, &said);
	if (result == EXTMGR_OK) {
		*file_out = file;
	} else {
		result = write_failure(name, result, &said, error);
		result = extmgr__operation_explain(operation, result, error);
		free(file->name);
		free(file);
	}
	extmgr__host_error_clear(&said);
	return result;
}

extmgr_result extmgr__files_write(struct extmgr__new_file *file, const void *bytes, size_t length,
				  extmgr_error **error)
{
	struct extmgr_host_error said = {0};
	extmgr_result result = file->files->callbacks.write(file->files->user_data, file->file,
							    bytes, length, &said);

	if (result != EXTMGR_OK)
		result = write_failure(file->name, result, &said, error);
	extmgr__host_error_clear(&said);
	return result;
}

extmgr_result extmgr__files_finish(struct extmgr__new_file *file, bool commit, extmgr_error **error)
{
	struct extmgr_host_error said = {0};
	extmgr_result result = file->files->callbacks.finish(file->files->user_data, file->file,
							     commit ? 1 : 0, &said);

	if (result != EXTMGR_OK)
		result = write_failure(file->name, result, &said, error);
	extmgr__host_error_clear(&said);
	free(file->name);
	free(file);
	return result;
}

size_t extmgr__file_list_count(const extmgr_file_list *list)
{
	return list->count;
}

const struct extmgr__file *extmgr__file_list_get(const extmgr_file_list *list, size_t index)
{
	return index < list->count ? &list->files[index] : NULL;
}

const struct extmgr__file *extmgr__file_list_find(const extmgr_file_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++) {
		if (!strcmp(list->files[i].name, name))
			return &list->files[i];
	}
	return NULL;
}

void extmgr__file_list_free(extmgr_file_list *list)
{
	if (!list)
		return;
	for (size_t i = 0; i < list->count; i++)
		free(list->files[i].path);
	free(list->files);
	free(list);
}
