/* SPDX-License-Identifier: MIT */
/*
 * Extension definitions: loading, the static part, and calling their functions with a context
 * object (behaviour-exasol: sections 3 and 4).
 */
#ifndef EXTMGR_SCRIPT_DEFINITION_H
#define EXTMGR_SCRIPT_DEFINITION_H

#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "host/context.h"
#include "host/rows.h"
#include "host/values.h"
#include "sql/dialect.h"

#include <stdbool.h>

/* The major of the API whose definitions are accepted is that of this version. */
#define EXTMGR__API_VERSION "0.2.0"

struct extmgr__installable_version {
	char *name;
	bool latest;
	bool deprecated;
};

struct extmgr__artifact {
	char *name;         /* for display */
	char *file_name;    /* bucketFsFilename */
	char *download_url; /* "" when there is none */
	char *license_url;
	int64_t size; /* bytes; negative: any */
	char *sha256; /* 64 lower-case hexadecimal digits; "": any content */
};

/* One thing that the target must have: "requirements" of the definition (docs/definitions.md). */
enum extmgr__requirement_kind {
	EXTMGR__REQUIRES_DIALECT,            /* one of those that are named */
	EXTMGR__REQUIRES_SERVER,             /* range: of the dialect name, "" for all */
	EXTMGR__REQUIRES_PRIVILEGE,          /* of the account */
	EXTMGR__REQUIRES_DATABASE_EXTENSION, /* of the database */
	EXTMGR__REQUIRES_EXTENSION           /* one of ours, installed; range: "" or NULL for any */
};

struct extmgr__requirement {
	enum extmgr__requirement_kind kind;
	char *name;
	char *range;
};

/* Which of the interface's functions a definition has: bits. */
enum extmgr__function {
	EXTMGR__FN_GET_INSTANCE_PARAMETERS,
	EXTMGR__FN_INSTALL,
	EXTMGR__FN_UNINSTALL,
	EXTMGR__FN_UPGRADE,
	EXTMGR__FN_FIND_INSTALLATIONS,
	EXTMGR__FN_ADD_INSTANCE,
	EXTMGR__FN_FIND_INSTANCES,
	EXTMGR__FN_DELETE_INSTANCE,
	EXTMGR__FN_READ_INSTANCE_PARAMETER_VALUES,
	/* Beyond the reference: */
	EXTMGR__FN_UPDATE_INSTANCE,
	EXTMGR__FN_UPGRADE_INSTANCE,
	EXTMGR__FN_CHECK,
	EXTMGR__FN_VALIDATE,
	EXTMGR__FN_COUNT
};

const char *extmgr__function_name(enum extmgr__function function);

/* The static part of a definition: never changes, shared by threads, reference-counted. */
struct extmgr__definition_info {
	char digest[EXTMGR__SHA256_HEX_SIZE]; /* of the source, SHA-256 */
	char *name;
	char *category;
	char *description;
	char *api_version;
	struct extmgr__installable_version *versions;
	size_t version_count;
	struct extmgr__artifact *artifacts;
	size_t artifact_count;
	struct extmgr__requirement *requirements;
	size_t requirement_count;
	size_t requirement_capacity;
	uint32_t functions; /* bit 1u << extmgr__function */
	bool replaceable;   /* an instance may be deleted and created again to change it */
};

/* The newest installable version: the one marked latest, else the highest; NULL without versions.
 */
const char *extmgr__definition_info_latest(const struct extmgr__definition_info *info);
bool extmgr__definition_info_has_version(const struct extmgr__definition_info *info,
					 const char *version);
static inline bool extmgr__definition_info_has(const struct extmgr__definition_info *info,
					       enum extmgr__function function)
{
	return (info->functions >> function) & 1u;
}

struct extmgr__definition_info *extmgr__definition_info_ref(struct extmgr__definition_info *info);
void extmgr__definition_info_unref(struct extmgr__definition_info *info);

/*
 * The static part of a source, from the context's cache (by digest) or by loading it once.
 * Failures are not cached.
 */
extmgr_result extmgr__definition_info_get(extmgr_context *context, extmgr_operation *operation,
					  const char *id, const char *source, size_t length,
					  struct extmgr__definition_info **info_out,
					  extmgr_error **error);

/* The same from the cache alone, by the digest of the source; NULL: it is not there. */
extmgr_result extmgr__definition_info_find(extmgr_context *context, const char *sha256,
					   struct extmgr__definition_info **info_out,
					   extmgr_error **error);

/* A loaded definition, in a heap of its own; used by one thread at a time. */
struct extmgr__definition;

extmgr_result extmgr__definition_load(extmgr_context *context, extmgr_operation *operation,
				      const char *id, const char *source, size_t length,
				      struct extmgr__definition **definition_out,
				      extmgr_error **error);
void extmgr__definition_free(struct extmgr__definition *definition); /* may be NULL */
const struct extmgr__definition_info *
extmgr__definition_get_info(const struct extmgr__definition *definition);
/* The same with a reference of the caller's. */
struct extmgr__definition_info *
extmgr__definition_share_info(const struct extmgr__definition *definition);

/*
 * Appends JSON: {"functions": [names], "values": {name: value}} of the own members, those that the
 * library knows and others.
 */
extmgr_result extmgr__definition_describe(struct extmgr__definition *definition,
					  extmgr_operation *operation,
					  struct extmgr__buffer *buffer, extmgr_error **error);

/*
 * What a call into a definition can reach. All functions get user_data; a failure (negative, with
 * error) becomes a JavaScript error that the script may catch; its message is the error's text, as
 * extmgr_error_copy_text() gives it.
 */
