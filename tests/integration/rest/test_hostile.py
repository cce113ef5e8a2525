# SPDX-License-Identifier: MIT
"""What the server does with clients that are wrong, slow, many, gone or bad."""

import os
import signal
import socket
import threading
import unittest
from concurrent.futures import ThreadPoolExecutor

from extmgr_rest import BASE, RequestError, RestClient, assert_request_fails, basic
from harness import PATIENCE_SECONDS, SENTINEL
from support import SLOW, PostgresqlServer, ServerTest, wait_until

VERSION = "1.1.0"


class Raw:
    """Bytes over a socket of our own."""

    def __init__(self, test):
        address = (test.client.url.hostname, test.client.url.port)
        self.socket = socket.create_connection(address, PATIENCE_SECONDS)

    def send(self, data):
        self.socket.sendall(data.encode() if isinstance(data, str) else data)

    def status(self):
        """Of the next response; 0 when the server closed instead."""
        try:
            line = self.socket.makefile("rb").readline()
        except ConnectionError:
            return 0
        return int(line.split()[1]) if line else 0

    def close(self):
        self.socket.close()


class HostileTest(ServerTest):
    def raw(self):
        raw = Raw(self)
        self.addCleanup(raw.close)
        return raw

    def head(self, method, path, *lines):
        query = f"?dbHost={self.client.host}&dbPort={self.client.port}"
        return "\r\n".join([f"{method} {BASE}{path}{query} HTTP/1.1", "Host: localhost",
                            f"Authorization: {self.client.authorization}", *lines, "", ""])

    def ask(self, *parts):
        raw = self.raw()
        for part in parts:
            raw.send(part)
        return raw.status()

    def assert_serves(self):
        self.client.get_extensions()


