# SPDX-License-Identifier: MIT
"""A password is used by foreign-data, and nothing that the program prints or runs with holds it."""

import base64
import glob
import json
import os
import socket
import unittest
from urllib.parse import quote

from databases import Postgresql
from support import ExtensionTest

PASSWORD = "s3nt1nel'pass"
# The part without special characters outlives every quoting; the others are for encodings.
FORMS = ["s3nt1nel", "nel'pass", base64.b64encode(PASSWORD.encode()).decode()[:-4],
         PASSWORD.encode().hex(), quote(PASSWORD, safe="")]


def command_lines():
    """Of all processes that run now: {process id: arguments}."""
    lines = {}
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            with open(path, "rb") as file:
                lines[int(path.split("/")[2])] = file.read().decode("utf-8", "replace")
        except OSError:
            continue  # it has ended meanwhile
    return lines


class Secrets(ExtensionTest):
    def make_database(self):
        return Postgresql()

    def setUp(self):
        super().setUp()
        self.printed = 0
        self.other = Postgresql("other")
        self.addCleanup(self.other.drop)
        self.other.run_as_admin("DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN PASSWORD '" +
                                PASSWORD.replace("'", "''") + "'; "
                                "CREATE TABLE customer (id int); "
                                "INSERT INTO customer VALUES (1); "
                                "GRANT SELECT ON customer TO reader")
        self.addCleanup(self.other.run_as_admin, "DROP OWNED BY reader; DROP ROLE reader")
        self.db.run_as_admin("CREATE EXTENSION postgres_fdw; "
                             "GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO em")
        self.password = self.write("password", PASSWORD + "\n")

    def finish_program(self, process, stdin=""):
        """Whatever is run here, all that it prints is searched."""
        result = super().finish_program(process, stdin)
        self.assert_no_secret(result.out + result.err)
        self.printed += len(result.out + result.err)
        return result

    def assert_no_secret(self, text):
        for form in [*FORMS, self.db.password]:
            if form.lower() in text.lower():
                self.fail(f"{form!r} in {text!r}")

    def arguments(self, password=None, **values):
        values = {"name": "shop", "host": "127.0.0.1", "port": str(self.db.port),
                  "database": "other", "user": "reader", **values}
        return self.create_arguments("foreign-data", {"password": password or self.password},
                                     **values)

    def in_every_form(self, *arguments, code=0, stdin=""):
        """Before it is really done: as a plan, verbose, as JSON."""
        for options in (["plan", *arguments], ["plan", *arguments, "--format", "sql"],
                        ["plan", *arguments, "--json"], [*arguments, "--dry-run", "-vv"],
                        [*arguments, "--dry-run", "--json", "-vv"]):
            self.assertEqual(self.run_program(*options, stdin=stdin).code, code, options)

    def test_a_full_run_prints_no_secret(self):
        self.in_every_form("install", "foreign-data")
        self.succeed("-vv", "install", "foreign-data")
        self.in_every_form(*self.arguments())
        self.in_every_form(*self.arguments(password="-"), stdin=PASSWORD)
        self.succeed("-vv", "--json", *self.arguments())
        self.assertEqual(self.db.rows("SELECT id FROM shop.customer"), [{"id": 1}])
        for options in (["-vv"], ["-vv", "--json"]):
            for command in (["search"], ["list"], ["info", "foreign-data"], ["doctor"],
                            ["instance", "list", "foreign-data"],
                            ["instance", "show", "foreign-data", "shop"]):
                self.succeed(*options, *command)
        self.in_every_form("instance", "delete", "foreign-data", "shop")
        self.succeed("-vv", "--json", "--yes", "instance", "delete", "foreign-data", "shop")
        self.succeed("-vv", "--json", "--yes", "uninstall", "foreign-data")
        self.assertGreater(self.printed, 10000)

    def test_values_from_a_document_are_as_secret(self):
        self.succeed("install", "foreign-data")
        values = {"name": "shop", "host": "127.0.0.1", "port": str(self.db.port),
                  "database": "other", "user": "reader", "password": PASSWORD}
        create = ["instance", "create", "foreign-data", "--values", "-"]
        self.in_every_form(*create, stdin=json.dumps(values))
        for broken in (json.dumps(values)[:-1], json.dumps({**values, "port": PASSWORD}),
                       json.dumps({**values, "colour": PASSWORD}), json.dumps([values]),
                       '{"password": ["' + PASSWORD + '"]}'):
            for options in (["-vv"], ["-vv", "--json"]):
                self.fail_with(5, *options, *create, stdin=broken)
        self.succeed("-vv", *create, stdin=json.dumps(values))
        self.assertEqual(self.db.rows("SELECT id FROM shop.customer"), [{"id": 1}])

    def test_failures_print_no_secret(self):
        self.fail_with(1, *self.arguments())  # not installed
        self.succeed("install", "foreign-data")
        with socket.create_server(("127.0.0.1", 0)) as server:
            closed = str(server.getsockname()[1])
        for code, values in (
                (1, {"user": "em"}), (1, {"host": "nowhere.invalid"}), (1, {"port": closed}),
                (1, {"database": "nothing"}), (1, {"remote_schema": "nothing"}),
                (5, {"port": "0"}), (5, {"local_schema": "public"}), (5, {"name": "a-b"})):
            with self.subTest(values):
                for options in (["-vv"], ["-vv", "--json"]):
                    self.fail_with(code, *options, *self.arguments(**values))
                self.in_every_form(*self.arguments(**values), code=code)
        self.succeed(*self.arguments())
        self.in_every_form(*self.arguments(), code=5)
        self.in_every_form("uninstall", "foreign-data", code=5)

    def test_a_secret_in_the_arguments_is_refused(self):
        self.succeed("install", "foreign-data")
        before = self.db.snapshot()
        for value in (f"password={PASSWORD}", f"passwort={PASSWORD}"):
            for options in ([], ["--json"]):
                result = self.run_program(*options, *self.create_arguments(
                    "foreign-data", name="shop"), "--set", value)
                self.assertIn(result.code, (2, 5))
        self.assertEqual(self.db.snapshot(), before)

    def test_a_wrong_login_of_our_own_prints_no_secret(self):
        login = f"em:{quote(PASSWORD, safe='')}@127.0.0.1:{self.db.port}"
        for url in (f"postgresql://{login}/target", f"postgresql://{login}/target?x=y",
                    f"postgresql://{login}x/target", f"postgres//{login}",
                    f"odbc:Driver=nothing;PWD={PASSWORD}"):
            self.environment["EXTMGR_DB"] = url
            for options in ([], ["--json"], ["-vv"]):
                for command in ("list", "doctor"):
                    self.assertNotEqual(self.run_program(*options, command).code, 0)

    def test_no_process_has_a_secret_in_its_arguments(self):
        """The other server is the test: what it does not answer, the program waits for."""
        self.succeed("install", "foreign-data")
        before = self.db.snapshot()
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.settimeout(60)
            process = self.start_program(
                "-vv", *self.arguments(port=str(server.getsockname()[1])))
            connection, _ = server.accept()
            lines = command_lines()
            connection.close()
        result = self.finish_program(process)
        self.assertEqual(result.code, 1)
        self.assertIn("foreign-data", lines[process.pid])
        for line in lines.values():
            if str(os.getpid()) not in line:
                self.assert_no_secret(line)
        self.assertEqual(self.db.snapshot(), before)


if __name__ == "__main__":
    unittest.main()
