# SPDX-License-Identifier: MIT
"""Digests: published ones, recomputed ones, and that only content counts."""
import hashlib
import json
import os
import random
import subprocess
import unittest
import zipfile

from harness import PROGRAM
from support import BundleTest, sample, sha256_digest, superset_digest

JS, PY = b"console.log('hello');", b"print('hello')"


def superset_sample(name="test-extension", version="1.0.0", frontend=JS, backend=PY):
    files = {"manifest.json": json.dumps({"name": name, "version": version}).encode()}
    if frontend is not None:
        files["frontend/dist/main.js"] = frontend
    if backend is not None:
        files["backend/src/main.py"] = backend
    return files


class Published(BundleTest):
    def test_the_published_digests_of_superset(self):
        vectors = [
            ("0fab0317a0388d3586493953ab083d05", superset_sample()),
            ("4b96f558d71374047d7fc5b11875892a", superset_sample(frontend=None, backend=None)),
            ("50e3a9d2702999aa58159f6841b64235", superset_sample(version="2.0.0")),
            ("c399ae44aa2717ce3dbfd899bea0dbd8",
             superset_sample(frontend=b"console.log('world');")),
            ("58cddd1a6f2a73c28d6ef047cf5502dc", superset_sample(backend=b"print('world')")),
            ("a5f2f92ed23c5858580c513aa72cdd9e", superset_sample(name="different-extension")),
        ]
        for digest, files in vectors:
            path = self.pack(digest + ".supx", files)
            self.assertEqual(self.digest("--form", "superset", path), digest)

    def test_the_digests_of_superset_s_first_version(self):
        path = self.pack("full.supx", superset_sample())
        self.assertEqual(self.digest("--form", "superset-seed", path),
                         "0fab0317a0388d3586493953ab083d05")
        path = self.pack("bare.supx", superset_sample(frontend=None, backend=None))
        self.assertEqual(self.digest("--form", "superset-seed", path),
                         "2c68ab049828415918b3702d1f42022e")

    def test_the_order_of_keys_is_nothing(self):
        path = self.pack("a.supx", {**superset_sample(), "manifest.json":
                                    b'{"version":"1.0.0","name":"test-extension"}'})
        self.assertEqual(self.digest("--form", "superset", path),
                         "0fab0317a0388d3586493953ab083d05")


class Recomputed(BundleTest):
    def random_files(self, randomly):
        files = sample("x" + str(randomly.random()), extra=[randomly.random(), "\u00e9\U0001f600"])
        for _ in range(randomly.randint(0, 6)):
            name = randomly.choice(("frontend/dist/", "backend/src/")) + "".join(
                randomly.choice("abc-._/ \u00e9\u6f22\U0001f600") for _ in range(8)).strip("/. ") + "x"
            name = "/".join(part for part in name.split("/") if part.strip("."))
            files[name] = randomly.randbytes(randomly.choice((0, 1, 2, 3, 3071, 3072, 3073, 9000)))
        paths = sorted(files)
        return {p: files[p] for p in paths if not any(o.startswith(p + "/") for o in paths)}

    def test_all_forms_of_archives_and_directories(self):
        randomly = random.Random(7)
        for number in range(30):
            files = self.random_files(randomly)
            paths = [self.pack(f"{number}.supx", files), self.lay_out(f"{number}", files)]
            for form, digest in (("sha256", sha256_digest(files)),
                                 ("superset", superset_digest(files)),
                                 ("superset-seed", superset_digest(files, seed=True))):
                found = self.digest("--form", form, *paths)
                self.assertEqual(found, "\n".join(f"{digest}  {path}" for path in paths))

    def test_manifests_that_only_superset_takes(self):
        manifests = [
            '{"name": "a", "name": "b", "x": [NaN, -Infinity, 1E400, -0, -0.0, 1e16, 0.1e-6]}',
            '{"name": "a", "x": 123456789012345678901234567890, "y": "\\u0000\\ud83d"}',
            '{"name": "caf\\u00e9 \\u007f", "version": 5, "\U0001f600": {"\uffff": 1}}',
        ]
        for number, manifest in enumerate(manifests):
            files = {**sample(), "manifest.json": manifest.encode()}
            path = self.pack(f"{number}.supx", files)
            self.assertEqual(self.digest("--form", "superset", path), superset_digest(files))
            self.assertEqual(self.digest("--form", "superset-seed", path),
                             superset_digest(files, seed=True))
            self.fail_with(5, "digest", path)

    def test_superset_needs_a_name(self):
        for number, manifest in enumerate(('{"id": "a"}', '{"name": 1}', '[]', '"name"')):
            path = self.pack(f"{number}.supx", {"manifest.json": manifest.encode()})
            error = self.fail_with(5, "digest", "--form", "superset", path, "--json").error()
            self.assertEqual(error["code"], "EXTMGR_E_BUNDLE_MANIFEST_FIELD")

    def test_with_coreutils(self):
        files = {**sample(), "frontend/dist/a b/\u00e9.js": b"1", "frontend/dist/a-b": b"2",
                 "backend/src/a.b/c": b"3", "backend/src/a/c": b"4"}
        folder = self.lay_out("project", files)
        script = ("cd \"$1/dist\" && find . -type f -printf '%P\\0' | LC_ALL=C sort -z |"
                  " xargs -0 sha256sum")
        listing = subprocess.run(["sh", "-euc", script, "sh", folder], capture_output=True, check=True)
        self.assertEqual(self.succeed("digest", "--listing", folder).out, listing.stdout.decode())
        total = subprocess.run(["sha256sum"], input=listing.stdout, capture_output=True, check=True)
        self.assertEqual(self.digest(folder), "sha256:" + total.stdout.decode().split()[0])


