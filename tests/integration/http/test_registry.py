# SPDX-License-Identifier: MIT
"""Registries over HTTP, as somebody at the command line sees them."""

import hashlib
import json
import os
import re
import shutil
import signal
import unittest

import server
from harness import CommandLineTest

SCALE = int(os.environ.get("EXTMGR_TEST_SCALE", "1"))


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def definition(name, version="1.0.0", more=""):
    return (
        "global.installedExtension = {apiVersion: '0.2.0', extension: {name: '%s', "
        "category: 'test', description: 'about %s', bucketFsUploads: [], installableVersions: "
        "[{name: '%s', latest: true, deprecated: false}], findInstallations: function () "
        "{ return []; }}};\n%s" % (name, name, version, more)
    ).encode()


class RegistryTest(CommandLineTest):
    """A registry with the definitions a and b, without digests."""

    def setUp(self):
        super().setUp()
        self.server = self.enterContext(server.Server())
        self.environment["EXTMGR_REGISTRY"] = self.server.url("/registry.json")
        del self.environment["EXTMGR_DB"]
        self.put("a", definition("a"))
        self.put("b", definition("b"))
        self.index({"id": "a", "url": "a.js"}, {"id": "b", "url": self.server.url("/b.js")})

    def put(self, name, source):
        self.server.files[f"/{name}.js"] = source

    def index(self, *entries, **more):
        self.server.files["/registry.json"] = json.dumps(
            {**more, "extensions": list(entries)}
        ).encode()

    def entry(self, name, version=None, **more):
        entry = {"id": name, "url": f"{name}.js",
                 "sha256": sha256(self.server.files[f"/{name}.js"])}
        if version:
            entry["version"] = version
        return {**entry, **more}

    def search(self, *options, code=0):
        """The extensions by id."""
        result = self.run_program("--json", "search", *options)
        self.assertEqual(result.code, code, result.out + result.err)
        self.said = result.err
        return {e["id"]: e for e in result.document()["extensions"]}

    def fails(self, error, *options, saying="", code=None):
        """Nothing can be listed; the error's code and part of its messages."""
        result = self.run_program("--json", "search", *options)
        self.assertEqual(result.out, "")
        document = result.error()
        texts = []
        codes = []
        while document:
            codes.append(document["code"])
            texts.append(document.get("message", ""))
            document = document.get("cause")
        self.assertIn(error, codes, texts)
        self.assertIn(saying, ": ".join(texts))
        if code is not None:
            self.assertEqual(result.code, code)

    def asked(self):
        paths = self.server.paths()
        self.server.log.clear()
        return paths


