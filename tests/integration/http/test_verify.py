# SPDX-License-Identifier: MIT
"""`registry verify`: every link, digest and signature, and every definition is loaded."""

import json
import os
import shutil
import signal
import subprocess
import unittest
import zipfile

from test_registry import RegistryTest, definition, sha256


def needs(url, size, digest):
    """A definition that needs a file from a URL."""
    return f"""global.installedExtension = {{apiVersion: '0.2.0', extension: {{
        name: 'Needs', category: 'c', description: 'd', bucketFsUploads: [{{name: 'Driver',
        bucketFsFilename: 'driver.jar', fileSize: {size}, downloadUrl: '{url}', licenseUrl: '',
        sha256: '{digest}'}}],
        installableVersions: [{{name: '1.0.0', latest: true, deprecated: false}}],
        findInstallations: function () {{ return []; }}}}}};"""


class VerifyTest(RegistryTest):
    def setUp(self):
        super().setUp()
        self.server.files.clear()

    def provide_bundle(self, name="a.b-1.0.0.supx", version="1.0.0"):
        path = os.path.join(self.directory, name)
        with zipfile.ZipFile(path, "w") as file:
            file.writestr("manifest.json", json.dumps(
                {"publisher": "a", "name": "b", "displayName": "B", "version": version}))
        with open(path, "rb") as file:
            content = file.read()
        self.server.files["/" + name] = content
        return {"id": "a.b", "url": name, "version": version, "sha256": sha256(content),
                "digest": self.succeed("digest", path).out.split()[0]}

    def verify(self, *options, code=0):
        """The findings by kind and id: code, signature, reason."""
        result = self.run_program("registry", "verify", "--json", *options)
        self.assertEqual(result.code, code, result.out + result.err)
        document = result.document()
        self.assertEqual(document["schema"], "extmgr.registry-check/1")
        wrong = [e for e in document["entries"] if e["result"] == "problem"]
        self.assertEqual(len(wrong), document["wrong"])
        self.assertEqual([e for e in wrong if not e["reason"] or e["code"] == "EXTMGR_OK"], [])
        self.assertEqual(bool(wrong), code == 1)
        self.reasons = {(e["kind"], e["id"]): e["reason"] for e in wrong}
        return {(e["kind"], e["id"]): e["code"] for e in document["entries"]}


