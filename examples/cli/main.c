/* SPDX-License-Identifier: MIT */
/* extmgr: the command line of libextmgr. */
#include "commands.h"
#include "errors.h"
#include "help.h"
#include "options.h"
#include "output.h"
#include "signals.h"

#include <stdlib.h>
#include <string.h>

static int fail_unknown(const struct options *options)
{
	const char *word = options->words[0];

	if (is_group(options->words, 1))
		return fail_usage("'extmgr --help' lists the commands",
				  "'%s' needs one of its commands behind it", word);
	return fail_usage("'extmgr --help' lists the commands", "unknown command '%s'", word);
}

static int check_arguments(const struct command *command, const struct options *options,
			   size_t count)
{
	const char *unexpected = options_find_unexpected(options, command->allowed);

	if (unexpected)
		return fail_usage("'extmgr COMMAND --help' lists the options of a command",
				  "'%s' has no option %s", command->name, unexpected);
	if (count < command->minimum)
		return fail_usage("'extmgr COMMAND --help' shows the usage",
				  "missing argument; usage: extmgr %s %s", command->name,
				  command->arguments);
	if (count > command->maximum)
		return fail_usage("'extmgr COMMAND --help' shows the usage",
				  "one argument too many: '%s'",
				  options->words[options->word_count - 1]);
	return EXIT_DONE;
}

static int print_help(const struct options *options)
{
	size_t used = 0;
	const struct command *command = command_find(options->words, options->word_count, &used);

	if (command)
		help_command(command);
	else if (!options->word_count)
		help_program();
	else if (!help_group(options->words, options->word_count))
		return fail_unknown(options);
	return EXIT_DONE;
}

static int run(const struct options *options)
{
	size_t used = 0;
	const struct command *command;
	int code;

	if (options->help)
		return print_help(options);
	if (options->version && !options->word_count)
		return run_version(options, options->words);
	if (!options->word_count)
		return fail_usage("'extmgr --help' lists the commands", "no command given");
	command = command_find(options->words, options->word_count, &used);
	if (!command)
		return fail_unknown(options);
	code = check_arguments(command, options, options->word_count - used);
	if (code != EXIT_DONE)
		return code;
	return command->run(options, options->words + used);
}

int main(int count, char **arguments)
{
	struct options options;
	int code;

	signals_start();
	/* As the library speaks; connections to PostgreSQL need not wait for each other then. */
	(void)setenv("PGCLIENTENCODING", "UTF8", 0);
	code = options_parse(count, arguments, &options);
	if (code == EXIT_DONE) {
		output_start(options.color);
		code = output_finish(run(&options));
	}
	options_free(&options);
	return code;
}
