# SPDX-License-Identifier: MIT
"""Two ready-made suites: every extension should pass the one that is of its kind.

    class FileImport(suites.ScriptExtension, unittest.TestCase):
        config = suites.Config(id='file-import', name='File import', ...)

        def make_target(self):
            return ScenarioTarget('dist/file-import.js', previous='release/file-import-1.9.3.js')

Each test gets a target of its own, which is cleaned up behind it.
"""
import dataclasses
import re

from .assertions import TargetAssertions
from .database import DatabaseTarget

UNKNOWN_VERSION = '0.0.0'


@dataclasses.dataclass
class Config:
    """What is particular to an extension."""

    id: str
    name: str
    description: str
    current_version: str
    previous_version: str
    objects: list  # 'KIND name' of what an installation consists of
    # Messages, as regular expressions.
    wrong_version: str = r"Version '0\.0\.0' not supported, can only use '.*'\."
    not_installed: str = r'Not all required scripts are installed: Validation failed: Script .* is missing'
    up_to_date: str = r'Extension is already installed in latest version '
    # Of extensions with instances:
    parameter_count: int = 0
    first_parameter: dict = dataclasses.field(default_factory=dict)
    missing_parameter: str = r'invalid parameters: .*This is a required parameter\.'
    duplicate: str = r"Virtual Schema '.*' already exists"


class Extension(TargetAssertions):
    """What both kinds of extensions have in common. Override what is particular."""

    config = None

    def make_target(self):
        raise NotImplementedError

    def assert_installation_works(self):
        """The installed objects do what they are for."""
        self.assert_objects(*self.config.objects)

    def setUp(self):
        super().setUp()
        self.target = self.make_target()
        self.addCleanup(self.target.close)

    def installed(self):
        return [(found['id'], found['name'], found['version']) for found in self.target.installations()]

    def expected_installation(self, version=None):
        return [(self.config.id, self.config.name, version or self.config.current_version)]

    def test_it_is_listed_with_its_newest_version(self):
        found = self.target.extension()
        latest = [version for version in found['versions'] if version['latest']]
        self.assertEqual((found['id'], found['name'], found['description']),
                         (self.config.id, self.config.name, self.config.description))
        self.assertEqual([(v['name'], v['deprecated']) for v in latest], [(self.config.current_version, False)])

    def test_nothing_is_installed_at_first(self):
        self.assertEqual(self.installed(), [])

    def test_installing_a_wrong_version_is_404_and_makes_nothing(self):
        self.assert_fails(404, self.config.wrong_version, self.target.install, UNKNOWN_VERSION)
        self.assertEqual(self.installed(), [])

    def test_installing_twice_works(self):
        self.target.install()
        before = self.target.objects()
        self.target.install()
        self.assertEqual(self.target.objects(), before)
        self.assertEqual(self.installed(), self.expected_installation())

    def test_uninstalling_what_is_not_installed_works(self):
        self.target.uninstall(self.config.current_version)
        self.assertEqual(self.installed(), [])

    def test_uninstalling_removes_what_was_installed(self):
        before = self.target.objects()
        self.target.install()
        self.target.uninstall(self.config.current_version)
        self.assertEqual(self.target.objects(), before)
        self.assertEqual(self.installed(), [])

    def test_uninstalling_a_wrong_version_is_404(self):
        self.target.install()
        self.assert_fails(404, self.config.wrong_version, self.target.uninstall, UNKNOWN_VERSION)

    def test_upgrading_what_is_not_installed_is_412(self):
        self.assert_fails(412, self.config.not_installed, self.target.upgrade)

    def test_upgrading_what_is_up_to_date_is_412(self):
        self.target.install()
        self.assert_fails(412, self.config.up_to_date, self.target.upgrade)


class ScriptExtension(Extension):
    """18 tests of an extension without instances."""

    def test_the_previous_version_is_another_one(self):
        self.assertNotEqual(self.config.previous_version, self.config.current_version)

    def test_installing_makes_the_objects(self):
        self.target.install()
        self.assert_objects(*self.config.objects)

    def test_an_installation_is_found_once(self):
        self.target.install()
        self.assertEqual(self.installed(), self.expected_installation())

    def test_what_was_installed_works(self):
        self.target.install()
        self.assert_installation_works()

    # As the published base classes do; False: the extension lacks the functions for instances.
    refuses_instances = True

    def assert_no_instances(self, verbs, call, *arguments):
        """The extension says so with one of the verbs (404), or lacks the function (501)."""
        status, message = ((404, f'^({verbs}) instances not supported$') if self.refuses_instances
                           else (501, 'does not support'))
        self.assert_fails(status, message, call, *arguments)

    def test_listing_instances_is_refused(self):
        self.target.install()
        self.assert_no_instances('Finding', self.target.instances)

    def test_creating_an_instance_is_refused(self):
        self.target.install()
        self.assert_no_instances('Creating', self.target.create_instance, {})

    def test_deleting_an_instance_is_refused(self):
        self.target.install()
        self.assert_no_instances('Deleting|Finding', self.target.delete_instance, 'x')

    def test_details_are_refused_or_have_no_parameters(self):
        # Without the function the library has no parameters to tell, and REST no details.
        if not self.refuses_instances and isinstance(self.target, DatabaseTarget):
            self.assertEqual(self.target.parameters(), [])
        else:
            self.assert_no_instances('Creating', self.target.parameters)

    def test_upgrading_the_previous_version(self):
        self.target.prepare_previous(self.config.previous_version)
        self.assertEqual(self.installed(), self.expected_installation(self.config.previous_version))
        self.assertEqual(self.target.upgrade(), {'previousVersion': self.config.previous_version,
                                                 'newVersion': self.config.current_version})
        self.assertEqual(self.installed(), self.expected_installation())
        self.assert_installation_works()


