# SPDX-License-Identifier: MIT
"""Bundles for the tests, and what Python itself makes of them."""
import base64
import hashlib
import json
import os
import zipfile

from harness import CommandLineTest


def pack(path, files, method=zipfile.ZIP_DEFLATED, level=None, date=(2026, 1, 2, 3, 4, 6)):
    """files: name to bytes, packed in this order."""
    with zipfile.ZipFile(path, "w", method, compresslevel=level) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, date), content, method)


def lay_out(folder, files):
    """The same files below folder/dist/."""
    os.makedirs(os.path.join(folder, "dist"), exist_ok=True)
    for name, content in files.items():
        path = os.path.join(folder, "dist", name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)


def sample(name="sample", version="1.0.0", **fields):
    return {
        "manifest.json": json.dumps({"name": name, "version": version, **fields}).encode(),
        "frontend/dist/index.js": b"console.log('hello');\n" * 20,
        "backend/src/main.py": b"print('hello')\n",
    }


def sha256_digest(files):
    """The digest as docs/bundles.md describes it."""
    listing = b"".join(hashlib.sha256(files[name.decode()]).hexdigest().encode() + b"  " + name + b"\n"
                       for name in sorted(name.encode() for name in files))
    return "sha256:" + hashlib.sha256(listing).hexdigest()


def superset_digest(files, seed=False):
    """The digest as Superset computes it."""
    def below(folder):
        found = {name[len(folder):]: base64.b64encode(content).decode()
                 for name, content in files.items() if name.startswith(folder)}
        return found or (None if seed else {})

    manifest = json.loads(files["manifest.json"])
    text = json.dumps({"name": manifest["name"], "manifest": manifest,
                       "frontend": below("frontend/dist/"), "backend": below("backend/src/")},
                      sort_keys=True)
    return hashlib.md5(text.encode()).hexdigest()


class BundleTest(CommandLineTest):
    def setUp(self):
        super().setUp()
        self.folder = os.path.join(self.directory, "bundles")
        os.mkdir(self.folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def pack(self, name, files, **options):
        pack(self.path(name), files, **options)
        return self.path(name)

    def lay_out(self, name, files):
        lay_out(self.path(name), files)
        return self.path(name)

    def put(self, name, content):
        with open(self.path(name), "wb") as file:
            file.write(content)
        return self.path(name)

    def discover(self, code=0):
        """The entries by file name."""
        result = self.run_program("discover", self.folder, "--json")
        self.assertEqual(result.code, code, result.err)
        return {os.path.basename(entry["path"]): entry for entry in result.document()["bundles"]}

    def digest(self, *arguments):
        return self.succeed("digest", *arguments).out.rstrip("\n")
