/* SPDX-License-Identifier: MIT */
/*
 * How the program fails: one line `extmgr: what: why`, one line `hint: ...`, an exit code. With
 * --json the same as one line of JSON, a document "extmgr.error/1". All of it goes to stderr.
 */
#ifndef CLI_ERRORS_H
#define CLI_ERRORS_H

#include <extmgr/extmgr.h>

#include <stdbool.h>

enum exit_code {
	EXIT_DONE = 0,    /* done, or nothing to do */
	EXIT_FAILED = 1,  /* failed; everything is rolled back */
	EXIT_USAGE = 2,   /* unknown option or command, missing argument, bad combination */
	EXIT_BUSY = 3,    /* locked, or out of time: try again */
	EXIT_PARTLY = 4,  /* some of it; the output says what is missing */
	EXIT_REFUSED = 5, /* policy, validation or the state of things; nothing was touched */
	EXIT_SIGNAL = 128 /* plus the signal's number */
};

void errors_use_json(bool json);

/* Each prints and returns the exit code. hint must not be NULL. */
int fail_usage(const char *hint, const char *format, ...) __attribute__((format(printf, 2, 3)));
int fail(enum exit_code code, const char *hint, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Prints what the library said behind what we wanted, and frees the error. */
int fail_with(extmgr_error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same for what a definition said in place of an answer, with the HTTP status that it gave. */
int fail_by_definition(int32_t status, const char *said, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* A line on stderr that says what to do. */
void print_hint(const char *hint);

void warn(const char *hint, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The advice in the chain of an error, else our own for its code; borrowed. */
const char *error_hint(const extmgr_error *error);

/* For conditions a program cannot mend: memory is out. Answers its argument when that is there. */
void *checked(void *pointer);

#endif
