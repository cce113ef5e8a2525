/* SPDX-License-Identifier: MIT */
/*
 * Runs a fuzz target over the files and folders given as arguments, as a fuzzing engine would do
 * with a corpus. A target aborts when it finds a fault; so the exit code says it all.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/* A corpus file above this size is a mistake. */
#define FILE_MAXIMUM ((size_t)1 << 20)
#define PATH_SIZE    4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = malloc(FILE_MAXIMUM + 1);
	size_t size = 0;
	int failed = 1;

	if (!file || !data) {
		perror(path);
		goto out;
	}
	size = fread(data, 1, FILE_MAXIMUM + 1, file);
	if (ferror(file) || size > FILE_MAXIMUM) {
		fprintf(stderr, "%s: cannot be read, or is above %zu bytes\n", path, FILE_MAXIMUM);
		goto out;
	}
	failed = LLVMFuzzerTestOneInput(data, size);
out:
	free(data);
	if (file)
		fclose(file);
	return failed;
}

static int replay_folder(const char *path)
{
	char name[PATH_SIZE];
	struct dirent *entry;
	DIR *folder = opendir(path);
	size_t count = 0;
	int failed = 0;

	if (!folder) {
		perror(path);
		return 1;
	}
	while (!failed && (entry = readdir(folder))) {
		if (entry->d_name[0] == '.')
			continue;
		if (snprintf(name, sizeof(name), "%s/%s", path, entry->d_name) >= (int)sizeof(name))
			failed = 1;
		else
			failed = replay_file(name);
		count++;
	}
	closedir(folder);
	if (!count)
		fprintf(stderr, "%s: empty corpus\n", path);
	return failed || !count;
}

int main(int argc, char **argv)
{
	struct stat status;
	int failed = argc < 2;

	for (int i = 1; i < argc && !failed; i++) {
		if (stat(argv[i], &status) == 0 && S_ISDIR(status.st_mode))
			failed = replay_folder(argv[i]);
		else
			failed = replay_file(argv[i]);
	}
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
