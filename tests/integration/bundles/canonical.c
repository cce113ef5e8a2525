/* SPDX-License-Identifier: MIT */
/*
 * Reads JSON documents from stdin, each behind a line with its length, and writes their canonical
 * forms in the same way; "-" for one that is refused.
 */
#include "bundle/canonical.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

#define MAXIMUM ((size_t)1 << 20)

static int convert(const char *text, size_t length)
{
	struct extmgr__buffer out = EXTMGR__BUFFER(8 * MAXIMUM);
	extmgr_result result = extmgr__canonical_json(text, length, NULL, &out, NULL, NULL);

	if (result == EXTMGR_OK)
		printf("%zu\n%s", out.length, out.data);
	else
		printf("-\n");
	extmgr__buffer_free(&out);
	return ferror(stdout);
}

int main(int argc, char **argv)
{
	char *text = malloc(MAXIMUM);
	int failed = !text;
	size_t length;

	/* A host's locale, with a decimal comma where there is one. */
	if (argc > 1 && !setlocale(LC_ALL, argv[1]))
		failed = 1;
	while (!failed && scanf("%zu", &length) == 1) {
		failed = getchar() != '\n' || length > MAXIMUM ||
			 fread(text, 1, length, stdin) != length || convert(text, length);
	}
	free(text);
	return failed;
}
