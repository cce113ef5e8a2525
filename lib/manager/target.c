/* SPDX-License-Identifier: MIT */
#include "manager/target.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "host/database.h"
#include "manager/bucketfs.h"
#include "manager/metadata.h"
#include "manager/observer.h"
#include "sql/guard.h"
#include "sql/mask.h"
#include "sql/quote.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COMPONENT_SIZE 300 /* "definition:" and an id */

struct extmgr__target {
	const extmgr_manager *manager;
	extmgr_operation *operation;
	struct extmgr__session *session;
	struct extmgr__report *report;
	const struct extmgr__observer *observer; /* NULL: none */
	struct extmgr__secrets *secrets;
	struct extmgr__services services;
	extmgr_file_list *files;
	extmgr_rows *scripts; /* the metadata tables; NULL: not read yet */
	extmgr_rows *virtual_schemas;
	bool changed; /* since the beginning or the last reset: what is kept may be wrong */
	extmgr_error *failure; /* of the first failed statement: the session is poisoned */
	size_t statement_count;
	bool expects_secrets;
	bool confidential;  /* see extmgr__target_set_confidential() */
	bool aside;         /* see extmgr__target_set_aside() */
	bool writer;
	bool read_only; /* statements that write are not sent */
	char savepoint[32]; /* name of the wall; "" when there is none */
	char component[COMPONENT_SIZE];
};

/* ---- statements of the library itself: not guarded, not in the report ---- */

extmgr_result extmgr__target_ask(struct extmgr__target *target, const char *sql,
				 const extmgr_values *arguments, extmgr_rows **rows_out,
				 extmgr_error **error)
{
	*rows_out = NULL;
	return extmgr__session_query(target->session, sql, strlen(sql), arguments, rows_out, error);
}

extmgr_result extmgr__target_tell(struct extmgr__target *target, const char *sql,
				  const extmgr_values *arguments, extmgr_error **error)
{
	return extmgr__session_execute(target->session, sql, strlen(sql), arguments, NULL, error);
}

static extmgr_result savepoint_command(struct extmgr__target *target, const char *command,
				       extmgr_error **error)
{
	struct extmgr__buffer sql = EXTMGR__BUFFER(128);
	extmgr_result result;

	extmgr__buffer_printf(&sql, "%s %s", command, target->savepoint);
	result = extmgr__buffer_result(&sql);
	if (result == EXTMGR_OK)
		result = extmgr__target_tell(target, sql.data, NULL, error);
	else
		extmgr__error_from_result(error, result, "a savepoint statement");
	extmgr__buffer_free(&sql);
	return result;
}

static extmgr_result begin(struct extmgr__target *target, extmgr_error **error)
{
	bool is_postgresql = target->manager->dialect == EXTMGR__DIALECT_POSTGRESQL;
	int32_t lock_timeout_ms = target->manager->lock_timeout_ms;
	char sql[64];
	extmgr_result result;

	result = extmgr__session_begin(target->session, target->writer ? EXTMGR_BEGIN_WRITE : 0,
				       error);
	if (result == EXTMGR_OK && lock_timeout_ms && is_postgresql) {
		(void)snprintf(sql, sizeof(sql), "SET LOCAL lock_timeout = %" PRId32,
			       lock_timeout_ms);
		result = extmgr__target_tell(target, sql, NULL, error);
	}
	/* Elsewhere only statements that the guard knows as reading are sent. */
	if (result == EXTMGR_OK && target->read_only && is_postgresql)
		result = extmgr__target_tell(target, "SET TRANSACTION READ ONLY", NULL, error);
	return result;
}

