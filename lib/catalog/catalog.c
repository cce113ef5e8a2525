/* SPDX-License-Identifier: MIT */
#include "catalog/catalog.h"

#include "base/options.h"
#include "catalog/catalog_internal.h"
#include "catalog/schema.h"
#include "host/database.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_LOCK_TIMEOUT_MS 30000
#define MAXIMUM_LOCK_TIMEOUT_MS 86400000

struct extmgr_catalog {
	atomic_size_t references;
	extmgr_context *context;
	extmgr_database *database;
	bool is_sqlite; /* else PostgreSQL */
	uint64_t lock_timeout_ms;
	char prefix[EXTMGR__CATALOG_PREFIX_MAXIMUM + 1];
};

void extmgr_catalog_options_init(extmgr_catalog_options *options, uint32_t struct_size)
{
	extmgr__options_init(options, sizeof(*options), struct_size);
}

extmgr_result extmgr__catalog_check_prefix(const char *prefix, extmgr_error **error)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz_";
	static const char more[] = "abcdefghijklmnopqrstuvwxyz_0123456789";
	size_t length = strnlen(prefix, EXTMGR__CATALOG_PREFIX_MAXIMUM + 1);

	if (length > 0 && length <= EXTMGR__CATALOG_PREFIX_MAXIMUM && strchr(letters, prefix[0]) &&
	    strspn(prefix, more) == length)
		return EXTMGR_OK;
	extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT,
			  "the prefix of the catalog's tables '%.40s' is not allowed", prefix);
	extmgr__error_hint(error,
			   "use lower-case letters, digits and _, not beginning with a digit, at "
			   "most %d bytes",
			   EXTMGR__CATALOG_PREFIX_MAXIMUM);
	return EXTMGR_E_INVALID_ARGUMENT;
}

static extmgr_result options_read(extmgr_catalog_options *copy,
				  const extmgr_catalog_options *options, extmgr_error **error)
{
	extmgr_result result = EXTMGR_OK;

	if (options)
		result = extmgr__options_copy(
			copy, sizeof(*copy), options,
			EXTMGR__SIZE_UP_TO(extmgr_catalog_options, lock_timeout_ms),
			"extmgr_catalog_options", error);
	if (result != EXTMGR_OK)
		return result;
	if (copy->flags)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT,
					 "extmgr_catalog_options: unknown flags 0x%x",
					 (unsigned)copy->flags);
	if (copy->lock_timeout_ms > MAXIMUM_LOCK_TIMEOUT_MS)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT,
					 "extmgr_catalog_options: lock_timeout_ms is above %d",
					 MAXIMUM_LOCK_TIMEOUT_MS);
	if (!copy->lock_timeout_ms)
		copy->lock_timeout_ms = DEFAULT_LOCK_TIMEOUT_MS;
	if (!copy->prefix)
		copy->prefix = EXTMGR__CATALOG_PREFIX;
	return extmgr__catalog_check_prefix(copy->prefix, error);
}

static extmgr_result check_database(const extmgr_database *database, extmgr_error **error)
{
	const char *dialect = extmgr_database_get_dialect(database);

	if (!database)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT, "database is NULL");
	if (strcmp(dialect, "sqlite") == 0 || strcmp(dialect, "postgresql") == 0)
		return EXTMGR_OK;
	extmgr__error_set(error, EXTMGR_E_UNSUPPORTED,
			  "a catalog cannot lie in a database of dialect %s", dialect);
	extmgr__error_hint(error, "use SQLite or PostgreSQL for the catalog; extensions may be "
				  "installed in another database");
	return EXTMGR_E_UNSUPPORTED;
}

extmgr_result extmgr_catalog_open(extmgr_context *context, extmgr_database *database,
				  const extmgr_catalog_options *options,
				  extmgr_catalog **catalog_out, extmgr_error **error_out)
{
	extmgr_catalog_options copy = {0};
	extmgr_catalog *catalog;
	extmgr_result result;

	if (error_out)
		*error_out = NULL;
	if (!catalog_out)
		return extmgr__error_set(error_out, EXTMGR_E_INVALID_ARGUMENT,
					 "catalog_out is NULL");
	*catalog_out = NULL;
	result = extmgr__context_check(context, error_out);
	if (result == EXTMGR_OK)
		result = check_database(database, error_out);
	if (result == EXTMGR_OK)
		result = options_read(&copy, options, error_out);
	if (result != EXTMGR_OK)
		return result;
	catalog = calloc(1, sizeof(*catalog));
	if (!catalog)
		return extmgr__error_no_memory(error_out);
	atomic_init(&catalog->references, 1);
	catalog->context = extmgr__context_ref(context);
	catalog->database = extmgr__database_ref(database);
	catalog->is_sqlite = strcmp(extmgr_database_get_dialect(database), "sqlite") == 0;
	catalog->lock_timeout_ms = copy.lock_timeout_ms;
	memcpy(catalog->prefix, copy.prefix, strlen(copy.prefix));
	*catalog_out = catalog;
	return EXTMGR_OK;
}

extmgr_catalog *extmgr__catalog_ref(extmgr_catalog *catalog)
{
	atomic_fetch_add_explicit(&catalog->references, 1, memory_order_relaxed);
	return catalog;
}

void extmgr__catalog_unref(extmgr_catalog *catalog)
{
	if (!catalog || atomic_fetch_sub(&catalog->references, 1) != 1)
		return;
	extmgr__database_unref(catalog->database);
	extmgr__context_unref(catalog->context);
	free(catalog);
}

void extmgr_catalog_free(extmgr_catalog *catalog)
{
	extmgr__catalog_unref(catalog);
}

extmgr_context *extmgr__catalog_context(const extmgr_catalog *catalog)
{
	return catalog->context;
}

const char *extmgr__catalog_prefix(const extmgr_catalog *catalog)
{
	return catalog->prefix;
}

bool extmgr__catalog_is_sqlite(const extmgr_catalog *catalog)
{
	return catalog->is_sqlite;
}

uint64_t extmgr__catalog_lock_timeout_ms(const extmgr_catalog *catalog)
{
	return catalog->lock_timeout_ms;
}

extmgr_database *extmgr__catalog_database(const extmgr_catalog *catalog)
{
	return catalog->database;
}

extmgr_result extmgr__catalog_call_begin(extmgr_catalog *catalog, extmgr_operation *operation,
					 extmgr_error **error)
{
	extmgr_result result;

	if (!catalog)
		return extmgr__error_set(error, EXTMGR_E_INVALID_ARGUMENT, "catalog is NULL");
	result = extmgr__context_check(catalog->context, error);
	if (result != EXTMGR_OK)
		return result;
	return extmgr__operation_begin(operation, catalog->context, error);
}

extmgr_result extmgr__catalog_open_session(extmgr_catalog *catalog, extmgr_operation *operation,
					   struct extmgr__catalog_session **session_out,
					   extmgr_error **error)
{
	extmgr_result result = extmgr__catalog_connect(catalog, operation, session_out, error);

	if (result != EXTMGR_OK)
		return result;
	return extmgr__catalog_check_tables(*session_out, error);
}
