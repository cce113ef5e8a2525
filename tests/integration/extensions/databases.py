# SPDX-License-Identifier: MIT
"""The databases under the extensions: made for one test, looked at without the library."""

import json
import os
import re
import sqlite3
import subprocess
from urllib.parse import unquote, urlsplit


def quote(name):
    return '"' + name.replace('"', '""') + '"'


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
        self._client("psql", self.admin, "em", f"CREATE DATABASE {database} OWNER em;")

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

    def _client(self, program, login, database, text, *arguments):
        """Runs psql or pg_dump; what it prints."""
        done = subprocess.run(
            [self.program(program), *arguments],
            input=text,
            capture_output=True,
            encoding="utf-8",
            env=self.client_environment(login, database),
            check=False,
        )
        if done.returncode != 0 or (program == "psql" and done.stderr):
            raise AssertionError(f"{program}: {done.stderr}\n{text}")
        return done.stdout

    def _psql(self, text, login=None):
        return self._client("psql", login or self.owner, self.database,
                            "\\set ON_ERROR_STOP on\n" + text, "-qAtX")

    def run(self, script):
        self._psql(script + ";")

    def run_as_admin(self, script):
        self._psql(script + ";", self.admin)

    def run_as(self, role, password, script):
        login = f"postgresql://{role}:{password}@127.0.0.1:{self.port}/"
        self._psql(script + ";", urlsplit(login))

    def rows(self, sql):
        return json.loads(self._psql(f"SELECT coalesce(json_agg(r), '[]') FROM ({sql}) r;"))

    def dump(self):
        """Everything, as a list of lines; newer programs add a random word."""
        text = self._client("pg_dump", self.admin, self.database, "")
        return re.sub(r"(?m)^\\(un)?restrict .*\n", "", text).splitlines()

    def drop(self):
        self._client("psql", self.admin, "em", f"DROP DATABASE {self.database} WITH (FORCE);")
