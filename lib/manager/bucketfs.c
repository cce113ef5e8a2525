/* SPDX-License-Identifier: MIT */
#include "manager/bucketfs.h"

#include "base/hash.h"
#include "base/text.h"
#include "host/rows.h"
#include "host/values.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SQL_MAXIMUM ((size_t)4 << 10)
#define COLUMNS     3 /* FILE_NAME, FULL_PATH, SIZE */

/*
 * Symbolic links are neither files nor directories; what vanishes or cannot be read is left out. A
 * directory with a sub-directory exaudf is a script language container: thousands of files that no
 * extension wants.
 */
static const char list_script[] =
	"import os\n"
	"import stat\n"
	"\n"
	"def mode_of(path):\n"
	"    try:\n"
	"        return os.lstat(path)\n"
	"    except OSError:\n"
	"        return None\n"
	"\n"
	"def entries_of(path):\n"
	"    try:\n"
	"        names = sorted(os.listdir(path))\n"
	"    except OSError:\n"
	"        return []\n"
	"    found = [(name, os.path.join(path, name)) for name in names]\n"
	"    return [(name, full, mode_of(full)) for name, full in found]\n"
	"\n"
	"def run(ctx):\n"
	"    if not ctx.path:\n"
	"        raise ValueError(\"Argument 'path' not defined\")\n"
	"    pending = [ctx.path]\n"
	"    while pending:\n"
	"        entries = [e for e in entries_of(pending.pop()) if e[2] is not None]\n"
	"        directories = [e for e in entries if stat.S_ISDIR(e[2].st_mode)]\n"
	"        if any(e[0] == 'exaudf' for e in directories):\n"
	"            continue\n"
	"        for name, full, status in entries:\n"
	"            if stat.S_ISREG(status.st_mode):\n"
	"                ctx.emit(name, full, status.st_size)\n"
	"        pending.extend(e[1] for e in reversed(directories))\n";

static const char hash_script[] = "import hashlib\n"
				  "\n"
				  "def run(ctx):\n"
				  "    digest = hashlib.sha256()\n"
				  "    with open(ctx.path, 'rb') as content:\n"
				  "        for piece in iter(lambda: content.read(1 << 20), b''):\n"
				  "            digest.update(piece)\n"
				  "    return digest.hexdigest()\n";

/* A schema with one script in it, for as long as it takes to ask the script. */
struct visit {
	struct extmgr__session *session;
	const char *script;    /* its name */
	const char *signature; /* what it answers */
	const char *body;
	const char *purpose; /* for errors */
	char schema[40];     /* a name that nobody else has */
};

/* Runs a statement about the schema; failing is what the error says then. */
static extmgr_result execute(const struct visit *visit, const struct extmgr__buffer *sql,
			     const char *failing, extmgr_error **error)
{
	extmgr_result result = extmgr__buffer_result(sql);

	if (result != EXTMGR_OK)
		return extmgr__error_from_result(error, result, "a statement");
	result = extmgr__session_execute(visit->session, extmgr__buffer_get(sql), sql->length, NULL,
					 NULL, error);
	return result == EXTMGR_OK ? result : extmgr__error_wrap(error, result, "%s", failing);
}

static extmgr_result create_script(const struct visit *visit, extmgr_error **error)
{
	struct extmgr__buffer sql = EXTMGR__BUFFER(SQL_MAXIMUM);
	struct extmgr__buffer failing = EXTMGR__BUFFER(EXTMGR__MESSAGE_MAXIMUM);
	extmgr_result result;

	extmgr__buffer_printf(&sql, "CREATE SCHEMA \"%s\"", visit->schema);
	extmgr__buffer_printf(&failing, "failed to create a schema for BucketFS %s script. Cause",
			      visit->purpose);
	result = execute(visit, &sql, extmgr__buffer_get(&failing), error);
	if (result == EXTMGR_OK) {
		extmgr__buffer_clear(&sql);
		extmgr__buffer_clear(&failing);
		extmgr__buffer_printf(&sql, "CREATE PYTHON3 SCALAR SCRIPT \"%s\".\"%s\" %s AS\n%s/",
				      visit->schema, visit->script, visit->signature, visit->body);
		extmgr__buffer_printf(&failing,
				      "failed to create UDF script for %sing bucket. Cause",
				      visit->purpose);
		result = execute(visit, &sql, extmgr__buffer_get(&failing), error);
	}
	extmgr__buffer_free(&failing);
	extmgr__buffer_free(&sql);
	return result;
}

static extmgr_result drop_script(const struct visit *visit, extmgr_error **error)
{
	struct extmgr__buffer sql = EXTMGR__BUFFER(SQL_MAXIMUM);
	struct extmgr__buffer failing = EXTMGR__BUFFER(EXTMGR__MESSAGE_MAXIMUM);
	extmgr_result result;

	extmgr__buffer_printf(&sql, "DROP SCHEMA \"%s\" CASCADE", visit->schema);
	extmgr__buffer_printf(&failing, "failed to remove the BucketFS %s script. Cause",
			      visit->purpose);
	result = execute(visit, &sql, extmgr__buffer_get(&failing), error);
	extmgr__buffer_free(&failing);
	extmgr__buffer_free(&sql);
	return result;
}

