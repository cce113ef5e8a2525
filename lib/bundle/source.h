/* SPDX-License-Identifier: MIT */
/* What was read of a bundle, before anything is made of it. */
#ifndef EXTMGR_BUNDLE_SOURCE_H
#define EXTMGR_BUNDLE_SOURCE_H

#include "bundle/content.h"

#include <extmgr/bundle.h>

#include <stdatomic.h>

/* Shared by a source and the bundles opened from it. */
struct extmgr__origin {
	atomic_uint references;
	extmgr_context *context;
	char *path;
	int32_t kind;
	char archive_sha256[EXTMGR__SHA256_HEX_SIZE];
	struct extmgr__buffer sums;      /* data NULL: no such file */
	struct extmgr__buffer signature; /* data NULL: no such file */
	bool vouched; /* who signed an index with its SHA-256 is trusted: it needs no signature */
};

/* NULL without a buffer or file. length may be NULL. */
const char *extmgr__origin_bytes(const struct extmgr__buffer *buffer, size_t *length);
struct extmgr__origin *extmgr__origin_ref(struct extmgr__origin *origin);
void extmgr__origin_unref(struct extmgr__origin *origin);

struct extmgr_bundle_source {
	struct extmgr__origin *origin;
	struct extmgr__buffer archive;   /* of an archive */
	uint64_t reserved;               /* for it */
	struct extmgr__content *content; /* of a directory */
};

/* Its content, unpacked when it is an archive. Unref it. */
extmgr_result extmgr__source_read_content(const extmgr_bundle_source *source,
					  struct extmgr__content **content_out,
					  extmgr_error **error);

#endif