class Wrong(HostileTest):
    def test_targets(self):
        self.provide("testing")
        for path, status in (("/extensions/testing%00/1", 400), ("/extensions/testing%0a/1", 400),
                             ("/extensions/%ff/1", 400), ("/extensions/testing%2/1", 400),
                             ("/extensions/..%2ftesting/1.0.0", 404),
                             ("/extensions/%2e%2e/1.0.0", 404), ("/extensions/./1.0.0", 404),
                             ("/extensions/../extensions", 404),
                             ("/extensions/testing/1.0.0/", 404),
                             ("/extensions/testing/1.0.0", 200),
                             ("/extensions/%74esting/1.0.0", 200)):
            with self.subTest(path=path):
                self.assertEqual(self.ask(self.head("GET", path)), status)
        # libmicrohttpd ends the target at a NUL byte: what is behind it, dbHost too, reaches nobody.
        self.assertEqual(self.ask(self.head("GET", "/extensions/testing/1.0.0\0/../x")), 400)
        self.assertEqual(self.ask(f"GET /{'a' * 9000} HTTP/1.1\r\nHost: localhost\r\n\r\n"), 414)

    def test_garbage(self):
        for data in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"\0" * 100, b"\r\n" * 50,
                     b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", os.urandom(1000)):
            raw = self.raw()
            try:
                raw.send(data)
                raw.socket.shutdown(socket.SHUT_WR)
            except ConnectionError:
                pass
            self.assertNotEqual(raw.status(), 200)
        self.assert_serves()

    def test_floods_of_headers(self):
        many = [f"X-{i}: {'v' * 100}" for i in range(1000)]
        self.assertIn(self.ask_quietly(self.head("GET", "/extensions", *many)), (0, 431, 413))
        self.assertIn(self.ask_quietly(self.head("GET", "/extensions", "X: " + "v" * 200000)),
                      (0, 431, 413))
        self.assertEqual(self.ask(self.head("GET", "/extensions", *(f"X-{i}: v" for i in range(200)))),
                         200)
        self.assert_serves()

    def ask_quietly(self, data):
        """The server may close before it has read everything."""
        raw = self.raw()
        try:
            raw.send(data)
        except ConnectionError:
            pass
        return raw.status()

    def test_large_bodies(self):
        self.provide("testing")
        json = ("Content-Type: application/json",)
        path = "/installations/testing/1.1.0/instances"
        body = b"{}" + b" " * (1 << 20)
        response = self.client.request("POST", path, body, {"Content-Type": "application/json"})
        self.assert_error(response, 400, "Request body must not be larger than 1MB")
        response = self.client.request("POST", path, body[:1 << 20],
                                       {"Content-Type": "application/json"})
        self.assertEqual(response.status, 400)
        self.assertIn("invalid parameters", response.document()["message"])
        # One that never ends is cut off.
        raw = self.raw()
        raw.send(self.head("POST", path, "Transfer-Encoding: chunked", *json))
        chunk = b"10000\r\n" + b"a" * 65536 + b"\r\n"
        with self.assertRaises(ConnectionError):
            for _ in range(10000):
                raw.send(chunk)
        self.assert_serves()

    def test_slow_clients_hold_up_nobody(self):
        raws = [self.raw() for _ in range(20)]
        for raw in raws:
            raw.send(self.head("POST", "/installations/x/1/instances",
                               "Content-Type: application/json", "Content-Length: 100"))
            raw.send("{")
        self.assert_serves()
        for raw in raws:
            raw.close()
        self.assert_serves()

    def test_hosts_of_others(self):
        for host, status in (("localhost", 200), ("localhost:1", 200), ("127.0.0.1", 200),
                             ("[::1]:80", 200), ("evil.example", 403), ("127.0.0.1.evil", 403),
                             ("localhost.evil.example", 403), ("", 403)):
            with self.subTest(host=host):
                request = self.head("GET", "/extensions").replace("Host: localhost",
                                                                  f"Host: {host}")
                self.assertEqual(self.ask(request), status)

    def test_cross_site_requests(self):
        """A browser asks first, and gets no permission."""
        response = self.client.request("OPTIONS", "/extensions/a/1/install", headers={
            "Origin": "http://evil.example", "Access-Control-Request-Method": "PUT",
            "Access-Control-Request-Headers": "authorization"})
        self.assertEqual(response.status, 204)
        self.assertFalse([h for h in response.headers if h.lower().startswith("access-control")])
        # What comes all the same is refused, by what the browser says of it.
        for site, status in (("cross-site", 403), ("same-origin", 200), ("none", 200)):
            response = self.client.request("GET", "/extensions", headers={"Sec-Fetch-Site": site})
            self.assertEqual(response.status, status)
        request = "GET / HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: cross-site\r\n\r\n"
        self.assertEqual(self.ask(request), 200)  # a link to the page

    def test_pipelined_requests(self):
        raw = self.raw()
        raw.send(self.head("GET", "/extensions") * 3)
        file = raw.socket.makefile("rb")
        lines = []
        while len(lines) < 3:
            line = file.readline()
            self.assertTrue(line)
            if b"HTTP/1.1 " in line:
                lines.append(line[line.index(b"HTTP"):])
        self.assertEqual(set(lines), {b"HTTP/1.1 200 OK\r\n"})

    def test_log_without_secrets(self):
        query = {"dbHost": "h", "dbPort": 1, "password": SENTINEL}
        for authorization in (basic("u", SENTINEL), f"Bearer {SENTINEL}", SENTINEL,
                              f"Basic {SENTINEL}:"):
            response = self.client.request("GET", "/extensions/x/1", query=query,
                                           headers={"Authorization": authorization})
            self.assertNotIn(SENTINEL, response.body.decode())
        self.assertNotIn(SENTINEL, self.read_log())
        self.client.send("GET", "/a%1b%5b31m%e2%80%ae%0aextmgr:")
        self.assertNotRegex(self.read_log(), "[\x00-\x09\x0b-\x1f\x7f]")


