# SPDX-License-Identifier: MIT
"""An extension in a real database, through the library and its drivers."""
import functools
import pathlib
import shutil
import tempfile

import extmgr

from .target import OperationFailed, Target

OBJECTS = {
    'sqlite': "SELECT upper(type) AS kind, name, sql AS text FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' "
              "ESCAPE '\\'",
    'postgresql': """
        SELECT CASE relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END AS kind, relname AS name, '' AS text
        FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
        WHERE relkind IN ('r', 'v', 'f') AND nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
        UNION ALL SELECT 'FUNCTION', proname, prosrc FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace
        WHERE nspname NOT IN ('pg_catalog', 'information_schema')
        UNION ALL SELECT 'TRIGGER', tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
        UNION ALL SELECT 'SERVER', srvname, '' FROM pg_foreign_server""",
}


def failing(method):
    """Failures of the library as the tests know them."""
    @functools.wraps(method)
    def wrapper(*arguments, **named):
        try:
            return method(*arguments, **named)
        except extmgr.ExtmgrError as failure:
            raise OperationFailed(failure.status, failure.message) from failure
    return wrapper


class DatabaseObjects(Target):
    """What a real database says of itself, however the extension gets into it."""

    def __init__(self, url, query, drop, extension, previous=None):
        """query(sql): the rows as dictionaries, by another connection. drop(): the database goes.
        previous: path of the definition as it was released before; without it the definition itself
        must still install that version."""
        self.query, self.drop, self.id = query, drop, extension
        self.url, self.previous = url, previous
        self.dialect = 'sqlite' if url.startswith('sqlite:') else 'postgresql'

    def prepare_previous(self, version):
        if self.previous is None:
            self.install(version)
            return
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(self.previous, pathlib.Path(folder) / f'{self.id}.js')
            released = DatabaseTarget(self.url, self.query, lambda: None, folder, self.id)
            try:
                released.install(version)
            finally:
                released.close()

    def offered(self, extensions):
        """That one of them which is tested."""
        for found in extensions:
            if found['id'] == self.id:
                return found
        ids = ', '.join(sorted(found['id'] for found in extensions))
        raise LookupError(f"there is no definition '{self.id}'; there are: {ids or 'none'}")

    def objects(self):
        """Without the library's own history, which outlives every extension."""
        return {f"{row['kind']} {row['name']}": row['text']
                for row in self.query(OBJECTS[self.dialect])
                if row['name'] != 'extmgr_target_history'}


class DatabaseTarget(DatabaseObjects):
    """definitions: the folder that has the definition, and what it needs."""

    def __init__(self, url, query, drop, definitions, extension, previous=None):
        super().__init__(url, query, drop, extension, previous)
        self.database = extmgr.open_database(url)
        self.manager = extmgr.Manager(self.database, definitions)

    @failing
    def extension(self):
        found = self.offered(self.manager.extensions(extmgr.LIST_AVAILABLE))
        return {'id': found['id'], 'name': found['name'], 'description': found['description'],
                'versions': found['installableVersions']}

    @failing
    def installations(self):
        return [{'id': e['id'], 'name': e['name'], 'version': e['installedVersion']}
                for e in self.manager.extensions(extmgr.LIST_INSTALLED) if e['id'] == self.id]

    @failing
    def parameters(self, version=None):
        details = self.manager.describe(self.id, version)
        if 'parametersError' in details:
            raise OperationFailed(details['parametersStatus'], details['parametersError'])
        return details['parameterDefinitions']

    @failing
    def install(self, version=None):
        self.manager.install(self.id, version)

    @failing
    def uninstall(self, version=None):
        self.manager.uninstall(self.id, version)

    @failing
    def upgrade(self):
        report = self.manager.upgrade(self.id)
        return {name: report[name] for name in ('previousVersion', 'newVersion')}

    @failing
    def instances(self, version=None):
        return self.manager.instances(self.id, version)

    @failing
    def create_instance(self, values, version=None):
        return self.manager.create_instance(self.id, values, version)['instance']

    @failing
    def delete_instance(self, instance, version=None):
        self.manager.delete_instance(self.id, instance, version)

    def close(self):
        self.manager.close()
        self.database.close()
        self.drop()