/* A name that no script can guess: only who ended the transaction makes it disappear. */
static extmgr_result raise_wall(struct extmgr__target *target, extmgr_error **error)
{
	uint64_t random;
	extmgr_result result;

	if (!(extmgr__database_capabilities(target->manager->database) &
	      EXTMGR_DATABASE_SAVEPOINTS))
		return EXTMGR_OK;
	result = extmgr__hash_random(&random, sizeof(random));
	if (result != EXTMGR_OK)
		return extmgr__error_set(error, result, "the operating system has no random bytes");
	(void)snprintf(target->savepoint, sizeof(target->savepoint), "extmgr_%016" PRIx64, random);
	return savepoint_command(target, "SAVEPOINT", error);
}

static extmgr_result transaction_ended(struct extmgr__target *target, extmgr_error **error)
{
	extmgr__error_wrap(
		error, EXTMGR_E_TRANSACTION_ENDED,
		"the transaction was ended by something other than the library; what ran "
		"before that may have been committed");
	extmgr__error_hint(error,
			   "look at the database, and at the last statements of the definition");
	extmgr__context_log(target->manager->context, EXTMGR_LOG_ERROR, "manager",
			    "%s: the transaction was ended behind the library's back",
			    target->component);
	return EXTMGR_E_TRANSACTION_ENDED;
}

/* ---- secrets ---- */

bool extmgr__target_has_secrets(const struct extmgr__target *target)
{
	return target->expects_secrets || !extmgr__secrets_is_empty(target->secrets);
}

void extmgr__target_expect_secrets(struct extmgr__target *target)
{
	target->expects_secrets = true;
}

void extmgr__target_set_aside(struct extmgr__target *target, bool aside)
{
	target->aside = aside;
}

void extmgr__target_set_confidential(struct extmgr__target *target, bool confidential)
{
	target->confidential = confidential;
}

bool extmgr__target_holds_secret(const struct extmgr__target *target, const char *text)
{
	return text && !extmgr__secrets_is_empty(target->secrets) &&
	       extmgr__secrets_found_in(target->secrets, text, strlen(text));
}

extmgr_result extmgr__target_add_secret(struct extmgr__target *target, const char *value,
					extmgr_error **error)
{
	if (!target->secrets)
		target->secrets = extmgr__secrets_new();
	if (!target->secrets ||
	    extmgr__secrets_add(target->secrets, value, strlen(value)) != EXTMGR_OK)
		return extmgr__error_no_memory(error);
	return EXTMGR_OK;
}

/* An error whose text or hint, or that of a cause, holds a secret loses its texts. */
static void withhold_secret_text(const struct extmgr__target *target, extmgr_result code,
				 extmgr_error **error)
{
	extmgr_text *json = NULL;
	int32_t status;
	bool found;

	if (!error || !*error || !extmgr__target_has_secrets(target))
		return;
	found = true; /* also when memory is out: nobody can say that it holds none */
	if (!target->confidential && extmgr_error_to_json(*error, &json) == EXTMGR_OK)
		found = extmgr__target_holds_secret(target, extmgr_text_get_data(json));
	extmgr_text_free(json);
	for (const extmgr_error *at = *error; at && !found; at = extmgr_error_get_cause(at))
		found = extmgr__target_holds_secret(target, extmgr_error_get_message(at)) ||
			extmgr__target_holds_secret(target, extmgr_error_get_hint(at));
	if (!found)
		return;
	status = extmgr_error_get_http_status(*error);
	extmgr__error_set(error, code, "the message is withheld because it %s a secret value",
			  target->confidential ? "may hold" : "holds");
	extmgr__error_set_http_status(error, status);
}

/* ---- statements of definitions ---- */

static void poison(struct extmgr__target *target, const extmgr_error *error, extmgr_result result)
{
	if (target->failure)
		return;
	target->failure = extmgr__error_copy(error);
	if (!target->failure)
		extmgr__error_set(&target->failure, result, "a statement failed");
}

static extmgr_result refuse_poisoned(const struct extmgr__target *target, extmgr_error **error)
{
	extmgr_error_free(*error);
	*error = extmgr__error_copy(target->failure);
	return extmgr__error_wrap(error, extmgr_error_get_code(target->failure),
				  "refused because a statement before has failed");
}

