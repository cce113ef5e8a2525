# SPDX-License-Identifier: MIT
"""An extension in an Exasol that is played: each operation is one scenario, docs/scenarios.md."""
import copy
from pathlib import Path

import extmgr

from .exasol import Exasol, Unknown
from .target import OperationFailed, Target


class ScenarioTarget(Target):
    """Does what the library does around the functions of a definition: versions are checked,
    parameters validated, and a call that throws changes nothing."""

    BASE_PATH = '/buckets/bfsdefault/default/'

    def __init__(self, definition, previous=None, database=None, answers=None):
        """definition, previous: paths of built files. answers(exasol): for the queries of a
        definition that the base classes do not send."""
        self.path, self.previous = Path(definition), previous and Path(previous)
        self.exasol = database or Exasol()
        self.more_answers = answers or (lambda exasol: [])
        self.static = self._run(self.path)['definition']

    # ---- One call ----

    def _run(self, path, *call):
        source = path.read_text(encoding='utf-8')
        scenario = {
            'schema': self.exasol.schema, 'tables': self.exasol.tables(),
            'answers': self.more_answers(self.exasol) + self.exasol.answers(),
            'artifacts': [{'name': name, 'path': self.BASE_PATH + name} for name in self._artifacts()],
            'calls': [{'call': call[0], 'args': list(call[1:])}] if call else []}
        return extmgr.try_definition(self.path.stem, source, scenario)

    def _artifacts(self):
        """All that any of the definitions asks for is in BucketFS."""
        static = getattr(self, 'static', {'artifacts': []})
        names = {artifact['bucketFsFilename'] for artifact in static['artifacts']}
        if self.previous and 'static' in vars(self):
            names |= {artifact['bucketFsFilename'] for artifact in self._previous_static()['artifacts']}
        return sorted(names)

    def _previous_static(self):
        return extmgr.try_definition(self.previous.stem, self.previous.read_text(encoding='utf-8'),
                                     {})['definition']

    def _call(self, *call, path=None):
        """The result; what was executed changes the database, unless the call threw."""
        trace = self._run(path or self.path, *call)['calls'][0]
        if trace['error']:
            raise OperationFailed(trace['error']['status'] or 500, trace['error']['message'])
        before = self.exasol.snapshot()
        try:
            for statement in trace['statements']:
                if statement['kind'] == 'execute':
                    self.exasol.execute(statement['sql'])
        except Unknown as failure:
            self.exasol.restore(before)
            raise OperationFailed(500, str(failure)) from failure
        return trace['result']

    def _version(self, version):
        return version or next(v['name'] for v in self.static['installableVersions'] if v['latest'])

    def _check_version(self, version):
        if version not in [v['name'] for v in self.static['installableVersions']]:
            raise OperationFailed(404, f"version '{version}' is not installable")

    # ---- The operations ----

    def extension(self):
        return {'id': self.path.stem, 'name': self.static['name'], 'description': self.static['description'],
                'versions': self.static['installableVersions']}

    def installations(self):
        return [{'id': self.path.stem, **found} for found in self._call('findInstallations') or []]

    def parameters(self, version=None):
        return self._call('getInstanceParameters', self._version(version))

    def install(self, version=None):
        before = self.exasol.snapshot()
        version = self._version(version)
        try:
            self.exasol.schemas.add(self.exasol.schema)
            self._call('install', version)
            self._check_version(version)
        except OperationFailed:
            self.exasol.restore(before)
            raise

    def uninstall(self, version=None):
        version = self._version(version)
        try:
            remaining = self.instances(version)
        except OperationFailed as failure:
            if failure.status != 404:
                raise
            remaining = []  # it has no instances, or the call below says more
        if remaining:
            names = ', '.join(instance['name'] for instance in remaining)
            raise OperationFailed(400, f'cannot uninstall extension because {len(remaining)} instance(s) '
                                       f'still exist: {names}')
        self._call('uninstall', version)

    def upgrade(self):
        return self._call('upgrade')

    def instances(self, version=None):
        return self._call('findInstances', self._version(version)) or []

    def create_instance(self, values, version=None):
        version = self._version(version)
        definitions = self.parameters(version)
        try:
            accepted = extmgr.validate(definitions, values)['values']
        except extmgr.ExtmgrError as failure:
            raise OperationFailed(failure.status, failure.message) from failure
        # A secret is reported without its value.
        return self._call('addInstance', version, {'values': [
            {'name': value['name'], 'value': values[value['name']]} for value in accepted]})

    def delete_instance(self, instance, version=None):
        self._call('deleteInstance', self._version(version), instance)

    def prepare_previous(self, version):
        self.exasol.schemas.add(self.exasol.schema)
        self._call('install', version, path=self.previous)

    def objects(self):
        return copy.deepcopy(self.exasol.objects())

    def close(self):
        self.exasol.restore(vars(Exasol(self.exasol.schema)))
