# SPDX-License-Identifier: MIT
"""Options, help, questions, colours, hostile text, signals and deadlines."""

import os
import shutil
import signal
import subprocess
import unittest

from harness import DEFINITIONS, PATIENCE_SECONDS, PROGRAM, SENTINEL, CommandLineTest

COMMANDS = [
    "search", "list", "info", "install", "upgrade", "uninstall", "instance list",
    "instance show", "instance create", "instance delete", "plan install", "plan upgrade",
    "plan uninstall", "plan instance create", "plan instance delete", "apply", "status", "doctor", "completion",
    "version",
]


class Usage(CommandLineTest):
    def test_mistakes_are_exit_code_2_with_a_hint(self):
        for arguments in ([], ["frobnicate"], ["instance"], ["plan"], ["plan", "list"],
                          ["install"], ["info", ""], ["info", "@1"], ["info", "a@"],
                          ["list", "x"], ["list", "--dry-run"], ["search", "--set", "a=b"],
                          ["install", "x", "--out", "f"], ["--frobnicate"], ["-x"], ["--db"],
                          ["--json=x", "list"], ["--color", "blue", "list"],
                          ["--timeout", "0", "list"], ["--timeout", "inf", "list"],
                          ["--timeout", "-1", "list"], ["--timeout", "1x", "list"],
                          ["plan", "install", "x", "--format", "xml"],
                          ["plan", "install", "x", "--format", "sql", "--json"],
                          ["completion", "fish"], ["completion", "bash", "--json"]):
            with self.subTest(arguments):
                self.fail_with(2, *arguments)

    def test_what_stands_behind_an_unknown_option_is_not_repeated(self):
        self.assertNotIn(SENTINEL, self.fail_with(2, "--passwrod=" + SENTINEL).err)

    def test_errors_are_json_wherever_json_stands(self):
        for arguments in (["--frobnicate", "--json"], ["--json", "frobnicate"]):
            error = self.fail_with(2, *arguments).error()
            self.assertEqual(error["class"], "usage")

    def test_options_stand_anywhere(self):
        self.provide("notes")
        for environment in ({}, {"POSIXLY_CORRECT": "1"}):
            for arguments in (["--json", "info", "notes"], ["info", "--json", "notes"],
                              ["info", "notes", "--json"], ["--json", "--", "info", "notes"]):
                result = self.succeed(*arguments, environment=environment)
                self.assertEqual(result.document()["id"], "notes")

    def test_help_for_the_program_and_each_command(self):
        text = self.succeed("--help").out
        for command in COMMANDS:
            with self.subTest(command):
                self.assertIn(command, text)
                self.assertIn(f"Usage: extmgr [OPTION]... {command}",
                              self.succeed(*command.split(), "--help").out)
        self.assertIn("instance create", self.succeed("instance", "--help").out)
        self.fail_with(2, "frobnicate", "--help")

    def test_version(self):
        self.assertRegex(self.succeed("version").out, r"\Aextmgr \d+\.\d+\.\d+ ")
        self.assertEqual(self.succeed("--version").out, self.succeed("version").out)
        self.assertEqual(self.succeed("version", "--json").document()["schema"],
                         "extmgr.version/1")

    def complete(self, *words):
        line = " ".join(f"'{word}'" for word in ("extmgr", *words))
        script = (f'source /dev/stdin\nCOMP_WORDS=({line})\nCOMP_CWORD={len(words)}\n_extmgr\n'
                  'printf "%s\\n" "${COMPREPLY[@]}"\n')
        path = self.write("completion", self.succeed("completion", "bash").out)
        done = subprocess.run(["bash", "-c", script.replace("/dev/stdin", path)], check=True,
                              capture_output=True, text=True, timeout=PATIENCE_SECONDS)
        return set(done.stdout.split())

    @unittest.skipUnless(shutil.which("bash"), "no bash")
    def test_completion(self):
        self.assertEqual(self.complete("in"), {"info", "install", "instance"})
        self.assertEqual(self.complete("plan", ""), {"install", "upgrade", "uninstall",
                                                      "instance"})
        self.assertEqual(self.complete("--db", "x", "plan", "instance", ""),
                         {"create", "delete", "update"})
        self.assertEqual(self.complete("list", "--up"), {"--upgradable"})

    def test_output_that_cannot_be_written_is_a_failure(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run([PROGRAM, "--help"], stdout=full, stderr=subprocess.PIPE,
                                  check=False, timeout=PATIENCE_SECONDS)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"hint: ", done.stderr)


