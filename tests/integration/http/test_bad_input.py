# SPDX-License-Identifier: MIT
"""
What a server, or somebody between, may do to each thing that is fetched: it has its own error, the
last good state serves on, and nothing of it is stored or runs. JSON of every kind and hostile ids
are in test_registry.py (whatever_comes), signatures in test_signatures.py, files of artifacts in
test_artifacts.py and test_verify.py, the transfer alone in test_transport.py.
"""

import os
import shutil
import subprocess
import unittest

from test_registry import RegistryTest, definition, sha256

MARK = b"sentinel-of-what-nobody-verified"
# What a server may do with any file: the error.
COMMANDS = {
    "/truncated": "EXTMGR_E_TRANSFER",
    "/truncated-chunks": "EXTMGR_E_TRANSFER",
    "/bad-chunks": "EXTMGR_E_TRANSFER",
    "/endless": "EXTMGR_E_TOO_LARGE",
    "/endless/chunked": "EXTMGR_E_TOO_LARGE",
    "/endless-headers": "EXTMGR_E_TRANSFER",
    "/lying-long": "EXTMGR_E_TRANSFER",
    "/bad-length": "EXTMGR_E_TRANSFER",
    "/reset": "EXTMGR_E_TRANSFER",
    "/reset/status": "EXTMGR_E_TRANSFER",
    "/reset/headers": "EXTMGR_E_TRANSFER",
    "/reset/body": "EXTMGR_E_TRANSFER",
    "/garbage": "EXTMGR_E_TRANSFER",
    "/bomb": "EXTMGR_E_TOO_LARGE",
    "/bad-gzip": "EXTMGR_E_TRANSFER",
    "/loop": "EXTMGR_E_REDIRECT",
    "/redirect?to=ftp://127.0.0.1/x": "EXTMGR_E_REDIRECT",
    "/redirect?to=file:///etc/passwd": "EXTMGR_E_REDIRECT",
    "/redirect?to=http://": "EXTMGR_E_REDIRECT",
    "/status/103": "EXTMGR_E_TRANSFER",
}
STATUSES = (201, 202, 204, 206, 300, 305, 400, 401, 402, 405, 406, 408, 409, 411, 412, 413,
            415, 416, 418, 421, 423, 425, 426, 428, 429, 431, 451, 500, 501, 502, 503, 504, 505,
            507, 511, 599, 999)
if os.environ.get("EXTMGR_TEST_SCALE", "1") == "1":
    STATUSES = STATUSES[::3]
# Those that say that a file beside another one is not there.
MISSING = (403, 404, 410)


class BadInputTest(RegistryTest):
    def setUp(self):
        super().setUp()
        self.index(self.entry("a", "1.0.0"), {"id": "b", "url": "b.js"})

    def codes(self, *arguments, code=None):
        """All codes of the error, from the outermost in."""
        result = self.run_program("--json", *arguments)
        self.assertNotEqual(result.code, 0, result.out)
        if code is not None:
            self.assertEqual(result.code, code)
        self.assertEqual(result.out, "")
        found = []
        document = result.error()
        while document:
            found.append(document["code"])
            document = document.get("cause")
        return found

    def check_cache(self):
        """Nothing unverified lies there."""
        cache = self.environment["EXTMGR_CACHE"]
        for name in os.listdir(cache) if os.path.isdir(cache) else []:
            with open(os.path.join(cache, name), "rb") as file:
                self.assertNotIn(MARK, file.read())

    def check_last_good_state(self):
        self.check_cache()
        found = self.search("--offline")
        self.assertEqual({i: e["state"] for i, e in found.items()},
                         {"a": "available", "b": "available"})


class Index(BadInputTest):
    def expect(self, code):
        self.assertIn(code, self.codes("registry", "refresh"))
        self.check_last_good_state()

    def test_answers(self):
        self.search()
        for command, code in COMMANDS.items():
            with self.subTest(command=command):
                self.server.instead["/registry.json"] = command
                self.expect(code)

    def test_statuses(self):
        self.search()
        for status in STATUSES + MISSING:
            with self.subTest(status=status):
                self.server.instead["/registry.json"] = f"/status/{status}"
                self.expect("EXTMGR_E_HTTP_STATUS")

    def test_slowness(self):
        self.search()
        for command in ("/drip", "/silence"):
            with self.subTest(command=command):
                self.server.instead["/registry.json"] = command
                self.assertIn("EXTMGR_E_TIMEOUT", self.codes("--timeout", "1", "registry",
                                                             "refresh", code=3))
                self.check_last_good_state()


