# SPDX-License-Identifier: MIT
# Sourced by examples/quickstart.sh and tests/run.sh, with $top, the project's folder, set.

say() { printf '==> %s\n' "$*"; }

# quietly LOG COMMAND...: its output goes to build-logs/LOG.log, the end of it is shown on failure.
quietly() {
	log=$top/build-logs/$1.log
	shift
	mkdir -p "$top/build-logs"
	"$@" >"$log" 2>&1 && return 0
	status=$?
	printf '==> failed (%s): %s\n' "$status" "$*" >&2
	tail -n "${EXTMGR_LOG_LINES:-40}" "$log" | sed 's/^/    /' >&2
	printf '    all of it: %s\n' "$log" >&2
	return "$status"
}

# configure FOLDER OPTION...: sets a build folder up, or gives its options to one that is there.
configure() {
	folder=$top/$1
	shift
	if [ -e "$folder/build.ninja" ]; then
		meson configure "$folder" "$@"
	else
		# A folder that an interrupted set-up left behind is set up anew.
		rm -rf "$folder/meson-private" "$folder/meson-info"
		meson setup "$folder" "$top" "$@"
	fi
}
