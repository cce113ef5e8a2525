# SPDX-License-Identifier: MIT
"""sync and catalog on SQLite files: states, refusals, settings, the log's last line."""

import hashlib
import os
import shutil
import signal
import sqlite3
import subprocess
import threading
import unittest

from bundles import DEFINITION, archive, files_of, write_archive, write_directory
from harness import PATIENCE_SECONDS, CommandLineTest

SCALE = int(os.environ.get("EXTMGR_TEST_SCALE", "1"))
SANITIZED = os.environ.get("EXTMGR_TEST_SANITIZE", "none") != "none"
SUMMARY = "Extension update check completed %s. Discovered: %d, Updated: %d, Skipped: %d, Errors: %d"


class SyncTest(CommandLineTest):
    def setUp(self):
        super().setUp()
        for name in ("SUPERSET_EXTENSIONS_PATH", "EXTENSION_STARTUP_LOCK_TIMEOUT"):
            self.environment.pop(name, None)
        self.bundles = os.path.join(self.directory, "bundles")
        os.mkdir(self.bundles)
        self.catalog = os.path.join(self.directory, "catalog.db")
        self.environment["EXTMGR_DB"] = "sqlite:" + self.catalog

    def path(self, name):
        return os.path.join(self.bundles, name)

    def put(self, name, bundle_id, version, **options):
        write_archive(self.path(name), files_of(bundle_id, version, **options))

    def sync(self, *arguments, code=0, **options):
        result = self.run_program("sync", self.bundles, "--json", *arguments, **options)
        self.assertEqual(result.code, code, result.out + result.err)
        report = result.document()
        self.assertEqual(report["schema"], "extmgr.sync-report/1")
        self.assertEqual(
            report["discovered"],
            sum(report[name] for name in ("updated", "unchanged", "locked", "superseded",
                                          "refused", "failed")))
        return report

    def outcomes(self, report):
        return {os.path.basename(line["path"]): line["outcome"] for line in report["bundles"]}

    def query(self, sql, *arguments):
        connection = sqlite3.connect(self.catalog)
        try:
            rows = connection.execute(sql, arguments).fetchall()
            connection.commit()
            return rows
        finally:
            connection.close()

    def extension(self, bundle_id):
        document = self.succeed("catalog", "list", "--json").document()
        return next((e for e in document["extensions"] if e["id"] == bundle_id), None)


