# SPDX-License-Identifier: MIT
"""What `registry build` makes is a registry: as a static web server serves it."""

import json
import os
import shutil
import subprocess
import unittest
import zipfile

from test_registry import RegistryTest, definition, sha256


class Publishing(RegistryTest):
    def setUp(self):
        super().setUp()
        self.write("registry/x.js", definition("x", "1.2.3").decode())
        self.write("registry/größe 1.js", definition("y", "2.0.0").decode())

    def build(self, *options, code=0):
        result = self.run_program("registry", "build", self.registry, *options)
        self.assertEqual(result.code, code, result.err)
        return result

    def serve(self):
        """A static web server: the files as they are."""
        self.server.files.clear()
        for name in os.listdir(self.registry):
            with open(os.path.join(self.registry, name), "rb") as file:
                self.server.files["/" + name] = file.read()

    def test_a_directory_becomes_a_registry(self):
        self.build("--expires", "2999-01-01T00:00:00Z")
        self.serve()
        index = json.loads(self.server.files["/registry.json"])
        self.assertEqual(index["serial"], 1)
        self.assertEqual(index["extensions"][1], {
            "id": "x", "url": "x.js", "version": "1.2.3",
            "sha256": sha256(self.server.files["/x.js"])})
        self.assertEqual(self.server.files["/registry.json.sums"].decode(),
                         sha256(self.server.files["/registry.json"]) + "  registry.json\n")
        self.assertEqual(sorted(self.search()), ["größe 1", "x"])
        self.succeed("registry", "verify")

    def test_bundles_are_in_the_index_and_break_no_reader(self):
        self.provide_bundle("a.b-1.0.0.supx", "1.0.0")
        document = json.loads(self.build("--json").out)
        self.assertEqual((document["entries"], document["bundles"]), (2, 1))
        self.serve()
        [entry] = json.loads(self.server.files["/registry.json"])["bundles"]
        archive = self.server.files["/" + entry["url"]]
        digest = self.succeed("digest", os.path.join(self.registry, "a.b-1.0.0.supx")).out.split()[0]
        self.assertEqual(entry, {"id": "a.b", "url": "a.b-1.0.0.supx", "version": "1.0.0",
                                 "sha256": sha256(archive), "digest": digest})
        self.assertEqual(sorted(self.search()), ["größe 1", "x"])
        self.assertIn("up to date: 2 extensions, 1 bundle", self.build().out)
        self.provide_bundle("a.b-1.1.0.supx", "1.1.0")
        self.assertIn("2 bundles", self.build().out)
        self.write("registry/bad.supx", "no archive")
        self.assertIn("bad.supx", self.build(code=5).err)

    def provide_bundle(self, name, version):
        with zipfile.ZipFile(os.path.join(self.registry, name), "w") as file:
            file.writestr("manifest.json", json.dumps(
                {"publisher": "a", "name": "b", "displayName": "B", "version": version}))

    def test_building_again(self):
        self.build()
        with open(os.path.join(self.registry, "registry.json"), "rb") as file:
            first = file.read()
        self.assertIn("up to date", self.build().out)
        with open(os.path.join(self.registry, "registry.json"), "rb") as file:
            self.assertEqual(file.read(), first)
        self.write("registry/x.js", definition("x", "1.3.0").decode())
        document = json.loads(self.build("--json").out)
        self.assertEqual((document["outcome"], document["serial"]), ("built", 2))
        os.remove(os.path.join(self.registry, "registry.json.sums"))
        self.assertEqual(json.loads(self.build("--json").out)["serial"], 3)
        self.succeed("registry", "verify", "--registry", self.registry)

    def test_a_version_that_is_none_is_left_out(self):
        self.write("registry/x.js", definition("x", "2024-spring").decode())
        self.assertIn("'2024-spring' of 'x' is none of SemVer 2.0", self.build().err)
        self.serve()
        self.assertEqual(self.search()["x"]["state"], "available")

    def test_what_is_broken_is_not_published(self):
        self.write("registry/broken.js", "this is no JavaScript")
        self.assertIn("cannot publish 'broken'", self.build(code=1).err)
        self.assertFalse(os.path.exists(os.path.join(self.registry, "registry.json")))
        os.remove(os.path.join(self.registry, "broken.js"))
        self.build("--expires", "soon", code=2)
        self.fail_with(1, "registry", "build", "missing")

    @unittest.skipUnless(shutil.which("minisign"), "minisign is not installed")
    def test_build_sign_serve_verify(self):
        self.build()
        for arguments in (["-G", "-W", "-p", "k.pub", "-s", "k.sec"],
                          ["-S", "-W", "-s", "k.sec", "-m", "registry/registry.json.sums"]):
            subprocess.run(["minisign", *arguments], cwd=self.directory, check=True,
                           capture_output=True, stdin=subprocess.DEVNULL)
        self.serve()
        trust = ("--trust-key", os.path.join(self.directory, "k.pub"))
        document = self.succeed("registry", "verify", "--json", *trust).document()
        self.assertEqual(document["wrong"], 0)
        self.assertEqual([e["signature"] for e in document["entries"]], ["signed"] * 3)
        self.server.files["/x.js"] += b"// tampered"
        result = self.run_program("registry", "verify", *trust)
        self.assertEqual(result.code, 1)
        self.assertRegex(result.out, r"(?m)^x +definition +problem .*SHA-256")


if __name__ == "__main__":
    unittest.main()
