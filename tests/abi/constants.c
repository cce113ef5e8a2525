/* SPDX-License-Identifier: MIT */
/*
 * The values of all public constants, and the layout of all public structs, a second time: abidiff
 * does not see a renumbered constant. Lines are only ever added; check-headers finds missing ones.
 * Programs in other languages carry these numbers in their own sources.
 */
#include <extmgr/extmgr.h>

#define CONSTANT(name, value) _Static_assert((name) == (value), #name " was changed")

/* bundle.h */
CONSTANT(EXTMGR_BUNDLE_ARCHIVE, 1);
CONSTANT(EXTMGR_BUNDLE_DIRECTORY, 2);
CONSTANT(EXTMGR_BUNDLE_OK, 1);
CONSTANT(EXTMGR_BUNDLE_SUPERSEDED, 2);
CONSTANT(EXTMGR_BUNDLE_FAILED, 3);
CONSTANT(EXTMGR_DIGEST_SHA256, 1u);
CONSTANT(EXTMGR_DIGEST_SUPERSET, 2u);
CONSTANT(EXTMGR_DIGEST_SUPERSET_SEED, 3u);

/* context.h */
CONSTANT(EXTMGR_LOG_ERROR, 1);
CONSTANT(EXTMGR_LOG_WARNING, 2);
CONSTANT(EXTMGR_LOG_INFO, 3);
CONSTANT(EXTMGR_LOG_DEBUG, 4);

/* database.h */
CONSTANT(EXTMGR_DATABASE_TRANSACTIONAL_DDL, 1u);
CONSTANT(EXTMGR_DATABASE_SAVEPOINTS, 2u);
CONSTANT(EXTMGR_BEGIN_WRITE, 1u);
CONSTANT(EXTMGR_VALUE_NULL, 0);
CONSTANT(EXTMGR_VALUE_BOOLEAN, 1);
CONSTANT(EXTMGR_VALUE_INTEGER, 2);
CONSTANT(EXTMGR_VALUE_NUMBER, 3);
CONSTANT(EXTMGR_VALUE_TEXT, 4);
CONSTANT(EXTMGR_PLACEHOLDER_QUESTION_MARK, 1u);
CONSTANT(EXTMGR_PLACEHOLDER_DOLLAR, 2u);

