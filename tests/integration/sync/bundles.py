# SPDX-License-Identifier: MIT
"""Bundles as people build them: with Python's zipfile, or as a development directory."""

import io
import json
import os
import zipfile

DEFINITION = """
global.installedExtension = {
  extension: {
    name: "Carried", category: "test", description: "carried by a bundle",
    installableVersions: [{name: "1.0.0", latest: true, deprecated: false}],
    bucketFsUploads: [],
    install: function (context, version) {
      context.sqlClient.execute("CREATE TABLE carried (version text)");
      context.sqlClient.execute("INSERT INTO carried VALUES ('" + version + "')");
    },
    uninstall: function (context, version) { context.sqlClient.execute("DROP TABLE carried"); },
    findInstallations: function (context) {
      var there = context.sqlClient.query(
        "SELECT name FROM sqlite_master WHERE name = 'carried'").rows;
      if (!there.length) return [];
      return context.sqlClient.query("SELECT version FROM carried").rows.map(function (row) {
        return {name: "Carried", version: row[0]};
      });
    }
  },
  apiVersion: "0.1.15"
};
"""


def files_of(bundle_id, version, text="", definition=None, **fields):
    """The files of a bundle, by their paths."""
    publisher, _, name = bundle_id.rpartition(".")
    manifest = {"name": name, "displayName": "The " + name, "version": version, **fields}
    if publisher:
        manifest["publisher"] = publisher
    files = {"frontend/dist/main.js": (text or "console.log('%s')" % version).encode()}
    if definition:
        manifest["definition"] = "definition.js"
        files["backend/src/definition.js"] = definition.encode()
    files["manifest.json"] = json.dumps(manifest).encode()
    return files


def archive(files, **options):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, **options) as packed:
        for path, data in files.items():
            packed.writestr(zipfile.ZipInfo(path), data, zipfile.ZIP_DEFLATED)
    return content.getvalue()


def write_archive(path, files, **options):
    """Put in its place whole, as a deployment should."""
    with open(path + ".new", "wb") as file:
        file.write(archive(files, **options))
    os.rename(path + ".new", path)


def write_directory(path, files):
    for name, data in files.items():
        target = os.path.join(path, "dist", name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "wb") as file:
            file.write(data)
