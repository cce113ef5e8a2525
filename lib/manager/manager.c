/* SPDX-License-Identifier: MIT */
#include "manager/manager_internal.h"

#include "base/alloc.h"
#include "base/options.h"
#include "base/text.h"
#include "host/database.h"
#include "host/files.h"
#include "registry/registry.h"

#include <stdlib.h>
#include <string.h>

#define MAXIMUM_SCHEMA_LENGTH            128
#define MAXIMUM_BUCKETFS_PATH            4096
#define MAXIMUM_POSTGRESQL_SCHEMA_LENGTH 63 /* longer names are cut by the server, silently */

void extmgr_target_options_init(extmgr_target_options *options, uint32_t struct_size)
{
	extmgr__options_init(options, sizeof(*options), struct_size);
}

void extmgr_call_options_init(extmgr_call_options *options, uint32_t struct_size)
{
	extmgr__options_init(options, sizeof(*options), struct_size);
}

static bool is_name(const char *text)
{
	for (const char *at = text; *at; at++) {
		bool letter =
			(*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || *at == '_';

		if (!letter && !(at != text && *at >= '0' && *at <= '9'))
			return false;
	}
	return *text != '\0';
}

static const char *default_schema(enum extmgr__dialect dialect)
{
	switch (dialect) {
	case EXTMGR__DIALECT_SQLITE:
		return "main";
	case EXTMGR__DIALECT_EXASOL:
		return "EXA_EXTENSIONS";
	default:
		return "extensions";
	}
}

static extmgr_result check_schema(enum extmgr__dialect dialect, const char *schema,
				  extmgr_error **error)
{
	size_t maximum = dialect == EXTMGR__DIALECT_POSTGRESQL ? MAXIMUM_POSTGRESQL_SCHEMA_LENGTH
							       : MAXIMUM_SCHEMA_LENGTH;

	if (!is_name(schema) || strlen(schema) > maximum) {
		extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT,
				  "the extension schema '%.200s' is not allowed", schema);
		extmgr__error_hint(error,
				   "use letters, digits and _, not beginning with a digit, at most "
				   "%zu characters",
				   maximum);
		return EXTMGR_E_INVALID_ARGUMENT;
	}
	if (dialect == EXTMGR__DIALECT_SQLITE && strcmp(schema, "main") != 0)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT,
					 "the extension schema '%s' is not allowed: SQLite has no "
					 "schemas, leave it out",
					 schema);
	return EXTMGR_OK;
}

static extmgr_result check_bucketfs_path(enum extmgr__dialect dialect, const char *path,
					 extmgr_error **error)
{
	if (!path)
		return EXTMGR_OK;
	if (dialect != EXTMGR__DIALECT_EXASOL)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT,
					 "bucketfs_path needs a database of dialect exasol");
	if (path[0] != '/' || strlen(path) > MAXIMUM_BUCKETFS_PATH ||
	    !extmgr__utf8_is_valid(path, strlen(path)) ||
	    extmgr__text_has_control(path, strlen(path)))
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT,
					 "bucketfs_path is no absolute path of at most %d bytes",
					 MAXIMUM_BUCKETFS_PATH);
	return EXTMGR_OK;
}

static extmgr_result check_history(enum extmgr__dialect dialect, uint32_t option, bool *history,
				   extmgr_error **error)
{
	*history = option == EXTMGR_HISTORY_ON ||
		   (option == EXTMGR_HISTORY_DEFAULT &&
		    (dialect == EXTMGR__DIALECT_SQLITE || dialect == EXTMGR__DIALECT_POSTGRESQL));
	if (!*history || dialect != EXTMGR__DIALECT_OTHER)
		return EXTMGR_OK;
	return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT,
				 "a history needs a database of dialect sqlite, postgresql or "
				 "exasol");
}

static extmgr_result check_options(const extmgr_target_options *given,
				   extmgr_target_options *options, extmgr_error **error)
{
	extmgr_result result;

	extmgr_target_options_init(options, sizeof(*options));
	if (given) {
		result =
			extmgr__options_copy(options, sizeof(*options), given,
					     EXTMGR__SIZE_UP_TO(extmgr_target_options, transaction),
					     "extmgr_target_options", error);
		if (result != EXTMGR_OK)
			return result;
	}
	if (options->flags & ~(EXTMGR_TARGET_ALLOW_PARTIAL | EXTMGR_TARGET_ALLOW_DOWNLOAD))
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT,
					 "extmgr_target_options: unknown flags");
	if (options->verify > EXTMGR_VERIFY_REQUIRE)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT,
					 "extmgr_target_options: unknown value of verify");
	if (options->transaction > EXTMGR_TRANSACTION_CALLER)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT,
					 "extmgr_target_options: unknown value of transaction");
	if (options->history > EXTMGR_HISTORY_OFF || options->reserved)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT,
					 "extmgr_target_options: unknown value of history");
	if (options->lock_timeout_ms > INT32_MAX)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT,
					 "extmgr_target_options: lock_timeout_ms is above %d",
					 (int)INT32_MAX);
	if (options->verify == EXTMGR_VERIFY_DEFAULT)
		options->verify = EXTMGR_VERIFY_REQUIRE;
	return EXTMGR_OK;
}

