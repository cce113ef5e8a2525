# SPDX-License-Identifier: MIT
"""From `definition new` to an installed extension, and the committed examples as they are built."""
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import threading
import unittest
from pathlib import Path
from unittest import mock

import npm_project
from npm_project import KIT, NODE, PROGRAM, SECONDS, kit, run

BUILT = []
COMMITTED = ('audit-log', 'foreign-data')


def setUpModule():
    """All definitions of the kit's project, built once."""
    made = tempfile.mkdtemp(prefix='extmgr-kit-')
    unittest.addModuleCleanup(shutil.rmtree, made)
    BUILT.append(npm_project.build_examples(made))


class FolderTest(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix='extmgr-kit-'))
        self.addCleanup(shutil.rmtree, self.folder)


class Examples(FolderTest):
    def test_committed_definitions_are_what_their_sources_give(self):
        for name in COMMITTED:
            self.assertEqual((KIT / f'{name}.js').read_text(encoding='utf-8'),
                             (BUILT[0] / f'{name}.js').read_text(encoding='utf-8'),
                             f'{name}.js is old: npm run examples in examples/definitions')

    def test_listings_are_those_of_sha256sum(self):
        for path in BUILT[0].glob('*.js'):
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            self.assertEqual(path.with_suffix('.js.sums').read_text(encoding='utf-8'), f'{digest}  {path.name}\n')

    def test_library_and_node_make_the_same_traces(self):
        lines = kit('diff', '--out', self.folder).stdout.splitlines()
        self.assertEqual([line for line in lines if 'no scenario' in line], [])
        scenarios = sorted(path.name for path in (KIT / 'test').glob('*.json'))
        self.assertEqual(sorted(line for line in lines if not line.startswith('built')),
                         sorted(f'test/{name}: same' for name in scenarios))
        self.assertGreater(len(scenarios), 30)

    def test_what_was_not_lowered_is_lowered_on_load(self):
        """As published definitions are: the traces are the same again."""
        if json.loads(run(PROGRAM, 'version', '--json').stdout)['features']['lowering'] == 'disabled':
            self.skipTest('a build without lowering')
        lines = kit('diff', '--es2015', '--out', self.folder).stdout.splitlines()
        self.assertEqual(sorted(line for line in lines if not line.startswith('built')),
                         sorted(f'test/{path.name}: same' for path in (KIT / 'test').glob('*.json')))

    def test_all_examples_are_clean(self):
        for path in sorted(BUILT[0].glob('*.js')):
            run(PROGRAM, 'definition', 'lint', path)


