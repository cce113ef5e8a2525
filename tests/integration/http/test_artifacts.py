# SPDX-License-Identifier: MIT
"""Artifacts by download, as somebody at the command line sees them."""

import hashlib
import os
import signal
import unittest

import server
from harness import CommandLineTest

SCALE = int(os.environ.get("EXTMGR_TEST_SCALE", "1"))
CONTENT = bytes(range(256)) * 40


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def whole_files(store):
    for name in os.listdir(store):
        path = os.path.join(store, name)
        if os.path.exists(path):  # it may be renamed meanwhile
            yield path


class Killing(server.Server):
    """Kills a process before it sends a piece of a large file."""

    killer = None  # (number of the piece, process, its file store)

    async def _file(self, writer, request, path):
        if not self.killer:
            return await super()._file(writer, request, path)
        number, process, store = self.killer
        body = self.files[path]
        await self._send(writer, f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode())
        for i in range(10):
            if i == number:
                process.kill()
            piece = len(body) // 10 + 1
            await self._send(writer, body[i * piece:(i + 1) * piece])
        if number == 11:  # while the file is put in its place
            while process.poll() is None and not any(
                    os.path.getsize(entry) == len(body) for entry in whole_files(store)):
                await server.asyncio.sleep(0)
        if number >= 10:
            process.kill()


class ArtifactTest(CommandLineTest):
    """A directory with the definition `needs`, whose file is on a server."""

    def setUp(self):
        super().setUp()
        self.server = self.enterContext(Killing())
        self.server.files["/driver.jar"] = CONTENT
        self.store = os.path.join(self.directory, "store")
        os.mkdir(self.store)
        self.needs()

    def needs(self, url=None, size=len(CONTENT), digest=sha256(CONTENT), name="driver.jar"):
        url = self.server.url("/driver.jar") if url is None else url
        with open(os.path.join(self.registry, "needs.js"), "w") as file:
            file.write(f"""global.installedExtension = {{apiVersion: '0.2.0', extension: {{
                name: 'Needs', category: 'c', description: 'd', bucketFsUploads: [{{name: 'Driver',
                bucketFsFilename: '{name}', fileSize: {size}, downloadUrl: '{url}',
                licenseUrl: '', sha256: '{digest}'}}],
                installableVersions: [{{name: '1.0.0', latest: true, deprecated: false}}],
                findInstallations: function (context) {{
                    return context.sqlClient.query("SELECT name FROM sqlite_master WHERE name = 'needs'")
                        .rows.map(function () {{ return {{name: 'Needs', version: '1.0.0'}}; }}); }},
                install: function (context) {{
                    context.bucketFs.resolvePath('{name}');
                    context.sqlClient.execute('CREATE TABLE needs (a INTEGER)'); }}}}}};""")

    def fetch(self, *options):
        return self.run_program("--json", "artifact", "fetch", "needs", "--files", self.store,
                                *options)

    def state(self, *options):
        [artifact] = self.run_program("--json", "artifact", "list", "--files", self.store,
                                      *options).document()["artifacts"]
        return artifact["state"]

    def stored(self):
        return sorted(os.listdir(self.store))

    def fails(self, result, code, exit_code=None, saying=""):
        self.assertEqual(result.out, "")
        document = result.error()
        codes, texts = [], []
        while document:
            codes.append(document["code"])
            texts.append(document["message"])
            document = document.get("cause")
        self.assertIn(code, codes, texts)
        self.assertIn(saying, ": ".join(texts))
        if exit_code is not None:
            self.assertEqual(result.code, exit_code)
        self.assertEqual(self.stored(), [])


