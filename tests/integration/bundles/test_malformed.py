# SPDX-License-Identifier: MIT
"""What is refused, with which words, and what two zip programs could read in two ways."""
import io
import os
import random
import struct
import subprocess
import unittest
import zipfile
import zlib

import malformed
from support import BundleTest, sample, sha256_digest
from zipbytes import FLAG_DESCRIPTOR, FOLDER, STORED, Member, archive, deflate, extra

SCALE = int(os.environ.get("EXTMGR_TEST_SCALE", "1"))
MUTANTS = 300 * SCALE


class Refusals(BundleTest):
    def test_there_are_cases_enough(self):
        self.assertGreaterEqual(len(malformed.CASES), 60)

    def test_each_is_refused_with_its_code_and_no_neighbour_with_it(self):
        malformed.write(self.folder)
        for number, place in enumerate(("a-first", "k-inner", "zz-last")):
            self.pack(f"{place}.supx", sample(f"packed-{number}"))
            self.lay_out(f"{place}-folder", sample(f"folder-{number}"))
        found = self.discover(4)
        self.assertEqual(list(found), sorted(found, key=os.fsencode))
        for name, (code, _, word) in malformed.CASES.items():
            with self.subTest(name):
                entry = found.pop(name + ".supx")
                self.assertEqual(entry["outcome"], "failed")
                self.assertEqual(entry["error"]["code"], "EXTMGR_E_BUNDLE_" + code)
                self.assertIn(f"bundle '{self.path(name)}.supx': ", entry["error"]["message"])
                self.assertTrue(entry["error"]["hint"])
                cause = entry["error"].get("cause", {}).get("message", "")
                self.assertIn(word, entry["error"]["message"] + cause)
                self.assertIsNone(entry["id"])
        self.assertEqual({entry["outcome"] for entry in found.values()}, {"ok"})
        self.assertEqual(len(found), 6)

    def test_the_member_is_named(self):
        for name, member in (("absolute", "/etc/passwd"), ("crc", "frontend/dist/index.js"),
                             ("id-dot", "manifest.json"), ("control-newline", "manifest.json ")):
            path = self.put(name + ".supx", malformed.CASES[name][1])
            error = self.fail_with(5, "bundle", "inspect", path, "--json").error()
            self.assertIn(f"member '{member}': ", error["message"])
            self.assertEqual(error["details"], {"bundle": path, "member": member})

    def test_verify_says_code_and_reason(self):
        good = self.pack("good.supx", sample())
        bad = self.put("bad.supx", malformed.CASES["crc"][1])
        self.assertEqual(self.succeed("verify", good).out,
                         f"ok      {good}: sample 1.0.0, unsigned\n")
        result = self.run_program("verify", good, bad, self.path("missing.supx"))
        self.assertEqual(result.code, 1)
        self.assertEqual(len(result.out.splitlines()), 3)
        self.assertEqual(result.err.count("hint: "), 2)
        self.assertRegex(result.out, r"(?m)^ok .*good\.supx")
        self.assertRegex(result.out, r"(?m)^failed  .*bad\.supx: EXTMGR_E_BUNDLE_CRC: .*checksum")
        self.assertRegex(result.out, r"(?m)^failed  .*missing\.supx: EXTMGR_E_BUNDLE_NOT_FOUND: ")
        document = self.run_program("verify", good, bad, "--json").document()
        self.assertEqual([entry["code"] for entry in document["results"]],
                         ["EXTMGR_OK", "EXTMGR_E_BUNDLE_CRC"])

    def test_directories_keep_the_same_rules(self):
        cases = {
            "README.md": "UNEXPECTED_MEMBER",
            "frontend/index.js": "UNEXPECTED_MEMBER",
            "backend/src/a\\b.py": "BACKSLASH",
            "backend/src/a\nb.py": "CONTROL_CHARACTER",
            "frontend/dist/" + "d/" * 63 + "x": "PATH_TOO_LONG",
            "frontend/dist/" + "/".join(["n" * 200] * 5) + "/" + "x" * 20: "PATH_TOO_LONG",
        }
        for number, (name, code) in enumerate(cases.items()):
            with self.subTest(name):
                self.lay_out(f"{number}", {**sample(), name: b"x"})
                self.assertEqual(self.discover(4)[f"{number}"]["error"]["code"],
                                 "EXTMGR_E_BUNDLE_" + code)

    def test_a_directory_with_a_name_that_is_no_utf8(self):
        folder = self.lay_out("bad", sample())
        with open(os.path.join(os.fsencode(folder), b"dist/frontend/dist/\xff.js"), "w"):
            pass
        self.assertEqual(self.discover(4)["bad"]["error"]["code"], "EXTMGR_E_BUNDLE_NAME_ENCODING")


