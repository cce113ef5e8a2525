# SPDX-License-Identifier: MIT
"""Runs the command line as a person or a script would, and reads what comes back."""

import fcntl
import json
import os
import pty
import re
import select
import shutil
import sqlite3
import struct
import subprocess
import tempfile
import termios
import time
import unittest

PROGRAM = os.path.abspath(os.environ["EXTMGR_PROGRAM"])
DEFINITIONS = os.environ["EXTMGR_TEST_DEFINITIONS"]
# Nothing here waits for the clock; this is only how long a program that hangs is waited for.
PATIENCE_SECONDS = 60
SENTINEL = "sentinel-7f3a9c"


class Result:
    def __init__(self, code, out, err):
        self.code = code
        self.out = out
        self.err = err

    def document(self):
        """The one JSON document on stdout."""
        return json.loads(self.out)

    def error(self):
        """The error document, the last line of stderr."""
        return json.loads(self.err.splitlines()[-1])


class Terminal:
    """A program whose questions go to a pseudo terminal."""

    def __init__(self, arguments, environment, stdout_on_terminal=False, columns=80):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.slave = slave
        self.seen = ""
        self.at = 0
        self.process = subprocess.Popen(
            [PROGRAM, *arguments],
            stdin=slave,
            stdout=slave if stdout_on_terminal else subprocess.PIPE,
            stderr=slave,
            env=environment,
        )

    def expect(self, text):
        """Waits until text was printed behind what was waited for before."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while text not in self.seen[self.at :]:
            if not self._read(max(0, deadline - time.monotonic())):
                raise AssertionError(f"no {text!r} in {self.seen[self.at:]!r}")
        self.at = self.seen.index(text, self.at) + len(text)

    def _read(self, seconds):
        ready, _, _ = select.select([self.master], [], [], seconds)
        if not ready:
            return False
        self.seen += os.read(self.master, 4096).decode("utf-8", "replace")
        return True

    def type(self, line):
        os.write(self.master, line.encode() + b"\n")

    def echoes(self):
        return bool(termios.tcgetattr(self.slave)[3] & termios.ECHO)

    def finish(self):
        """Waits for the end; answers the exit code."""
        pipe = self.process.stdout
        out = ""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.process.poll() is None and time.monotonic() < deadline:
            self._read(0.05)
        while self._read(0):
            pass
        if pipe:
            out = pipe.read().decode()
            pipe.close()
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"it does not end; terminal: {self.seen!r}")
        os.close(self.master)
        os.close(self.slave)
        return Result(self.process.returncode, out, self.seen)


class CommandLineTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="extmgr-cli-")
        self.addCleanup(shutil.rmtree, self.directory)
        self.registry = os.path.join(self.directory, "registry")
        os.mkdir(self.registry)
        self.database = os.path.join(self.directory, "target.db")
        self.environment = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith("EXTMGR_") and key != "NO_COLOR"
        }
        self.environment["TERM"] = "xterm"
        self.environment["EXTMGR_DB"] = "sqlite:" + self.database
        self.environment["EXTMGR_REGISTRY"] = self.registry
        self.environment["EXTMGR_CACHE"] = os.path.join(self.directory, "cache")
        # An empty file, as SQLite has it, so that dumps can be compared.
        open(self.database, "w").close()

    def provide(self, *names):
        for name in names:
            shutil.copy(os.path.join(DEFINITIONS, name + ".js"), self.registry)

    def write(self, name, text):
        path = os.path.join(self.directory, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, 0o600)
        return path

    def start_program(self, *arguments, environment=None):
        """Runs beside the test; finish_program() waits for it."""
        process = subprocess.Popen(
            [PROGRAM, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**self.environment, **(environment or {})},
        )
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def finish_program(self, process, stdin=""):
        out, err = process.communicate(stdin.encode(), timeout=PATIENCE_SECONDS)
        return Result(process.returncode, out.decode(), err.decode())

    def run_program(self, *arguments, stdin="", environment=None):
        process = self.start_program(*arguments, environment=environment)
        return self.finish_program(process, stdin)

    def succeed(self, *arguments, **options):
        result = self.run_program(*arguments, **options)
        self.assertEqual(result.code, 0, result.err)
        return result

    def fail_with(self, code, *arguments, **options):
        """Expects the exit code, the error's form and nothing on stdout."""
        result = self.run_program(*arguments, **options)
        self.assertEqual(result.code, code, result.out + result.err)
        self.assertEqual(result.out, "")
        if "--json" in arguments:
            self.assertEqual(result.error()["schema"], "extmgr.error/1")
            self.assertTrue(result.error()["hint"])
        else:
            self.assertRegex(result.err, r"(?m)^extmgr: .+\nhint: .+\n\Z")
        return result

    def terminal(self, *arguments, **options):
        return Terminal(arguments, self.environment, **options)

    def dump(self):
        connection = sqlite3.connect(self.database)
        try:
            return list(connection.iterdump())
        finally:
            connection.close()

    def rows(self, sql):
        connection = sqlite3.connect(self.database)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def assert_harmless(self, text):
        """No control character but line feeds (and the terminal's carriage returns)."""
        self.assertIsNone(re.search("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e]", text))