/* error.h */
CONSTANT(EXTMGR_OK, 0);
CONSTANT(EXTMGR_UNCHANGED, 1);
CONSTANT(EXTMGR_PARTIAL, 2);
CONSTANT(EXTMGR_E_INTERNAL, -1);
CONSTANT(EXTMGR_E_NO_MEMORY, -2);
CONSTANT(EXTMGR_E_INVALID_ARGUMENT, -3);
CONSTANT(EXTMGR_E_NOT_FOUND, -4);
CONSTANT(EXTMGR_E_CONFLICT, -5);
CONSTANT(EXTMGR_E_TIMEOUT, -6);
CONSTANT(EXTMGR_E_CANCELLED, -7);
CONSTANT(EXTMGR_E_TOO_LARGE, -8);
CONSTANT(EXTMGR_E_UNSUPPORTED, -9);
CONSTANT(EXTMGR_E_FORKED, -10);
CONSTANT(EXTMGR_E_HOST, -11);
CONSTANT(EXTMGR_E_FORMAT, -12);
CONSTANT(EXTMGR_E_IO, -13);
CONSTANT(EXTMGR_E_CONNECTION, -30);
CONSTANT(EXTMGR_E_AUTHENTICATION, -31);
CONSTANT(EXTMGR_E_STATEMENT, -32);
CONSTANT(EXTMGR_E_LOCKED, -33);
CONSTANT(EXTMGR_E_OUTCOME_UNKNOWN, -34);
CONSTANT(EXTMGR_E_TRANSACTION_ENDED, -35);
CONSTANT(EXTMGR_E_NO_TRANSACTIONAL_DDL, -36);
CONSTANT(EXTMGR_E_COMMIT, -37);
CONSTANT(EXTMGR_E_CALLER_TRANSACTION, -38);
CONSTANT(EXTMGR_E_STATEMENT_FORBIDDEN, -50);
CONSTANT(EXTMGR_E_STATEMENT_MULTIPLE, -51);
CONSTANT(EXTMGR_E_STATEMENT_NOT_TRANSACTIONAL, -52);
CONSTANT(EXTMGR_E_STATEMENT_MALFORMED, -53);
CONSTANT(EXTMGR_E_STATEMENT_ARGUMENTS, -54);
CONSTANT(EXTMGR_E_REGISTRY_NOT_FOUND, -70);
CONSTANT(EXTMGR_E_REGISTRY_UNREADABLE, -71);
CONSTANT(EXTMGR_E_EXTENSION_NOT_FOUND, -72);
CONSTANT(EXTMGR_E_VERSION_NOT_FOUND, -73);
CONSTANT(EXTMGR_E_ARTIFACT_MISSING, -74);
CONSTANT(EXTMGR_E_CACHE_UNSAFE, -75);
CONSTANT(EXTMGR_E_HTTP_STATUS, -76);
CONSTANT(EXTMGR_E_TRANSFER, -77);
CONSTANT(EXTMGR_E_TLS, -78);
CONSTANT(EXTMGR_E_REDIRECT, -79);
CONSTANT(EXTMGR_E_INDEX_FORMAT, -80);
CONSTANT(EXTMGR_E_INDEX_EXPIRED, -81);
CONSTANT(EXTMGR_E_INDEX_ROLLBACK, -82);
CONSTANT(EXTMGR_E_VERSION_ROLLBACK, -83);
CONSTANT(EXTMGR_E_CHECKSUM, -84);
CONSTANT(EXTMGR_E_OFFLINE, -85);
CONSTANT(EXTMGR_E_DOWNLOAD_REFUSED, -86);
CONSTANT(EXTMGR_E_SCRIPT_SYNTAX, -90);
CONSTANT(EXTMGR_E_SCRIPT_NEWER_SYNTAX, -91);
CONSTANT(EXTMGR_E_DEFINITION_UNREGISTERED, -92);
CONSTANT(EXTMGR_E_DEFINITION_SHAPE, -93);
CONSTANT(EXTMGR_E_API_VERSION, -94);
CONSTANT(EXTMGR_E_SCRIPT_THREW, -95);
CONSTANT(EXTMGR_E_SCRIPT_STATUS, -96);
CONSTANT(EXTMGR_E_SCRIPT_TIMEOUT, -97);
CONSTANT(EXTMGR_E_SCRIPT_MEMORY, -98);
CONSTANT(EXTMGR_E_SCRIPT_RESULT, -99);
CONSTANT(EXTMGR_E_SCRIPT_STACK, -100);
CONSTANT(EXTMGR_E_SCRIPT_NO_FUNCTION, -101);
CONSTANT(EXTMGR_E_SOURCE_TOO_LARGE, -102);
CONSTANT(EXTMGR_E_LOWERING_LIMIT, -103);
CONSTANT(EXTMGR_E_PARAMETERS_INVALID, -120);
CONSTANT(EXTMGR_E_PARAMETER_DEFINITION, -121);
CONSTANT(EXTMGR_E_INSTANCES_EXIST, -140);
CONSTANT(EXTMGR_E_NOT_INSTALLED, -141);
CONSTANT(EXTMGR_E_VERIFY, -142);
CONSTANT(EXTMGR_E_INSTANCE_NOT_FOUND, -143);
CONSTANT(EXTMGR_E_PLAN_CHANGED, -144);
CONSTANT(EXTMGR_E_INSTANCE_LOST, -145);
CONSTANT(EXTMGR_E_REQUIREMENTS, -146);
CONSTANT(EXTMGR_E_ARTIFACT_CHECKSUM, -147);
CONSTANT(EXTMGR_E_BUNDLE_NOT_FOUND, -160);
CONSTANT(EXTMGR_E_BUNDLE_UNREADABLE, -161);
CONSTANT(EXTMGR_E_BUNDLE_CHANGED, -162);
CONSTANT(EXTMGR_E_BUNDLE_LINK, -163);
CONSTANT(EXTMGR_E_BUNDLE_NOT_ZIP, -164);
CONSTANT(EXTMGR_E_BUNDLE_MALFORMED, -165);
CONSTANT(EXTMGR_E_BUNDLE_TOO_LARGE, -166);
CONSTANT(EXTMGR_E_BUNDLE_ENTRY_TOO_LARGE, -167);
CONSTANT(EXTMGR_E_BUNDLE_TOTAL_TOO_LARGE, -168);
CONSTANT(EXTMGR_E_BUNDLE_RATIO, -169);
CONSTANT(EXTMGR_E_BUNDLE_TOO_MANY_ENTRIES, -170);
CONSTANT(EXTMGR_E_BUNDLE_PATH_TOO_LONG, -171);
CONSTANT(EXTMGR_E_BUNDLE_TRAVERSAL, -172);
CONSTANT(EXTMGR_E_BUNDLE_ABSOLUTE_PATH, -173);
CONSTANT(EXTMGR_E_BUNDLE_BACKSLASH, -174);
CONSTANT(EXTMGR_E_BUNDLE_CONTROL_CHARACTER, -175);
CONSTANT(EXTMGR_E_BUNDLE_NAME_ENCODING, -176);
CONSTANT(EXTMGR_E_BUNDLE_DUPLICATE, -177);
CONSTANT(EXTMGR_E_BUNDLE_UNEXPECTED_MEMBER, -178);
CONSTANT(EXTMGR_E_BUNDLE_SPECIAL_FILE, -179);
CONSTANT(EXTMGR_E_BUNDLE_ENCRYPTED, -180);
CONSTANT(EXTMGR_E_BUNDLE_METHOD, -181);
CONSTANT(EXTMGR_E_BUNDLE_CRC, -182);
CONSTANT(EXTMGR_E_BUNDLE_DATA, -183);
CONSTANT(EXTMGR_E_BUNDLE_HEADERS_DIFFER, -184);
CONSTANT(EXTMGR_E_BUNDLE_OVERLAP, -185);
CONSTANT(EXTMGR_E_BUNDLE_GAP, -186);
CONSTANT(EXTMGR_E_BUNDLE_DATA_BEFORE, -187);
CONSTANT(EXTMGR_E_BUNDLE_DATA_AFTER, -188);
CONSTANT(EXTMGR_E_BUNDLE_ZIP64, -189);
CONSTANT(EXTMGR_E_BUNDLE_MANIFEST_MISSING, -190);
CONSTANT(EXTMGR_E_BUNDLE_MANIFEST_TOO_LARGE, -191);
CONSTANT(EXTMGR_E_BUNDLE_MANIFEST_JSON, -192);
CONSTANT(EXTMGR_E_BUNDLE_MANIFEST_FIELD, -193);
CONSTANT(EXTMGR_E_BUNDLE_ID, -194);
CONSTANT(EXTMGR_E_BUNDLE_VERSION, -195);
CONSTANT(EXTMGR_E_BUNDLE_DEFINITION, -196);
CONSTANT(EXTMGR_E_CATALOG_MISSING, -210);
CONSTANT(EXTMGR_E_CATALOG_NEWER, -211);
CONSTANT(EXTMGR_E_CATALOG_DAMAGED, -212);
CONSTANT(EXTMGR_E_CATALOG_TAMPERED, -213);
CONSTANT(EXTMGR_E_EXTENSION_WITHDRAWN, -214);
CONSTANT(EXTMGR_E_EXTENSION_HELD, -215);
CONSTANT(EXTMGR_E_BUNDLE_OLDER, -216);
CONSTANT(EXTMGR_E_BUNDLE_REPUBLISHED, -217);
CONSTANT(EXTMGR_E_SIGNATURE_MISSING, -240);
CONSTANT(EXTMGR_E_SIGNATURE_FORMAT, -241);
CONSTANT(EXTMGR_E_SIGNATURE_MODIFIED, -242);
CONSTANT(EXTMGR_E_SIGNATURE_UNTRUSTED_KEY, -243);
CONSTANT(EXTMGR_E_SIGNATURE_IDENTITY, -244);
CONSTANT(EXTMGR_E_REQUEST, -290);
CONSTANT(EXTMGR_E_UNAUTHORIZED, -291);
CONSTANT(EXTMGR_E_ROUTE_NOT_FOUND, -292);
CONSTANT(EXTMGR_E_METHOD_NOT_ALLOWED, -293);
CONSTANT(EXTMGR_E_FORBIDDEN, -294);
CONSTANT(EXTMGR_E_TARGET_TOO_LONG, -295);
CONSTANT(EXTMGR_CLASS_NONE, 0);
CONSTANT(EXTMGR_CLASS_USAGE, 1);
CONSTANT(EXTMGR_CLASS_NOT_FOUND, 2);
CONSTANT(EXTMGR_CLASS_CONFLICT, 3);
CONSTANT(EXTMGR_CLASS_REFUSED, 4);
CONSTANT(EXTMGR_CLASS_RETRY_LATER, 5);
CONSTANT(EXTMGR_CLASS_OUTCOME_UNKNOWN, 6);
CONSTANT(EXTMGR_CLASS_HOST, 7);
CONSTANT(EXTMGR_CLASS_INTERNAL, 8);