class Many(HostileTest):
    def test_many_connections(self):
        self.provide("testing")
        idle = [self.raw() for _ in range(150)]
        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda _: self.client.get_extensions()[0]["id"], range(100)))
        self.assertEqual(set(answers), {"testing"})
        for raw in idle:
            raw.close()

    def test_more_connections_than_are_served(self):
        """Those beyond the limit wait or are closed; nobody is served worse for it afterwards."""
        idle = [self.raw() for _ in range(300)]
        for raw in idle:
            raw.close()
        wait_until(lambda: self.metric("extmgr_http_requests_in_flight") == 0)
        self.assert_serves()

    def test_concurrent_writers(self):
        """Each succeeds or finds the database busy; what is there is what succeeded."""
        self.provide("testing")
        self.client.install(VERSION, "testing")

        def create(number):
            name = "".join("abcdefghij"[int(digit)] for digit in str(number))
            try:
                self.client.create_instance({"name": name}, VERSION, "testing")
                return name
            except RequestError as error:
                self.assertIn(error.status, (500, 503), error.message)
                return None

        with ThreadPoolExecutor(8) as pool:
            made = {name for name in pool.map(create, range(24)) if name}
        self.assertTrue(made)
        self.assertEqual({i["id"] for i in self.client.list_instances(VERSION, "testing")}, made)


class ManyOnPostgresql(PostgresqlServer, Many):
    pass


class Gone(HostileTest):
    """Clients that vanish while their request runs."""

    arguments = ["--grace", "0.2"]

    def start_slow_install(self):
        self.define("slow", SLOW)
        raw = self.raw()
        raw.send(self.head("PUT", "/extensions/slow/1/install"))
        wait_until(lambda: self.metric("extmgr_http_requests_in_flight") == 1)
        return raw

    def test_a_client_that_vanishes_ends_its_statement(self):
        raw = self.start_slow_install()
        raw.close()
        wait_until(lambda: self.metric("extmgr_http_requests_in_flight") == 0)
        self.assertEqual(self.metric("extmgr_http_clients_gone_total"), 1)
        self.assertEqual(self.tables(), [])
        self.assertIn("- 499 ", self.read_log())

    def test_how_far_a_request_is(self):
        """Who sent it hears of its steps while it runs, and nobody else does."""
        self.define("slow", SLOW)
        raw = self.raw()
        raw.send(self.head("PUT", "/extensions/slow/1/install", "X-Request-Id: run/1"))

        def steps():
            response = self.client.request("GET", "/operations/run%2F1")
            return [s["name"] for s in response.document()["steps"]] if response.status == 200 else []

        wait_until(lambda: steps()[-1:] == ["call"])
        document = self.client.get_progress("run/1")
        self.assertEqual(sorted(document),
                         ["durationUs", "operationId", "requestID", "schema", "steps"])
        self.assertEqual((document["schema"], document["requestID"], document["operationId"]),
                         ("extmgr.operation/1", "run/1", "InstallExtension"))
        self.assertEqual(steps()[:2], ["load", "begin"])
        self.assertGreaterEqual(document["durationUs"],
                                sum(step["durationUs"] for step in document["steps"][1:]))
        before = document["steps"][-1]["durationUs"]
        self.assertGreater(self.client.get_progress("run/1")["steps"][-1]["durationUs"], before)
        other = self.make_client("other")
        for client, query in ((other, None), (self.client, {"dbHost": "h", "dbPort": 1}),
                              (self.client, {"dbHost": self.client.host, "dbPort": 1})):
            self.assert_error(client.request("GET", "/operations/run%2F1", query=query), 404,
                              "no such request runs")
        self.assert_error(self.client.request("GET", "/operations/run%2F2"), 404,
                          "no such request runs")
        self.assert_error(self.client.request("GET", "/operations/run%2F1",
                                              headers={"Authorization": None}), 401,
                          "missing Authorization header")
        self.assertEqual(self.client.request("DELETE", "/operations/run%2F1").status, 405)
        raw.close()
        wait_until(lambda: self.client.request("GET", "/operations/run%2F1").status == 404)
        self.assertEqual(self.tables(), [])

    def tables(self):
        """Those of extensions; the history stays."""
        return self.db.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND "
                            "name <> 'extmgr_target_history'")

    def test_the_server_stops_in_order(self):
        """A request that runs has its time, then it is rolled back."""
        raw = self.start_slow_install()
        self.server.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.server.process.wait(PATIENCE_SECONDS), 0)
        self.assertIn(raw.status(), (0, 499))
        self.assertEqual(self.tables(), [])

    def test_vanishing_at_any_moment(self):
        """Installed as a whole or not at all, whenever the client went; the history says which."""
        self.provide("testing")
        for _ in range(15):
            raw = self.raw()
            raw.send(self.head("PUT", "/extensions/testing/1.1.0/install"))
            raw.close()
        wait_until(lambda: self.metric("extmgr_http_requests_in_flight") == 0)
        installed = bool(self.client.get_installations())
        self.assertEqual(bool(self.client.get_history()), installed)
        if installed:
            self.assertEqual(self.client.list_instances(VERSION, "testing"), [])
            self.client.uninstall(VERSION, "testing")
        self.assertEqual(self.tables(), [])


