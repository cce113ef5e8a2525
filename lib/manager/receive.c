/* SPDX-License-Identifier: MIT */
#include "manager/receive.h"

#include "host/http.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* Bytes between two reports of progress. */
#define REPORT_EVERY ((uint64_t)1 << 20)
#define PIECE        65536

void extmgr__receiving_drop(struct extmgr__receiving *receiving)
{
	if (receiving->file)
		(void)extmgr__files_finish(receiving->file, false, NULL);
	receiving->file = NULL;
	extmgr__hash_free(receiving->hash);
	receiving->hash = NULL;
	receiving->received = 0;
	receiving->reported = 0;
}

static extmgr_result begin(struct extmgr__receiving *receiving)
{
	if (extmgr__hash_new(EXTMGR__HASH_SHA256, &receiving->hash) != EXTMGR_OK)
		return extmgr__error_no_memory(&receiving->error);
	if (!receiving->files)
		return EXTMGR_OK;
	return extmgr__files_create(receiving->files, receiving->operation, receiving->name,
				    &receiving->file, &receiving->error);
}

static extmgr_result report(struct extmgr__receiving *receiving)
{
	if (receiving->received - receiving->reported < REPORT_EVERY)
		return EXTMGR_OK;
	receiving->reported = receiving->received;
	return extmgr__operation_progress(receiving->operation, "download", receiving->received,
					  receiving->size < 0 ? 0 : (uint64_t)receiving->size,
					  &receiving->error);
}

extmgr_result extmgr__receiving_take(void *user_data, const char *bytes, size_t length)
{
	struct extmgr__receiving *receiving = user_data;
	extmgr_result result = EXTMGR_OK;

	if (receiving->error)
		return extmgr_error_get_code(receiving->error);
	if (!length) {
		extmgr__receiving_drop(receiving);
		return EXTMGR_OK;
	}
	if (!receiving->hash)
		result = begin(receiving);
	if (result == EXTMGR_OK)
		result = extmgr__operation_check(receiving->operation, &receiving->error);
	if (result == EXTMGR_OK && receiving->file)
		result = extmgr__files_write(receiving->file, bytes, length, &receiving->error);
	if (result != EXTMGR_OK)
		return result;
	extmgr__hash_add(receiving->hash, bytes, length);
	receiving->received += length;
	return report(receiving);
}

/* What was refused here is the reason for what the other side says. */
static extmgr_result explain(struct extmgr__receiving *receiving, extmgr_result result,
			     extmgr_error **error)
{
	if (!receiving->error)
		return result;
	extmgr_error_free(*error);
	*error = NULL;
	result = extmgr_error_get_code(receiving->error);
	extmgr__error_move(error, &receiving->error);
	return result;
}

/* An empty body never came in pieces. */
static extmgr_result end(struct extmgr__receiving *receiving, extmgr_error **error)
{
	extmgr_result result = receiving->hash ? EXTMGR_OK : begin(receiving);

	return explain(receiving, result, error);
}

extmgr_result extmgr__receiving_fetch(struct extmgr__receiving *receiving, extmgr_context *context,
				      const char *url, int32_t *status, extmgr_error **error)
{
	const struct extmgr__http_sink sink = {.take = extmgr__receiving_take,
					       .user_data = receiving};
	const struct extmgr__http_fetch request = {
		.url = url,
		.maximum =
			receiving->size < 0 ? EXTMGR__ARTIFACT_MAXIMUM : (uint64_t)receiving->size,
		.sink = &sink,
	};
	struct extmgr__http_answer answer = {0};
	extmgr_result result = extmgr__http_get(extmgr__context_http(context), receiving->operation,
						&request, &answer, error);

	if (result == EXTMGR_OK && answer.status != 200) {
		result =
			extmgr__error_set(error, EXTMGR_E_HTTP_STATUS,
					  "the server answered with status %d", (int)answer.status);
		extmgr__error_detail_number(error, "status", answer.status);
	}
	if (status)
		*status = answer.status;
	extmgr__http_answer_free(&answer);
	result = explain(receiving, result, error);
	return result == EXTMGR_OK ? end(receiving, error) : result;
}

extmgr_result extmgr__receiving_copy(struct extmgr__receiving *receiving, int file,
				     extmgr_error **error)
{
	char piece[PIECE];

	for (;;) {
		ssize_t length = read(file, piece, sizeof(piece));

		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0)
			return extmgr__error_set(error, EXTMGR_E_IO, "cannot read file '%s': %s",
						 receiving->name, strerrordesc_np(errno));
		if (length == 0)
			return end(receiving, error);
		if ((uint64_t)length > EXTMGR__ARTIFACT_MAXIMUM - receiving->received)
			return extmgr__error_set(
				error, EXTMGR_E_TOO_LARGE, "file '%s' is larger than %llu bytes",
				receiving->name, (unsigned long long)EXTMGR__ARTIFACT_MAXIMUM);
		if (extmgr__receiving_take(receiving, piece, (size_t)length) != EXTMGR_OK)
			return explain(receiving, EXTMGR_E_IO, error);
	}
}

extmgr_result extmgr__receiving_check(struct extmgr__receiving *receiving, const char *sha256,
				      char hex[EXTMGR__SHA256_HEX_SIZE], extmgr_error **error)
{
	if (receiving->size >= 0 && receiving->received != (uint64_t)receiving->size)
		return extmgr__error_set(
			error, EXTMGR_E_ARTIFACT_CHECKSUM, "it has %llu bytes, promised are %lld",
			(unsigned long long)receiving->received, (long long)receiving->size);
	if (extmgr__hash_hex(receiving->hash, hex) != EXTMGR_OK)
		return extmgr__error_no_memory(error);
	if (!sha256 || !*sha256 || strcmp(hex, sha256) == 0)
		return EXTMGR_OK;
	extmgr__error_set(error, EXTMGR_E_ARTIFACT_CHECKSUM,
			  "it has the SHA-256 %s, promised is %s", hex, sha256);
	extmgr__error_detail(error, "expected", sha256);
	extmgr__error_detail(error, "found", hex);
	return EXTMGR_E_ARTIFACT_CHECKSUM;
}

extmgr_result extmgr__receiving_commit(struct extmgr__receiving *receiving, extmgr_error **error)
{
	struct extmgr__new_file *file = receiving->file;

	receiving->file = NULL;
	return extmgr__files_finish(file, true, error);
}
