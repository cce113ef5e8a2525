# SPDX-License-Identifier: MIT
"""The nine operations over HTTP, on both databases; by the names of the reference's own tests."""

import json
import os
import re
import unittest

from extmgr_rest import RestClient, assert_request_fails
from harness import CommandLineTest, SENTINEL
from support import EMPTY, FAILING, THROWING, PostgresqlServer, ServerTest

OPERATIONS = [
    ("GET", "/extensions", None),
    ("GET", "/installations", None),
    ("GET", "/extensions/testing/1.1.0", None),
    ("PUT", "/extensions/testing/1.1.0/install", None),
    ("DELETE", "/installations/testing/1.1.0", None),
    ("POST", "/installations/testing/upgrade", None),
    ("POST", "/installations/testing/1.1.0/instances", {"parameterValues": []}),
    ("GET", "/installations/testing/1.1.0/instances", None),
    ("DELETE", "/installations/testing/1.1.0/instances/i", None),
]
VERSION = "1.1.0"


class Operations:
    """Mixed into the tests of each database."""

    def test_get_all_extensions(self):
        self.assertEqual(self.client.request("GET", "/extensions").body, b'{"extensions":[]}\n')
        self.provide("testing")
        response = self.client.request("GET", "/extensions")
        self.assertEqual(response.status, 200)
        self.assertEqual(response.headers["Content-Type"], "application/json")
        # Markup is written as it is, keys stand in their order.
        self.assertEqual(response.body.decode(), (
            '{"extensions":[{"id":"testing","name":"Testing <extension>","category":"test",'
            '"description":"For the tests of REST & co","installableVersions":['
            '{"name":"1.0.0","latest":false,"deprecated":true},'
            '{"name":"1.1.0","latest":true,"deprecated":false}]}]}\n'))

    def test_one_broken_definition_hides_no_other(self):
        self.provide("testing")
        self.define("broken", "this is no JavaScript")
        self.define("throws", FAILING.replace("return []; },\n    install",
                                              "throw new Error('no'); },\n    install"))
        self.assertEqual([e["id"] for e in self.client.get_extensions()], ["testing", "throws"])
        self.assertEqual(self.client.get_installations(), [])
        self.client.install(VERSION, "testing")
        self.assertEqual([e["id"] for e in self.client.get_installations()], ["testing"])

    def test_get_installations(self):
        self.assertEqual(self.client.request("GET", "/installations").body,
                         b'{"installations":[]}\n')
        self.provide("testing")
        self.client.install("1.0.0", "testing")
        self.assertEqual(self.client.request("GET", "/installations").body,
                         b'{"installations":[{"id":"testing","name":"Testing","version":"1.0.0"}]}\n')

    def test_get_extension_details(self):
        self.provide("testing")
        response = self.client.request("GET", "/extensions/testing/1.0.0")
        self.assertEqual(response.body.decode(), (
            '{"id":"testing","version":"1.0.0","parameterDefinitions":['
            '{"id":"name","name":"Name for 1.0.0","definition":{"id":"name","name":"Name for 1.0.0",'
            '"regex":"^[a-z<>/ ]+$","required":true,"type":"string"}},'
            '{"id":"secret","name":"Secret","definition":{"id":"secret","name":"Secret",'
            '"secret":true,"type":"string"}}]}\n'))
        self.assert_error(self.client.request("GET", "/extensions/testing/2"), 404,
                          "Version '2' not supported")

    def test_unknown_extension(self):
        for method, path, body in OPERATIONS[2:]:
            with self.subTest(path=path):
                response = self.client.request(method, path.replace("testing", "unknown"), body)
                self.assert_error(response, 404, 'extension "unknown" not found')

    def test_install_and_uninstall(self):
        self.provide("testing")
        response = self.client.request("PUT", "/extensions/testing/1.1.0/install")
        self.assertEqual((response.status, response.body), (204, b""))
        self.assertEqual(response.headers["Content-Type"], "application/json")
        self.assertEqual(self.rows_of_version(), [{"version": VERSION}])
        self.client.install(VERSION, "testing")  # twice as well
        before = self.db.dump()
        self.assert_error(self.client.request("PUT", "/extensions/testing/9/install"), 404,
                          "Version '9' not supported")
        self.assert_error(self.client.request("DELETE", "/installations/testing/9"), 404,
                          "Version '9' not supported")
        self.assertEqual(self.db.dump(), before)
        self.assertIsNone(self.client.uninstall(VERSION, "testing"))
        self.assertEqual(self.client.get_installations(), [])

    def rows_of_version(self):
        schema = "main" if self.db.name == "sqlite" else "extensions"
        return self.db.rows(f"SELECT version FROM {schema}.rest_version")

    def test_uninstall_with_instances(self):
        self.provide("testing")
        self.client.install(VERSION, "testing")
        for name in ("a", "b"):
            self.client.create_instance({"name": name}, VERSION, "testing")
        error = assert_request_fails(
            lambda: self.client.uninstall(VERSION, "testing"),
            "cannot uninstall extension because 2 instance(s) still exist: Instance a, Instance b",
            400)
        self.assertTrue(error.request_id)

    def test_upgrade(self):
        self.provide("testing")
        assert_request_fails(lambda: self.client.upgrade("testing"), "Not installed", 412)
        self.client.install("1.0.0", "testing")
        self.assertEqual(self.client.request("POST", "/installations/testing/upgrade").body,
                         b'{"previousVersion":"1.0.0","newVersion":"1.1.0"}\n')
        # A status that HTTP does not know reaches the client.
        assert_request_fails(self.client.upgrade, "Extension is already up to date", 432)

    def test_instances(self):
        self.provide("testing")
        self.client.install(VERSION, "testing")
        path = "/installations/testing/1.1.0/instances"
        self.assertEqual(self.client.request("GET", path).body, b'{"instances":[]}\n')
        response = self.client.request("POST", path, {"parameterValues": [
            {"name": "name", "value": "a/b <c>"}]})
        self.assertEqual((response.status, response.body),
                         (200, b'{"instanceId":"a/b <c>","instanceName":"Instance a/b <c>"}\n'))
        self.assertEqual(self.client.list_instances(VERSION, "testing"),
                         [{"id": "a/b <c>", "name": "Instance a/b <c>"}])
        for _ in range(2):  # one that is gone is a success
            self.assertIsNone(self.client.delete_instance("a/b <c>", VERSION, "testing"))
            self.assertEqual(self.client.list_instances(VERSION, "testing"), [])

    def test_create_instance_with_bad_values(self):
        self.provide("testing")
        self.client.install(VERSION, "testing")
        path = "/installations/testing/1.1.0/instances"
        self.assert_error(self.client.request("POST", path, {"parameterValues": [
            {"name": "name", "value": "BAD"}]}), 400,
            "invalid parameters: Failed to validate parameter 'Name for 1.1.0' (name): The value "
            "has an invalid format.")
        self.assert_error(self.client.request("POST", path, {}), 400,
            "invalid parameters: Failed to validate parameter 'Name for 1.1.0' (name): This is a "
            "required parameter.")
        self.assert_error(
            self.client.request("POST", path, b"invalid payload",
                                {"Content-Type": "application/json"}), 400,
            "Request body contains badly-formed JSON (at position 1)")
        self.assertEqual(self.client.list_instances(VERSION, "testing"), [])

    def test_bodies(self):
        """EX 1.3, each line of it."""
        self.provide("testing")
        self.client.install(VERSION, "testing")
        json_type = {"Content-Type": "application/json"}
        for headers, body, message in (
                ({"Content-Type": "text/plain"}, b"{}",
                 "Content-Type header 'text/plain' is not application/json"),
                (json_type, b'{"parameterValues":[{]}',
                 "Request body contains badly-formed JSON (at position 22)"),
                (json_type, b'{"parameterValues":[', "Request body contains badly-formed JSON"),
                (json_type, b'{"parameterValues":[{"name":"p","value":5}]}',
                 'Request body contains an invalid value for the "parameterValues.value" field '
                 "(at position 41)"),
                (json_type, b'{"x":1}', 'Request body contains unknown field "\\"x\\""'),
                (json_type, b"", "Request body must not be empty"),
                (json_type, b"{}" + b" " * (1 << 20), "Request body must not be larger than 1MB"),
                (json_type, b"{} {}", "Request body must only contain a single JSON object")):
            with self.subTest(body=body[:50]):
                response = self.client.request(
                    "POST", "/installations/testing/1.1.0/instances", body, headers)
                self.assert_error(response, 400, message)
        self.assertEqual(self.client.list_instances(VERSION, "testing"), [])
        for name in ("ParameterVALUES", "parameterValues"):
            body = {name: [{"NAME": "name", "Value": "a"}]}
            response = self.client.request("POST", "/installations/testing/1.1.0/instances", body)
            self.assertEqual(response.status, 200)

    def test_statuses_of_definitions(self):
        """What a definition throws reaches the client, from each operation."""
        self.define("throwing", THROWING)
        for method, path, body in OPERATIONS[2:]:
            for status in (400, 404, 412, 432, 500):
                with self.subTest(path=path, status=status):
                    version = f"{status}/install" if path.endswith("install") else str(status)
                    there = path.replace("testing/1.1.0/install", f"throwing/{version}") \
                        .replace("testing/1.1.0", f"throwing/{version}") \
                        .replace("testing", "throwing")
                    if there.endswith("upgrade"):
                        status = 432
                    response = self.client.request(method, there, body)
                    self.assert_error(response, status, f"mock error {status}")
        self.define("throwing", THROWING.replace("error.status = status;", ""))
        for method, path, body in OPERATIONS[2:]:
            with self.subTest(path=path):
                response = self.client.request(method, path.replace("testing", "throwing"), body)
                self.assert_error(response, 500, "Internal server error")

    def test_missing_functions(self):
        self.define("empty", EMPTY)
        for method, path, function in (
                ("PUT", "/extensions/empty/1/install", "install"),
                ("POST", "/installations/empty/upgrade", "upgrade"),
                ("GET", "/extensions/empty/1", "getInstanceParameters"),
                ("GET", "/installations/empty/1/instances", "findInstances")):
            with self.subTest(path=path):
                self.assert_error(self.client.request(method, path), 501,
                                  f'extension "empty" does not support operation "{function}"')

    def test_statements_that_fail(self):
        self.define("failing", FAILING)
        before = self.db.dump()
        for method, path in (("PUT", "/extensions/failing/1/install"),
                             ("DELETE", "/installations/failing/list"),
                             ("POST", "/installations/failing/upgrade"),
                             ("GET", "/installations/failing/list/instances"),
                             ("DELETE", "/installations/failing/1/instances/i"),
                             ("POST", "/installations/failing/1/instances")):
            with self.subTest(path=path):
                body = {} if path.endswith("1/instances") else None
                self.assert_error(self.client.request(method, path, body), 500,
                                  "Internal server error")
        self.assertEqual(self.db.dump(), before)
        self.assertIn("no_such_table", self.read_log())

    def test_missing_parameters(self):
        self.provide("testing")
        good = {"dbHost": self.client.host, "dbPort": self.client.port}
        for method, path, body in OPERATIONS:
            for query, message in (
                    ({**good, "dbHost": ""}, "missing parameter dbHost"),
                    ({"dbPort": 1}, "missing parameter dbHost"),
                    ({"dbHost": "h"}, "missing parameter dbPort"),
                    ({**good, "dbPort": "invalidPort"},
                     "invalid value 'invalidPort' for parameter dbPort")):
                with self.subTest(path=path, query=query):
                    self.assert_error(self.client.request(method, path, body, query=query), 400,
                                      message)

    def test_missing_credentials(self):
        for method, path, body in OPERATIONS:
            for header, message in (
                    (None, "missing Authorization header"),
                    ("Basic", "invalid Authorization header"),
                    ("Digest abc", 'invalid Authorization scheme "Digest"'),
                    ("Basic invalid",
                     "invalid basic auth header: illegal base64 data at input byte 4"),
                    ("Basic bm9jb2xvbg==", "colon missing in basic auth header")):
                with self.subTest(path=path, header=header):
                    response = self.client.request(method, path, body,
                                                   headers={"Authorization": header})
                    self.assert_error(response, 401, message)
                    self.assertNotIn(b"bm9jb2xvbg", response.body)

    def test_more_query_parameters_mean_nothing(self):
        self.provide("testing")
        query = {"extensionId": "other", "extensionVersion": "9", "dbHost": self.client.host,
                 "dbPort": self.client.port}
        self.assertEqual(self.client.request("GET", "/extensions/testing/1.0.0", query=query)
                         .document()["version"], "1.0.0")

    def test_values_of_instances(self):
        self.provide("testing")
        self.client.install(VERSION, "testing")
        self.client.create_instance({"name": "one", "secret": SENTINEL}, VERSION, "testing")
        shown = self.client.get_instance("one", VERSION, "testing")
        self.assertEqual(shown["values"], [{"name": "name", "value": "one"},
                                           {"name": "secret", "secret": True}])
        self.assertEqual(self.client.update_instance("one", {"name": "two"}, VERSION, "testing"),
                         {"instanceId": "two", "instanceName": "Instance two"})
        schema = "main" if self.db.name == "sqlite" else "extensions"
        self.assertEqual(self.db.rows(f"SELECT name, secret FROM {schema}.rest_instance"),
                         [{"name": "two", "secret": SENTINEL}])
        assert_request_fails(lambda: self.client.get_instance("one", VERSION, "testing"),
                             "has no instance 'one'", 404)
        assert_request_fails(
            lambda: self.client.update_instance("two", {"name": "BAD"}, VERSION, "testing"),
            "invalid parameters: ", 400)
        self.assertNotIn(SENTINEL, self.read_log())

    def test_validate(self):
        self.provide("testing")
        report = self.client.validate({"name": "BAD"}, VERSION, "testing")
        self.assertEqual((report["valid"], [f["id"] for f in report["failures"]]),
                         (False, ["name"]))
        self.assertTrue(self.client.validate({"name": "good"}, VERSION, "testing")["valid"])
        assert_request_fails(lambda: self.client.validate({}, "9", "testing"),
                             "Version '9' not supported", 404)
        self.assertEqual(self.client.get_installations(), [])

    def test_plan_and_apply(self):
        self.provide("testing")
        before = self.db.dump()
        plan = self.client.plan("install", VERSION, "testing")
        self.assertEqual((plan["operation"], plan["mode"]), ("install", "rehearse"))
        self.assertEqual(self.client.plan("install", VERSION, "testing", record=True)["mode"],
                         "record")
        self.assertEqual(self.db.dump(), before)
        self.assertEqual(self.client.apply(plan)["outcome"], "committed")
        error = assert_request_fails(lambda: self.client.apply(plan), "", 409)
        self.assertNotEqual(error.message, "Internal server error")
        plan = self.client.plan("create-instance", VERSION, "testing",
                                values={"name": "one", "secret": SENTINEL})
        self.assertNotIn(SENTINEL, str(plan))
        self.client.apply(plan, {"secret": SENTINEL})
        self.assertEqual(len(self.client.list_instances(VERSION, "testing")), 1)
        assert_request_fails(lambda: self.client.apply({"schema": "extmgr.plan/1"}), "", 400)
        assert_request_fails(lambda: self.client.apply(None), "missing member plan", 400)
        assert_request_fails(lambda: self.client.plan("drop", VERSION, "testing"),
                             "'drop' is no operation that can be planned", 400)

    def test_status_and_diagnostics(self):
        self.provide("testing")
        self.client.install(VERSION, "testing")
        self.assertEqual([e["state"] for e in self.client.get_status()["extensions"]], ["ok"])
        self.assertEqual(self.client.get_status("testing")["wrong"], 0)
        assert_request_fails(lambda: self.client.get_status("no"), "not found", 404)
        self.assertEqual(self.client.get_diagnostics(), [])
        found = self.client.get_overview()[0]
        self.assertEqual([found[key] for key in ("id", "state", "installedVersion", "signature", "reason")],
                         ["testing", "installed", VERSION, "unsigned", None])
        self.define("broken", "}")
        self.assertEqual([e["state"] for e in self.client.get_overview()], ["broken", "installed"])
        broken = self.client.get_diagnostics()
        self.assertEqual([(e["id"], e["state"]) for e in broken], [("broken", "broken")])
        self.assertTrue(broken[0]["reason"])

    def test_history(self):
        self.provide("testing")
        self.assertEqual(self.client.get_history(), [])
        self.client.install("1.0.0", "testing")
        self.client.upgrade("testing")
        self.assertEqual([(e["operation"], e["actor"], e["toVersion"])
                          for e in self.client.get_history("testing")],
                         [("upgrade", self.actor, "1.1.0"), ("install", self.actor, "1.0.0")])
        self.assertEqual(self.client.get_history("other"), [])

    def test_validator(self):
        response = self.client.send("GET", "/validator.js")
        self.assertEqual(response.headers["Content-Type"], "text/javascript; charset=utf-8")
        self.assertIn(b"extmgrValidateParameters", response.body)

    def test_client_fills_in(self):
        with self.assertRaisesRegex(LookupError, "found: none"):
            self.client.install(VERSION)
        self.provide("testing")
        with self.assertRaisesRegex(LookupError, "found: 1.0.0, 1.1.0"):
            self.client.install()
        self.define("other", FAILING)
        with self.assertRaisesRegex(LookupError, "found: other, testing"):
            self.client.upgrade()
        assert_request_fails(lambda: self.client.install(extension="other"),
                             re.compile("^Internal server error$"), 500)

    def test_methods_and_paths(self):
        response = self.client.request("HEAD", "/extensions")
        self.assertEqual((response.status, response.body), (200, b""))
        self.assertEqual(response.headers["Content-Length"], "18")
        response = self.client.request("OPTIONS", "/extensions", headers={"Authorization": None})
        self.assertEqual((response.status, response.headers["Allow"]),
                         (204, "GET, HEAD, OPTIONS"))
        response = self.client.request("PATCH", "/extensions/a/1/install")
        self.assert_error(response, 405, "405 method not allowed")
        self.assertEqual(response.headers["Allow"], "PUT, OPTIONS")
        self.assert_error(self.client.request("GET", "/nowhere"), 404, "404 page not found")
        self.assert_error(self.client.send("GET", "/page/"), 404, "404 page not found")

    def test_request_ids(self):
        response = self.client.request("GET", "/nowhere", headers={"X-Request-Id": "mine-1"})
        self.assertEqual(response.document()["requestID"], "mine-1")
        self.assertEqual(response.headers["X-Request-Id"], "mine-1")
        response = self.client.request("GET", "/nowhere")
        self.assertRegex(response.document()["requestID"], r"^extmgr/[A-Za-z0-9]{10}-\d{6}$")
        self.assertIn("Error processing request mine-1: 404 page not found", self.read_log())


