/* SPDX-License-Identifier: MIT */
/* What a definition requires of the target: the member requirements (docs/definitions.md). */
#include "script/definition_internal.h"

#include "base/alloc.h"
#include "base/semver.h"
#include "script/convert.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define NAME_MAXIMUM ((size_t)255) /* bytes */

static const char *const privileges[] = {"create-schema", "create-table", "create-role",
					 "superuser"};

static _Noreturn void refuse(const struct extmgr__conversion *conversion, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void refuse(const struct extmgr__conversion *conversion, const char *format, ...)
{
	char reason[400];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(reason, sizeof(reason), format, arguments);
	va_end(arguments);
	extmgr__heap_fail(conversion->duk, conversion->code,
			  "%s: could not convert requirements: %s", conversion->subject, reason);
}

static struct extmgr__requirement *add(const struct extmgr__conversion *conversion,
				       struct extmgr__definition_info *info,
				       enum extmgr__requirement_kind kind)
{
	struct extmgr__requirement *grown =
		extmgr__array_grow(info->requirements, info->requirement_count,
				   &info->requirement_capacity, sizeof(*grown));

	if (!grown)
		extmgr__heap_fail(conversion->duk, EXTMGR_E_NO_MEMORY, "out of memory");
	info->requirements = grown;
	grown += info->requirement_count++;
	*grown = (struct extmgr__requirement){.kind = kind};
	return grown;
}

static void check_name(const struct extmgr__conversion *conversion, const char *name)
{
	size_t length = strlen(name);

	if (!length || length > NAME_MAXIMUM || extmgr__text_has_control(name, length))
		refuse(conversion, "'%.100s' is no name", name);
}

/* What is not understood would not be checked: refused. */
static void check_requirement(const struct extmgr__conversion *conversion,
			      const struct extmgr__requirement *requirement)
{
	bool known = requirement->kind != EXTMGR__REQUIRES_PRIVILEGE;

	check_name(conversion, requirement->name);
	for (size_t i = 0; i < sizeof(privileges) / sizeof(privileges[0]) && !known; i++)
		known = strcmp(privileges[i], requirement->name) == 0;
	if (!known)
		refuse(conversion,
		       "'%.100s' is no privilege; there are create-schema, create-table, "
		       "create-role and superuser",
		       requirement->name);
	if (requirement->range && *requirement->range &&
	    !extmgr__range_is_valid(requirement->range))
		refuse(conversion, "'%.100s' is no range of versions such as '>=1.2 <2'",
		       requirement->range);
}

/* One element, on top: a text, or an extension as {id, version}. */
static void read_element(const struct extmgr__conversion *conversion,
			 struct extmgr__definition_info *info, enum extmgr__requirement_kind kind)
{
	struct extmgr__requirement *requirement = add(conversion, info, kind);

	if (kind == EXTMGR__REQUIRES_EXTENSION && duk_is_object(conversion->duk, -1)) {
		extmgr__convert_member_text(conversion, "id", &requirement->name);
		extmgr__convert_member_text(conversion, "version", &requirement->range);
		duk_pop(conversion->duk);
	} else if (duk_is_string(conversion->duk, -1)) {
		extmgr__convert_text(conversion, "requirements", &requirement->name);
	} else {
		refuse(conversion, "an element of %s is no text",
		       kind == EXTMGR__REQUIRES_EXTENSION ? "requires" : "a list");
	}
	check_requirement(conversion, requirement);
}

/* The list on top, which is popped. */
static void read_list(const struct extmgr__conversion *conversion,
		      struct extmgr__definition_info *info, const char *name,
		      enum extmgr__requirement_kind kind)
{
	duk_context *duk = conversion->duk;
	size_t count;

	/* A text is iterable, too: its characters are not what the author meant. */
	if (!duk_is_null_or_undefined(duk, -1) && !duk_is_object(duk, -1))
		refuse(conversion, "%s is not a list", name);
	count = extmgr__convert_list(conversion, name, EXTMGR__STATIC_MAXIMUM);
	for (size_t i = 0; i < count; i++) {
		(void)duk_get_prop_index(duk, -1, (duk_uarridx_t)i);
		read_element(conversion, info, kind);
	}
	duk_pop(duk);
}

/* A range for the dialect of that name, "" for all of them; its text is on top and popped. */
static void read_server_range(const struct extmgr__conversion *conversion,
			      struct extmgr__definition_info *info, const char *dialect)
{
	struct extmgr__requirement *requirement = add(conversion, info, EXTMGR__REQUIRES_SERVER);

	if (!duk_is_string(conversion->duk, -1))
		refuse(conversion, "server is neither a text nor an object of texts");
	requirement->name = extmgr__strdup(dialect);
	if (!requirement->name)
		extmgr__heap_fail(conversion->duk, EXTMGR_E_NO_MEMORY, "out of memory");
	extmgr__convert_text(conversion, "requirements", &requirement->range);
	if (!extmgr__range_is_valid(requirement->range))
		refuse(conversion, "'%.100s' is no range of versions such as '>=1.2 <2'",
		       requirement->range);
}

static void read_server(const struct extmgr__conversion *conversion,
			struct extmgr__definition_info *info)
{
	duk_context *duk = conversion->duk;

	if (duk_is_null_or_undefined(duk, -1)) {
		duk_pop(duk);
		return;
	}
	if (!duk_is_object(duk, -1)) {
		read_server_range(conversion, info, "");
		return;
	}
	duk_enum(duk, -1, DUK_ENUM_OWN_PROPERTIES_ONLY);
	while (duk_next(duk, -1, 1)) {
		/* [ ... server enumerator key value ]: the key stays until its copy is kept */
		const char *dialect = duk_get_string(duk, -2);

		if (info->requirement_count > EXTMGR__STATIC_MAXIMUM)
			refuse(conversion, "server has too many members");
		check_name(conversion, dialect);
		read_server_range(conversion, info, dialect);
		duk_pop(duk);
	}
	duk_pop_2(duk);
}

static void read_member(const struct extmgr__conversion *conversion,
			struct extmgr__definition_info *info, const char *name)
{
	static const struct {
		const char *name;
		enum extmgr__requirement_kind kind;
	} lists[] = {
		{"dialects", EXTMGR__REQUIRES_DIALECT},
		{"privileges", EXTMGR__REQUIRES_PRIVILEGE},
		{"extensions", EXTMGR__REQUIRES_DATABASE_EXTENSION},
		{"requires", EXTMGR__REQUIRES_EXTENSION},
	};

	if (strcmp(name, "server") == 0) {
		read_server(conversion, info);
		return;
	}
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		if (strcmp(name, lists[i].name) == 0) {
			read_list(conversion, info, name, lists[i].kind);
			return;
		}
	}
	refuse(conversion,
	       "'%.100s' is not known; there are dialects, server, privileges, extensions and "
	       "requires",
	       name);
}

void extmgr__definition_requirements_read(const struct extmgr__conversion *conversion,
					  struct extmgr__definition_info *info)
{
	duk_context *duk = conversion->duk;

	(void)duk_get_prop_literal(duk, -1, "requirements");
	if (duk_is_null_or_undefined(duk, -1)) {
		duk_pop(duk);
		return;
	}
	extmgr__convert_require_object(conversion, "requirements");
	duk_enum(duk, -1, DUK_ENUM_OWN_PROPERTIES_ONLY);
	while (duk_next(duk, -1, 1)) {
		/* [ ... requirements enumerator key value ] */
		read_member(conversion, info, duk_get_string(duk, -2));
		duk_pop(duk);
	}
	duk_pop_2(duk);
}
