/* SPDX-License-Identifier: MIT */
#include "json.h"

#include "errors.h"

#include <stdlib.h>

cJSON *json_parse(const extmgr_text *text)
{
	return checked(
		cJSON_ParseWithLength(extmgr_text_get_data(text), extmgr_text_get_length(text)));
}

cJSON *json_member(const cJSON *json, const char *key)
{
	return json ? cJSON_GetObjectItemCaseSensitive(json, key) : NULL;
}

const char *json_string(const cJSON *json, const char *key)
{
	const char *text = cJSON_GetStringValue(json_member(json, key));

	return text ? text : "";
}

bool json_is_true(const cJSON *json, const char *key)
{
	return cJSON_IsTrue(json_member(json, key));
}

cJSON *json_new_document(const char *schema)
{
	cJSON *document = checked(cJSON_CreateObject());

	json_add_string(document, "schema", schema);
	return document;
}

void json_add_string(cJSON *object, const char *key, const char *text)
{
	checked(cJSON_AddStringToObject(object, key, text));
}

void json_add(cJSON *object, const char *key, cJSON *item)
{
	if (!cJSON_AddItemToObject(object, key, checked(item)))
		checked(NULL);
}

void json_print(FILE *file, const cJSON *json)
{
	char *text = checked(cJSON_PrintUnformatted(json));

	fprintf(file, "%s\n", text);
	free(text);
}