class Synchronising(SyncTest):
    def test_new_changed_and_unchanged(self):
        self.put("a.supx", "acme.a", "1.0.0")
        self.put("b.supx", "acme.b", "1.0.0")
        report = self.sync()
        self.assertEqual((report["updated"], report["converged"]), (2, True))
        self.assertEqual(report["summary"], SUMMARY % ("successfully", 2, 2, 0, 0))
        report = self.sync()
        self.assertEqual(report["unchanged"], 2)
        self.put("a.supx", "acme.a", "1.1.0")
        report = self.sync()
        self.assertEqual((report["updated"], report["unchanged"]), (1, 1))
        self.assertEqual(report["bundles"][0]["previousVersion"], "1.0.0")
        self.assertEqual(self.extension("acme.a")["version"], "1.1.0")

    def test_the_last_line_is_that_of_the_seed(self):
        for name in "abc":
            self.put(name + ".supx", "acme." + name, "1.0.0")
        self.sync()
        self.put("a.supx", "acme.a", "1.0.1")
        result = self.succeed("sync", self.bundles, "-v")
        line = ("Extension update check completed successfully. Discovered: 3, Updated: 1, "
                "Skipped: 2, Errors: 0")
        self.assertEqual(result.out.splitlines()[-1], line)
        log = [text for text in result.err.splitlines() if ": sync: " in text]
        self.assertEqual(log[-1], "extmgr: info: sync: " + line)

    def test_nothing_is_written_when_nothing_changed(self):
        self.put("a.supx", "acme.a", "1.0.0")
        write_directory(self.path("dev"), files_of("acme.dev", "1.0.0"))
        self.sync()
        before = self.query("SELECT * FROM extmgr_extension"), os.stat(self.catalog).st_mtime_ns
        self.sync()
        after = self.query("SELECT * FROM extmgr_extension"), os.stat(self.catalog).st_mtime_ns
        self.assertEqual(before, after)

    def test_another_name_or_packing_is_no_change(self):
        files = files_of("acme.a", "1.0.0")
        write_archive(self.path("a.supx"), files)
        self.sync()
        os.rename(self.path("a.supx"), self.path("z.supx"))
        self.assertEqual(self.sync()["unchanged"], 1)
        write_archive(self.path("z.supx"), dict(reversed(files.items())), compresslevel=1)
        self.assertEqual(self.sync()["unchanged"], 1)
        self.assertEqual(len(self.query("SELECT 1 FROM extmgr_history")), 1)
        before = self.query("SELECT * FROM extmgr_extension")
        self.sync()
        self.assertEqual(before, self.query("SELECT * FROM extmgr_extension"))

    def test_the_highest_version_goes_before(self):
        self.put("1.supx", "acme.a", "2.0.0")
        self.put("2.supx", "acme.a", "1.0.0")
        self.put("3.supx", "acme.a", "2.0.0-rc.1")
        for _ in range(2):
            report = self.sync()
            self.assertEqual(report["superseded"], 2)
            self.assertTrue(report["bundles"][1]["supersededBy"].endswith("1.supx"))
        self.assertEqual(self.extension("acme.a")["version"], "2.0.0")
        self.assertEqual(len(self.query("SELECT 1 FROM extmgr_history")), 1)

    def test_one_failure_stops_no_other(self):
        self.put("a.supx", "acme.a", "1.0.0")
        self.write("bundles/b.supx", "this is no archive")
        self.put("c.supx", "acme.c", "1.0.0")
        os.mkfifo(self.path("d.supx"))
        report = self.sync(code=4)
        self.assertEqual((report["updated"], report["refused"] + report["failed"]), (2, 2))
        self.assertEqual(report["summary"], SUMMARY % ("with errors", 4, 2, 0, 2))
        line = report["bundles"][1]
        self.assertEqual((line["outcome"], line["error"]["code"]),
                         ("refused", "EXTMGR_E_BUNDLE_NOT_ZIP"))
        result = self.run_program("sync", self.bundles)
        self.assertEqual(result.code, 4)
        self.assertRegex(result.err, r"(?m)^extmgr: warning: refused .*b.supx.*\nhint: \S")

    def test_code_and_reason_are_those_of_the_bundle(self):
        """Also where the bundle's error has a cause with a code of its own."""
        files = files_of("acme.a", "1.0.0")
        files["manifest.json"] = b'{"name":'
        write_archive(self.path("a.supx"), files)
        self.assertRegex(self.run_program("sync", self.bundles).err,
                         r"refused .*a\.supx: EXTMGR_E_BUNDLE_MANIFEST_JSON: bundle '.*a\.supx': "
                         r"member 'manifest\.json': .*: the manifest is not JSON")

    def test_files_larger_than_a_part_and_empty_ones(self):
        files = files_of("acme.a", "1.0.0")
        files["frontend/dist/large.bin"] = os.urandom(2 * 1024 * 1024 + 17)
        files["frontend/dist/exact.bin"] = os.urandom(1024 * 1024)
        files["frontend/dist/empty"] = b""
        write_archive(self.path("a.supx"), files)
        self.sync()
        self.assertEqual(self.query("SELECT path, count(*) FROM extmgr_file GROUP BY path ORDER BY 1")[:3],
                         [("frontend/dist/empty", 1), ("frontend/dist/exact.bin", 1),
                          ("frontend/dist/large.bin", 3)])
        shutil.rmtree(self.bundles)
        for path, data in files.items():
            process = self.start_program("catalog", "show", "acme.a", path)
            self.assertEqual(process.communicate()[0], data)
        document = self.succeed("catalog", "show", "acme.a", "--json").document()
        self.assertEqual({f["path"]: (f["size"], f["sha256"], f["state"])
                          for f in document["files"]},
                         {p: (len(d), hashlib.sha256(d).hexdigest(), "ok")
                          for p, d in files.items()})


