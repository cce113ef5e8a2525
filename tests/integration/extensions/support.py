# SPDX-License-Identifier: MIT
"""What the tests of the example extensions share."""

from harness import CommandLineTest


class ExtensionTest(CommandLineTest):
    """Both extensions in the registry, and a database that goes with the test."""

    def setUp(self):
        super().setUp()
        self.provide("audit-log", "foreign-data")
        self.db = self.make_database()
        self.addCleanup(self.db.drop)
        self.environment["EXTMGR_DB"] = self.db.url

    def make_database(self):
        raise NotImplementedError

    def document(self, *arguments, **options):
        return self.succeed("--json", *arguments, **options).document()

    def create(self, extension, stdin="", files=None, **values):
        """Makes an instance; its id. Underscores stand for the dashes of parameters."""
        arguments = self.create_arguments(extension, files, **values)
        return self.document(*arguments, stdin=stdin)["instance"]["id"]

    @staticmethod
    def create_arguments(extension, files=None, **values):
        arguments = ["instance", "create", extension]
        for name, value in values.items():
            arguments += ["--set", f"{name.replace('_', '-')}={value}"]
        for name, path in (files or {}).items():
            arguments += ["--set-file", f"{name}={path}"]
        return arguments

    def delete(self, extension, instance):
        """Behind "--" it may begin with a dash."""
        self.succeed("--yes", "instance", "delete", extension, "--", instance)

    def instances(self, extension):
        return [instance["id"]
                for instance in self.document("instance", "list", extension)["instances"]]

    def values(self, extension, instance):
        document = self.document("instance", "show", extension, "--", instance)
        return {value["name"]: value.get("value") for value in document["values"]}

    def refuse(self, code, *arguments, **options):
        """Fails with the exit code and leaves the database as it was; the error's message."""
        before = self.db.snapshot()
        result = self.fail_with(code, *arguments, **options)
        self.assertEqual(self.db.snapshot(), before)
        return result.err

    def rehearse(self, *arguments, expect):
        """Each form of a rehearsal shows the text and leaves the database as it was."""
        before = self.db.snapshot()
        for form in (["--dry-run"], ["--dry-run", "--json"]):
            self.assertIn(expect, self.succeed(*arguments, *form).out)
        for form in ("text", "sql", "json"):
            self.assertIn(expect, self.succeed("plan", *arguments, "--format", form).out)
        self.assertEqual(self.db.snapshot(), before)
