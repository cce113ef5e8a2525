/* SPDX-License-Identifier: MIT */
#include "errors.h"

#include "json.h"
#include "output.h"
#include "progress.h"
#include "signals.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static bool use_json;

void errors_use_json(bool json)
{
	use_json = json;
}

void *checked(void *pointer)
{
	static const char message[] = "extmgr: out of memory\n";

	if (pointer)
		return pointer;
	if (write(STDERR_FILENO, message, sizeof(message) - 1) < 0)
		_exit(EXIT_FAILED);
	_exit(EXIT_FAILED);
}

static char *format_text(const char *format, va_list arguments)
	__attribute__((format(printf, 1, 0)));

static char *format_text(const char *format, va_list arguments)
{
	char *text = NULL;

	if (vasprintf(&text, format, arguments) < 0)
		text = NULL;
	return checked(text);
}

static void print_line(const char *label, const char *message)
{
	char *safe = text_safe(message, TEXT_ONE_LINE);

	fflush(stdout); /* on a terminal what was found comes before what was not */
	fprintf(stderr, "%s%s\n", label, safe);
	free(safe);
}

void print_hint(const char *hint)
{
	print_line("hint: ", hint);
}

/* A usage error, or a failure of the program itself, in the library's own form. */
static void print_own_json(enum exit_code code, const char *message, const char *hint)
{
	static const struct {
		enum exit_code code;
		const char *name;
		const char *class_name;
	} forms[] = {
		{EXIT_USAGE, "EXTMGR_E_INVALID_ARGUMENT", "usage"},
		{EXIT_BUSY, "EXTMGR_E_TIMEOUT", "retry-later"},
		{EXIT_REFUSED, "EXTMGR_E_CONFLICT", "conflict"},
		{EXIT_SIGNAL, "EXTMGR_E_CANCELLED", "retry-later"},
		{EXIT_FAILED, "EXTMGR_E_HOST", "host"},
	};
	size_t at = 0;
	cJSON *document = json_new_document("extmgr.error/1");

	if (code > EXIT_SIGNAL)
		code = EXIT_SIGNAL;
	while (at + 1 < sizeof(forms) / sizeof(forms[0]) && forms[at].code != code)
		at++;
	json_add_string(document, "code", forms[at].name);
	json_add_string(document, "class", forms[at].class_name);
	json_add_string(document, "message", message);
	json_add_string(document, "hint", hint);
	json_print(stderr, document);
	cJSON_Delete(document);
}

static int fail_formatted(enum exit_code code, const char *hint, const char *message)
{
	if (use_json) {
		print_own_json(code, message, hint);
		return code;
	}
	print_line("extmgr: ", message);
	print_hint(hint);
	return code;
}

int fail_usage(const char *hint, const char *format, ...)
{
	va_list arguments;
	char *message;

	va_start(arguments, format);
	message = format_text(format, arguments);
	va_end(arguments);
	fail_formatted(EXIT_USAGE, hint, message);
	free(message);
	return EXIT_USAGE;
}

int fail(enum exit_code code, const char *hint, const char *format, ...)
{
	va_list arguments;
	char *message;

	va_start(arguments, format);
	message = format_text(format, arguments);
	va_end(arguments);
	fail_formatted(code, hint, message);
	free(message);
	return code;
}

void warn(const char *hint, const char *format, ...)
{
	va_list arguments;
	char *message;

	va_start(arguments, format);
	message = format_text(format, arguments);
	va_end(arguments);
	print_line("extmgr: warning: ", message);
	print_hint(hint);
	free(message);
}

/* Advice where the library has none: it cannot know how this program is called. */
static const char *hint_for_code(extmgr_result code)
{
	switch (code) {
	case EXTMGR_E_EXTENSION_NOT_FOUND:
		return "'extmgr search' lists what the registry has";
	case EXTMGR_E_VERSION_NOT_FOUND:
		return "'extmgr info ID' lists the versions";
	case EXTMGR_E_NOT_INSTALLED:
		return "'extmgr list' shows what is installed, 'extmgr install ID' installs it";
	case EXTMGR_E_INSTANCE_NOT_FOUND:
	case EXTMGR_E_INSTANCES_EXIST:
		return "'extmgr instance list ID' shows the instances, 'extmgr instance delete ID "
		       "NAME' removes one";
	case EXTMGR_E_PARAMETERS_INVALID:
		return "'extmgr info ID' describes the parameters; give them with --set, "
		       "--set-file "
		       "or --values";
	case EXTMGR_E_ARTIFACT_MISSING:
		return "put the file into a directory and name that with --files";
	case EXTMGR_E_ARTIFACT_CHECKSUM:
		return "nothing was changed; fetch the file again from where it is published";
	case EXTMGR_E_REQUIREMENTS:
		return "nothing was changed; 'extmgr info ID' lists what it requires";
	case EXTMGR_E_REGISTRY_NOT_FOUND:
	case EXTMGR_E_REGISTRY_UNREADABLE:
		return "check --registry (or EXTMGR_REGISTRY): it must be a readable directory";
	case EXTMGR_E_CONNECTION:
	case EXTMGR_E_AUTHENTICATION:
		return "check --db (or EXTMGR_DB); 'extmgr doctor' looks closer";
	case EXTMGR_E_LOCKED:
		return "somebody else works on this; try again";
	case EXTMGR_E_TIMEOUT:
		return "nothing was changed; try again, or give more time with --timeout";
	case EXTMGR_E_CANCELLED:
		return "nothing was changed; run the command again when you like";
	case EXTMGR_E_CATALOG_MISSING:
		return "'extmgr catalog init' or 'extmgr sync DIR' makes the tables";
	case EXTMGR_E_OUTCOME_UNKNOWN:
	case EXTMGR_E_TRANSACTION_ENDED:
		return "look at what is there with 'extmgr list' before you go on";
	case EXTMGR_E_INVALID_ARGUMENT:
		return "'extmgr COMMAND --help' says what is expected";
	case EXTMGR_E_UNSUPPORTED:
		return "'extmgr doctor' shows what this installation can do";
	case EXTMGR_E_SCRIPT_STATUS:
		return "nothing was changed; this is what the extension itself says";
	case EXTMGR_E_SCRIPT_SYNTAX:
	case EXTMGR_E_SCRIPT_THREW:
	case EXTMGR_E_SCRIPT_RESULT:
	case EXTMGR_E_SCRIPT_TIMEOUT:
	case EXTMGR_E_SCRIPT_MEMORY:
	case EXTMGR_E_PARAMETER_DEFINITION:
	case EXTMGR_E_DEFINITION_UNREGISTERED:
	case EXTMGR_E_DEFINITION_SHAPE:
	case EXTMGR_E_API_VERSION:
		return "nothing was changed; the author of the definition can mend it";
	case EXTMGR_E_STATEMENT:
		return "everything is rolled back; -v shows the log, 'extmgr plan' the statements";
	default:
		return "run again with -v for the log; 'extmgr doctor' checks the installation";
	}
}

