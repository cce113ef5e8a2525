/* SPDX-License-Identifier: MIT */
/*
 * The index of a registry: {"extensions": [{"id", "url", "sha256", "version", "signature"}],
 * "serial", "expires", "signature"}. All but id are optional, unknown keys are ignored.
 */
#ifndef EXTMGR_REGISTRY_INDEX_H
#define EXTMGR_REGISTRY_INDEX_H

#include "base/error.h"
#include "base/hash.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What it is called where nobody says otherwise: in a directory, and behind a slash of a URL. */
#define EXTMGR__INDEX_NAME    "registry.json"
#define EXTMGR__INDEX_MAXIMUM ((size_t)16 << 20) /* bytes */
#define EXTMGR__INDEX_ENTRIES 10000

struct extmgr__index_entry {
	char *id;                             /* without ".js" */
	char *url;                            /* as it stands there; "" when it is missing */
	char *version;                        /* NULL: not given */
	char *signature;                      /* a URL; NULL: not given */
	char sha256[EXTMGR__SHA256_HEX_SIZE]; /* "": not given */
	bool superseded; /* another entry of the id has a higher version, or came first */
	bool duplicate;  /* superseded by one that does not say it is newer */
};

struct extmgr__index {
	struct extmgr__index_entry *entries; /* by id; the one in use first */
	size_t count;
	int64_t serial;  /* -1: not given */
	int64_t expires; /* seconds since 1970; -1: not given */
	char *expires_text;
	char *signature; /* a URL; NULL: not given */
};

/* EXTMGR_E_INDEX_FORMAT (names entry and key), EXTMGR_E_NO_MEMORY. */
extmgr_result extmgr__index_parse(const char *text, size_t length, struct extmgr__index **index_out,
				  extmgr_error **error);
void extmgr__index_free(struct extmgr__index *index);
/* The entry in use; NULL: none of that id. */
const struct extmgr__index_entry *extmgr__index_find(const struct extmgr__index *index,
						     const char *id);

#endif
