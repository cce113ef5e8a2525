# SPDX-License-Identifier: MIT
"""What is found in a directory, in which order, and what goes before what."""
import os
import shutil
import unittest

from support import BundleTest, pack, sample, sha256_digest


class Finding(BundleTest):
    def test_archives_and_directories_sorted_by_bytes(self):
        for name in ("b.supx", "B.supx", "a-1.supx", "a.supx", "\u00e4.supx", ".hidden.supx"):
            self.pack(name, sample("archive " + name))
        for name in ("project", "a", "Z"):
            self.lay_out(name, sample("directory " + name))
        found = self.discover()
        self.assertEqual(list(found), [".hidden.supx", "B.supx", "Z", "a", "a-1.supx", "a.supx",
                                       "b.supx", "project", "\u00e4.supx"])
        self.assertEqual(found["a"]["kind"], "directory")
        self.assertEqual(found["a.supx"]["kind"], "archive")
        self.assertEqual(found["a"]["digest"], sha256_digest(sample("directory a")))

    def test_what_is_no_candidate(self):
        self.pack("x.SUPX", sample())
        self.pack("x.supx.bak", sample())
        self.pack("x.zip", sample())
        os.makedirs(self.path("no-dist/src"))
        os.makedirs(self.path("deep"))
        pack(self.path("deep/inner.supx"), sample())
        os.makedirs(self.path("file-dist"))
        self.put("file-dist/dist", b"")
        self.put("README.md", b"")
        self.pack("good.supx", sample())
        self.put("good.supx.sums", b"")
        self.put("good.supx.sums.minisig", b"")
        self.assertEqual(list(self.discover()), ["good.supx"])

    def test_an_empty_and_a_missing_place(self):
        self.assertEqual(self.discover(), {})
        missing = self.path("missing")
        result = self.succeed("discover", missing)
        self.assertEqual(result.out, "")
        self.assertIn(f"warning: the directory '{missing}' does not exist", result.err)
        document = self.succeed("discover", missing, "--json").document()
        self.assertEqual((document["bundles"], document["discovered"]), ([], 0))
        self.assertIn("does not exist", document["warning"])

    def test_places_that_are_no_directory(self):
        file = self.put("file", b"")
        os.mkfifo(self.path("fifo"))
        for place in (file, file + "/x", self.path("fifo")):
            error = self.fail_with(1, "discover", place, "--json").error()
            self.assertEqual(error["code"], "EXTMGR_E_BUNDLE_UNREADABLE")
            self.assertIn(place, error["message"])
        self.fail_with(2, "discover", "")
        self.fail_with(2, "discover")

    def test_as_a_table(self):
        self.pack("good.supx", sample("tool", publisher="acme"))
        self.put("bad.supx", b"x")
        result = self.run_program("discover", self.folder)
        self.assertEqual(result.code, 4)
        self.assertRegex(result.out, r"(?m)^good\.supx +ok +acme\.tool +1\.0\.0")
        self.assertRegex(result.out, r"(?m)^bad\.supx +failed +- +- +EXTMGR_E_BUNDLE_NOT_ZIP: .*no zip")
        self.assertEqual(result.err, "")


class Choosing(BundleTest):
    def outcomes(self):
        return {name: (entry["outcome"], entry["supersededBy"] and os.path.basename(entry["supersededBy"]))
                for name, entry in self.discover().items()}

    def test_the_highest_version_goes_before_the_others(self):
        for name, version in (("a", "1.9.0"), ("b", "1.10.0"), ("c", "1.10.0-rc.1"), ("d", "0.1.0")):
            self.pack(name + ".supx", sample("tool", version))
        self.assertEqual(self.outcomes(), {
            "a.supx": ("superseded", "b.supx"), "b.supx": ("ok", None),
            "c.supx": ("superseded", "b.supx"), "d.supx": ("superseded", "b.supx")})

    def test_of_equal_versions_the_directory_then_the_first(self):
        self.pack("a.supx", sample("tool"))
        self.pack("b.supx", sample("tool", "1.0.0+build.7"))
        self.assertEqual(self.outcomes(), {"a.supx": ("ok", None), "b.supx": ("superseded", "a.supx")})
        self.lay_out("z", sample("tool"))
        self.lay_out("zz", sample("tool"))
        self.assertEqual(self.outcomes(), {
            "a.supx": ("superseded", "z"), "b.supx": ("superseded", "z"),
            "z": ("ok", None), "zz": ("superseded", "z")})

    def test_ids_not_names_are_compared(self):
        self.pack("a.supx", sample("tool", publisher="acme"))
        self.pack("b.supx", sample("tool", publisher="evil"))
        self.pack("c.supx", sample("tool"))
        self.assertEqual({o for o, _ in self.outcomes().values()}, {"ok"})

    def test_one_that_fails_supersedes_nothing(self):
        self.pack("a.supx", sample("tool", "1.0.0"))
        self.pack("b.supx", {**sample("tool", "2.0.0"), "README.md": b""})
        found = self.discover(4)
        self.assertEqual([e["outcome"] for e in found.values()], ["ok", "failed"])