/* The standard's words, or PostgreSQL's where it has none. */
static const char *describe_sqlstate(const char *state)
{
	static const struct {
		const char *prefix;
		const char *condition;
	} conditions[] = {
		{"08001", "another server cannot be reached, or refuses the login"},
		{"08", "connection exception"},
		{"0A", "feature not supported"},
		{"22", "data exception"},
		{"23", "integrity constraint violation"},
		{"28", "invalid authorization"},
		{"3D", "no such database"},
		{"3F", "no such schema"},
		{"40", "transaction rolled back"},
		{"42501", "insufficient privilege"},
		{"42", "syntax error or access rule violation"},
		{"53", "insufficient resources"},
		{"54", "program limit exceeded"},
		{"55", "object not in prerequisite state"},
		{"57", "operator intervention"},
		{"58", "system error"},
		{"HV", "foreign data wrapper error"},
	};

	for (size_t i = 0; i < sizeof(conditions) / sizeof(conditions[0]); i++) {
		if (strncmp(state, conditions[i].prefix, strlen(conditions[i].prefix)) == 0)
			return conditions[i].condition;
	}
	return "see the documentation of the database";
}

/* With a secret around, what the database says may quote it: its SQLSTATE is all that is told. */
static void shrink_message(extmgr_error **error, extmgr_result result, const char *what)
{
	char state[6];
	int32_t host_code = extmgr_error_get_host_code(*error);

	(void)snprintf(state, sizeof(state), "%s", extmgr_error_get_sqlstate(*error));
	if (state[0])
		extmgr__error_set(error, result, "%s: SQLSTATE %s (%s)", what, state,
				  describe_sqlstate(state));
	else
		extmgr__error_set(error, result, "%s", what);
	extmgr__error_set_host(error, host_code, state);
}

static extmgr_result describe_failure(struct extmgr__target *target, const char *kind,
				      const char *sql, size_t length, extmgr_result result,
				      extmgr_error **error)
{
	const char *verb = kind[0] == 'q' ? "query" : "statement";
	char what[64];

	if (extmgr__target_has_secrets(target)) {
		(void)snprintf(what, sizeof(what), "error executing %s %zu", verb,
			       target->statement_count);
		shrink_message(error, result, what);
	} else {
		extmgr__error_wrap(error, result, "error executing %s '%.*s'", verb,
				   (int)(length < 1000 ? length : 1000), sql);
	}
	extmgr__error_detail_number(error, "statement", (int64_t)target->statement_count);
	return result;
}

/* Makes the statement one that people may read. masked: holds its text then. Names stay readable,
 * so one that is a secret value takes the whole text with it. */
static extmgr_result mask_statement(const struct extmgr__target *target,
				    struct extmgr__statement *statement,
				    struct extmgr__buffer *masked, extmgr_error **error)
{
	extmgr_result result;

	if (!extmgr__target_has_secrets(target))
		return EXTMGR_OK;
	extmgr__sql_mask(target->manager->dialect, statement->sql, statement->sql_length, masked);
	if (extmgr__secrets_found_in(target->secrets, extmgr__buffer_get(masked), masked->length)) {
		extmgr__buffer_clear(masked);
		extmgr__buffer_puts(masked, "-- withheld: a name in it holds a secret value");
	}
	statement->sql = extmgr__buffer_get(masked);
	statement->sql_length = masked->length;
	statement->hidden_arguments = extmgr_values_get_count(statement->arguments);
	statement->arguments = NULL;
	result = extmgr__buffer_result(masked);
	return result == EXTMGR_OK ? EXTMGR_OK
				   : extmgr__error_from_result(error, result, "the report");
}

static extmgr_result record(struct extmgr__target *target,
			    const struct extmgr__statement *statement, extmgr_error **error)
{
	extmgr_result result =
		extmgr__report_statement(target->aside ? NULL : target->report, statement);

	return result == EXTMGR_OK ? EXTMGR_OK
				   : extmgr__error_from_result(error, result, "the report");
}

