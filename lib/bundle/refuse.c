/* SPDX-License-Identifier: MIT */
#include "bundle/refuse.h"

#include "base/text.h"

#include <stdarg.h>
#include <string.h>

/* Of a name that may be 64 KiB long, as much as tells which one it is. */
#define SHOWN_NAME_MAXIMUM 300

static const struct {
	extmgr_result code;
	const char *hint;
} hints[] = {
	{EXTMGR_E_BUNDLE_NOT_FOUND, "check the path; a development directory has a dist/ folder"},
	{EXTMGR_E_BUNDLE_UNREADABLE, "check that it is a regular file and may be read"},
	{EXTMGR_E_BUNDLE_CHANGED, "write to another name and rename; then try again"},
	{EXTMGR_E_BUNDLE_LINK, "put the file itself there, or name the one the link leads to"},
	{EXTMGR_E_BUNDLE_NOT_ZIP, "pack it with 'extmgr bundle pack DIR'; copy it in binary mode"},
	{EXTMGR_E_BUNDLE_MALFORMED, "the file is damaged: copy or pack it again"},
	{EXTMGR_E_BUNDLE_TOO_LARGE, "a host can raise bundle_bytes of its context"},
	{EXTMGR_E_BUNDLE_ENTRY_TOO_LARGE, "a host can raise bundle_entry_bytes of its context"},
	{EXTMGR_E_BUNDLE_TOTAL_TOO_LARGE, "a host can raise bundle_total_bytes of its context"},
	{EXTMGR_E_BUNDLE_RATIO, "a host can raise bundle_ratio of its context"},
	{EXTMGR_E_BUNDLE_TOO_MANY_ENTRIES, "a host can raise bundle_entries of its context"},
	{EXTMGR_E_BUNDLE_PATH_TOO_LONG, "shorten the path"},
	{EXTMGR_E_BUNDLE_TRAVERSAL, "do not use this file: it may be an attack"},
	{EXTMGR_E_BUNDLE_ABSOLUTE_PATH, "pack with paths relative to dist/"},
	{EXTMGR_E_BUNDLE_BACKSLASH, "pack with '/' between the parts of a path"},
	{EXTMGR_E_BUNDLE_CONTROL_CHARACTER, "rename the file"},
	{EXTMGR_E_BUNDLE_NAME_ENCODING, "pack with UTF-8 names, marked as such"},
	{EXTMGR_E_BUNDLE_DUPLICATE, "pack into a new file; zip adds to one that is there"},
	{EXTMGR_E_BUNDLE_UNEXPECTED_MEMBER,
	 "a bundle holds manifest.json, frontend/dist/... and backend/src/... only"},
	{EXTMGR_E_BUNDLE_SPECIAL_FILE, "put regular files and folders into a bundle"},
	{EXTMGR_E_BUNDLE_ENCRYPTED, "pack without a password"},
	{EXTMGR_E_BUNDLE_METHOD, "pack with the method deflate"},
	{EXTMGR_E_BUNDLE_CRC, "the file is damaged: copy or pack it again"},
	{EXTMGR_E_BUNDLE_DATA, "the file is damaged: copy or pack it again"},
	{EXTMGR_E_BUNDLE_HEADERS_DIFFER, "do not use this file; pack it again from its sources"},
	{EXTMGR_E_BUNDLE_OVERLAP, "do not use this file; pack it again from its sources"},
	{EXTMGR_E_BUNDLE_GAP, "pack into a new file with 'extmgr bundle pack DIR'"},
	{EXTMGR_E_BUNDLE_DATA_BEFORE, "pack into a new file with 'extmgr bundle pack DIR'"},
	{EXTMGR_E_BUNDLE_DATA_AFTER, "pack into a new file with 'extmgr bundle pack DIR'"},
	{EXTMGR_E_BUNDLE_ZIP64, "pack into a new file with 'extmgr bundle pack DIR'"},
	{EXTMGR_E_BUNDLE_MANIFEST_MISSING, "build the extension; pack what is inside dist/"},
	{EXTMGR_E_BUNDLE_MANIFEST_TOO_LARGE, "a host can raise manifest_bytes of its context"},
	{EXTMGR_E_BUNDLE_MANIFEST_JSON, "mend manifest.json"},
	{EXTMGR_E_BUNDLE_MANIFEST_FIELD, "mend manifest.json"},
	{EXTMGR_E_BUNDLE_ID, "mend publisher, name or id in manifest.json"},
	{EXTMGR_E_BUNDLE_VERSION, "write a version such as 1.2.3 or 1.2.3-rc.1"},
	{EXTMGR_E_BUNDLE_DEFINITION, "name a file below backend/src/ that is in the bundle"},
};

static void add_hint(extmgr_error **error, extmgr_result code)
{
	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++) {
		if (hints[i].code == code)
			extmgr__error_hint(error, "%s", hints[i].hint);
	}
}

static void show(struct extmgr__buffer *shown, const char *bytes, size_t length)
{
	size_t cut = extmgr__utf8_cut(bytes, length, SHOWN_NAME_MAXIMUM);

	extmgr__utf8_append_line(shown, bytes, cut);
	if (cut < length)
		extmgr__buffer_puts(shown, "...");
}

__attribute__((format(printf, 6, 0))) static extmgr_result
refuse(extmgr_error **error, bool with_cause, extmgr_result code, const char *bundle,
       const struct extmgr__member_name *member, const char *format, va_list arguments)
{
	struct extmgr__buffer rule = EXTMGR__BUFFER(EXTMGR__MESSAGE_MAXIMUM);
	struct extmgr__buffer name = EXTMGR__BUFFER(EXTMGR__MESSAGE_MAXIMUM);
	struct extmgr__buffer where = EXTMGR__BUFFER(EXTMGR__MESSAGE_MAXIMUM);

	extmgr__buffer_vprintf(&rule, format, arguments);
	show(&where, bundle, strlen(bundle));
	if (member)
		show(&name, member->bytes, member->length);
	if (with_cause)
		extmgr__error_wrap(error, code, "bundle '%s': %s%s%s%s", extmgr__buffer_get(&where),
				   member ? "member '" : "", extmgr__buffer_get(&name),
				   member ? "': " : "", extmgr__buffer_get(&rule));
	else
		extmgr__error_set(error, code, "bundle '%s': %s%s%s%s", extmgr__buffer_get(&where),
				  member ? "member '" : "", extmgr__buffer_get(&name),
				  member ? "': " : "", extmgr__buffer_get(&rule));
	add_hint(error, code);
	extmgr__error_detail(error, "bundle", extmgr__buffer_get(&where));
	if (member)
		extmgr__error_detail(error, "member", extmgr__buffer_get(&name));
	extmgr__buffer_free(&where);
	extmgr__buffer_free(&name);
	extmgr__buffer_free(&rule);
	return code;
}

extmgr_result extmgr__refuse(extmgr_error **error, extmgr_result code, const char *bundle,
			     const struct extmgr__member_name *member, const char *format, ...)
{
	va_list arguments;

	if (!error)
		return code;
	va_start(arguments, format);
	refuse(error, false, code, bundle, member, format, arguments);
	va_end(arguments);
	return code;
}

extmgr_result extmgr__refuse_with_cause(extmgr_error **error, extmgr_result code,
					const char *bundle,
					const struct extmgr__member_name *member,
					const char *format, ...)
{
	va_list arguments;

	if (!error)
		return code;
	va_start(arguments, format);
	refuse(error, true, code, bundle, member, format, arguments);
	va_end(arguments);
	return code;
}