class HostileText(CommandLineTest):
    def test_names_and_reasons_cannot_steer_a_terminal(self):
        self.provide("needs-file")
        self.write("registry/\u202e\u0085sj.js", "throw new Error('\\u001b]0;x\\u0007\\u009b')")
        for arguments in (["search"], ["doctor"], ["info", "needs-file"],
                          ["search", "--color", "never"], ["install", "\x1b[31m\x07"],
                          ["\x1b]0;x\x07"]):
            with self.subTest(arguments):
                result = self.run_program(*arguments)
                self.assert_harmless(result.out + result.err)

    def test_bytes_that_are_no_utf8_do_not_come_out(self):
        done = subprocess.run([PROGRAM, b"fr\xff\xc3ob"], capture_output=True, check=False,
                              env=self.environment, timeout=PATIENCE_SECONDS)
        self.assertIn("fr\ufffd\ufffdob", done.stderr.decode("utf-8"))


class Colors(CommandLineTest):
    def setUp(self):
        super().setUp()
        self.write("registry/broken.js", "throw 'x'")

    def search_on_terminal(self, *arguments):
        terminal = self.terminal("search", *arguments, stdout_on_terminal=True)
        return terminal.finish().err

    def test_colors_only_on_terminals_and_when_asked_for(self):
        self.assertNotIn("\x1b", self.run_program("search").out)
        self.assertIn("\x1b[31mbroken\x1b[0m", self.run_program("search", "--color",
                                                                  "always").out)
        self.assertIn("\x1b[31m", self.search_on_terminal())
        self.assertNotIn("\x1b", self.search_on_terminal("--color", "never"))

    def test_no_color_and_dumb_terminals(self):
        self.environment["NO_COLOR"] = "1"
        self.assertNotIn("\x1b", self.search_on_terminal())
        self.assertIn("\x1b[31m", self.search_on_terminal("--color", "always"))
        self.environment["NO_COLOR"] = ""
        self.assertIn("\x1b[31m", self.search_on_terminal())
        self.environment["TERM"] = "dumb"
        self.assertNotIn("\x1b", self.search_on_terminal())

    def test_lines_are_wrapped_to_the_terminal(self):
        self.write("registry/broken.js", "throw new Error('" + "many words " * 30 + "')")
        self.environment["NO_COLOR"] = "1"
        text = self.terminal("search", stdout_on_terminal=True, columns=70).finish().err
        table = text.split("extmgr:")[0].splitlines()
        self.assertGreater(len(table), 4)
        self.assertLessEqual(max(len(line) for line in table), 70)
        self.assertEqual(" ".join(text.split()).count("many words"), 30)


class Progress(CommandLineTest):
    def test_a_long_listing_shows_how_far_it_is(self):
        source = os.path.join(DEFINITIONS, "notes.js")
        for number in range(25):
            shutil.copy(source, os.path.join(self.registry, f"notes-{number}.js"))
        terminal = self.terminal("search")
        terminal.expect("list [")
        self.assertEqual(terminal.finish().code, 0)
        self.assertNotIn("list [", self.succeed("search").err)


