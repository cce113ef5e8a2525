/* SPDX-License-Identifier: MIT */
/*
 * A scanner of tokens, not a parser: it runs only over sources that the engine has refused, to say
 * which construct is to blame.
 */
#include "script/syntax.h"

#include <stdbool.h>
#include <string.h>

/* Brackets are told apart down to this depth. */
#define DEPTH_MAXIMUM 256

enum token_type { END, WORD, NUMBER, STRING, TEMPLATE, REGEXP, PUNCTUATOR };

struct token {
	enum token_type type;
	const char *text;
	size_t length;
	int line;
};

struct scanner {
	const char *at;
	const char *end;
	int line;
	struct token last;
};

static bool token_is(const struct token *token, const char *text)
{
	size_t length = strlen(text);

	return (token->type == WORD || token->type == PUNCTUATOR) && token->length == length &&
	       memcmp(token->text, text, length) == 0;
}

static bool is_one_of(const struct token *token, const char *const *texts)
{
	for (; *texts; texts++) {
		if (token_is(token, *texts))
			return true;
	}
	return false;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_word_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' ||
	       c == '\\' || (unsigned char)c >= 0x80;
}

static bool is_word_part(char c)
{
	return is_word_start(c) || is_digit(c);
}

static bool looks_at(const struct scanner *scanner, const char *text)
{
	size_t length = strlen(text);

	return (size_t)(scanner->end - scanner->at) >= length &&
	       memcmp(scanner->at, text, length) == 0;
}

static void step(struct scanner *scanner)
{
	if (*scanner->at == '\n')
		scanner->line++;
	scanner->at++;
}

static void skip_line(struct scanner *scanner)
{
	while (scanner->at < scanner->end && *scanner->at != '\n')
		scanner->at++;
}

static void skip_comment(struct scanner *scanner)
{
	while (scanner->at < scanner->end && !looks_at(scanner, "*/"))
		step(scanner);
	for (int i = 0; i < 2 && scanner->at < scanner->end; i++)
		scanner->at++;
}

static void skip_blanks(struct scanner *scanner)
{
	while (scanner->at < scanner->end) {
		if (looks_at(scanner, "//"))
			skip_line(scanner);
		else if (looks_at(scanner, "/*"))
			skip_comment(scanner);
		else if ((unsigned char)*scanner->at <= ' ')
			step(scanner);
		else
			return;
	}
}

static void skip_string(struct scanner *scanner)
{
	char quote = *scanner->at++;

	while (scanner->at < scanner->end && *scanner->at != quote && *scanner->at != '\n') {
		if (*scanner->at == '\\' && scanner->at + 1 < scanner->end)
			scanner->at++;
		step(scanner);
	}
	if (scanner->at < scanner->end && *scanner->at == quote)
		scanner->at++;
}

/* Whether a value has just ended, so that a slash divides and a bracket indexes. */
static bool follows_value(const struct token *last)
{
	static const char *const operators[] = {"return", "typeof",     "case", "in", "of",
						"delete", "void",       "new",  "do", "else",
						"throw",  "instanceof", NULL};
	static const char *const closing[] = {")", "]", "}", NULL};

	switch (last->type) {
	case END:
		return false;
	case WORD:
		return !is_one_of(last, operators);
	case PUNCTUATOR:
		return is_one_of(last, closing);
	default:
		return true;
	}
}

/* The end of the expression at the slash, NULL when its line ends before: then it divides. */
static const char *find_regexp_end(const struct scanner *scanner)
{
	bool in_class = false;

	for (const char *at = scanner->at + 1; at < scanner->end && *at != '\n'; at++) {
		if (*at == '\\' && at + 1 < scanner->end && at[1] != '\n')
			at++;
		else if (*at == '[')
			in_class = true;
		else if (*at == ']')
			in_class = false;
		else if (*at == '/' && !in_class)
			return at + 1;
	}
	return NULL;
}

static void skip_word(struct scanner *scanner)
{
	while (scanner->at < scanner->end && is_word_part(*scanner->at))
		scanner->at++;
}

/* Digits, letters, one point, and the sign of an exponent. */
static void skip_number(struct scanner *scanner)
{
	const char *start = scanner->at;
	bool is_hex = scanner->end - start > 1 && (start[1] == 'x' || start[1] == 'X');

	while (scanner->at < scanner->end) {
		char c = *scanner->at;
		bool is_exponent = !is_hex && scanner->at > start &&
				   (scanner->at[-1] == 'e' || scanner->at[-1] == 'E');

		if (!is_word_part(c) && c != '.' && !(is_exponent && (c == '+' || c == '-')))
			return;
		scanner->at++;
	}
}

