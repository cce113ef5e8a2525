# SPDX-License-Identifier: MIT
"""The script that lists BucketFS within Exasol, run here: test_script.py lib/manager/bucketfs.c"""
import ast
import os
import re
import sys
import tempfile
import unittest

SOURCE = sys.argv.pop(1)


def load_script():
    with open(SOURCE, encoding="utf-8") as file:
        literals = re.search(r"list_script\[\] =\n((?:\s*\"(?:\\.|[^\"\\])*\"\n?)+);", file.read())
    text = "".join(ast.literal_eval(line.strip()) for line in literals.group(1).splitlines())
    names = {}
    exec(compile(text, SOURCE, "exec"), names)  # pylint: disable=exec-used
    return names["run"]


class Context:
    """What Exasol hands to a script."""

    def __init__(self, path):
        self.path = path
        self.rows = []

    def emit(self, *row):
        self.rows.append(row)


class ListTest(unittest.TestCase):
    run_script = staticmethod(load_script())

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def write(self, name, content="abc"):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="ascii") as file:
            file.write(content)
        return path

    def rows(self, path=None):
        context = Context(self.folder if path is None else path)
        self.run_script(context)
        return context.rows

    def test_fails_for_empty_path(self):
        for path in ("", None):
            context = Context(path)
            with self.assertRaisesRegex(ValueError, "^Argument 'path' not defined$"):
                self.run_script(context)

    def test_empty_dir(self):
        self.assertEqual(self.rows(), [])
        self.assertEqual(self.rows(os.path.join(self.folder, "missing")), [])

    def test_single_file(self):
        path = self.write("a.jar")
        self.assertEqual(self.rows(), [("a.jar", path, 3)])

    def test_multiple_files(self):
        paths = [self.write("b"), self.write("a", "")]
        self.assertEqual(sorted(self.rows()), [("a", paths[1], 0), ("b", paths[0], 3)])

    def test_sub_dir(self):
        paths = [self.write("x/deep/er/f"), self.write("x/f")]
        self.assertEqual(sorted(self.rows()), sorted(("f", path, 3) for path in paths))

    def test_skips_dir_with_exaudf_subdir(self):
        self.write("slc/exaudf/lib.so")
        self.write("slc/other")
        path = self.write("kept/a.jar")
        self.assertEqual(self.rows(), [("a.jar", path, 3)])

    def test_links_are_not_followed(self):
        os.symlink(self.write("a"), os.path.join(self.folder, "link"))
        os.symlink(self.folder, os.path.join(self.folder, "circle"))
        self.assertEqual([row[0] for row in self.rows()], ["a"])


if __name__ == "__main__":
    unittest.main()
