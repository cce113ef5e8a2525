# SPDX-License-Identifier: MIT
"""What a test can do with an extension, wherever it is installed."""
import abc


class OperationFailed(Exception):
    """An operation was refused or failed: HTTP status and message, as a client gets them."""

    def __init__(self, status, message):
        super().__init__(f'{status}: {message}')
        self.status = status
        self.message = message


class Target(abc.ABC):
    """One extension and one database. A version that is left out is the newest."""

    @abc.abstractmethod
    def extension(self):
        """{id, name, description, versions: [{name, latest, deprecated}]} as it is offered."""

    @abc.abstractmethod
    def installations(self):
        """[{id, name, version}]"""

    @abc.abstractmethod
    def parameters(self, version=None):
        """The definitions of the instances' parameters."""

    @abc.abstractmethod
    def install(self, version=None):
        """Installs it; no answer."""

    @abc.abstractmethod
    def uninstall(self, version=None):
        """Removes it; no answer."""

    @abc.abstractmethod
    def upgrade(self):
        """{previousVersion, newVersion}"""

    @abc.abstractmethod
    def instances(self, version=None):
        """[{id, name}]"""

    @abc.abstractmethod
    def create_instance(self, values, version=None):
        """values: {name: value}. Answers {id, name}."""

    @abc.abstractmethod
    def delete_instance(self, instance, version=None):
        """By id; one that is not there is no failure."""

    @abc.abstractmethod
    def prepare_previous(self, version):
        """Installs an older version of the extension, as it was released."""

    @abc.abstractmethod
    def objects(self):
        """{'KIND name': what is known of it} of all objects in the database."""

    @abc.abstractmethod
    def close(self):
        """Cleans up: nothing of what the test made is left."""