class Diff(FolderTest):
    """Verdicts about definitions and scenarios that are not those of the examples."""

    def diff(self, functions, scenario, program=None, behind=''):
        for folder in ('src', 'test'):
            (self.folder / folder).mkdir(exist_ok=True)
        (self.folder / 'src/x.js').write_text(
            f'global.installedExtension = {{apiVersion: "0.2.0", extension: {{{functions}}}}}; {behind}',
            encoding='utf-8')
        (self.folder / 'test/x.json').write_text(scenario, encoding='utf-8')
        with mock.patch.dict(os.environ, {'EXTMGR_PROGRAM': program or PROGRAM}):
            done = kit('diff', folder=self.folder, check=False)
        return done.returncode, done.stdout.removeprefix('built dist/x.js\n'), done.stderr

    def test_a_difference_is_found_and_told(self):
        code, out, _ = self.diff('install: function () { return typeof setTimeout + typeof WeakRef + '
                                 'new Error("x").stack.split("at ").length; }', '{"calls": [{"call": "install"}]}')
        self.assertEqual(code, 1)
        self.assertRegex(out, r'test/x\.json: DIFFERENT\n  calls\[0\]\.result: library ".*", node ".*"')

    def test_of_long_texts_the_difference_is_shown(self):
        code, out, _ = self.diff(
            'install: (c) => { c.sqlClient.execute("x".repeat(500) + (typeof WeakRef) + "y".repeat(500)); '
            'if (typeof WeakRef === "undefined") console.log("a"); }', '{"calls": [{"call": "install"}]}')
        self.assertEqual(code, 1)
        x, y = 'x' * 30, 'y' * 61
        self.assertEqual(out.splitlines()[1:], [
            f'  calls[0].statements[0].sql, character 500: library "...{x}undefined{y}...", '
            f'node "...{x}function{y}y..."',
            '  calls[0].console[0]: library {"level":"info","message":"a"}, node nothing'])

    def test_a_wrong_scenario_is_told_with_place_and_remedy(self):
        hint = '  hint: docs/scenarios.md tells what a scenario holds\n'
        for scenario, says in (('', 'scenario is not JSON (at position 1)'),
                               ('{"calls": [{"call": "frob"}]}',
                                "scenario: calls[0]: definitions have no function 'frob'"),
                               ('{"answers": [{"match": "("}]}', "scenario: answers[0].match: '(' is no regular "
                                'expression: SyntaxError: unexpected end of pattern')):
            self.assertEqual(self.diff('name: "x"', scenario)[:2],
                             (1, f'test/x.json: FAILED\n  library: {says}\n{hint}'))

    def test_a_definition_that_cannot_be_loaded_is_told(self):
        code, out, _ = self.diff('name: "x"', '{}', behind='throw new Error("at load");')
        self.assertEqual(code, 1)
        self.assertRegex(out, r'^test/x\.json: FAILED\n  library: failed to run extension "x": Error: at load at x:\d')

    def test_what_only_node_cannot_load_is_a_difference(self):
        code, out, _ = self.diff(
            'name: "x"', '{}', behind='if (typeof WeakRef === "function") throw new Error("only here");')
        self.assertEqual((code, out), (1, 'test/x.json: DIFFERENT\n  library: a trace, node: only here\n'))

    def test_null_is_left_out_and_a_byte_order_mark_is_no_fault(self):
        code, out, err = self.diff(
            'install: (c) => [c.dialect, c.extensionSchemaName, c.sqlClient.query("a")], findInstallations: (c, m) => m',
            '\ufeff{"dialect": null, "schema": null, "artifacts": null, "tables": {"allScripts": null}, "answers": '
            '[{"match": "a", "columns": null, "rows": null, "error": null}], '
            '"calls": [{"call": "install", "args": null}, {"call": "findInstallations"}]}')
        self.assertEqual((code, out, err), (0, 'test/x.json: same\n', ''))

    def test_a_member_that_is_not_known_is_told(self):
        self.assertEqual(self.diff('name: "x"', '{"answer": []}')[:2], (
            0, "test/x.json: same\n  extmgr: warning: scenario: the member 'answer' is not known, and ignored\n"))

    def test_no_scenario_is_told(self):
        self.diff('name: "x"', '{}')
        (self.folder / 'test/x.json').unlink()
        self.assertEqual(kit('diff', folder=self.folder).stdout,
                         'built dist/x.js\nsrc/x.js: no scenario, such as test/x.json\n')

    def test_scenarios_belong_to_the_longest_name(self):
        self.diff('name: "x"', '{}')
        (self.folder / 'src/x.y.js').write_text((self.folder / 'src/x.js').read_text())
        for name in ('x.y.json', 'x.y.z.json', 'x.z.json'):
            (self.folder / 'test' / name).write_text('{}')
        self.assertEqual(kit('diff', folder=self.folder).stdout.splitlines()[2:], [
            'test/x.json: same', 'test/x.z.json: same', 'test/x.y.json: same', 'test/x.y.z.json: same'])

    def test_a_missing_program_is_told(self):
        code, _, err = self.diff('name: "x"', '{}', '/nowhere/extmgr')
        self.assertEqual((code, err), (1, '/nowhere/extmgr cannot be run: spawnSync /nowhere/extmgr ENOENT; '
                                          'PATH must have it, or EXTMGR_PROGRAM name it\n'))
        self.assertEqual(self.diff('name: "x"', '{}', '/bin/false')[::2],
                         (1, 'this is no extmgr, or an old one; it says: \n'))


