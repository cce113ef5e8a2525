# SPDX-License-Identifier: MIT
"""What the library makes of every way in which a server can answer, or not."""

import json
import os
import subprocess
import tempfile
import time
import unittest

import server

FETCH = os.environ["EXTMGR_TEST_FETCH"]
CLEAN = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
# Longer than anything here takes, shorter than a server that says nothing.
PATIENCE_SECONDS = 60


class Answer:
    def __init__(self, lines):
        self.result, status, length, self.body, error = lines
        self.status = int(status)
        self.length = int(length)
        self.error = json.loads(error)

    def text(self):
        """The messages of the whole chain."""
        texts = []
        error = self.error
        while error:
            texts.append(error.get("message", ""))
            error = error.get("cause")
        return ": ".join(texts)


def fetch(url, *arguments, environment=None):
    done = subprocess.run([FETCH, url, *map(str, arguments)], capture_output=True, text=True,
                          env=environment or CLEAN, timeout=PATIENCE_SECONDS, check=True)
    return Answer(done.stdout.split("\n")[:5])


class TransportTest(unittest.TestCase):
    def setUp(self):
        self.server = server.Server()
        self.enterContext(self.server)
        self.other = server.Server()
        self.enterContext(self.other)

    def expect(self, code, path, *arguments, saying=""):
        url = path if path.startswith("http") else self.server.url(path)
        answer = fetch(url, *arguments)
        self.assertEqual(answer.result, code, answer.text())
        self.assertIn(saying, answer.text())
        return answer

    def test_every_status_is_an_answer(self):
        for status in (200, 201, 204, 206, 300, 304, 400, 401, 403, 404, 410, 429, 500, 502, 503,
                       504, 599):
            with self.subTest(status=status):
                self.assertEqual(self.expect("EXTMGR_OK", f"/status/{status}").status, status)

    def test_an_informational_answer_alone_is_none(self):
        self.expect("EXTMGR_E_TRANSFER", "/status/103")

    def test_a_long_complaint_is_cut(self):
        answer = self.expect("EXTMGR_OK", "/long-error", "--maximum", 10)
        self.assertEqual((answer.status, answer.length), (404, 8192))

    def test_sizes_are_limited_while_receiving(self):
        self.assertEqual(self.expect("EXTMGR_OK", "/bytes/1000", "--maximum", 1000).length, 1000)
        self.expect("EXTMGR_E_TOO_LARGE", "/bytes/1001", "--maximum", 1000,
                    saying="larger than 1000 bytes")
        self.expect("EXTMGR_E_TOO_LARGE", "/endless", "--maximum", 1000)
        self.expect("EXTMGR_E_TOO_LARGE", "/endless/chunked", "--maximum", 1000)
        self.assertLess(self.server.bytes_sent, 64 << 20)

    def test_a_bomb_is_limited_by_what_it_unpacks_to(self):
        self.assertEqual(self.expect("EXTMGR_OK", "/gzip").body, "unpacked")
        self.expect("EXTMGR_E_TOO_LARGE", "/bomb", "--maximum", 100000)

    def test_bodies_that_are_cut(self):
        for path in ("/truncated", "/truncated-chunks", "/bad-chunks", "/bad-gzip", "/reset",
                     "/reset/status", "/reset/headers", "/reset/body", "/garbage",
                     "/lying-long", "/bad-length", "/endless-headers"):
            with self.subTest(path=path):
                self.expect("EXTMGR_E_TRANSFER", path, saying="cannot fetch http://127.0.0.1:")

    def test_a_length_that_is_too_short_is_believed(self):
        self.assertEqual(self.expect("EXTMGR_OK", "/lying-short").body, "0123")

    def test_nobody_listens(self):
        self.expect("EXTMGR_E_TRANSFER", "http://127.0.0.1:1/x")

    def test_a_server_that_says_nothing_is_given_up(self):
        for path in ("/silence", "/drip"):
            self.expect("EXTMGR_E_TRANSFER", path, "--request-timeout", 300, saying="timed out")
            self.expect("EXTMGR_E_TIMEOUT", path, "--timeout", 300)
            self.expect("EXTMGR_E_CANCELLED", path, "--cancel-after", 300)

    def test_redirects_are_followed(self):
        for code in (301, 302, 303, 307, 308):
            answer = self.expect("EXTMGR_OK", f"/redirect?to=/bytes/3&code={code}")
            self.assertEqual((answer.status, answer.body), (200, "xxx"))
        self.assertEqual(self.expect("EXTMGR_OK", "/a/b/../c/redirect").status, 404)
        for to in ("../bytes/3", "//127.0.0.1:%d/bytes/3" % self.server.port,
                   self.other.url("/bytes/3"), "/bytes/3%23fragment"):
            self.assertEqual(self.expect("EXTMGR_OK", f"/redirect?to={to}").body, "xxx")
        self.assertEqual(self.expect("EXTMGR_OK", "/redirect?to=/bytes/3&long=1").body, "xxx")

    def test_redirects_are_bounded(self):
        self.assertEqual(self.expect("EXTMGR_OK", "/loop/10").body, "the end")
        self.expect("EXTMGR_E_REDIRECT", "/loop/11", saying="more than 10 times")
        self.expect("EXTMGR_E_REDIRECT", "/loop", saying="more than 10 times")

    def test_redirects_lead_to_http_only(self):
        for to in ("file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1:1/_x",
                   "javascript:x", "data:,x", "http:", "http://", "https:///x",
                   "http://127.0.0.1:99999/", "//", "http://a%20b/"):
            with self.subTest(to=to):
                self.expect("EXTMGR_E_REDIRECT", f"/redirect?to={to}",
                            saying="redirects to what is no http or https URL")

    def test_credentials_are_sent_to_their_origin_only(self):
        user = "user:pass@"
        self.assertEqual(self.expect("EXTMGR_OK", "/auth").status, 401)
        url = self.server.url("/auth", user=user)
        self.assertEqual(self.expect("EXTMGR_OK", url).body, "welcome")
        url = self.server.url("/redirect?to=/auth", user=user)
        self.assertEqual(self.expect("EXTMGR_OK", url).body, "welcome")
        # Another port, another name of the same machine, and back again through one of them.
        for to in (self.other.url("/echo"), self.server.url("/echo", host="localhost"),
                   self.other.url("/redirect?to=" + self.server.url("/echo"))):
            url = self.server.url("/redirect?to=" + to.replace("?", "%3f"), user=user)
            headers = json.loads(self.expect("EXTMGR_OK", url).body)["headers"]
            self.assertNotIn("authorization", headers)
        for request in self.other.log:
            self.assertNotIn("authorization", request.headers)

    def test_cookies_are_not_kept(self):
        headers = json.loads(self.expect("EXTMGR_OK", "/cookie").body)["headers"]
        self.assertNotIn("cookie", headers)

    def test_credentials_never_appear(self):
        for path in ("/truncated", "/loop", "/redirect?to=file:///x", "/bytes/2000000", "/reset",
                     "/garbage"):
            url = self.server.url(path, user="sentinel-user:sentinel-pass@")
            answer = fetch(url + ("&" if "?" in path else "?") + "token=sentinel-token")
            self.assertNotEqual(answer.result, "EXTMGR_OK")
            self.assertNotIn("sentinel", json.dumps(answer.error))

    def test_certificates_are_verified(self):
        directory = self.enterContext(tempfile.TemporaryDirectory())
        certificate, key = server.make_certificate(directory)
        secure = self.enterContext(server.Server(tls=(certificate, key)))
        wrong_name = self.enterContext(
            server.Server(tls=server.make_certificate(directory, "example.org")))
        self.expect("EXTMGR_E_TLS", secure.url("/bytes/3"))
        self.assertEqual(self.expect("EXTMGR_OK", secure.url("/bytes/3"), "--ca",
                                     certificate).body, "xxx")
        self.expect("EXTMGR_E_TLS", wrong_name.url("/bytes/3"), "--ca",
                    os.path.join(directory, "example.org.crt"))
        self.expect("EXTMGR_E_TLS", secure.url("/bytes/3"), "--ca", "/dev/null")
        # From https to http: never; from http to https: welcome.
        self.expect("EXTMGR_E_REDIRECT", secure.url("/redirect?to=" + self.server.url("/echo")),
                    "--ca", certificate, saying="from https to http")
        self.assertEqual(self.expect("EXTMGR_OK", "/redirect?to=" + secure.url("/bytes/3"), "--ca",
                                     certificate).body, "xxx")
        self.assertEqual([p for p in self.server.paths() if p == "/echo"], [])

    def test_a_proxy_is_used(self):
        answer = fetch("http://example.invalid/echo", "--proxy", self.server.url("/"))
        self.assertEqual(json.loads(answer.body)["target"], "http://example.invalid/echo")
        environment = {**CLEAN, "http_proxy": self.server.url("/")}
        answer = fetch("http://example.invalid/echo", environment=environment)
        self.assertEqual(answer.result, "EXTMGR_OK")
        answer = fetch("http://example.invalid/echo", "--proxy", "", environment=environment)
        self.assertEqual(answer.result, "EXTMGR_E_TRANSFER")
        answer = fetch("http://example.invalid/echo", "--proxy",
                       "http://sentinel:sentinel@127.0.0.1:1")
        self.assertEqual(answer.result, "EXTMGR_E_TRANSFER")
        self.assertNotIn("sentinel", json.dumps(answer.error))

    def test_cancelling_ends_it_soon(self):
        start = time.monotonic()
        self.expect("EXTMGR_E_CANCELLED", "/silence", "--cancel-after", 100)
        self.assertLess(time.monotonic() - start, PATIENCE_SECONDS / 2)


if __name__ == "__main__":
    unittest.main()