class SqliteOperations(Operations, ServerTest):
    actor = "any"

    def test_tokens(self):
        """Each operation with a token: without --users any does."""
        self.provide("testing")
        client = RestClient(self.server.url, token="t")
        self.assertEqual([e["id"] for e in client.get_extensions()], ["testing"])
        self.assertEqual(client.get_extension_details("1.0.0", "testing")["version"], "1.0.0")
        client.install("1.0.0", "testing")
        self.assertEqual(client.upgrade("testing"),
                         {"previousVersion": "1.0.0", "newVersion": VERSION})
        self.assertEqual(client.create_instance({"name": "one"}, VERSION, "testing"),
                         "Instance one")
        self.assertEqual([i["id"] for i in client.list_instances(VERSION, "testing")], ["one"])
        client.delete_instance("one", VERSION, "testing")
        self.assertEqual(len(client.get_installations()), 1)
        client.uninstall(VERSION, "testing")
        self.assertEqual(client.get_installations(), [])


class PostgresqlOperations(PostgresqlServer, Operations, ServerTest):
    actor = "em"

    def test_invalid_credentials(self):
        for client in (self.make_client(password="wrong"),
                       RestClient(self.server.url, token="t", host="127.0.0.1", port=self.db.port)):
            for method, path, body in OPERATIONS[:2]:
                self.assert_error(client.request(method, path, body), 401,
                                  "invalid database credentials")


