# SPDX-License-Identifier: MIT
"""The suites of the Python kit: on the two extensions with the published base classes over scenarios."""
import json
import re
import shutil
import tempfile
import unittest
from pathlib import Path

import extmgr
import npm_project
from extmgr_testkit import Exasol, OperationFailed, ScenarioTarget, TargetAssertions, suites

FOLDER = Path(tempfile.mkdtemp(prefix='extmgr-kit-'))


def previous_of(definition, current, previous):
    """What was released before: the same with another version, in a folder of its own."""
    path = FOLDER / previous / definition.name
    path.parent.mkdir(exist_ok=True)
    path.write_text(definition.read_text(encoding='utf-8').replace(current, previous), encoding='utf-8')
    return path


class FileImport(suites.ScriptExtension, unittest.TestCase):
    config = suites.Config(
        id='exasol-file-import', name='File import', description='Imports files from a cloud storage',
        current_version='2.1.0', previous_version='1.9.3', objects=['SCRIPT IMPORT_METADATA', 'SCRIPT IMPORT_PATH'])
    definition = FOLDER / 'exasol-file-import.js'

    def make_target(self):
        return ScenarioTarget(self.definition, previous=previous_of(self.definition, '2.1.0', '1.9.3'))

    def assert_installation_works(self):
        for name in self.config.objects:
            script = self.target.objects()[name]
            self.assertIn('%jar /buckets/bfsdefault/default/file-import-2.1.0.jar;', script['text'])
            self.assertEqual(script['comment'], 'Created by Extension Manager for File import 2.1.0')


class DocumentFiles(suites.VirtualSchemaExtension, unittest.TestCase):
    config = suites.Config(
        id='exasol-document-files', name='Document files', description='Virtual schema over documents in files',
        current_version='3.0.0', previous_version='2.9.0',
        objects=['SCRIPT DOCUMENT_FILES_ADAPTER', 'SCRIPT IMPORT_FROM_DOCUMENT_FILES'], parameter_count=5,
        first_parameter={
            'id': 'baseVirtualSchemaName', 'name': 'Virtual schema name', 'type': 'string', 'required': True,
            'description': 'Name for the new virtual schema', 'placeholder': 'MY_VIRTUAL_SCHEMA',
            'regex': '[a-zA-Z][a-zA-Z0-9_]*'})
    definition = FOLDER / 'exasol-document-files.js'

    def make_target(self):
        return ScenarioTarget(self.definition, previous=previous_of(self.definition, '3.0.0', '2.9.0'))

    def make_manually(self):
        self.target.exasol.schemas.add('EXA_EXTENSIONS')
        for kind, name in (('ADAPTER', 'DOCUMENT_FILES_ADAPTER'), ('SET', 'IMPORT_FROM_DOCUMENT_FILES')):
            self.target.exasol.execute(f'CREATE OR REPLACE JAVA {kind} SCRIPT "EXA_EXTENSIONS"."{name}" AS\n'
                                       '    %scriptclass x.Y;\n    %jar /buckets/a/b/document-files-3.0.0.jar;')

    def values(self, name):
        return {'baseVirtualSchemaName': name, 'MAPPING': '{"it\'s": 1}', 'bucket': "b'ucket",
                'accessKey': 'se"cret', 'useSsl': 'false'}

    def instance_objects(self, name):
        connection = f'{name.upper()}_CONNECTION'
        comment = f'Created by Extension Manager for Document files v3.0.0 {name}'
        return {
            f'VIRTUAL_SCHEMA {name}': {
                'adapter': ('EXA_EXTENSIONS', 'DOCUMENT_FILES_ADAPTER'), 'comment': comment,
                'properties': {'CONNECTION_NAME': connection, 'MAPPING': '{"it\'s": 1}'}},
            f'CONNECTION {connection}': {
                'to': '', 'user': None, 'comment': comment,
                'password': json.dumps({'bucket': "b'ucket", 'accessKey': 'se"cret', 'useSsl': False},
                                       separators=(',', ':'))}}

    def assert_instance_works(self, name):
        made = {key: entry for key, entry in self.target.objects().items() if key in self.instance_objects(name)}
        self.assertEqual(made, self.instance_objects(name))

    def test_uninstalling_with_instances_is_400_and_names_them(self):
        self.target.install()
        self.create('FIRST')
        self.assert_fails(400, r'^cannot uninstall extension because 1 instance\(s\) still exist: FIRST$',
                          self.target.uninstall)


