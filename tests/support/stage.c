/* SPDX-License-Identifier: MIT */
#include "stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

void stage_must(extmgr_result result, extmgr_error *error)
{
	extmgr_text *text = NULL;

	if (result >= 0)
		return;
	assert_int_equal(extmgr_error_copy_text(error, &text), EXTMGR_OK);
	fail_msg("%s: %s", extmgr_result_get_name(result), extmgr_text_get_data(text));
}

void stage_open(struct stage *stage, extmgr_database *database, const char *definitions)
{
	extmgr_target_options options;
	extmgr_error *error = NULL;

	assert_non_null(database);
	assert_non_null(definitions);
	extmgr_target_options_init(&options, sizeof(options));
	options.history = EXTMGR_HISTORY_OFF; /* dumps are compared */
	*stage = (struct stage){.database = database};
	stage_must(extmgr_context_new(NULL, &stage->context, &error), error);
	stage_must(extmgr_registry_open(stage->context, definitions, &stage->registry, &error),
		   error);
	stage_must(extmgr_manager_new(stage->context, stage->registry, stage->database, NULL,
				      &options, &stage->manager, &error),
		   error);
}

void stage_close(struct stage *stage)
{
	extmgr_context_free(stage->context);
	extmgr_registry_free(stage->registry);
	extmgr_database_free(stage->database);
	extmgr_manager_free(stage->manager);
}