static void skip_punctuator(struct scanner *scanner)
{
	static const char *const longer[] = {"...", "?\?=", "||=", "&&=", "=>", "?\?", NULL};

	for (size_t i = 0; longer[i]; i++) {
		if (looks_at(scanner, longer[i])) {
			scanner->at += strlen(longer[i]);
			return;
		}
	}
	if (looks_at(scanner, "?.") &&
	    !(scanner->end - scanner->at > 2 && is_digit(scanner->at[2])))
		scanner->at++;
	/* What begins with = but is no assignment. */
	if (looks_at(scanner, "=="))
		scanner->at++;
	scanner->at++;
}

static enum token_type skip_token(struct scanner *scanner)
{
	const char *regexp_end;
	char c = *scanner->at;

	if (is_word_start(c)) {
		skip_word(scanner);
		return WORD;
	}
	if (is_digit(c) ||
	    (c == '.' && scanner->end - scanner->at > 1 && is_digit(scanner->at[1]))) {
		skip_number(scanner);
		return NUMBER;
	}
	if (c == '"' || c == '\'') {
		skip_string(scanner);
		return STRING;
	}
	if (c == '`') {
		scanner->at++;
		return TEMPLATE;
	}
	regexp_end = c == '/' && !follows_value(&scanner->last) ? find_regexp_end(scanner) : NULL;
	if (regexp_end) {
		scanner->at = regexp_end;
		skip_word(scanner);
		return REGEXP;
	}
	skip_punctuator(scanner);
	return PUNCTUATOR;
}

static struct token next_token(struct scanner *scanner)
{
	struct token token;

	skip_blanks(scanner);
	token = (struct token){.type = END, .text = scanner->at, .line = scanner->line};
	if (scanner->at < scanner->end) {
		token.type = skip_token(scanner);
		token.length = (size_t)(scanner->at - token.text);
	}
	scanner->last = token;
	return token;
}

static struct token peek_token(const struct scanner *scanner)
{
	struct scanner ahead = *scanner;

	return next_token(&ahead);
}

static bool contains(const struct token *token, const char *text)
{
	return memmem(token->text, token->length, text, strlen(text)) != NULL;
}

/* Behind the word function: a star, and what parameters may not be. */
static const char *judge_function(struct scanner ahead, struct token *blamed)
{
	*blamed = next_token(&ahead);
	if (token_is(blamed, "*"))
		return "generator functions";
	if (blamed->type == WORD)
		*blamed = next_token(&ahead);
	if (!token_is(blamed, "("))
		return NULL;
	do {
		*blamed = next_token(&ahead);
		if (token_is(blamed, "="))
			return "default parameters";
		if (token_is(blamed, "{") || token_is(blamed, "["))
			return "destructuring parameters";
		if (token_is(blamed, "..."))
			return "rest parameters";
	} while (blamed->type != END && !token_is(blamed, ")"));
	return NULL;
}

static const char *judge_word(const struct token *before, const struct token *token,
			      const struct scanner *scanner, struct token *blamed)
{
	static const char *const keywords[] = {
		"var",   "new",  "return", "typeof",   "void", "delete", "case",
		"throw", "else", "do",     "in",       "of",   "for",    "if",
		"while", "with", "var",    "function", "try",  "switch", NULL};
	struct token next = peek_token(scanner);
	bool same_line = next.line == token->line;

	if (token_is(before, ".") || token_is(&next, ":"))
		return NULL; /* a property's name */
	if (token_is(token, "const"))
		return "const declarations";
	if (token_is(token, "let") &&
	    (next.type == WORD || token_is(&next, "[") || token_is(&next, "{")))
		return "let declarations";
	if (token_is(token, "class") && (next.type == WORD || token_is(&next, "{")))
		return "classes";
	if (token_is(token, "super"))
		return "super references";
	if (token_is(token, "import") || token_is(token, "export"))
		return "modules";
	if (token_is(token, "var") && (token_is(&next, "[") || token_is(&next, "{")))
		return "destructuring declarations";
	if (token_is(token, "async") && same_line && next.type == WORD)
		return "async functions";
	if (token_is(token, "catch") && token_is(&next, "{"))
		return "catch clauses without a name";
	if (token_is(token, "of") && before->type == WORD && before->line == token->line &&
	    !is_one_of(before, keywords))
		return "for-of loops";
	if (token_is(token, "function"))
		return judge_function(*scanner, blamed);
	return NULL;
}