class Agreement(BundleTest):
    """Whatever is accepted means the same to Python's zipfile and to unzip."""

    def read_with_python(self, path):
        with zipfile.ZipFile(path) as file:
            return {info.filename: file.read(info) for info in file.infolist()
                    if not info.is_dir()}

    def read_with_unzip(self, path):
        names = subprocess.run(["unzip", "-Z1", path], capture_output=True, check=True).stdout
        contents = {}
        for name in names.decode().splitlines():
            if not name.endswith("/"):
                quoted = "".join(f"[{c}]" if c in "[]*?" else c for c in name)
                contents[name] = subprocess.run(["unzip", "-qq", "-p", path, quoted],
                                                capture_output=True, check=True).stdout
        return contents

    def assert_agreed(self, path, digest):
        self.assertEqual(sha256_digest(self.read_with_python(path)), digest, path)
        self.assertEqual(sha256_digest(self.read_with_unzip(path)), digest, path)

    def test_what_is_accepted(self):
        text = malformed.TEXT
        packed = deflate(text)
        sizes = struct.pack("<III", zlib.crc32(text), len(packed), len(text))
        zero = {"crc": 0, "packed": 0, "size": 0}
        manifest = malformed.manifest()
        good = {
            "plain": [Member("frontend/dist/x.js", text)],
            "stored": [Member("frontend/dist/x.js", text, method=STORED)],
            "empty": [Member("frontend/dist/x.js", b"", method=STORED), Member("backend/src/y")],
            "unicode": [Member("frontend/dist/gr\u00fc\u00dfe-\U0001f600.js", text)],
            "folders": [Member("frontend/", mode=FOLDER, method=STORED),
                        Member("frontend/dist/", mode=FOLDER, method=STORED, attributes=0x10),
                        Member("frontend/dist/x.js", text)],
            "nested": [Member("frontend/dist/assets/x/y.css", text)],
            "no-mode": [Member("frontend/dist/x.js", text, attributes=0, made=20)],
            "descriptor": [Member("frontend/dist/x.js", text, flags=FLAG_DESCRIPTOR, local=zero,
                                  descriptor=b"PK\7\x08" + sizes)],
            "descriptor-and-size": [Member("frontend/dist/x.js", text, flags=FLAG_DESCRIPTOR,
                                           local={"crc": 0, "packed": 0},
                                           descriptor=b"PK\7\x08" + sizes)],
            "short-descriptor": [Member("frontend/dist/x.js", text, flags=FLAG_DESCRIPTOR,
                                        local=zero, descriptor=sizes)],
            "extra": [Member("frontend/dist/x.js", text, extra=extra(0x5455, b"\1\0\0\0\0"),
                             comment=b"hello")],
            "dots": [Member("frontend/dist/..x..js", text), Member("backend/src/...", text)],
            "old-signature": [Member("manifest.sig", b"abc")],
            "blanks": [Member("frontend/dist/ a b ", text)],
        }
        for name, members in good.items():
            self.put(name + ".supx", archive([manifest, *members]))
        self.put("comment.supx", archive([manifest], comment=b"a comment"))
        self.put("manifest-last.supx",
                 archive([Member("backend/src/a.py", text, method=STORED), manifest]))
        found = self.discover()
        self.assertEqual(len(found), len(good) + 2)
        for name, entry in found.items():
            with self.subTest(name):
                self.assert_agreed(self.path(name), entry["digest"])

    def mutate(self, content, randomly):
        """A few bytes, most of them in the headers."""
        changed = bytearray(content)
        for _ in range(randomly.randint(1, 3)):
            start = 0 if randomly.random() < 0.3 else content.index(b"PK\1\2")
            at = randomly.randrange(start, len(content))
            changed[at] = randomly.choice((0, 1, 0xff, changed[at] ^ 1 << randomly.randrange(8)))
        return bytes(changed)

    def test_mutants_that_are_accepted(self):
        randomly = random.Random(20261126)
        plain = io.BytesIO()
        with zipfile.ZipFile(plain, "w", zipfile.ZIP_DEFLATED) as file:
            for name, content in sample().items():
                file.writestr(name, content)
            file.comment = b"commentary"
        for number in range(MUTANTS):
            self.put(f"{number:05}.supx", self.mutate(plain.getvalue(), randomly))
        found = self.discover(4)
        accepted = [name for name, entry in found.items() if entry["outcome"] != "failed"]
        self.assertEqual(len(found), MUTANTS)
        self.assertGreater(len(accepted), MUTANTS // 20)
        self.assertLess(len(accepted), MUTANTS)
        for name in accepted:
            self.assert_agreed(self.path(name), found[name]["digest"])


if __name__ == "__main__":
    unittest.main()
