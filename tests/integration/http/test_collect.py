# SPDX-License-Identifier: MIT
"""registry collect, as somebody at the command line sees it."""

import hashlib
import json
import os
import unittest

import server
from harness import CommandLineTest

JAR = bytes(range(256)) * 20


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def definition(version="1.0.0", artifact=None, size=len(JAR), digest="", more=""):
    uploads = ("{name: 'Driver', bucketFsFilename: '%s', fileSize: %d, downloadUrl: '', "
               "licenseUrl: '', sha256: '%s'}" % (artifact, size, digest) if artifact else "")
    return ("global.installedExtension = {apiVersion: '0.2.0', extension: {name: 'X', category: "
            "'c', description: 'd', bucketFsUploads: [%s], installableVersions: [{name: '%s', "
            "latest: true, deprecated: false}]}};\n%s" % (uploads, version, more)).encode()


class CollectTest(CommandLineTest):
    def setUp(self):
        super().setUp()
        self.store = os.path.join(self.directory, "store")
        self.release = os.path.join(self.directory, "release")
        os.mkdir(self.store)
        os.mkdir(self.release)
        self.assets = {}

    def put(self, name, content, checksum=True, release=None):
        """An asset, and its .sha256: right, missing (None) or that of something else."""
        files = {name: content}
        if checksum is not None:
            files[name + ".sha256"] = (
                sha256(content if checksum else b"other") + f"  {name}\n").encode()
        for path, data in files.items():
            self.assets[path] = data
            with open(os.path.join(release or self.release, path), "wb") as file:
                file.write(data)

    def collect(self, *sources, options=(), code=0):
        result = self.run_program("--json", "--files", self.store, "registry", "collect",
                                  *options, self.registry, *(sources or [self.release]))
        if code == 0:
            self.assertEqual(result.code, code, result.err)
            return result.document()
        self.assertNotEqual(result.code, 0)
        self.assertEqual(result.out, "")
        return result.error()

    def index(self):
        with open(os.path.join(self.registry, "registry.json")) as file:
            return json.load(file)

    def fails(self, error, *sources, saying="", options=()):
        before = self.tree()
        document = self.collect(*sources, options=options, code=None)
        codes, texts = [], []
        while document:
            codes.append(document["code"])
            texts.append(document["message"])
            document = document.get("cause")
        self.assertIn(error, codes, texts)
        self.assertIn(saying, ": ".join(texts))
        self.assertEqual(self.tree(), before)

    def tree(self):
        files = {}
        for directory in (self.store, self.registry):
            for name in os.listdir(directory):
                with open(os.path.join(directory, name), "rb") as file:
                    files[os.path.join(directory, name)] = file.read()
        return files

    def check_collected(self):
        files = self.tree()
        self.assertEqual(files[os.path.join(self.store, "x-1.0.0.jar")], JAR)
        self.assertEqual(files[os.path.join(self.registry, "x.js")], self.assets["x.js"])
        [entry] = self.index()["extensions"]
        self.assertEqual(entry, {"id": "x", "url": "x.js", "version": "1.0.0",
                                 "sha256": sha256(self.assets["x.js"])})
        self.assertEqual(len(files), 4)