/*
 * What a backslash in a string means depends on two settings of the session, which a definition
 * can change out of the guard's sight (EXECUTE in a DO block): a text that the guard took for one
 * string could then hold a COMMIT. So they are looked at whenever it matters.
 */
static extmgr_result check_settings(struct extmgr__target *target, extmgr_error **error)
{
	static const char sql[] =
		"SELECT 1 WHERE "
		"pg_catalog.current_setting('standard_conforming_strings') = 'on' "
		"AND pg_catalog.current_setting('client_encoding') = 'UTF8'";
	extmgr_rows *rows = NULL;
	extmgr_result result;

	result = extmgr__session_query(target->session, sql, strlen(sql), NULL, &rows, error);
	if (result == EXTMGR_OK && extmgr__rows_count(rows) == 0) {
		result = extmgr__error_set(
			error, EXTMGR_E_STATEMENT_FORBIDDEN,
			"a statement with a backslash is refused because the "
			"session does not have standard_conforming_strings on and "
			"client_encoding UTF8");
		extmgr__error_hint(error, "set both for the role or the database of the target");
	}
	extmgr__rows_free(rows);
	return result;
}

static extmgr_result check_statement(struct extmgr__target *target, const char *sql, size_t length,
				     const extmgr_values *arguments, enum extmgr__sql_class *class_,
				     extmgr_error **error)
{
	size_t given = extmgr_values_get_count(arguments);
	size_t placeholders = 0;
	extmgr_result result;

	result = extmgr__sql_guard(target->manager->dialect, sql, length, class_, &placeholders,
				   error);
	if (result != EXTMGR_OK)
		return result;
	if (target->manager->dialect == EXTMGR__DIALECT_POSTGRESQL && memchr(sql, '\\', length))
		result = check_settings(target, error);
	if (result == EXTMGR_OK && placeholders != given) {
		result = extmgr__error_set(
			error, EXTMGR_E_STATEMENT_ARGUMENTS,
			"a statement has %zu placeholders, but %zu arguments were "
			"given",
			placeholders, given);
		extmgr__error_hint(error, "a literal ? is written ??");
	}
	return result;
}

/* rows_out NULL: execute. */
static extmgr_result send_statement(struct extmgr__target *target,
				    struct extmgr__statement *statement, const char *sql,
				    size_t length, const extmgr_values *arguments,
				    extmgr_rows **rows_out, extmgr_error **error)
{
	uint64_t begin = extmgr__context_now_ns(target->manager->context);
	extmgr_result result;

	if (!rows_out && target->observer && target->observer->skips)
		return EXTMGR_OK;
	target->changed = target->changed || statement->class_ != EXTMGR__SQL_CLASS_READ;
	if (rows_out)
		result = extmgr__session_query(target->session, sql, length, arguments, rows_out,
					       error);
	else
		result = extmgr__session_execute(target->session, sql, length, arguments,
						 &statement->rows, error);
	statement->duration_ns = extmgr__context_now_ns(target->manager->context) - begin;
	if (result == EXTMGR_OK && rows_out)
		statement->rows = (int64_t)extmgr__rows_count(*rows_out);
	if (result != EXTMGR_OK)
		result = describe_failure(target, statement->kind, sql, length, result, error);
	return result;
}

/* What must be right before a statement is sent, and who wants to see it. */
static extmgr_result announce_statement(struct extmgr__target *target,
					struct extmgr__statement *statement,
					struct extmgr__buffer *masked, extmgr_error **error)
{
	const struct extmgr__observer *observer = target->observer;
	extmgr_result result;

	result = check_statement(target, statement->sql, statement->sql_length,
				 statement->arguments, &statement->class_, error);
	if (result == EXTMGR_OK)
		result = mask_statement(target, statement, masked, error);
	if (result == EXTMGR_OK && observer && !target->aside)
		result = observer->statement(observer->user_data, statement, error);
	if (result != EXTMGR_OK)
		extmgr__error_detail_number(error, "statement", (int64_t)target->statement_count);
	return result;
}

