/* SPDX-License-Identifier: MIT */
#include "catalog/store.h"

#include "base/base64.h"

#include <string.h>

/* Larger ones are no signatures: the bundle is then refused before. */
#define SIGNATURE_MAXIMUM ((size_t)1 << 16)

extmgr_result extmgr__store_reserve(struct extmgr__catalog_session *session, const char *id,
				    extmgr_error **error)
{
	int64_t now_ms;
	extmgr_result result = extmgr__catalog_now_ms(session, &now_ms, error);

	if (result != EXTMGR_OK)
		return result;
	return extmgr__catalog_execute(
		session,
		"INSERT INTO @extension (id, name, version, digest, archive_sha256, "
		"trust_fingerprint, manifest, listing, signature, source, enabled, held, state, "
		"last_seen_ms, fence, created_ms, changed_ms) "
		"VALUES (?, '', '', '', '', '', '', '', '', '', 1, 0, 'bad', ?, 0, ?, ?) "
		"ON CONFLICT (id) DO NOTHING",
		EXTMGR__ARGUMENTS(EXTMGR__TEXT(id), EXTMGR__NUMBER(now_ms), EXTMGR__NUMBER(now_ms),
				  EXTMGR__NUMBER(now_ms)),
		NULL, error);
}

extmgr_result extmgr__store_signature(const char *bytes, size_t length, struct extmgr__buffer *text)
{
	*text = EXTMGR__BUFFER(SIGNATURE_MAXIMUM);
	if (bytes)
		extmgr__base64_append(text, bytes, length);
	return extmgr__buffer_result(text);
}

static extmgr_result write_row(struct extmgr__catalog_session *session, const extmgr_bundle *bundle,
			       const char *signature, const struct extmgr__store_row *row,
			       extmgr_error **error)
{
	size_t manifest_length;
	const char *manifest = extmgr_bundle_get_manifest(bundle, &manifest_length);

	return extmgr__catalog_execute(
		session,
		"UPDATE @extension SET name = ?, version = ?, digest = ?, archive_sha256 = ?, "
		"trust_fingerprint = ?, manifest = ?, listing = ?, signature = ?, source = ?, "
		"state = 'active', last_seen_ms = ?, changed_ms = ? WHERE id = ?",
		EXTMGR__ARGUMENTS(EXTMGR__TEXT(extmgr_bundle_get_name(bundle)),
				  EXTMGR__TEXT(extmgr_bundle_get_version(bundle)),
				  EXTMGR__TEXT(extmgr_bundle_get_digest(bundle)),
				  EXTMGR__TEXT(extmgr_bundle_get_archive_sha256(bundle)),
				  EXTMGR__TEXT(row->trust_fingerprint),
				  EXTMGR__BYTES(manifest, manifest_length),
				  EXTMGR__TEXT(extmgr_bundle_get_listing(bundle)),
				  EXTMGR__TEXT(signature), EXTMGR__TEXT(row->source),
				  EXTMGR__NUMBER(row->now_ms), EXTMGR__NUMBER(row->now_ms),
				  EXTMGR__TEXT(extmgr_bundle_get_id(bundle))),
		NULL, error);
}