class Plain(RegistryTest):
    """EX 6 and 11.10: the plain index that exists today."""

    def test_ids_and_definitions(self):
        found = self.search()
        self.assertEqual(sorted(found), ["a", "b"])
        self.assertEqual(found["a"]["state"], "available")
        self.assertEqual(found["a"]["signature"], "unsigned")
        self.assertEqual(found["a"]["digest"], "sha256:" + sha256(self.server.files["/a.js"]))

    def test_an_empty_index(self):
        for text in ("{}", '{"extensions": null}', '{"extensions": []}'):
            self.server.files["/registry.json"] = text.encode()
            self.succeed("registry", "refresh")
            self.assertEqual(self.search(), {})

    def test_scheme_in_any_case(self):
        url = self.server.url("/registry.json").replace("http", "HttP")
        self.assertEqual(sorted(self.search("--registry", url)), ["a", "b"])
        for local in ("http/url", "https:/url"):
            self.fails("EXTMGR_E_REGISTRY_NOT_FOUND", "--registry", local)

    def test_only_what_is_needed_is_fetched(self):
        self.run_program("--db", "sqlite:" + self.database, "info", "b")
        self.assertEqual(self.asked(), ["/registry.json", "/b.js", "/b.js.sha256"])

    def test_messages_that_clients_know(self):
        url = re.escape(self.server.url("/registry.json"))
        self.server.files["/registry.json"] = b""
        result = self.run_program("search")
        self.assertRegex(
            result.err, f'failed to load index from "{url}": failed to decode index from "{url}": '
            "failed to decode registry content: EOF")
        self.server.files["/registry.json"] = b"invalid"
        self.assertRegex(self.run_program("search").err,
                         f'failed to decode index from "{url}": failed to decode registry content')
        self.server.files.clear()
        self.assertRegex(
            self.run_program("search").err,
            f'failed to load index from "{url}": registry at {url} returned status '
            '"404 Not Found" and response "no such thing"')

    def test_references_count_from_where_redirects_led(self):
        for name in "ab":
            self.server.files[f"/v2/{name}.js"] = definition(name + "2")
        self.server.files["/v2/registry.json"] = json.dumps(
            {"extensions": [{"id": "a", "url": "a.js"}, {"id": "b", "url": "./b.js"}]}).encode()
        self.environment["EXTMGR_REGISTRY"] = self.server.url(
            "/redirect?to=/v2/registry.json", user="someone:verysecret@")
        for options in (), ("--offline",):  # fetched, and from the cache
            found = self.search(*options)
            self.assertEqual([found[i]["name"] for i in "ab"], ["a2", "b2"])
        cache = self.environment["EXTMGR_CACHE"]
        for name in os.listdir(cache):
            with open(os.path.join(cache, name), "rb") as file:
                self.assertNotIn(b"verysecret", file.read())

    def test_listing_a_silent_registry_can_be_cancelled(self):
        self.environment["EXTMGR_REGISTRY"] = self.server.url("/silence")
        process = self.start_program("registry", "list")
        self.server.before = lambda request: process.send_signal(signal.SIGINT)
        self.assertEqual(self.finish_program(process).code, 130)

    def test_unknown_and_broken_entries(self):
        self.index({"id": "a", "url": "a.js"}, {"id": "b", "url": "gone.js"}, {"id": "c"},
                   {"id": "d", "url": "ftp://127.0.0.1/x"})
        found = self.search(code=4)
        self.assertEqual([found[i]["state"] for i in "abcd"],
                         ["available", "broken", "broken", "broken"])
        self.assertRegex(found["b"]["reason"],
                         '^failed to load extension "b": registry at http.*/gone.js returned '
                         'status "404 Not Found" and response "no such thing"$')
        self.assertIn("gives no url", found["c"]["reason"])
        self.assertIn("no usable url", found["d"]["reason"])
        result = self.run_program("--db", "sqlite:" + self.database, "info", "e")
        self.assertIn('extension "e" not found', result.err)

    def test_a_version_that_is_none(self):
        self.index({"id": "a", "url": "a.js", "version": "latest"},
                   {"id": "b", "url": "b.js", "version": "1.0"},
                   {"id": "b", "url": "b.js", "version": "1.0.0"})
        found = self.search(code=4)
        self.assertEqual((found["a"]["state"], found["b"]["state"]), ("broken", "available"))
        self.assertIn("version 'latest', which is none of SemVer 2.0", found["a"]["reason"])
        self.assertEqual(self.run_program("--json", "--db", "sqlite:" + self.database, "info",
                                          "a").error()["code"], "EXTMGR_E_INDEX_FORMAT")

    def test_doctor_can_be_stopped(self):
        process = self.start_program("doctor", "--json", "--registry",
                                     self.server.url("/silence"))
        self.server.before = lambda request: process.send_signal(signal.SIGINT)
        out, _ = process.communicate()
        self.assertEqual((process.returncode, out), (130, b""))

    def test_several_versions_and_duplicates(self):
        self.put("a2", definition("a", "2.0.0"))
        self.index({"id": "a", "url": "a.js", "version": "1.0.0"},
                   {"id": "a", "url": "a2.js", "version": "2.0.0"},
                   {"id": "b", "url": "b.js"}, {"id": "b", "url": "gone.js"})
        found = self.search()
        self.assertEqual(found["a"]["latestVersion"], "2.0.0")
        self.assertIn("'b' several times", self.said)
        listed = self.succeed("registry", "list", "--json").document()
        self.assertEqual([(e["id"], e["version"]) for e in listed["superseded"]],
                         [("a", "1.0.0"), ("b", None)])