class OnlyContentCounts(BundleTest):
    def test_packing_counts_for_nothing(self):
        files = sample()
        backwards = dict(reversed(files.items()))
        digest = sha256_digest(files)
        variants = [
            self.pack("a.supx", files),
            self.pack("b.supx", backwards),
            self.pack("c.supx", files, date=(1999, 1, 1, 0, 0, 0)),
            self.pack("d.supx", files, method=zipfile.ZIP_STORED),
            self.pack("e.supx", files, level=1),
            self.lay_out("f", files),
        ]
        for path in variants:
            self.assertEqual(self.digest(path), digest)

    def test_every_byte_and_every_name_counts(self):
        files = sample()
        changed = [
            {**files, "manifest.json": files["manifest.json"] + b"\n"},
            {**files, "backend/src/main.py": files["backend/src/main.py"] + b"\n"},
            {**files, "backend/src/empty.py": b""},
            {("frontend/dist/main.js" if n == "frontend/dist/index.js" else n): c
             for n, c in files.items()},
        ]
        digests = {self.digest(self.pack("x.supx", f)) for f in [files, *changed]}
        self.assertEqual(len(digests), 5)

    def test_folders_without_files_count_for_nothing(self):
        folder = self.lay_out("a", sample())
        before = self.digest(folder)
        os.makedirs(os.path.join(folder, "dist/backend/other/empty"))
        self.assertEqual(self.digest(folder), before)


class Definitions(BundleTest):
    def test_the_listing_has_one_line(self):
        path = self.put("audit-log.js", b"global.installedExtension = {};\n")
        line = hashlib.sha256(b"global.installedExtension = {};\n").hexdigest() + "  audit-log.js\n"
        self.assertEqual(self.succeed("digest", "--listing", path).out, line)
        self.assertEqual(self.digest(path), "sha256:" + hashlib.sha256(line.encode()).hexdigest())

    def test_superset_has_no_definitions(self):
        path = self.put("x.js", b"1")
        error = self.fail_with(5, "digest", "--form", "superset", path, "--json").error()
        self.assertEqual(error["code"], "EXTMGR_E_UNSUPPORTED")

    def test_what_cannot_be_a_definition(self):
        self.put("latin.js", b"\xff")
        self.put("large.js", b" " * 1048577)
        os.mkfifo(self.path("fifo.js"))
        os.symlink("/etc/passwd", self.path("link.js"))
        for name, code, error in (("latin", 5, "FORMAT"), ("large", 1, "SOURCE_TOO_LARGE"),
                                  ("fifo", 1, "REGISTRY_UNREADABLE"),
                                  ("link", 1, "REGISTRY_UNREADABLE"),
                                  ("missing", 1, "EXTENSION_NOT_FOUND")):
            found = self.fail_with(code, "digest", self.path(name + ".js"), "--json").error()
            self.assertEqual(found["code"], "EXTMGR_E_" + error)
        good = self.put("good.js", b"global.installedExtension = {apiVersion: '0.2.0', extension: {}};")
        result = self.run_program("verify", self.path("latin.js"), good, self.put("none.js", b"1"))
        self.assertEqual(result.code, 1)
        self.assertRegex(result.out, r"(?m)^failed  .*latin.js: EXTMGR_E_FORMAT: ")
        self.assertRegex(result.out, r"(?m)^ok      .*good.js: definition, unsigned$")
        self.assertRegex(result.out, r"(?m)^failed  .*none.js: EXTMGR_E_DEFINITION_UNREGISTERED: ")

    def test_a_directory_may_be_named_like_one(self):
        self.assertEqual(self.digest(self.lay_out("a.js", sample())), sha256_digest(sample()))


