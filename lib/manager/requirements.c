/* SPDX-License-Identifier: MIT */
#include "manager/requirements.h"

#include "base/alloc.h"
#include "base/semver.h"
#include "host/rows.h"
#include "host/values.h"
#include "manager/list.h"
#include "manager/target.h"
#include "manager/work.h"
#include "registry/registry.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the account may do on PostgreSQL: columns of the query below. */
enum fact { FACT_VERSION, FACT_SUPERUSER, FACT_CREATE_ROLE, FACT_CREATE_SCHEMA, FACT_CREATE_TABLE };

/* The account, and the extension schema, which may not be there yet: then one who may create it
 * will own it. */
#define POSTGRESQL_QUERY                                                                           \
	"SELECT pg_catalog.current_setting('server_version'), "                                    \
	"CASE WHEN r.rolsuper THEN 1 ELSE 0 END, "                                                 \
	"CASE WHEN r.rolsuper OR r.rolcreaterole THEN 1 ELSE 0 END, "                              \
	"CASE WHEN pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE') "    \
	"THEN 1 ELSE 0 END, "                                                                      \
	"CASE WHEN n.oid IS NULL THEN "                                                            \
	"CASE WHEN pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE') "    \
	"THEN 1 ELSE 0 END "                                                                       \
	"WHEN pg_catalog.has_schema_privilege(n.oid, 'CREATE') THEN 1 ELSE 0 END "                 \
	"FROM pg_catalog.pg_roles r "                                                              \
	"LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = ? WHERE r.rolname = current_user"

/* Extensions of the database: 2 there, 1 who may create schemas may create it, 0 a superuser may.
 * The column trusted is younger than some servers. */
#define EXTENSIONS_QUERY                                                                           \
	"SELECT extname, 2 FROM pg_catalog.pg_extension UNION ALL "                                \
	"SELECT v.name, MAX(CASE WHEN NOT v.superuser OR "                                         \
	"pg_catalog.to_jsonb(v) ->> 'trusted' = 'true' THEN 1 ELSE 0 END) "                        \
	"FROM pg_catalog.pg_available_extension_versions v GROUP BY v.name"

#define EXASOL_QUERY                                                                               \
	"SELECT PARAM_VALUE FROM SYS.EXA_METADATA WHERE PARAM_NAME = 'databaseProductVersion'"

struct extmgr__facts {
	const extmgr_manager *manager;
	struct extmgr__target *target;
	struct extmgr__installed installed;
	extmgr_rows *server;     /* one row, NULL: not asked yet */
	extmgr_rows *extensions; /* name and 0 to 2; NULL: not asked yet */
};

struct extmgr__facts *extmgr__facts_new(const extmgr_manager *manager,
					struct extmgr__target *target,
					const struct extmgr__installed *installed)
{
	struct extmgr__facts *facts = calloc(1, sizeof(*facts));

	if (!facts)
		return NULL;
	facts->manager = manager;
	facts->target = target;
	facts->installed = *installed;
	return facts;
}

void extmgr__facts_free(struct extmgr__facts *facts)
{
	if (!facts)
		return;
	extmgr__rows_free(facts->server);
	extmgr__rows_free(facts->extensions);
	free(facts);
}

void extmgr__unmet_free(struct extmgr__unmet *unmet)
{
	extmgr__buffer_free(&unmet->text);
	extmgr__buffer_free(&unmet->remedy);
}

/* ---- asking the database ---- */

static extmgr_result ask_server(struct extmgr__facts *facts, extmgr_error **error)
{
	const char *schema = facts->manager->extension_schema;
	bool is_postgresql = facts->manager->dialect == EXTMGR__DIALECT_POSTGRESQL;
	const char *sql = is_postgresql ? POSTGRESQL_QUERY : EXASOL_QUERY;
	extmgr_values *arguments = NULL;
	extmgr_result result;

	if (facts->server)
		return EXTMGR_OK;
	if (facts->manager->dialect == EXTMGR__DIALECT_SQLITE)
		sql = "SELECT sqlite_version()";
	if (is_postgresql) {
		arguments = extmgr__values_new();
		if (!arguments ||
		    extmgr__values_add_text(arguments, schema, strlen(schema)) != EXTMGR_OK) {
			extmgr__values_free(arguments);
			return extmgr__error_no_memory(error);
		}
	}
	result = extmgr__target_ask(facts->target, sql, arguments, &facts->server, error);
	extmgr__values_free(arguments);
	return result == EXTMGR_OK ? result
				   : extmgr__error_wrap(error, result,
							"failed to ask the server for its version");
}