class OnTheWeb(VerifyTest):
    def setUp(self):
        super().setUp()
        self.put("a", definition("a"))
        self.driver = os.urandom(3000)
        self.server.files["/driver.jar"] = self.driver
        self.put("needs", self.needs())
        self.bundle = self.provide_bundle()
        self.publish()

    def needs(self, **more):
        return needs(**{"url": self.server.url("/driver.jar"), "size": len(self.driver),
                        "digest": sha256(self.driver), **more}).encode()

    def publish(self, *bundles, **more):
        self.index(self.entry("a", "1.0.0"), self.entry("needs", "1.0.0"),
                   bundles=list(bundles or [self.bundle]), **more)

    GOOD = {("index", "registry.json"): "EXTMGR_OK", ("definition", "a"): "EXTMGR_OK",
            ("definition", "needs"): "EXTMGR_OK", ("artifact", "needs"): "EXTMGR_OK",
            ("bundle", "a.b"): "EXTMGR_OK"}

    def expect(self, key, code, *options):
        found = self.verify(*options, code=1)
        self.assertEqual(found, {**self.GOOD, key: code})
        self.assertEqual(list(self.reasons), [key])
        return self.reasons[key]

    def test_all_is_well(self):
        self.assertEqual(self.verify(), self.GOOD)
        out = self.succeed("registry", "verify").out
        self.assertRegex(out, r"(?m)^a.b +bundle +ok")
        self.assertRegex(out, r"(?m)^needs +artifact +ok")

    def test_caches_hide_nothing(self):
        self.assertEqual(self.verify(), self.GOOD)
        self.search()
        self.server.files["/a.js"] += b"// other"
        self.expect(("definition", "a"), "EXTMGR_E_CHECKSUM")
        del self.server.files["/a.js"]
        self.expect(("definition", "a"), "EXTMGR_E_HTTP_STATUS")
        out = self.run_program("registry", "verify").out
        self.assertRegex(out, r"(?m)^a +definition +problem +unsigned|^a +definition +problem +- ")
        self.assertIn("EXTMGR_E_HTTP_STATUS", out)
        # What was there is still good for those who use it.
        self.assertEqual(self.search()["a"]["state"], "available")

    def test_definitions_that_do_not_load(self):
        self.put("a", b"this is no JavaScript")
        self.publish()
        self.expect(("definition", "a"), "EXTMGR_E_SCRIPT_SYNTAX")

    def test_files_beside_a_definition(self):
        self.server.files["/a.js.sha256"] = sha256(b"other").encode()
        self.expect(("definition", "a"), "EXTMGR_E_CHECKSUM")
        self.server.files["/a.js.sha256"] = sha256(self.server.files["/a.js"]).encode()
        self.server.files["/a.js.sums"] = b"0  a.js\n"
        self.expect(("definition", "a"), "EXTMGR_E_CHECKSUM")
        self.server.files["/a.js.sums"] = (sha256(self.server.files["/a.js"])
                                           + "  a.js\n").encode()
        self.assertEqual(self.verify(), self.GOOD)
        self.server.files["/a.js.sums.minisig"] = b"no signature"
        self.expect(("definition", "a"), "EXTMGR_E_SIGNATURE_MODIFIED")

    def test_older_versions_are_links_too(self):
        self.server.files["/old.js"] = definition("a", "0.9.0")
        old = {"id": "a", "url": "old.js", "version": "0.9.0",
               "sha256": sha256(definition("a", "0.9.0"))}
        self.index(self.entry("a", "1.0.0"), old)
        for _ in range(2):
            result = self.run_program("registry", "verify", "--json")
            self.assertEqual([(e.get("version"), e["code"]) for e in result.document()["entries"]],
                             [(None, "EXTMGR_OK"), ("1.0.0", "EXTMGR_OK"),
                              ("0.9.0", "EXTMGR_OK")])
        del self.server.files["/old.js"]
        result = self.run_program("registry", "verify", "--json")
        self.assertEqual((result.code, result.document()["entries"][2]["code"]),
                         (1, "EXTMGR_E_HTTP_STATUS"))

    def test_artifacts(self):
        key = ("artifact", "needs")
        self.server.files["/driver.jar"] = self.driver[:-1] + b"x"
        self.assertIn("SHA-256", self.expect(key, "EXTMGR_E_ARTIFACT_CHECKSUM"))
        self.server.files["/driver.jar"] = self.driver[:-1]
        self.expect(key, "EXTMGR_E_ARTIFACT_CHECKSUM")
        self.server.files["/driver.jar"] = self.driver + b"x"
        self.expect(key, "EXTMGR_E_TOO_LARGE")
        del self.server.files["/driver.jar"]
        self.assertIn("404", self.expect(key, "EXTMGR_E_HTTP_STATUS"))
        self.put("needs", self.needs(url=self.server.url("/endless"), size=1000))
        self.publish()
        self.expect(key, "EXTMGR_E_TOO_LARGE")
        self.put("needs", self.needs(url="ftp://localhost/driver.jar"))
        self.publish()
        self.expect(key, "EXTMGR_E_INVALID_ARGUMENT")
        url = self.server.url("/driver.jar").replace("//", "//user:sentinel@") + "?token=sentinel"
        self.put("needs", self.needs(url=url))
        self.publish()
        self.assertNotIn("sentinel", self.expect(key, "EXTMGR_E_HTTP_STATUS"))

    def test_bundles(self):
        key = ("bundle", "a.b")
        files = self.server.files
        content = files["/a.b-1.0.0.supx"]
        files["/a.b-1.0.0.supx"] = content + b"x"
        self.expect(key, "EXTMGR_E_CHECKSUM")
        del files["/a.b-1.0.0.supx"]
        self.expect(key, "EXTMGR_E_HTTP_STATUS")
        files["/a.b-1.0.0.supx"] = content
        for changed, code in (
            ({"version": "1.0.1"}, "EXTMGR_E_CONFLICT"),
            ({"digest": "sha256:" + "0" * 64}, "EXTMGR_E_CONFLICT"),
            ({"url": None}, "EXTMGR_E_INDEX_FORMAT"),
            ({"url": "http://"}, "EXTMGR_E_INDEX_FORMAT"),
        ):
            self.publish({**self.bundle, **changed})
            with self.subTest(changed=changed):
                self.expect(key, code)
        files["/bad.supx"] = b"no archive"
        self.publish({"id": "a.b", "url": "bad.supx"})
        found = self.verify(code=1)
        self.assertRegex(found[key], "^EXTMGR_E_BUNDLE_")

    def test_without_an_index_there_is_nothing_to_verify(self):
        self.server.files["/registry.json"] = b"{"
        self.assertEqual(self.fail_with(1, "registry", "verify", "--json").error()["code"],
                         "EXTMGR_E_INDEX_FORMAT")
        del self.server.files["/registry.json"]
        self.fail_with(1, "registry", "verify")

    def test_a_terminal_sees_how_far_it_is(self):
        self.server.instead["/driver.jar"] = "/silence"
        terminal = self.terminal("registry", "verify")
        terminal.expect("verify [")
        terminal.process.send_signal(signal.SIGINT)
        self.assertEqual(terminal.finish().code, 130)

    def test_cancel(self):
        self.put("needs", self.needs(url=self.server.url("/silence")))
        self.publish()
        process = self.start_program("registry", "verify", "--json")

        def before(request):
            if request.path.startswith("/silence"):
                process.send_signal(signal.SIGINT)

        self.server.before = before
        out, _ = process.communicate()
        self.assertEqual((process.returncode, out.strip()), (130, b""))


