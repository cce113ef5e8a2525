/* SPDX-License-Identifier: MIT */
/*
 * Build tool: turns a file into a C source that defines
 *   const char NAME[];          the bytes, with a NUL behind
 *   const size_t NAME_length;   their number, without the NUL
 * A byte array, because the longest string literal of C11 is 4095 bytes.
 */
#include <stdio.h>
#include <stdlib.h>

static int embed(const char *name, FILE *input, FILE *output)
{
	size_t length = 0;
	int byte;

	fprintf(output,
		"/* Generated. */\n#include <stddef.h>\n"
		"extern const char %s[];\nextern const size_t %s_length;\n"
		"const char %s[] = {",
		name, name, name);
	for (; (byte = getc(input)) != EOF; length++)
		fprintf(output, "%s'\\x%02x',", length % 16 == 0 ? "\n" : "", (unsigned int)byte);
	fprintf(output, "\n0};\nconst size_t %s_length = %zu;\n", name, length);
	return ferror(input) || ferror(output);
}

int main(int argc, char **argv)
{
	FILE *input = NULL;
	FILE *output = NULL;
	int failed = 1;

	if (argc != 4) {
		fprintf(stderr, "usage: embed NAME INPUT OUTPUT\n");
		return EXIT_FAILURE;
	}
	input = fopen(argv[2], "rb");
	if (!input) {
		perror(argv[2]);
		goto out;
	}
	output = fopen(argv[3], "wb");
	if (!output) {
		perror(argv[3]);
		goto out;
	}
	failed = embed(argv[1], input, output);
out:
	if (input)
		fclose(input);
	if (output && fclose(output) != 0)
		failed = 1;
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