/* An empty file has one part, too. */
static extmgr_result write_file(struct extmgr__catalog_session *session,
				const extmgr_bundle *bundle, size_t index, extmgr_error **error)
{
	struct extmgr__buffer part = EXTMGR__BUFFER(2 * EXTMGR__CATALOG_PART_BYTES);
	const char *id = extmgr_bundle_get_id(bundle);
	const char *path = extmgr_bundle_get_file_path(bundle, index);
	const char *sha256 = extmgr_bundle_get_file_sha256(bundle, index);
	extmgr_result result = EXTMGR_OK;
	size_t length;
	const char *content = extmgr_bundle_get_file_content(bundle, index, &length);
	size_t done = 0;
	int64_t number = 0;

	do {
		size_t piece = length - done < EXTMGR__CATALOG_PART_BYTES
				       ? length - done
				       : EXTMGR__CATALOG_PART_BYTES;

		extmgr__buffer_clear(&part);
		extmgr__base64_append(&part, content + done, piece);
		result = extmgr__buffer_result(&part);
		if (result != EXTMGR_OK) {
			extmgr__error_from_result(error, result, "a part of a file");
			break;
		}
		result = extmgr__catalog_execute(
			session,
			"INSERT INTO @file (extension_id, path, part, size, sha256, content) "
			"VALUES (?, ?, ?, ?, ?, ?)",
			EXTMGR__ARGUMENTS(EXTMGR__TEXT(id), EXTMGR__TEXT(path),
					  EXTMGR__NUMBER(number), EXTMGR__NUMBER((int64_t)length),
					  EXTMGR__TEXT(sha256),
					  EXTMGR__BYTES(extmgr__buffer_get(&part), part.length)),
			NULL, error);
		done += piece;
		number++;
	} while (result == EXTMGR_OK && done < length);
	extmgr__buffer_free(&part);
	return result;
}

extmgr_result extmgr__store_bundle(struct extmgr__catalog_session *session,
				   const extmgr_bundle *bundle, const struct extmgr__store_row *row,
				   extmgr_error **error)
{
	struct extmgr__buffer signature;
	size_t length;
	const char *bytes = extmgr_bundle_get_signature(bundle, &length);
	extmgr_result result = extmgr__store_signature(bytes, length, &signature);

	if (result != EXTMGR_OK)
		extmgr__error_from_result(error, result, "a signature");
	else
		result = write_row(session, bundle, extmgr__buffer_get(&signature), row, error);
	extmgr__buffer_free(&signature);
	if (result == EXTMGR_OK)
		result = extmgr__catalog_execute(
			session, "DELETE FROM @file WHERE extension_id = ?",
			EXTMGR__ARGUMENTS(EXTMGR__TEXT(extmgr_bundle_get_id(bundle))), NULL, error);
	for (size_t i = 0; i < extmgr_bundle_get_file_count(bundle) && result == EXTMGR_OK; i++)
		result = write_file(session, bundle, i, error);
	return result;
}

extmgr_result extmgr__store_origin(struct extmgr__catalog_session *session, const char *id,
				   const char *archive_sha256, const char *signature,
				   const struct extmgr__store_row *row, extmgr_error **error)
{
	return extmgr__catalog_execute(
		session,
		"UPDATE @extension SET archive_sha256 = ?, signature = ?, trust_fingerprint = ?, "
		"source = ?, state = 'active', last_seen_ms = ? WHERE id = ?",
		EXTMGR__ARGUMENTS(EXTMGR__TEXT(archive_sha256), EXTMGR__TEXT(signature),
				  EXTMGR__TEXT(row->trust_fingerprint), EXTMGR__TEXT(row->source),
				  EXTMGR__NUMBER(row->now_ms), EXTMGR__TEXT(id)),
		NULL, error);
}

extmgr_result extmgr__store_seen(struct extmgr__catalog_session *session, const char *id,
				 int64_t now_ms, extmgr_error **error)
{
	return extmgr__catalog_execute(
		session,
		"UPDATE @extension SET last_seen_ms = ?, "
		"state = CASE state WHEN 'missing' THEN 'active' ELSE state END "
		"WHERE id = ? AND last_seen_ms < ?",
		EXTMGR__ARGUMENTS(EXTMGR__NUMBER(now_ms), EXTMGR__TEXT(id), EXTMGR__NUMBER(now_ms)),
		NULL, error);
}

extmgr_result extmgr__store_missing(struct extmgr__catalog_session *session, const char *id,
				    int64_t before_ms, bool *marked, extmgr_error **error)
{
	int64_t affected = 0;
	extmgr_result result = extmgr__catalog_execute(
		session,
		"UPDATE @extension SET state = 'missing' WHERE id = ? AND state = 'active' AND "
		"last_seen_ms < ?",
		EXTMGR__ARGUMENTS(EXTMGR__TEXT(id), EXTMGR__NUMBER(before_ms)), &affected, error);

	*marked = result == EXTMGR_OK && affected > 0;
	return result;
}