class InstallationProcess(unittest.TestCase):
    """exasol-jdbc does what the design document says, step by step."""

    def calls(self, scenario, name):
        trace = json.loads(run(PROGRAM, 'definition', 'try', BUILT[0] / 'exasol-jdbc.js', '--json', '--scenario',
                               KIT / f'test/exasol-jdbc.{scenario}.json').stdout)
        return [call for call in trace['calls'] if call['call'] == name]

    def executed(self, scenario, name):
        return [s['sql'].split('\n')[0] for s in self.calls(scenario, name)[0]['statements']
                if s['kind'] == 'execute']

    def test_both_scripts_are_made_where_there_are_none(self):
        self.assertEqual(self.executed('new', 'install'), [
            'CREATE OR REPLACE JAVA ADAPTER SCRIPT "EXA_EXTENSIONS"."JDBC_ADAPTER" AS',
            'CREATE OR REPLACE JAVA SET SCRIPT "EXA_EXTENSIONS"."IMPORT_FROM_JDBC"(...) EMITS (...) AS'])

    def test_an_adapter_is_used_in_the_schema_it_is_in(self):
        self.assertEqual(self.executed('reused-adapter', 'install'), [
            'CREATE OR REPLACE JAVA SET SCRIPT "ADAPTERS"."IMPORT_FROM_JDBC"(...) EMITS (...) AS'])

    def test_an_import_script_of_another_version_is_refused_while_it_is_used(self):
        call = self.calls('import-in-use', 'install')[0]
        self.assertEqual((call['error']['status'], call['error']['message']), (
            412, "Script ADAPTERS.IMPORT_FROM_JDBC has version '1.0.0', and other virtual schemas use it: "
                 'OTHER_SCHEMA'))
        self.assertEqual(self.executed('import-in-use', 'install'), [])

    def test_and_replaced_while_it_is_not(self):
        self.assertEqual(self.executed('import-replaced', 'install'), [
            'CREATE OR REPLACE JAVA SET SCRIPT "ADAPTERS"."IMPORT_FROM_JDBC"(...) EMITS (...) AS'])

    def test_connection_and_virtual_schema_are_created_or_updated(self):
        connection = ('CREATE OR REPLACE CONNECTION "SALES_CONNECTION" TO \'jdbc:postgresql://h/d\' USER \'u\' '
                      "IDENTIFIED BY 'it''s'")
        properties = "CONNECTION_NAME = 'SALES_CONNECTION' SCHEMA_NAME = 'public'"
        self.assertEqual(self.executed('import-in-use', 'addInstance'), [
            connection, f'CREATE VIRTUAL SCHEMA "SALES" USING "ADAPTERS"."SHARED" WITH {properties}'])
        self.assertEqual(self.executed('reused-adapter', 'addInstance'), [
            connection, f'ALTER VIRTUAL SCHEMA "SALES" SET {properties}'])
        refused = self.calls('foreign-schema', 'addInstance')[0]
        self.assertEqual(refused['error']['message'], "Virtual schema 'SALES' belongs to the adapter X.OTHER_ADAPTER")

    def test_a_password_is_asked_for_again_and_never_read(self):
        kept = self.calls('reused-adapter', 'updateInstance')[1]
        self.assertEqual((kept['error']['status'], kept['statements']), (400, []))
        values = self.calls('reused-adapter', 'readInstanceParameterValues')[0]['result']['values']
        self.assertNotIn('password', [value['name'] for value in values])