class Fetching(ArtifactTest):
    def test_a_file_is_fetched_once_and_verified(self):
        self.assertEqual(self.state(), "downloadable")
        result = self.fetch()
        self.assertEqual(result.code, 0, result.err)
        [artifact] = result.document()["artifacts"]
        self.assertEqual(artifact, {"fileName": "driver.jar", "size": len(CONTENT),
                                    "sha256": sha256(CONTENT), "outcome": "downloaded"})
        with open(os.path.join(self.store, "driver.jar"), "rb") as file:
            self.assertEqual(file.read(), CONTENT)
        self.assertEqual(self.stored(), ["driver.jar"])
        self.assertEqual(self.state(), "present")
        self.server.log.clear()
        self.assertEqual(self.fetch().document()["artifacts"][0]["outcome"], "present")
        self.assertEqual(self.server.paths(), [])

    def test_for_people(self):
        self.assertIn("downloadable", self.run_program("artifact", "list", "needs", "--files",
                                                       self.store).out)
        self.assertEqual(self.run_program("artifact", "fetch", "needs@1.0.0", "--files",
                                          self.store).out, "downloaded driver.jar\n")
        self.assertIn(os.path.join(self.store, "driver.jar"),
                      self.run_program("artifact", "list", "--files", self.store).out)

    def test_an_empty_file(self):
        self.server.files["/driver.jar"] = b""
        self.needs(size=0, digest=sha256(b""))
        self.assertEqual(self.fetch().code, 0)
        self.assertEqual(os.path.getsize(os.path.join(self.store, "driver.jar")), 0)

    def test_a_size_that_nobody_knows(self):
        self.needs(size=-1)
        self.assertEqual(self.fetch().code, 0)
        self.assertEqual(self.state(), "present")

    def test_redirects_are_followed_and_only_the_last_body_counts(self):
        self.needs(url=self.server.url("/redirect?to=/driver.jar"))
        self.assertEqual(self.fetch().code, 0)

    def test_other_content(self):
        self.server.files["/driver.jar"] = CONTENT[:-1] + b"x"
        self.fails(self.fetch(), "EXTMGR_E_ARTIFACT_CHECKSUM", 5, "promised is " + sha256(CONTENT))
        self.server.files["/driver.jar"] = CONTENT[:-1]
        self.fails(self.fetch(), "EXTMGR_E_ARTIFACT_CHECKSUM", 5, f"promised are {len(CONTENT)}")
        self.server.files["/driver.jar"] = CONTENT + b"x"
        self.fails(self.fetch(), "EXTMGR_E_TOO_LARGE", 5)

    def test_what_the_definition_must_say(self):
        for change, saying in (
            ({"digest": ""}, "no sha256"),
            ({"url": ""}, "no downloadUrl"),
            ({"url": "ftp://127.0.0.1/driver.jar"}, "no http or https URL"),
            ({"url": "file:///etc/passwd"}, "no http or https URL"),
            ({"name": "../driver.jar"}, "no plain file name"),
            ({"name": ".driver.jar"}, "no plain file name"),
        ):
            self.needs(**change)
            self.fails(self.fetch(), "EXTMGR_E_DOWNLOAD_REFUSED", 5, saying)
            self.assertEqual(self.state(), "missing")

    def test_servers_that_misbehave(self):
        for path, code in (
            ("/status/404", "EXTMGR_E_HTTP_STATUS"),
            ("/status/500", "EXTMGR_E_HTTP_STATUS"),
            ("/truncated", "EXTMGR_E_TRANSFER"),
            ("/truncated_chunks", "EXTMGR_E_TRANSFER"),
            ("/lying_short", "EXTMGR_E_ARTIFACT_CHECKSUM"),
            ("/endless", "EXTMGR_E_TOO_LARGE"),
            ("/bomb", "EXTMGR_E_TOO_LARGE"),
            ("/garbage", "EXTMGR_E_TRANSFER"),
            ("/loop", "EXTMGR_E_REDIRECT"),
        ):
            with self.subTest(path):
                self.needs(url=self.server.url(path))
                self.fails(self.fetch(), code)

    def test_passwords_of_a_url_are_not_shown(self):
        self.needs(url=self.server.url("/status/404", user="someone:verysecret@"))
        result = self.fetch("-v")
        self.assertEqual(result.code, 1)
        self.assertNotIn("verysecret", result.err + result.out)

    def test_a_file_that_is_there_is_never_replaced(self):
        path = os.path.join(self.store, "driver.jar")
        with open(path, "wb") as file:
            file.write(b"mine")
        self.assertEqual(self.state(), "damaged")
        result = self.fetch()
        self.assertEqual((result.code, result.error()["code"]), (5, "EXTMGR_E_ARTIFACT_CHECKSUM"))
        with open(path, "rb") as file:
            self.assertEqual(file.read(), b"mine")

    def test_usage(self):
        self.assertEqual(self.run_program("artifact", "fetch", "needs").code, 2)
        self.assertEqual(self.fetch("--offline").code, 2)
        for extension in ("nobody", "needs@7.0.0"):
            result = self.run_program("--json", "artifact", "fetch", extension, "--files",
                                      self.store)
            self.assertEqual(result.code, 1)

    def test_a_broken_definition_hides_no_other(self):
        with open(os.path.join(self.registry, "broken.js"), "w") as file:
            file.write("(")
        result = self.run_program("--json", "artifact", "list", "--files", self.store)
        self.assertEqual(result.code, 4)
        document = result.document()
        self.assertEqual([a["extension"] for a in document["artifacts"]], ["needs"])
        self.assertEqual([b["extension"] for b in document["broken"]], ["broken"])

    def test_cancel_leaves_nothing(self):
        self.needs(url=self.server.url("/silence"))
        process = self.start_program("artifact", "fetch", "needs", "--files", self.store)
        self.server.before = lambda request: process.send_signal(signal.SIGINT)
        process.communicate()
        self.assertEqual(process.returncode, 130)
        self.assertEqual(self.stored(), [])

    def test_a_download_that_is_killed_leaves_the_whole_file_or_none(self):
        """Killed when the server has sent so many pieces."""
        content = os.urandom(1 << 20)
        self.server.files["/driver.jar"] = content
        self.needs(size=len(content), digest=sha256(content))
        whole = 0
        for number in range(12 * SCALE):
            process = self.start_program("artifact", "fetch", "needs", "--files", self.store)
            self.server.killer = (number % 12, process, self.store)
            process.communicate()
            self.server.killer = None
            if "driver.jar" in self.stored():
                whole += 1
                with open(os.path.join(self.store, "driver.jar"), "rb") as file:
                    self.assertEqual(file.read(), content)
                os.unlink(os.path.join(self.store, "driver.jar"))
            else:
                self.assertEqual(self.state(), "downloadable")
            for name in self.stored():
                self.assertTrue(name.startswith(".extmgr-new-"), name)
        # What the killed ones left goes away after an hour.
        for name in self.stored():
            os.utime(os.path.join(self.store, name), (0, 0))
        self.assertEqual(self.fetch().code, 0)
        self.assertEqual(self.stored(), ["driver.jar"])
        print(f"{12 * SCALE} killed, {whole} of them had the whole file")