class Paths(SyncTest):
    def test_unset_is_nothing_to_do(self):
        result = self.succeed("sync", "-vv")
        self.assertIn("debug", result.err)
        self.assertIn("EXTMGR_EXTENSIONS_PATH", result.err)
        self.assertFalse(os.path.exists(self.catalog))
        for database in (self.environment["EXTMGR_DB"], ""):
            with self.subTest(database):
                self.environment["EXTMGR_DB"] = database
                self.assertTrue(self.succeed("sync", "--json").document()["skipped"])

    def test_missing_is_a_warning(self):
        result = self.succeed("sync", self.path("nowhere"))
        self.assertRegex(result.err, r"extmgr: warning: .*nowhere.* does not exist")
        self.assertEqual(result.out, "")

    def test_a_file_is_a_failure(self):
        self.fail_with(1, "sync", self.write("file", ""))

    def test_both_names_of_the_variable(self):
        self.put("a.supx", "acme.a", "1.0.0")
        for name in ("SUPERSET_EXTENSIONS_PATH", "EXTMGR_EXTENSIONS_PATH"):
            result = self.succeed("sync", environment={name: self.bundles})
            self.assertIn("Discovered: 1", result.out)

    def test_the_lock_timeout_is_checked(self):
        for name in ("EXTMGR_LOCK_TIMEOUT", "EXTENSION_STARTUP_LOCK_TIMEOUT"):
            self.succeed("sync", self.bundles, environment={name: "2.5"})
            self.assertIn(name, self.fail_with(2, "sync", self.bundles, environment={name: "x"}).err)

    def test_an_empty_directory(self):
        self.assertEqual(self.sync()["discovered"], 0)


