/* SPDX-License-Identifier: MIT */
/* The catalog as a registry: the definitions that its bundles carry. */
#ifndef EXTMGR_REGISTRY_CATALOG_H
#define EXTMGR_REGISTRY_CATALOG_H

#include "base/text.h"
#include "catalog/catalog.h"
#include "host/trust.h"

/* A definition as the catalog has it. */
struct extmgr__carried {
	char *id;
	const char *withdrawn; /* why it is not installed, such as "is disabled"; NULL: it is */
	extmgr_text *source;   /* checked; NULL when it was not read or failed */
	int32_t signature;     /* EXTMGR_SIGNATURE_...; 0: nobody looked */
	struct extmgr__signer signer;
	extmgr_error *failure; /* why it cannot be read */
};

struct extmgr__carried_list {
	struct extmgr__carried *items; /* in no order */
	size_t count;
	size_t capacity;
};

/*
 * The definitions that bundles carry, those of withdrawn extensions, too. One that fails its checks
 * is listed with its failure. with_sources: read them all. Free in any case.
 */
extmgr_result extmgr__carried_list(extmgr_catalog *catalog, extmgr_operation *operation,
				   bool with_sources, size_t maximum,
				   struct extmgr__carried_list *list, extmgr_error **error);
void extmgr__carried_free(struct extmgr__carried *carried);
void extmgr__carried_list_free(struct extmgr__carried_list *list);

/* One of them. EXTMGR_E_EXTENSION_NOT_FOUND, EXTMGR_E_CATALOG_..., EXTMGR_E_SOURCE_TOO_LARGE.
 * Free in any case. */
extmgr_result extmgr__carried_read(extmgr_catalog *catalog, extmgr_operation *operation,
				   const char *id, size_t maximum, struct extmgr__carried *carried,
				   extmgr_error **error);

#endif
