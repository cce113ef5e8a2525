/* SPDX-License-Identifier: MIT */
#include "watch.h"

#include "errors.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

/* How long nothing must happen before it is looked at: a build writes many files. */
#define QUIET_MS      1000
#define DEPTH_MAXIMUM 64
#define EVENTS                                                                                     \
	(IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF |   \
	 IN_MOVE_SELF | IN_ATTRIB | IN_ONLYDIR)

static int watch_folder(const struct watch *watch, const char *path, int depth);

static int watch_entry(const struct watch *watch, const char *path, const char *name, int depth)
{
	struct stat status;
	char *below = NULL;
	int code = EXIT_DONE;

	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return EXIT_DONE;
	checked(asprintf(&below, "%s/%s", path, name) < 0 ? NULL : below);
	if (lstat(below, &status) == 0 && S_ISDIR(status.st_mode))
		code = watch_folder(watch, below, depth + 1);
	free(below);
	return code;
}

/* A folder that is gone again needs no watching. */
static int watch_folder(const struct watch *watch, const char *path, int depth)
{
	const struct dirent *entry;
	DIR *folder;
	int code = EXIT_DONE;

	if (depth > DEPTH_MAXIMUM)
		return EXIT_DONE;
	if (inotify_add_watch(watch->descriptor, path, EVENTS) < 0) {
		if (errno != ENOSPC)
			return EXIT_DONE;
		return fail(EXIT_FAILED, "raise fs.inotify.max_user_watches",
			    "cannot watch '%s': there are too many folders", path);
	}
	folder = opendir(path);
	while (folder && code == EXIT_DONE && (entry = readdir(folder)))
		code = watch_entry(watch, path, entry->d_name, depth);
	if (folder)
		closedir(folder);
	return code;
}

int watch_open(struct watch *watch, const char *path)
{
	struct stat status;

	*watch = (struct watch){.path = path, .descriptor = -1};
	if (stat(path, &status) != 0 || !S_ISDIR(status.st_mode))
		return fail(EXIT_FAILED, "name a directory that is there", "cannot watch '%s': %s",
			    path, strerror(S_ISDIR(status.st_mode) ? errno : ENOTDIR));
	watch->descriptor = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (watch->descriptor < 0)
		return fail(EXIT_FAILED, "raise fs.inotify.max_user_instances",
			    "cannot watch '%s': %s", path, strerror(errno));
	return watch_folder(watch, path, 0);
}

/* Whether something happened within the time; a signal ends it. -1: no limit. */
static bool happens(const struct watch *watch, int timeout_ms)
{
	struct pollfd polled[] = {{.fd = watch->descriptor, .events = POLLIN},
				  {.fd = signals_get_descriptor(), .events = POLLIN}};
	char events[4096];
	bool happened = false;

	if (poll(polled, 2, timeout_ms) <= 0 || signals_received())
		return false;
	while (read(watch->descriptor, events, sizeof(events)) > 0)
		happened = true;
	return happened;
}

int watch_wait(struct watch *watch)
{
	bool happened = happens(watch, -1);

	while (happened && happens(watch, QUIET_MS))
		;
	if (signals_received())
		return EXIT_SIGNAL + signals_received();
	return watch_folder(watch, watch->path, 0); /* folders that are new */
}

void watch_close(struct watch *watch)
{
	if (watch->descriptor >= 0)
		close(watch->descriptor);
}