class Settings(SyncTest):
    def setUp(self):
        super().setUp()
        self.put("a.supx", "acme.a", "1.0.0")
        self.sync()

    def test_disabled_survives_an_update(self):
        self.succeed("catalog", "disable", "acme.a")
        self.put("a.supx", "acme.a", "1.1.0")
        self.sync()
        extension = self.extension("acme.a")
        self.assertEqual((extension["enabled"], extension["version"]), (False, "1.1.0"))
        self.fail_with(5, "catalog", "show", "acme.a", "frontend/dist/main.js")
        self.succeed("catalog", "enable", "acme.a")
        self.succeed("catalog", "show", "acme.a", "frontend/dist/main.js")

    def test_held_is_not_updated_and_no_error(self):
        self.succeed("catalog", "hold", "acme.a")
        self.put("a.supx", "acme.a", "1.1.0")
        report = self.sync()
        self.assertEqual((report["refused"], report["errors"]), (1, 0))
        self.assertEqual(report["bundles"][0]["error"]["code"], "EXTMGR_E_EXTENSION_HELD")
        self.assertEqual(self.extension("acme.a")["version"], "1.0.0")
        self.succeed("catalog", "unhold", "acme.a")
        self.assertEqual(self.sync()["updated"], 1)

    def test_a_lower_version_is_refused_until_it_is_accepted(self):
        self.put("a.supx", "acme.a", "0.9.0")
        for _ in range(2):
            report = self.sync(code=4)
            self.assertEqual(report["bundles"][0]["error"]["code"], "EXTMGR_E_BUNDLE_OLDER")
            self.assertEqual((report["converged"], report["errors"]), (True, 1))
        self.assertEqual(self.extension("acme.a")["version"], "1.0.0")
        self.assertEqual(len(self.query(
            "SELECT 1 FROM extmgr_history WHERE outcome = 'refused'")), 1)
        self.succeed("catalog", "accept", "acme.a")
        self.assertEqual(self.sync()["updated"], 1)
        self.assertEqual(self.extension("acme.a")["version"], "0.9.0")

    def test_downgrades_can_be_allowed(self):
        self.put("a.supx", "acme.a", "0.9.0")
        self.assertEqual(self.sync("--allow-downgrade")["updated"], 1)

    def test_republished_is_taken_with_a_warning(self):
        self.put("a.supx", "acme.a", "1.0.0", text="other")
        result = self.succeed("sync", self.bundles)
        self.assertRegex(result.err, "warning: .*published again")
        self.assertEqual(self.sync()["unchanged"], 1)

    def test_republished_can_be_refused_until_it_is_accepted(self):
        self.put("a.supx", "acme.a", "1.0.0", text="other")
        report = self.sync("--refuse-republished", code=4)
        self.assertEqual(report["bundles"][0]["error"]["code"], "EXTMGR_E_BUNDLE_REPUBLISHED")
        digest = report["bundles"][0]["digest"]
        self.fail_with(1, "catalog", "accept", "acme.a", "sha256:" + "0" * 64)
        self.succeed("catalog", "accept", "acme.a", digest)
        self.assertEqual(self.sync("--refuse-republished")["updated"], 1)
        self.assertEqual(self.extension("acme.a")["digest"], digest)

    def test_two_sets_that_take_turns_do_not_flap(self):
        first = files_of("acme.a", "1.0.0")
        second = files_of("acme.a", "1.0.0", text="other")
        write_archive(self.path("a.supx"), second)
        self.assertEqual(self.sync()["updated"], 1)
        for _ in range(2):
            write_archive(self.path("a.supx"), first)
            self.assertEqual(self.sync(code=4)["refused"], 1)
            write_archive(self.path("a.supx"), second)
            self.assertEqual(self.sync()["unchanged"], 1)
        self.assertEqual(len(self.query(
            "SELECT 1 FROM extmgr_history WHERE operation = 'sync' AND outcome = 'done'")), 2)

    def test_development_directories_change_silently_and_back(self):
        os.unlink(self.path("a.supx"))
        for text in ("one", "two", "one"):
            write_directory(self.path("dev"), files_of("acme.a", "1.0.0", text=text))
            result = self.succeed("sync", self.bundles)
            self.assertEqual(result.err, "")
            self.assertIn("Updated: 1", result.out)

    def test_history_says_who(self):
        self.succeed("catalog", "disable", "acme.a", environment={"USER": "somebody"})
        events = self.succeed("catalog", "history", "acme.a", "--json").document()["events"]
        self.assertEqual([(e["operation"], e["outcome"]) for e in events],
                         [("disable", "done"), ("sync", "done")])
        self.assertEqual(events[0]["actor"], "somebody")
        self.assertIn("disable", self.succeed("catalog", "history").out)

    def test_what_is_unknown_is_said(self):
        for command in ("enable", "disable", "hold", "unhold", "accept", "show"):
            self.assertIn("acme.x", self.fail_with(1, "catalog", command, "acme.x").err)
        self.fail_with(2, "catalog", "enable", "a/b")
        self.fail_with(1, "catalog", "accept", "acme.a")
        self.fail_with(1, "catalog", "show", "acme.a", "frontend/dist/none.js")

    def test_asking_twice_changes_nothing(self):
        self.succeed("catalog", "hold", "acme.a")
        self.assertEqual(self.succeed("catalog", "hold", "acme.a", "--json").document()["outcome"],
                         "unchanged")
        self.assertEqual(len(self.query(
            "SELECT 1 FROM extmgr_history WHERE operation = 'hold'")), 1)


