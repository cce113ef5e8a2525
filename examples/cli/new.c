/* SPDX-License-Identifier: MIT */
/* definition new: the files of examples/definitions/template, with a name in them. */
#include "commands.h"
#include "errors.h"
#include "json.h"
#include "output.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Stands for the name in the templates. */
#define PLACEHOLDER "@NAME@"
/* It becomes an id and the name of an npm package, both of which may be longer. */
#define NAME_MAXIMUM 100

/* Embedded at build time. */
extern const char template_package[];
extern const char template_tsconfig[];
extern const char template_gitignore[];
extern const char template_source[];
extern const char template_scenario[];

struct item {
	const char *path;    /* below the project's folder */
	const char *content; /* NULL: a folder */
};

static const struct item items[] = {
	{"package.json", template_package},
	{"tsconfig.json", template_tsconfig},
	{".gitignore", template_gitignore},
	{"src", NULL},
	{"src/" PLACEHOLDER ".ts", template_source},
	{"test", NULL},
	{"test/" PLACEHOLDER ".json", template_scenario},
};
#define ITEM_COUNT (sizeof(items) / sizeof(items[0]))

struct project {
	const char *name;
	const char *directory;
	bool made_directory;
	size_t made; /* how many of the items */
};

/* The text with the name in it; caller frees. */
static char *fill_in(const char *text, const char *name)
{
	const size_t length = strlen(PLACEHOLDER);
	char *filled = NULL;
	size_t size = 0;
	FILE *stream = checked(open_memstream(&filled, &size));
	const char *found;

	while ((found = strstr(text, PLACEHOLDER))) {
		(void)fprintf(stream, "%.*s%s", (int)(found - text), text, name);
		text = found + length;
	}
	(void)fputs(text, stream);
	(void)fclose(stream);
	return checked(filled);
}

/* Where an item is; caller frees. */
static char *path_of(const struct project *project, const struct item *item)
{
	char *name = fill_in(item->path, project->name);
	char *path = NULL;

	if (asprintf(&path, "%s/%s", project->directory, name) < 0)
		path = NULL;
	free(name);
	return checked(path);
}

static bool write_file(const char *path, const char *text)
{
	int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	size_t length = strlen(text);
	bool written;

	if (file < 0)
		return false;
	while (length) {
		ssize_t count = write(file, text, length);

		if (count < 0 && errno != EINTR)
			break;
		if (count > 0) {
			text += count;
			length -= (size_t)count;
		}
	}
	written = close(file) == 0 && !length;
	if (!written)
		(void)unlink(path);
	return written;
}

static int make_item(struct project *project, const struct item *item)
{
	char *path = path_of(project, item);
	char *content = item->content ? fill_in(item->content, project->name) : NULL;
	bool made = content ? write_file(path, content) : mkdir(path, 0777) == 0;
	int code = EXIT_DONE;

	if (made)
		project->made++;
	else
		code = fail(EXIT_FAILED, "nothing was left behind; give another folder with --dir",
			    "cannot make '%s': %s", path, strerror(errno));
	free(content);
	free(path);
	return code;
}

/* In reverse, so that folders are empty by then. */
static void undo(const struct project *project)
{
	for (size_t i = project->made; i > 0; i--) {
		char *path = path_of(project, &items[i - 1]);

		(void)remove(path);
		free(path);
	}
	if (project->made_directory)
		(void)rmdir(project->directory);
}

static bool is_empty_directory(const char *path)
{
	DIR *directory = opendir(path);
	size_t count = 0;

	if (!directory)
		return false;
	while (count < 3 && readdir(directory))
		count++;
	(void)closedir(directory);
	return count < 3; /* "." and ".." */
}

static int make_directory(struct project *project)
{
	if (mkdir(project->directory, 0777) == 0) {
		project->made_directory = true;
		return EXIT_DONE;
	}
	if (errno != EEXIST)
		return fail(EXIT_FAILED,
			    "make the folder around it first, or give another one with --dir",
			    "cannot make '%s': %s", project->directory, strerror(errno));
	if (!is_empty_directory(project->directory))
		return fail(EXIT_FAILED, "give another folder with --dir",
			    "'%s' is there already, and no empty folder", project->directory);
	return EXIT_DONE;
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text);

	return length >= strlen(end) && strcmp(text + length - strlen(end), end) == 0;
}

/*
 * What a registry and npm both take as it is. x.js.js is in no registry, and x.d.ts is a file of
 * declarations.
 */
static bool is_name(const char *text)
{
	static const char first[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	static const char further[] = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
	size_t length = strlen(text);

	return length > 0 && length <= NAME_MAXIMUM && strchr(first, *text) &&
	       strspn(text, further) == length && !ends_with(text, ".js") && !ends_with(text, ".d");
}

static void print_document(const struct project *project)
{
	cJSON *document = json_new_document("extmgr.definition-project/1");
	cJSON *files = checked(cJSON_CreateArray());

	json_add_string(document, "name", project->name);
	json_add_string(document, "directory", project->directory);
	for (size_t i = 0; i < ITEM_COUNT; i++) {
		char *path = fill_in(items[i].path, project->name);

		if (items[i].content)
			(void)cJSON_AddItemToArray(files, checked(cJSON_CreateString(path)));
		free(path);
	}
	json_add(document, "files", files);
	json_print(stdout, document);
	cJSON_Delete(document);
}

/* The text as a word of a shell; caller frees. */
static char *quote_word(const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-_./";
	char *word = NULL;
	size_t size = 0;
	FILE *stream;

	if (*text && *text != '-' && text[strspn(text, plain)] == '\0')
		return checked(strdup(text));
	stream = checked(open_memstream(&word, &size));
	fputs(*text == '-' ? "'./" : "'", stream);
	for (; *text; text++)
		fputs(*text == '\'' ? "'\\''" : (char[]){*text, '\0'}, stream);
	fputc('\'', stream);
	if (fclose(stream) != 0)
		checked(NULL);
	return checked(word);
}

static void print_next_steps(const struct project *project)
{
	char *directory = text_safe(project->directory, TEXT_ONE_LINE);
	char *word = quote_word(directory);

	output("made %s\n\nNext:\n  cd %s\n"
	       "  npm install --save-dev PATH/extmgr-definition-kit-%s.tgz\n"
	       "  npm run build && extmgr definition lint dist/%s.js\n"
	       "The kit is what 'npm pack ./examples/definitions' makes in the sources of "
	       "libextmgr.\n",
	       directory, word, EXTMGR_VERSION_STRING, project->name);
	free(word);
	free(directory);
}

int run_definition_new(const struct options *options, char **arguments)
{
	struct project project = {.name = arguments[0],
				  .directory =
					  options->directory ? options->directory : arguments[0]};
	int code;

	if (!is_name(project.name))
		return fail_usage(
			"a name has at most 100 lower-case letters, digits, '-', '_' and '.', "
			"begins with a letter or digit, and does not end in '.js' or '.d'",
			"'%s' cannot be the id of a definition", project.name);
	code = make_directory(&project);
	for (size_t i = 0; code == EXIT_DONE && i < ITEM_COUNT; i++)
		code = make_item(&project, &items[i]);
	if (code != EXIT_DONE) {
		undo(&project);
		return code;
	}
	if (options->json)
		print_document(&project);
	else
		print_next_steps(&project);
	return EXIT_DONE;
}