static extmgr_result run_statement(struct extmgr__target *target, const char *kind, const char *sql,
				   size_t length, const extmgr_values *arguments,
				   extmgr_rows **rows_out, extmgr_error **error)
{
	struct extmgr__buffer masked = EXTMGR__BUFFER(EXTMGR__DOCUMENT_MAXIMUM);
	struct extmgr__statement statement = {
		.kind = kind, .sql = sql, .sql_length = length, .arguments = arguments, .rows = -1};
	extmgr_result result;

	if (target->failure)
		return refuse_poisoned(target, error);
	target->statement_count++;
	result = announce_statement(target, &statement, &masked, error);
	if (result == EXTMGR_OK)
		result =
			send_statement(target, &statement, sql, length, arguments, rows_out, error);
	if (result == EXTMGR_OK)
		result = record(target, &statement, error);
	if (result != EXTMGR_OK)
		poison(target, *error, result);
	extmgr__buffer_free(&masked);
	return result;
}

static extmgr_result service_execute(void *user_data, const char *sql, size_t length,
				     const extmgr_values *arguments, extmgr_error **error)
{
	return run_statement(user_data, "execute", sql, length, arguments, NULL, error);
}

static extmgr_result service_query(void *user_data, const char *sql, size_t length,
				   const extmgr_values *arguments, extmgr_rows **rows_out,
				   extmgr_error **error)
{
	extmgr_result result;

	*rows_out = NULL;
	result = run_statement(user_data, "query", sql, length, arguments, rows_out, error);
	if (result != EXTMGR_OK) {
		extmgr__rows_free(*rows_out);
		*rows_out = NULL;
	}
	return result;
}

/* ---- the other services ---- */

/* What fails half-way leaves a schema behind: poisoned, so that nobody commits it. */
static extmgr_result list_bucketfs(struct extmgr__target *target, extmgr_error **error)
{
	extmgr_result result;

	if (target->failure)
		return refuse_poisoned(target, error);
	result = extmgr__bucketfs_list(target->session, target->manager->bucketfs_path,
				       &target->files, error);
	if (result != EXTMGR_OK)
		poison(target, *error, result);
	return result;
}

extmgr_result extmgr__target_list_files(struct extmgr__target *target,
					const extmgr_file_list **files_out, extmgr_error **error)
{
	extmgr_result result = EXTMGR_OK;

	if (!target->files && target->manager->bucketfs_path)
		result = list_bucketfs(target, error);
	else if (!target->files)
		result = extmgr__files_list(target->manager->files, target->operation,
					    &target->files, error);
	*files_out = target->files;
	return result;
}

extmgr_result extmgr__target_hash_file(struct extmgr__target *target,
				       const struct extmgr__file *file,
				       char hex[EXTMGR__SHA256_HEX_SIZE], extmgr_error **error)
{
	extmgr_result result;

	if (!target->manager->bucketfs_path)
		return extmgr__files_hash(target->manager->files, target->operation, file, hex,
					  error);
	if (target->failure)
		return refuse_poisoned(target, error);
	result = extmgr__bucketfs_hash(target->session, file, hex, error);
	if (result != EXTMGR_OK)
		poison(target, *error, result);
	return result;
}

static extmgr_result service_resolve_path(void *user_data, const char *file_name,
					  extmgr_text **path_out, extmgr_error **error)
{
	const extmgr_file_list *files;
	const struct extmgr__file *file;
	extmgr_result result;

	*path_out = NULL;
	result = extmgr__target_list_files(user_data, &files, error);
	if (result != EXTMGR_OK)
		return extmgr__error_wrap(
			error, result, "failed to find absolute path for file \"%s\"", file_name);
	file = extmgr__file_list_find(files, file_name);
	if (!file)
		return extmgr__error_set(
			error, EXTMGR_E_ARTIFACT_MISSING,
			"failed to find absolute path for file \"%s\": file \"%s\" "
			"not found in BucketFS",
			file_name, file_name);
	*path_out = extmgr__text_new(file->path, strlen(file->path));
	return *path_out ? EXTMGR_OK : extmgr__error_no_memory(error);
}