/* manager.h */
CONSTANT(EXTMGR_TARGET_ALLOW_PARTIAL, 1u);
CONSTANT(EXTMGR_TARGET_ALLOW_DOWNLOAD, 2u);
CONSTANT(EXTMGR_LOCAL_FILES_WRITABLE, 1u);
CONSTANT(EXTMGR_COLLECT_ALLOW_DOWNGRADE, 1u);
CONSTANT(EXTMGR_TRANSACTION_LIBRARY, 0u);
CONSTANT(EXTMGR_TRANSACTION_CALLER, 1u);
CONSTANT(EXTMGR_VERIFY_DEFAULT, 0u);
CONSTANT(EXTMGR_VERIFY_OFF, 1u);
CONSTANT(EXTMGR_VERIFY_WARN, 2u);
CONSTANT(EXTMGR_VERIFY_REQUIRE, 3u);
CONSTANT(EXTMGR_HISTORY_DEFAULT, 0u);
CONSTANT(EXTMGR_HISTORY_ON, 1u);
CONSTANT(EXTMGR_HISTORY_OFF, 2u);
CONSTANT(EXTMGR_CALL_REHEARSE, 1u);
CONSTANT(EXTMGR_PLAN_RECORD, 1u);
CONSTANT(EXTMGR_LIST_AVAILABLE, 1u);
CONSTANT(EXTMGR_LIST_INSTALLED, 2u);
CONSTANT(EXTMGR_LIST_UPGRADABLE, 3u);
CONSTANT(EXTMGR_LIST_ALL, 4u);
CONSTANT(EXTMGR_STATE_AVAILABLE, 1);
CONSTANT(EXTMGR_STATE_INSTALLED, 2);
CONSTANT(EXTMGR_STATE_UPGRADABLE, 3);
CONSTANT(EXTMGR_STATE_UNAVAILABLE, 4);
CONSTANT(EXTMGR_STATE_BROKEN, 5);

