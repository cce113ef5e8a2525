/* SPDX-License-Identifier: MIT */
/* A host that knows libextmgr only through pkg-config. */
#include <extmgr/extmgr.h>

#include <stdio.h>
#include <string.h>

#ifdef WITH_DRIVERS
static int open_a_database(void)
{
	extmgr_database *database = NULL;
	int is_sqlite;

	if (extmgr_database_open("sqlite:consumer.db", &database, NULL) != EXTMGR_OK)
		return 0;
	is_sqlite = strcmp(extmgr_database_get_dialect(database), "sqlite") == 0;
	extmgr_database_free(database);
	return is_sqlite;
}
#endif

int main(void)
{
	extmgr_context *context = NULL;

	if (extmgr_version_get_number() != EXTMGR_VERSION_NUMBER)
		return 1;
	if (extmgr_context_new(NULL, &context, NULL) != EXTMGR_OK)
		return 2;
	extmgr_context_free(context);
	/* The rules come from the script layer: it is linked in. */
	if (!strstr(extmgr_params_get_javascript(NULL), "extmgrValidateParameters"))
		return 3;
#ifdef WITH_DRIVERS
	if (!open_a_database())
		return 4;
#endif
	printf("libextmgr %s\n", extmgr_version_get_text());
	return 0;
}