/* Statements of the library, but what failed here has failed for the definition. */
static extmgr_result service_get_script(void *user_data, const char *name, extmgr_rows **rows_out,
					extmgr_error **error)
{
	struct extmgr__target *target = user_data;
	extmgr_result result;

	if (target->failure)
		return refuse_poisoned(target, error);
	result = extmgr__metadata_find_script(target->session, target->manager->extension_schema,
					      name, rows_out, error);
	if (result != EXTMGR_OK)
		poison(target, *error, result);
	return result;
}

static extmgr_result read_metadata(struct extmgr__target *target, extmgr_rows **scripts_out,
				   extmgr_rows **virtual_schemas_out, extmgr_error **error)
{
	extmgr_result result = extmgr__metadata_read(target->session,
						     target->manager->extension_schema, scripts_out,
						     virtual_schemas_out, error);

	if (result != EXTMGR_OK)
		poison(target, *error, result);
	return result;
}

/* Read once for a whole list: each definition is asked at the same state of the database. */
static extmgr_result service_read_metadata(void *user_data, extmgr_rows **all_scripts_out,
					   extmgr_rows **all_virtual_schemas_out,
					   extmgr_error **error)
{
	struct extmgr__target *target = user_data;
	extmgr_result result;

	if (target->failure)
		return refuse_poisoned(target, error);
	if (target->changed || target->writer)
		return read_metadata(target, all_scripts_out, all_virtual_schemas_out, error);
	if (!target->scripts) {
		result = read_metadata(target, &target->scripts, &target->virtual_schemas, error);
		if (result != EXTMGR_OK)
			return result;
	}
	*all_scripts_out = extmgr__rows_share(target->scripts);
	*all_virtual_schemas_out = extmgr__rows_share(target->virtual_schemas);
	return EXTMGR_OK;
}

static void service_console(void *user_data, int32_t level, const char *message, size_t length)
{
	struct extmgr__target *target = user_data;

	if (target->confidential || extmgr__secrets_found_in(target->secrets, message, length)) {
		message = "(a line that holds a secret value is withheld)";
		length = strlen(message);
	}
	extmgr__context_log(target->manager->context, level, target->component, "%.*s",
			    (int)(length < 4096 ? length : 4096), message);
	/* A report that is full loses console lines, nothing else. */
	(void)extmgr__report_console(target->aside ? NULL : target->report, level, message, length);
}

const struct extmgr__services *extmgr__target_services(struct extmgr__target *target,
						       const char *extension_id)
{
	(void)snprintf(target->component, sizeof(target->component), "definition:%s", extension_id);
	target->services = (struct extmgr__services){
		.user_data = target,
		.dialect = extmgr_database_get_dialect(target->manager->database),
		.extension_schema = target->manager->extension_schema,
		.execute = service_execute,
		.query = service_query,
		.resolve_path = service_resolve_path,
		.console = service_console,
	};
	/* Other databases have no such tables: the lists are empty, no script is found. */
	if (target->manager->dialect == EXTMGR__DIALECT_EXASOL) {
		target->services.get_script = service_get_script;
		target->services.read_metadata = service_read_metadata;
	}
	return &target->services;
}

/* ---- the transaction ---- */