class Scripts(TargetAssertions, unittest.TestCase):
    """Installations that are not whole, with the texts of the base classes."""

    def setUp(self):
        self.target = ScenarioTarget(FileImport.definition)

    def have(self, **versions):
        self.target.exasol.schemas.add('EXA_EXTENSIONS')
        for name, file in versions.items():
            self.target.exasol.execute(f'CREATE OR REPLACE JAVA SET SCRIPT "EXA_EXTENSIONS"."{name}" AS\n'
                                       f'    %jar /buckets/a/b/{file}.jar;')

    def test_there_are_no_instances(self):
        """The four texts that clients know."""
        self.target.install()
        for call, text in (((self.target.instances,), 'Finding'), ((self.target.create_instance, {}), 'Creating'),
                           ((self.target.delete_instance, 'x'), 'Deleting'), ((self.target.parameters,), 'Creating')):
            self.assert_fails(404, f'^{text} instances not supported$', *call)

    def test_one_script_is_missing(self):
        self.have(IMPORT_PATH='file-import-2.1.0')
        self.assertEqual(self.target.installations(), [])
        self.assert_fails(412, "^Not all required scripts are installed: Validation failed: "
                               "Script 'IMPORT_METADATA' is missing$", self.target.upgrade)

    def test_scripts_of_two_versions(self):
        text = "Not all scripts use the same version. Found 2 different versions: '2.0.0, 2.1.0'"
        self.have(IMPORT_METADATA='file-import-2.0.0', IMPORT_PATH='file-import-2.1.0')
        self.assert_fails(412, f'^{re.escape(text)}$', self.target.installations)
        self.assert_fails(412, f'^{re.escape("Failed to validate script versions: " + text)}$',
                          self.target.upgrade)

    def test_a_script_without_a_version(self):
        self.have(IMPORT_METADATA='other', IMPORT_PATH='file-import-2.1.0')
        self.assert_fails(412, "^Failed to get versions: Script 'IMPORT_METADATA': Could not find version in jar "
                               "file name 'other.jar'$", self.target.installations)


class Kit(TargetAssertions, unittest.TestCase):
    """The assertions find what they are for."""

    def setUp(self):
        self.target = ScenarioTarget(FileImport.definition)

    def expect_failure(self, call, *arguments, says=''):
        with self.assertRaisesRegex(AssertionError, says):
            call(*arguments)

    def test_a_call_that_succeeds_or_fails_otherwise_is_found(self):
        self.expect_failure(self.assert_fails, (404, 412), '', self.target.install,
                            says=r'install\(\) did not fail with \(404, 412\), it answered None')
        self.target.close()
        self.expect_failure(self.assert_fails, 400, '', self.target.install, '0.0.0')
        self.expect_failure(self.assert_fails, 404, 'other text', self.target.install, '0.0.0')

    def test_a_failure_that_changes_something_is_found(self):
        def call():
            self.target.install()
            raise OperationFailed(500, 'x')
        self.expect_failure(self.assert_fails, 500, 'x', call, says='(?s)SCRIPT IMPORT_PATH.*: the failed call changed these objects')

    def test_objects_and_their_absence(self):
        self.assert_no_objects()
        self.expect_failure(self.assert_objects, 'SCRIPT IMPORT_PATH')
        self.target.install()
        self.assert_objects('SCRIPT IMPORT_PATH')
        self.assert_no_objects('CONNECTION')
        self.assert_no_object('SCRIPT OTHER')
        self.expect_failure(self.assert_no_objects, 'SCRIPT')
        self.expect_failure(self.assert_no_object, 'SCRIPT IMPORT_PATH')
        self.target.close()
        self.assert_no_objects()

    def test_a_statement_that_fails_leaves_nothing(self):
        self.target.exasol.execute = lambda sql: Exasol.execute(
            self.target.exasol, sql.replace('COMMENT', 'REMARK'))
        self.assert_fails(500, 'does not know the statement: REMARK ON', self.target.install)

    def test_the_suites_have_as_many_tests_as_those_of_the_reference(self):
        self.assertEqual((suites.count(suites.ScriptExtension), suites.count(suites.VirtualSchemaExtension)),
                         (18, 27))

    def test_errors_of_the_library_have_code_and_status(self):
        with self.assertRaises(extmgr.ExtmgrError) as caught:
            extmgr.try_definition('x', 'nonsense nonsense', {})
        self.assertEqual(caught.exception.code, 'EXTMGR_E_SCRIPT_SYNTAX')


def setUpModule():
    npm_project.build_examples(FOLDER)
    unittest.addModuleCleanup(shutil.rmtree, FOLDER)


if __name__ == '__main__':
    npm_project.require()
    unittest.main()