/* registry.h */
CONSTANT(EXTMGR_REGISTRY_OFFLINE, 1u);
CONSTANT(EXTMGR_REGISTRY_ALLOW_DOWNGRADE, 2u);

/* trust.h */
CONSTANT(EXTMGR_TRUST_ANY, 1u);
CONSTANT(EXTMGR_TRUST_SIGNED_IF_KEYS, 2u);
CONSTANT(EXTMGR_TRUST_SIGNED, 3u);
CONSTANT(EXTMGR_SIGNATURE_UNSIGNED, 1);
CONSTANT(EXTMGR_SIGNATURE_SIGNED, 2);
CONSTANT(EXTMGR_SIGNATURE_MODIFIED, 3);
CONSTANT(EXTMGR_SIGNATURE_UNTRUSTED_KEY, 4);
/* rest.h */
CONSTANT(EXTMGR_REST_BODY_MAXIMUM, 1048576u);
CONSTANT(EXTMGR_REST_TARGET_MAXIMUM, 8192u);
CONSTANT(EXTMGR_REST_BASIC, 1u);
CONSTANT(EXTMGR_REST_BEARER, 2u);
CONSTANT(EXTMGR_REST_ADD_CAUSE, 1u);

/* sync.h */
CONSTANT(EXTMGR_SYNC_ALLOW_DOWNGRADE, 1u);
CONSTANT(EXTMGR_SYNC_REFUSE_REPUBLISHED, 2u);
CONSTANT(EXTMGR_SYNC_SKIP_LOCKED, 4u);
CONSTANT(EXTMGR_SYNC_DISCOVERED, 0);
CONSTANT(EXTMGR_SYNC_UPDATED, 1);
CONSTANT(EXTMGR_SYNC_UNCHANGED, 2);
CONSTANT(EXTMGR_SYNC_LOCKED, 3);
CONSTANT(EXTMGR_SYNC_SUPERSEDED, 4);
CONSTANT(EXTMGR_SYNC_REFUSED, 5);
CONSTANT(EXTMGR_SYNC_FAILED, 6);
CONSTANT(EXTMGR_SYNC_MISSING, 7);

