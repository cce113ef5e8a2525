# SPDX-License-Identifier: MIT
"""The suites on real databases: audit-log with its instances in SQLite files and a PostgreSQL, and an
extension without any."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from databases import Postgresql, Sqlite, quote
from extmgr_testkit import DatabaseTarget, ServerTarget, suites

DEFINITIONS = os.environ['EXTMGR_TEST_DEFINITIONS']
LEDGER = Path(__file__).parent / 'ledger.js'
PROGRAM = os.environ.get('EXTMGR_PROGRAM')


class AuditLog(suites.VirtualSchemaExtension):
    """An instance is an audited table, which must be there before."""

    first, second, quoted = 'orders', 'stock', "o'rders"
    TABLES = (first, second, quoted)
    config = suites.Config(
        id='audit-log', name='Audit log', description='Records inserts, updates and deletes of tables, row by row',
        current_version='1.1.0', previous_version='1.0.0',
        objects=['TABLE audit_log', 'TABLE audit_log_instance', 'TABLE audit_log_version'],
        wrong_version='(?i)version.*0\\.0\\.0', not_installed='The audit log is not installed', parameter_count=4,
        first_parameter={
            'id': 'table', 'name': 'Table', 'type': 'string', 'required': True, 'maxLength': 255, 'immutable': True,
            'description': 'The table to audit. On PostgreSQL "schema.table", or a table of the search path.',
            'placeholder': 'orders'},
        duplicate='is already audited|does not exist')

    def make_database(self):
        raise NotImplementedError

    def make_target(self):
        self.db = self.make_database()
        for table in self.TABLES:
            self.db.run(f'CREATE TABLE {quote(table)} (id INTEGER PRIMARY KEY, item TEXT)')
        return self.open_target(self.db.url, self.db.rows, self.db.drop, DEFINITIONS, 'audit-log')

    def open_target(self, *arguments):
        return DatabaseTarget(*arguments)

    def values(self, name):
        return {'table': name, 'keep-days': '90'}

    def create_in_previous(self, name):
        self.target.create_instance(self.values(name), self.config.previous_version)

    def make_manually(self):
        schema = '' if self.db.name == 'sqlite' else 'extensions.'
        if schema:
            self.db.run('CREATE SCHEMA extensions')
        self.db.run(f"CREATE TABLE {schema}audit_log_version (version TEXT);"
                    f"INSERT INTO {schema}audit_log_version VALUES ('1.1.0')")

    def instance_objects(self, name):
        """As the database has them: their names are ours, their texts its own."""
        found = self.target.objects()
        triggers = {key: text for key, text in found.items()
                    if key.startswith('TRIGGER ') and self.trigger_is_on(text, name)}
        self.assertEqual(len(triggers), self.TRIGGERS)
        return triggers

    def trigger_is_on(self, text, name):
        raise NotImplementedError

    def assert_instance_works(self, name):
        self.db.run(f"INSERT INTO {quote(name)} VALUES (1, 'tea'); DELETE FROM {quote(name)}")
        self.assertEqual(
            [(row['table_name'], row['operation'])
             for row in self.db.rows(f'SELECT table_name, operation FROM {self.LOG} ORDER BY id')],
            [(self.instance(name), 'insert'), (self.instance(name), 'delete')])


class Emptied(Postgresql):
    """One for all tests: making a database takes longer than a test."""

    def drop(self):
        self.run_as_admin('DROP SCHEMA IF EXISTS extensions CASCADE; DROP SCHEMA public CASCADE;'
                          'CREATE SCHEMA public AUTHORIZATION em')


class AuditLogOnSqlite(AuditLog, unittest.TestCase):
    LOG = 'audit_log'
    TRIGGERS = 3

    def make_database(self):
        folder = tempfile.mkdtemp(prefix='extmgr-suite-')
        self.addCleanup(shutil.rmtree, folder)
        return Sqlite(folder)

    def trigger_is_on(self, text, name):
        return f'ON {quote(name)} ' in text


@unittest.skipUnless(PROGRAM, 'the server is not built')
class AuditLogBehindServer(AuditLogOnSqlite):
    def open_target(self, *arguments):
        return ServerTarget(*arguments, program=PROGRAM)


class AuditLogOnPostgresql(AuditLog, unittest.TestCase):
    LOG = 'extensions.audit_log'
    TRIGGERS = 2

    @classmethod
    def setUpClass(cls):
        cls.database = Emptied('suite')

    def make_database(self):
        return self.database

    def instance(self, name):
        return 'public.' + (name if name.isalnum() else quote(name))

    def trigger_is_on(self, text, name):
        return f' ON {self.instance(name)} ' in text


class Ledger(suites.ScriptExtension, unittest.TestCase):
    """An extension that no longer installs the version before: its released file does."""

    refuses_instances = False
    config = suites.Config(
        id='ledger', name='Ledger', description='Keeps accounts', current_version='2.0.0', previous_version='1.0.0',
        objects=['TABLE ledger', 'TABLE ledger_version'], not_installed='Ledger is not installed')
    target_class = DatabaseTarget
    more = {}

    def make_target(self):
        folder = tempfile.mkdtemp(prefix='extmgr-suite-')
        self.addCleanup(shutil.rmtree, folder)
        source = LEDGER.read_text(encoding='utf-8')
        previous = os.path.join(folder, 'ledger-1.0.0.js')
        with open(previous, 'w', encoding='utf-8') as file:
            file.write(source.replace("VERSION = '2.0.0'", "VERSION = '1.0.0'"))
        definitions = os.path.join(folder, 'definitions')
        os.mkdir(definitions)
        shutil.copy(LEDGER, definitions)
        self.db = Sqlite(folder)
        return self.target_class(self.db.url, self.db.rows, self.db.drop, definitions, 'ledger', previous, **self.more)

    def assert_installation_works(self):
        super().assert_installation_works()
        self.db.run("INSERT INTO ledger VALUES (1, '1.50')" if 'note' not in self.target.objects()['TABLE ledger']
                    else "INSERT INTO ledger VALUES (1, '1.50', 'tea')")

    def test_a_definition_that_is_not_there_is_told(self):
        self.target.id = 'leger'
        with self.assertRaisesRegex(LookupError, "^there is no definition 'leger'; there are: ledger$"):
            self.target.extension()


@unittest.skipUnless(PROGRAM, 'the server is not built')
class LedgerBehindServer(Ledger):
    target_class = ServerTarget
    more = {'program': PROGRAM}


class MissingLibraries(unittest.TestCase):
    def test_the_message_names_the_remedy(self):
        for variable, call in (('EXTMGR_LIBRARY', 'extmgr.library()'),
                               ('EXTMGR_DRIVERS', 'extmgr.open_database("sqlite:x.db")')):
            done = subprocess.run([sys.executable, '-c', f'import extmgr; {call}'], text=True, capture_output=True,
                                  check=False, env={**os.environ, variable: '/nowhere/lib.so'})
            self.assertRegex(done.stderr, rf'OSError: /nowhere/lib\.so: .*: install libextmgr, or set {variable} to '
                                          r'the path of libextmgr[a-z-]*\.so\.0')


if __name__ == '__main__':
    unittest.main()
