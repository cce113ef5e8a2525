/* SPDX-License-Identifier: MIT */
/*
 * Judges signature files as the library does:  verdict PUBLIC-KEY CONTENT <PATHS
 * Prints for each line of stdin, a path, 1 (good) or 0.
 */
#include "bundle/signature.h"

#include <extmgr/extmgr.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *read_file(const char *path, size_t *length)
{
	static char bytes[1 << 16];
	FILE *file = fopen(path, "rb");

	if (!file)
		exit(1);
	*length = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	return bytes;
}

int main(int count, char **arguments)
{
	const struct extmgr__trusted_key *key;
	extmgr_trust *trust = NULL;
	char content[1024];
	char path[4096];
	char *comment;
	size_t content_length;
	size_t length;

	if (count != 3 || extmgr_trust_new(&trust, NULL) != EXTMGR_OK ||
	    extmgr_trust_add_key(trust, arguments[1], NULL, 0, NULL) != EXTMGR_OK)
		return 1;
	memcpy(content, read_file(arguments[2], &content_length), sizeof(content));
	while (fgets(path, sizeof(path), stdin)) {
		const char *signature;
		extmgr_result result;

		path[strcspn(path, "\n")] = '\0';
		signature = read_file(path, &length);
		result = extmgr__signature_verify(trust, "it", signature, length, content,
						  content_length, &key, &comment, NULL);
		printf("%d\n", result == EXTMGR_OK);
		free(comment);
	}
	extmgr_trust_free(trust);
	return 0;
}