class Questions(CommandLineTest):
    def setUp(self):
        super().setUp()
        self.provide("notes")

    def test_install_says_what_it_will_do_and_asks(self):
        terminal = self.terminal("install", "notes")
        terminal.expect("install 'notes' 1.1.0")
        terminal.expect(self.database)
        terminal.expect("[y/N]")
        terminal.type("y")
        result = terminal.finish()
        self.assertEqual((result.code, result.out), (0, "installed notes 1.1.0\n"))

    def test_no_leaves_everything_as_it_was(self):
        before = self.dump()
        for answer in ("", "n", "yess"):
            terminal = self.terminal("install", "notes")
            terminal.expect("[y/N]")
            terminal.type(answer)
            self.assertEqual(terminal.finish().code, 1)
        self.assertEqual(self.dump(), before)

    def test_yes_and_no_input_do_not_ask(self):
        self.assertEqual(self.terminal("install", "notes", "--no-input").finish().code, 0)
        self.assertEqual(self.terminal("uninstall", "notes", "--no-input").finish().code, 2)
        self.assertEqual(self.terminal("uninstall", "notes", "--yes").finish().code, 0)

    def test_plans_and_dry_runs_do_not_ask(self):
        for arguments in (["plan", "install", "notes"], ["install", "notes", "--dry-run"]):
            result = self.terminal(*arguments).finish()
            self.assertEqual(result.code, 0)
            self.assertNotIn("[y/N]", result.err)

    def test_parameters_are_asked_for_with_defaults_and_secrets_without_echo(self):
        self.succeed("install", "notes")
        terminal = self.terminal("instance", "create", "notes")
        terminal.expect("Title: ")
        terminal.type("BAD")
        terminal.expect("invalid format")
        terminal.expect("Title: ")
        terminal.type("")
        terminal.expect("required")
        terminal.expect("Title: ")
        terminal.type("mine")
        terminal.expect("2) blue")
        terminal.expect("[red]: ")
        terminal.type("2")
        terminal.expect("[false]: ")
        terminal.type("y")
        terminal.expect("Password: ")
        while terminal.echoes():
            pass
        terminal.type(SENTINEL)
        terminal.expect("Body (end with a line that is only a '.') (optional):")
        self.assertTrue(terminal.echoes())
        terminal.type("one")
        terminal.type("two")
        terminal.type(".")
        terminal.expect("[y/N]")
        terminal.type("yes")
        result = terminal.finish()
        self.assertEqual(result.code, 0, result.err)
        self.assertNotIn(SENTINEL, result.out + result.err)
        self.assertEqual(self.rows("SELECT title, color, secret, body FROM notes_board"),
                         [("mine", "blue", SENTINEL, "one\ntwo")])

    def test_defaults_are_taken_and_hidden_parameters_are_not_asked_for(self):
        self.succeed("install", "notes")
        terminal = self.terminal("instance", "create", "notes", "--set", "title=mine", "--yes")
        terminal.expect("[red]: ")
        terminal.type("")
        terminal.expect("[false]: ")
        terminal.type("")
        terminal.expect("Body")
        terminal.type(".")
        result = terminal.finish()
        self.assertEqual(result.code, 0, result.err)
        self.assertNotIn("Password", result.err)
        self.assertNotIn("Title", result.err)
        self.assertEqual(self.rows("SELECT color FROM notes_board"), [("red",)])

    def test_the_end_of_input_at_a_question_changes_nothing(self):
        before = self.dump()
        terminal = self.terminal("install", "notes")
        terminal.expect("[y/N]")
        os.write(terminal.master, b"\x04")
        self.assertEqual(terminal.finish().code, 1)
        self.assertEqual(self.dump(), before)

    def test_a_signal_at_a_hidden_question_gives_the_echo_back(self):
        self.succeed("install", "notes")
        before = self.dump()
        terminal = self.terminal("instance", "create", "notes", "--set", "title=a", "--set",
                                 "locked=true", "--set", "color=red")
        terminal.expect("Password: ")
        while terminal.echoes():
            pass
        terminal.process.send_signal(signal.SIGINT)
        terminal.process.wait(PATIENCE_SECONDS)
        self.assertTrue(terminal.echoes())
        self.assertEqual(terminal.finish().code, 130)
        self.assertEqual(self.dump(), before)


class SignalsAndDeadlines(CommandLineTest):
    def setUp(self):
        super().setUp()
        self.provide("loops")

    def start_looping(self):
        process = subprocess.Popen([PROGRAM, "-v", "install", "loops"], env=self.environment,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for line in process.stderr:
            if "now looping" in line:
                return process
        raise AssertionError("it never looped")

    def test_signals_roll_back(self):
        before = self.dump()
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            process = self.start_looping()
            process.send_signal(number)
            out, err = process.communicate(timeout=PATIENCE_SECONDS)
            self.assertEqual(process.returncode, code, err)
            self.assertEqual(out, "")
            self.assertRegex(err, r"(?m)^extmgr: cannot install 'loops': .+\nhint: .+$")
            self.assertEqual(self.dump(), before)

    def test_what_the_caller_ignores_stays_ignored(self):
        process = subprocess.Popen([PROGRAM, "-v", "install", "loops", "--timeout", "2"],
                                   env=self.environment, stderr=subprocess.PIPE, text=True,
                                   preexec_fn=lambda: signal.signal(signal.SIGINT,
                                                                    signal.SIG_IGN))
        for line in process.stderr:
            if "now looping" in line:
                break
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE_SECONDS)
        self.assertEqual(process.returncode, 3)

    def test_a_deadline_rolls_back_and_is_busy(self):
        before = self.dump()
        result = self.fail_with(3, "--timeout", "0.3", "install", "loops", "--json")
        self.assertEqual(result.error()["code"], "EXTMGR_E_TIMEOUT")
        self.assertEqual(self.dump(), before)

    def test_stdin_that_never_ends_can_be_interrupted(self):
        self.provide("notes")
        self.succeed("install", "notes")
        read, write = os.pipe()
        process = subprocess.Popen([PROGRAM, "-v", "instance", "create", "notes", "--values", "-"],
                                   env=self.environment, stdin=read, stderr=subprocess.PIPE,
                                   text=True)
        process.stderr.readline()  # it is at work, so it takes signals
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE_SECONDS)
        os.close(read)
        os.close(write)
        self.assertEqual(process.returncode, 143)


