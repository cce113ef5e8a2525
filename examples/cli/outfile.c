/* SPDX-License-Identifier: MIT */
#include "outfile.h"

#include "errors.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a new file of this process would have. */
static mode_t shared_mode(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return 0666 & ~mask;
}

FILE *outfile_open(const char *path, enum outfile_mode mode, char **temporary_out)
{
	struct stat status;
	char *name = NULL;
	int descriptor;
	FILE *file;

	*temporary_out = NULL;
	if (stat(path, &status) == 0 && !S_ISREG(status.st_mode))
		return fopen(path, "we");
	if (asprintf(&name, "%s.XXXXXX", path) < 0)
		checked(NULL);
	descriptor = mkostemp(name, O_CLOEXEC); /* mode 600 */
	if (descriptor >= 0 && mode == OUTFILE_SHARED)
		(void)fchmod(descriptor, shared_mode());
	file = descriptor < 0 ? NULL : fdopen(descriptor, "w");
	if (!file) {
		free(name);
		return NULL;
	}
	*temporary_out = name;
	return file;
}

bool outfile_close(FILE *file, const char *temporary, const char *path)
{
	bool failed = fflush(file) != 0 || ferror(file);

	if (temporary && !failed)
		failed = fsync(fileno(file)) != 0;
	if (fclose(file) != 0)
		failed = true;
	if (temporary && !failed)
		failed = rename(temporary, path) != 0;
	if (temporary && failed)
		unlink(temporary);
	return !failed;
}
