# SPDX-License-Identifier: MIT
"""The start-up synchronisation of the server, and the routes of the catalog over HTTP."""

import json
import os
import signal
import sqlite3
import unittest

from bundles import DEFINITION, files_of, write_archive
from extmgr_rest import RequestError, RestClient, assert_request_fails
from harness import PATIENCE_SECONDS, CommandLineTest
from support import PostgresqlServer, ServerTest, wait_until

ID = "acme.carried"
SYNCHRONISED = 'extmgr_sync_runs_total{result="done"}'


class Bundles:
    """Before ServerTest among the bases: a directory of bundles, and an administrator, ann."""

    def database_arguments(self):
        self.bundles = os.path.join(self.directory, "bundles")
        os.mkdir(self.bundles)
        admins = os.path.join(self.directory, "admins")
        with open(admins, "w", encoding="utf-8") as file:
            file.write("ann:pass:word\ntoken-1\n\n")
        self.fill()
        return [*super().database_arguments(), "--bundles", self.bundles, "--admins", admins]

    def fill(self):
        self.put("1.0.0")

    def put(self, version, **options):
        write_archive(os.path.join(self.bundles, "carried.supx"),
                      files_of(ID, version, definition=DEFINITION, **options))

    def setUp(self):
        super().setUp()
        self.admin = RestClient(self.server.url, user="ann", password="pass:word")

    def ready(self):
        response = self.client.send("GET", "/ready")
        return response.status, response.document().get("reason")

    def wait_until_ready(self):
        wait_until(lambda: self.ready() == (200, None))


class Synchronising:
    """Mixed into the tests of each database."""

    def test_bundles_are_there_when_it_is_ready(self):
        self.wait_until_ready()
        self.assertEqual([(b["id"], b["version"], b["state"]) for b in self.admin.list_bundles()],
                         [(ID, "1.0.0", "active")])
        self.assertEqual(self.metric(SYNCHRONISED), 1)
        self.assertEqual(self.metric('extmgr_sync_bundles{outcome="updated"}'), 1)
        self.assertEqual(self.metric("extmgr_sync_converged"), 1)
        self.assertEqual(self.metric("extmgr_sync_running"), 0)
        self.assertGreater(self.metric("extmgr_sync_duration_seconds"), 0)
        self.assertIn("bundles synchronised: 1 discovered, 1 updated", self.read_log())

    def test_settings(self):
        self.wait_until_ready()
        self.admin.set_bundle(ID, "disable")
        self.assertFalse(self.admin.get_bundle(ID)["enabled"])
        self.admin.set_bundle(ID, "enable")
        self.admin.set_bundle(ID, "hold")
        shown = self.admin.get_bundle(ID)
        self.assertEqual((shown["enabled"], shown["held"], shown["fault"]), (True, True, None))
        self.admin.set_bundle(ID, "unhold")
        assert_request_fails(lambda: self.admin.set_bundle(ID, "accept"), "", 404)
        assert_request_fails(lambda: self.admin.get_bundle("acme.no"),
                             'the catalog has no extension "acme.no"', 404)

    def test_files(self):
        self.wait_until_ready()
        digest = self.admin.get_bundle(ID)["digest"]
        response = self.admin.get_bundle_file(ID, digest, "frontend/dist/main.js")
        self.assertEqual((response.status, response.body), (200, b"console.log('1.0.0')"))
        for name, value in (("Content-Type", "text/javascript; charset=utf-8"),
                            ("Cache-Control", "private, max-age=31536000, immutable"),
                            ("X-Content-Type-Options", "nosniff"),
                            ("Content-Security-Policy", "sandbox; default-src 'none'")):
            self.assertEqual(response.headers.get_all(name), [value])
        for path in ("frontend/dist/../dist/main.js", "../manifest.json", "no"):
            self.assertEqual(self.admin.get_bundle_file(ID, digest, path).status, 404)

    def test_users_are_not_administrators(self):
        self.wait_until_ready()
        RestClient(self.server.url, token="token-1").list_bundles()
        for client in (self.client, RestClient(self.server.url, user="ann", password="pass"),
                       RestClient(self.server.url, user="ann:pass", password="wor"),
                       RestClient(self.server.url, user="token-1"),
                       RestClient(self.server.url, token=""),
                       RestClient(self.server.url, token="token-1x")):
            with self.assertRaises(RequestError) as caught:
                client.list_bundles()
            self.assertIn(caught.exception.status, (401, 403))
        self.assertEqual(self.admin.request("GET", "/bundles",
                                            headers={"Authorization": None}).status, 401)


