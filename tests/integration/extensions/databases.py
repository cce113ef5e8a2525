# SPDX-License-Identifier: MIT
"""The databases under the extensions: made for one test, looked at without the library."""

import ctypes
import json
import os
import re
import sqlite3
import subprocess
from urllib.parse import unquote, urlsplit


def quote(name):
    return '"' + name.replace('"', '""') + '"'


class Libpq:
    """A connection to PostgreSQL that stays: each start of psql takes longer than most tests."""

    library = ctypes.CDLL("libpq.so.5")
    library.PQconnectdb.restype = ctypes.c_void_p
    library.PQexec.restype = ctypes.c_void_p
    library.PQerrorMessage.restype = ctypes.c_char_p
    library.PQresultErrorMessage.restype = ctypes.c_char_p
    library.PQgetvalue.restype = ctypes.c_char_p
    COMMAND_OK, TUPLES_OK = 1, 2

    def __init__(self, url):
        self.connection = ctypes.c_void_p(self.library.PQconnectdb(url.encode()))
        message = self.library.PQerrorMessage(self.connection)
        if message:
            self.close()
            raise AssertionError(message.decode())
        self.run("SET client_min_messages = warning; SET client_encoding = 'UTF8'")

    def run(self, text):
        """Runs statements; the first value of the last one's rows, None without any."""
        answer = ctypes.c_void_p(self.library.PQexec(self.connection, text.encode()))
        try:
            if self.library.PQresultStatus(answer) not in (self.COMMAND_OK, self.TUPLES_OK):
                message = self.library.PQresultErrorMessage(answer).decode()
                raise AssertionError(f"{message}\n{text}")
            if self.library.PQntuples(answer) == 0:
                return None
            return self.library.PQgetvalue(answer, 0, 0).decode()
        finally:
            self.library.PQclear(answer)

    def close(self):
        self.library.PQfinish(self.connection)


class Sqlite:
    """A file."""

    name = "sqlite"

    def __init__(self, directory):
        self.path = os.path.join(directory, "target.db")
        self.url = "sqlite:" + self.path
        # An empty file, as SQLite has it, so that dumps can be compared.
        with open(self.path, "w", encoding="ascii"):
            pass

    def connect(self):
        """In autocommit mode."""
        return sqlite3.connect(self.path, isolation_level=None)

    def run(self, script):
        connection = self.connect()
        try:
            connection.executescript(script)
        finally:
            connection.close()

    def rows(self, sql):
        """A list of objects."""
        connection = self.connect()
        try:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(sql)]
        finally:
            connection.close()

    def dump(self):
        """Everything. Unlike iterdump() of older Pythons it can take any name of a table."""
        lines = []
        for entry in self.rows("SELECT type, name, sql FROM sqlite_master ORDER BY type, name"):
            lines.append(repr(entry))
            if entry["type"] == "table":
                lines += map(repr, self.rows(f"SELECT * FROM {quote(entry['name'])}"))
        return lines

    snapshot = dump

    def drop(self):
        """The file goes with its folder."""


class Postgresql:
    """A database of the test's server, owned by the role em, which is no superuser."""

    name = "postgresql"

    def __init__(self, database="target"):
        self.database = database
        self.owner = urlsplit(os.environ["EXTMGR_TEST_POSTGRESQL_URL"])
        self.admin = urlsplit(os.environ["EXTMGR_TEST_POSTGRESQL_ADMIN_URL"])
        self.url = self.owner._replace(path="/" + database).geturl()
        self.password = unquote(self.owner.password)
        self.port = self.owner.port
        self.connections = {}
        self._run_in_em(f"CREATE DATABASE {database} OWNER em")

    @staticmethod
    def program(name):
        return os.path.join(os.environ["EXTMGR_TEST_POSTGRESQL_PROGRAMS"], name)

    def client_environment(self, login, database=None):
        """How psql and its kin are told where to go."""
        return {
            **os.environ,
            "PGHOST": login.hostname,
            "PGPORT": str(login.port),
            "PGUSER": unquote(login.username),
            "PGPASSWORD": unquote(login.password),
            "PGDATABASE": database or self.database,
            "PGOPTIONS": "-c client_min_messages=warning",
            "PGCLIENTENCODING": "UTF8",
        }

    def _run_in_em(self, text):
        """Where the database itself is made and dropped."""
        connection = Libpq(self.admin.geturl())
        try:
            connection.run(text)
        finally:
            connection.close()

    def _run(self, text, login):
        url = login._replace(path="/" + self.database).geturl()
        if url not in self.connections:
            self.connections[url] = Libpq(url)
        return self.connections[url].run(text)

    def run(self, script):
        self._run(script, self.owner)

    def run_as_admin(self, script):
        self._run(script, self.admin)

    def run_as(self, role, password, script):
        self._run(script, urlsplit(f"postgresql://{role}:{password}@127.0.0.1:{self.port}/"))

    def rows(self, sql):
        return json.loads(self._run(f"SELECT coalesce(json_agg(r), '[]') FROM ({sql}) r",
                                    self.owner))

    def snapshot(self):
        """A number for each table: equal when nothing at all was changed (snapshot.sql)."""
        return self._run("SELECT extmgr_test.snapshot()", self.admin)

    def dump(self):
        """Everything, as a list of lines; newer programs add a random word."""
        text = subprocess.run(
            [self.program("pg_dump")],
            stdout=subprocess.PIPE,
            encoding="utf-8",
            env=self.client_environment(self.admin),
            check=True,
        ).stdout
        return re.sub(r"(?m)^\\(un)?restrict .*\n", "", text).splitlines()

    def drop(self):
        for connection in self.connections.values():
            connection.close()
        self._run_in_em(f"DROP DATABASE {self.database} WITH (FORCE)")