static extmgr_result check_writer(const extmgr_manager *manager, extmgr_error **error)
{
	extmgr_result result;

	if (extmgr__database_capabilities(manager->database) & EXTMGR_DATABASE_TRANSACTIONAL_DDL ||
	    manager->flags & EXTMGR_TARGET_ALLOW_PARTIAL)
		return EXTMGR_OK;
	result = extmgr__error_set(
		error, EXTMGR_E_NO_TRANSACTIONAL_DDL,
		"the database cannot roll back CREATE, ALTER and DROP, so a failure "
		"would leave half of the operation behind");
	extmgr__error_hint(error, "the host may set EXTMGR_TARGET_ALLOW_PARTIAL to accept that");
	return result;
}

extmgr_result extmgr__target_open(const extmgr_manager *manager, const struct extmgr__call *call,
				  bool writer, struct extmgr__report *report,
				  struct extmgr__target **target_out, extmgr_error **error)
{
	struct extmgr__target *target;
	bool read_only = call->observer && call->observer->skips;
	extmgr_result result;

	*target_out = NULL;
	writer = writer && !read_only;
	result = writer ? check_writer(manager, error) : EXTMGR_OK;
	if (result != EXTMGR_OK)
		return result;
	target = calloc(1, sizeof(*target));
	if (!target)
		return extmgr__error_no_memory(error);
	target->manager = manager;
	target->operation = call->operation;
	target->report = report;
	target->observer = call->observer;
	target->writer = writer;
	target->read_only = read_only;
	result = extmgr__session_open(manager->context, manager->database, call->operation,
				      &target->session, error);
	if (result == EXTMGR_OK)
		result = begin(target, error);
	if (result == EXTMGR_OK)
		result = raise_wall(target, error);
	if (result != EXTMGR_OK) {
		extmgr__target_close(target);
		return result;
	}
	*target_out = target;
	return EXTMGR_OK;
}

void extmgr__target_close(struct extmgr__target *target)
{
	if (!target)
		return;
	extmgr__session_close(target->session);
	extmgr__file_list_free(target->files);
	extmgr__rows_free(target->scripts);
	extmgr__rows_free(target->virtual_schemas);
	extmgr__secrets_free(target->secrets);
	extmgr_error_free(target->failure);
	free(target);
}

extmgr_result extmgr__target_settle(struct extmgr__target *target, extmgr_result result,
				    const char *prefix, extmgr_error **error)
{
	if (!target)
		return result;
	if (target->failure) {
		extmgr_error_free(*error);
		*error = extmgr__error_copy(target->failure);
		result = extmgr__error_wrap(error, extmgr_error_get_code(target->failure), "%s",
					    prefix);
	}
	if (result < 0)
		withhold_secret_text(target, result, error);
	return result;
}

bool extmgr__target_is_broken(const struct extmgr__target *target)
{
	return extmgr__session_is_broken(target->session);
}

static extmgr_result begin_again(struct extmgr__target *target, extmgr_error **error)
{
	extmgr_result result = extmgr__session_rollback(target->session, error);

	if (result == EXTMGR_OK)
		result = begin(target, error);
	return result;
}

extmgr_result extmgr__target_reset(struct extmgr__target *target, extmgr_error **error)
{
	bool failed = target->failure != NULL;
	extmgr_result result;

	extmgr_error_free(target->failure);
	target->failure = NULL;
	target->changed = false;
	if (!target->savepoint[0])
		return begin_again(target, error);
	result = savepoint_command(target, "ROLLBACK TO SAVEPOINT", error);
	if (result == EXTMGR_OK || extmgr__session_is_broken(target->session))
		return result;
	if (result == EXTMGR_E_CANCELLED || result == EXTMGR_E_TIMEOUT)
		return result;
	/* SQLite ends a transaction by itself after some failures (full disk, interrupt). */
	if (!failed)
		return transaction_ended(target, error);
	extmgr_error_free(*error);
	*error = NULL;
	result = begin_again(target, error);
	return result == EXTMGR_OK ? raise_wall(target, error) : result;
}

/* CREATE SCHEMA IF NOT EXISTS asks PostgreSQL for the right to create even when there is nothing to
 * do. */
