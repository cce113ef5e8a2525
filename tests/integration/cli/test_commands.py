# SPDX-License-Identifier: MIT
"""Each command against an SQLite file and small definitions."""

import json
import os
import sqlite3
import stat
import unittest

from harness import SENTINEL, CommandLineTest


class SearchAndList(CommandLineTest):
    def test_search_shows_all_states_and_is_partial_with_broken_definitions(self):
        self.provide("notes", "needs-file")
        self.write("registry/broken.js", "this is no JavaScript")
        result = self.run_program("search")
        self.assertEqual(result.code, 4)
        self.assertRegex(result.out, r"(?m)^notes +available +- +1\.1\.0 +Boards with notes$")
        self.assertRegex(result.out, r"(?m)^needs-file +unavailable +- +2\.0\.0 .*driver\.jar")
        self.assertRegex(result.out, r"(?m)^broken +broken +- +- +\S")

    def test_search_shows_what_is_installed_and_works_without_a_database(self):
        self.provide("notes")
        self.succeed("install", "notes@1.0.0")
        self.assertRegex(self.succeed("search").out, r"(?m)^notes +upgradable +1\.0\.0 +1\.1\.0")
        del self.environment["EXTMGR_DB"]
        self.assertRegex(self.succeed("search").out, r"(?m)^notes +available +- +1\.1\.0")

    def test_search_with_text_keeps_what_matches_and_what_cannot_be_read(self):
        self.provide("notes", "needs-file")
        self.write("registry/broken.js", "throw 'x'")
        document = self.run_program("search", "BOARDS", "--json").document()
        ids = [extension["id"] for extension in document["extensions"]]
        self.assertEqual(sorted(ids), ["broken", "notes"])

    def test_columns_are_aligned_by_characters(self):
        self.provide("notes")
        self.write("registry/größe.js", "throw 'x'")
        lines = self.run_program("search").out.splitlines()
        starts = {line.index(word) for line in lines for word in ("STATE", "broken", "available")
                  if word in line}
        self.assertEqual(len(starts), 1, lines)

    def test_list_shows_installed_and_upgradable(self):
        self.provide("notes")
        self.assertEqual(self.succeed("list").out, "")
        self.succeed("install", "notes@1.0.0")
        self.assertRegex(self.succeed("list").out, r"(?m)^notes +upgradable +1\.0\.0 +1\.1\.0")
        self.assertIn("notes", self.succeed("list", "--upgradable").out)
        self.succeed("upgrade", "notes")
        self.assertEqual(self.succeed("list", "--upgradable").out, "")
        self.assertRegex(self.succeed("list").out, r"(?m)^notes +installed +1\.1\.0")

    def test_info_describes_versions_parameters_and_files(self):
        self.provide("notes", "needs-file")
        text = self.succeed("info", "notes").out
        self.assertIn("versions: 1.0.0 (deprecated), 1.1.0 (latest)", text)
        self.assertRegex(text, r"(?m)^password +secret +yes")
        self.assertRegex(text, r"(?m)^color +select +no +red")
        self.assertRegex(text, r"digest: sha256:[0-9a-f]{64}")
        self.assertRegex(self.succeed("info", "needs-file").out, r"(?m)^driver\.jar +missing")

    def test_info_works_without_a_database(self):
        self.provide("notes")
        self.succeed("install", "notes@1.0.0")
        self.assertIn("\ninstalled: 1.0.0\n", self.succeed("info", "notes").out)
        del self.environment["EXTMGR_DB"]
        text = self.succeed("info", "notes").out
        self.assertIn("\nstate: available\n", text)
        self.assertRegex(text, r"(?m)^password +secret +yes")

    def test_files_make_an_extension_available(self):
        self.provide("needs-file")
        self.write("driver.jar", "abc")
        result = self.succeed("--files", self.directory, "search")
        self.assertRegex(result.out, r"(?m)^needs-file +available")

    def test_info_as_json_is_the_library_s_document(self):
        self.provide("notes")
        document = self.succeed("info", "notes@1.0.0", "--json").document()
        self.assertEqual(document["schema"], "extmgr.extension/1")
        self.assertEqual(document["version"], "1.0.0")


