/* SPDX-License-Identifier: MIT */
/*
 * Any bytes at all as JSON: the canonical form is ASCII without control characters, and its own
 * canonical form.
 */
#include "bundle/canonical.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
	if (!condition)
		abort();
}

static void check_form(const struct extmgr__buffer *out)
{
	struct extmgr__buffer again = EXTMGR__BUFFER(8 * out->length + 64);

	for (size_t i = 0; i < out->length; i++)
		require(out->data[i] >= 0x20 && out->data[i] < 0x7f);
	require(extmgr__canonical_json(out->data, out->length, NULL, &again, NULL, NULL) ==
		EXTMGR_OK);
	require(again.length == out->length && memcmp(again.data, out->data, out->length) == 0);
	extmgr__buffer_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct extmgr__buffer out = EXTMGR__BUFFER(8 * size + 64);
	struct extmgr__slice slice;
	char *text = malloc(size ? size : 1);
	extmgr_result result;

	require(text != NULL);
	if (size)
		memcpy(text, data, size);
	result = extmgr__canonical_json(text, size, "name", &out, &slice, NULL);
	require(result == EXTMGR_OK || result == EXTMGR_E_FORMAT);
	if (result == EXTMGR_OK) {
		check_form(&out);
		require(slice.start + slice.length <= out.length);
	}
	extmgr__buffer_free(&out);
	free(text);
	return 0;
}
