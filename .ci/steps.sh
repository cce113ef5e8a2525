# SPDX-License-Identifier: MIT
# Sourced by examples/quickstart.sh and tests/run.sh, with $top, the project's folder, set.

say() { printf "==> [%s] %s\n" "$(date +%T)" "$*"; }

# Bodies in parentheses keep their variables to themselves.

# quietly LOG COMMAND...: its output goes to build-logs/LOG.log, the end of it is shown on failure.
quietly() (
	log=$top/build-logs/$1.log
	shift
	mkdir -p "$top/build-logs"
	"$@" >"$log" 2>&1 && exit 0
	status=$?
	printf '==> failed (%s): %s\n' "$status" "$*" >&2
	tail -n "${EXTMGR_LOG_LINES:-60}" "$log" | sed 's/^/    /' >&2
	printf '    all of it: %s\n' "$log" >&2
	exit "$status"
)

# set_up FOLDER OPTION...: sets a build folder up unless it is there already.
set_up() (
	folder=$top/$1
	shift
	[ ! -e "$folder/build.ninja" ] || exit 0
	# What an interrupted set-up left behind would be taken for a whole one.
	rm -rf "$folder/meson-private" "$folder/meson-info"
	exec meson setup "$folder" "$top" "$@"
)