@unittest.skipUnless(shutil.which("minisign"), "minisign is not installed")
class Signed(OnTheWeb):
    """The same with a signed index, and what signatures add."""

    def setUp(self):
        self.is_signing = False
        super().setUp()
        subprocess.run(["minisign", "-G", "-W", "-p", "k.pub", "-s", "k.sec"], check=True,
                       cwd=self.directory, capture_output=True, stdin=subprocess.DEVNULL)
        self.environment["EXTMGR_TRUST_KEYS"] = os.path.join(self.directory, "k.pub")
        self.is_signing = True
        self.publish()

    def sign(self, name, listing, comment="c"):
        path = self.write("sums", listing)
        subprocess.run(["minisign", "-S", "-W", "-s", "k.sec", "-m", "sums", "-x", "sig", "-t",
                        comment], check=True, cwd=self.directory, capture_output=True,
                       stdin=subprocess.DEVNULL)
        os.remove(path)
        with open(os.path.join(self.directory, "sig"), "rb") as file:
            self.server.files[f"/{name}.sums.minisig"] = file.read()

    def index(self, *entries, **more):
        super().index(*entries, **more)
        if self.is_signing:
            self.sign("registry.json",
                      sha256(self.server.files["/registry.json"]) + "  registry.json\n")

    def states(self):
        document = self.run_program("registry", "verify", "--json").document()
        return {(e["kind"], e["id"]): e.get("signature") for e in document["entries"]}

    def test_the_index_vouches(self):
        self.assertEqual(self.states(), {**dict.fromkeys(self.GOOD, "signed"),
                                         ("artifact", "needs"): None})

    def test_a_bundle_that_nobody_signed(self):
        self.publish({**self.bundle, "sha256": None})
        self.expect(("bundle", "a.b"), "EXTMGR_E_SIGNATURE_MISSING")
        path = os.path.join(self.directory, "a.b-1.0.0.supx")
        listing = self.succeed("digest", "--listing", path).out
        self.sign("a.b-1.0.0.supx", listing)
        self.assertEqual(self.verify(), self.GOOD)
        self.sign("a.b-1.0.0.supx", listing + "\n")
        self.expect(("bundle", "a.b"), "EXTMGR_E_SIGNATURE_MODIFIED")

    def test_an_index_that_was_changed(self):
        self.server.files["/registry.json"] += b"\n"
        self.assertEqual(self.fail_with(5, "registry", "verify", "--json").error()["code"],
                         "EXTMGR_E_SIGNATURE_MODIFIED")
        # Where everything is taken it is damage all the same.
        found = self.verify("--trust-policy", "any", code=1)
        self.assertEqual(found[("index", "registry.json")], "EXTMGR_E_SIGNATURE_MODIFIED")


class InADirectory(VerifyTest):
    def setUp(self):
        super().setUp()
        self.write("registry/a.js", definition("a").decode())
        self.write("registry/größe 1.js", definition("g").decode())
        self.provide_bundle()
        shutil.copy(os.path.join(self.directory, "a.b-1.0.0.supx"), self.registry)
        self.environment["EXTMGR_REGISTRY"] = self.registry
        self.succeed("registry", "build", self.registry)

    GOOD = {("index", "registry.json"): "EXTMGR_OK", ("bundle", "a.b"): "EXTMGR_OK",
            ("definition", "a"): "EXTMGR_OK", ("definition", "größe 1"): "EXTMGR_OK"}

    def test_what_was_built_is_well(self):
        self.assertEqual(self.verify(), self.GOOD)

    def test_what_was_changed_since(self):
        self.write("registry/a.js", definition("a", "2.0.0").decode())
        self.assertEqual(self.verify(code=1), {**self.GOOD, ("link", "a"): "EXTMGR_E_CHECKSUM"})
        os.unlink(os.path.join(self.registry, "größe 1.js"))
        self.assertEqual(self.verify(code=1)[("link", "größe 1")], "EXTMGR_E_NOT_FOUND")

    def test_an_index_that_nobody_could_use(self):
        path = os.path.join(self.registry, "registry.json")
        with open(path, "a", encoding="utf-8") as file:
            file.write("\n")
        self.assertEqual(self.verify(code=1)[("index", "registry.json")], "EXTMGR_E_CHECKSUM")
        self.write("registry/registry.json", '{"expires": "2001-01-01", "extensions": []}')
        self.assertEqual(self.verify(code=1)[("index", "registry.json")], "EXTMGR_E_INDEX_EXPIRED")
        self.write("registry/registry.json", "{")
        self.assertEqual(self.verify(code=1)[("index", "registry.json")], "EXTMGR_E_INDEX_FORMAT")

    def test_broken_files(self):
        self.write("registry/a.js", "(")
        self.write("registry/a.b-1.0.0.supx", "no archive")
        found = self.verify(code=1)
        self.assertEqual(found[("definition", "a")], "EXTMGR_E_SCRIPT_SYNTAX")
        self.assertRegex(found[("bundle", "a.b-1.0.0.supx")], "^EXTMGR_E_BUNDLE_")
        self.assertEqual(found[("link", "a.b")], "EXTMGR_E_CHECKSUM")

    def test_a_checksum_beside(self):
        self.write("registry/a.js.sha256", sha256(b"other"))
        self.assertEqual(self.verify(code=1)[("definition", "a")], "EXTMGR_E_CHECKSUM")


if __name__ == "__main__":
    unittest.main()
