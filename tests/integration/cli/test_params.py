# SPDX-License-Identifier: MIT
"""params schema, params validate and --defaults."""

import json
import unittest

from harness import SENTINEL, CommandLineTest


class Params(CommandLineTest):
    def setUp(self):
        super().setUp()
        self.provide("notes")

    def test_schema_has_a_property_for_each_parameter(self):
        schema = self.succeed("params", "schema", "notes").document()
        self.assertEqual(schema["$schema"], "https://json-schema.org/draft/2020-12/schema")
        self.assertEqual(list(schema["properties"]),
                         ["title", "color", "locked", "password", "body"])
        self.assertEqual(schema["properties"]["color"], {"title": "Color", "default": "red"})
        self.assertTrue(schema["properties"]["password"]["writeOnly"])
        self.assertFalse(schema["additionalProperties"])

    def test_valid_values_are_done(self):
        result = self.succeed("params", "validate", "notes", "--set", "title=board")
        self.assertEqual(result.out, "the values are valid\n")
        self.assertEqual(
            self.succeed("-q", "params", "validate", "notes", "--set", "title=board").out, "")

    def test_all_faults_are_told_and_nothing_is_created(self):
        values = self.write("values.json", json.dumps({"title": "NO", "color": "green"}))
        before = self.dump()
        result = self.run_program("params", "validate", "notes", "--values", values)
        self.assertEqual(result.code, 5)
        self.assertRegex(result.out, r"(?m)^title +The value has an invalid format\.$")
        self.assertRegex(result.out, r"(?m)^color +The value is not allowed\.")
        self.assertEqual(self.dump(), before)

    def test_report_as_json_is_there_with_faults_too(self):
        values = json.dumps({"title": "board", "locked": "true", "password": SENTINEL})
        valid = self.succeed("params", "validate", "notes", "--json", "--values", "-",
                             stdin=values)
        self.assertTrue(valid.document()["valid"])
        self.assertNotIn(SENTINEL, valid.out + valid.err)
        result = self.run_program("params", "validate", "notes", "--json")
        self.assertEqual(result.code, 5)
        self.assertEqual(result.document()["schema"], "extmgr.parameter-report/1")
        self.assertEqual(result.document()["failures"][0]["id"], "title")

    def test_secret_values_are_refused_in_arguments(self):
        self.fail_with(2, "params", "validate", "notes", "--set", "password=" + SENTINEL)

    def test_unknown_extension(self):
        self.fail_with(1, "params", "schema", "missing")
        self.fail_with(1, "params", "validate", "missing", "--json")
        self.fail_with(2, "params", "schema", "notes", "--set", "title=board")
        self.fail_with(2, "params")

    def test_defaults_are_applied_only_on_request(self):
        self.succeed("install", "notes")
        self.succeed("instance", "create", "notes", "--set", "title=without")
        self.succeed("instance", "create", "notes", "--set", "title=with", "--defaults")
        self.succeed("instance", "create", "notes", "--set", "title=given", "--set", "color=blue",
                     "--defaults")
        self.assertEqual(self.rows("SELECT title, color FROM notes_board ORDER BY id"),
                         [("without", None), ("with", "red"), ("given", "blue")])


if __name__ == "__main__":
    unittest.main()
