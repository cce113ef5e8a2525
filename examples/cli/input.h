/* SPDX-License-Identifier: MIT */
/* Reading files and stdin whole, bounded, and ended by a signal. */
#ifndef CLI_INPUT_H
#define CLI_INPUT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Longest value of a parameter, as the library has it. */
#define INPUT_VALUE_MAXIMUM ((size_t)64 << 10)
/* Longest document with values. */
#define INPUT_DOCUMENT_MAXIMUM ((size_t)4 << 20)

/*
 * Reads a file, or stdin for "-", which can be had once only. what: names it in messages.
 * The text is NUL-terminated and holds no other NUL; free it with input_free(). Answers an exit
 * code; the failure is printed.
 */
int input_read(const char *path, const char *what, size_t maximum, char **text_out);

/* Wipes and frees: it may have held a secret. May be NULL. */
void input_free(char *text);

/* read(), but -1 with errno EINTR as soon as a signal arrived. */
ssize_t input_wait_and_read(int descriptor, char *bytes, size_t size);

#endif
