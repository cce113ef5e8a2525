/* SPDX-License-Identifier: MIT */
/* Names what is newer than ES5 in a source that does not compile. */
#ifndef EXTMGR_SCRIPT_SYNTAX_H
#define EXTMGR_SCRIPT_SYNTAX_H

#include <stddef.h>

/*
 * The first newer construct, when it stands on or before the line at which compiling failed:
 * behind it is no reason for the failure. Answers a static text in the plural ("arrow functions")
 * and its line; NULL when there is none.
 */
const char *extmgr__syntax_find_newer(const char *source, size_t length, int failed_line,
				      int *line_out);

#endif