class VirtualSchemaExtension(Extension):
    """27 tests of an extension with instances, which are known by names."""

    first, second, quoted = 'FIRST', 'SECOND', "QUOTED'NAME"

    def values(self, name):
        """The parameters of an instance of that name."""
        raise NotImplementedError

    def instance(self, name):
        """Its id."""
        return name

    def instance_objects(self, name):
        """{'KIND name': what objects() knows of it} of what an instance of that name consists of."""
        raise NotImplementedError

    def make_manually(self):
        """What an installation consists of, made by hand."""
        raise NotImplementedError

    def assert_instance_works(self, name):
        self.assert_objects(*self.instance_objects(name))

    def names(self):
        return [instance['id'] for instance in self.target.instances(self.config.current_version)]

    def create(self, name):
        made = self.target.create_instance(self.values(name), self.config.current_version)
        self.assertEqual(made['id'], self.instance(name))

    def test_installing_makes_the_objects_and_is_found_once(self):
        self.target.install()
        self.assert_objects(*self.config.objects)
        self.assertEqual(self.installed(), self.expected_installation())

    def test_what_was_made_by_hand_is_found(self):
        self.make_manually()
        self.assertEqual(self.installed(), self.expected_installation())

    def test_details_have_the_parameters(self):
        parameters = self.target.parameters(self.config.current_version)
        self.assertEqual(len(parameters), self.config.parameter_count)
        self.assertEqual(parameters[0], self.config.first_parameter)
        self.assertEqual(len({parameter['id'] for parameter in parameters}), len(parameters))

    def test_ids_of_parameters_have_no_dots(self):
        self.assertEqual([p['id'] for p in self.target.parameters() if '.' in p['id']], [])

    def test_details_of_an_unknown_version_are_404(self):
        self.assert_fails(404, self.config.wrong_version, self.target.parameters, UNKNOWN_VERSION)

    def test_creating_without_required_parameters_is_400(self):
        self.target.install()
        self.assert_fails(400, self.config.missing_parameter, self.target.create_instance, {})

    def test_creating_in_an_unknown_version_is_404(self):
        self.target.install()
        self.assert_fails(404, self.config.wrong_version, self.target.create_instance,
                          self.values(self.first), UNKNOWN_VERSION)

    def test_an_instance_works(self):
        self.target.install()
        self.create(self.first)
        self.assert_instance_works(self.first)

    def test_a_name_that_differs_in_case_only_is_400(self):
        self.target.install()
        self.create(self.first)
        self.assert_fails(400, self.config.duplicate, self.target.create_instance,
                          self.values(self.first.swapcase()))

    def test_no_instances_are_listed_without_any(self):
        self.target.install()
        self.assertEqual(self.names(), [])

    def test_no_instances_are_listed_when_nothing_is_installed(self):
        self.assertEqual(self.names(), [])

    def test_objects_of_an_instance_are_exactly_these(self):
        self.target.install()
        before = self.target.objects()
        self.create(self.first)
        made = {name: known for name, known in self.target.objects().items() if name not in before}
        self.assertEqual(made, self.instance_objects(self.first))

    def test_two_instances(self):
        self.target.install()
        self.create(self.second)
        self.create(self.first)
        self.assertEqual(sorted(self.names()), sorted([self.instance(self.first), self.instance(self.second)]))

    def test_a_name_with_a_quote(self):
        self.target.install()
        self.create(self.quoted)
        self.assertEqual(self.names(), [self.instance(self.quoted)])
        self.assert_instance_works(self.quoted)
        self.target.delete_instance(self.instance(self.quoted))
        self.assertEqual(self.names(), [])

    def test_deleting_when_nothing_is_installed_works(self):
        self.target.delete_instance(self.instance(self.first), self.config.current_version)

    def test_deleting_in_an_unknown_version_is_404(self):
        self.target.install()
        self.create(self.first)
        self.assert_fails(404, self.config.wrong_version, self.target.delete_instance,
                          self.instance(self.first), UNKNOWN_VERSION)

    def test_deleting_removes_the_instance_and_no_other(self):
        self.target.install()
        self.create(self.first)
        before = self.target.objects()
        self.create(self.second)
        self.target.delete_instance(self.instance(self.second))
        self.target.delete_instance('not there')
        self.assertEqual(self.target.objects(), before)
        self.assertEqual(self.names(), [self.instance(self.first)])

    def test_an_upgrade_keeps_an_instance_working(self):
        self.assertNotEqual(self.config.previous_version, self.config.current_version)
        self.target.prepare_previous(self.config.previous_version)
        self.create_in_previous(self.first)
        self.assertEqual(self.target.upgrade(), {'previousVersion': self.config.previous_version,
                                                 'newVersion': self.config.current_version})
        self.assertEqual(self.installed(), self.expected_installation())
        self.assertEqual(self.names(), [self.instance(self.first)])
        self.assert_instance_works(self.first)

    def create_in_previous(self, name):
        """An instance of the previous version; by default the current one makes it."""
        self.create(name)


def count(suite):
    return sum(1 for name in dir(suite) if re.match('test_', name))