class GoneOnPostgresql(PostgresqlServer, Gone):
    def tables(self):
        return self.db.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'extensions' AND "
                            "tablename <> 'extmgr_target_history'")


class Injection(PostgresqlServer, HostileTest):
    def test_other_hosts_and_ports(self):
        for host, port in (("localhost", self.db.port), ("127.0.0.1", 1),
                           ("127.0.0.1;Server=evil", self.db.port),
                           ("127.0.0.1 ", self.db.port), ("127.0.0.1,evil", self.db.port),
                           ("127.0.0.1}", self.db.port), ("/tmp", self.db.port)):
            with self.subTest(host=host, port=port):
                client = RestClient(self.server.url, user="em", password=self.db.password,
                                    host=host, port=port)
                assert_request_fails(client.get_extensions, "this server does not reach the "
                                     "database of dbHost and dbPort", 403)

    def test_connection_values(self):
        """None of them becomes another key, another host or another user."""
        password = self.db.password
        for user, word in (("em;Database=postgres", password), ("em;UID=postgres", password),
                           ("em", f"{password};Server=evil"), ("em", f"{{{password}}}"),
                           ("em", f"{password}}};Port=1"), ("em' host='evil", password),
                           ("em host=evil", password), ("", password), ("em", ""),
                           ("em", f"x;PWD={password}"), ("postgresql://em@evil/", password),
                           ("em\n", password), ("{em}", password), ("em}", password), ("em{", password),
                           ("em;", password), ("em", "x" * 5000), ("em", "p%41"), ("=", "="), ("em" * 400, password)):
            with self.subTest(user=user, password=word.replace(password, "***")):
                client = RestClient(self.server.url, user=user, password=word, host="127.0.0.1",
                                    port=self.db.port)
                assert_request_fails(client.get_installations, "invalid database credentials", 401)
        for user, word in (("em\0", password), ("em", f"{password}\0;Server=evil")):
            client = RestClient(self.server.url, user=user, password=word, host="127.0.0.1",
                                port=self.db.port)
            assert_request_fails(client.get_installations,
                                 "invalid basic auth header: it holds a NUL byte", 401)
        self.assertEqual(self.client.get_installations(), [])
        self.assertNotIn(password, self.read_log())

    def test_odd_passwords(self):
        for number, password in enumerate(("a b", "%41+&?/@:", "'\"\\`$x", "äöü€")):
            quoted = password.replace("'", "''")
            self.db.run_as_admin(f"CREATE ROLE odd{number} LOGIN PASSWORD '{quoted}'")
            self.addCleanup(self.db.run_as_admin, f"DROP ROLE odd{number}")
            with self.subTest(password=password):
                client = RestClient(self.server.url, user=f"odd{number}", password=password,
                                    host="127.0.0.1", port=self.db.port)
                self.assertEqual(client.get_installations(), [])

    def test_two_tenants(self):
        """Requests at the same time keep their own credentials."""
        barrier = threading.Barrier(8)

        def ask(number):
            barrier.wait(PATIENCE_SECONDS)
            client = self.client if number % 2 else self.make_client(password="wrong")
            try:
                return client.get_installations() == [] and bool(number % 2)
            except RequestError as error:
                return error.status == 401 and not number % 2

        with ThreadPoolExecutor(8) as pool:
            self.assertTrue(all(pool.map(ask, range(8))))


if __name__ == "__main__":
    unittest.main()
