# SPDX-License-Identifier: MIT
"""Many workers on an empty database, and workers that are killed: one PostgreSQL, one SQLite file.

EXTMGR_TEST_SCALE 1 (default) keeps it short; from 8 on it is 32 processes with 200 bundles, and 200
kills."""

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import threading
import time
import unittest

from bundles import files_of, write_archive

PROGRAM = os.path.abspath(os.environ["EXTMGR_PROGRAM"])
SCALE = int(os.environ.get("EXTMGR_TEST_SCALE", "1"))
PROCESSES = 32 if SCALE >= 8 else 8
BUNDLES = 200 if SCALE >= 8 else 20
KILLS = 200 if SCALE >= 8 else 15
PATIENCE_SECONDS = 500


class SQLite:
    def __init__(self, folder):
        self.path = os.path.join(folder, "catalog.db")
        self.url = "sqlite:" + self.path

    def query(self, sql):
        connection = sqlite3.connect(self.path, timeout=60)
        try:
            rows = connection.execute(sql).fetchall()
            connection.commit()
            return rows
        finally:
            connection.close()


class PostgreSQL:
    def __init__(self):
        self.url = os.environ["EXTMGR_TEST_POSTGRESQL_URL"]

    def query(self, sql):
        done = subprocess.run(
            [os.path.join(os.environ["EXTMGR_TEST_POSTGRESQL_PROGRAMS"], "psql"), "-qXAt", "-F",
             "\t", "-v", "ON_ERROR_STOP=1", self.url, "-c", sql],
            check=True, stdout=subprocess.PIPE, text=True)
        return [tuple(int(v) if v.lstrip("-").isdigit() else v for v in line.split("\t"))
                for line in done.stdout.splitlines()]

    def drop(self):
        self.query("DROP TABLE IF EXISTS extmgr_schema, extmgr_file, extmgr_extension, "
                   "extmgr_history")


