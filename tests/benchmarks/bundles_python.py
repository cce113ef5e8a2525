# SPDX-License-Identifier: MIT
"""bundles_python.py FOLDER: the digests of all bundles there, as a plain program computes them."""
import hashlib
import json
import sys
import zipfile
from pathlib import Path


def digest(path):
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    json.loads(files["manifest.json"])["name"]
    listing = "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
    return hashlib.sha256(listing.encode()).hexdigest()


for path in sorted(Path(sys.argv[1]).glob("*.supx")):
    digest(path)