class Links(BundleTest):
    def test_a_mounted_volume(self):
        """As Kubernetes mounts them: links to a folder that is replaced as a whole."""
        os.makedirs(self.path("..2026_11_26"))
        pack(self.path("..2026_11_26/a.supx"), sample("a"))
        self.lay_out("..2026_11_26/project", sample("project"))
        os.symlink("..2026_11_26", self.path("..data"))
        os.symlink("..data/a.supx", self.path("a.supx"))
        os.symlink("..data/project", self.path("project"))
        found = self.discover()
        self.assertEqual(list(found), ["a.supx", "project"])
        self.assertEqual({e["outcome"] for e in found.values()}, {"ok"})

    def test_links_that_lead_out(self):
        outside = os.path.join(self.directory, "outside")
        pack(outside + ".supx", sample("a"))
        shutil.copytree(self.lay_out("inner", sample("b")), outside)
        os.symlink("../outside.supx", self.path("a.supx"))
        os.symlink(outside, self.path("b"))
        os.symlink("a.supx", self.path("c.supx"))
        os.symlink("missing", self.path("d.supx"))
        os.symlink("e.supx", self.path("e.supx"))
        codes = {name: entry["error"] and entry["error"]["code"].removeprefix("EXTMGR_E_BUNDLE_")
                 for name, entry in self.discover(4).items()}
        self.assertEqual(codes, {"a.supx": "LINK", "b": "LINK", "c.supx": "LINK",
                                 "d.supx": "NOT_FOUND", "e.supx": "UNREADABLE", "inner": None})
        error = self.fail_with(5, "digest", self.path("a.supx"), "--json").error()
        self.assertEqual(error["code"], "EXTMGR_E_BUNDLE_LINK")
        self.assertIn("a.supx", error["message"])

    def test_none_inside_dist(self):
        for number, (target, place) in enumerate((
                ("manifest.json", "dist/frontend/dist/link.js"), ("frontend", "dist/backend/src/f"),
                ("/etc/passwd", "dist/frontend/dist/passwd"))):
            folder = self.lay_out(str(number), sample())
            os.symlink(target, os.path.join(folder, place))
            error = self.discover(4)[str(number)]["error"]
            self.assertEqual(error["code"], "EXTMGR_E_BUNDLE_SPECIAL_FILE")
            self.assertIn("symbolic link", error["message"])
            shutil.rmtree(folder)
        folder = self.lay_out("d", sample())
        os.rename(os.path.join(folder, "dist"), os.path.join(folder, "real"))
        os.symlink("real", os.path.join(folder, "dist"))
        self.assertEqual(self.discover(4)["d"]["error"]["code"], "EXTMGR_E_BUNDLE_LINK")


class SpecialFiles(BundleTest):
    def test_nothing_waits_for_a_fifo(self):
        os.mkfifo(self.path("fifo.supx"))
        os.makedirs(self.path("folder.supx"))
        folder = self.lay_out("project", sample())
        os.mkfifo(os.path.join(folder, "dist/backend/src/fifo"))
        os.symlink("/dev/zero", self.path("zero.supx"))
        codes = {name: entry["error"]["code"].removeprefix("EXTMGR_E_BUNDLE_")
                 for name, entry in self.discover(4).items()}
        self.assertEqual(codes, {"fifo.supx": "UNREADABLE", "folder.supx": "NOT_FOUND",
                                 "project": "SPECIAL_FILE", "zero.supx": "UNREADABLE"})

    @unittest.skipIf(os.geteuid() == 0, "permissions do not hold for root")
    def test_without_permission(self):
        os.chmod(self.pack("a.supx", sample()), 0)
        self.assertEqual(self.discover(4)["a.supx"]["error"]["code"], "EXTMGR_E_BUNDLE_UNREADABLE")

    def test_beside_the_bundle(self):
        path = self.pack("a.supx", sample())
        self.put("a.supx.sums", b"anything")
        self.put("a.supx.sums.minisig", b"x" * 1025)
        error = self.discover(4)["a.supx"]["error"]
        self.assertEqual(error["code"], "EXTMGR_E_BUNDLE_UNREADABLE")
        self.assertIn("sums.minisig", error["message"])
        self.put("a.supx.sums.minisig", b"x" * 1024)
        self.assertEqual(self.discover()["a.supx"]["outcome"], "ok")
        os.remove(path + ".sums")
        os.mkfifo(path + ".sums")
        self.assertEqual(self.discover(4)["a.supx"]["error"]["code"], "EXTMGR_E_BUNDLE_UNREADABLE")

    def test_a_name_that_is_no_utf8(self):
        self.pack("good.supx", sample())
        with open(os.fsencode(self.folder) + b"/bad\xff.supx", "wb"):
            pass
        with open(os.fsencode(self.folder) + b"/line\nbreak.supx", "wb"):
            pass
        result = self.run_program("discover", self.folder, "--json")
        self.assertEqual(result.code, 4)
        codes = [e["error"] and e["error"]["code"] for e in result.document()["bundles"]]
        self.assertEqual(codes, ["EXTMGR_E_BUNDLE_NAME_ENCODING", None,
                                 "EXTMGR_E_BUNDLE_NAME_ENCODING"])


if __name__ == "__main__":
    unittest.main()