class Directories(CollectTest):
    def setUp(self):
        super().setUp()
        self.put("x.js", definition(artifact="x-1.0.0.jar"))
        self.put("x-1.0.0.jar", JAR)

    def test_a_release_becomes_a_registry(self):
        document = self.collect()
        self.assertEqual(document["definitions"], [{"id": "x", "version": "1.0.0", "source":
                                                    self.release, "outcome": "added"}])
        self.assertEqual(document["artifacts"], [{"extension": "x", "fileName": "x-1.0.0.jar",
                                                  "sha256": sha256(JAR), "outcome": "added"}])
        self.check_collected()
        self.succeed("registry", "verify", "--files", self.store)
        before = self.tree()
        document = self.collect()
        self.assertEqual({d["outcome"] for d in document["definitions"] + document["artifacts"]},
                         {"unchanged"})
        self.assertEqual(self.tree(), before)

    def test_without_checksums(self):
        self.put("x.js", definition(artifact="x-1.0.0.jar", digest=sha256(JAR)), checksum=None)
        os.unlink(os.path.join(self.release, "x.js.sha256"))
        os.unlink(os.path.join(self.release, "x-1.0.0.jar.sha256"))
        self.collect()
        self.check_collected()

    def test_what_does_not_fit_changes_nothing(self):
        self.put("x.js", definition(artifact="x-1.0.0.jar"), checksum=False)
        self.fails("EXTMGR_E_CHECKSUM")
        self.put("x.js", definition(artifact="x-1.0.0.jar"))
        self.put("x-1.0.0.jar", JAR, checksum=False)
        self.fails("EXTMGR_E_CHECKSUM", saying="file 'x-1.0.0.jar'")
        self.put("x-1.0.0.jar", JAR + b"x")
        self.fails("EXTMGR_E_ARTIFACT_CHECKSUM")
        self.put("x-1.0.0.jar", JAR[:-1] + b"x")
        self.put("x.js", definition(artifact="x-1.0.0.jar", digest=sha256(JAR)))
        self.fails("EXTMGR_E_ARTIFACT_CHECKSUM")
        os.unlink(os.path.join(self.release, "x-1.0.0.jar"))
        self.fails("EXTMGR_E_ARTIFACT_MISSING")
        self.put("x.js", b"(")
        self.fails("EXTMGR_E_SCRIPT_SYNTAX")
        self.put("x.js", definition(artifact="../x.jar"))
        self.fails("EXTMGR_E_FORMAT")

    def test_one_bad_source_stops_all(self):
        other = os.path.join(self.directory, "other")
        os.mkdir(other)
        self.fails("EXTMGR_E_NOT_FOUND", self.release, other)
        self.put("y.js", definition(), checksum=False, release=other)
        self.fails("EXTMGR_E_CHECKSUM", self.release, other)

    def test_the_highest_version_is_taken_and_none_goes_back(self):
        newer = os.path.join(self.directory, "newer")
        os.mkdir(newer)
        self.put("x-1.1.0.js", definition("1.1.0"), release=newer)
        document = self.collect(newer, self.release)
        self.assertEqual([d["outcome"] for d in document["definitions"]], ["added", "superseded"])
        self.assertEqual(self.index()["extensions"][0]["version"], "1.1.0")
        self.assertEqual(self.index()["extensions"][0]["id"], "x")
        self.fails("EXTMGR_E_VERSION_ROLLBACK")
        self.collect(options=("--allow-downgrade",))
        self.assertEqual(self.index()["extensions"][0]["version"], "1.0.0")
        self.assertEqual(self.index()["serial"], 2)

    def test_one_version_with_two_contents(self):
        other = os.path.join(self.directory, "other")
        os.mkdir(other)
        self.put("x.js", definition(more="// other"), release=other)
        self.fails("EXTMGR_E_CONFLICT", self.release, other)

    def test_files_of_others_are_not_replaced(self):
        with open(os.path.join(self.store, "x-1.0.0.jar"), "wb") as file:
            file.write(b"theirs")
        self.fails("EXTMGR_E_CONFLICT")

    def test_a_file_that_the_store_has_already(self):
        os.rename(os.path.join(self.release, "x-1.0.0.jar"),
                  os.path.join(self.store, "x-1.0.0.jar"))
        self.assertEqual(self.collect()["artifacts"][0]["outcome"], "unchanged")
        self.check_collected()

    def test_a_directory_that_is_made_and_usage(self):
        new = os.path.join(self.directory, "new")
        self.succeed("--files", self.store, "registry", "collect", new, self.release)
        self.assertIn("x.js", os.listdir(new))
        new += "er"
        self.assertNotEqual(self.run_program("registry", "collect", new, self.release).code, 0)
        self.assertFalse(os.path.exists(new))
        self.assertEqual(self.run_program("registry", "collect", new).code, 2)


class Urls(CollectTest):
    def setUp(self):
        super().setUp()
        self.server = self.enterContext(server.Server())
        self.put("x.js", definition(artifact="x-1.0.0.jar"))
        self.put("x-1.0.0.jar", JAR)
        self.serve()

    def serve(self):
        self.server.files.clear()
        for name, content in self.assets.items():
            self.server.files["/r/" + name] = content

    def url(self, name="x.js"):
        return self.server.url("/r/" + name)

    def test_a_release_becomes_a_registry(self):
        self.collect(self.url())
        self.check_collected()

    def test_what_does_not_fit_changes_nothing(self):
        self.put("x-1.0.0.jar", JAR, checksum=False)
        self.serve()
        self.fails("EXTMGR_E_CHECKSUM", self.url())
        self.put("x-1.0.0.jar", JAR[:-1])
        self.serve()
        self.fails("EXTMGR_E_ARTIFACT_CHECKSUM", self.url())
        self.put("x.js", definition(artifact="x-1.0.0.jar"), checksum=False)
        self.serve()
        self.fails("EXTMGR_E_CHECKSUM", self.url())
        del self.server.files["/r/x.js"]
        self.fails("EXTMGR_E_HTTP_STATUS", self.url())

    def test_a_file_that_nobody_has(self):
        del self.server.files["/r/x-1.0.0.jar"]
        self.fails("EXTMGR_E_ARTIFACT_MISSING", self.url())

    def test_only_urls_of_definitions(self):
        result = self.run_program("--json", "registry", "collect", self.registry,
                                  self.url("x-1.0.0.jar"))
        self.assertEqual((result.code, result.error()["code"]), (2, "EXTMGR_E_INVALID_ARGUMENT"))

    def test_passwords_are_not_shown(self):
        del self.server.files["/r/x-1.0.0.jar"]
        url = self.server.url("/r/x.js", user="someone:verysecret@")
        result = self.run_program("-v", "--files", self.store, "registry", "collect",
                                  self.registry, url)
        self.assertNotIn("verysecret", result.out + result.err)


if __name__ == "__main__":
    unittest.main()
