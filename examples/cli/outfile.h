/* SPDX-License-Identifier: MIT */
/* Files that the program writes: they appear whole, or not at all. Devices and pipes are written to
 * as they are. */
#ifndef CLI_OUTFILE_H
#define CLI_OUTFILE_H

#include <stdbool.h>
#include <stdio.h>

enum outfile_mode {
	OUTFILE_PRIVATE, /* readable for nobody else */
	OUTFILE_SHARED   /* as the umask says */
};

/* NULL: see errno. */
FILE *outfile_open(const char *path, enum outfile_mode mode, char **temporary_out);
/* Puts the file in its place, or removes it when anything failed; the caller frees temporary. */
bool outfile_close(FILE *file, const char *temporary, const char *path);

#endif