class Definition(BadInputTest):
    """Of the definition b, which has no digest, so that it is asked for again."""

    def expect(self, code, error):
        self.succeed("registry", "refresh")
        found = self.search(code=code)
        self.assertEqual(found["a"]["state"], "available")
        if code:
            self.assertEqual(found["b"]["state"], "broken")
        else:  # the old one serves, with a warning
            self.assertEqual(found["b"]["state"], "available")
            self.assertIn("cannot be fetched", self.said)
        self.assertIn(error, self.codes("--db", "sqlite:" + self.database, "--cache", "", "info",
                                        "b"))
        self.check_last_good_state()

    def test_answers(self):
        self.search()
        for command, error in COMMANDS.items():
            error = {"EXTMGR_E_TOO_LARGE": "EXTMGR_E_SOURCE_TOO_LARGE"}.get(error, error)
            with self.subTest(command=command):
                self.server.instead["/b.js"] = command
                self.expect(0 if error == "EXTMGR_E_TRANSFER" else 4, error)

    def test_statuses(self):
        self.search()
        for status in STATUSES + MISSING:
            with self.subTest(status=status):
                self.server.instead["/b.js"] = f"/status/{status}"
                self.expect(0 if status >= 500 or status in (408, 429) else 4,
                            "EXTMGR_E_HTTP_STATUS")

    def test_other_content(self):
        """Behind a digest nothing else is taken, whatever its ETag says."""
        good = self.server.files["/a.js"]
        self.server.etags["/a.js"] = '"same"'
        self.search()
        for body in (good + MARK, b"", b"\xff" + MARK, good[:-1], b"(" + MARK):
            with self.subTest(body=body[:20]):
                self.server.files["/a.js"] = body
                shutil.rmtree(self.environment["EXTMGR_CACHE"])
                found = self.search(code=4)
                self.assertEqual(found["a"]["state"], "broken")
                self.assertEqual(self.codes("--db", "sqlite:" + self.database, "info", "a")[-1],
                                 "EXTMGR_E_CHECKSUM")
                self.check_cache()
                self.server.files["/a.js"] = good
                self.search()
                self.server.files["/a.js"] = body
                self.succeed("registry", "refresh")
                self.assertEqual(self.search()["a"]["state"], "available")
                self.check_last_good_state()

    def test_a_checksum_beside(self):
        self.server.files["/b.js.sha256"] = sha256(self.server.files["/b.js"]).encode()
        self.search()
        self.put("b", definition("b", more="// " + MARK.decode()))
        self.succeed("registry", "refresh")
        self.assertEqual(self.search(code=4)["b"]["state"], "broken")
        self.check_last_good_state()
        self.put("b", definition("b", more="// other"))
        self.server.files["/b.js.sha256"] = sha256(self.server.files["/b.js"]).encode()
        self.server.instead["/b.js.sha256"] = "/endless"
        self.succeed("registry", "refresh")
        self.assertIn("EXTMGR_E_TOO_LARGE", self.codes("--db", "sqlite:" + self.database,
                                                       "--cache", "", "info", "b"))


