/* SPDX-License-Identifier: MIT */
/* Questions on the terminal: asked on stderr, answered on stdin. */
#ifndef CLI_PROMPT_H
#define CLI_PROMPT_H

#include "options.h"

#include <stdbool.h>

enum prompt_end {
	PROMPT_ANSWERED,
	PROMPT_CLOSED,     /* end of file */
	PROMPT_INTERRUPTED /* a signal */
};

/* Whether somebody is there to be asked. */
bool prompt_is_possible(const struct options *options);

/* Prints text on stderr, made safe; line feeds stay. */
void prompt_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* One line without its end; free with input_free(). hidden: nothing is echoed. */
enum prompt_end prompt_line(bool hidden, char **line_out);
/* Lines up to one that is only "."; joined with line feeds. */
enum prompt_end prompt_lines(bool hidden, char **lines_out);

/* Prints why there is no answer; answers an exit code. */
int prompt_fail(enum prompt_end end);

/* Asks [y/N]; answers an exit code: EXIT_DONE to go on. */
int prompt_confirm(const char *question);

#endif