static const char *judge_punctuator(const struct token *before, const struct token *token,
				    const struct scanner *scanner)
{
	struct token next = peek_token(scanner);

	if (token_is(token, "=>"))
		return "arrow functions";
	if (token_is(token, "..."))
		return "spread and rest elements";
	if (token_is(token, "?."))
		return "optional chains";
	if (token_is(token, "?\?"))
		return "nullish operators";
	if (token_is(token, "?\?=") || token_is(token, "||=") || token_is(token, "&&="))
		return "logical assignments";
	if (token_is(token, "#"))
		return "private names";
	if (token_is(token, "}") && token_is(&next, "="))
		return "destructuring assignments";
	if (token_is(token, ",") && token_is(&next, ")"))
		return "trailing commas in calls";
	if (token_is(token, "*") && (token_is(before, "{") || token_is(before, ",")) &&
	    next.type == WORD)
		return "generator functions";
	return NULL;
}

static const char *judge_number(const struct token *token)
{
	bool is_hex = token->length > 1 && (token->text[1] == 'x' || token->text[1] == 'X');

	if (contains(token, "_"))
		return "numeric separators";
	if (!is_hex && token->text[token->length - 1] == 'n')
		return "BigInt literals";
	return NULL;
}

/* Behind the last slash stand the flags. */
static const char *judge_regexp(const struct token *token)
{
	const char *slash = memrchr(token->text, '/', token->length);

	for (const char *flag = slash + 1; flag < token->text + token->length; flag++) {
		if (!strchr("gim", *flag))
			return "these flags of regular expressions";
	}
	if (contains(token, "(?<"))
		return "named groups and look-behinds of regular expressions";
	return NULL;
}

/* The engine makes a property of it, in ES5 it was none of the language. */
static bool is_prototype(const struct token *before, const struct token *token,
			 const struct scanner *scanner)
{
	struct token next;

	if ((token->type != WORD && token->type != STRING) || !contains(token, "__proto__") ||
	    (!token_is(before, "{") && !token_is(before, ",")))
		return false;
	next = peek_token(scanner);
	return token_is(&next, ":");
}

static const char *judge(const struct token *before, const struct token *token,
			 const struct scanner *scanner, struct token *blamed)
{
	if (is_prototype(before, token, scanner))
		return "prototypes in object literals";
	switch (token->type) {
	case WORD:
		return judge_word(before, token, scanner, blamed);
	case PUNCTUATOR:
		return judge_punctuator(before, token, scanner);
	case TEMPLATE:
		return "template literals";
	case NUMBER:
		return judge_number(token);
	case REGEXP:
		return judge_regexp(token);
	default:
		return NULL;
	}
}

/* Which of the open square brackets began an array, not an index. */
struct brackets {
	bool is_array[DEPTH_MAXIMUM];
	size_t depth;
};

static const char *judge_brackets(struct brackets *brackets, const struct token *before,
				  const struct token *token, const struct scanner *scanner)
{
	struct token next;

	if (token_is(token, "[")) {
		if (brackets->depth < DEPTH_MAXIMUM)
			brackets->is_array[brackets->depth] = !follows_value(before);
		brackets->depth++;
	}
	if (!token_is(token, "]") || brackets->depth == 0)
		return NULL;
	brackets->depth--;
	next = peek_token(scanner);
	if (brackets->depth < DEPTH_MAXIMUM && brackets->is_array[brackets->depth] &&
	    token_is(&next, "="))
		return "destructuring assignments";
	return NULL;
}

const char *extmgr__syntax_find_newer(const char *source, size_t length, int failed_line,
				      int *line_out)
{
	struct scanner scanner = {.at = source, .end = source + length, .line = 1};
	struct brackets brackets = {.depth = 0};
	struct token before = {.type = END};
	struct token token;

	while ((token = next_token(&scanner)).type != END && token.line <= failed_line) {
		struct token blamed = token;
		const char *construct = judge(&before, &token, &scanner, &blamed);

		if (!construct)
			construct = judge_brackets(&brackets, &before, &token, &scanner);
		if (construct && blamed.line <= failed_line) {
			*line_out = blamed.line;
			return construct;
		}
		before = token;
	}
	return NULL;
}