struct extmgr__services {
	void *user_data;
	const char *dialect; /* name, for context.dialect */
	const char *extension_schema;
	extmgr_result (*execute)(void *user_data, const char *sql, size_t length,
				 const extmgr_values *arguments, extmgr_error **error);
	extmgr_result (*query)(void *user_data, const char *sql, size_t length,
			       const extmgr_values *arguments, extmgr_rows **rows_out,
			       extmgr_error **error);
	/* path_out: free with extmgr_text_free() */
	extmgr_result (*resolve_path)(void *user_data, const char *file_name,
				      extmgr_text **path_out, extmgr_error **error);
	/* rows_out: one row or none, columns schema, name, type, inputType, resultType, text,
	 * comment; NULL: no such script */
	extmgr_result (*get_script)(void *user_data, const char *name, extmgr_rows **rows_out,
				    extmgr_error **error);
	/* both or neither; NULL rows: an empty table. For findInstallations. */
	extmgr_result (*read_metadata)(void *user_data, extmgr_rows **all_scripts_out,
				       extmgr_rows **all_virtual_schemas_out, extmgr_error **error);
	/* one console line; already UTF-8 */
	void (*console)(void *user_data, int32_t level, const char *message, size_t length);
};

/* Results of calls: pairs of names. */
struct extmgr__pair {
	char *first;  /* installation: name; instance: id */
	char *second; /* installation: version; instance: name */
};

struct extmgr__pairs {
	struct extmgr__pair *items;
	size_t count;
};

void extmgr__pairs_free(struct extmgr__pairs *pairs); /* its content */

/*
 * The calls. Each fails with the codes of extmgr__heap_run(), EXTMGR_E_SCRIPT_NO_FUNCTION, and
 * EXTMGR_E_SCRIPT_RESULT when the answer has the wrong shape. Errors have the texts of EX 2.3 and
 * 3.4: an error with a status keeps its message alone; others get "failed to install extension
 * "id"".
 */
extmgr_result extmgr__definition_find_installations(struct extmgr__definition *definition,
						    const struct extmgr__services *services,
						    extmgr_operation *operation,
						    struct extmgr__pairs *installations_out,
						    extmgr_error **error);
extmgr_result extmgr__definition_install(struct extmgr__definition *definition,
					 const struct extmgr__services *services,
					 extmgr_operation *operation, const char *version,
					 extmgr_error **error);
extmgr_result extmgr__definition_uninstall(struct extmgr__definition *definition,
					   const struct extmgr__services *services,
					   extmgr_operation *operation, const char *version,
					   extmgr_error **error);
/* result_out: first: previousVersion, second: newVersion; free both */
extmgr_result extmgr__definition_upgrade(struct extmgr__definition *definition,
					 const struct extmgr__services *services,
					 extmgr_operation *operation,
					 struct extmgr__pair *result_out, extmgr_error **error);
/* json_out: the array as JSON (functions and undefined left out) */
extmgr_result extmgr__definition_get_instance_parameters(struct extmgr__definition *definition,
							 const struct extmgr__services *services,
							 extmgr_operation *operation,
							 const char *version,
							 extmgr_text **json_out,
							 extmgr_error **error);
/* values_json: array of {"name", "value"}, valid; instance_out: id and name; free both */
extmgr_result extmgr__definition_add_instance(struct extmgr__definition *definition,
					      const struct extmgr__services *services,
					      extmgr_operation *operation, const char *version,
					      const char *values_json, size_t length,
					      struct extmgr__pair *instance_out,
					      extmgr_error **error);
extmgr_result extmgr__definition_find_instances(struct extmgr__definition *definition,
						const struct extmgr__services *services,
						extmgr_operation *operation, const char *version,
						struct extmgr__pairs *instances_out,
						extmgr_error **error);
extmgr_result extmgr__definition_delete_instance(struct extmgr__definition *definition,
						 const struct extmgr__services *services,
						 extmgr_operation *operation, const char *version,
						 const char *instance_id, extmgr_error **error);
/* json_out: array of {"name", "value"} */
extmgr_result extmgr__definition_read_instance_values(struct extmgr__definition *definition,
						      const struct extmgr__services *services,
						      extmgr_operation *operation,
						      const char *version, const char *instance_id,
						      extmgr_text **json_out, extmgr_error **error);
/* updateInstance(context, version, instanceId, {values}). instance_out: as addInstance answers;
 * both NULL when it answered nothing. */
extmgr_result extmgr__definition_update_instance(struct extmgr__definition *definition,
						 const struct extmgr__services *services,
						 extmgr_operation *operation, const char *version,
						 const char *instance_id, const char *values_json,
						 size_t length, struct extmgr__pair *instance_out,
						 extmgr_error **error);
/* upgradeInstance(context, instanceId, previousVersion, newVersion) */
extmgr_result extmgr__definition_upgrade_instance(struct extmgr__definition *definition,
						  const struct extmgr__services *services,
						  extmgr_operation *operation,
						  const char *instance_id,
						  const struct extmgr__pair *versions,
						  extmgr_error **error);
/* What check(context) has to complain about: first is the text, second NULL. None: all is well. */
extmgr_result extmgr__definition_check(struct extmgr__definition *definition,
				       const struct extmgr__services *services,
				       extmgr_operation *operation,
				       struct extmgr__pairs *problems_out, extmgr_error **error);
/*
 * validate({values}): what is wrong with values that keep all other rules. first is the message,
 * second the parameter's name, or "" for all of them together. None: all is well. It gets no
 * context, and the services should have no database.
 */
extmgr_result extmgr__definition_validate(struct extmgr__definition *definition,
					  const struct extmgr__services *services,
					  extmgr_operation *operation, const char *values_json,
					  size_t length, struct extmgr__pairs *faults_out,
					  extmgr_error **error);

#endif
