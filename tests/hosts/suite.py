#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs a test of tests/integration, built as a module, over the host in Python: suite.py MODULE

The steps are those of the program that meson runs under the same name; what differs is where its
database comes from. The module holds the library, too, so that both use the same one.
"""
import ctypes
import os
import sys

from python_host import Database, Library

OpenFunction = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_char_p)


def main(path):
    library = Library(path)
    kept = []  # the callbacks of a database live as long as it, and the test frees it

    def open_database(file):
        database = Database(library, os.fsdecode(file))
        database.close.detach()
        kept.append(database)
        return database.pointer

    opener = OpenFunction(open_database)
    module = ctypes.CDLL(path)
    module.fixture_in_python(opener)
    code = module.main()
    for database in kept:
        assert database.sessions == {}, 'a session was not given back'
    return code


if __name__ == '__main__':
    if os.environ.get('EXTMGR_TEST_SANITIZE', 'none') != 'none':
        print('1..0 # SKIP a sanitizer wants to be in the program from its start')
        sys.exit(77)
    sys.exit(main(sys.argv[1]))
