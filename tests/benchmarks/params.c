/* SPDX-License-Identifier: MIT */
/*
 * What a form of ten parameters costs. Forms differ by a text that is otherwise alike, so that
 * definitions that were seen before can be told from new ones.
 */
#include "measure.h"

#include <extmgr/context.h>
#include <extmgr/params.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char form[] =
	"[{\"id\":\"host\",\"name\":\"Host %08d\",\"type\":\"string\",\"required\":true,"
	"\"regex\":\"^[a-z0-9.-]+$\"},"
	"{\"id\":\"port\",\"name\":\"Port\",\"type\":\"integer\",\"min\":1,\"max\":65535,"
	"\"default\":\"5432\"},"
	"{\"id\":\"user\",\"name\":\"User\",\"type\":\"string\",\"required\":true},"
	"{\"id\":\"password\",\"name\":\"Password\",\"type\":\"string\",\"secret\":true},"
	"{\"id\":\"schema\",\"name\":\"Schema\",\"type\":\"string\",\"regex\":\"^[A-Z_]+$\"},"
	"{\"id\":\"mode\",\"name\":\"Mode\",\"type\":\"select\",\"options\":["
	"{\"id\":\"jdbc\",\"name\":\"JDBC\"},{\"id\":\"native\",\"name\":\"Native\"}]},"
	"{\"id\":\"url\",\"name\":\"URL\",\"type\":\"string\",\"regex\":\"^jdbc:\","
	"\"condition\":{\"parameter\":\"mode\",\"operator\":0,\"value\":\"jdbc\"}},"
	"{\"id\":\"encrypt\",\"name\":\"Encrypt\",\"type\":\"boolean\",\"default\":\"true\"},"
	"{\"id\":\"fetch\",\"name\":\"Fetch size\",\"type\":\"number\",\"min\":0.5},"
	"{\"id\":\"comment\",\"name\":\"Comment\",\"type\":\"string\",\"multiline\":true,"
	"\"maxLength\":200}]";

static const char values[] =
	"{\"host\":\"db.example.com\",\"port\":\"5432\",\"user\":\"reader\",\"password\":\"x7+9\","
	"\"schema\":\"SALES\",\"mode\":\"jdbc\",\"url\":\"jdbc:postgresql://db/sales\","
	"\"encrypt\":\"true\",\"fetch\":\"1000\",\"comment\":\"for the reports of the month\"}";

struct stage {
	extmgr_context *context;
	int number;
	char definitions[sizeof(form) + 16];
};

static void same_form(void *argument)
{
	struct stage *stage = argument;
	extmgr_text *report = NULL;
	extmgr_error *error = NULL;

	check(extmgr_params_validate(stage->context, stage->definitions, strlen(stage->definitions),
				     values, sizeof(values) - 1, &report, &error),
	      error);
	extmgr_text_free(report);
}

static void next_form(struct stage *stage)
{
	(void)snprintf(stage->definitions, sizeof(stage->definitions), form, stage->number++);
}

static void new_form(void *argument)
{
	next_form(argument);
	same_form(argument);
}

static void new_context(void *argument)
{
	struct stage stage = *(struct stage *)argument;
	extmgr_error *error = NULL;

	check(extmgr_context_new(NULL, &stage.context, &error), error);
	same_form(&stage);
	extmgr_context_free(stage.context);
}

int main(void)
{
	struct stage stage = {0};
	extmgr_error *error = NULL;

	check(extmgr_context_new(NULL, &stage.context, &error), error);
	next_form(&stage);
	measure("params_10_first_of_context", new_context, &stage);
	measure("params_10_new_definitions", new_form, &stage);
	measure("params_10_same_definitions", same_form, &stage);
	extmgr_context_free(stage.context);
	return EXIT_SUCCESS;
}