static extmgr_result ask_extensions(struct extmgr__facts *facts, extmgr_error **error)
{
	extmgr_result result;

	if (facts->extensions)
		return EXTMGR_OK;
	result = extmgr__target_ask(facts->target, EXTENSIONS_QUERY, NULL, &facts->extensions,
				    error);
	return result == EXTMGR_OK
		       ? result
		       : extmgr__error_wrap(error, result,
					    "failed to ask the server for its extensions");
}

/* The numbers at the beginning, three at most: "15.8 (Debian 15.8-1)", "17beta1", "9.6.24.1". */
static void read_version(const struct extmgr__facts *facts, char version[64])
{
	const char *text = extmgr__rows_text(facts->server, 0, FACT_VERSION);
	size_t length = 0;
	int dots = 0;

	for (; text && length < 63; length++) {
		char byte = text[length];

		if (byte == '.' ? ++dots == 3 : byte < '0' || byte > '9')
			break;
		version[length] = byte;
	}
	while (length && version[length - 1] == '.')
		length--;
	version[length] = '\0';
}

/* ---- what is missing ---- */

static void add_text(struct extmgr__buffer *buffer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void add_text(struct extmgr__buffer *buffer, const char *format, ...)
{
	va_list arguments;

	if (buffer->length)
		extmgr__buffer_puts(buffer, "; ");
	va_start(arguments, format);
	extmgr__buffer_vprintf(buffer, format, arguments);
	va_end(arguments);
}

static const char *dialect_of(const struct extmgr__facts *facts)
{
	return extmgr_database_get_dialect(facts->manager->database);
}

/* Whether the dialect is among those that are named, if there are any. */
static bool check_dialect(const struct extmgr__facts *facts,
			  const struct extmgr__definition_info *info, struct extmgr__unmet *unmet)
{
	struct extmgr__buffer names = EXTMGR__BUFFER(EXTMGR__MESSAGE_MAXIMUM / 4);
	const char *dialect = dialect_of(facts);
	bool met = true;

	for (size_t i = 0; i < info->requirement_count; i++) {
		const struct extmgr__requirement *requirement = &info->requirements[i];

		if (requirement->kind != EXTMGR__REQUIRES_DIALECT)
			continue;
		extmgr__buffer_printf(&names, "%s%s", names.length ? " or " : "",
				      requirement->name);
		met = strcmp(requirement->name, dialect) == 0;
		if (met)
			break;
	}
	if (!met) {
		unmet->count++;
		add_text(&unmet->text, "needs a database of dialect %s, this one is %s",
			 extmgr__buffer_get(&names), dialect);
	}
	extmgr__buffer_free(&names);
	return met;
}

static extmgr_result check_server(struct extmgr__facts *facts,
				  const struct extmgr__requirement *requirement,
				  struct extmgr__unmet *unmet, extmgr_error **error)
{
	char version[64] = "";
	extmgr_result result = EXTMGR_OK;

	if (*requirement->name && strcmp(requirement->name, dialect_of(facts)) != 0)
		return EXTMGR_OK;
	if (facts->manager->dialect != EXTMGR__DIALECT_OTHER)
		result = ask_server(facts, error);
	if (result != EXTMGR_OK)
		return result;
	read_version(facts, version);
	if (extmgr__range_holds(requirement->range, version))
		return EXTMGR_OK;
	unmet->count++;
	add_text(&unmet->text, "needs a server of version %s, this one is %s", requirement->range,
		 *version ? version : "of unknown version");
	return EXTMGR_OK;
}

/* Databases without privileges, and those that cannot be asked, grant all of them. */
static extmgr_result check_privilege(struct extmgr__facts *facts,
				     const struct extmgr__requirement *requirement,
				     struct extmgr__unmet *unmet, extmgr_error **error)
{
	static const struct {
		const char *name;
		enum fact fact;
		const char *remedy;
	} privileges[] = {
		{"superuser", FACT_SUPERUSER, "use a superuser's account"},
		{"create-role", FACT_CREATE_ROLE, "ALTER ROLE ... CREATEROLE"},
		{"create-schema", FACT_CREATE_SCHEMA, "GRANT CREATE ON DATABASE ... TO ..."},
		{"create-table", FACT_CREATE_TABLE, "GRANT CREATE ON SCHEMA ... TO ..."},
	};
	extmgr_result result;

	if (facts->manager->dialect != EXTMGR__DIALECT_POSTGRESQL)
		return EXTMGR_OK;
	result = ask_server(facts, error);
	for (size_t i = 0; i < sizeof(privileges) / sizeof(privileges[0]); i++) {
		if (result != EXTMGR_OK || strcmp(privileges[i].name, requirement->name) != 0 ||
		    extmgr__rows_integer(facts->server, 0, privileges[i].fact))
			continue;
		unmet->count++;
		add_text(&unmet->text, "needs the privilege %s", requirement->name);
		add_text(&unmet->remedy, "%s", privileges[i].remedy);
	}
	return result;
}

/* 2: it is there; 1 and 0: it could be made by somebody; -1: the server does not have it. */
static int find_extension(const struct extmgr__facts *facts, const char *name)
{
	int found = -1;

	for (size_t i = 0; i < extmgr__rows_count(facts->extensions); i++) {
		const char *other = extmgr__rows_text(facts->extensions, i, 0);
		int value = (int)extmgr__rows_integer(facts->extensions, i, 1);

		if (other && strcmp(other, name) == 0 && value > found)
			found = value;
	}
	return found;
}

static extmgr_result check_database_extension(struct extmgr__facts *facts,
					      const struct extmgr__requirement *requirement,
					      struct extmgr__unmet *unmet, extmgr_error **error)
{
	const char *name = requirement->name;
	extmgr_result result = EXTMGR_OK;
	int found = -1;

	if (facts->manager->dialect == EXTMGR__DIALECT_POSTGRESQL) {
		result = ask_server(facts, error);
		if (result == EXTMGR_OK)
			result = ask_extensions(facts, error);
		found = result == EXTMGR_OK ? find_extension(facts, name) : 2;
	}
	if (found == 2 ||
	    (found == 1 && extmgr__rows_integer(facts->server, 0, FACT_CREATE_SCHEMA)) ||
	    (found >= 0 && extmgr__rows_integer(facts->server, 0, FACT_SUPERUSER)))
		return result;
	unmet->count++;
	if (found < 0) {
		add_text(&unmet->text,
			 "needs the database extension %s, which the server does not have", name);
	} else {
		add_text(&unmet->text,
			 "needs the database extension %s, which this account may not create",
			 name);
		add_text(&unmet->remedy, "an administrator runs CREATE EXTENSION %s", name);
	}
	return result;
}

static void add_missing_extension(const struct extmgr__requirement *requirement,
				  const char *version, const char *doubt,
				  struct extmgr__unmet *unmet)
{
	const char *range = requirement->range ? requirement->range : "";

	unmet->count++;
	add_text(&unmet->text, "needs extension %s%s%s, %s%s", requirement->name,
		 *range ? " of version " : "", range,
		 doubt     ? "which cannot tell whether it is installed: "
		 : version ? "installed is "
			   : "which is not installed",
		 doubt     ? doubt
		 : version ? version
			   : "");
	if (!doubt)
		add_text(&unmet->remedy, "extmgr %s %s", version ? "upgrade" : "install",
			 requirement->name);
}

/* A definition that cannot be asked is nothing that the other one could rely on. */
static extmgr_result add_doubtful_extension(const struct extmgr__facts *facts,
					    const struct extmgr__requirement *requirement,
					    extmgr_result result, struct extmgr__unmet *unmet,
					    extmgr_error **error)
{
	extmgr_text *text = NULL;

	if (extmgr__reading_is_over(facts->target, result))
		return result;
	if (extmgr_error_copy_text(*error, &text) != EXTMGR_OK)
		return extmgr__error_no_memory(error);
	add_missing_extension(requirement, NULL, extmgr_text_get_data(text), unmet);
	extmgr_text_free(text);
	extmgr_error_free(*error);
	*error = NULL;
	return EXTMGR_OK;
}

static extmgr_result check_extension(struct extmgr__facts *facts,
				     const struct extmgr__requirement *requirement,
				     struct extmgr__unmet *unmet, extmgr_error **error)
{
	char *id = extmgr__registry_id(facts->manager->registry, requirement->name);
	char *version = NULL;
	extmgr_result result;

	if (!id)
		return extmgr__error_no_memory(error);
	result = facts->installed.find(facts->installed.user_data, id, &version, error);
	if (result != EXTMGR_OK)
		result = add_doubtful_extension(facts, requirement, result, unmet, error);
	else if (!version || (requirement->range && *requirement->range &&
			      !extmgr__range_holds(requirement->range, version)))
		add_missing_extension(requirement, version, NULL, unmet);
	free(version);
	free(id);
	return result;
}

extmgr_result extmgr__requirements_check(struct extmgr__facts *facts,
					 const struct extmgr__definition_info *info,
					 struct extmgr__unmet *unmet, extmgr_error **error)
{
	/* On another dialect nobody knows what to ask for. */
	bool met = !facts->manager->database || check_dialect(facts, info, unmet);
	extmgr_result result = EXTMGR_OK;

	for (size_t i = 0; i < info->requirement_count && result == EXTMGR_OK; i++) {
		const struct extmgr__requirement *requirement = &info->requirements[i];

		if (!facts->target)
			break;
		if (requirement->kind == EXTMGR__REQUIRES_EXTENSION)
			result = check_extension(facts, requirement, unmet, error);
		else if (met && requirement->kind == EXTMGR__REQUIRES_SERVER)
			result = check_server(facts, requirement, unmet, error);
		else if (met && requirement->kind == EXTMGR__REQUIRES_PRIVILEGE)
			result = check_privilege(facts, requirement, unmet, error);
		else if (met && requirement->kind == EXTMGR__REQUIRES_DATABASE_EXTENSION)
			result = check_database_extension(facts, requirement, unmet, error);
	}
	return result;
}

/* ---- for one operation ---- */

static extmgr_result ask_definition(struct extmgr__work *work, const char *id, char **version_out,
				    extmgr_error **error)
{
	const extmgr_text *source = extmgr__work_required(work, id);
	struct extmgr__definition *definition = NULL;
	struct extmgr__pairs found = {0};
	extmgr_result result;

	if (!source)
		return EXTMGR_OK;
	result = extmgr__definition_load(work->manager->context, work->call.operation, id,
					 extmgr_text_get_data(source),
					 extmgr_text_get_length(source), &definition, error);
	if (result == EXTMGR_OK)
		result = extmgr__definition_find_installations(
			definition, extmgr__target_services(work->target, id), work->call.operation,
			&found, error);
	if (result == EXTMGR_OK && found.count) {
		*version_out = extmgr__strdup(found.items[0].second);
		if (!*version_out)
			result = extmgr__error_no_memory(error);
	}
	extmgr__pairs_free(&found);
	extmgr__definition_free(definition);
	return result;
}

/* The first failure counts, but what was done is undone in any case. */
static extmgr_result find_installed(void *user_data, const char *id, char **version_out,
				    extmgr_error **error)
{
	struct extmgr__work *work = user_data;
	extmgr_error *reset_error = NULL;
	extmgr_result result;
	extmgr_result reset;
	char prefix[400];

	extmgr__target_set_aside(work->target, true);
	result = ask_definition(work, id, version_out, error);
	(void)snprintf(prefix, sizeof(prefix), "failed to find installations for extension \"%s\"",
		       id);
	result = extmgr__target_settle(work->target, result, prefix, error);
	extmgr__target_set_aside(work->target, false);
	(void)extmgr__target_services(work->target, work->id);
	if (extmgr__reading_is_over(work->target, result))
		return result;
	reset = extmgr__target_reset(work->target, &reset_error);
	if (reset != EXTMGR_OK) {
		extmgr_error_free(*error);
		*error = reset_error;
		return reset;
	}
	return result;
}

struct extmgr__facts *extmgr__work_facts_new(struct extmgr__work *work)
{
	const struct extmgr__installed installed = {.user_data = work, .find = find_installed};

	return extmgr__facts_new(work->manager, work->target, &installed);
}

/* ---- as JSON ---- */

static void write_names(struct extmgr__json_writer *writer, const char *key,
			const struct extmgr__definition_info *info,
			enum extmgr__requirement_kind kind)
{
	extmgr__json_key(writer, key);
	extmgr__json_begin_array(writer);
	for (size_t i = 0; i < info->requirement_count; i++) {
		if (info->requirements[i].kind == kind)
			extmgr__json_string(writer, info->requirements[i].name);
	}
	extmgr__json_end_array(writer);
}

static const char *or_null(const char *text)
{
	return text && *text ? text : NULL;
}

static void write_versions(struct extmgr__json_writer *writer, const char *key, const char *name,
			   const struct extmgr__definition_info *info,
			   enum extmgr__requirement_kind kind)
{
	extmgr__json_key(writer, key);
	extmgr__json_begin_array(writer);
	for (size_t i = 0; i < info->requirement_count; i++) {
		const struct extmgr__requirement *requirement = &info->requirements[i];

		if (requirement->kind != kind)
			continue;
		extmgr__json_begin_object(writer);
		extmgr__json_member_string(writer, name, or_null(requirement->name));
		extmgr__json_member_string(writer, "version", or_null(requirement->range));
		extmgr__json_end_object(writer);
	}
	extmgr__json_end_array(writer);
}

void extmgr__requirements_write(struct extmgr__json_writer *writer,
				const struct extmgr__definition_info *info)
{
	extmgr__json_key(writer, "requirements");
	extmgr__json_begin_object(writer);
	write_names(writer, "dialects", info, EXTMGR__REQUIRES_DIALECT);
	write_versions(writer, "server", "dialect", info, EXTMGR__REQUIRES_SERVER);
	write_names(writer, "privileges", info, EXTMGR__REQUIRES_PRIVILEGE);
	write_names(writer, "extensions", info, EXTMGR__REQUIRES_DATABASE_EXTENSION);
	write_versions(writer, "requires", "id", info, EXTMGR__REQUIRES_EXTENSION);
	extmgr__json_end_object(writer);
}
