#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs what is missing, builds and runs all tests; the last line is their sum:
#
#   N passed, N failed, N skipped
#
# EXTMGR_TEST_SCALE (default 1) scales the long parts. Logs are in build-logs/.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/.ci/steps.sh"
EXTMGR_TEST_SCALE=${EXTMGR_TEST_SCALE:-1}
export EXTMGR_TEST_SCALE

passed=0
failed=0
skipped=0

# counted WORD LOG: the sum of the numbers behind WORD, as meson prints them.
counted() { awk -v word="$1" '$0 ~ "^" word { sum += $NF } END { print sum + 0 }' "$2"; }

# tests LOG COMMAND...: runs tests, adds up meson's counts. A run without any count has failed.
tests() {
	status=0
	quietly "$@" || status=$?
	log=$top/build-logs/$1.log
	ok=$(($(counted 'Ok:' "$log") + $(counted 'Expected Fail:' "$log")))
	bad=$(($(counted 'Fail:' "$log") + $(counted 'Unexpected Pass:' "$log") + $(counted 'Timeout:' "$log")))
	[ "$status" -eq 0 ] || [ "$bad" -gt 0 ] || bad=1
	passed=$((passed + ok))
	failed=$((failed + bad))
	skipped=$((skipped + $(counted 'Skipped:' "$log")))
	printf '    %s passed, %s failed\n' "$ok" "$bad"
}

# built FOLDER OPTION...: sets up and builds; a failure counts as one failed test. The folder may be
# the one of examples/quickstart.sh, which has no tests yet.
built() {
	quietly "setup-$1" set_up "$@" -Dtests=true &&
		quietly "configure-$1" meson configure "$top/$1" -Dtests=true &&
		quietly "compile-$1" ninja -C "$top/$1" && return 0
	failed=$((failed + 1))
	return 1
}

meson_test() { meson test -C "$top/$1" --no-rebuild --print-errorlogs $2; }

say "looking for what the tests need"
bash "$top/.ci/setup" test

say "build/: gcc, all tests"
main_build=no
if built build; then
	main_build=yes
	tests test meson_test build ""
fi

say "build-asan/: the tests with address and undefined behaviour sanitizers"
if built build-asan --native-file "$top/tests/devel.ini"; then
	tests test-asan meson_test build-asan "--suite unit --suite integration --suite fuzz"
fi

say "build/: the unit tests under valgrind"
if [ "$main_build" = yes ]; then
	tests test-valgrind meson_test build "--setup valgrind --suite unit"
fi

say "build-clang/: clang, warnings are errors"
export CC=clang
built build-clang && passed=$((passed + 1))
unset CC

# All of them take an hour: a short run tries every eighth.
say "mutations: a test notices each guard that is taken away"
tests mutations python3 "$top/tests/mutations/run" --every $((EXTMGR_TEST_SCALE > 1 ? 1 : 8))

printf '%s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ]
