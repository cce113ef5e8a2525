/* SPDX-License-Identifier: MIT */
/* The documents of the library, read and written; everything here ends the program without memory.
 */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include <extmgr/extmgr.h>

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdio.h>

/* A document that the library wrote. */
cJSON *json_parse(const extmgr_text *text);
/* The string of a member; "" when there is none. json may be NULL, here and below. */
const char *json_string(const cJSON *json, const char *key);
bool json_is_true(const cJSON *json, const char *key);
cJSON *json_member(const cJSON *json, const char *key);

cJSON *json_new_document(const char *schema);
void json_add_string(cJSON *object, const char *key, const char *text);
/* Takes the item. */
void json_add(cJSON *object, const char *key, cJSON *item);
/* One line. */
void json_print(FILE *file, const cJSON *json);

#endif