class Missing(SyncTest):
    def setUp(self):
        super().setUp()
        self.put("a.supx", "acme.a", "1.0.0", definition=DEFINITION)
        self.put("b.supx", "acme.b", "1.0.0")
        self.sync()
        os.rename(self.path("a.supx"), self.path("a.supx.away"))

    def age(self, minutes):
        self.query("UPDATE extmgr_extension SET last_seen_ms = last_seen_ms - ?", minutes * 60000)

    def test_after_a_while_and_back_again(self):
        report = self.sync()
        self.assertEqual((report["missing"], self.extension("acme.a")["state"]), (0, "active"))
        self.age(16)
        report = self.sync()
        self.assertEqual((report["missing"], report["discovered"]), (1, 1))
        self.assertEqual(report["bundles"][-1]["outcome"], "missing")
        self.assertEqual(self.extension("acme.a")["state"], "missing")
        self.assertEqual(self.extension("acme.b")["state"], "active")
        self.fail_with(5, "catalog", "show", "acme.a", "manifest.json")
        self.assertEqual(self.sync()["missing"], 1)
        os.rename(self.path("a.supx.away"), self.path("a.supx"))
        self.assertEqual(self.sync()["missing"], 0)
        self.assertEqual(self.extension("acme.a")["state"], "active")
        outcomes = [row[0] for row in self.query(
            "SELECT outcome FROM extmgr_history WHERE extension_id = 'acme.a' ORDER BY at_ms")]
        self.assertEqual(outcomes, ["done", "missing", "found"])

    def test_a_path_that_is_gone_makes_nothing_missing(self):
        self.age(16)
        os.rename(self.bundles, self.bundles + ".away")
        self.succeed("sync", self.bundles)
        self.assertEqual(self.extension("acme.a")["state"], "active")

    def test_one_that_cannot_be_read_is_not_missing(self):
        self.age(16)
        self.write("bundles/a.supx", "broken")
        self.sync(code=4)
        self.assertEqual(self.extension("acme.a")["state"], "active")

    def test_prune(self):
        self.succeed("catalog", "prune", "--yes")
        self.assertIsNotNone(self.extension("acme.a"))
        self.age(16)
        self.sync()
        self.fail_with(2, "catalog", "prune")
        self.assertIn("nothing", self.succeed("catalog", "prune", "--yes", "--older-than", "1").out)
        self.assertIn("removed acme.a", self.succeed("catalog", "prune", "--yes").out)
        self.assertIsNone(self.extension("acme.a"))
        self.assertEqual(self.query(
            "SELECT count(*) FROM extmgr_file WHERE extension_id = 'acme.a'"), [(0,)])

    def test_prune_leaves_what_is_held(self):
        self.succeed("catalog", "hold", "acme.a")
        self.age(16)
        self.sync()
        self.succeed("catalog", "prune", "--yes")
        self.assertIsNotNone(self.extension("acme.a"))