class OnSqlite(Synchronising, Bundles, ServerTest):
    pass


class OnPostgresql(Synchronising, Bundles, PostgresqlServer, ServerTest):
    """The catalog in PostgreSQL, too."""

    def database_arguments(self):
        return [*super().database_arguments(), "--db", self.db.url]


class WhileItRuns(Bundles, ServerTest):
    """Somebody else writes: the synchronisation waits, requests do not."""

    def fill(self):
        super().fill()
        self.writer = sqlite3.connect(self.db.path, isolation_level=None)
        self.addCleanup(self.writer.close)
        self.writer.execute("CREATE TABLE of_the_host (a)")
        self.writer.execute("BEGIN IMMEDIATE")

    def server_environment(self):
        return {**super().server_environment(), "EXTMGR_LOCK_TIMEOUT": "600"}

    def test_requests_are_served_and_it_is_not_ready(self):
        self.provide("testing")
        self.assertEqual(self.ready(), (503, "the bundles are being synchronised"))
        self.assertEqual([e["id"] for e in self.client.get_extensions()], ["testing"])
        self.assertEqual(self.client.get_installations(), [])
        self.assertEqual(self.get("/health"), '{"status":"ok"}\n')
        self.assertEqual(self.metric("extmgr_sync_running"), 1)
        self.assertEqual(self.metric("extmgr_sync_converged"), 0)
        self.writer.execute("COMMIT")
        self.wait_until_ready()
        self.assertEqual(self.metric(SYNCHRONISED), 1)

    def test_it_stops_with_the_server(self):
        self.assertEqual(self.ready()[0], 503)
        self.server.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.server.process.wait(PATIENCE_SECONDS), 0)
        self.writer.execute("COMMIT")
        names = [row[0] for row in self.writer.execute("SELECT name FROM sqlite_master")]
        self.assertEqual(names, ["of_the_host"])


class TriesAgain(Bundles, ServerTest):
    """What stands in the way at first goes."""

    arguments = ["--lock-timeout", "0.2"]

    def fill(self):
        super().fill()
        self.writer = sqlite3.connect(self.db.path, isolation_level=None)
        self.addCleanup(self.writer.close)
        self.writer.execute("CREATE TABLE of_the_host (a)")
        self.writer.execute("BEGIN IMMEDIATE")

    def test_until_it_has_converged(self):
        wait_until(lambda: self.metric('extmgr_sync_runs_total{result="failed"}') >= 1)
        self.assertEqual(self.ready(), (503, "the bundles could not be synchronised: the log says "
                                             "why"))
        self.assertIn("bundles are not synchronised: ", self.read_log())
        self.writer.execute("COMMIT")
        self.wait_until_ready()


class Refused(Bundles, ServerTest):
    """A bundle that nobody can read is told of, and not waited for."""

    def fill(self):
        super().fill()
        with open(os.path.join(self.bundles, "broken.supx"), "wb") as file:
            file.write(b"this is no archive")

    def test_the_others_are_there(self):
        self.wait_until_ready()
        self.assertEqual(self.metric('extmgr_sync_runs_total{result="partial"}'), 1)
        self.assertEqual(self.metric('extmgr_sync_bundles{outcome="refused"}'), 1)
        self.assertEqual([b["id"] for b in self.admin.list_bundles()], [ID])
        self.assertIn("broken.supx", self.read_log())


