/* SPDX-License-Identifier: MIT */
#ifndef EXTMGR_BASE_BASE64_H
#define EXTMGR_BASE_BASE64_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Decodes base64 with its padding into exactly size bytes. As in minisign, bits behind the last
 * byte do not count.
 */
bool extmgr__base64_decode(const char *text, size_t length, unsigned char *bytes, size_t size);

#endif
