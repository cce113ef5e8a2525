/* SPDX-License-Identifier: MIT */
/* What the parts of a definition share. */
#ifndef EXTMGR_SCRIPT_DEFINITION_INTERNAL_H
#define EXTMGR_SCRIPT_DEFINITION_INTERNAL_H

#include "script/convert.h"
#include "script/definition.h"
#include "script/heap.h"
#include "script/lowering.h"

/* Most versions, artifacts, parameters; and most installations or instances of an answer. */
#define EXTMGR__STATIC_MAXIMUM ((size_t)1000)
#define EXTMGR__RESULT_MAXIMUM ((size_t)10000)

struct extmgr__definition {
	extmgr_context *context;
	struct extmgr__heap *heap;
	char *id;
	struct extmgr__definition_info *info;
	struct extmgr__lowered *lowered; /* what runs instead of the source; NULL: nothing */

	/* The call that is under way. */
	const struct extmgr__services *services; /* NULL: none */
	/* What services answered, kept here while scripts may leave the function that reads it. */
	extmgr_rows *rows;
	extmgr_rows *more_rows;
	extmgr_text *text;
};

/* Stash: the definition's functions by enum extmgr__function, and the object that has them. */
#define EXTMGR__STASH_FUNCTIONS "functions"
#define EXTMGR__STASH_EXTENSION "extension"

/* The members of a row of the metadata tables, in the order of the services' columns. */
#define EXTMGR__SCRIPT_COLUMNS         7
#define EXTMGR__VIRTUAL_SCHEMA_COLUMNS 5
extern const char *const extmgr__script_columns[EXTMGR__SCRIPT_COLUMNS];
extern const char *const extmgr__virtual_schema_columns[EXTMGR__VIRTUAL_SCHEMA_COLUMNS];

/* calls.c: drops what a call has under way, and the services. */
void extmgr__definition_end_call(struct extmgr__definition *definition);

/* definition_info.c: an empty one with one reference; NULL when memory is out. */
struct extmgr__definition_info *extmgr__definition_info_new(void);
/* Reads the value on top, global.installedExtension, and stashes its functions. May leave. */
void extmgr__definition_info_read(struct extmgr__definition *definition, duk_context *duk);

/* definition_requirements.c: the same for its member requirements; the object is on top. */
void extmgr__definition_requirements_read(const struct extmgr__conversion *conversion,
					  struct extmgr__definition_info *info);

/* context_object.c: pushes the object that the definition's functions get first. */
void extmgr__context_object_push(struct extmgr__definition *definition, duk_context *duk);
/* Pushes the second argument of findInstallations. */
void extmgr__metadata_push(struct extmgr__definition *definition, duk_context *duk);

#endif
