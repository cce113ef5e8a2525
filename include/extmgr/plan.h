/* SPDX-License-Identifier: MIT */
/**
 * @file plan.h
 * Plans: the statements of an operation as a document, to be read before anything is changed, and
 * to be applied as they were read or not at all.
 */
#ifndef EXTMGR_PLAN_H
#define EXTMGR_PLAN_H

#include <extmgr/manager.h>
#include <extmgr/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Statements that change something are not run: see extmgr_manager_plan(). */
#define EXTMGR_PLAN_RECORD 1u

/** What extmgr_manager_plan() plans. Set by extmgr_plan_request_init(). */
typedef struct extmgr_plan_request {
	uint32_t struct_size; /**< set by extmgr_plan_request_init() */
	uint32_t flags;       /**< EXTMGR_PLAN_...; unknown bits are refused */
	/** "install", "uninstall", "upgrade", "create-instance", "delete-instance" */
	const char *operation;
	const char *extension_id; /**< with or without `.js` */
	const char *version;      /**< as for the operation's own function; NULL for "upgrade" */
	const char *instance_id;  /**< of "delete-instance", else NULL */
	const char *values_json;  /**< of "create-instance", else NULL */
	size_t values_length;     /**< bytes */
} extmgr_plan_request;

/**
 * Fills a request with zeroes and its size.
 *
 * @param request      [out] NULL is allowed and does nothing
 * @param struct_size  sizeof(extmgr_plan_request) as the caller knows it
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API void extmgr_plan_request_init(extmgr_plan_request *request, uint32_t struct_size);

/**
 * Makes a plan: which statements an operation sends. Nothing is changed.
 *
 * Without EXTMGR_PLAN_RECORD the operation is rehearsed: it runs for real, is verified and rolled
 * back. Locks are real while it runs, and effects outside the transaction (values taken from a
 * sequence) are not undone. With it, statements of kind "execute" are skipped and only queries run,
 * in a read-only transaction; no lock for writing is taken, nothing is verified, and the database
 * need not be able to roll back DDL. A query behind a skipped statement may answer differently when
 * the plan is applied: the plan is then incomplete, and what follows has certainty "depends".
 *
 * A plan holds no secrets: secret parameters are only named, and when there are some, string
 * literals and arguments of all statements are masked, and a statement with a name that holds a
 * secret value is withheld as a whole. Made twice of the same state, it is the same
 * to the byte. What verification reads is no part of it, nor is the row of history.
 *
 * @param manager    borrowed
 * @param request    borrowed
 * @param options    NULL for the defaults
 * @param plan_out   [out] JSON document "extmgr.plan/1": operation, extension {id, name, digest},
 *                   signer {keyId, name} of the definition (name: the comment of the trusted key,
 *                   or null; signer null: it is not signed with a trusted key), version, dialect,
 *                   extensionSchema, mode ("rehearse", "record"), incomplete, unchanged, masked,
 *                   notes, parameters, counts by class, drops (numbers of the statements that drop
 *                   something), statements (number, kind, class, sql, arguments, certainty),
 *                   warnings, digest (SHA-256 of all the rest); free with extmgr_text_free(); NULL
 *                   on failure
 * @param error_out  [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_UNCHANGED (there would be nothing to do; the plan is there all the
 *         same), EXTMGR_E_INVALID_ARGUMENT, EXTMGR_E_UNSUPPORTED (a query that writes cannot be
 *         recorded), else as the operation's own function
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_manager_plan(extmgr_manager *manager,
							       const extmgr_plan_request *request,
							       const extmgr_call_options *options,
							       extmgr_text **plan_out,
							       extmgr_error **error_out);

/**
 * Does what was planned, and nothing else. The operation runs again in one transaction; each
 * statement is compared with the plan before it is sent (where the plan is masked, in its masked
 * form), and so are definition, version and result. The first difference, a statement too many or
 * too few among them, rolls back everything.
 *
 * @param manager        borrowed; of the same dialect and extension schema as the plan
 * @param plan_json      the document of extmgr_manager_plan()
 * @param plan_length    bytes
 * @param values_json    the values of the plan's secret parameters, and only these, as
 *                       extmgr_params_validate() takes them; NULL: there are none
 * @param values_length  bytes
 * @param options        NULL for the defaults; with EXTMGR_CALL_REHEARSE it is only looked whether
 *                       the plan still holds
 * @param report_out     [out] as extmgr_manager_install(); may be NULL
 * @param error_out      [out] may be NULL; free with extmgr_error_free()
 * @return EXTMGR_OK, EXTMGR_UNCHANGED, EXTMGR_E_PLAN_CHANGED (details: planned, found, statement),
 *         EXTMGR_E_FORMAT (that is no plan), EXTMGR_E_PARAMETERS_INVALID (a secret is missing, or a
 *         value was given that is none of the plan's secrets), else as the operation's own function
 * Threads: any thread.
 * @since 0.1
 */
EXTMGR_API EXTMGR_MUST_CHECK extmgr_result extmgr_manager_apply(
	extmgr_manager *manager, const char *plan_json, size_t plan_length, const char *values_json,
	size_t values_length, const extmgr_call_options *options, extmgr_text **report_out,
	extmgr_error **error_out);

#ifdef __cplusplus
}
#endif
#endif