class Command(BundleTest):
    def test_one_failure_stops_no_other(self):
        good = self.pack("good.supx", sample())
        bad = self.put("bad.supx", b"x")
        result = self.run_program("digest", bad, good)
        self.assertEqual(result.code, 4)
        self.assertEqual(result.out, f"{sha256_digest(sample())}  {good}\n")
        self.assertIn("bad.supx", result.err)
        result = self.run_program("digest", bad, bad)
        self.assertEqual((result.code, result.out), (5, ""))

    def test_json(self):
        path = self.pack("a.supx", sample())
        document = self.succeed("digest", "--json", "--listing", path).document()
        self.assertEqual(document["digests"], [
            {"path": path, "digest": sha256_digest(sample()),
             "listing": self.succeed("digest", "--listing", path).out}])

    def test_several_listings_name_their_paths(self):
        paths = [self.pack("a.supx", sample()), self.lay_out("b", sample("b"))]
        out = self.succeed("digest", "--listing", *paths).out
        self.assertEqual(out, "".join(f"{p}:\n{self.succeed('digest', '--listing', p).out}" for p in paths))

    def test_usage(self):
        self.fail_with(2, "digest")
        self.fail_with(2, "digest", "--form", "md5", "x")
        self.fail_with(2, "digest", "--form", "superset", "--listing", "x")
        self.fail_with(2, "verify", "--listing", "x")


class Packing(BundleTest):
    def test_the_same_bytes_every_time(self):
        first = self.lay_out("first", sample())
        second = self.lay_out("second", dict(reversed(sample().items())))
        os.utime(os.path.join(second, "dist/manifest.json"), (1, 1))
        os.chmod(os.path.join(second, "dist/manifest.json"), 0o600)
        archives = []
        for number, folder in enumerate((first, second, first)):
            out = self.path(f"{number}.supx")
            self.assertEqual(self.succeed("bundle", "pack", folder, "--out", out).out, out + "\n")
            with open(out, "rb") as file:
                archives.append(file.read())
        self.assertEqual(len(set(archives)), 1)
        self.assertEqual(self.digest(self.path("0.supx")), self.digest(first))
        with zipfile.ZipFile(self.path("0.supx")) as file:
            self.assertIsNone(file.testzip())
            self.assertEqual(file.namelist(), sorted(sample()))
            self.assertEqual({i.date_time for i in file.infolist()}, {(1980, 1, 1, 0, 0, 0)})
            self.assertEqual({i.external_attr >> 16 for i in file.infolist()}, {0o100644})

    def test_it_is_named_after_the_bundle(self):
        folder = self.lay_out("x", sample("tool", "1.2.3-rc.1", publisher="acme"))
        result = subprocess.run([PROGRAM, "bundle", "pack", folder],
                                cwd=self.directory, capture_output=True, text=True, check=True)
        self.assertEqual(result.stdout, "acme.tool-1.2.3-rc.1.supx\n")
        path = os.path.join(self.directory, "acme.tool-1.2.3-rc.1.supx")
        self.assertEqual(self.digest(path), self.digest(folder))
        mask = os.umask(0)
        os.umask(mask)
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o666 & ~mask)

    def test_what_could_not_be_opened_is_not_packed(self):
        cases = [
            ("unexpected", {**sample(), "README.md": b""}, "UNEXPECTED_MEMBER"),
            ("manifest", {**sample(), "manifest.json": b"[]"}, "MANIFEST_JSON"),
            ("zeros", {**sample(), "backend/src/zeros": b"\0" * 3000000}, "RATIO"),
        ]
        out = self.path("out.supx")
        for name, files, code in cases:
            folder = self.lay_out(name, files)
            error = self.fail_with(5, "bundle", "pack", folder, "--out", out, "--json").error()
            self.assertEqual(error["code"], "EXTMGR_E_BUNDLE_" + code)
            self.assertFalse(os.path.exists(out))

    def test_an_archive_is_no_directory(self):
        self.fail_with(2, "bundle", "pack", self.pack("a.supx", sample()))

    def test_a_place_that_cannot_be_written_to(self):
        folder = self.lay_out("x", sample())
        self.fail_with(1, "bundle", "pack", folder, "--out", self.path("missing/x.supx"))

    def test_names_beyond_ascii(self):
        files = {**sample(), "frontend/dist/gr\u00fc\u00dfe/\U0001f600.js": b"x"}
        out = self.path("out.supx")
        self.succeed("bundle", "pack", self.lay_out("x", files), "--out", out)
        self.assertEqual(self.digest(out), sha256_digest(files))
        with zipfile.ZipFile(out) as file:
            self.assertEqual(sorted(file.namelist()), sorted(files))