/* Structs: size, then the offset and size of each field, for 64-bit platforms. */
#if UINTPTR_MAX == UINT64_MAX
#define SIZE(type, size) _Static_assert(sizeof(type) == (size), #type " has another size")
#define FIELD(type, field, offset, size)                                                           \
	_Static_assert(offsetof(type, field) == (offset) && sizeof(((type *)0)->field) == (size),  \
		       #type "." #field " was moved")

SIZE(extmgr_context_options, 168);
FIELD(extmgr_context_options, struct_size, 0, 4);
FIELD(extmgr_context_options, flags, 4, 4);
FIELD(extmgr_context_options, script_timeout_ms, 8, 8);
FIELD(extmgr_context_options, script_memory_bytes, 16, 8);
FIELD(extmgr_context_options, source_bytes, 24, 8);
FIELD(extmgr_context_options, total_memory_bytes, 32, 8);
FIELD(extmgr_context_options, result_rows, 40, 8);
FIELD(extmgr_context_options, result_bytes, 48, 8);
FIELD(extmgr_context_options, log, 56, 8);
FIELD(extmgr_context_options, clock, 64, 8);
FIELD(extmgr_context_options, user_data, 72, 8);
FIELD(extmgr_context_options, destroy, 80, 8);
FIELD(extmgr_context_options, bundle_bytes, 88, 8);
FIELD(extmgr_context_options, bundle_entry_bytes, 96, 8);
FIELD(extmgr_context_options, bundle_total_bytes, 104, 8);
FIELD(extmgr_context_options, bundle_ratio, 112, 8);
FIELD(extmgr_context_options, bundle_entries, 120, 8);
FIELD(extmgr_context_options, bundle_path_bytes, 128, 8);
FIELD(extmgr_context_options, manifest_bytes, 136, 8);
FIELD(extmgr_context_options, cache_directory, 144, 8);
FIELD(extmgr_context_options, http, 152, 8);
FIELD(extmgr_context_options, max_parallel, 160, 4);
FIELD(extmgr_context_options, reserved, 164, 4);

SIZE(extmgr_operation_options, 48);
FIELD(extmgr_operation_options, struct_size, 0, 4);
FIELD(extmgr_operation_options, flags, 4, 4);
FIELD(extmgr_operation_options, timeout_ms, 8, 8);
FIELD(extmgr_operation_options, actor, 16, 8);
FIELD(extmgr_operation_options, progress, 24, 8);
FIELD(extmgr_operation_options, user_data, 32, 8);
FIELD(extmgr_operation_options, destroy, 40, 8);

SIZE(extmgr_database_callbacks, 88);
FIELD(extmgr_database_callbacks, struct_size, 0, 4);
FIELD(extmgr_database_callbacks, capabilities, 4, 4);
FIELD(extmgr_database_callbacks, dialect, 8, 8);
FIELD(extmgr_database_callbacks, open, 16, 8);
FIELD(extmgr_database_callbacks, close, 24, 8);
FIELD(extmgr_database_callbacks, begin, 32, 8);
FIELD(extmgr_database_callbacks, commit, 40, 8);
FIELD(extmgr_database_callbacks, rollback, 48, 8);
FIELD(extmgr_database_callbacks, execute, 56, 8);
FIELD(extmgr_database_callbacks, query, 64, 8);
FIELD(extmgr_database_callbacks, interrupt, 72, 8);
FIELD(extmgr_database_callbacks, destroy, 80, 8);

SIZE(extmgr_curl_options, 40);
FIELD(extmgr_curl_options, struct_size, 0, 4);
FIELD(extmgr_curl_options, flags, 4, 4);
FIELD(extmgr_curl_options, connect_timeout_ms, 8, 8);
FIELD(extmgr_curl_options, timeout_ms, 16, 8);
FIELD(extmgr_curl_options, ca_file, 24, 8);
FIELD(extmgr_curl_options, proxy, 32, 8);

SIZE(extmgr_files_callbacks, 56);
FIELD(extmgr_files_callbacks, struct_size, 0, 4);
FIELD(extmgr_files_callbacks, flags, 4, 4);
FIELD(extmgr_files_callbacks, list, 8, 8);
FIELD(extmgr_files_callbacks, destroy, 16, 8);
FIELD(extmgr_files_callbacks, read, 24, 8);
FIELD(extmgr_files_callbacks, create, 32, 8);
FIELD(extmgr_files_callbacks, write, 40, 8);
FIELD(extmgr_files_callbacks, finish, 48, 8);

SIZE(extmgr_local_files_options, 8);
FIELD(extmgr_local_files_options, struct_size, 0, 4);
FIELD(extmgr_local_files_options, flags, 4, 4);

SIZE(extmgr_http_callbacks, 24);
FIELD(extmgr_http_callbacks, struct_size, 0, 4);
FIELD(extmgr_http_callbacks, flags, 4, 4);
FIELD(extmgr_http_callbacks, get, 8, 8);
FIELD(extmgr_http_callbacks, destroy, 16, 8);

SIZE(extmgr_registry_options, 16);
FIELD(extmgr_registry_options, struct_size, 0, 4);
FIELD(extmgr_registry_options, flags, 4, 4);
FIELD(extmgr_registry_options, refresh_ms, 8, 8);

SIZE(extmgr_lock_callbacks, 32);
FIELD(extmgr_lock_callbacks, struct_size, 0, 4);
FIELD(extmgr_lock_callbacks, flags, 4, 4);
FIELD(extmgr_lock_callbacks, acquire, 8, 8);
FIELD(extmgr_lock_callbacks, release, 16, 8);
FIELD(extmgr_lock_callbacks, destroy, 24, 8);

SIZE(extmgr_catalog_options, 24);
FIELD(extmgr_catalog_options, struct_size, 0, 4);
FIELD(extmgr_catalog_options, flags, 4, 4);
FIELD(extmgr_catalog_options, prefix, 8, 8);
FIELD(extmgr_catalog_options, lock_timeout_ms, 16, 8);

SIZE(extmgr_sync_options, 48);
FIELD(extmgr_sync_options, struct_size, 0, 4);
FIELD(extmgr_sync_options, flags, 4, 4);
FIELD(extmgr_sync_options, max_parallel, 8, 4);
FIELD(extmgr_sync_options, reserved, 12, 4);
FIELD(extmgr_sync_options, bundle_timeout_ms, 16, 8);
FIELD(extmgr_sync_options, missing_after_ms, 24, 8);
FIELD(extmgr_sync_options, lock, 32, 8);
FIELD(extmgr_sync_options, operation, 40, 8);

SIZE(extmgr_target_options, 48);
FIELD(extmgr_target_options, struct_size, 0, 4);
FIELD(extmgr_target_options, flags, 4, 4);
FIELD(extmgr_target_options, extension_schema, 8, 8);
FIELD(extmgr_target_options, verify, 16, 4);
FIELD(extmgr_target_options, transaction, 20, 4);
FIELD(extmgr_target_options, bucketfs_path, 24, 8);
FIELD(extmgr_target_options, lock_timeout_ms, 32, 8);
FIELD(extmgr_target_options, history, 40, 4);
FIELD(extmgr_target_options, reserved, 44, 4);

SIZE(extmgr_call_options, 16);
FIELD(extmgr_call_options, struct_size, 0, 4);
FIELD(extmgr_call_options, flags, 4, 4);
FIELD(extmgr_call_options, operation, 8, 8);

SIZE(extmgr_plan_request, 56);
FIELD(extmgr_plan_request, struct_size, 0, 4);
FIELD(extmgr_plan_request, flags, 4, 4);
FIELD(extmgr_plan_request, operation, 8, 8);
FIELD(extmgr_plan_request, extension_id, 16, 8);
FIELD(extmgr_plan_request, version, 24, 8);
FIELD(extmgr_plan_request, instance_id, 32, 8);
FIELD(extmgr_plan_request, values_json, 40, 8);
FIELD(extmgr_plan_request, values_length, 48, 8);

SIZE(extmgr_rest_field, 16);
FIELD(extmgr_rest_field, name, 0, 8);
FIELD(extmgr_rest_field, value, 8, 8);

SIZE(extmgr_rest_request, 64);
FIELD(extmgr_rest_request, struct_size, 0, 4);
FIELD(extmgr_rest_request, flags, 4, 4);
FIELD(extmgr_rest_request, method, 8, 8);
FIELD(extmgr_rest_request, target, 16, 8);
FIELD(extmgr_rest_request, headers, 24, 8);
FIELD(extmgr_rest_request, header_count, 32, 8);
FIELD(extmgr_rest_request, body, 40, 8);
FIELD(extmgr_rest_request, body_length, 48, 8);
FIELD(extmgr_rest_request, operation, 56, 8);

SIZE(extmgr_rest_credentials, 64);
FIELD(extmgr_rest_credentials, struct_size, 0, 4);
FIELD(extmgr_rest_credentials, scheme, 4, 4);
FIELD(extmgr_rest_credentials, user, 8, 8);
FIELD(extmgr_rest_credentials, password, 16, 8);
FIELD(extmgr_rest_credentials, token, 24, 8);
FIELD(extmgr_rest_credentials, db_host, 32, 8);
FIELD(extmgr_rest_credentials, query, 40, 8);
FIELD(extmgr_rest_credentials, query_count, 48, 8);
FIELD(extmgr_rest_credentials, db_port, 56, 4);
FIELD(extmgr_rest_credentials, reserved, 60, 4);

SIZE(extmgr_rest_options, 64);
FIELD(extmgr_rest_options, struct_size, 0, 4);
FIELD(extmgr_rest_options, flags, 4, 4);
FIELD(extmgr_rest_options, timeout_ms, 8, 8);
FIELD(extmgr_rest_options, version, 16, 8);
FIELD(extmgr_rest_options, credentials, 24, 8);
FIELD(extmgr_rest_options, authorize, 32, 8);
FIELD(extmgr_rest_options, user_data, 40, 8);
FIELD(extmgr_rest_options, destroy, 48, 8);
FIELD(extmgr_rest_options, catalog, 56, 8);
#endif

int main(void)
{
	return 0;
}
