# SPDX-License-Identifier: MIT
"""
Killed at each system call that writes: what is there is whole, or as before. strace counts the
calls of an undisturbed run, then kills at each of them in turn, before it is done.
"""

import json
import os
import random
import shutil
import subprocess
import time
import unittest

from harness import PROGRAM
from test_registry import RegistryTest, definition, sha256

SCALE = int(os.environ.get("EXTMGR_TEST_SCALE", "1"))
CALLS = ("openat", "write", "fsync", "renameat", "unlinkat", "mkdir")
JAR = bytes(range(256)) * 1000


def has_strace():
    """Whether there is one, and it may trace."""
    return shutil.which("strace") and subprocess.run(
        ["strace", "-o", "/dev/null", "true"], capture_output=True).returncode == 0


@unittest.skipUnless(has_strace(), "strace is not installed or may not trace")
@unittest.skipIf(os.environ.get("EXTMGR_TEST_SANITIZE", "none") != "none", "strace and sanitizers")
class KillsTest(RegistryTest):
    def setUp(self):
        super().setUp()
        self.store = os.path.join(self.directory, "store")
        self.cache = self.environment["EXTMGR_CACHE"]
        os.mkdir(self.store)
        self.server.files["/driver.jar"] = JAR

    def trace(self, arguments, *options):
        return subprocess.run(["strace", "-f", "-qq", *options, PROGRAM, *arguments],
                              env=self.environment, capture_output=True,
                              stdin=subprocess.DEVNULL)

    def points(self, arguments, places):
        """The calls that write to these places: (name, how many of its thread come before)."""
        path = os.path.join(self.directory, "trace")
        done = self.trace(arguments, "-y", "-o", path, "-e", "trace=" + ",".join(CALLS))
        self.assertEqual(done.returncode, 0, done.stderr)
        seen = {}
        points = []
        with open(path, encoding="utf-8", errors="replace") as file:
            for line in file:
                thread, call = line.split(None, 1)
                name = call.split("(")[0]
                if name not in CALLS:
                    continue
                seen[thread, name] = seen.get((thread, name), 0) + 1
                writes = name != "openat" or "O_CREAT" in call
                point = (name, seen[thread, name])
                if writes and any(place in call for place in places) and point not in points:
                    points.append(point)
        os.remove(path)
        return points

    def kill_at_each(self, arguments, places, before, after, needed):
        before()
        points = self.points(arguments, places)
        after()
        self.assertLessEqual(needed, {name for name, _ in points})
        # A long file is many writes: those at the beginning and the end matter most.
        if len(points) > 10 * SCALE:
            points = random.Random(1).sample(points, 10 * SCALE)
        killed = 0
        for name, number in points:
            before()
            done = self.trace(arguments, "-o", "/dev/null", "-e",
                              f"inject={name}:signal=KILL:when={number}")
            killed += done.returncode in (-9, 137)
            with self.subTest(call=name, number=number):
                after()
        self.assertGreater(killed, len(points) / 2)
        print(f"killed {killed} times at {len(points)} calls")

    # ---- the cache ----

    def check_cache(self):
        for name in os.listdir(self.cache) if os.path.isdir(self.cache) else []:
            if name.startswith("new-"):
                continue
            with open(os.path.join(self.cache, name), "rb") as file:
                head, _, body = file.read().partition(b"\n")
            self.assertEqual(head.split()[-1].decode(), sha256(body))
        self.assertEqual(sorted(self.search()), ["a", "b"])

    def empty_cache(self):
        shutil.rmtree(self.cache, ignore_errors=True)

    def test_writing_the_cache(self):
        self.put("a", definition("a", more="/*" + "x" * 100000 + "*/"))
        self.index(self.entry("a", "1.0.0"), self.entry("b", "1.0.0"), serial=3)
        self.kill_at_each(["search"], [self.cache], self.empty_cache, self.check_cache,
                          {"mkdir", "openat", "write", "fsync", "renameat"})

    def test_renewing_the_cache(self):
        def before():
            self.empty_cache()
            self.index(self.entry("a", "1.0.0"), self.entry("b", "1.0.0"), serial=3)
            self.search()
            self.index(self.entry("a", "1.1.0"), self.entry("b", "1.0.0"), serial=4)

        def after():
            self.check_cache()
            self.succeed("registry", "refresh")
            self.index(self.entry("a", "1.0.0"), self.entry("b", "1.0.0"), serial=3)
            error = self.fail_with(5, "registry", "refresh", "--json").error()
            self.assertEqual(error["code"], "EXTMGR_E_INDEX_ROLLBACK")

        self.kill_at_each(["registry", "refresh"], [self.cache], before, after,
                          {"openat", "write", "fsync", "renameat"})

    def test_many_processes_share_an_empty_cache(self):
        self.index(self.entry("a", "1.0.0"), self.entry("b", "1.0.0"), serial=3)
        processes = [self.start_program("search", "--json") for _ in range(32)]
        ends = [process.communicate() for process in processes]
        self.assertEqual([p.returncode for p in processes], [0] * 32,
                         [err for _, err in ends if err][:3])
        self.assertEqual(len({out for out, _ in ends}), 1)
        self.check_cache()

    # ---- a download ----

    def needs(self):
        self.put("needs", f"""global.installedExtension = {{apiVersion: '0.2.0', extension: {{
            name: 'Needs', category: 'c', description: 'd', bucketFsUploads: [{{name: 'Driver',
            bucketFsFilename: 'driver.jar', fileSize: {len(JAR)}, licenseUrl: '',
            downloadUrl: '{self.server.url("/driver.jar")}', sha256: '{sha256(JAR)}'}}],
            installableVersions: [{{name: '1.0.0', latest: true, deprecated: false}}],
            findInstallations: function () {{ return []; }}}}}};""".encode())
        self.index(self.entry("needs", "1.0.0"))

    def fetch(self):
        return ["artifact", "fetch", "needs", "--files", self.store]

    def check_store(self):
        for name in os.listdir(self.store):
            if name == "driver.jar":
                with open(os.path.join(self.store, name), "rb") as file:
                    self.assertEqual(file.read(), JAR)
            else:
                self.assertTrue(name.startswith(".extmgr-new-"), name)

    def test_downloading(self):
        def before():
            for name in os.listdir(self.store):
                os.remove(os.path.join(self.store, name))

        def after():
            self.check_store()
            self.succeed(*self.fetch())
            self.assertIn("driver.jar", os.listdir(self.store))
            self.check_store()

        self.needs()
        self.search()
        self.kill_at_each(self.fetch(), [self.store], before, after,
                          {"openat", "write", "fsync", "renameat"})

    def test_many_processes_fetch_one_file(self):
        self.needs()
        processes = [self.start_program(*self.fetch()) for _ in range(32)]
        ends = [process.communicate() for process in processes]
        self.assertEqual([p.returncode for p in processes], [0] * 32,
                         [err for _, err in ends if err][:3])
        self.assertEqual(os.listdir(self.store), ["driver.jar"])
        self.check_store()

    # ---- collecting ----

    def prepare_release(self):
        """A registry with x 1.0.0, and a release with x 1.1.0 that needs another file."""
        release = os.path.join(self.directory, "release")
        for place in (self.registry, self.store, release):
            shutil.rmtree(place, ignore_errors=True)
            os.mkdir(place)
        self.release = release
        self.provide("1.0.0")
        self.old = self.tree()
        self.provide("1.1.0", collect=False)

    def provide(self, version, collect=True):
        jar = version.encode() * 20000
        name = f"x-{version}.jar"
        source = definition("x", version).replace(
            b"bucketFsUploads: []", b"bucketFsUploads: [{name: 'Jar', bucketFsFilename: '%s', "
            b"fileSize: %d, downloadUrl: '', licenseUrl: '', sha256: '%s'}]"
            % (name.encode(), len(jar), sha256(jar).encode()))
        for path, content in (("x.js", source), (name, jar)):
            with open(os.path.join(self.release, path), "wb") as file:
                file.write(content)
        if collect:
            self.succeed(*self.collect())

    def collect(self):
        return ["registry", "collect", self.registry, self.release, "--files", self.store]

    def tree(self):
        files = {}
        for place in (self.registry, self.store):
            for name in os.listdir(place):
                with open(os.path.join(place, name), "rb") as file:
                    files[name] = file.read()
        return files

    def check_collected(self):
        """Each file is whole, old or new, and no definition is there before what it needs."""
        after = {n: c for n, c in self.tree().items()
                 if not n.startswith((".extmgr-new-", ".registry.json"))}
        with open(os.path.join(self.release, "x.js"), "rb") as file:
            new = file.read()
        self.assertIn(after["x.js"], (self.old["x.js"], new))
        self.assertEqual(after["x-1.0.0.jar"], self.old["x-1.0.0.jar"])
        self.assertIn(after.get("x-1.1.0.jar"), (None, b"1.1.0" * 20000))
        if after["x.js"] == new:
            self.assertIn("x-1.1.0.jar", after)
        index = json.loads(after["registry.json"])
        self.assertIn([e["sha256"] for e in index["extensions"]],
                      ([sha256(self.old["x.js"])], [sha256(new)]))
        # It is readable as it is, and the same call does the rest.
        found = self.search("--registry", self.registry)
        self.assertEqual(list(found), ["x"])
        self.succeed(*self.collect())
        self.succeed("registry", "verify", "--registry", self.registry)

    def test_collecting(self):
        self.prepare_release()
        self.kill_at_each(self.collect(), [self.registry, self.store], self.prepare_release,
                          self.check_collected, {"openat", "write", "fsync", "renameat"})

    def test_collecting_killed_at_any_time(self):
        self.prepare_release()
        begin = time.monotonic()
        self.succeed(*self.collect())
        lasts = time.monotonic() - begin
        for number in range(5 * SCALE):
            self.prepare_release()
            process = self.start_program(*self.collect())
            try:
                process.communicate(timeout=lasts * (number % 16) / 16)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
            with self.subTest(number=number):
                self.check_collected()


if __name__ == "__main__":
    unittest.main()