class AsRegistry(SyncTest):
    def setUp(self):
        super().setUp()
        self.environment["EXTMGR_REGISTRY"] = "catalog"
        self.put("a.supx", "acme.js", "1.0.0", definition=DEFINITION)
        self.put("b.supx", "acme.b", "1.0.0")
        self.sync()

    def ids(self, *command):
        return [e["id"] for e in
                self.succeed(*command, "--json").document()["extensions"]]

    def test_search_install_uninstall(self):
        self.assertEqual(self.ids("search"), ["acme.js"])
        self.succeed("install", "acme.js")
        self.assertEqual(self.ids("list"), ["acme.js"])
        self.succeed("status")
        self.succeed("uninstall", "acme.js", "--yes")

    def test_disabled_is_neither_found_nor_installed(self):
        self.succeed("catalog", "disable", "acme.js")
        self.assertEqual(self.ids("search"), [])
        self.assertIn("EXTMGR_E_EXTENSION_WITHDRAWN",
                      self.fail_with(5, "install", "acme.js", "--json").err)

    def test_what_is_installed_can_be_uninstalled_when_it_is_withdrawn(self):
        self.succeed("install", "acme.js")
        self.succeed("catalog", "disable", "acme.js")
        listed = self.succeed("list", "--json").document()["extensions"]
        self.assertEqual([(e["id"], e["state"]) for e in listed], [("acme.js", "installed")])
        self.assertIn("disabled", listed[0]["reason"])
        self.succeed("uninstall", "acme.js", "--yes")
        self.assertEqual(self.ids("search"), [])

    def test_tampered_bytes_are_never_run(self):
        for column, value in (("content", "Z2xvYmFsLngK"), ("sha256", "0" * 64), ("size", 1)):
            with self.subTest(column):
                self.query("UPDATE extmgr_file SET %s = ? WHERE path = 'backend/src/definition.js'"
                           % column, value)
                error = self.fail_with(5, "install", "acme.js", "--json").error()
                self.assertEqual(error["code"], "EXTMGR_E_CATALOG_TAMPERED")
                self.assertEqual(self.extension("acme.js")["state"], "bad")
                self.assertEqual(self.sync()["updated"], 1)
                self.assertEqual(self.ids("search"), ["acme.js"])

    def test_tampered_rows_are_found(self):
        for column, value in (("manifest", "{}"), ("listing", ""),
                              ("digest", "sha256:" + "0" * 64), ("digest", "foreign")):
            with self.subTest(column):
                self.query("UPDATE extmgr_extension SET %s = ? WHERE id = 'acme.js'" % column, value)
                self.assertEqual(self.run_program("catalog", "show", "acme.js").code, 4)
                self.assertEqual(self.extension("acme.js")["state"], "bad")
                self.fail_with(5, "install", "acme.js")
                self.assertEqual(self.sync()["updated"], 1)
                self.succeed("catalog", "show", "acme.js")

    def test_foreign_files_are_found(self):
        self.query("INSERT INTO extmgr_file VALUES ('acme.b', 'backend/src/evil.py', 0, 1, ?, 'eA==')",
                   hashlib.sha256(b"x").hexdigest())
        self.assertEqual(self.run_program("catalog", "show", "acme.b").code, 4)
        self.fail_with(5, "catalog", "show", "acme.b", "backend/src/evil.py")


class Tables(SyncTest):
    def test_init_and_again(self):
        self.assertIn("were made", self.succeed("catalog", "init").out)
        self.assertEqual(self.succeed("catalog", "init", "--json").document()["outcome"],
                         "unchanged")

    def test_the_sql_makes_the_same_tables(self):
        sql = self.succeed("catalog", "init", "--sql").out
        self.assertFalse(os.path.exists(self.catalog))
        other = os.path.join(self.directory, "other.db")
        connection = sqlite3.connect(other)
        connection.executescript(sql)
        connection.close()
        self.succeed("catalog", "init")
        dumps = []
        for path in (self.catalog, other):
            connection = sqlite3.connect(path)
            dumps.append(list(connection.iterdump()))
            connection.close()
        self.assertEqual(*dumps)
        self.assertEqual(self.succeed("catalog", "init", "--json", "--db", "sqlite:" + other)
                         .document()["outcome"], "unchanged")

    def test_missing_newer_and_damaged(self):
        self.assertIn("catalog init", self.fail_with(1, "catalog", "list").err)
        self.succeed("catalog", "init")
        self.query("UPDATE extmgr_schema SET version = 99")
        for command in (["catalog", "list"], ["sync", self.bundles], ["catalog", "init"]):
            self.assertIn("99", self.fail_with(5, *command).err)
        self.query("UPDATE extmgr_schema SET version = 1")
        self.query("DROP TABLE extmgr_file")
        for command in (["catalog", "list"], ["sync", self.bundles], ["catalog", "init"]):
            error = self.fail_with(1, *command, "--json").error()
            self.assertEqual(error["code"], "EXTMGR_E_CATALOG_DAMAGED")
            self.assertIn("extmgr_file", error["message"])

    def test_somebody_elses_table(self):
        self.query("CREATE TABLE extmgr_schema (name text)")
        for name in ("extension", "file", "history"):
            self.query("CREATE TABLE extmgr_%s (x text)" % name)
        self.assertEqual(self.fail_with(1, "sync", self.bundles, "--json").error()["code"],
                         "EXTMGR_E_CATALOG_DAMAGED")

    def test_foreign_rows_are_shown_as_bad(self):
        self.succeed("catalog", "init")
        self.query("INSERT INTO extmgr_extension VALUES ('x', 'x', '1', 'none', '', '', '', '', '',"
                   " '', 1, 0, 'active', 0, 0, 0, 0)")
        extension = self.extension("x")
        self.assertEqual((extension["state"], extension["reason"]), ("bad", "its digest is none"))