class Inspecting(BundleTest):
    def test_all_generations(self):
        cases = {
            # G1: the first version, without any model
            "Dataset References": {"name": "Dataset References", "permissions": [],
                                   "frontend": {"remoteEntry": "index.js", "contributions": {}}},
            # G2: id and name
            "dataset_references": {"id": "dataset_references", "name": "Dataset References",
                                   "version": "1.0.0", "license": None, "dependencies": [],
                                   "backend": {"entryPoints": ["a.b"]}},
            # G3: publisher and technical name
            "my-org.dataset-references": {
                "publisher": "my-org", "name": "dataset-references", "version": "1.0.0",
                "displayName": "Dataset References", "id": "my-org.dataset-references"},
            # G4: by convention
            "my-org.widgets": {
                "publisher": "my-org", "name": "widgets", "displayName": "Widgets",
                "version": "1.0.0", "frontend": {"remoteEntry": "index.js",
                                                 "moduleFederationName": "myOrg_widgets"},
                "backend": {"entrypoint": "my_org.widgets.entrypoint"}},
            # G5: with a sandbox, and an own signature of the manifest
            "my-org.safe": {"publisher": "my-org", "name": "safe", "version": "1.0.0",
                            "sandbox": {"trustLevel": "iframe", "csp": None}},
        }
        for number, (identity, manifest) in enumerate(cases.items()):
            files = {**sample(), "manifest.json": json.dumps(manifest, indent=2).encode(),
                     "manifest.sig": b"AAAA"}
            path = self.pack(f"{number}.supx", files)
            document = self.succeed("bundle", "inspect", path, "--json").document()
            self.assertEqual(document["id"], identity)
            self.assertEqual(document["version"], manifest.get("version", "0.0.0"))
            self.assertEqual(document["name"], manifest.get("displayName", manifest["name"]))
            self.assertEqual(document["manifest"], manifest)
            self.assertEqual(document["signature"], "unsigned")
            self.assertEqual(document["digest"], sha256_digest(files))
            self.assertEqual([f["path"] for f in document["files"]], sorted(files))
            with open(path, "rb") as file:
                self.assertEqual(document["archiveSha256"], hashlib.sha256(file.read()).hexdigest())

    def test_as_text(self):
        path = self.pack("a.supx", sample("tool", publisher="acme", displayName="A Tool",
                                          definition="main.py"))
        out = self.succeed("bundle", "inspect", path).out
        for line in ("id: acme.tool", "name: A Tool", "version: 1.0.0", "kind: archive",
                     f"digest: {self.digest(path)}", "signature: unsigned",
                     "definition: backend/src/main.py"):
            self.assertIn(line + "\n", out)
        self.assertRegex(out, r"(?m)^manifest\.json +\d+ +[0-9a-f]{64}$")

    def test_a_definition_is_named_with_and_without_its_folder(self):
        for number, name in enumerate(("main.py", "backend/src/main.py")):
            path = self.pack(f"{number}.supx", sample(definition=name))
            document = self.succeed("bundle", "inspect", path, "--json").document()
            self.assertEqual(document["definition"], "backend/src/main.py")
        document = self.succeed("bundle", "inspect", self.pack("x.supx", sample()), "--json").document()
        self.assertIsNone(document["definition"])

    def test_warnings(self):
        cases = [
            ({"name": "a.b"}, "publisher"),
            ({"name": "a", "version": None}, "0.0.0"),
            ({"name": "a", "frontend": {"remoteEntry": "missing.js"}}, "missing.js"),
        ]
        for number, (fields, word) in enumerate(cases):
            path = self.pack(f"{number}.supx", {"manifest.json": json.dumps(
                {"version": "1.0.0", **fields}).encode(), "frontend/dist/x.js": b""})
            warnings = self.succeed("bundle", "inspect", path, "--json").document()["warnings"]
            self.assertEqual(len(warnings), 1)
            self.assertIn(word, warnings[0])
            self.assertIn(word, self.succeed("bundle", "inspect", path).err)
        path = self.pack("y.supx", {"manifest.json": b'{"name":"a","version":"1.0.0","backend":{"x":1}}'})
        warnings = self.succeed("bundle", "inspect", path, "--json").document()["warnings"]
        self.assertIn("backend/src/", warnings[0])

    def test_hostile_text_does_not_reach_the_terminal(self):
        name = "x\u202e\u009b2J"
        path = self.pack("a.supx", sample(name, displayName="d\u2028\u0007"))
        self.assert_harmless(self.succeed("bundle", "inspect", path).out)
        self.assert_harmless(self.succeed("discover", self.folder).out)
        self.assert_harmless(self.succeed("verify", path).out)


if __name__ == "__main__":
    unittest.main()
