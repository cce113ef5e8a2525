/* SPDX-License-Identifier: MIT */
/* Database URLs. Messages name the part that is wrong, never its value: it may be a password. */
#include "odbc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAXIMUM_URL       8192
#define MAXIMUM_POSTGRES  255 /* psqlODBC cuts longer names, passwords and paths without a word */
#define MAXIMUM_TIMEOUT_S 3600

static extmgr_result invalid(extmgr_error **error, const char *what)
{
	return extmgr__drivers_error(error, EXTMGR_E_INVALID_ARGUMENT, NULL, "the database URL %s",
				     what);
}

static extmgr_result add(struct extmgr__odbc_settings *settings, const char *key, const char *value,
			 extmgr_error **error)
{
	return extmgr__odbc_settings_add(settings, key, strlen(key), value, strlen(value), error);
}

static extmgr_result parse_sqlite(const char *path, struct extmgr__odbc_settings *settings,
				  extmgr_error **error)
{
	struct extmgr__drivers_text text = {0};
	char driver[512];
	extmgr_result result;

	if (*path == '\0')
		return invalid(error, "has no path");
	/* SQLite would read it as an URI of its own, which can name other files and modes. */
	if (strncasecmp(path, "file:", 5) == 0)
		extmgr__drivers_puts(&text, "./");
	extmgr__drivers_puts(&text, path);
	if (text.failed)
		return extmgr__drivers_error(error, EXTMGR_E_NO_MEMORY, NULL, "out of memory");
	result = add(settings, "Driver",
		     extmgr__odbc_find_driver("sqlite3", "SQLite3", driver, sizeof(driver)), error);
	if (result == EXTMGR_OK)
		result = add(settings, "Database", text.data, error);
	extmgr__drivers_text_free(&text);
	return result;
}

static int hex_value(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	digit |= 0x20;
	return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/* Decodes one part of an URL and adds it. An empty one is left out. */
static extmgr_result add_part(struct extmgr__odbc_settings *settings, const char *key,
			      const char *part, size_t length, extmgr_error **error)
{
	char value[MAXIMUM_POSTGRES + 1];
	size_t count = 0;
	extmgr_result result;

	if (length == 0)
		return EXTMGR_OK;
	for (size_t i = 0; i < length; i++) {
		char byte = part[i];

		if (byte == '%') {
			int high = i + 2 < length ? hex_value(part[i + 1]) : -1;
			int low = high >= 0 ? hex_value(part[i + 2]) : -1;

			if (low < 0 || high * 16 + low == 0)
				return invalid(error, "has a wrong %-escape");
			byte = (char)(high * 16 + low);
			i += 2;
		}
		if (count == MAXIMUM_POSTGRES)
			return extmgr__drivers_error(
				error, EXTMGR_E_INVALID_ARGUMENT, NULL,
				"the database URL: '%s' is longer than %d bytes", key,
				MAXIMUM_POSTGRES);
		value[count++] = byte;
	}
	result = extmgr__odbc_settings_add(settings, key, strlen(key), value, count, error);
	explicit_bzero(value, sizeof(value));
	return result;
}

static extmgr_result parse_number(const char *text, size_t length, unsigned long maximum,
				  unsigned long *number)
{
	*number = 0;
	if (length == 0 || length > 5)
		return EXTMGR_E_INVALID_ARGUMENT;
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return EXTMGR_E_INVALID_ARGUMENT;
		*number = *number * 10 + (unsigned long)(text[i] - '0');
	}
	return *number >= 1 && *number <= maximum ? EXTMGR_OK : EXTMGR_E_INVALID_ARGUMENT;
}

static extmgr_result parse_option(const char *option, size_t length,
				  struct extmgr__odbc_settings *settings, extmgr_error **error)
{
	static const char *const modes[] = {"disable", "allow",     "prefer",
					    "require", "verify-ca", "verify-full"};
	const char *equals = memchr(option, '=', length);
	size_t name = equals ? (size_t)(equals - option) : length;
	const char *value = option + name + 1;
	size_t value_length = equals ? length - name - 1 : 0;
	unsigned long seconds;

	if (name == strlen("connect_timeout") && memcmp(option, "connect_timeout", name) == 0) {
		if (parse_number(value, value_length, MAXIMUM_TIMEOUT_S, &seconds) != EXTMGR_OK)
			return invalid(error, "has a connect_timeout that is not 1 to 3600");
		settings->connect_timeout_ms = seconds * 1000;
		return EXTMGR_OK;
	}
	if (name != strlen("sslmode") || memcmp(option, "sslmode", name) != 0)
		return invalid(error, "has a query key other than sslmode and connect_timeout");
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (value_length == strlen(modes[i]) && memcmp(value, modes[i], value_length) == 0)
			return add(settings, "SSLMode", modes[i], error);
	}
	return invalid(error, "has an sslmode that PostgreSQL does not know");
}

static extmgr_result parse_options(const char *query, struct extmgr__odbc_settings *settings,
				   extmgr_error **error)
{
	while (*query) {
		size_t length = strcspn(query, "&");
		extmgr_result result = parse_option(query, length, settings, error);

		if (result != EXTMGR_OK)
			return result;
		query += length;
		query += *query == '&';
	}
	return EXTMGR_OK;
}

