# SPDX-License-Identifier: MIT
"""What the tests of the server share: one server for each class, a client, both databases."""

import os
import shutil
import tempfile
import time
import unittest
import urllib.request

from databases import Postgresql, Sqlite
from extmgr_rest import RestClient, Server
from harness import PATIENCE_SECONDS, PROGRAM

DEFINITIONS = os.environ["EXTMGR_TEST_DEFINITIONS"]
SLOW = """global.installedExtension = {apiVersion: '0.2.0', extension: {
    name: 'Slow', category: '', description: '', bucketFsUploads: [],
    installableVersions: [{name: '1', latest: true, deprecated: false}],
    findInstallations: function () { return []; },
    install: function (context) {
        context.sqlClient.execute('CREATE TABLE ' + context.quoteIdentifier(
            context.extensionSchemaName) + '.slow_begun (a INTEGER)');
        context.sqlClient.query(context.dialect === 'sqlite'
            ? 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n'
            : 'SELECT pg_sleep(600)');
    }
}};"""
FAILING = """function fail(context) { context.sqlClient.query('SELECT * FROM no_such_table'); }
global.installedExtension = {apiVersion: '0.2.0', extension: {
    name: 'Failing', category: '', description: '', bucketFsUploads: [],
    installableVersions: [{name: '1', latest: true, deprecated: false}],
    findInstallations: function () { return []; },
    install: fail, uninstall: fail, upgrade: fail, addInstance: fail, deleteInstance: fail,
    getInstanceParameters: function () { return []; },
    findInstances: function (context, version) {
        if (version === 'list') { fail(context); }
        return [{id: 'i', name: 'I'}];
    }
}};"""

# The version of an extension is the status that it throws.
THROWING = """function fail(status) {
    var error = new Error('mock error ' + status);
    error.status = status;
    throw error;
}
function failWithVersion(context, version) { fail(Number(version)); }
global.installedExtension = {apiVersion: '0.2.0', extension: {
    name: 'Throwing', category: '', description: '', bucketFsUploads: [],
    installableVersions: ['400', '404', '412', '432', '500', '1.1.0'].map(function (name) {
        return {name: name, latest: name === '1.1.0', deprecated: false};
    }),
    findInstallations: function () { return []; },
    install: failWithVersion, uninstall: failWithVersion, addInstance: failWithVersion,
    upgrade: function () { fail(432); },
    deleteInstance: failWithVersion, findInstances: failWithVersion,
    getInstanceParameters: failWithVersion
}};"""
EMPTY = """global.installedExtension = {apiVersion: '0.2.0', extension: {
    name: 'Empty', category: '', description: '', bucketFsUploads: [],
    installableVersions: [{name: '1', latest: true, deprecated: false}],
    findInstallations: function () { return []; }
}};"""


def wait_until(condition):
    """Waits for something that another thread or program does."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError("it does not happen")
        time.sleep(0.02)


class ServerTest(unittest.TestCase):
    """A server on SQLite; PostgresqlServer makes it one on PostgreSQL."""

    maxDiff = None
    arguments = []

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="extmgr-rest-")
        self.addCleanup(shutil.rmtree, self.directory)
        self.registry = os.path.join(self.directory, "registry")
        os.mkdir(self.registry)
        self.db = self.make_database()
        self.addCleanup(self.db.drop)
        self.log = open(os.path.join(self.directory, "log"), "w+", encoding="utf-8")
        self.addCleanup(self.log.close)
        self.server = Server([*self.database_arguments(), "--registry", self.registry,
                              *self.arguments], PROGRAM, self.server_environment(), self.log)
        self.addCleanup(self.server.close)
        self.client = self.make_client()

    def server_environment(self):
        """Without what the tests' own surroundings say about bundles."""
        return {name: value for name, value in os.environ.items()
                if name not in ("EXTMGR_EXTENSIONS_PATH", "SUPERSET_EXTENSIONS_PATH",
                                "EXTMGR_LOCK_TIMEOUT", "EXTENSION_STARTUP_LOCK_TIMEOUT")}

    def make_database(self):
        return Sqlite(self.directory)

    def database_arguments(self):
        return ["--db", self.db.url]

    def make_client(self, password="any", **options):
        return RestClient(self.server.url, user="any", password=password, **options)

    def provide(self, *names):
        for name in names:
            shutil.copy(os.path.join(DEFINITIONS, name + ".js"), self.registry)

    def define(self, name, source):
        with open(os.path.join(self.registry, name + ".js"), "w", encoding="utf-8") as file:
            file.write(source)

    def get(self, path):
        with urllib.request.urlopen(self.server.url + path, timeout=PATIENCE_SECONDS) as response:
            return response.read().decode()

    def metric(self, name):
        for line in self.get("/metrics").splitlines():
            if line.startswith(name + " "):
                return float(line.split()[-1])
        return 0

    def read_log(self):
        with open(self.log.name, encoding="utf-8") as file:
            return file.read()

    def assert_error(self, response, status, message):
        self.assertEqual((response.status, response.document()["code"]), (status, status),
                         response.body)
        self.assertEqual(response.document()["message"], message)
        self.assertEqual(response.headers["Content-Type"], "application/json")


class PostgresqlServer:
    """Before ServerTest among the bases."""

    def make_database(self):
        return Postgresql()

    def database_arguments(self):
        return ["--allow", f"127.0.0.1:{self.db.port}/{self.db.database}"]

    def make_client(self, password=None, **options):
        return RestClient(self.server.url, user="em", host="127.0.0.1", port=self.db.port,
                          password=self.db.password if password is None else password, **options)
