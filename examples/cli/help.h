/* SPDX-License-Identifier: MIT */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "commands.h"

void help_program(void);
void help_command(const struct command *command);
/* The commands whose names begin with the words: "instance", "plan". False: there are none. */
bool help_group(char **words, size_t count);
bool is_group(char **words, size_t count);

#endif
