#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The Python host against libextmgr: EXTMGR_LIBRARY names the library, EXTMGR_TEST_DEFINITIONS the
folder with audit-log.js."""
import gc
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import unittest
import weakref
from pathlib import Path

import python_host
from python_host import (LIST_AVAILABLE, LIST_INSTALLED, Database, ExtensionManager, ExtmgrError,
                         Library, Operation)

NOTES = '''
(function () {
    var VERSIONS = ['1.0.0', '1.1.0'];
    function has(context) {
        return context.sqlClient.query("SELECT name FROM sqlite_master WHERE name = ?",
                                       'notes_version').rows.length > 0;
    }
    function installed(context) {
        return has(context)
            ? context.sqlClient.query('SELECT version FROM notes_version').rows[0][0] : null;
    }
    function list(context) {
        return context.sqlClient.query('SELECT id, name FROM notes ORDER BY id').rows
            .map(function (row) { return {id: String(row[0]), name: row[1]}; });
    }
    global.installedExtension = {apiVersion: '0.2.0', extension: {
        name: 'Notes', description: 'Ünïcode', category: 'test', bucketFsUploads: [],
        installableVersions: [{name: '1.1.0', latest: true, deprecated: false},
                              {name: '1.0.0', latest: false, deprecated: false}],
        findInstallations: function (context) {
            return has(context) ? [{name: 'Notes', version: installed(context)}] : [];
        },
        install: function (context, version) {
            context.sqlClient.execute('CREATE TABLE notes_version (version TEXT)');
            context.sqlClient.execute('CREATE TABLE notes (id INTEGER PRIMARY KEY, name TEXT)');
            context.sqlClient.execute('INSERT INTO notes_version VALUES (?)', version);
        },
        uninstall: function (context) {
            context.sqlClient.execute('DROP TABLE notes');
            context.sqlClient.execute('DROP TABLE notes_version');
        },
        upgrade: function (context) {
            var before = installed(context);
            context.sqlClient.execute('UPDATE notes_version SET version = ?', '1.1.0');
            return {previousVersion: before, newVersion: '1.1.0'};
        },
        getInstanceParameters: function () {
            return [{id: 'name', name: 'Name', type: 'string', required: true}];
        },
        addInstance: function (context, version, parameters) {
            context.sqlClient.execute('INSERT INTO notes (name) VALUES (?)',
                                      parameters.values[0].value);
            return list(context).pop();
        },
        findInstances: list,
        readInstanceParameterValues: function (context, version, id) {
            return {values: [{name: 'name', value: list(context).filter(function (each) {
                return each.id === id;
            })[0].name}]};
        },
        deleteInstance: function (context, version, id) {
            context.sqlClient.execute('DELETE FROM notes WHERE id = ?', Number(id));
        }
    }};
}());
'''

# Installs for ever, in one statement.
SLOW = '''
global.installedExtension = {apiVersion: '0.2.0', extension: {
    name: 'Slow', installableVersions: [{name: '1.0.0', latest: true, deprecated: false}],
    findInstallations: function () { return []; },
    install: function (context) {
        context.sqlClient.execute('CREATE TABLE slow (n)');
        context.sqlClient.execute('INSERT INTO slow WITH RECURSIVE r(n) AS ' +
            '(SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT max(n) FROM r');
    }
}};
'''


class HostTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lines = []
        cls.library = Library(log=lambda *line: cls.lines.append(line))

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, 'target.db')
        self.definitions = Path(folder.name, 'definitions')
        self.definitions.mkdir()
        (self.definitions / 'notes.js').write_text(NOTES, encoding='utf-8')
        (self.definitions / 'slow.js').write_text(SLOW, encoding='utf-8')

    def manager(self):
        manager = ExtensionManager(self.library, self.path, str(self.definitions))
        self.addCleanup(manager.close)
        return manager

    def dump(self):
        connection = sqlite3.connect(self.path)
        try:
            # The library's own table grows with each operation.
            return [line for line in connection.iterdump()
                    if 'extmgr_target_history' not in line]
        finally:
            connection.close()

    def query(self, sql, *values):
        connection = sqlite3.connect(self.path)
        try:
            return connection.execute(sql, values).fetchall()
        finally:
            connection.commit()
            connection.close()


class Contract(HostTest):
    def test_the_library_finds_no_fault_in_the_callbacks(self):
        with Database(self.library, self.path) as database:
            report = database.check()
            self.assertEqual([probe for probe in report['probes']
                              if probe['outcome'] == 'failed'], [])
            self.assertGreater(report['passed'], 20)
            self.assertEqual(database.sessions, {})

    def test_handles_may_go_in_any_order(self):
        library = Library()
        manager = ExtensionManager(library, self.path, str(self.definitions))
        database = weakref.ref(manager.database)
        library.close()
        self.assertEqual(len(manager.list(LIST_AVAILABLE)), 2)
        manager.install('notes')
        manager.close()
        del manager, library
        gc.collect()
        self.assertIsNone(database())


class Life(HostTest):
    def test_a_tiny_definition(self):
        manager = self.manager()
        before = self.dump()
        self.assertEqual([e['id'] for e in manager.list(LIST_AVAILABLE)], ['notes', 'slow'])
        self.assertEqual(manager.describe('notes')['description'], 'Ünïcode')

        self.assertEqual(manager.install('notes', '1.0.0')['outcome'], 'committed')
        self.assertEqual([(e['id'], e['installedVersion'], e['state'])
                          for e in manager.list(LIST_INSTALLED)], [('notes', '1.0.0', 'upgradable')])
        self.assertEqual(manager.upgrade('notes')['newVersion'], '1.1.0')

        instance = manager.create_instance('notes', {'name': 'naïve 😀'})['instance']
        self.assertEqual(manager.instances('notes'), [instance])
        self.assertEqual(manager.read_instance('notes', instance['id'])['values'],
                         [{'name': 'name', 'value': 'naïve 😀'}])
        with self.assertRaises(ExtmgrError) as caught:
            manager.uninstall('notes')
        self.assertEqual(caught.exception.name, 'EXTMGR_E_INSTANCES_EXIST')

        self.assertEqual(manager.delete_instance('notes', instance['id'])['outcome'], 'committed')
        self.assertEqual(manager.uninstall('notes')['outcome'], 'committed')
        self.assertEqual(self.dump(), before)
        self.assertEqual(manager.database.sessions, {})

    def test_audit_log(self):
        source = Path(os.environ.get('EXTMGR_TEST_DEFINITIONS', ''), 'audit-log.js')
        shutil.copy(source, self.definitions)
        self.query('CREATE TABLE orders (id INTEGER PRIMARY KEY, item TEXT)')
        before = self.dump()
        manager = self.manager()
        manager.install('audit-log', '1.0.0')
        instance = manager.create_instance('audit-log', {'table': 'orders'})['instance']
        self.query('INSERT INTO orders (item) VALUES (?)', 'tea')
        manager.upgrade('audit-log')
        self.query("UPDATE orders SET item = 'coffee'")
        self.query('DELETE FROM orders')
        self.assertEqual(self.query('SELECT operation, row_data FROM audit_log ORDER BY id'),
                         [('insert', '{"id":1,"item":"tea"}'),
                          ('update', '{"id":1,"item":"coffee"}'),
                          ('delete', '{"id":1,"item":"coffee"}')])
        manager.delete_instance('audit-log', instance['id'])
        manager.uninstall('audit-log')
        self.assertEqual(self.dump(), before)

    def test_a_rehearsal_leaves_nothing(self):
        manager = self.manager()
        before = self.dump()
        report = manager.install('notes', rehearse=True)
        self.assertEqual(report['outcome'], 'rehearsed')
        self.assertIn('CREATE TABLE notes_version', report['statements'][0]['sql'])
        self.assertEqual(self.dump(), before)
        manager.install('notes')
        before = self.dump()
        manager.create_instance('notes', {'name': 'x'}, rehearse=True)
        manager.uninstall('notes', rehearse=True)
        self.assertEqual(self.dump(), before)


class Errors(HostTest):
    def test_an_error_has_code_message_and_hint(self):
        manager = self.manager()
        with self.assertRaises(ExtmgrError) as caught:
            manager.install('notes', '9.9.9')
        self.assertEqual(caught.exception.name, 'EXTMGR_E_VERSION_NOT_FOUND')
        self.assertIn("'9.9.9'", str(caught.exception))
        self.assertIn('1.1.0', caught.exception.hint)

    def test_an_error_of_sqlite_is_told_with_its_number(self):
        manager = self.manager()
        self.query('CREATE TABLE notes (id)')
        before = self.dump()
        with self.assertRaises(ExtmgrError) as caught:
            manager.install('notes')
        self.assertEqual(caught.exception.code, python_host.E_STATEMENT)
        self.assertEqual(caught.exception.host_code, sqlite3.SQLITE_ERROR)
        self.assertIn('table notes already exists', str(caught.exception))
        self.assertEqual(self.dump(), before)

    def test_an_exception_in_each_callback_becomes_an_error(self):
        class Teapot(BaseException):
            pass

        def fail(*_):
            raise Teapot('I’m a teapot')

        manager = self.manager()
        self.dump()
        before = self.dump()
        for name, code in (('open', 'HOST'), ('begin', 'HOST'), ('execute', 'HOST'),
                           ('query', 'HOST'), ('commit', 'COMMIT')):
            with self.subTest(name):
                setattr(manager.database, 'on_' + name, fail)
                with self.assertRaises(ExtmgrError) as caught:
                    manager.install('notes')
                self.assertEqual(caught.exception.name, 'EXTMGR_E_' + code)
                self.assertIn('Teapot: I’m a teapot', str(caught.exception))
                delattr(manager.database, 'on_' + name)
                self.assertEqual(self.dump(), before)
                self.assertEqual(manager.database.sessions, {})
        manager.install('notes')

    def test_a_lock_that_is_not_had_in_time(self):
        manager = self.manager()
        holder = sqlite3.connect(self.path, isolation_level=None)
        self.addCleanup(holder.close)
        holder.execute('BEGIN IMMEDIATE')
        manager.database.WAIT_SECONDS = 0.01
        with self.assertRaises(ExtmgrError) as caught:
            manager.install('notes')
        self.assertEqual(caught.exception.code, python_host.E_LOCKED)

    def test_a_reader_that_holds_its_lock(self):
        manager = self.manager()
        self.query('CREATE TABLE orders (id)')
        self.query('INSERT INTO orders VALUES (1)')
        before = self.dump()
        reader = sqlite3.connect(self.path, isolation_level=None)
        self.addCleanup(reader.close)
        reader.execute('BEGIN')
        reader.execute('SELECT * FROM orders').fetchall()
        manager.database.WAIT_SECONDS = 0.01
        with self.assertRaises(ExtmgrError) as caught:
            manager.install('notes')
        self.assertEqual(caught.exception.name, 'EXTMGR_E_COMMIT')
        self.assertIn('database is locked', str(caught.exception))
        reader.execute('COMMIT')
        self.assertEqual(self.dump(), before)
        manager.install('notes')

    def test_the_log_reaches_python(self):
        (self.definitions / 'notes.js').write_text('console.warn("wärn");' + NOTES)
        self.manager().install('notes')
        self.assertIn(('warning', 'definition:notes', 'wärn'), self.lines)


class Threads(HostTest):
    def test_managers_of_many_threads_share_a_context(self):
        failures = []

        def live(number):
            path = f'{self.path}.{number}'
            try:
                with ExtensionManager(self.library, path, str(self.definitions)) as manager:
                    for _ in range(5):
                        manager.install('notes')
                        instance = manager.create_instance('notes', {'name': str(number)})
                        assert manager.instances('notes') == [instance['instance']]
                        manager.delete_instance('notes', instance['instance']['id'])
                        manager.uninstall('notes')
            except BaseException as exception:  # pylint: disable=broad-except
                failures.append(exception)

        threads = [threading.Thread(target=live, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])

    def test_one_manager_serves_many_threads(self):
        manager = self.manager()
        outcomes = []

        def install():
            try:
                outcomes.append(manager.install('notes')['outcome'])
            except ExtmgrError as error:
                outcomes.append(error.name)

        threads = [threading.Thread(target=install) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(outcomes.count('committed'), 1)
        self.assertEqual(len(self.query('SELECT version FROM notes_version')), 1)

    def test_cancel_from_another_thread_interrupts_a_statement(self):
        manager = self.manager()
        before = self.dump()
        running = threading.Event()
        execute = manager.database.on_execute

        def on_execute(session, sql, *rest):
            # The statement that never ends: from its first steps on it can be interrupted.
            manager.database.sessions[session].set_progress_handler(running.set, 1000)
            return execute(session, sql, *rest)

        manager.database.on_execute = on_execute
        with Operation(self.library) as operation:
            thread = threading.Thread(target=lambda: running.wait(60) and operation.cancel())
            thread.start()
            with self.assertRaises(ExtmgrError) as caught:
                manager.install('slow', operation=operation)
            thread.join()
        self.assertEqual(caught.exception.code, python_host.E_CANCELLED)
        self.assertEqual(self.dump(), before)

    def test_a_deadline_interrupts_a_statement(self):
        manager = self.manager()
        with Operation(self.library, timeout_ms=100) as operation:
            with self.assertRaises(ExtmgrError) as caught:
                manager.install('slow', operation=operation)
        self.assertEqual(caught.exception.name, 'EXTMGR_E_TIMEOUT')
        self.assertEqual(self.query("SELECT name FROM sqlite_master"), [])

    def test_progress_tells_the_steps_and_may_cancel(self):
        manager = self.manager()
        steps = []
        with Operation(self.library, actor='me',
                       progress=lambda step, done, total: steps.append(step)) as operation:
            manager.install('notes', operation=operation)
        self.assertIn('commit', steps)
        with Operation(self.library, progress=lambda *_: True) as operation:
            with self.assertRaises(ExtmgrError) as caught:
                manager.uninstall('notes', operation=operation)
        self.assertEqual(caught.exception.code, python_host.E_CANCELLED)


class Process(unittest.TestCase):
    def test_a_program_may_end_without_closing_anything(self):
        program = ('import python_host as h; l = h.Library(); '
                   'm = h.ExtensionManager(l, ":memory:", "."); m.list(1); o = h.Operation(l)')
        ended = subprocess.run([sys.executable, '-c', program], check=False, capture_output=True,
                               cwd=Path(__file__).parent)
        self.assertEqual((ended.returncode, ended.stderr), (0, b''))


if __name__ == '__main__':
    if os.environ.get('EXTMGR_TEST_SANITIZE', 'none') != 'none':
        print('skipped: a sanitizer wants to be in the program from its start')
        sys.exit(77)
    unittest.main(verbosity=2)
