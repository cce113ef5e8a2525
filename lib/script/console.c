/* SPDX-License-Identifier: MIT */
#include "script/heap_internal.h"

#include "script/js_text.h"

/* Of one line, in bytes of the script. */
#define LINE_MAXIMUM ((size_t)8 << 10)
#define RAW_MAXIMUM  ((size_t)16 << 20)

/* A log wants one line: what would break it becomes a blank. */
static void blank_controls(struct extmgr__buffer *line)
{
	for (size_t i = 0; i < line->length; i++) {
		if ((unsigned char)line->data[i] < 0x20 || line->data[i] == 0x7f)
			line->data[i] = ' ';
	}
}

duk_ret_t extmgr__console_print(duk_context *duk)
{
	struct extmgr__heap *heap = extmgr__heap_of(duk);
	size_t maximum = heap->raw_console ? RAW_MAXIMUM : LINE_MAXIMUM;
	struct extmgr__buffer line = EXTMGR__BUFFER(3 * maximum + 16);
	int32_t level = duk_require_int(duk, 0);

	if (!heap->console)
		return 0;
	extmgr__heap_enter_host(duk);
	(void)extmgr__append_text_cut(duk, 1, maximum, &line);
	if (!heap->raw_console)
		blank_controls(&line);
	heap->console(heap->console_data, level, extmgr__buffer_get(&line), line.length);
	extmgr__buffer_free(&line);
	extmgr__heap_leave_host(duk);
	return 0;
}
