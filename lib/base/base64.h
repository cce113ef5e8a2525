/* SPDX-License-Identifier: MIT */
/* Base64 of RFC 4648 with padding and without line breaks. */
#ifndef EXTMGR_BASE_BASE64_H
#define EXTMGR_BASE_BASE64_H

#include "base/text.h"

void extmgr__base64_encode(struct extmgr__buffer *buffer, const void *bytes, size_t length);
/* Appends the bytes; false for anything that the encoder does not write. The buffer tells when it
 * is full. */
bool extmgr__base64_decode(struct extmgr__buffer *buffer, const char *text, size_t length);

#endif