@unittest.skipUnless(shutil.which("minisign"), "minisign is not installed")
class Signature(BadInputTest):
    """Of the index: it is signed, and must be."""

    def setUp(self):
        super().setUp()
        subprocess.run(["minisign", "-G", "-W", "-p", "k.pub", "-s", "k.sec"], check=True,
                       cwd=self.directory, capture_output=True, stdin=subprocess.DEVNULL)
        self.environment["EXTMGR_TRUST_KEYS"] = os.path.join(self.directory, "k.pub")
        self.provide("1.0.0", 1)
        self.search()

    def provide(self, version, serial):
        self.put("a", definition("a", version))
        self.index(self.entry("a", version), self.entry("b", "1.0.0"), serial=serial)
        self.sign()

    def sign(self):
        path = self.write("sums", sha256(self.server.files["/registry.json"])
                          + "  registry.json\n")
        subprocess.run(["minisign", "-S", "-W", "-s", "k.sec", "-m", path, "-x", "sig"],
                       check=True, cwd=self.directory, capture_output=True,
                       stdin=subprocess.DEVNULL)
        with open(os.path.join(self.directory, "sig"), "rb") as file:
            self.server.files["/registry.json.sums.minisig"] = file.read()

    def test_answers(self):
        for command, error in COMMANDS.items():
            error = {"EXTMGR_E_TOO_LARGE": "EXTMGR_E_SIGNATURE_FORMAT"}.get(error, error)
            with self.subTest(command=command):
                self.server.instead["/registry.json.sums.minisig"] = command
                self.assertIn(error, self.codes("registry", "refresh"))
                self.check_last_good_state()

    def test_statuses(self):
        for status in STATUSES + MISSING:
            with self.subTest(status=status):
                self.server.instead["/registry.json.sums.minisig"] = f"/status/{status}"
                if status not in MISSING:
                    self.assertIn("EXTMGR_E_HTTP_STATUS", self.codes("registry", "refresh"))
                    self.check_last_good_state()
        # An index without a signature is one where each definition has its own: none has.
        self.server.instead["/registry.json.sums.minisig"] = "/status/404"
        self.succeed("registry", "refresh")
        self.assertEqual({e["state"] for e in self.search(code=4).values()}, {"broken"})

    def test_replayed_from_an_older_version(self):
        """All of it is genuine, and old."""
        old = dict(self.server.files)
        self.provide("1.1.0", 2)
        self.succeed("registry", "refresh")
        self.assertEqual(self.search()["a"]["latestVersion"], "1.1.0")
        new = dict(self.server.files)
        self.server.files.clear()
        self.server.files.update(old)
        self.assertIn("EXTMGR_E_INDEX_ROLLBACK", self.codes("registry", "refresh", code=5))
        self.assertEqual(self.search("--offline")["a"]["latestVersion"], "1.1.0")
        # The old signature beside the new index, and the other way round.
        for first, second in ((new, old), (old, new)):
            self.server.files.update(first)
            self.server.files["/registry.json.sums.minisig"] = \
                second["/registry.json.sums.minisig"]
            self.assertIn("EXTMGR_E_SIGNATURE_MODIFIED", self.codes("registry", "refresh", code=5))
            self.assertEqual(self.search("--offline")["a"]["latestVersion"], "1.1.0")


class Credentials(BadInputTest):
    def test_they_never_appear(self):
        """Neither in reports, plans, lists, history and errors, nor in what is kept."""
        self.environment["EXTMGR_DB"] = "sqlite:" + self.database
        with open(os.path.join(os.environ["EXTMGR_TEST_DEFINITIONS"], "notes.js"), "rb") as file:
            self.put("notes", file.read())
        self.index({**self.entry("notes", "1.1.0"), "url": "notes.js?key=sentinel-k"})
        url = self.server.url("/registry.json?token=sentinel-t", user="sentinel-u:sentinel-p@")
        self.environment["EXTMGR_REGISTRY"] = url
        plan = os.path.join(self.directory, "plan.json")
        seen = ""
        for command in (["search"], ["info", "notes"], ["plan", "install", "notes", "--out", plan],
                        ["plan", "install", "notes"], ["apply", plan], ["list"], ["history"],
                        ["status"], ["registry", "verify"], ["registry", "list"], ["doctor"],
                        ["artifact", "list"], ["upgrade", "--all"],
                        ["uninstall", "notes", "--yes"], ["history"]):
            for form in ([], ["--json"], ["-vv"]):
                result = self.run_program(*form, *command)
                seen += result.out + result.err
        with open(plan, encoding="utf-8") as file:
            seen += file.read()
        self.server.files["/notes.js"] += MARK
        result = self.run_program("--cache", "", "--json", "install", "notes")
        self.assertIn("EXTMGR_E_CHECKSUM", result.err)
        self.assertNotIn("sentinel-", seen + result.out + result.err)
        with open(self.database, "rb") as file:
            self.assertNotIn(b"sentinel-", file.read())


if __name__ == "__main__":
    unittest.main()