class Doctor(SyncTest):
    def doctor(self, code=0):
        result = self.run_program("doctor", environment={"EXTMGR_EXTENSIONS_PATH": self.bundles})
        self.assertEqual(result.code, code, result.out)
        return result.out

    def test_the_troubleshooting_list(self):
        out = self.run_program("doctor").out
        self.assertRegex(out, r"(?m)^warning  extensions path: .*\n +hint: .*SUPERSET_EXTENSIONS_PATH")
        self.assertRegex(self.doctor(), r"(?m)^warning  bundles: there is no bundle")
        self.put("a.supx", "acme.a", "1.0.0")
        self.sync()
        self.assertRegex(self.doctor(), r"(?m)^ok +bundle: .*a.supx: acme.a 1.0.0")
        self.put("a.supx", "acme.a", "1.1.0")
        self.assertRegex(self.doctor(), r"(?m)^warning  catalog: acme.a: .*another digest")
        self.write("bundles/b.supx", "broken")
        self.assertRegex(self.doctor(1), r"(?m)^problem  bundle: .*EXTMGR_E_BUNDLE_NOT_ZIP.*\n +hint: \S")
        result = self.run_program("doctor", environment={"EXTMGR_EXTENSIONS_PATH": "/nonexistent",
                                                         "EXTMGR_LOCK_TIMEOUT": "x"})
        self.assertRegex(result.out, r"(?m)^problem  extensions path: .*does not exist")
        self.assertRegex(result.out, r"(?m)^problem  lock timeout: 'x'")


class Watching(SyncTest):
    def test_changes_are_brought_in_until_a_signal_comes(self):
        write_directory(self.path("dev"), files_of("acme.dev", "1.0.0", text="one"))
        process = self.start_program("sync", self.bundles, "--watch")
        lines = iter(process.stdout.readline, b"")
        self.assertEqual(next(lines), b"added acme.dev 1.0.0\n")
        self.assertIn(b"Updated: 1", next(lines))
        write_directory(self.path("dev"), files_of("acme.dev", "1.0.0", text="two"))
        self.assertEqual(next(lines), b"updated acme.dev 1.0.0\n")
        next(lines)
        write_directory(self.path("new"), files_of("acme.new", "1.0.0"))
        self.assertEqual(next(lines), b"added acme.new 1.0.0\n")
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE_SECONDS)
        self.assertEqual(process.returncode, 130)
        process.stdout.close()
        process.stderr.close()
        process.stdin.close()

    def test_progress_is_for_terminals(self):
        self.put("a.supx", "acme.a", "1.0.0")
        terminal = self.terminal("sync", self.bundles)
        terminal.expect("scan [")
        result = terminal.finish()
        self.assertEqual(result.code, 0)
        self.assertNotIn("[", self.succeed("sync", self.bundles).err)


class Locks(SyncTest):
    def test_a_locked_file_is_told(self):
        self.put("a.supx", "acme.a", "1.0.0")
        self.sync()
        self.put("a.supx", "acme.a", "1.1.0")
        holder = sqlite3.connect(self.catalog, isolation_level=None)
        self.addCleanup(holder.close)
        holder.execute("BEGIN IMMEDIATE")
        report = self.sync("--skip")
        self.assertEqual((report["locked"], report["converged"]), (1, False))
        report = self.sync("--wait", code=3, environment={"EXTMGR_LOCK_TIMEOUT": "0.2"})
        self.assertEqual(report["locked"], 1)
        holder.execute("ROLLBACK")
        self.assertEqual(self.sync()["updated"], 1)


