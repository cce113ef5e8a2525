#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs what is missing, builds into build/, then shows the main job on a new SQLite database:
# an extension is found, planned, installed, used, upgraded and removed. Nothing outside of build*/,
# subprojects/ and a temporary folder is changed, Debian packages aside.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/.ci/steps.sh"

say "looking for what the build needs"
bash "$top/.ci/setup" run
say "building into build/ (log: build-logs/)"
# What the tests need is not asked for here; a folder that builds them already goes on doing so.
quietly setup-build set_up build -Dtests=false
quietly compile-build ninja -C "$top/build"

demo=$(mktemp -d)
trap 'rm -rf "$demo"' EXIT
cd "$top"
PATH=$top/build/examples/cli:$PATH
EXTMGR_REGISTRY=examples/definitions
EXTMGR_DB=sqlite:$demo/shop.db
export PATH EXTMGR_REGISTRY EXTMGR_DB

# run COMMAND...: shows it as a person would type it, then runs it.
run() {
	printf '\n$'
	for word in "$@"; do
		case $word in *[!A-Za-z0-9_=.,:@/-]*) printf ' "%s"' "$word" ;; *) printf ' %s' "$word" ;; esac
	done
	printf '\n'
	"$@" </dev/null # no terminal: nothing is asked
}
sql() { run sqlite3 -box "$demo/shop.db" "$1"; }

say "a new SQLite database with a table of orders"
printf '\n$ export EXTMGR_REGISTRY=%s EXTMGR_DB=%s\n' "$EXTMGR_REGISTRY" "$EXTMGR_DB"
sql "CREATE TABLE orders (id INTEGER PRIMARY KEY, item TEXT NOT NULL, amount INTEGER NOT NULL)"
sql "INSERT INTO orders VALUES (1, 'tea', 2), (2, 'milk', 1)"

say "what is there, and what would be done"
run extmgr search
run extmgr info audit-log
run extmgr plan install audit-log@1.0.0

say "install it, and audit the table"
run extmgr install audit-log@1.0.0
run extmgr instance create audit-log --set table=orders --set keep-days=90
sql "INSERT INTO orders VALUES (3, 'bread', 5)"
sql "UPDATE orders SET amount = 4 WHERE id = 1"
sql "DELETE FROM orders WHERE id = 2"

say "upgrade it: what was written stays"
run extmgr upgrade audit-log
run extmgr list
sql "UPDATE orders SET item = 'rye bread' WHERE id = 3"

say "remove it again, on a copy of the database"
cp "$demo/shop.db" "$demo/copy.db"
EXTMGR_DB=sqlite:$demo/copy.db
run extmgr instance list audit-log
run extmgr instance delete --yes audit-log orders
run extmgr uninstall --yes audit-log
run extmgr list

say "what audit-log wrote into the database"
sql "SELECT id, operation, row_data, old_row FROM audit_log ORDER BY id"