class Installing(ArtifactTest):
    def run_install(self, *options):
        return self.run_program("--json", "--yes", "install", "needs", "--files", self.store,
                                *options)

    def test_only_when_it_is_allowed(self):
        result = self.run_install()
        self.assertEqual(result.error()["code"], "EXTMGR_E_ARTIFACT_MISSING")
        self.assertIn("artifact can be downloaded", result.error()["hint"])
        self.assertEqual((self.stored(), self.server.paths()), ([], []))
        self.assertEqual(self.run_install("--allow-download").code, 0)
        self.assertEqual(self.stored(), ["driver.jar"])

    def test_search_and_info_say_so(self):
        for options, state in (((), "unavailable"), (("--allow-download",), "available")):
            arguments = ("--json", "--files", self.store, *options)
            [found] = self.run_program(*arguments, "search").document()["extensions"]
            self.assertEqual(found["state"], state)
            self.assertIn("artifact can be downloaded", found["reason"])
            details = self.run_program(*arguments, "info", "needs").document()
            self.assertEqual(details["state"], state)
            self.assertEqual(details["artifacts"][0]["downloadable"], True)

    def test_a_rehearsal_fetches_nothing(self):
        result = self.run_install("--allow-download", "--dry-run")
        self.assertNotEqual(result.code, 0)
        self.assertEqual((self.stored(), self.server.paths()), ([], []))

    def test_a_failed_download_touches_nothing(self):
        self.server.files["/driver.jar"] = b"other"
        result = self.run_install("--allow-download")
        self.fails(result, "EXTMGR_E_ARTIFACT_CHECKSUM", 5)
        self.assertEqual(self.run_program("--json", "list").document()["extensions"], [])


if __name__ == "__main__":
    unittest.main()
