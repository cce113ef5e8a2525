# SPDX-License-Identifier: MIT
"""definition new and definition lint."""
import json
import os
import re
import resource
import signal
import subprocess
import unittest

from harness import PATIENCE_SECONDS, PROGRAM, CommandLineTest, Result

GOOD = """function f() {}
global.installedExtension = {apiVersion: "0.2.0", extension: {name: "N", category: "c", description: "d",
    installableVersions: [{name: "1.0.0", latest: true, deprecated: false}],
    findInstallations: f, install: f, uninstall: f, upgrade: f}};
"""
FILES = [".gitignore", "package.json", "src/my-notes.ts", "test/my-notes.json", "tsconfig.json"]


class DefinitionLint(CommandLineTest):
    def setUp(self):
        super().setUp()
        # Neither is needed.
        self.environment.update(EXTMGR_DB="", EXTMGR_REGISTRY="")

    def lint(self, code, source, *arguments):
        self.path = self.write("x.js", source)
        result = self.run_program("definition", "lint", self.path, *arguments)
        self.assertEqual((result.code, result.err), (code, ""))
        self.assert_harmless(result.out)
        return result

    def test_a_clean_definition(self):
        self.assertEqual(self.lint(0, GOOD).out, f"{self.path}: nothing found\n")
        self.assertEqual(self.lint(0, GOOD, "--json").document(),
                         {"schema": "extmgr.lint/1", "id": "x", "clean": True, "findings": []})

    def test_each_finding_has_place_and_remedy(self):
        bad = GOOD.replace("function f() {}", "function f() {\n eval('1'); }").replace('"1.0.0"', '"1.\\u0007"')
        lines = self.lint(1, bad).out.splitlines()
        self.assertEqual(lines[0], f"{self.path}:2: error: eval() does not exist in the sandbox [not-in-sandbox]")
        self.assertRegex(lines[2], rf"^{re.escape(self.path)}: warning: installableVersions\[0\]\.name: "
                                   r"the version .* \[version-name\]$")
        for hint in lines[1::2]:
            self.assertRegex(hint, r"^  hint: \S")
        document = self.lint(1, bad, "--json").document()
        self.assertEqual(document["clean"], False)
        self.assertEqual([(f["rule"], f["severity"], f["line"], f["place"]) for f in document["findings"]],
                         [("not-in-sandbox", "error", 2, None),
                          ("version-name", "warning", None, "installableVersions[0].name")])

    def test_what_cannot_be_loaded_is_a_finding(self):
        for source, rule, line in (("\nvar a b", "script-syntax", 2), ("throw 'x'", "script-threw", None),
                                   ("", "definition-unregistered", None)):
            found = self.lint(1, source, "--json").document()["findings"]
            self.assertEqual([(f["rule"], f["line"]) for f in found], [(rule, line)], source)

    def test_faults_of_the_caller(self):
        self.fail_with(1, "definition", "lint", "/nonexistent")
        self.fail_with(2, "definition", "lint")
        self.fail_with(2, "definition", "lint", "x.js", "--scenario", "x")


class DefinitionNew(CommandLineTest):
    def setUp(self):
        super().setUp()
        self.environment.update(EXTMGR_DB="", EXTMGR_REGISTRY="")
        self.project = os.path.join(self.directory, "project")

    def new(self, *arguments):
        return self.succeed("definition", "new", "my-notes", "--dir", self.project, *arguments)

    def files(self):
        return sorted(os.path.relpath(os.path.join(folder, name), self.project)
                      for folder, _, names in os.walk(self.project) for name in names)

    def test_it_makes_a_project_with_the_name_in_it(self):
        self.assertIn(f"made {self.project}\n", self.new().out)
        self.assertEqual(self.files(), FILES)
        for name in FILES:
            with open(os.path.join(self.project, name), encoding="utf-8") as file:
                text = file.read()
            self.assertNotIn("@NAME@", text)
            if name.endswith(".json"):
                json.loads(text)
        with open(os.path.join(self.project, "src/my-notes.ts"), encoding="utf-8") as file:
            self.assertIn("const NAME = 'my-notes';", file.read())

    def test_the_next_steps_can_be_copied(self):
        for folder in ("plain", "with blank's", "-x"):
            made = subprocess.run([PROGRAM, "definition", "new", "my-notes", f"--dir={folder}"], cwd=self.directory,
                                  env=self.environment, text=True, capture_output=True, check=True).stdout
            change = re.search(r"^  (cd .*)$", made, re.M)[1]
            done = subprocess.run(["sh", "-euc", f"{change}\npwd"], cwd=self.directory, text=True,
                                  capture_output=True, check=True)
            self.assertEqual(os.path.basename(done.stdout.rstrip("\n")), folder)

    def test_json(self):
        document = self.new("--json").document()
        self.assertEqual(sorted(document.pop("files")), FILES)
        self.assertEqual(document, {"schema": "extmgr.definition-project/1", "name": "my-notes",
                                    "directory": self.project})

    def test_an_empty_folder_is_filled_and_any_other_left_alone(self):
        os.mkdir(self.project)
        self.new()
        before = self.files()
        result = self.fail_with(1, "definition", "new", "other", "--dir", self.project)
        self.assertIn("is there already", result.err)
        self.assertEqual(self.files(), before)
        self.fail_with(1, "definition", "new", "x", "--dir", self.write("file", ""))
        self.fail_with(1, "definition", "new", "x", "--dir", os.path.join(self.directory, "missing/x"))

    def test_nothing_is_left_behind_after_a_failure(self):
        result = self.run_limited("definition", "new", "x", "--dir", self.project)
        self.assertEqual(result.code, 1, result.err)
        self.assertFalse(os.path.exists(self.project))

    def run_limited(self, *arguments):
        """With files of at most 1 KiB: the source, in a folder that was made, cannot be written."""
        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))
        done = subprocess.run([PROGRAM, *arguments], env=self.environment, preexec_fn=limit, text=True,
                              capture_output=True, timeout=PATIENCE_SECONDS, check=False)
        return Result(done.returncode, done.stdout, done.stderr)

    def test_names_that_cannot_be_ids_are_usage_errors(self):
        for name in ("", "A", "a b", "../x", ".x", "-", "a/b", "ä", "x" * 101, "x.js", "x.d"):
            self.fail_with(2, "definition", "new", "--", name)
        self.fail_with(2, "definition", "new")


if __name__ == "__main__":
    unittest.main()