class CauseAdded(ServerTest):
    arguments = ["--add-cause"]

    def test_causes(self):
        """Of each operation; the clients of the reference's own tests look for them."""
        self.define("failing", FAILING)
        assert_request_fails(lambda: self.client.install("1", "failing"),
                             "Internal server error: failed to install extension \"failing\": error "
                             "executing query 'SELECT * FROM no_such_table'", 500)
        self.define("throwing", THROWING.replace("error.status = status;", ""))
        for method, path, body in OPERATIONS[2:]:
            with self.subTest(path=path):
                response = self.client.request(method, path.replace("testing", "throwing"), body)
                self.assertEqual(response.status, 500)
                self.assertRegex(response.document()["message"],
                                 "^Internal server error: .*mock error ")

    def test_lists_that_fail(self):
        os.rmdir(self.registry)
        for call in (self.client.get_extensions, self.client.get_installations):
            assert_request_fails(call, re.compile("^Internal server error: ."), 500)
        os.mkdir(self.registry)


class CauseAddedOnPostgresql(PostgresqlServer, CauseAdded):
    pass


class AccessLog(ServerTest):
    def test_lines(self):
        self.assertIn(f"Starting server on {self.server.url}...\n", self.read_log())
        self.client.request("GET", "/extensions")
        self.assertRegex(self.read_log(),
                         r'"GET /api/v1/extensionmanager/extensions HTTP/1\.1" from '
                         r"127\.0\.0\.1:\d+ - 200 18B in \d+\.\d{3}ms\n")