class Workers:
    """The tests; each database has a class of its own below."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="extmgr-workers-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.bundles = os.path.join(self.folder, "bundles")
        os.mkdir(self.bundles)
        self.database = self.open_database()
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("EXTMGR_")}
        self.environment.update(EXTMGR_DB=self.database.url, EXTMGR_LOCK_TIMEOUT="300")

    def put_all(self, count, version, **options):
        for number in range(count):
            write_archive(os.path.join(self.bundles, "b%03d.supx" % number),
                          files_of("acme.b%03d" % number, version, **options))

    def start(self, *arguments):
        return subprocess.Popen([PROGRAM, "sync", self.bundles, "--json", *arguments],
                                env=self.environment, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True)

    def finish(self, process):
        out, err = process.communicate(timeout=PATIENCE_SECONDS)
        self.assertEqual(process.returncode, 0, out + err)
        return json.loads(out)

    def state(self):
        """What everybody must agree on."""
        return self.database.query(
            "SELECT e.id, e.version, e.digest, e.state, count(f.path) FROM extmgr_extension e "
            "JOIN extmgr_file f ON f.extension_id = e.id GROUP BY 1, 2, 3, 4 ORDER BY 1")

    def written(self):
        return self.database.query(
            "SELECT e.id, e.fence, count(h.id) FROM extmgr_extension e JOIN extmgr_history h "
            "ON h.extension_id = e.id GROUP BY 1, 2 ORDER BY 1")

    def test_every_change_is_written_once(self):
        changes = 0
        for version in ("1.0.0", "1.1.0"):
            changes += 1
            self.put_all(BUNDLES, version)
            begin = time.monotonic()
            processes = [self.start() for _ in range(PROCESSES)]
            reports = [self.finish(process) for process in processes]
            print("# %s: %d processes, %d bundles %s: %.1f s" % (
                type(self).__name__, PROCESSES, BUNDLES, version, time.monotonic() - begin))
            for report in reports:
                self.assertTrue(report["converged"])
                self.assertEqual(report["updated"] + report["unchanged"], BUNDLES)
            self.assertEqual(sum(report["updated"] for report in reports), BUNDLES)
            self.assertEqual({row[1:] for row in self.written()}, {(changes, changes)})
            self.assertEqual(len(self.state()), BUNDLES)
            self.assertEqual({(row[1], row[3], row[4]) for row in self.state()},
                             {(version, "active", 2)})

    def test_kills_leave_nothing_behind(self):
        count = 12
        seed = random.randrange(1 << 30)
        random.seed(seed)
        print("# seed", seed)
        killed = 0
        for number in range(KILLS):
            version = "1.%d.0" % number
            self.put_all(count, version, text="x" * 5000)
            process = self.start("--max-parallel", str(random.randint(1, 3)))
            killer = threading.Timer(random.uniform(0.005, 0.25), process.send_signal,
                                     [signal.SIGKILL])
            killer.start()
            process.communicate(timeout=PATIENCE_SECONDS)
            killer.cancel()
            killed += process.returncode == -signal.SIGKILL
            self.check_whole()
            self.assertTrue(self.finish(self.start())["converged"])
            self.assertEqual({row[1] for row in self.state()}, {version})
        print("# %s: %d of %d were killed" % (type(self).__name__, killed, KILLS))
        self.assertEqual({row[1] for row in self.written()}, {KILLS})

    def check_whole(self):
        """Each extension is what it was or what it should become, with all of its files."""
        if not self.has_tables():
            return
        rows = self.database.query(
            "SELECT e.id, e.digest, (SELECT count(*) FROM extmgr_file f WHERE f.extension_id = "
            "e.id), (SELECT count(*) FROM extmgr_history h WHERE h.extension_id = e.id), e.fence "
            "FROM extmgr_extension e")
        for bundle_id, digest, files, events, fence in rows:
            self.assertEqual(files, 2 if digest else 0, bundle_id)
            self.assertEqual(events, fence, bundle_id)


class OnSQLite(Workers, unittest.TestCase):
    def open_database(self):
        return SQLite(self.folder)

    def has_tables(self):
        return self.database.query("SELECT count(*) FROM sqlite_master") != [(0,)]


class OnPostgreSQL(Workers, unittest.TestCase):
    def open_database(self):
        database = PostgreSQL()
        database.drop()
        self.addCleanup(database.drop)
        return database

    def has_tables(self):
        return self.database.query("SELECT to_regclass('extmgr_schema')") != [("",)]

    def hold(self, bundle_id):
        """A worker that has the row and does not end; answers a function that lets it go."""
        process = subprocess.Popen(
            [os.path.join(os.environ["EXTMGR_TEST_POSTGRESQL_PROGRAMS"], "psql"), "-qXAt",
             self.database.url],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        process.stdin.write("SET application_name = 'the other worker';\nBEGIN;\n"
                            "UPDATE extmgr_extension SET fence = fence + 1 WHERE id = '%s';\n"
                            "SELECT 'held';\n" % bundle_id)
        process.stdin.flush()
        self.assertEqual(process.stdout.readline(), "held\n")

        def let_go():
            process.communicate("ROLLBACK;\n")
        return let_go

    def test_who_holds_a_row_is_named(self):
        self.put_all(3, "1.0.0")
        self.finish(self.start())
        let_go = self.hold("acme.b001")
        self.put_all(3, "1.1.0")
        report = self.finish(self.start("--skip"))
        self.assertEqual((report["locked"], report["updated"]), (1, 2))
        self.put_all(3, "1.2.0")
        waiting = self.start("--wait", "-v")
        while "waiting" not in (line := waiting.stderr.readline()):
            self.assertNotEqual(line, "")
        self.assertIn("'acme.b001' is being written by 'the other worker'", line)
        let_go()
        out, err = waiting.communicate(timeout=PATIENCE_SECONDS)
        self.assertEqual((waiting.returncode, json.loads(out)["updated"]), (0, 3), err)

    def test_a_worker_that_waits_too_long_says_so(self):
        self.put_all(2, "1.0.0")
        self.finish(self.start())
        let_go = self.hold("acme.b000")
        self.put_all(2, "1.1.0")
        self.environment["EXTMGR_LOCK_TIMEOUT"] = "0.2"
        process = self.start()
        out, _ = process.communicate(timeout=PATIENCE_SECONDS)
        let_go()
        report = json.loads(out)
        self.assertEqual(process.returncode, 3)
        self.assertEqual((report["locked"], report["updated"], report["converged"]), (1, 1, False))

    def test_a_role_without_the_right_to_make_tables(self):
        admin = PostgreSQL()
        admin.url = os.environ["EXTMGR_TEST_POSTGRESQL_ADMIN_URL"]
        admin.query("DROP ROLE IF EXISTS reader")
        admin.query("CREATE ROLE reader LOGIN PASSWORD 'reader'")
        self.addCleanup(admin.query, "DROP OWNED BY reader; DROP ROLE reader")
        self.put_all(1, "1.0.0")
        url = self.database.url
        self.environment["EXTMGR_DB"] = "postgresql://reader:reader" + url[url.index("@"):]
        process = self.start()
        _, err = process.communicate(timeout=PATIENCE_SECONDS)
        self.assertEqual(process.returncode, 1)
        self.assertIn("catalog init --sql", json.loads(err.splitlines()[-1])["hint"])
        sql = subprocess.run([PROGRAM, "catalog", "init", "--sql"], env=self.environment,
                             check=True, stdout=subprocess.PIPE, text=True).stdout
        self.database.query(sql)
        self.database.query("GRANT SELECT ON extmgr_schema TO reader")
        self.database.query("GRANT SELECT, INSERT, UPDATE, DELETE ON extmgr_extension, "
                            "extmgr_file, extmgr_history TO reader")
        self.assertEqual(self.finish(self.start())["updated"], 1)


if __name__ == "__main__":
    unittest.main()