# Whatever function is named hangs in a statement that never ends.
HANGING = """
(function () {
    var ENDLESS = 'WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT count(*) FROM c';
    function reach(context, name) {
        if (name === '%s') {
            console.log('now hanging');
            context.sqlClient.query(ENDLESS);
        }
    }
    function rows(context, kind) {
        return context.sqlClient.query('SELECT name FROM hanging WHERE kind = ?', kind).rows;
    }
    function add(context, kind, name) {
        context.sqlClient.execute('INSERT INTO hanging VALUES (?, ?)', kind, name);
    }
    global.installedExtension = {apiVersion: '0.2.0', extension: {
        name: 'Hanging', installableVersions: [{name: '2.0.0', latest: true}, {name: '1.0.0'}],
        findInstallations: function (context) {
            var there = context.sqlClient.query("SELECT 1 FROM sqlite_master WHERE name = 'hanging'");
            if (there.rows.length === 0) return [];
            reach(context, 'findInstallations');
            return rows(context, 'version').map(function (row) { return {name: 'H', version: row[0]}; });
        },
        install: function (context, version) {
            context.sqlClient.execute('CREATE TABLE hanging (kind TEXT, name TEXT)');
            add(context, 'version', version);
            reach(context, 'install');
        },
        uninstall: function (context) {
            context.sqlClient.execute('DROP TABLE hanging');
            reach(context, 'uninstall');
        },
        upgrade: function (context) {
            context.sqlClient.execute("UPDATE hanging SET name = '2.0.0' WHERE kind = 'version'");
            reach(context, 'upgrade');
            return {previousVersion: '1.0.0', newVersion: '2.0.0'};
        },
        upgradeInstance: function (context, id) { reach(context, 'upgradeInstance'); },
        getInstanceParameters: function (context) {
            reach(context, 'getInstanceParameters');
            return [{id: 'name', name: 'Name', type: 'string'}];
        },
        addInstance: function (context, version, parameters) {
            var name = parameters.values[0].value;
            add(context, 'instance', name);
            reach(context, 'addInstance');
            return {id: name, name: name};
        },
        findInstances: function (context) {
            reach(context, 'findInstances');
            return rows(context, 'instance').map(function (row) { return {id: row[0], name: row[0]}; });
        },
        readInstanceParameterValues: function (context, version, id) {
            reach(context, 'readInstanceParameterValues');
            return {values: [{name: 'name', value: id}]};
        },
        updateInstance: function (context, version, id) {
            add(context, 'updated', id);
            reach(context, 'updateInstance');
        },
        deleteInstance: function (context, version, id) {
            context.sqlClient.execute("DELETE FROM hanging WHERE kind = 'instance' AND name = ?", id);
            reach(context, 'deleteInstance');
        },
        check: function (context) { reach(context, 'check'); }
    }};
}());
"""

INSTANCE = ("instance", "create", "hanging", "--set", "name=one")


class Interrupts(CommandLineTest):
    """SIGINT while a statement hangs in the database, in each function of a definition."""

    def hang_in(self, function):
        self.write("registry/hanging.js", HANGING % function)

    def must_be_interrupted(self, function, *arguments):
        self.hang_in(function)
        before = self.dump()
        process = self.start_program("-v", *arguments, "--yes")
        if not any(b"now hanging" in line for line in process.stderr):
            self.fail(f"{arguments} never hung in {function}")
        process.send_signal(signal.SIGINT)
        result = self.finish_program(process)
        self.assertEqual(result.code, 130, (function, arguments, result.err))
        self.assertEqual(result.out, "")
        self.assertEqual(self.dump(), before, (function, arguments))

    def test_it_ends_and_nothing_is_changed(self):
        for function in ("install", "findInstallations"):
            self.must_be_interrupted(function, "install", "hanging@1.0.0")
        self.must_be_interrupted("install", "plan", "install", "hanging@1.0.0")
        self.hang_in("nothing")
        self.succeed("install", "hanging@1.0.0")
        for function in ("getInstanceParameters", "addInstance", "findInstances"):
            self.must_be_interrupted(function, *INSTANCE)
        self.hang_in("nothing")
        self.succeed(*INSTANCE)
        for function, *command in (
                ("readInstanceParameterValues", "instance", "update", "hanging", "one"),
                ("updateInstance", "instance", "update", "hanging", "one"),
                ("deleteInstance", "instance", "delete", "hanging", "one"),
                ("findInstances", "uninstall", "hanging"),
                ("upgrade", "upgrade", "hanging"),
                ("upgradeInstance", "upgrade", "hanging"),
                ("upgradeInstance", "upgrade", "--all"),
                ("findInstallations", "list"),
                ("check", "status")):
            self.must_be_interrupted(function, *command)
        self.hang_in("nothing")
        self.succeed("instance", "delete", "hanging", "one", "--yes")
        self.must_be_interrupted("uninstall", "uninstall", "hanging")


if __name__ == "__main__":
    unittest.main()
