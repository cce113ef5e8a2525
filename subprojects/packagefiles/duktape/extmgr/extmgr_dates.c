/* SPDX-License-Identifier: MIT */
/*
 * Dates as texts, as ES2018 has them: what toString(), toDateString(), toTimeString() and
 * toUTCString() answer, and the reading of it (the ISO form is read by Duktape itself).
 */
#define _DEFAULT_SOURCE /* timegm() */
#include "extmgr_duktape.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Of the parts that Duktape hands over. */
enum { YEAR, MONTH, DAY, HOUR, MINUTE, SECOND, MILLISECOND, WEEKDAY };

static const char *const weekdays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
				     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/* Month and day begin with 1; the offset is in seconds. Pushes the text. */
int extmgr_duk_date_format(duk_context *ctx, const int *parts, int has_date, int has_time,
			   int is_local, int offset)
{
	const char *weekday = weekdays[parts[WEEKDAY] % 7];
	const char *month = months[(parts[MONTH] - 1) % 12];
	const char *sign = parts[YEAR] < 0 ? "-" : "";
	int year = abs(parts[YEAR]);
	int minutes = abs(offset) / 60;

	if (!is_local) {
		(void)duk_push_sprintf(ctx, "%s, %02d %s %s%04d %02d:%02d:%02d GMT", weekday,
				       parts[DAY], month, sign, year, parts[HOUR], parts[MINUTE],
				       parts[SECOND]);
		return 1;
	}
	(void)duk_push_string(ctx, "");
	if (has_date)
		(void)duk_push_sprintf(ctx, "%s %s %02d %s%04d%s", weekday, month, parts[DAY], sign,
				       year, has_time ? " " : "");
	if (has_time)
		(void)duk_push_sprintf(ctx, "%02d:%02d:%02d GMT%c%02d%02d%s", parts[HOUR],
				       parts[MINUTE], parts[SECOND], offset < 0 ? '-' : '+',
				       minutes / 60, minutes % 60,
				       offset == 0 ? " (Coordinated Universal Time)" : "");
	duk_concat(ctx, 1 + (has_date != 0) + (has_time != 0));
	return 1;
}

/* What a text has told so far. */
struct reading {
	struct tm time;
	int numbers[2]; /* day and year, in the order of the text */
	int number_count;
	int has_month;
	int has_time;
	int has_zone;
	int offset; /* minutes */
};

/* A number of at most four digits; -1 when there is none. */
static int read_number(const char **text)
{
	int number = 0;
	int digits = 0;

	for (; isdigit((unsigned char)**text) && digits < 5; digits++)
		number = number * 10 + *(*text)++ - '0';
	return digits > 0 && digits < 5 ? number : -1;
}

static int find_name(const char *const *names, int count, const char *word)
{
	for (int i = 0; i < count; i++) {
		if (tolower((unsigned char)word[0]) == tolower((unsigned char)names[i][0]) &&
		    tolower((unsigned char)word[1]) == names[i][1] &&
		    tolower((unsigned char)word[2]) == names[i][2])
			return i;
	}
	return -1;
}

static int read_word(struct reading *reading, const char **text)
{
	char word[4] = "";
	int length = 0;
	int month;

	for (; isalpha((unsigned char)**text); (*text)++, length++) {
		if (length < 3)
			word[length] = **text;
	}
	if (length == 3 && (!strcmp(word, "GMT") || !strcmp(word, "UTC"))) {
		reading->has_zone = 1;
		return 1;
	}
	if (length < 3)
		return 0;
	month = find_name(months, 12, word);
	if (month < 0)
		return find_name(weekdays, 7, word) >= 0;
	if (reading->has_month)
		return 0;
	reading->has_month = 1;
	reading->time.tm_mon = month;
	return 1;
}

/* +hhmm or +hh:mm */
static int read_offset(struct reading *reading, const char **text)
{
	int sign = *(*text)++ == '-' ? -1 : 1;
	const char *begin = *text;
	int number = read_number(text);

	if (number >= 0 && *text - begin == 2 && **text == ':') {
		int minutes;

		(*text)++;
		minutes = read_number(text);
		number = minutes < 0 ? -1 : number * 100 + minutes;
	} else if (*text - begin != 4) {
		return 0;
	}
	if (number < 0 || number % 100 > 59)
		return 0;
	reading->has_zone = 1;
	reading->offset = sign * (number / 100 * 60 + number % 100);
	return 1;
}

/* A day, a year, or hh:mm and :ss */
static int read_digits(struct reading *reading, const char **text)
{
	int number = read_number(text);

	if (number < 0)
		return 0;
	if (**text != ':') {
		if (reading->number_count == 2)
			return 0;
		reading->numbers[reading->number_count++] = number;
		return 1;
	}
	if (reading->has_time || number > 23)
		return 0;
	reading->has_time = 1;
	reading->time.tm_hour = number;
	(*text)++;
	reading->time.tm_min = read_number(text);
	if (**text == ':') {
		(*text)++;
		reading->time.tm_sec = read_number(text);
	}
	return reading->time.tm_min >= 0 && reading->time.tm_min < 60 &&
	       reading->time.tm_sec >= 0 && reading->time.tm_sec < 60;
}

static int read_text(struct reading *reading, const char *text)
{
	int is_read = 1;

	while (*text && is_read) {
		if (*text == ' ' || *text == ',')
			text++;
		else if (*text == '(')
			text += strcspn(text, ")") + (strchr(text, ')') != NULL);
		else if (isalpha((unsigned char)*text))
			is_read = read_word(reading, &text);
		else if ((*text == '+' || *text == '-') && reading->has_time)
			is_read = read_offset(reading, &text);
		else if (isdigit((unsigned char)*text))
			is_read = read_digits(reading, &text);
		else
			is_read = 0;
	}
	return is_read && reading->has_month && reading->number_count == 2;
}

/* Pushes the time, and answers 1, when the text names a day by its month: 1 Jan 2020 10:00 GMT. */
int extmgr_duk_date_parse(duk_context *ctx, const char *text)
{
	struct reading reading = {.has_month = 0};
	time_t seconds;

	if (!read_text(&reading, text) || reading.numbers[0] < 1 || reading.numbers[0] > 31)
		return 0;
	reading.time.tm_mday = reading.numbers[0];
	reading.time.tm_year = reading.numbers[1] - 1900;
	reading.time.tm_isdst = -1;
	seconds = reading.has_zone ? timegm(&reading.time) - 60 * (time_t)reading.offset :
				     mktime(&reading.time);
	duk_push_number(ctx, (double)seconds * 1000);
	return 1;
}