static extmgr_result schema_exists(struct extmgr__target *target, bool *exists,
				   extmgr_error **error)
{
	static const char sql[] = "SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = ?";
	extmgr_values *arguments = extmgr__values_new();
	extmgr_rows *rows = NULL;
	extmgr_result result;

	if (!arguments ||
	    extmgr__values_add_text(arguments, target->manager->extension_schema,
				    strlen(target->manager->extension_schema)) != EXTMGR_OK) {
		extmgr__values_free(arguments);
		return extmgr__error_no_memory(error);
	}
	result = extmgr__session_query(target->session, sql, strlen(sql), arguments, &rows, error);
	*exists = result == EXTMGR_OK && extmgr__rows_count(rows) > 0;
	extmgr__rows_free(rows);
	extmgr__values_free(arguments);
	return result;
}

extmgr_result extmgr__target_ensure_schema(struct extmgr__target *target, bool own,
					   extmgr_error **error)
{
	const extmgr_manager *manager = target->manager;
	struct extmgr__buffer sql = EXTMGR__BUFFER(512);
	extmgr_result result = EXTMGR_OK;
	bool exists = false;

	if (manager->dialect == EXTMGR__DIALECT_SQLITE)
		return EXTMGR_OK;
	if (manager->dialect == EXTMGR__DIALECT_POSTGRESQL)
		result = schema_exists(target, &exists, error);
	if (result == EXTMGR_OK && !exists) {
		extmgr__buffer_puts(&sql, "CREATE SCHEMA IF NOT EXISTS ");
		result = extmgr__sql_quote_identifier(manager->dialect, manager->extension_schema,
						      strlen(manager->extension_schema), &sql);
		if (result == EXTMGR_OK && own)
			result = extmgr__target_tell(target, extmgr__buffer_get(&sql), NULL, error);
		else if (result == EXTMGR_OK)
			result = run_statement(target, "execute", extmgr__buffer_get(&sql),
					       sql.length, NULL, NULL, error);
		extmgr__buffer_free(&sql);
	}
	if (result == EXTMGR_OK)
		return EXTMGR_OK;
	return extmgr__error_wrap(error, result, "failed to create schema");
}

extmgr_result extmgr__target_release_wall(struct extmgr__target *target, extmgr_error **error)
{
	extmgr_result result;

	if (!target->savepoint[0])
		return EXTMGR_OK;
	/* When this fails, extmgr__target_abort() finds out whether the wall is gone. */
	result = savepoint_command(target, "RELEASE SAVEPOINT", error);
	if (result != EXTMGR_OK)
		return extmgr__error_wrap(error, result, "the transaction cannot be ended");
	target->savepoint[0] = '\0';
	return EXTMGR_OK;
}

extmgr_result extmgr__target_finish(struct extmgr__target *target, bool rehearse,
				    extmgr_error **error)
{
	extmgr_result result = extmgr__target_release_wall(target, error);

	if (result != EXTMGR_OK)
		return result;
	if (rehearse)
		return extmgr__session_rollback(target->session, error);
	result = extmgr__session_commit(target->session, error);
	if (result != EXTMGR_OK && extmgr__target_has_secrets(target))
		shrink_message(error, result, "COMMIT failed");
	return result;
}

extmgr_result extmgr__target_abort(struct extmgr__target *target, extmgr_result result,
				   extmgr_error **error)
{
	extmgr_error *wall = NULL;
	/* After a failed statement SQLite may have rolled back everything by itself. */
	bool may_be_gone = target->failure && target->manager->dialect == EXTMGR__DIALECT_SQLITE;

	if (extmgr__session_is_broken(target->session))
		return result;
	extmgr__session_shield(target->session);
	if (target->savepoint[0] && !may_be_gone &&
	    savepoint_command(target, "ROLLBACK TO SAVEPOINT", &wall) == EXTMGR_E_STATEMENT)
		result = transaction_ended(target, error);
	extmgr_error_free(wall);
	return result;
}