class FromTheEnvironment(Bundles, ServerTest):
    """As `extmgr sync` without a directory; the catalog is the registry, too."""

    arguments = ["--registry", "catalog"]

    def database_arguments(self):
        arguments = super().database_arguments()
        at = arguments.index("--bundles")
        return arguments[:at] + arguments[at + 2:]

    def server_environment(self):
        return {**super().server_environment(), "EXTMGR_EXTENSIONS_PATH": self.bundles}

    def test_carried_definitions_are_installed(self):
        self.wait_until_ready()
        self.assertEqual([e["id"] for e in self.client.get_extensions()], [ID])
        self.client.install()
        self.assertEqual([i["version"] for i in self.client.get_installations()], ["1.0.0"])
        self.admin.set_bundle(ID, "disable")
        self.assertEqual(self.client.get_extensions(), [])
        self.assertEqual(len(self.client.get_installations()), 1)


class Tenants(Bundles, PostgresqlServer, ServerTest):
    """Each tenant has a database of its own; the catalog is the host's."""

    def database_arguments(self):
        return [*super().database_arguments(),
                "--db", "sqlite:" + os.path.join(self.directory, "host.db")]

    def test_two_tenants(self):
        self.wait_until_ready()
        self.db.run_as_admin("CREATE ROLE other LOGIN PASSWORD 'other'")
        self.addCleanup(self.db.run_as_admin, "DROP ROLE other")
        other = RestClient(self.server.url, user="other", password="other", host="127.0.0.1",
                           port=self.db.port)
        digest = self.admin.get_bundle(ID)["digest"]
        before = self.admin.get_bundle(ID)
        for tenant in (self.client, other):
            self.assertEqual(tenant.get_installations(), [])
            for call in (tenant.list_bundles, lambda: tenant.get_bundle(ID),
                         *(lambda s=s: tenant.set_bundle(ID, s)
                           for s in ("enable", "disable", "hold", "unhold", "accept"))):
                assert_request_fails(call, "this is not allowed", 403)
            response = tenant.get_bundle_file(ID, digest, "manifest.json")
            self.assert_error(response, 403, "this is not allowed")
        self.assertEqual(self.admin.get_bundle(ID), before)
        # The administrator of the catalog has no database here.
        assert_request_fails(
            RestClient(self.server.url, user="ann", password="pass:word", host="127.0.0.1",
                       port=self.db.port).get_installations, "invalid database credentials", 401)
        self.assertEqual(self.db.rows("SELECT tablename FROM pg_tables WHERE tablename = "
                                      "'extmgr_extension'"), [])


class Off(ServerTest):
    def test_without_administrators_there_are_no_routes(self):
        for method, path in (("GET", "/bundles"), ("GET", "/bundles/a"),
                             ("PUT", "/bundles/a/enable"),
                             ("GET", "/bundles/a/sha256:0/files/manifest.json")):
            self.assert_error(self.client.request(method, path), 404, "404 page not found")
        self.assertNotIn("extmgr_sync", self.get("/metrics"))
        self.assertEqual(json.loads(self.get("/ready")), {"ready": True})


class Arguments(CommandLineTest):
    def test_wrong_arguments(self):
        db = ["--db", "sqlite:x"]
        self.environment.pop("EXTMGR_DB")
        for arguments, message in (
                (["--bundles", "b", "--allow", "h:1"], "no database for the catalog"),
                (["--admins", "a", "--allow", "h:1"], "no database for the catalog"),
                (["--watch", *db], "serve does not take --watch")):
            with self.subTest(arguments=arguments):
                self.assertIn(message, self.fail_with(2, "serve", *arguments).err)
        self.assertIn("no option --listen, --allow, --users, --admins",
                      self.fail_with(2, "list", "--bundles", "b", *db).err)
        self.assertIn("nowhere", self.fail_with(1, "serve", *db, "--admins", "nowhere").err)


if __name__ == "__main__":
    unittest.main()
