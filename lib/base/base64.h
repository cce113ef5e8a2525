/* SPDX-License-Identifier: MIT */
#ifndef EXTMGR_BASE_BASE64_H
#define EXTMGR_BASE_BASE64_H

#include "base/text.h"

/*
 * Decodes base64 with its padding into exactly size bytes. As in minisign, bits behind the last
 * byte do not count.
 */
bool extmgr__base64_decode(const char *text, size_t length, unsigned char *bytes, size_t size);
/* Appends bytes as base64 with its padding, without line breaks. */
void extmgr__base64_append(struct extmgr__buffer *buffer, const void *bytes, size_t length);
/* Appends the bytes that such a text stands for; false for what is no base64. Whether there was
 * room, the buffer tells. */
bool extmgr__base64_append_decoded(struct extmgr__buffer *buffer, const char *text, size_t length);

#endif
