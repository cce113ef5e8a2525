# SPDX-License-Identifier: MIT
"""Signatures, keys and policies, as somebody at the command line sees them; minisign signs."""

import json
import os
import shutil
import sqlite3
import subprocess
import time
import unittest

from harness import DEFINITIONS
from test_registry import RegistryTest, definition, sha256


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

    def test_names_that_a_url_writes_otherwise(self):
        source = definition("größe 1")
        self.server.files["/größe 1.js"] = source
        self.server.files["/größe 1.js.sums.minisig"] = self.signature(
            "ours", f"{sha256(source)}  größe 1.js\n", "extmgr id=größe version=1.0.0")
        self.index({"id": "größe", "url": "gr%C3%B6%C3%9Fe%201.js"})
        self.assertEqual(self.states(self.trusted()), {"größe": self.GOOD})

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

    def test_a_signature_that_comes_later_is_found_by_a_refresh(self):
        self.index({**self.entry("a", "1.0.0"), "sha256": None}, self.entry("b", "1.0.0"))
        self.assertEqual(self.trusted("--trust-policy", "any")["a"]["signature"], "unsigned")
        self.sign("a.js")
        self.succeed("registry", "refresh", "--trust-key", self.keys["ours"])
        # The definition is asked for in a later second than the index was.
        second = int(time.time())
        while int(time.time()) == second:
            time.sleep(0.01)
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

    # ---- bundles in the catalog ----

    def provide_bundle(self, key="ours", version="1.0.0"):
        """A bundle that carries the definition notes, signed by the listing that digest prints."""
        folder = os.path.join(self.directory, "bundles", "acme.notes")
        os.makedirs(os.path.join(folder, "dist", "backend", "src"), exist_ok=True)
        shutil.copy(os.path.join(DEFINITIONS, "notes.js"),
                    os.path.join(folder, "dist", "backend", "src"))
        self.write("bundles/acme.notes/dist/manifest.json", json.dumps(
            {"publisher": "acme", "name": "notes", "version": version,
             "definition": "notes.js"}))
        self.write("bundles/acme.notes.sums", self.succeed("digest", "--listing", folder).out)
        self.minisign("-S", "-W", "-s", f"{key}.sec", "-m", "bundles/acme.notes.sums")
        return os.path.join(self.directory, "bundles")

    def catalogued(self, *options):
        """The state of the signature as the list and as the page of the bundle tell it."""
        document = self.succeed("catalog", "list", "--json", *options).document()
        [listed] = document["extensions"]
        shown = self.succeed("catalog", "show", "acme.notes", "--json", *options).document()
        self.assertEqual(listed["signature"], shown["signature"])
        for command in (["list"], ["show", "acme.notes"]):
            self.assertIn(listed["signature"], self.succeed("catalog", *command, *options).out)
        return listed["signature"]

    def test_states_in_the_catalog(self):
        ours, theirs = ("--trust-key", self.keys["ours"]), ("--trust-key", self.keys["theirs"])
        self.environment["EXTMGR_DB"] = "sqlite:" + self.database
        folder = self.provide_bundle()
        self.assertEqual(self.run_program("sync", folder, *theirs).code, 4)
        self.assertEqual(self.succeed("catalog", "list", "--json").document()["extensions"], [])
        self.succeed("sync", folder, *ours)
        self.assertEqual(self.catalogued(*ours), "signed")
        # Keys of today judge what was stored, whatever they were then.
        self.assertEqual(self.catalogued(*theirs), "untrusted-key")
        self.assertEqual(self.catalogued(*ours, *theirs), "signed")
        self.assertEqual(self.catalogued("--trust-key", self.keys["ours"] + ":other.*"),
                         "untrusted-key")
        self.assertEqual(self.catalogued(*ours, "--trust-policy", "any"), "signed")
        catalog = ("--registry", "catalog")
        self.assertEqual(self.fail_with(5, *catalog, *theirs, "install", "acme.notes", "--json")
                         .error()["code"], "EXTMGR_E_SIGNATURE_UNTRUSTED_KEY")
        [entry] = self.succeed(*catalog, *ours, "registry", "verify",
                               "--json").document()["entries"]
        self.assertEqual((entry["id"], entry["signature"]), ("acme.notes", "signed"))
        self.assertEqual(self.run_program(*catalog, *theirs, "registry", "verify").code, 1)
        self.assertIn("acme.notes", self.succeed(*catalog, "registry", "list").out)
        plan = self.succeed(*catalog, *ours, "plan", "install", "acme.notes", "--json").document()
        self.assertEqual(plan["signer"]["name"], None)
        self.succeed(*catalog, *ours, "install", "acme.notes")
        database = sqlite3.connect(self.database)
        database.execute("UPDATE extmgr_extension SET signature = 'bm8='")
        database.commit()
        database.close()
        self.assertEqual(self.catalogued(*ours), "modified")

    def test_a_bundle_that_nobody_signed_in_the_catalog(self):
        self.environment["EXTMGR_DB"] = "sqlite:" + self.database
        folder = self.provide_bundle()
        os.remove(os.path.join(folder, "acme.notes.sums.minisig"))
        self.succeed("sync", folder)
        self.assertEqual(self.catalogued(), "unsigned")
        # A policy that is tightened holds at the next read.
        self.assertEqual(self.catalogued("--trust-policy", "signed"), "unsigned")
        self.assertEqual(self.fail_with(5, "--registry", "catalog", "--trust-policy", "signed",
                                        "install", "acme.notes", "--json").error()["code"],
                         "EXTMGR_E_SIGNATURE_MISSING")
        self.succeed("--registry", "catalog", "install", "acme.notes")

    def test_rotation_in_the_catalog(self):
        self.environment["EXTMGR_DB"] = "sqlite:" + self.database
        ours, theirs = ("--trust-key", self.keys["ours"]), ("--trust-key", self.keys["theirs"])
        self.succeed("sync", self.provide_bundle("ours"), *ours)
        self.succeed("sync", self.provide_bundle("theirs"), *ours, *theirs)  # both, for a while
        self.assertEqual(self.catalogued(*theirs), "signed")
        self.assertEqual(self.catalogued(*ours), "untrusted-key")


if __name__ == "__main__":
    unittest.main()
