/* SPDX-License-Identifier: MIT */
/* The rows of the table of extensions, without manifest and listing. */
#ifndef EXTMGR_CATALOG_ENTRY_H
#define EXTMGR_CATALOG_ENTRY_H

#include "base/json.h"
#include "catalog/catalog.h"

enum extmgr__entry_state {
	EXTMGR__ENTRY_ACTIVE,
	EXTMGR__ENTRY_MISSING,
	EXTMGR__ENTRY_BAD /* stored so, or the row cannot be one of ours */
};

struct extmgr__entry {
	char *id;
	char *name;
	char *version;
	char *digest; /* "": the row was only made to be locked; nobody sees it */
	char *archive_sha256;
	char *trust_fingerprint;
	char *signature;
	char *source;
	enum extmgr__entry_state state;
	bool enabled;
	bool held;
	int64_t last_seen_ms;
	int64_t fence;
	int64_t created_ms;
	int64_t changed_ms;
	const char *fault; /* why the row cannot be one of ours; NULL when it can */
};

struct extmgr__entries {
	struct extmgr__entry *items; /* sorted by the bytes of their ids */
	size_t count;
	size_t capacity;
};

/* All rows, the reserved ones too. Within a transaction. Free in any case. */
extmgr_result extmgr__entries_read(struct extmgr__catalog_session *session,
				   struct extmgr__entries *entries, extmgr_error **error);
void extmgr__entries_free(struct extmgr__entries *entries);
/* NULL when there is none. */
const struct extmgr__entry *extmgr__entries_find(const struct extmgr__entries *entries,
						 const char *id);

/* One row; EXTMGR_E_EXTENSION_NOT_FOUND, reserved ones included. Within a transaction. Free in any
 * case. */
extmgr_result extmgr__entry_read(struct extmgr__catalog_session *session, const char *id,
				 struct extmgr__entry *entry, extmgr_error **error);
/* The same with the row locked until the transaction ends: the first statement of a writing one. */
extmgr_result extmgr__entry_lock(struct extmgr__catalog_session *session, const char *id,
				 struct extmgr__entry *entry, extmgr_error **error);
void extmgr__entry_free(struct extmgr__entry *entry);

bool extmgr__entry_is_reserved(const struct extmgr__entry *entry);
const char *extmgr__entry_state_name(enum extmgr__entry_state state);
/* Why it is neither installed nor served, such as "is disabled"; NULL when it is. */
const char *extmgr__entry_withdrawn(const struct extmgr__entry *entry);
/* The members of a JSON object. */
void extmgr__entry_write(struct extmgr__json_writer *writer, const struct extmgr__entry *entry);
/* An id that a row may have: EXTMGR_E_INVALID_ARGUMENT. */
extmgr_result extmgr__entry_check_id(const char *id, extmgr_error **error);
/* "sha256:" and 64 digits. */
bool extmgr__is_digest(const char *text);

#endif
