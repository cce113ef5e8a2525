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
db=$demo/shop.db

sql() { sqlite3 -box "$1" "$2"; }

# Shows a command as a person would type it, then runs it.
extmgr() {
	printf '\n$ extmgr'
	for word in "$@"; do
		case $word in *[!A-Za-z0-9_=.,:@/-]*) printf " '%s'" "$word" ;; *) printf ' %s' "$word" ;; esac
	done
	printf '\n'
	"$top/build/examples/cli/extmgr" --db "sqlite:$db" --registry "$top/examples/definitions" \
		--no-input --yes "$@"
}

say "a new SQLite database with a table of orders"
sql "$db" "CREATE TABLE orders (id INTEGER PRIMARY KEY, item TEXT NOT NULL, amount INTEGER NOT NULL);
           INSERT INTO orders VALUES (1, 'tea', 2), (2, 'milk', 1);"

say "what is there, and what would be done"
extmgr search
extmgr info audit-log
extmgr plan install audit-log@1.0.0

say "install it, and audit the table"
extmgr install audit-log@1.0.0
extmgr instance create audit-log --set table=orders
sql "$db" "INSERT INTO orders VALUES (3, 'bread', 5);
           UPDATE orders SET amount = 4 WHERE id = 1;
           DELETE FROM orders WHERE id = 2;"

say "upgrade it: what was written stays"
extmgr upgrade audit-log
extmgr list
sql "$db" "UPDATE orders SET item = 'rye bread' WHERE id = 3;"

say "remove it again, on a copy of the database"
db=$demo/copy.db
cp "$demo/shop.db" "$db"
extmgr instance list audit-log
extmgr instance delete audit-log orders
extmgr uninstall audit-log
extmgr list

say "what audit-log wrote into the database"
sql "$demo/shop.db" "SELECT * FROM audit_log ORDER BY 1;"
