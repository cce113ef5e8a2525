/* SPDX-License-Identifier: MIT */
#include "sync/decide.h"

#include "base/semver.h"
#include "catalog/history.h"

#include <string.h>

/* What one decision looks at. */
struct question {
	struct extmgr__catalog_session *session;
	const struct extmgr__entry *entry;
	const extmgr_bundle *bundle;
	uint32_t flags;
	struct extmgr__past past; /* of the bundle's digest, when it was asked for */
	struct extmgr__decision *decision;
};

static extmgr_result take(const struct question *question, const char *detail)
{
	question->decision->verdict = EXTMGR__VERDICT_TAKE;
	question->decision->detail = detail;
	return EXTMGR_OK;
}

/* A refusal that can be lifted by accepting it stands in the history once. */
static bool is_noted(const struct extmgr__past *past)
{
	return past->refused_ms > past->taken_ms;
}

static extmgr_result refuse_held(const struct question *question)
{
	struct extmgr__decision *decision = question->decision;

	decision->verdict = EXTMGR__VERDICT_REFUSE;
	decision->is_noted = true;
	extmgr__error_set(&decision->refusal, EXTMGR_E_EXTENSION_HELD,
			  "extension \"%s\" is held at version %s", question->entry->id,
			  question->entry->version);
	extmgr__error_hint(&decision->refusal, "'extmgr catalog unhold %s' lets it be updated",
			   question->entry->id);
	return EXTMGR_OK;
}

static extmgr_result refuse_older(const struct question *question)
{
	struct extmgr__decision *decision = question->decision;

	decision->verdict = EXTMGR__VERDICT_REFUSE;
	decision->detail = "older";
	decision->is_noted = is_noted(&question->past);
	extmgr__error_set(&decision->refusal, EXTMGR_E_BUNDLE_OLDER,
			  "version %s of extension \"%s\" is lower than %s in the catalog",
			  extmgr_bundle_get_version(question->bundle), question->entry->id,
			  question->entry->version);
	extmgr__error_hint(&decision->refusal,
			   "deploy the newer bundle; or, to go back, 'extmgr catalog accept %s' "
			   "and synchronise again",
			   question->entry->id);
	return EXTMGR_OK;
}

static extmgr_result refuse_republished(const struct question *question)
{
	struct extmgr__decision *decision = question->decision;

	decision->verdict = EXTMGR__VERDICT_REFUSE;
	decision->detail = "republished";
	decision->is_noted = is_noted(&question->past);
	extmgr__error_set(&decision->refusal, EXTMGR_E_BUNDLE_REPUBLISHED,
			  "version %s of extension \"%s\" has been published with other content: "
			  "the catalog has %s, this is %s%s",
			  question->entry->version, question->entry->id, question->entry->digest,
			  extmgr_bundle_get_digest(question->bundle),
			  question->past.taken_ms ? ", which it replaced" : "");
	extmgr__error_hint(&decision->refusal,
			   "give it a version of its own; or 'extmgr catalog accept %s' and "
			   "synchronise again",
			   question->entry->id);
	return EXTMGR_OK;
}

/*
 * The version is the same, the content is not. What was replaced before does not come back by
 * itself: else two sets of bundles that take turns would write each time.
 */
static extmgr_result decide_republished(const struct question *question)
{
	bool was_replaced = question->past.taken_ms != 0;

	if (extmgr_bundle_get_kind(question->bundle) == EXTMGR_BUNDLE_DIRECTORY)
		return take(question, "development");
	if (question->past.accepted_ms > question->past.taken_ms)
		return take(question, "accepted");
	if (was_replaced || (question->flags & EXTMGR_SYNC_REFUSE_REPUBLISHED))
		return refuse_republished(question);
	return take(question, "republished");
}

static extmgr_result decide_other_content(struct question *question, extmgr_error **error)
{
	const struct extmgr__entry *entry = question->entry;
	int order =
		extmgr__semver_compare(extmgr_bundle_get_version(question->bundle), entry->version);
	extmgr_result result;

	if (entry->held)
		return refuse_held(question);
	if (order > 0)
		return take(question, "");
	result = extmgr__history_find(question->session, entry->id,
				      extmgr_bundle_get_digest(question->bundle), &question->past,
				      error);
	if (result != EXTMGR_OK)
		return result;
	if (order == 0)
		return decide_republished(question);
	if (question->flags & EXTMGR_SYNC_ALLOW_DOWNGRADE)
		return take(question, "downgrade");
	if (question->past.accepted_ms > question->past.taken_ms)
		return take(question, "accepted");
	return refuse_older(question);
}

extmgr_result extmgr__decide(struct extmgr__catalog_session *session,
			     const struct extmgr__entry *entry, const extmgr_bundle *bundle,
			     const char *signature, const char *trust_fingerprint, uint32_t flags,
			     struct extmgr__decision *decision, extmgr_error **error)
{
	struct question question = {.session = session,
				    .entry = entry,
				    .bundle = bundle,
				    .flags = flags,
				    .decision = decision};

	*decision = (struct extmgr__decision){.detail = ""};
	if (extmgr__entry_is_reserved(entry))
		return take(&question, "new");
	/* The digest of a row that failed a check says nothing. */
	if (entry->fault ||
	    (entry->state == EXTMGR__ENTRY_BAD &&
	     extmgr__semver_compare(extmgr_bundle_get_version(bundle), entry->version) == 0))
		return take(&question, "repaired");
	if (strcmp(entry->digest, extmgr_bundle_get_digest(bundle)) != 0)
		return decide_other_content(&question, error);
	if (strcmp(entry->signature, signature) != 0 ||
	    strcmp(entry->trust_fingerprint, trust_fingerprint) != 0)
		return take(&question, "signature");
	if (strcmp(entry->archive_sha256, extmgr_bundle_get_archive_sha256(bundle)) != 0)
		decision->verdict = EXTMGR__VERDICT_ORIGIN;
	return EXTMGR_OK;
}
