#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs a command with a PostgreSQL of its own: with-postgres.sh COMMAND [ARGUMENT...]
#
# The server listens on a free port of 127.0.0.1 and on a socket below a temporary folder; both are
# gone when the command ends or a signal comes. Passwords are checked (scram-sha-256).
#   EXTMGR_TEST_POSTGRESQL_URL        role em, no superuser, owner of the database em
#   EXTMGR_TEST_POSTGRESQL_ADMIN_URL  the superuser, same database
#   EXTMGR_TEST_POSTGRESQL_PROGRAMS   folder with the server's own psql and pg_dump
# Every database has the function extmgr_test.snapshot(): see tests/support/dump.h.
# Exit code: the command's; 77 (skipped) when the server's programs are not installed.
set -u

if [ $# -eq 0 ]; then
	echo "usage: with-postgres.sh COMMAND [ARGUMENT...]" >&2
	exit 2
fi

find_programs() {
	for folder in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -t/ -k5,5nr) \
		$(pg_config --bindir 2>/dev/null); do
		if [ -x "$folder/initdb" ] && [ -x "$folder/pg_ctl" ]; then
			echo "$folder"
			return
		fi
	done
}

# PostgreSQL refuses to run as root.
as_server() {
	if [ "$(id -u)" -ne 0 ]; then
		"$@"
	elif id postgres >/dev/null 2>&1; then
		runuser -u postgres -- "$@"
	else
		runuser -u nobody -- "$@"
	fi
}

free_port() {
	attempts=0
	while [ $attempts -lt 50 ]; do
		attempts=$((attempts + 1))
		port=$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 40000))
		if ! grep -qi ":$(printf '%04X' "$port") " /proc/net/tcp /proc/net/tcp6; then
			echo "$port"
			return
		fi
	done
}

# Another program may take the port between the look and the start: then the next one is tried.
start_server() {
	for _ in 1 2 3 4 5; do
		port=$(free_port)
		if as_server "$programs/pg_ctl" -D "$folder/data" -w -t 60 -l "$folder/log" -o \
			"-p $port -k $folder -c listen_addresses=127.0.0.1 -c fsync=off \
			-c full_page_writes=off -c synchronous_commit=off -c max_connections=40 \
			-c shared_buffers=16MB -c autovacuum=off" start >/dev/null 2>&1; then
			return 0
		fi
	done
	return 1
}

stop() {
	trap '' HUP INT TERM
	if [ -n "$child" ]; then
		kill "$child" 2>/dev/null
		wait "$child" 2>/dev/null
		child=
	fi
	if [ -f "$folder/data/postmaster.pid" ]; then
		as_server "$programs/pg_ctl" -D "$folder/data" -m immediate -w stop >/dev/null 2>&1
	fi
	rm -rf "$folder"
}

here=$(cd "$(dirname "$0")" && pwd)
programs=$(find_programs)
if [ -z "$programs" ]; then
	echo "1..0 # SKIP the programs of a PostgreSQL server are not installed"
	exit 77
fi

child=
folder=$(mktemp -d "${TMPDIR:-/tmp}/extmgr-postgresql.XXXXXX") || exit 1
trap stop EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

random() {
	od -An -N16 -tx1 /dev/urandom | tr -d ' \n'
}
admin_password=$(random)
password=$(random)
printf '%s\n' "$admin_password" >"$folder/password"
if [ "$(id -u)" -eq 0 ]; then
	chown -R "$(as_server id -un)" "$folder"
fi

cd "$folder" || exit 1
if ! as_server "$programs/initdb" -D "$folder/data" -U admin -A scram-sha-256 \
	--pwfile="$folder/password" --no-sync -E UTF8 --locale=C.UTF-8 >"$folder/initdb" 2>&1; then
	cat "$folder/initdb" >&2
	exit 1
fi
rm -f "$folder/password"
if ! start_server; then
	cat "$folder/log" >&2
	exit 1
fi
cd "$OLDPWD" || exit 1

as_admin() {
	PGPASSWORD=$admin_password "$programs/psql" -qX -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$port" \
		-U admin "$@" >/dev/null
}

as_admin -d template1 -f "$here/../support/snapshot.sql" || exit 1
as_admin -d postgres <<SQL || exit 1
CREATE ROLE em LOGIN PASSWORD '$password';
CREATE DATABASE em OWNER em;
SQL

export EXTMGR_TEST_POSTGRESQL_URL="postgresql://em:$password@127.0.0.1:$port/em"
export EXTMGR_TEST_POSTGRESQL_ADMIN_URL="postgresql://admin:$admin_password@127.0.0.1:$port/em"
export EXTMGR_TEST_POSTGRESQL_SOCKETS="$folder"
export EXTMGR_TEST_POSTGRESQL_PROGRAMS="$programs"

# In the background, so that a signal to this script ends the wait at once; a shell gives such a
# command no input unless it is kept aside.
exec 3<&0
"$@" <&3 3<&- &
child=$!
wait "$child"
status=$?
child=
exit "$status"
