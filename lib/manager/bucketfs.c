/* SPDX-License-Identifier: MIT */
#include "manager/bucketfs.h"

#include "base/hash.h"
#include "base/text.h"
#include "host/rows.h"
#include "host/values.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
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

struct listing {
	struct extmgr__session *session;
	char schema[40]; /* a name that nobody else has */
};

/* Runs a statement about the schema; failing is what the error says then. */
static extmgr_result execute(const struct listing *listing, const struct extmgr__buffer *sql,
			     const char *failing, extmgr_error **error)
{
	extmgr_result result = extmgr__buffer_result(sql);

	if (result != EXTMGR_OK)
		return extmgr__error_from_result(error, result, "a statement");
	result = extmgr__session_execute(listing->session, extmgr__buffer_get(sql), sql->length,
					 NULL, NULL, error);
	return result == EXTMGR_OK ? result : extmgr__error_wrap(error, result, "%s", failing);
}

static extmgr_result create_script(const struct listing *listing, extmgr_error **error)
{
	struct extmgr__buffer sql = EXTMGR__BUFFER(SQL_MAXIMUM);
	extmgr_result result;

	extmgr__buffer_printf(&sql, "CREATE SCHEMA \"%s\"", listing->schema);
	result = execute(listing, &sql, "failed to create a schema for BucketFS list script. Cause",
			 error);
	if (result == EXTMGR_OK) {
		extmgr__buffer_clear(&sql);
		extmgr__buffer_printf(&sql,
				      "CREATE PYTHON3 SCALAR SCRIPT \"%s\".\"LIST_RECURSIVELY\" "
				      "(\"path\" VARCHAR(4096)) EMITS (\"FILE_NAME\" "
				      "VARCHAR(4096), \"FULL_PATH\" VARCHAR(4096), \"SIZE\" "
				      "DECIMAL(18,0)) AS\n%s/",
				      listing->schema, list_script);
		result = execute(listing, &sql,
				 "failed to create UDF script for listing bucket. Cause", error);
	}
	extmgr__buffer_free(&sql);
	return result;
}

static extmgr_result drop_script(const struct listing *listing, extmgr_error **error)
{
	struct extmgr__buffer sql = EXTMGR__BUFFER(SQL_MAXIMUM);
	extmgr_result result;

	extmgr__buffer_printf(&sql, "DROP SCHEMA \"%s\" CASCADE", listing->schema);
	result = execute(listing, &sql, "failed to remove the BucketFS list script. Cause", error);
	extmgr__buffer_free(&sql);
	return result;
}

static extmgr_result query_rows(const struct listing *listing, const char *path,
				extmgr_rows **rows_out, extmgr_error **error)
{
	extmgr_values *arguments = extmgr__values_new();
	char sql[160];
	int length;
	extmgr_result result;

	if (!arguments || extmgr__values_add_text(arguments, path, strlen(path)) != EXTMGR_OK) {
		extmgr__values_free(arguments);
		return extmgr__error_no_memory(error);
	}
	length = snprintf(sql, sizeof(sql),
			  "SELECT \"%s\".\"LIST_RECURSIVELY\"(?) ORDER BY FULL_PATH",
			  listing->schema);
	result = extmgr__session_query(listing->session, sql, (size_t)length, arguments, rows_out,
				       error);
	extmgr__values_free(arguments);
	return result == EXTMGR_OK
		       ? result
		       : extmgr__error_wrap(error, result, "failed to list files. Cause");
}

/* Drivers hand decimals over as integers, numbers or text. */
static uint64_t read_size(const struct extmgr__cell *cell)
{
	switch (cell->type) {
	case EXTMGR_VALUE_INTEGER:
		return cell->integer > 0 ? (uint64_t)cell->integer : 0;
	case EXTMGR_VALUE_NUMBER:
		return cell->number > 0 && cell->number < 1e18 ? (uint64_t)cell->number : 0;
	case EXTMGR_VALUE_TEXT:
		return strtoull(cell->text, NULL, 10);
	default:
		return 0;
	}
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
		struct extmgr__cell path = extmgr__rows_cell(rows, i, 1);
		struct extmgr__cell size = extmgr__rows_cell(rows, i, 2);

		if (path.type != EXTMGR_VALUE_TEXT)
			return extmgr__error_set(error, EXTMGR_E_HOST, "%s: a path is no text",
						 what);
		if (strlen(path.text) == path.length)
			(void)!extmgr_file_list_append(files, path.text, read_size(&size));
	}
	return extmgr__file_list_finish(files, what, error);
}

extmgr_result extmgr__bucketfs_list(struct extmgr__session *session, const char *path,
				    extmgr_file_list **files_out, extmgr_error **error)
{
	struct listing listing = {.session = session};
	extmgr_file_list *files = extmgr__file_list_new();
	extmgr_rows *rows = NULL;
	uint64_t random;
	extmgr_result result;

	*files_out = NULL;
	if (!files)
		return extmgr__error_no_memory(error);
	result = extmgr__hash_random(&random, sizeof(random));
	if (result != EXTMGR_OK) {
		(void)extmgr__error_set(error, result, "the operating system has no random bytes");
		goto out;
	}
	(void)snprintf(listing.schema, sizeof(listing.schema), "EXTMGR_INTERNAL_%016" PRIX64,
		       random);
	result = create_script(&listing, error);
	if (result == EXTMGR_OK)
		result = query_rows(&listing, path, &rows, error);
	if (result == EXTMGR_OK)
		result = drop_script(&listing, error);
	if (result == EXTMGR_OK)
		result = take_rows(rows, files, error);
	if (result == EXTMGR_OK) {
		*files_out = files;
		files = NULL;
	}
out:
	extmgr__rows_free(rows);
	extmgr__file_list_free(files);
	return result;
}
