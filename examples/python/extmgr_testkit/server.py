# SPDX-License-Identifier: MIT
"""An extension in a real database, as clients of the REST interface have it."""
import functools
import os

from extmgr_rest import RequestError, RestClient, Server, values_of

from .database import DatabaseObjects
from .target import OperationFailed


def failing(method):
    """Failures of requests as the tests know them."""
    @functools.wraps(method)
    def wrapper(*arguments, **named):
        try:
            return method(*arguments, **named)
        except RequestError as failure:
            raise OperationFailed(failure.status, failure.message) from failure
    return wrapper


class ServerTarget(DatabaseObjects):
    """Has a server of its own, on a free port of this machine."""

    def __init__(self, url, query, drop, definitions, extension, previous=None, program='extmgr'):
        """As DatabaseTarget; program: the command line."""
        super().__init__(url, query, drop, extension, previous)
        # Not among the arguments, which everybody on this machine can see.
        self.server = Server(['-q', '--registry', definitions], program, {**os.environ, 'EXTMGR_DB': url})
        self.client = RestClient(self.server.url, user='test')

    def _newest(self):
        return next(version['name'] for version in self.extension()['versions'] if version['latest'])

    def _installed(self):
        return next((found['version'] for found in self.installations()), None) or self._newest()

    @failing
    def extension(self):
        found = self.offered(self.client.get_extensions())
        return {'id': found['id'], 'name': found['name'], 'description': found['description'],
                'versions': found['installableVersions']}

    @failing
    def installations(self):
        return [found for found in self.client.get_installations() if found['id'] == self.id]

    @failing
    def parameters(self, version=None):
        details = self.client.get_extension_details(version or self._newest(), self.id)
        return [parameter['definition'] for parameter in details['parameterDefinitions']]

    @failing
    def install(self, version=None):
        self.client.install(version or self._newest(), self.id)

    @failing
    def uninstall(self, version=None):
        self.client.uninstall(version or self._installed(), self.id)

    @failing
    def upgrade(self):
        return self.client.upgrade(self.id)

    @failing
    def instances(self, version=None):
        return self.client.list_instances(version or self._installed(), self.id)

    @failing
    def create_instance(self, values, version=None):
        made = self.client.call('POST', 'installations', self.id, version or self._newest(), 'instances',
                                body={'parameterValues': values_of(values)})
        return {'id': made['instanceId'], 'name': made['instanceName']}

    @failing
    def delete_instance(self, instance, version=None):
        self.client.delete_instance(instance, version or self._installed(), self.id)

    def close(self):
        self.server.close()
        self.drop()