class Opens(SyncTest):
    @unittest.skipUnless(shutil.which("strace"), "strace is not installed")
    @unittest.skipIf(SANITIZED, "the leak sanitizer cannot work while the program is traced")
    def test_an_unchanged_bundle_is_opened_once_and_not_unpacked(self):
        for number in range(5):
            self.put("%d.supx" % number, "acme.n%d" % number, "1.0.0")
        self.sync()
        trace = os.path.join(self.directory, "trace")
        subprocess.run(["strace", "-f", "-o", trace, "-e", "trace=open,openat,openat2",
                        os.environ["EXTMGR_PROGRAM"], "sync", self.bundles],
                       env=self.environment, check=True, stdout=subprocess.DEVNULL)
        with open(trace, encoding="utf-8", errors="replace") as file:
            lines = file.readlines()
        for number in range(5):
            opened = [line for line in lines if '%d.supx"' % number in line
                      and " = -1 " not in line]
            self.assertEqual(len(opened), 1, opened)


class Moving(SyncTest):
    def test_bundles_that_vanish_and_change_stop_no_other(self):
        """What is written is one of the versions as a whole, and the others are synchronised."""
        stop = threading.Event()

        def disturb():
            number = 0
            while not stop.is_set():
                number += 1
                files = files_of("acme.moving", "1.%d.0" % number, text="x" * (number % 7000))
                with open(self.path("moving.supx"), "wb") as file:
                    file.write(archive(files))
                os.unlink(self.path("moving.supx"))
                os.mkfifo(self.path("moving.supx"))
                os.unlink(self.path("moving.supx"))

        disturber = threading.Thread(target=disturb)
        for number in range(10):
            self.put("still%d.supx" % number, "acme.still%d" % number, "1.0.0")
        disturber.start()
        try:
            for number in range(10):
                self.put("still0.supx", "acme.still0", "1.%d.0" % number)
                result = self.run_program("sync", self.bundles, "--json")
                self.assertIn(result.code, (0, 4), result.err)
                self.assertEqual(self.extension("acme.still0")["version"], "1.%d.0" % number)
        finally:
            stop.set()
            disturber.join()
        for extension in self.succeed("catalog", "list", "--json").document()["extensions"]:
            self.succeed("catalog", "show", extension["id"])


@unittest.skipIf(SANITIZED, "the address sanitizer keeps freed memory")
class Memory(SyncTest):
    def peak(self, count):
        """Peak memory in KiB of a first synchronisation of so many bundles of 100 KB."""
        folder = os.path.join(self.directory, str(count))
        os.mkdir(folder)
        for number in range(count):
            files = files_of("acme.n%d" % number, "1.0.0")
            files["frontend/dist/data"] = os.urandom(100000)
            write_archive(os.path.join(folder, "%d.supx" % number), files)
        process = subprocess.Popen([os.environ["EXTMGR_PROGRAM"], "sync", folder],
                                   env={**self.environment,
                                        "EXTMGR_DB": "sqlite:%s.db" % folder},
                                   stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(process.returncode, 0)
        return usage.ru_maxrss

    def test_memory_does_not_grow_with_the_number_of_bundles(self):
        few, many = (200, 2000) if SCALE >= 8 else (400, 800)
        peaks = [self.peak(few), self.peak(many)]
        print("# peak memory at %d and %d bundles: %d and %d KiB" % (few, many, *peaks))
        if SCALE >= 8:
            return self.assertLess(peaks[1], 120000)
        return self.assertLess(peaks[1], peaks[0] + 12000)


if __name__ == "__main__":
    unittest.main()