class Caching(RegistryTest):
    def test_a_fresh_index_is_not_asked_for_again(self):
        self.search()
        self.asked()
        self.search()
        self.assertEqual(self.asked(), [])
        self.put("a", definition("a", "9.0.0"))
        self.assertEqual(self.search()["a"]["latestVersion"], "1.0.0")
        # A refresh concerns the index; what the cache holds of definitions is asked for behind it.
        self.succeed("registry", "refresh")
        self.assertEqual(self.asked(), ["/registry.json"])
        self.assertEqual(self.search()["a"]["latestVersion"], "9.0.0")

    def test_max_age_and_revalidation(self):
        for path in ("/registry.json", "/a.js", "/b.js"):
            self.server.headers[path] = [("Cache-Control", "max-age=0")]
        self.search()
        self.asked()
        before = self.server.bytes_sent
        self.search()
        self.assertEqual(sorted(self.asked()), ["/a.js", "/b.js", "/registry.json"])
        # 304 only: no body was sent.
        self.assertLess(self.server.bytes_sent - before, 600)
        self.put("a", definition("a", "3.0.0"))
        self.assertEqual(self.search()["a"]["latestVersion"], "3.0.0")

    def test_last_modified(self):
        self.server.etags["/registry.json"] = None
        self.server.headers["/registry.json"] = [
            ("Cache-Control", "no-cache"), ("Last-Modified", server.http_date(1700000000))]
        self.search()
        self.search()
        asked = [r for r in self.server.log if r.path == "/registry.json"]
        self.assertEqual(asked[1].headers["if-modified-since"], server.http_date(1700000000))

    def test_a_chosen_interval_outweighs_the_server(self):
        self.server.headers["/registry.json"] = [("Cache-Control", "no-cache")]
        self.search("--refresh", "3600")
        self.asked()
        self.search("--refresh", "3600")
        self.assertEqual(self.asked(), [])

    def test_no_store_is_not_stored(self):
        self.server.headers["/registry.json"] = [("Cache-Control", "no-store")]
        self.search()
        self.fails("EXTMGR_E_OFFLINE", "--offline")

    def test_a_digest_makes_requests_needless(self):
        self.index(self.entry("a"), self.entry("b"))
        self.search()
        self.assertEqual(sorted(self.asked()), ["/a.js", "/b.js", "/registry.json"])
        self.succeed("registry", "refresh")
        self.search()
        self.assertEqual(self.asked(), ["/registry.json"])
        self.put("a", definition("a", "2.0.0"))
        self.index(self.entry("a"), self.entry("b"))
        self.succeed("registry", "refresh")
        self.assertEqual(self.search()["a"]["latestVersion"], "2.0.0")
        self.assertEqual(self.asked(), ["/registry.json", "/a.js"])

    def test_changed_content_behind_an_unchanged_etag(self):
        self.server.etags["/a.js"] = '"same"'
        self.index(self.entry("a"))
        self.search()
        self.put("a", definition("a", "2.0.0"))
        self.index(self.entry("a"))
        self.succeed("registry", "refresh")
        self.assertEqual(self.search()["a"]["latestVersion"], "2.0.0")

    def test_an_unreachable_registry_stops_nobody(self):
        for path in ("/registry.json", "/a.js", "/b.js"):
            self.server.headers[path] = [("Cache-Control", "no-cache")]
        self.search()
        for command in ("/status/503", "/status/500", "/status/429", "/reset", "/truncated",
                        "/garbage"):
            self.server.override = command
            with self.subTest(command=command):
                self.assertEqual(sorted(self.search()), ["a", "b"])
                self.assertIn("what was fetched before is used", self.said)
        # Asked expressly, it says so; the cache stays.
        self.fail_with(3, "registry", "refresh")
        self.server.override = None
        self.assertEqual(sorted(self.search()), ["a", "b"])

    def test_what_is_gone_or_wrong_is_told(self):
        self.server.headers["/registry.json"] = [("Cache-Control", "no-cache")]
        self.search()
        for status in (401, 403, 404, 410):
            self.server.override = f"/status/{status}"
            self.fails("EXTMGR_E_HTTP_STATUS", code=1, saying=f'"{status} ')
        self.server.override = "/redirect?to=file:///x"
        self.fails("EXTMGR_E_REDIRECT", code=5)
        self.server.override = None
        good = self.server.files["/registry.json"]
        for bad in (b"", b"\xff", b"{", b"[]", b'{"extensions":[{"id":"../x"}]}', good[:-5]):
            self.server.files["/registry.json"] = bad
            self.fails("EXTMGR_E_INDEX_FORMAT")
            self.assertEqual(sorted(self.search("--offline")), ["a", "b"])
        self.server.files["/registry.json"] = b"{}" + b" " * (17 << 20)
        self.fails("EXTMGR_E_TOO_LARGE")

    def test_offline(self):
        self.fails("EXTMGR_E_OFFLINE", "--offline")
        self.search()
        self.asked()
        self.assertEqual(sorted(self.search("--offline")), ["a", "b"])
        self.assertEqual(self.asked(), [])
        self.index({"id": "a", "url": "a.js"}, {"id": "c", "url": "c.js"})
        self.succeed("registry", "refresh")
        self.assertIn("offline", self.search("--offline", code=4)["c"]["reason"])

    def test_a_cache_of_others_is_not_used(self):
        cache = self.environment["EXTMGR_CACHE"]
        self.search()
        os.chmod(cache, 0o755)
        self.asked()
        self.search()
        self.assertIn("is not used", self.said)
        self.assertIn("/registry.json", self.asked())
        self.fails("EXTMGR_E_OFFLINE", "--offline")

    def test_a_damaged_cache_is_as_none(self):
        self.search()
        cache = self.environment["EXTMGR_CACHE"]
        for name in os.listdir(cache):
            path = os.path.join(cache, name)
            with open(path, "r+b") as file:
                data = bytearray(file.read())
                data[len(data) // 2] ^= 1
                file.seek(0)
                file.write(data)
        self.asked()
        self.assertEqual(sorted(self.search()), ["a", "b"])
        self.assertIn("/registry.json", self.asked())

    def test_without_a_cache_directory(self):
        self.assertEqual(sorted(self.search("--cache", "")), ["a", "b"])
        self.assertFalse(os.path.exists(self.environment["EXTMGR_CACHE"]))

    def test_whatever_comes_the_last_good_index_stays(self):
        self.search()
        good = self.server.files["/registry.json"]
        entry = '{"extensions": [{"id": %s, "url": "a.js"}]}'
        bodies = [
            b"", b"{", b"[]", b'"x"', b"1", b"\xff\xfe{}", b'{"extensions": {}}',
            b'{"extensions": [1]}', b'{"extensions": []}x', b'{"extensions": [], "extensions": []}',
            b'{"extensions": [{"url": "a.js"}]}', b'{"a": ' + b"[" * 100 + b"]" * 100 + b"}",
            *((entry % id).encode() for id in (
                "1", "null", '""', '"../a"', '"a/b"', '"a\\\\b"', '".a"', '"a\\u0000"',
                '"a\\u0001"', '"%s"' % ("x" * 256))),
            b'{"extensions": [{"id": "a", "url": 1}]}',
            b'{"extensions": [{"id": "a", "url": "a.js", "sha256": "x"}]}',
            b'{"extensions": [], "serial": -1}', b'{"extensions": [], "expires": "soon"}',
        ]
        for body in bodies:
            with self.subTest(body=body[:60]):
                self.server.files["/registry.json"] = body
                self.assertNotEqual(self.run_program("registry", "refresh").code, 0)
                self.assertEqual(sorted(self.search("--offline")), ["a", "b"])
        self.server.files["/registry.json"] = good
        for command in ("/status/204", "/status/404", "/status/500", "/truncated",
                        "/truncated-chunks", "/endless", "/bomb", "/reset/headers", "/reset/body",
                        "/garbage", "/loop", "/lying-long", "/bad-gzip"):
            with self.subTest(command=command):
                self.server.override = command
                self.assertNotEqual(self.run_program("registry", "refresh").code, 0)
                self.assertEqual(sorted(self.search("--offline")), ["a", "b"])
        self.server.override = None
        self.succeed("registry", "refresh")

    def test_a_writer_that_is_killed_leaves_a_valid_cache(self):
        """Killed at some moment; the moments are spread by what the server was asked last."""
        self.put("a", definition("a", more="/*" + "x" * 100000 + "*/"))
        names = [f"d{i}" for i in range(10)]
        for name in names:
            self.put(name, definition(name, more="/*" + "y" * 200000 + "*/"))
        self.index(*[{"id": name, "url": f"{name}.js"} for name in names])
        for number in range(15 * SCALE):
            process = None
            seen = 0

            def before(request):
                nonlocal seen
                seen += 1
                if process and seen == number % 21:
                    process.send_signal(signal.SIGKILL)

            shutil.rmtree(self.environment["EXTMGR_CACHE"], ignore_errors=True)
            self.server.before = before
            process = self.start_program("search", "--json")
            process.communicate()
            self.server.before = None
            self.asked()
            cache = self.environment["EXTMGR_CACHE"]
            for name in os.listdir(cache) if os.path.isdir(cache) else []:
                if name.startswith("new-"):
                    continue
                with open(os.path.join(cache, name), "rb") as file:
                    head, _, body = file.read().partition(b"\n")
                self.assertEqual(head.split()[-1].decode(), sha256(body))
            self.assertEqual(sorted(self.search()), names)


class Integrity(RegistryTest):
    def test_a_wrong_digest(self):
        self.index(self.entry("a", sha256="0" * 64), self.entry("b"))
        found = self.search(code=4)
        self.assertEqual(found["b"]["state"], "available")
        self.assertIn("promised is " + "0" * 64, found["a"]["reason"])
        # It was not kept either.
        self.assertIn("offline", self.search("--offline", code=4)["a"]["reason"])

    def test_a_sha256_file_beside_a_definition(self):
        digest = sha256(self.server.files["/a.js"])
        for good in (f"{digest}  a.js\n", digest, digest.upper() + " *x\n"):
            self.server.files["/a.js.sha256"] = good.encode()
            shutil.rmtree(self.environment["EXTMGR_CACHE"], ignore_errors=True)
            self.search()
        for bad in (f"{'0' * 64}  a.js\n", "", "x", digest[:-1], digest + "0"):
            self.server.files["/a.js.sha256"] = bad.encode()
            shutil.rmtree(self.environment["EXTMGR_CACHE"], ignore_errors=True)
            self.assertIn("SHA-256", self.search(code=4)["a"]["reason"])

    def test_a_sha256_file_in_a_directory(self):
        path = self.write("registry/a.js", definition("a").decode())
        options = ("--registry", os.path.dirname(path))
        self.write("registry/a.js.sha256", sha256(definition("a")) + "  a.js\n")
        self.assertEqual(self.search(*options)["a"]["state"], "available")
        self.write("registry/a.js.sha256", "0" * 64 + "  a.js\n")
        self.assertIn("promised is", self.search(*options, code=4)["a"]["reason"])
        self.write("registry/a.js.sha256", "nothing")
        self.assertIn("holds no SHA-256", self.search(*options, code=4)["a"]["reason"])

    def test_an_older_index_after_a_newer_one(self):
        self.index(self.entry("a"), serial=5)
        self.search()
        self.index(self.entry("a"), serial=4)
        self.fail_with(5, "registry", "refresh")
        self.index(self.entry("a"))
        self.fail_with(5, "registry", "refresh")
        self.assertEqual(sorted(self.search()), ["a"])
        self.index(self.entry("a"), serial=4)
        self.succeed("registry", "refresh", "--allow-downgrade")
        self.succeed("registry", "refresh")
        self.search()

    def test_an_older_version_after_a_newer_one(self):
        self.index(self.entry("a", "2.0.0"), self.entry("b", "1.0.0"))
        self.search()
        self.index(self.entry("a", "1.9.0"), self.entry("b", "1.0.0"))
        self.succeed("registry", "refresh")
        found = self.search(code=4)
        self.assertIn("version 2.0.0 was seen", found["a"]["reason"])
        self.assertEqual(found["b"]["state"], "available")
        self.assertEqual(self.search("--allow-downgrade")["a"]["state"], "available")
        self.assertEqual(self.search()["a"]["state"], "available")

    def test_an_expired_index(self):
        self.index(self.entry("a"), expires="2001-01-01T00:00:00Z")
        self.fails("EXTMGR_E_INDEX_EXPIRED", code=5, saying="2001-01-01T00:00:00Z")
        self.index(self.entry("a"), expires="2999-01-01T00:00:00Z")
        self.search()

    def test_size_and_encoding_of_definitions(self):
        self.put("a", definition("a", more="/*" + "x" * (1 << 20) + "*/"))
        self.put("b", b"\xff")
        found = self.search(code=4)
        self.assertIn("larger than 1048576 bytes", found["a"]["reason"])
        self.assertIn("not valid UTF-8", found["b"]["reason"])

    def test_from_https_to_http(self):
        certificate = server.make_certificate(self.directory)
        secure = self.enterContext(server.Server(tls=certificate))
        secure.files["/registry.json"] = self.server.files["/registry.json"]
        secure.files["/a.js"] = self.server.files["/a.js"]
        options = ("--registry", secure.url("/registry.json"))
        self.fails("EXTMGR_E_TLS", *options)
        found = self.search(*options, "--ca", certificate[0], code=4)
        self.assertEqual(found["a"]["state"], "available")
        self.assertIn("from https to http", found["b"]["reason"])

    def test_credentials_never_appear(self):
        url = self.server.url("/registry.json?token=sentinel-t", user="sentinel-u:sentinel-p@")
        self.index({"id": "a", "url": "a.js"}, {"id": "c", "url": "c.js?key=sentinel-k"})
        seen = ""
        for command in (["search"], ["-vv", "search"], ["doctor"], ["registry", "list", "--json"],
                        ["registry", "verify"], ["registry", "refresh"], ["info", "c"]):
            result = self.run_program("--registry", url, *command)
            seen += result.out + result.err
        for command in ("/status/404?body=sentinel-p", "/status/503", "/reset", "/loop", "/garbage",
                        "/redirect?to=ftp://x"):
            self.server.override = command
            result = self.run_program("--registry", url, "--cache", "", "-vv", "search")
            seen += result.out + result.err
        self.assertNotIn("sentinel", seen)
        for request in self.server.log:
            self.assertIn("authorization", request.headers)


if __name__ == "__main__":
    unittest.main()
