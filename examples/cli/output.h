/* SPDX-License-Identifier: MIT */
/*
 * What goes to stdout. Text that comes from definitions, databases and files passes text_safe()
 * first, so that none of it can steer a terminal.
 */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <extmgr/extmgr.h>

#include <stdbool.h>
#include <stdio.h>

enum color_when { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

enum style { STYLE_PLAIN, STYLE_GOOD, STYLE_WARNING, STYLE_BAD };

void output_start(enum color_when color);

/* Columns of the terminal on stdout; 0 when it is none. */
size_t output_get_width(void);
/* Escape sequences around a word; "" without colours. */
const char *output_style_begin(enum style style);
const char *output_style_end(enum style style);
enum style style_for_state(int32_t state);
/* The state of a name such as "upgradable"; 0 when there is none of it. */
int32_t state_from_name(const char *name);

enum text_form {
	TEXT_ONE_LINE, /* control characters, line ends too, become U+FFFD */
	TEXT_LINES     /* line feeds and tabs stay */
};

/* A copy without control characters (C0, C1, directions of writing) and invalid UTF-8: each
 * becomes U+FFFD. Caller frees. */
char *text_safe(const char *text, enum text_form form);
/* Code points: near enough to columns. */
size_t text_width(const char *text);

/* printf() on stdout; what it prints must be safe. */
void output(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* One line `label: text`; left out when text is empty. */
void output_field(const char *label, const char *text);
/* A document of the library as it is, on one line. */
void output_document(const extmgr_text *document);

/* Flushes stdout; a failure makes a good exit code a bad one. */
int output_finish(int code);

#endif