static extmgr_result query_rows(const struct visit *visit, const char *path, extmgr_rows **rows_out,
				extmgr_error **error)
{
	extmgr_values *arguments = extmgr__values_new();
	char sql[160];
	int length;
	extmgr_result result;

	if (!arguments || extmgr__values_add_text(arguments, path, strlen(path)) != EXTMGR_OK) {
		extmgr__values_free(arguments);
		return extmgr__error_no_memory(error);
	}
	length = snprintf(sql, sizeof(sql), "SELECT \"%s\".\"%s\"(?)%s", visit->schema,
			  visit->script, visit->body == list_script ? " ORDER BY FULL_PATH" : "");
	result = extmgr__session_query(visit->session, sql, (size_t)length, arguments, rows_out,
				       error);
	extmgr__values_free(arguments);
	return result == EXTMGR_OK ? result
				   : extmgr__error_wrap(error, result, "failed to %s files. Cause",
							visit->purpose);
}

/* Makes the script, asks it about the path, and drops it again. */
static extmgr_result ask_script(struct visit *visit, const char *path, extmgr_rows **rows_out,
				extmgr_error **error)
{
	uint64_t random;
	extmgr_result result = extmgr__hash_random(&random, sizeof(random));

	if (result != EXTMGR_OK)
		return extmgr__error_set(error, result, "the operating system has no random bytes");
	(void)snprintf(visit->schema, sizeof(visit->schema), "EXTMGR_INTERNAL_%016" PRIX64, random);
	result = create_script(visit, error);
	if (result == EXTMGR_OK)
		result = query_rows(visit, path, rows_out, error);
	if (result == EXTMGR_OK)
		result = drop_script(visit, error);
	return result;
}

/* A path that no file store may have is left out. */
static extmgr_result take_rows(const extmgr_rows *rows, extmgr_file_list *files,
			       extmgr_error **error)
{
	static const char what[] = "failed reading result of BucketFS list UDF. Cause";
	size_t count = extmgr__rows_count(rows);

	if (count > 0 && extmgr__rows_column_count(rows) != COLUMNS)
		return extmgr__error_set(error, EXTMGR_E_HOST, "%s: %zu columns instead of %d",
					 what, extmgr__rows_column_count(rows), COLUMNS);
	for (size_t i = 0; i < count; i++) {
		const char *path = extmgr__rows_text(rows, i, 1);
		int64_t size = extmgr__rows_integer(rows, i, 2);
		struct extmgr__cell cell = extmgr__rows_cell(rows, i, 1);

		if (!path)
			return extmgr__error_set(error, EXTMGR_E_HOST, "%s: a path is no text",
						 what);
		if (strlen(path) == cell.length)
			(void)!extmgr_file_list_append(files, path, size > 0 ? (uint64_t)size : 0);
	}
	return extmgr__file_list_finish(files, what, error);
}

extmgr_result extmgr__bucketfs_list(struct extmgr__session *session, const char *path,
				    extmgr_file_list **files_out, extmgr_error **error)
{
	struct visit visit = {
		.session = session,
		.script = "LIST_RECURSIVELY",
		.signature = "(\"path\" VARCHAR(4096)) EMITS (\"FILE_NAME\" VARCHAR(4096), "
			     "\"FULL_PATH\" VARCHAR(4096), \"SIZE\" DECIMAL(18,0))",
		.body = list_script,
		.purpose = "list",
	};
	extmgr_file_list *files = extmgr__file_list_new();
	extmgr_rows *rows = NULL;
	extmgr_result result;

	*files_out = NULL;
	if (!files)
		return extmgr__error_no_memory(error);
	result = ask_script(&visit, path, &rows, error);
	if (result == EXTMGR_OK)
		result = take_rows(rows, files, error);
	if (result == EXTMGR_OK) {
		*files_out = files;
		files = NULL;
	}
	extmgr__rows_free(rows);
	extmgr__file_list_free(files);
	return result;
}

static extmgr_result take_hash(const extmgr_rows *rows, char hex[EXTMGR__SHA256_HEX_SIZE],
			       extmgr_error **error)
{
	const char *text = extmgr__rows_text(rows, 0, 0);

	if (!text || strlen(text) != EXTMGR__SHA256_HEX_SIZE - 1)
		return extmgr__error_set(error, EXTMGR_E_HOST,
					 "failed reading result of BucketFS hash UDF. Cause: it is "
					 "no SHA-256");
	memcpy(hex, text, EXTMGR__SHA256_HEX_SIZE);
	return EXTMGR_OK;
}

extmgr_result extmgr__bucketfs_hash(struct extmgr__session *session,
				    const struct extmgr__file *file,
				    char hex[EXTMGR__SHA256_HEX_SIZE], extmgr_error **error)
{
	struct visit visit = {
		.session = session,
		.script = "SHA256",
		.signature = "(\"path\" VARCHAR(4096)) RETURNS VARCHAR(64)",
		.body = hash_script,
		.purpose = "hash",
	};
	extmgr_rows *rows = NULL;
	extmgr_result result = ask_script(&visit, file->path, &rows, error);

	if (result == EXTMGR_OK)
		result = take_hash(rows, hex, error);
	extmgr__rows_free(rows);
	return result;
}
