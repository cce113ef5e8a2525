/* SPDX-License-Identifier: MIT */
/* Small bundles for tests: a manifest, a frontend file, perhaps a definition. */
#ifndef EXTMGR_TEST_BUNDLES_H
#define EXTMGR_TEST_BUNDLES_H

struct test_bundle {
	const char *name; /* id "acme.<name>" */
	const char *version;
	const char *text;       /* of frontend/dist/main.js */
	const char *definition; /* NULL: none */
};

/* Writes "<folder>/<name>/dist/...", anew. */
void write_directory_bundle(const char *folder, const struct test_bundle *bundle);
/* Writes "<folder>/<name>.supx": stored, not deflated. */
void write_archive_bundle(const char *folder, const struct test_bundle *bundle);

#endif