class Operations(CommandLineTest):
    def setUp(self):
        super().setUp()
        self.provide("notes")

    def test_install_upgrade_uninstall(self):
        self.assertEqual(self.succeed("install", "notes@1.0.0").out, "installed notes 1.0.0\n")
        self.assertEqual(
            self.succeed("upgrade", "notes").out, "upgraded notes from 1.0.0 to 1.1.0\n"
        )
        self.assertEqual(self.rows("SELECT version FROM notes_version"), [("1.1.0",)])
        self.assertEqual(
            self.succeed("uninstall", "notes", "--yes").out, "uninstalled notes 1.1.0\n"
        )
        self.assertEqual(self.rows("SELECT * FROM sqlite_master WHERE name LIKE 'notes%'"), [])

    def test_upgrade_of_what_is_up_to_date_is_done(self):
        self.succeed("install", "notes")
        self.assertEqual(self.succeed("upgrade", "notes").out,
                         "notes is up to date: nothing to do\n")
        self.assertEqual(self.succeed("upgrade", "notes", "--json").document()["outcome"],
                         "unchanged")

    def test_upgrade_all_goes_on_behind_a_failure(self):
        self.succeed("install", "notes@1.0.0")
        self.assertIn("would upgrade notes", self.succeed("upgrade", "--all", "--dry-run").out)
        self.write("registry/broken.js", "this is no JavaScript")
        result = self.run_program("upgrade", "--all")
        self.assertEqual(result.code, 4)
        self.assertEqual(result.out, "upgraded notes from 1.0.0 to 1.1.0\n")
        self.assertIn("cannot upgrade 'broken'", result.err)
        os.remove(os.path.join(self.registry, "broken.js"))
        self.assertIn("nothing to do", self.succeed("upgrade", "--all").out)
        document = self.succeed("upgrade", "--all", "--json").document()
        self.assertEqual(document["extensions"], [])
        self.fail_with(2, "upgrade")
        self.fail_with(2, "upgrade", "notes", "--all")

    def test_upgrade_to_a_version_that_is_not_the_newest_is_refused(self):
        self.succeed("install", "notes@1.0.0")
        self.fail_with(5, "upgrade", "notes@1.0.0")
        self.assertEqual(self.rows("SELECT version FROM notes_version"), [("1.0.0",)])

    def test_warnings_of_a_report_are_told(self):
        self.write("registry/plain.js", """global.installedExtension = {apiVersion: '0.2.0',
            extension: {name: 'Plain', installableVersions: [{name: '1', latest: true}],
                        install: function () {}}};""")
        result = self.succeed("install", "plain")
        self.assertRegex(result.err, r"\Aextmgr: warning: .*findInstallations.*\n\Z")
        self.assertEqual(self.succeed("-q", "install", "plain").err, "")
        document = self.succeed("--json", "install", "plain").document()
        self.assertEqual(len(document["warnings"]), 1)

    def test_a_definition_that_says_412_refused(self):
        self.fail_with(5, "upgrade", "notes")

    def test_what_a_definition_says_decides_the_exit_code(self):
        for status, code in ((400, 5), (404, 1), (409, 5), (500, 1), (503, 1)):
            self.write("registry/says.js", """global.installedExtension = {apiVersion: '0.2.0',
                extension: {name: 'Says', installableVersions: [{name: '1', latest: true}],
                            install: function () { throw {status: %d, message: 'No'}; }}};"""
                       % status)
            with self.subTest(status):
                self.fail_with(code, "install", "says")

    def test_dry_run_shows_statements_and_changes_nothing(self):
        before = self.dump()
        result = self.succeed("install", "notes", "--dry-run")
        self.assertIn("CREATE TABLE notes_version", result.out)
        self.assertIn("nothing was changed", result.out)
        self.assertEqual(self.dump(), before)

    def test_reports_as_json(self):
        document = self.succeed("--json", "install", "notes").document()
        self.assertEqual(document["schema"], "extmgr.report/1")
        self.assertEqual(document["outcome"], "committed")

    def test_quiet_says_nothing(self):
        result = self.succeed("-q", "install", "notes")
        self.assertEqual((result.out, result.err), ("", ""))

    def test_verbose_logs_on_stderr(self):
        result = self.succeed("-v", "install", "notes")
        self.assertEqual(result.out, "installed notes 1.1.0\n")
        self.assertIn("installing notes", result.err)
        self.assertIn("extmgr: step: ", result.err)

    def test_without_terminal_destruction_needs_yes(self):
        self.succeed("install", "notes")
        before = self.dump()
        self.fail_with(2, "uninstall", "notes")
        self.fail_with(2, "instance", "delete", "notes", "x", "--no-input")
        self.assertEqual(self.dump(), before)

    def test_what_is_not_there(self):
        self.fail_with(1, "install", "nothing")
        self.fail_with(1, "install", "nothing", "--json")
        self.fail_with(1, "install", "notes@9.9.9")
        self.fail_with(1, "uninstall", "notes", "--yes")
        self.fail_with(1, "instance", "list", "notes")

    def test_a_locked_database_is_busy(self):
        connection = sqlite3.connect(self.database, isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        self.fail_with(3, "install", "notes", "--timeout", "1")
        connection.close()


class Plans(CommandLineTest):
    def setUp(self):
        super().setUp()
        self.provide("notes")

    def test_text_numbers_statements_with_their_class(self):
        before = self.dump()
        result = self.succeed("plan", "install", "notes")
        self.assertRegex(result.out, r"\Aplan: install notes 1\.1\.0 \(sqlite\)\n")
        self.assertRegex(result.out, r"(?m)^ +\d+  create  CREATE TABLE notes_version")
        self.assertRegex(result.out, r'(?m)^ +arguments: \["1\.1\.0"\]$')
        self.assertRegex(result.out, r"(?m)^\d+ statements: .*\b2 create, 1 data;")
        self.assertEqual(self.dump(), before)

    def test_sql_runs_as_a_script(self):
        result = self.succeed("plan", "install", "notes", "--format", "sql")
        connection = sqlite3.connect(":memory:")
        connection.executescript(result.out.replace("?", "'1.1.0'"))
        self.assertEqual(
            connection.execute("SELECT version FROM notes_version").fetchall(), [("1.1.0",)]
        )
        connection.close()

    def test_json_is_the_plan(self):
        for arguments in (["--format", "json"], ["--json"]):
            document = self.succeed("plan", "install", "notes", *arguments).document()
            self.assertEqual((document["schema"], document["mode"]),
                             ("extmgr.plan/1", "rehearse"))

    def test_a_dry_run_shows_verification_too(self):
        plan = self.succeed("plan", "install", "notes").out.split("\n\n")[1]
        self.assertIn(plan, self.succeed("install", "notes", "--dry-run").out)

    def test_a_recorded_plan_runs_nothing_that_changes(self):
        before = self.dump()
        result = self.succeed("plan", "install", "notes", "--record")
        self.assertIn("recorded without running what changes something", result.out)
        self.assertIn("CREATE TABLE notes_version", result.out)
        self.assertEqual(self.dump(), before)
        self.fail_with(2, "install", "notes", "--record")

    def test_a_plan_can_be_applied_once(self):
        path = os.path.join(self.directory, "notes.plan")
        before = self.dump()
        self.assertEqual(self.succeed("plan", "install", "notes", "--out", path).out, "")
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        self.assertEqual(os.listdir(self.directory).count("notes.plan"), 1)
        self.assertEqual([name for name in os.listdir(self.directory) if "plan." in name], [])
        self.assertIn("still holds", self.succeed("apply", path, "--dry-run").out)
        self.assertEqual(self.dump(), before)
        self.assertEqual(self.succeed("apply", path).out, "installed notes 1.1.0\n")
        installed = self.dump()
        self.assertNotEqual(self.run_program("apply", path).code, 0)
        self.assertEqual(self.dump(), installed)

    def test_a_changed_plan_or_target_is_refused_and_nothing_touched(self):
        path = os.path.join(self.directory, "notes.plan")
        self.succeed("install", "notes@1.0.0")
        self.succeed("plan", "upgrade", "notes", "--out", path)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        with open(path + ".changed", "w", encoding="utf-8") as file:
            file.write(text.replace("UPDATE notes_version", "UPDATE notes_VERSION"))
        before = self.dump()
        result = self.fail_with(5, "apply", path + ".changed", "--json")
        self.assertEqual(result.error()["code"], "EXTMGR_E_PLAN_CHANGED")
        self.assertEqual(self.dump(), before)
        self.succeed("upgrade", "notes")
        before = self.dump()
        self.fail_with(5, "apply", path)
        self.assertEqual(self.dump(), before)

    def test_what_is_no_plan_is_refused(self):
        self.fail_with(1, "apply", "/nonexistent/plan")
        self.fail_with(5, "apply", "-", stdin="no plan")
        self.fail_with(5, "apply", "-", stdin='{"schema":"extmgr.report/1"}')
        self.fail_with(2, "apply")

    def test_a_plan_that_destroys_needs_yes(self):
        path = os.path.join(self.directory, "notes.plan")
        self.succeed("install", "notes")
        self.succeed("plan", "uninstall", "notes", "--out", path)
        self.fail_with(2, "apply", path)
        self.assertIn("uninstalled notes", self.succeed("apply", path, "--yes").out)

    def test_secrets_are_given_again(self):
        path = os.path.join(self.directory, "notes.plan")
        self.succeed("install", "notes")
        self.succeed("plan", "instance", "create", "notes", "--set", "title=a", "--set",
                     "locked=true", "--set-file", "password=-", "--out", path,
                     stdin=SENTINEL)
        with open(path, encoding="utf-8") as file:
            self.assertNotIn(SENTINEL, file.read())
        self.fail_with(5, "apply", path)
        self.fail_with(2, "apply", path, "--set", "password=" + SENTINEL)
        self.fail_with(5, "apply", path, "--set", "title=b", "--set-file", "password=-",
                       stdin=SENTINEL)
        self.succeed("apply", path, "--set-file", "password=-", stdin=SENTINEL)
        self.assertEqual(self.rows("SELECT secret FROM notes_board"), [(SENTINEL,)])
        sql = self.succeed("plan", "instance", "create", "notes", "--set", "title=b", "--set",
                           "locked=true", "--set-file", "password=-", "--format", "sql",
                           stdin=SENTINEL).out
        self.assertIn("-- each '***' stands for", sql)
        self.assertNotIn(SENTINEL, sql)

    def test_out_writes_a_file(self):
        path = os.path.join(self.directory, "plan.sql")
        result = self.succeed("plan", "install", "notes", "--format", "sql", "--out", path)
        self.assertEqual(result.out, "")
        with open(path, encoding="utf-8") as file:
            self.assertIn("CREATE TABLE notes_board", file.read())

    def test_out_and_json_give_both(self):
        path = os.path.join(self.directory, "plan.txt")
        result = self.succeed("plan", "install", "notes", "--out", path, "--format", "text",
                              "--json")
        self.assertEqual(result.document()["mode"], "rehearse")
        with open(path, encoding="utf-8") as file:
            self.assertTrue(file.read().startswith("plan: install notes"))

    def test_each_operation_has_a_plan(self):
        self.succeed("install", "notes@1.0.0")
        self.succeed("instance", "create", "notes", "--set", "title=a")
        before = self.dump()
        for arguments, text in (
            (["upgrade", "notes"], "UPDATE notes_version"),
            (["instance", "create", "notes", "--set", "title=b"], "INSERT INTO notes_board"),
            (["instance", "delete", "notes", "a"], "DELETE FROM notes_board"),
        ):
            self.assertIn(text, self.succeed("plan", *arguments).out)
        self.fail_with(5, "plan", "uninstall", "notes")
        self.assertEqual(self.dump(), before)

    def test_a_place_that_cannot_be_written_fails(self):
        self.fail_with(1, "plan", "install", "notes", "--out", "/nonexistent/plan")


class Status(CommandLineTest):
    def test_what_is_as_it_was_installed_and_what_is_not(self):
        self.provide("notes")
        self.assertIn("nothing is installed", self.succeed("status").err)
        result = self.fail_with_output(4, "status", "notes")
        self.assertRegex(result.out, r"(?m)^notes +not-installed +- +-$")
        self.succeed("install", "notes")
        self.succeed("instance", "create", "notes", "--set", "title=a")
        self.assertRegex(self.succeed("status").out, r"(?m)^notes +ok +1\.1\.0 +1$")
        self.write("registry/broken.js", "throw new Error('no legs')")
        result = self.fail_with_output(4, "status")
        self.assertRegex(result.out, r"(?m)^broken: .*no legs")
        self.assertEqual(self.fail_with_output(4, "status", "--json").document()["wrong"], 1)
        self.fail_with(1, "status", "missing")

    def fail_with_output(self, code, *arguments):
        result = self.run_program(*arguments)
        self.assertEqual(result.code, code, result.err)
        return result


class Instances(CommandLineTest):
    def setUp(self):
        super().setUp()
        self.provide("notes")
        self.succeed("install", "notes")

    def test_create_list_show_delete(self):
        result = self.succeed("instance", "create", "notes", "--set", "title=mine",
                              "--set", "color=blue")
        self.assertEqual(result.out, "created instance 'mine' of notes (id 1)\n")
        self.assertRegex(self.succeed("instance", "list", "notes").out, r"(?m)^mine +1$")
        self.assertRegex(self.succeed("instance", "show", "notes", "mine").out,
                         r"(?m)^color +blue$")
        self.fail_with(5, "uninstall", "notes", "--yes")
        self.assertEqual(self.succeed("instance", "delete", "notes", "mine", "--yes").out,
                         "deleted instance 'mine' of notes\n")
        self.assertEqual(self.rows("SELECT * FROM notes_board"), [])

    def test_update_keeps_what_is_not_given(self):
        self.succeed("instance", "create", "notes", "--set", "title=mine", "--set", "body=text")
        before = self.dump()
        plan = self.succeed("plan", "instance", "update", "notes", "mine",
                            "--set", "color=blue", "--set-file", "password=-", stdin="x")
        self.assertIn("nothing was changed", plan.out)
        self.assertEqual(self.dump(), before)
        result = self.succeed("instance", "update", "notes", "mine", "--set", "color=blue")
        self.assertEqual(result.out, "updated instance 'mine' of notes\n")
        self.assertEqual(self.rows("SELECT title, color, body FROM notes_board"),
                         [("mine", "blue", "text")])
        self.fail_with(5, "instance", "update", "notes", "mine", "--set", "color=green")
        self.fail_with(1, "instance", "update", "notes", "nobody", "--set", "color=blue")

    def test_a_planned_update_asks_for_no_secret_that_it_keeps(self):
        password = self.write("password", SENTINEL)
        self.succeed("instance", "create", "notes", "--set", "title=mine",
                     "--set-file", "password=" + password)
        path = os.path.join(self.directory, "update.plan")
        self.succeed("plan", "instance", "update", "notes", "mine", "--set", "color=blue",
                     "--out", path)
        with open(path, encoding="utf-8") as file:
            plan = json.load(file)
        self.assertNotIn(SENTINEL, json.dumps(plan))
        kept = {entry["name"] for entry in plan["parameters"] if entry.get("kept")}
        self.assertIn("title", kept)
        self.assertNotIn("color", kept)
        self.succeed("apply", path)
        self.assertEqual(self.rows("SELECT title, color FROM notes_board"), [("mine", "blue")])

    def test_deleting_what_is_not_there_is_done(self):
        result = self.succeed("instance", "delete", "notes", "nobody", "--yes")
        self.assertIn("nothing to do", result.out)
        self.fail_with(1, "instance", "show", "notes", "nobody")

    def test_a_name_that_two_have_needs_the_id(self):
        for _ in range(2):
            self.succeed("instance", "create", "notes", "--set", "title=same")
        self.fail_with(5, "instance", "delete", "notes", "same", "--yes")
        self.succeed("instance", "delete", "notes", "2", "--yes")
        self.assertEqual(self.rows("SELECT id FROM notes_board"), [(1,)])

    def test_invalid_parameters_are_named_all_at_once_and_nothing_is_touched(self):
        before = self.dump()
        result = self.fail_with(5, "instance", "create", "notes", "--set", "title=BAD",
                                "--set", "color=green", "--json")
        text = json.dumps(result.error())
        self.assertIn("title", text)
        self.assertIn("color", text)
        self.assertEqual(self.dump(), before)

    def test_values_from_documents_and_what_outweighs_them(self):
        for document in ('{"title": "one", "locked": false}',
                         '[{"name": "title", "value": "one"}]'):
            path = self.write("values.json", document)
            self.succeed("instance", "create", "notes", "--values", path)
        self.succeed("instance", "create", "notes", "--values", "-", "--set", "title=two",
                     stdin='{"title": "one"}')
        self.assertEqual(self.rows("SELECT title FROM notes_board ORDER BY id"),
                         [("one",), ("one",), ("two",)])

    def test_documents_of_the_wrong_form_are_refused(self):
        for document in ("{", "5", '{"title": null}', '{"title": [1]}', '{"a": "1", "a": "2"}',
                         '{"title": "a"} {}', '{"title": 12345678901234567890}'):
            with self.subTest(document):
                self.fail_with(5, "instance", "create", "notes", "--values", "-", stdin=document)

    def test_a_value_from_a_file_loses_one_line_end(self):
        path = self.write("body", "one\ntwo\r\n")
        self.succeed("instance", "create", "notes", "--set", "title=a", "--set-file",
                     "body=" + path)
        self.assertEqual(self.rows("SELECT body FROM notes_board"), [("one\ntwo",)])

    def test_a_file_that_is_too_large_or_missing_is_named(self):
        path = self.write("body", "x" * 70000)
        result = self.fail_with(5, "instance", "create", "notes", "--set", "title=a",
                                "--set-file", "body=" + path)
        self.assertIn(path, result.err)
        self.fail_with(1, "instance", "create", "notes", "--set-file", "body=/nonexistent")

    def test_usage_of_values(self):
        for arguments in (["--set", "title"], ["--set", "=x"], ["--set-file", "title"],
                          ["--set", "title=a", "--set", "title=b"],
                          ["--set-file", "title=-", "--values", "-"]):
            with self.subTest(arguments):
                self.fail_with(2, "instance", "create", "notes", *arguments, stdin="{}")

    def test_a_secret_in_the_arguments_is_refused_and_not_repeated(self):
        before = self.dump()
        result = self.fail_with(2, "instance", "create", "notes", "--set", "title=a", "--set",
                                "locked=true", "--set", "password=" + SENTINEL)
        self.assertNotIn(SENTINEL, result.err)
        self.assertIn("--set-file", result.err)
        self.assertEqual(self.dump(), before)

    def test_a_secret_from_stdin_is_used_and_never_printed(self):
        create = ["instance", "create", "notes", "--set", "title=a", "--set", "locked=true",
                  "--set-file", "password=-", "-vv"]
        for arguments in (["plan", *create], ["plan", *create, "--json"], create):
            result = self.succeed(*arguments, stdin=SENTINEL + "\n")
            self.assertNotIn(SENTINEL, result.out + result.err)
        self.assertEqual(self.rows("SELECT secret FROM notes_board"), [(SENTINEL,)])
        for arguments in ([], ["--json"]):
            result = self.succeed("instance", "show", "notes", "a", *arguments)
            self.assertNotIn(SENTINEL, result.out + result.err)


class Doctor(CommandLineTest):
    def test_all_well(self):
        self.provide("notes")
        result = self.succeed("doctor")
        self.assertNotIn("problem", result.out)
        self.assertRegex(result.out, r"(?m)^ok +database check: \d+ probes passed")
        self.assertRegex(result.out, r"(?m)^ok +definition: notes: available$")
        self.assertEqual(self.rows("SELECT name FROM sqlite_master"), [])

    def test_broken_definitions_are_named_with_the_reason_and_a_remedy(self):
        self.provide("notes")
        self.write("registry/broken.js", "throw new Error('my reason')")
        result = self.run_program("doctor")
        self.assertEqual(result.code, 1)
        self.assertRegex(result.out,
                         r"(?m)^problem  definition: broken: .*my reason.*\n +hint: \S")
        self.assertRegex(result.out, r"(?m)^ok +definition: notes")

    def test_as_json(self):
        document = self.succeed("doctor", "--json").document()
        self.assertEqual(document["schema"], "extmgr.doctor/1")
        names = {check["name"] for check in document["checks"]}
        self.assertLessEqual({"library", "database", "registry", "driver sqlite"}, names)

    def test_what_cannot_be_reached_is_a_problem(self):
        self.assertIn("problem  registry",
                      self.run_program("doctor", "--registry", "/nonexistent").out)
        self.assertIn("problem  database",
                      self.run_program("doctor", "--db", "sqlite:/nonexistent/x/y.db").out +
                      self.run_program("doctor", "--db", "nonsense:x").out)
        self.assertIn("problem  files",
                      self.run_program("doctor", "--files", "/nonexistent").out)

    def test_a_file_that_is_not_there_is_not_made(self):
        self.provide("notes")
        path = os.path.join(self.directory, "later.db")
        result = self.succeed("doctor", "--db", "sqlite:" + path)
        self.assertRegex(result.out, r"(?m)^warning  database")
        self.assertRegex(result.out, r"(?m)^ok +definition: notes")
        self.assertFalse(os.path.exists(path))

    def test_without_anything_it_still_looks(self):
        result = self.run_program("doctor", environment={"EXTMGR_DB": "", "EXTMGR_REGISTRY": ""})
        self.assertEqual(result.code, 0, result.err)
        self.assertIn("warning  database: none given", result.out)


class DatabaseUrls(CommandLineTest):
    def test_a_file_holds_the_url(self):
        self.provide("notes")
        path = self.write("url", "sqlite:" + self.database + "\n")
        result = self.succeed("search", "--db", "@" + path)
        self.assertIn("notes", result.out)
        self.assertEqual(result.err, "")

    def test_a_file_that_is_no_url_is_refused(self):
        for text in ("", "\n", "sqlite:a\nsqlite:b\n"):
            self.fail_with(2, "list", "--db", "@" + self.write("url", text))
        self.fail_with(1, "list", "--db", "@/nonexistent")

    def test_a_password_in_the_arguments_is_warned_about_and_not_repeated(self):
        url = "postgresql://somebody:" + SENTINEL + "@127.0.0.1:1/nothing"
        result = self.run_program("list", "--db", url)
        self.assertIn("warning", result.err)
        self.assertIn("--db @FILE", result.err)
        self.assertNotIn(SENTINEL, result.err)
        result = self.run_program("list", environment={"EXTMGR_DB": url})
        self.assertNotIn("visible to other users", result.err)
        self.assertNotIn(SENTINEL, result.err)

    def test_a_password_that_others_can_read_is_warned_about(self):
        path = self.write("url", "postgresql://a:" + SENTINEL + "@127.0.0.1:1/nothing\n")
        os.chmod(path, stat.S_IRUSR | stat.S_IWUSR | stat.S_IROTH)
        result = self.run_program("list", "--db", "@" + path)
        self.assertIn("chmod 600", result.err)
        self.assertNotIn(SENTINEL, result.err)

    def test_nothing_given(self):
        self.fail_with(2, "list", environment={"EXTMGR_DB": ""})
        self.fail_with(2, "list", environment={"EXTMGR_REGISTRY": ""})
        self.fail_with(1, "list", "--registry", "/nonexistent")


class DefinitionTry(CommandLineTest):
    SOURCE = """global.installedExtension = {apiVersion: "0.2.0", extension: {name: "N\\u0007",
        install: function (context, version) {
            console.warn("w\\n" + version);
            context.sqlClient.execute("CREATE ?", 1);
            throw {status: 404, message: "gone"};
        },
        upgrade: function () { return {a: [1]}; }}};"""

    def run_try(self, source, scenario, *arguments, **options):
        return self.run_program("definition", "try", self.write("x.js", source), "--scenario",
                                self.write("scenario.json", scenario), *arguments, **options)

    def test_shows_what_the_calls_did(self):
        calls = '{"calls": [{"call": "install", "args": ["1"]}, {"call": "upgrade"}]}'
        result = self.run_try(self.SOURCE, calls, environment={"EXTMGR_DB": "",
                                                               "EXTMGR_REGISTRY": ""})
        self.assertEqual((result.code, result.err), (0, ""))
        self.assert_harmless(result.out)
        for part in ("execute CREATE ?", "with: [1]", "console warning: w", "status 404",
                     "gone", 'result: {"a":[1]}'):
            self.assertIn(part, result.out)
        document = self.run_try(self.SOURCE, calls, "--json").document()
        self.assertEqual(document["calls"][0]["error"],
                         {"name": "", "status": 404, "message": "gone"})
        self.assertEqual(document["calls"][0]["console"],
                         [{"level": "warning", "message": "w\n1"}])

    def test_a_definition_that_cannot_be_loaded_is_1_with_the_reason(self):
        for source, reason in (("var a b", "SyntaxError"), ("throw 'own reason'", "own reason"),
                               ("throw {status: 404, message: 'm'}", "m"), ("", "did not set"),
                               ("async function* g() {}", "generator")):
            result = self.run_try(source, "{}", "--json")
            self.assertEqual((result.code, result.out), (1, ""), source)
            self.assertIn(reason, result.err)

    def test_faults_of_the_caller(self):
        self.assertEqual(self.run_try(self.SOURCE, "{").code, 5)
        self.assertEqual(self.run_try(self.SOURCE, '{"calls": [{"call": "x"}]}').code, 5)
        self.fail_with(1, "definition", "try", "/nonexistent", "--scenario", "/nonexistent")
        self.fail_with(2, "definition", "try", "x.js")
        self.fail_with(2, "definition", "try", "--scenario", "x")
        self.fail_with(2, "list", "--scenario", "x")

    def test_the_timeout_holds(self):
        loop = """global.installedExtension = {apiVersion: "0.2.0", extension: {
            install: function () { for (;;) {} }}};"""
        result = self.run_try(loop, '{"calls": [{"call": "install"}]}', "--timeout", "0.2")
        self.assertEqual(result.code, 3)


class History(CommandLineTest):
    def setUp(self):
        super().setUp()
        self.provide("notes")
        self.environment["USER"] = "zoe"

    def test_it_tells_what_was_done_newest_first(self):
        self.assertIn("there is no history", self.succeed("history").err)
        self.assertEqual(self.succeed("history", "--json").document()["entries"], [])
        self.succeed("install", "notes@1.0.0")
        self.succeed("upgrade", "notes")
        self.assertRegex(self.succeed("history").out,
                         r"(?m)^20\S+Z +upgrade +notes +1\.0\.0 > 1\.1\.0 +- +zoe$")
        entries = self.succeed("history", "notes", "--json").document()["entries"]
        self.assertEqual([entry["operation"] for entry in entries], ["upgrade", "install"])
        newest = self.succeed("history", "--limit", "1", "--json").document()["entries"]
        self.assertEqual(newest, entries[:1])
        self.assertEqual(self.succeed("history", "other", "--json").document()["entries"], [])
        self.succeed("status")
        self.assertEqual(len(self.succeed("list", "--json").document()["extensions"]), 1)

    def test_it_can_be_left_out(self):
        self.succeed("install", "notes", "--no-history")
        self.assertEqual(self.rows("SELECT name FROM sqlite_master WHERE name LIKE 'extmgr%'"), [])

    def test_bad_limits(self):
        for limit in ("0", "-1", "10001", "x", "1x", "", "+1", " 1"):
            self.fail_with(2, "history", "--limit=" + limit)
        self.fail_with(2, "list", "--limit", "1")

    def test_plans_of_what_is_up_to_date_say_so(self):
        self.succeed("install", "notes")
        path = os.path.join(self.directory, "upgrade.plan")
        for options in ([], ["--record"]):
            self.succeed("plan", "upgrade", "notes", "--out", path, *options)
            with open(path, encoding="utf-8") as file:
                plan = json.load(file)
            self.assertEqual(plan["schema"], "extmgr.plan/1")
            self.assertTrue(plan["unchanged"])
            self.assertEqual({s["class"] for s in plan["statements"]} - {"read"}, set())
            before = self.dump()
            self.assertIn("nothing to do", self.succeed("apply", path).out)
            self.assertEqual(self.dump(), before)


if __name__ == "__main__":
    unittest.main()
