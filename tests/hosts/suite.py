#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs a test of tests/integration, built as a module, over the host in Python: suite.py MODULE

The steps are those of the program that meson runs under the same name; what differs is where its
database comes from. The module holds the library, too, so that both use the same one.
"""
import ctypes
import os
import sqlite3
import sys

from python_host import Database, Library



def path_of(url):
    return os.fsdecode(url).removeprefix('sqlite:')


class Host(ctypes.Structure):
    """struct fixture_host of tests/support/fixture.h."""

    _fields_ = [
        ('open', ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_char_p)),
        ('connect', ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_char_p)),
        ('attach', ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p)),
        ('run', ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p)),
        ('disconnect', ctypes.CFUNCTYPE(None, ctypes.c_void_p)),
    ]


def main(path):
    library = Library(path)
    kept = []  # the callbacks of a database live as long as it, and the test frees it
    connections = {}

    def keep(database):
        database.close.detach()
        kept.append(database)
        return database.pointer

    def connect(url):
        number = len(connections) + 1
        connections[number] = sqlite3.connect(path_of(url), isolation_level=None,
                                              check_same_thread=False)
        return number

    def run(number, sql):
        try:
            connections[number].execute(sql.decode())
        except sqlite3.Error:
            return 1
        return 0

    host = Host()
    for (name, kind), function in zip(Host._fields_, (
            lambda url: keep(Database(library, path_of(url))),
            connect,
            lambda number: keep(Database(library, None, connections[number])),
            run,
            lambda number: connections[number].close())):
        setattr(host, name, kind(function))
    module = ctypes.CDLL(path)
    module.fixture_in_python(ctypes.byref(host))
    code = module.main()
    for database in kept:
        assert database.sessions == {}, 'a session was not given back'
    return code


if __name__ == '__main__':
    if os.environ.get('EXTMGR_TEST_SANITIZE', 'none') != 'none':
        print('1..0 # SKIP a sanitizer wants to be in the program from its start')
        sys.exit(0)
    sys.exit(main(sys.argv[1]))
