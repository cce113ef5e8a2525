# SPDX-License-Identifier: MIT
"""The suite for extensions with instances on audit-log, in SQLite files and a PostgreSQL."""
import os
import shutil
import tempfile
import unittest

from databases import Postgresql, Sqlite, quote
from extmgr_testkit import DatabaseTarget, ServerTarget, suites

DEFINITIONS = os.environ['EXTMGR_TEST_DEFINITIONS']
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


if __name__ == '__main__':
    unittest.main()
