/* SPDX-License-Identifier: MIT */
/* A file on its way into a file store: counted, hashed, and visible only when it is committed. */
#ifndef EXTMGR_MANAGER_RECEIVE_H
#define EXTMGR_MANAGER_RECEIVE_H

#include "base/hash.h"
#include "host/files.h"

/* Bytes of a file of which nobody says how many it has. */
#define EXTMGR__ARTIFACT_MAXIMUM ((uint64_t)4 << 30)

struct extmgr__receiving {
	extmgr_files *files; /* can be written; NULL: it is counted and hashed, and goes nowhere */
	extmgr_operation *operation;
	const char *name;
	int64_t size; /* promised bytes; negative: any */
	/* the rest is set here */
	struct extmgr__hash *hash; /* NULL: nothing was received yet */
	struct extmgr__new_file *file;
	uint64_t received;
	uint64_t reported;
	extmgr_error *error; /* why no more is taken */
};

/* Takes the next piece, as struct extmgr__http_sink says; user_data: struct extmgr__receiving. */
extmgr_result extmgr__receiving_take(void *user_data, const char *bytes, size_t length);
/* All of it from a URL. EXTMGR_E_HTTP_STATUS (answered), those of extmgr__http_get() and of the
 * file store. status (may be NULL): the last one, 0 when there was none. */
extmgr_result extmgr__receiving_fetch(struct extmgr__receiving *receiving, extmgr_context *context,
				      const char *url, int32_t *status, extmgr_error **error);
/* All of it from an open file. */
extmgr_result extmgr__receiving_copy(struct extmgr__receiving *receiving, int file,
				     extmgr_error **error);
/* Size and SHA-256 are as promised (NULL or "": any), or EXTMGR_E_ARTIFACT_CHECKSUM; hex: the
 * digest. Once, behind fetch or copy. */
extmgr_result extmgr__receiving_check(struct extmgr__receiving *receiving, const char *sha256,
				      char hex[EXTMGR__SHA256_HEX_SIZE], extmgr_error **error);
/* Makes it visible. */
extmgr_result extmgr__receiving_commit(struct extmgr__receiving *receiving, extmgr_error **error);
/* Leaves nothing of what was not committed. */
void extmgr__receiving_drop(struct extmgr__receiving *receiving);

#endif
