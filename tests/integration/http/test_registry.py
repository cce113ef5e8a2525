# SPDX-License-Identifier: MIT
"""Registries over HTTP, as somebody at the command line sees them."""

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import unittest

import server
from harness import DEFINITIONS, PROGRAM, CommandLineTest

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


@unittest.skipUnless(shutil.which("minisign"), "minisign is not installed")
class Signatures(RegistryTest):
    def setUp(self):
        super().setUp()
        self.keys = {name: self.make_key(name) for name in ("ours", "theirs")}
        self.index(self.entry("a", "1.0.0"), self.entry("b", "1.0.0"))

    def make_key(self, name):
        self.minisign("-G", "-W", "-p", f"{name}.pub", "-s", f"{name}.sec")
        with open(os.path.join(self.directory, f"{name}.pub"), encoding="ascii") as file:
            return file.read().split("\n")[1]

    def minisign(self, *arguments):
        subprocess.run(["minisign", *arguments], cwd=self.directory, check=True,
                       capture_output=True, stdin=subprocess.DEVNULL)

    def signature(self, key, listing, comment):
        path = self.write("sums", listing)
        self.minisign("-S", "-W", "-s", f"{key}.sec", "-m", "sums", "-x", "sig", "-t", comment)
        os.remove(path)
        with open(os.path.join(self.directory, "sig"), "rb") as file:
            return file.read()

    def sign(self, name, key="ours", comment=None, version="1.0.0", listed=None):
        """Signs what the server has under a name."""
        listing = f"{sha256(self.server.files['/' + name])}  {listed or name}\n"
        if comment is None:
            comment = f"extmgr id={name[:-3]} version={version}"
        signature = self.signature(key, listing, comment)
        self.server.files[f"/{name}.sums.minisig"] = signature
        return signature

    def trusted(self, *options, key="ours", **more):
        return self.search("--trust-key", self.keys[key], *options, **more)

    def states(self, found):
        return {i: (e["state"], e.get("signature")) for i, e in found.items()}

    GOOD = ("available", "signed")

    def test_a_signed_index_vouches_for_its_entries(self):
        self.sign("registry.json", comment="")
        self.assertEqual(self.states(self.trusted()), {"a": self.GOOD, "b": self.GOOD})
        listed = self.succeed("registry", "list", "--json", "--trust-key",
                              self.keys["ours"]).document()
        self.assertEqual(listed["signature"], "signed")
        self.index({**self.entry("a", "1.0.0"), "sha256": None}, self.entry("b"))
        self.sign("registry.json", comment="")
        self.succeed("registry", "refresh", "--trust-key", self.keys["ours"])
        found = self.trusted(code=4)
        self.assertEqual(found["a"]["signature"], "unsigned")
        self.assertIn("is not signed", found["b"]["reason"])

    def test_definitions_with_signatures_of_their_own(self):
        self.sign("a.js")
        found = self.trusted(code=4)
        self.assertEqual(self.states(found), {"a": self.GOOD, "b": ("broken", "unsigned")})
        self.assertEqual(self.trusted("--trust-policy", "any")["b"]["state"], "available")
        self.assertEqual(self.states(self.search())["b"], ("available", "unsigned"))
        self.assertEqual(self.search("--trust-policy", "signed", code=4)["a"]["state"], "broken")

    def test_where_the_index_says_signatures_lie(self):
        self.sign("a.js")
        files = self.server.files
        files["/elsewhere.minisig"] = files.pop("/a.js.sums.minisig")
        self.index(self.entry("a", "1.0.0", signature="elsewhere.minisig"))
        self.assertEqual(self.states(self.trusted()), {"a": self.GOOD})
        self.index(self.entry("a", "1.0.0"), signature="index.minisig")
        self.sign("registry.json", comment="")
        files["/index.minisig"] = files.pop("/registry.json.sums.minisig")
        self.succeed("registry", "refresh", "--trust-key", self.keys["ours"])
        self.assertEqual(self.states(self.trusted()), {"a": self.GOOD})

    def test_bad_signatures_of_a_definition(self):
        good = self.sign("a.js")
        self.sign("b.js")
        files = self.server.files
        other = files["/b.js.sums.minisig"]
        lines = good.split(b"\n")
        cases = {
            "wrong": good[:90] + (b"A" if good[90:91] != b"A" else b"B") + good[91:],
            "garbage": b"garbage",
            "empty": b"",
            "too long": good + b"x" * 2000,
            "swapped": other,
            "tampered comment": good.replace(b"version=1.0.0", b"version=9.0.0"),
            "comment of another": b"\n".join(lines[:2] + other.split(b"\n")[2:]),
            "relabelled": self.sign("a.js", comment="extmgr id=b version=1.0.0"),
            "another version": self.sign("a.js", version="0.9.0"),
            "unnamed": self.sign("a.js", comment="timestamp:1"),
            "renamed": self.sign("a.js", listed="b.js"),
            "foreign": self.sign("a.js", key="theirs"),
        }
        for name, signature in cases.items():
            with self.subTest(case=name):
                files["/a.js.sums.minisig"] = signature
                shutil.rmtree(self.environment["EXTMGR_CACHE"], ignore_errors=True)
                found = self.trusted(code=4)
                self.assertEqual(found["b"]["state"], "available")
                self.assertEqual(found["a"]["state"], "broken")
                if name == "foreign":
                    self.assertEqual(found["a"]["signature"], "untrusted-key")
                    self.assertRegex(found["a"]["reason"], "signed with the key [0-9A-F]{16}")
                else:
                    self.assertEqual(found["a"]["signature"], "modified", found["a"]["reason"])
        files["/a.js.sums.minisig"] = good
        shutil.rmtree(self.environment["EXTMGR_CACHE"], ignore_errors=True)
        self.assertEqual(self.states(self.trusted())["a"], self.GOOD)
        self.put("a", definition("a", more="// tampered"))
        self.index(self.entry("a", "1.0.0"))
        self.succeed("registry", "refresh", "--trust-key", self.keys["ours"])
        self.assertEqual(self.trusted(code=4)["a"]["signature"], "modified")

    def test_bad_signatures_of_the_index(self):
        good = self.sign("registry.json", comment="")
        self.trusted()
        for name, signature, code in (
            ("wrong", good.replace(b"\n", b"\nA", 1), "EXTMGR_E_SIGNATURE_FORMAT"),
            ("foreign", self.sign("registry.json", key="theirs", comment=""),
             "EXTMGR_E_SIGNATURE_UNTRUSTED_KEY"),
            ("swapped", self.sign("a.js"), "EXTMGR_E_SIGNATURE_MODIFIED"),
        ):
            with self.subTest(case=name):
                self.server.files["/registry.json.sums.minisig"] = signature
                shutil.rmtree(self.environment["EXTMGR_CACHE"], ignore_errors=True)
                self.fails(code, "--trust-key", self.keys["ours"], code=5)

    def test_a_key_for_some_ids(self):
        self.sign("registry.json", comment="")
        found = self.search("--trust-key", self.keys["ours"] + ":a,c*", code=4)
        self.assertEqual(self.states(found)["a"], self.GOOD)
        self.assertEqual(found["b"]["state"], "broken")
        self.sign("b.js", key="theirs")
        found = self.search("--trust-key", self.keys["ours"] + ":a", "--trust-key",
                            self.keys["theirs"] + ":b")
        self.assertEqual(self.states(found), {"a": self.GOOD, "b": self.GOOD})

    def test_rotation_and_revocation_take_effect_at_once(self):
        self.sign("registry.json", comment="")
        self.trusted()
        self.asked()
        # Revoked: what is in the cache is judged by the keys of today.
        self.fails("EXTMGR_E_SIGNATURE_UNTRUSTED_KEY", "--trust-key", self.keys["theirs"])
        self.fails("EXTMGR_E_OFFLINE", "--offline", "--trust-key", self.keys["theirs"])
        # Both, while the publisher changes over.
        both = ("--trust-key", self.keys["ours"], "--trust-key", self.keys["theirs"])
        self.search(*both)
        self.sign("registry.json", key="theirs", comment="")
        self.succeed("registry", "refresh", *both)
        self.assertEqual(self.states(self.trusted(key="theirs"))["a"], self.GOOD)

    def test_keys_added_later_judge_what_is_cached(self):
        self.search()
        self.asked()
        found = self.trusted(code=4)
        self.assertEqual(found["a"]["signature"], "unsigned")
        self.assertEqual(sorted(self.asked()),
                         ["/a.js.sums.minisig", "/b.js.sums.minisig", "/registry.json",
                          "/registry.json.sums.minisig"])

    def test_a_signature_that_comes_later(self):
        for path in ("/registry.json", "/a.js", "/b.js"):
            self.server.headers[path] = [("Cache-Control", "no-cache")]
        self.trusted(code=4)
        self.sign("a.js")
        self.assertEqual(self.states(self.trusted(code=4))["a"], self.GOOD)

    def test_signatures_in_a_directory(self):
        registry = self.registry
        source = definition("a")
        self.write("registry/a.js", source.decode())
        listing = f"{sha256(source)}  a.js\n"
        signature = self.signature("ours", listing, "extmgr id=a version=1.0.0")
        options = ("--registry", registry, "--trust-key", self.keys["ours"])

        def state(code=0, *more):
            return self.states(self.search(*options, *more, code=code))["a"]

        self.assertEqual(state(4), ("broken", "unsigned"))
        self.write("registry/a.js.sums.minisig", signature.decode())
        self.assertEqual(state(), self.GOOD)
        self.write("registry/a.js.sums", listing)
        self.assertEqual(state(), self.GOOD)
        self.write("registry/a.js.sums", listing + "x")
        self.assertEqual(state(4), ("broken", "modified"))
        os.remove(os.path.join(registry, "a.js.sums"))
        self.write("registry/a.js", source.decode() + "// tampered")
        self.assertEqual(state(4), ("broken", "modified"))
        self.assertEqual(state(0, "--trust-policy", "any"), ("available", "modified"))
        # The pair of an older version, when a newer one was seen.
        newer = definition("a", "2.0.0")
        self.write("registry/a.js", newer.decode())
        self.write("registry/a.js.sums.minisig", self.signature(
            "ours", f"{sha256(newer)}  a.js\n", "extmgr id=a version=2.0.0").decode())
        self.assertEqual(state(), self.GOOD)
        self.write("registry/a.js", source.decode())
        self.write("registry/a.js.sums.minisig", signature.decode())
        self.assertEqual(state(4), ("broken", "signed"))
        self.assertEqual(state(0, "--allow-downgrade"), self.GOOD)

    def test_installing_and_describing_heed_the_policy(self):
        shutil.copy(os.path.join(DEFINITIONS, "notes.js"), self.directory)
        with open(os.path.join(self.directory, "notes.js"), "rb") as file:
            self.put("notes", file.read())
        self.index(self.entry("notes", "1.1.0"))
        self.environment["EXTMGR_DB"] = "sqlite:" + self.database
        self.environment["EXTMGR_TRUST_KEYS"] = self.keys["ours"]
        before = self.dump()
        self.fail_with(5, "install", "notes")
        self.fail_with(5, "info", "notes")
        self.assertEqual(self.dump(), before)
        self.sign("registry.json", comment="")
        self.succeed("registry", "refresh")
        self.assertIn("signature: signed", self.succeed("info", "notes").out)
        self.succeed("install", "notes")

    def test_plans_name_the_signer(self):
        shutil.copy(os.path.join(DEFINITIONS, "notes.js"), self.directory)
        with open(os.path.join(self.directory, "notes.js"), "rb") as file:
            self.put("notes", file.read())
        self.index({**self.entry("notes"), "sha256": None})
        self.environment["EXTMGR_DB"] = "sqlite:" + self.database
        key = os.path.join(self.directory, "ours.pub")
        plan = ("plan", "install", "notes", "--trust-key")

        def signer(*options):
            return self.succeed(*plan, *options, "--json").document()["signer"]

        self.assertIsNone(signer(key, "--trust-policy", "any"))
        self.assertIn("not signed", self.succeed(*plan, key, "--trust-policy", "any").out)
        self.sign("notes.js", version="1.1.0")
        self.succeed("registry", "refresh", "--trust-key", key)
        with open(key, encoding="utf-8") as file:
            comment, line = file.read().splitlines()
        key_id = comment.rsplit(" ", 1)[1].zfill(16)
        self.assertEqual(signer(key), {"keyId": key_id, "name": None})
        self.assertIn(f"signed by key {key_id}\n", self.succeed(*plan, key).out)
        self.assertIsNone(signer(self.keys["theirs"], "--trust-policy", "any", "--allow-downgrade"))
        self.assertIsNone(signer(key + ":other.*", "--trust-policy", "any", "--allow-downgrade"))
        named = self.write("named.pub", f"untrusted comment: Acme Labs\n{line}\n")
        self.assertEqual(signer(named), {"keyId": key_id, "name": "Acme Labs"})
        self.assertIn(f"signed by Acme Labs, key {key_id}\n", self.succeed(*plan, named).out)
        # By an index that vouches, and in a directory.
        self.index(self.entry("notes", "1.1.0"))
        self.sign("registry.json", comment="")
        self.succeed("registry", "refresh", "--trust-key", named)
        self.assertEqual(signer(named), {"keyId": key_id, "name": "Acme Labs"})
        self.write("registry/notes.js", self.server.files["/notes.js"].decode())
        self.write("registry/notes.js.sums.minisig",
                   self.server.files["/notes.js.sums.minisig"].decode())
        self.environment["EXTMGR_REGISTRY"] = os.path.join(self.directory, "registry")
        self.assertEqual(signer(named), {"keyId": key_id, "name": "Acme Labs"})
        # The plan is held to by whoever trusts the signer, whatever the key is called.
        saved = os.path.join(self.directory, "notes.plan")
        self.succeed(*plan, named, "--out", saved)
        self.fail_with(5, "apply", saved, "--trust-key", self.keys["theirs"])
        self.succeed("apply", saved, "--trust-key", key)

    def test_bundles(self):
        folder = os.path.join(self.directory, "board", "dist")
        os.makedirs(folder)
        self.write("board/dist/manifest.json", json.dumps(
            {"id": "acme.board", "publisher": "acme", "name": "board", "version": "1.0.0"}))
        path = os.path.dirname(folder)
        options = ("--trust-key", self.keys["ours"], "--json")

        def verdict(of=path, code=0, *more):
            result = self.run_program("verify", of, *options, *more)
            self.assertEqual(result.code, code, result.out + result.err)
            return json.dumps(result.document())

        self.assertIn('"unsigned"', verdict(path, 0, "--trust-policy", "any"))
        self.assertIn("EXTMGR_E_SIGNATURE_MISSING", verdict(code=1))
        listing = self.succeed("digest", "--listing", path).out
        self.write("board.sums", listing)
        self.minisign("-S", "-W", "-s", "ours.sec", "-m", "board.sums")
        self.assertIn('"signed"', verdict())
        # The archive has the same listing, so the same signature.
        self.succeed("bundle", "pack", path, "--out", path + ".supx")
        for suffix in (".sums", ".sums.minisig"):
            shutil.copy(path + suffix, path + ".supx" + suffix)
        self.assertIn('"signed"', verdict(path + ".supx"))
        self.write("board/dist/manifest.json", json.dumps(
            {"id": "acme.board", "publisher": "acme", "name": "board", "version": "2.0.0"}))
        self.assertIn("EXTMGR_E_SIGNATURE_MODIFIED", verdict(code=1))
        self.assertIn('"modified"', verdict(path, 0, "--trust-policy", "any"))
        result = self.run_program("verify", path + ".supx", "--trust-key",
                                  self.keys["ours"] + ":other.*", "--json")
        self.assertIn("EXTMGR_E_SIGNATURE_UNTRUSTED_KEY", result.out)
        # A dot without a publisher: nobody vouches for the part before it.
        self.write("board/dist/manifest.json", json.dumps(
            {"id": "acme.board", "name": "board", "version": "1.0.0"}))
        self.write("board.sums", self.succeed("digest", "--listing", path).out)
        self.minisign("-S", "-W", "-s", "ours.sec", "-m", "board.sums")
        self.assertIn("EXTMGR_E_BUNDLE_ID", verdict(code=1))
        self.assertIn('"signed"', verdict(path, 0, "--trust-policy", "any"))

    def test_verifying_a_definition(self):
        path = self.write("registry/x.js", definition("x").decode())
        trust = ("--trust-key", self.keys["ours"], "--trust-policy")

        def verdict(code, *options):
            result = self.run_program("--json", "verify", path, *options)
            self.assertEqual(result.code, code, result.out + result.err)
            [item] = result.document()["results"]
            self.assertEqual(item["kind"], "definition")
            return item

        item = verdict(0)
        self.assertEqual((item["signature"], item["code"]), ("unsigned", "EXTMGR_OK"))
        self.assertEqual(item["digest"], self.succeed("digest", path).out.split()[0])
        self.assertEqual(verdict(1, *trust, "signed")["code"], "EXTMGR_E_SIGNATURE_MISSING")
        self.write("registry/x.js.sums", sha256(definition("x")) + "  x.js\n")
        self.minisign("-S", "-W", "-s", "ours.sec", "-m", "registry/x.js.sums", "-t",
                      "extmgr id=x version=1.0.0")
        self.assertEqual(verdict(0, *trust, "signed")["signature"], "signed")
        self.assertEqual(verdict(0, "--trust-key", self.keys["theirs"], *trust[2:],
                                 "any")["signature"], "untrusted-key")
        self.write("registry/x.js.sha256", sha256(b"other"))
        self.assertEqual(verdict(1)["code"], "EXTMGR_E_CHECKSUM")
        for suffix in ("", ".sums", ".sums.minisig", ".sha256"):
            os.unlink(path + suffix)
        self.write("registry/x.js", "(")
        self.assertEqual(verdict(1)["code"], "EXTMGR_E_SCRIPT_SYNTAX")

    def test_bad_keys_and_policies(self):
        self.fail_with(1, "search", "--trust-key", "x" * 57)  # taken for a file
        self.fail_with(2, "search", "--trust-key", "RW" + "x" * 54)
        self.fail_with(2, "search", "--trust-policy", "some")
        self.environment["EXTMGR_TRUST_POLICY"] = "none"
        self.fail_with(2, "search")


if __name__ == "__main__":
    unittest.main()