class Users(ServerTest):
    def database_arguments(self):
        path = f"{self.directory}/users"
        with open(path, "w", encoding="utf-8") as file:
            file.write("ann:pass:word\ntoken-1\n")
        return [*super().database_arguments(), "--users", path]

    def test_users(self):
        for good in ({"user": "ann", "password": "pass:word"}, {"token": "token-1"}):
            self.assertEqual(RestClient(self.server.url, **good).get_extensions(), [])
        for bad in ({"user": "ann", "password": "pass"}, {"user": "an", "password": "n:pass:word"},
                    {"user": "", "password": ""}, {"token": "token"}, {"token": "ann:pass:word"},
                    {"user": "token-1", "password": ""}):
            assert_request_fails(RestClient(self.server.url, **bad).get_extensions,
                                 "invalid database credentials", 401)


class Arguments(CommandLineTest):
    def test_wrong_arguments(self):
        db = ["--db", "sqlite:x"]
        for arguments, message in (
                (["--listen", "nowhere", *db], "bad value 'nowhere' of --listen"),
                (["--listen", "127.0.0.1:99999", *db], "bad value '127.0.0.1:99999' of --listen"),
                (["--allow", "h"], "bad value 'h' of --allow"),
                (["--allow", "h:0/d"], "bad value 'h:0/d' of --allow"),
                (["--allow", ":5432"], "bad value ':5432' of --allow"),
                (["--allow", "h:1/"], "bad value 'h:1/' of --allow"),
                (["--allow", "h:1?user=x"], "bad value 'h:1?user=x' of --allow"),
                (["--allow", "h:1", *db], "--db and --allow exclude each other"),
                (["--allow", "h:1", "--users", "f"], "--allow and --users exclude each other"),
                (["--listen", "0.0.0.0:0", *db], "whoever reaches 0.0.0.0 could change the database")):
            with self.subTest(arguments=arguments):
                self.assertIn(message, self.fail_with(2, "serve", *arguments).err)
        users = ["--users", self.write("u", "")]
        self.assertIn("is no numeric address",
                      self.fail_with(2, "serve", *db, "--listen", "no.where:0", *users).err)
        self.assertIn("no option --listen", self.fail_with(2, "list", "--listen", "1").err)
        self.fail_with(1, "serve", *db, "--listen", "203.0.113.1:0", *users)

    def test_openapi(self):
        document = self.succeed("openapi").document()
        self.assertEqual(document["openapi"], "3.0.0")


class JsonOutput(ServerTest):
    arguments = ["--json"]

    def make_client(self):
        started = json.loads(self.server.url)
        self.assertEqual(started["schema"], "extmgr.serve/1")
        return RestClient(started["url"], user="any")

    def test_the_url_is_told(self):
        self.assertEqual(self.client.get_extensions(), [])


class Pages(ServerTest):
    def test_pages(self):
        self.assertEqual(self.get("/health"), '{"status":"ok"}\n')
        self.assertEqual(self.get("/ready"), '{"ready":true}\n')
        self.assertIn("<!DOCTYPE html>", self.get("/openapi/index.html"))
        self.assertIn('"openapi": "3.0.0",', self.get("/openapi.json"))
        self.client.get_extensions()
        self.assertIn('extmgr_http_requests_total{route="ListAvailableExtensions",code="200"} 1\n',
                      self.get("/metrics"))

    def test_not_ready_without_registry(self):
        os.rmdir(self.registry)
        self.assert_ready(503)
        os.mkdir(self.registry)
        self.assert_ready(200)

    def assert_ready(self, status):
        self.assertEqual(self.client.send("GET", "/ready").status, status)


if __name__ == "__main__":
    unittest.main()