static extmgr_result check_transaction(const extmgr_target_options *options,
				       const extmgr_database *database, extmgr_error **error)
{
	if (options->transaction != EXTMGR_TRANSACTION_CALLER || !database ||
	    extmgr__database_capabilities(database) & EXTMGR_DATABASE_SAVEPOINTS)
		return EXTMGR_OK;
	extmgr__error_set(
		error, EXTMGR_E_UNSUPPORTED,
		"the caller's transaction cannot be used: the database has no savepoints, so "
		"a failure could not be taken back alone");
	extmgr__error_hint(error, "leave the transaction to the library: "
				  "EXTMGR_TRANSACTION_LIBRARY");
	return EXTMGR_E_UNSUPPORTED;
}

static extmgr_manager *make(const char *schema, const char *bucketfs_path)
{
	extmgr_manager *manager = calloc(1, sizeof(*manager));

	if (!manager)
		return NULL;
	manager->extension_schema = extmgr__strdup(schema);
	manager->bucketfs_path = extmgr__strdup(bucketfs_path);
	if (manager->extension_schema && (manager->bucketfs_path || !bucketfs_path))
		return manager;
	free(manager->extension_schema);
	free(manager->bucketfs_path);
	free(manager);
	return NULL;
}

extmgr_result extmgr_manager_new(extmgr_context *context, extmgr_registry *registry,
				 extmgr_database *database, extmgr_files *files,
				 const extmgr_target_options *options, extmgr_manager **manager_out,
				 extmgr_error **error_out)
{
	extmgr_target_options checked;
	enum extmgr__dialect dialect;
	extmgr_manager *manager;
	extmgr_result result;
	const char *schema;
	bool history = false;

	if (error_out)
		*error_out = NULL;
	if (!manager_out)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT,
					 "manager_out is NULL");
	*manager_out = NULL;
	result = extmgr__context_check(context, error_out);
	if (result != EXTMGR_OK)
		return result;
	if (!registry)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT, "registry is NULL");
	result = check_options(options, &checked, error_out);
	if (result != EXTMGR_OK)
		return result;
	dialect = extmgr__dialect_of(extmgr_database_get_dialect(database));
	schema = checked.extension_schema ? checked.extension_schema : default_schema(dialect);
	result = check_schema(dialect, schema, error_out);
	if (result == EXTMGR_OK)
		result = check_bucketfs_path(dialect, checked.bucketfs_path, error_out);
	if (result == EXTMGR_OK)
		result = check_transaction(&checked, database, error_out);
	if (result == EXTMGR_OK)
		result = check_history(dialect, checked.history, &history, error_out);
	if (result != EXTMGR_OK)
		return result;
	manager = make(schema, checked.bucketfs_path);
	if (!manager)
		return extmgr__error_no_memory(error_out);
	manager->context = extmgr__context_ref(context);
	manager->registry = extmgr__registry_ref(registry);
	manager->database = database ? extmgr__database_ref(database) : NULL;
	manager->files = extmgr__files_ref(files);
	manager->dialect = dialect;
	manager->flags = checked.flags;
	manager->verify = checked.verify;
	manager->history = history;
	manager->callers_transaction = checked.transaction == EXTMGR_TRANSACTION_CALLER;
	manager->lock_timeout_ms = (int32_t)checked.lock_timeout_ms;
	*manager_out = manager;
	return EXTMGR_OK;
}

void extmgr_manager_free(extmgr_manager *manager)
{
	if (!manager)
		return;
	extmgr__files_unref(manager->files);
	extmgr__database_unref(manager->database);
	extmgr__registry_unref(manager->registry);
	extmgr__context_unref(manager->context);
	free(manager->extension_schema);
	free(manager->bucketfs_path);
	free(manager);
}

extmgr_result extmgr__call_begin(const extmgr_manager *manager, const extmgr_call_options *options,
				 bool needs_database, struct extmgr__call *call,
				 extmgr_error **error)
{
	extmgr_call_options checked;
	extmgr_result result;

	if (!manager)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT, "manager is NULL");
	result = extmgr__context_check(manager->context, error);
	if (result != EXTMGR_OK)
		return result;
	if (needs_database && !manager->database)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT,
					 "this manager was made without a database");
	extmgr_call_options_init(&checked, sizeof(checked));
	if (options) {
		result = extmgr__options_copy(&checked, sizeof(checked), options,
					      EXTMGR__SIZE_UP_TO(extmgr_call_options, operation),
					      "extmgr_call_options", error);
		if (result != EXTMGR_OK)
			return result;
	}
	if (checked.flags & ~EXTMGR_CALL_REHEARSE)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT,
					 "extmgr_call_options: unknown flags");
	*call = (struct extmgr__call){.operation = checked.operation,
				      .rehearse = checked.flags & EXTMGR_CALL_REHEARSE};
	return extmgr__operation_begin(call->operation, manager->context, error);
}

void extmgr__call_end(struct extmgr__call *call)
{
	extmgr__operation_end(call->operation);
}