const char *error_hint(const extmgr_error *error)
{
	for (const extmgr_error *at = error; at; at = extmgr_error_get_cause(at)) {
		if (extmgr_error_get_hint(at))
			return extmgr_error_get_hint(at);
	}
	return hint_for_code(extmgr_error_get_code(error));
}

/* What a definition says: 404 is not found, any other 4xx refused, 5xx failed. */
static int exit_code_for_status(int32_t status)
{
	return status == 404 || status >= 500 ? EXIT_FAILED : EXIT_REFUSED;
}

static int exit_code_for(const extmgr_error *error)
{
	extmgr_result code = extmgr_error_get_code(error);
	int32_t error_class = extmgr_result_get_class(code);

	if (signals_received() && error_class != EXTMGR_CLASS_OUTCOME_UNKNOWN)
		return EXIT_SIGNAL + signals_received();
	switch (code) {
	case EXTMGR_E_INVALID_ARGUMENT:
		return EXIT_USAGE;
	case EXTMGR_E_FORMAT: /* values or a definition, not the way we were called */
		return EXIT_REFUSED;
	case EXTMGR_E_VERIFY: /* a conflict of the definition with itself */
		return EXIT_FAILED;
	case EXTMGR_E_SCRIPT_STATUS:
		return exit_code_for_status(extmgr_error_get_http_status(error));
	default:
		break;
	}
	switch (error_class) {
	case EXTMGR_CLASS_CONFLICT:
	case EXTMGR_CLASS_REFUSED:
		return EXIT_REFUSED;
	case EXTMGR_CLASS_RETRY_LATER:
		return EXIT_BUSY;
	default:
		return EXIT_FAILED;
	}
}

/* The library's document; our hint when its chain has none. */
static void print_error_json(const extmgr_error *error)
{
	extmgr_text *text = NULL;
	cJSON *document;

	if (extmgr_error_to_json(error, &text) != EXTMGR_OK)
		checked(NULL);
	document = json_parse(text);
	if (!cJSON_GetObjectItemCaseSensitive(document, "hint"))
		json_add_string(document, "hint", error_hint(error));
	json_print(stderr, document);
	cJSON_Delete(document);
	extmgr_text_free(text);
}

int fail_with(extmgr_error *error, const char *format, ...)
{
	int code = exit_code_for(error);
	extmgr_text *chain = NULL;
	char *what;
	char *message;
	va_list arguments;

	progress_end();
	if (use_json) {
		print_error_json(error);
		extmgr_error_free(error);
		return code;
	}
	va_start(arguments, format);
	what = format_text(format, arguments);
	va_end(arguments);
	if (extmgr_error_copy_text(error, &chain) != EXTMGR_OK)
		checked(NULL);
	if (asprintf(&message, "%s: %s", what, extmgr_text_get_data(chain)) < 0)
		checked(NULL);
	print_line("extmgr: ", message);
	print_hint(error_hint(error));
	free(message);
	free(what);
	extmgr_text_free(chain);
	extmgr_error_free(error);
	return code;
}

/* The library's form of such an error. */
static void print_definition_json(int32_t status, const char *message)
{
	cJSON *document = json_new_document("extmgr.error/1");

	json_add(document, "httpStatus", checked(cJSON_CreateNumber(status)));
	json_add_string(document, "code", extmgr_result_get_name(EXTMGR_E_SCRIPT_STATUS));
	json_add_string(document, "class", "refused");
	json_add_string(document, "message", message);
	json_add_string(document, "hint", hint_for_code(EXTMGR_E_SCRIPT_STATUS));
	json_print(stderr, document);
	cJSON_Delete(document);
}

int fail_by_definition(int32_t status, const char *said, const char *format, ...)
{
	va_list arguments;
	char *what;
	char *message;

	if (use_json) {
		print_definition_json(status, said);
		return exit_code_for_status(status);
	}
	va_start(arguments, format);
	what = format_text(format, arguments);
	va_end(arguments);
	if (asprintf(&message, "%s: %s", what, said) < 0)
		checked(NULL);
	print_line("extmgr: ", message);
	print_line("hint: ", hint_for_code(EXTMGR_E_SCRIPT_STATUS));
	free(message);
	free(what);
	return exit_code_for_status(status);
}