static extmgr_result parse_host(const char *host, size_t length,
				struct extmgr__odbc_settings *settings, extmgr_error **error)
{
	const char *end = host + length;
	const char *colon = memrchr(host, ':', length);
	unsigned long port;
	extmgr_result result;

	if (length > 0 && *host == '[') {
		const char *bracket = memchr(host, ']', length);

		if (!bracket || (bracket + 1 != end && bracket[1] != ':'))
			return invalid(error, "has a wrong IPv6 address");
		colon = bracket + 1 != end ? bracket + 1 : NULL;
		result =
			add_part(settings, "Server", host + 1, (size_t)(bracket - host - 1), error);
	} else {
		result = add_part(settings, "Server", host, (size_t)((colon ? colon : end) - host),
				  error);
	}
	if (result != EXTMGR_OK)
		return result;
	if (!extmgr__odbc_settings_get(settings, "Server"))
		return invalid(error, "has no host");
	if (!colon)
		return add(settings, "Port", "5432", error);
	if (parse_number(colon + 1, (size_t)(end - colon - 1), UINT16_MAX, &port) != EXTMGR_OK)
		return invalid(error, "has a port that is not 1 to 65535");
	return add_part(settings, "Port", colon + 1, (size_t)(end - colon - 1), error);
}

static extmgr_result parse_user(const char *user, size_t length,
				struct extmgr__odbc_settings *settings, extmgr_error **error)
{
	const char *colon = memchr(user, ':', length);
	size_t name = colon ? (size_t)(colon - user) : length;
	extmgr_result result = add_part(settings, "UID", user, name, error);

	if (result != EXTMGR_OK || !colon)
		return result;
	return add_part(settings, "PWD", colon + 1, length - name - 1, error);
}

/* rest: behind the "//" */
static extmgr_result parse_postgresql(const char *rest, struct extmgr__odbc_settings *settings,
				      extmgr_error **error)
{
	size_t authority = strcspn(rest, "/?#");
	const char *at = memrchr(rest, '@', authority);
	const char *host = at ? at + 1 : rest;
	const char *path = rest + authority;
	size_t name;
	char driver[512];
	extmgr_result result;

	if (strchr(rest, '#'))
		return invalid(error, "has a fragment (#): write it as %23");
	if (*path != '/' || path[1] == '\0' || path[1] == '?')
		return invalid(error, "has no database name");
	name = strcspn(path + 1, "?");
	if (memchr(path + 1, '/', name))
		return invalid(error, "has a database name with '/': write it as %2F");
	result = add(settings, "Driver",
		     extmgr__odbc_find_driver("postgresql", "PostgreSQL Unicode", driver,
					      sizeof(driver)),
		     error);
	if (result == EXTMGR_OK && at)
		result = parse_user(rest, (size_t)(at - rest), settings, error);
	if (result == EXTMGR_OK)
		result = parse_host(host, (size_t)(rest + authority - host), settings, error);
	if (result == EXTMGR_OK)
		result = add_part(settings, "Database", path + 1, name, error);
	path += 1 + name;
	return result == EXTMGR_OK && *path == '?' ? parse_options(path + 1, settings, error)
						   : result;
}

/* KEY=VALUE;KEY={VALUE};... */
static extmgr_result parse_odbc(const char *text, struct extmgr__odbc_settings *settings,
				extmgr_error **error)
{
	while (*text) {
		size_t key = strcspn(text, "=;");
		const char *value = text + key + 1;
		size_t length;
		bool quoted;
		extmgr_result result;

		if (*text == ';') {
			text++;
			continue;
		}
		if (text[key] != '=')
			return invalid(error, "has a key without a value");
		quoted = *value == '{';
		value += quoted;
		length = strcspn(value, quoted ? "}" : ";");
		if (quoted && (value[length] == '\0' ||
			       (value[length + 1] != ';' && value[length + 1] != '\0')))
			return invalid(error, "has a value whose '{' is not closed by '}'");
		result = extmgr__odbc_settings_add(settings, text, key, value, length, error);
		if (result != EXTMGR_OK)
			return result;
		text = value + length + quoted;
	}
	return settings->count > 0 ? EXTMGR_OK : invalid(error, "has no keys");
}

extmgr_result extmgr__odbc_url_parse(const char *url, struct extmgr__odbc_settings *settings,
				     extmgr_error **error)
{
	static const struct {
		const char *scheme;
		extmgr_result (*parse)(const char *rest, struct extmgr__odbc_settings *settings,
				       extmgr_error **error);
	} schemes[] = {
		{"sqlite:", parse_sqlite},
		{"postgresql://", parse_postgresql},
		{"postgres://", parse_postgresql},
		{"odbc:", parse_odbc},
	};

	if (!url || *url == '\0')
		return invalid(error, "is empty");
	if (strnlen(url, MAXIMUM_URL + 1) > MAXIMUM_URL)
		return invalid(error, "is longer than 8192 bytes");
	if (extmgr__drivers_find_control(url))
		return invalid(error, "has a control character");
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		size_t length = strlen(schemes[i].scheme);

		if (strncasecmp(url, schemes[i].scheme, length) == 0)
			return schemes[i].parse(url + length, settings, error);
	}
	return extmgr__drivers_error(
		error, EXTMGR_E_UNSUPPORTED,
		"sqlite:PATH, postgresql://USER:PASSWORD@HOST:PORT/DATABASE or "
		"odbc:KEY=VALUE;...",
		"the database URL has an unknown scheme");
}