class Authoring(FolderTest):
    """One project for all steps: making it takes longer than they do."""

    def test_the_way_from_new_to_installed(self):
        project = npm_project.make_project(self.folder, 'my-notes')
        with self.subTest('it builds and is clean'):
            self.assertEqual(self.run_kit(project, 'build').stdout, 'built dist/my-notes.js\n')
            self.assertEqual(self.run_kit(project, 'lint').stdout,
                             'built dist/my-notes.js\ndist/my-notes.js: nothing found\n')
        with self.subTest('library and node agree'):
            self.assertIn('test/my-notes.json: same\n', self.run_kit(project, 'diff').stdout)
        with self.subTest('it works in a database'):
            self.use(project)
        with self.subTest('a wrong type is told with its place'):
            self.expect_type_error(project)
        with self.subTest('the types suit compilers with other settings'):
            for resolution, library in (('bundler', 'es2019,dom'), ('node10', 'es2019')):
                run(NODE, KIT / 'node_modules/typescript/bin/tsc', '--noEmit', '--strict', '--target', 'es2019',
                    '--module', 'esnext', '--moduleResolution', resolution, '--lib', library, 'src/my-notes.ts',
                    folder=project)
        with self.subTest('JavaScript is built, too, and not checked'):
            self.build_javascript(project)
        with self.subTest('changes are watched'):
            self.watch(project)

    def run_kit(self, project, *arguments, check=True):
        return run(NODE, project / 'node_modules/extmgr-definition-kit/kit/main.mjs', *arguments,
                   folder=project, check=check)

    def use(self, project):
        target = ('--registry', project / 'dist', '--db', f'sqlite:{self.folder}/x.db', '--yes')

        def extmgr(*words):
            return run(PROGRAM, *words, *target).stdout
        extmgr('install', 'my-notes')
        extmgr('instance', 'create', 'my-notes', '--set', "name=it's", '--defaults')
        extmgr('instance', 'update', 'my-notes', "it's", '--set', 'greeting=Good morning')
        self.assertIn('Good morning', extmgr('instance', 'show', 'my-notes', "it's"))
        extmgr('instance', 'delete', 'my-notes', "it's")
        extmgr('uninstall', 'my-notes')
        self.assertNotIn('my-notes', extmgr('list'))

    def expect_type_error(self, project):
        source = project / 'src/my-notes.ts'
        good = source.read_text(encoding='utf-8')
        source.write_text(good.replace("category: 'examples'", 'category: 5'), encoding='utf-8')
        done = self.run_kit(project, 'build', check=False)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"^src/my-notes\.ts\(\d+,\d+\): error TS2322: Type 'number' is not assignable")
        source.write_text(good, encoding='utf-8')

    def build_javascript(self, project):
        """A project of nothing else, with the same settings for types."""
        (project / 'src/my-notes.ts').rename(project / 'my-notes.ts')
        (project / 'src/plain.js').write_text('global.installedExtension = (5).foo;\n', encoding='utf-8')
        self.assertEqual(self.run_kit(project, 'build').stdout, 'built dist/plain.js\n')
        (project / 'src/plain.js').unlink()
        (project / 'my-notes.ts').rename(project / 'src/my-notes.ts')

    def watch(self, project):
        """A good round, one with a broken source, and a good one again."""
        source = project / 'src/my-notes.ts'
        good = source.read_text(encoding='utf-8')
        process = subprocess.Popen(
            [NODE, project / 'node_modules/extmgr-definition-kit/kit/main.mjs', 'watch'], cwd=project, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        guard = threading.Timer(SECONDS, process.kill)
        guard.start()
        try:
            first = self.read_round(process)
            self.assertIn('dist/my-notes.js: nothing found\n', first)
            self.assertIn('execute DROP TABLE "main"."my-notes"', first)
            source.write_text('const;\n', encoding='utf-8')
            self.assertRegex(self.read_round(process), r'src/my-notes\.ts\(1,6\): error TS')
            source.write_text(good.replace('DROP TABLE', 'DROP /* other */ TABLE'), encoding='utf-8')
            self.assertIn('execute DROP /* other */ TABLE "main"."my-notes"', self.read_round(process))
            self.watch_imported(project, process, good)
        finally:
            guard.cancel()
            process.kill()
            process.wait()
            process.stdout.close()

    def watch_imported(self, project, process, good):
        """A file that is imported, outside of src/."""
        shared = project / 'shared'
        shared.mkdir()
        (shared / 'text.ts').write_text("export const TEXT = 'one';\n", encoding='utf-8')
        (project / 'src/my-notes.ts').write_text(
            "import {TEXT} from '../shared/text';\n" + good.replace("'Keeps greetings'", 'TEXT'), encoding='utf-8')
        self.assertIn('description: one\n', self.read_round(process))
        (shared / 'text.ts').write_text("export const TEXT = 'two';\n", encoding='utf-8')
        self.assertIn('description: two\n', self.read_round(process))

    def read_round(self, process):
        lines = []
        for line in process.stdout:
            if line == '--- waiting for changes\n':
                return ''.join(lines)
            lines.append(line)
        raise AssertionError(''.join(lines))


class Usage(FolderTest):
    def test_what_is_wrong_on_the_command_line(self):
        for arguments, code, says in (
                ((), 2, 'no command given\n\nUsage: '), (('nonsense',), 2, 'unknown command nonsense\n\nUsage: '),
                (('build', '--nonsense'), 2, "Unknown option '--nonsense'"), (('build', '--out'), 2, "'--out <value>'"),
                (('build',), 1, 'nothing to build: there is no file in src/'),
                (('build', 'src/missing.ts'), 1, 'src/missing.ts is not there'),
                (('watch',), 1, 'nothing to watch: there is neither src/ nor test/'), (('--help',), 0, 'Usage: ')):
            done = kit(*arguments, folder=self.folder, check=False)
            self.assertEqual(done.returncode, code, arguments)
            self.assertIn(says, done.stdout + done.stderr)
            self.assertNotIn('    at ', done.stderr)

    def test_what_is_suspicious_is_told(self):
        (self.folder / 'src').mkdir()
        (self.folder / 'src/x.js').write_text('const a = {b: 1, b: 2};\nglobal.installedExtension = a;')
        done = kit('build', folder=self.folder)
        self.assertIn('warning: src/x.js:1:18: Duplicate key "b" in object literal', done.stderr)
        done = kit('lint', folder=self.folder, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn('dist/x.js: error: ', done.stdout)

    def test_what_cannot_be_built(self):
        (self.folder / 'src').mkdir()
        (self.folder / 'lib').mkdir()
        for name in ('src/x.ts', 'src/x.js', 'src/y.json', 'lib/z.js', 'taken'):
            (self.folder / name).write_text('')
        for arguments, says in (
                ((), 'src/x.js and src/x.ts would both become x.js: give one another name\n'),
                (('src/x.js', 'src/y.json'),
                 'src/y.json is no source of a definition: that is a file .ts, .js or .mjs\n'),
                (('src',), 'src is no source of a definition: that is a file .ts, .js or .mjs\n'),
                (('--out', 'taken', 'lib/z.js'), "EEXIST: file already exists, mkdir 'taken'\n")):
            done = kit('build', *arguments, folder=self.folder, check=False)
            self.assertEqual((done.returncode, done.stderr), (1, says))


if __name__ == '__main__':
    npm_project.require()
    unittest.main()
