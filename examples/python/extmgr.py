# SPDX-License-Identifier: MIT
"""A small binding of libextmgr and its drivers, with ctypes alone.

    manager = Manager(open_database('sqlite:shop.db'), 'definitions')
    manager.install('audit-log')

Answers are the library's JSON documents as dictionaries. All calls block and let other threads run
meanwhile. A host with a database of its own: tests/hosts/python_host.py.
"""
import ctypes
import functools
import json
import os
import weakref
from ctypes import byref, c_char_p, c_int32, c_size_t, c_uint32, c_void_p

LIST_AVAILABLE, LIST_INSTALLED, LIST_UPGRADABLE, LIST_ALL = 1, 2, 3, 4

P = c_void_p  # every handle
TEXT = (c_char_p, c_size_t)  # and its bytes
# name: the arguments before the result and the error
CALLS = {
    'context_new': (P,),
    'registry_open': (P, c_char_p),
    'manager_new': (P, P, P, P, P),
    'manager_list_extensions': (P, c_uint32, P),
    'manager_get_extension': (P, c_char_p, c_char_p, P),
    'manager_install': (P, c_char_p, c_char_p, P),
    'manager_uninstall': (P, c_char_p, c_char_p, P),
    'manager_upgrade': (P, c_char_p, P),
    'manager_list_instances': (P, c_char_p, c_char_p, P),
    'manager_create_instance': (P, c_char_p, c_char_p, *TEXT, P),
    'manager_read_instance': (P, c_char_p, c_char_p, c_char_p, P),
    'manager_update_instance': (P, c_char_p, c_char_p, c_char_p, *TEXT, P),
    'manager_delete_instance': (P, c_char_p, c_char_p, c_char_p, P),
    'extension_list_to_json': (P,),
    'instance_list_to_json': (P,),
    'params_validate': (P, *TEXT, *TEXT),
    'definition_try': (P, P, c_char_p, *TEXT, *TEXT),
    'definition_lint': (P, P, c_char_p, *TEXT),
}
OTHERS = {
    'text_get_data': (P, (P,)),
    'text_get_length': (c_size_t, (P,)),
    'error_get_http_status': (c_int32, (P,)),
    'error_get_code': (c_int32, (P,)),
    'error_copy_text': (c_int32, (P, P)),
    'result_get_name': (c_char_p, (c_int32,)),
}
FREED = ('text', 'error', 'context', 'registry', 'database', 'manager', 'extension_list', 'instance_list')


class ExtmgrError(Exception):
    """A call failed: str() has the messages of the error and its causes, status the HTTP status."""

    def __init__(self, code, status, message):
        super().__init__(message)
        self.code = code
        self.status = status
        self.message = message


def load(variable, name, **options):
    """The library that the variable of the environment names, else the one that the loader finds."""
    try:
        return ctypes.CDLL(os.environ.get(variable, name), **options)
    except OSError as failure:
        raise OSError(f'{failure}: install libextmgr, or set {variable} to the path of {name}') from None


class Library:
    """The functions of both libraries without their prefix; one object for the process."""

    def __init__(self):
        core = load('EXTMGR_LIBRARY', 'libextmgr.so.0', mode=ctypes.RTLD_GLOBAL)
        for name, arguments in CALLS.items():
            self.bind(core, name, c_int32, (*arguments, P, P))
        for name, (result, arguments) in OTHERS.items():
            self.bind(core, name, result, arguments)
        for name in FREED:
            self.bind(core, name + '_free', None, (P,))

    def bind(self, library, name, result, arguments):
        function = getattr(library, 'extmgr_' + name)
        function.restype = result
        function.argtypes = arguments
        setattr(self, name, function)

    @functools.cached_property
    def drivers(self):
        return load('EXTMGR_DRIVERS', 'libextmgr-drivers.so.0')

    def call(self, name, *arguments):
        """The pointer to what the function made."""
        made, error = c_void_p(), c_void_p()
        result = getattr(self, name)(*map(encoded, arguments), byref(made), byref(error))
        if result < 0:
            raise self.take_error(error)
        return made.value

    def take_error(self, error):
        text = c_void_p()
        try:
            if self.error_copy_text(error, byref(text)) < 0:
                return MemoryError()
            return ExtmgrError(self.result_get_name(self.error_get_code(error)).decode(),
                               self.error_get_http_status(error), self.take_text(text.value))
        finally:
            self.error_free(error)

    def take_text(self, pointer):
        try:
            return ctypes.string_at(self.text_get_data(pointer), self.text_get_length(pointer)).decode()
        finally:
            self.text_free(pointer)

    def document(self, name, *arguments):
        return json.loads(self.take_text(self.call(name, *arguments)))


def encoded(argument):
    return argument.encode() if isinstance(argument, str) else argument


def text(value):
    """An argument of the kind TEXT."""
    data = (value if isinstance(value, str) else json.dumps(value)).encode()
    return data, len(data)


@functools.cache
def library():
    return Library()


class Handle:
    """Something of the library's, freed once; in which order does not matter."""

    def __init__(self, kind, pointer):
        self.pointer = pointer
        self.close = weakref.finalize(self, getattr(library(), kind + '_free'), pointer)


@functools.cache
def context():
    """With default limits, for all threads."""
    return Handle('context', library().call('context_new', None))


def open_database(url):
    """sqlite:PATH, postgresql://... or odbc:..., through the drivers."""
    library().bind(library().drivers, 'database_open', c_int32, (c_char_p, P, P))
    return Handle('database', library().call('database_open', url))


def validate(definitions, values):
    """The report; ExtmgrError (status 400) when a value is wrong."""
    return library().document('params_validate', context().pointer, *text(definitions), *text(values))


def try_definition(name, source, scenario):
    """The trace of a scenario: docs/scenarios.md."""
    return library().document('definition_try', context().pointer, None, name, *text(source), *text(scenario))


def lint_definition(name, source):
    return library().document('definition_lint', context().pointer, None, name, *text(source))


class Manager(Handle):
    """The extensions of a folder of definitions in one database."""

    def __init__(self, database, definitions):
        registry = Handle('registry', library().call('registry_open', context().pointer, definitions))
        super().__init__('manager', library().call('manager_new', context().pointer, registry.pointer,
                                                   database.pointer, None, None))
        registry.close()

    def _document(self, name, *arguments):
        return library().document('manager_' + name, self.pointer, *arguments, None)

    def _list(self, kind, name, *arguments):
        made = Handle(kind, library().call('manager_' + name, self.pointer, *arguments, None))
        return library().document(kind + '_to_json', made.pointer)

    def extensions(self, which=LIST_ALL):
        return self._list('extension_list', 'list_extensions', which)['extensions']

    def describe(self, extension, version=None):
        return self._document('get_extension', extension, version)

    def install(self, extension, version=None):
        return self._document('install', extension, version)

    def uninstall(self, extension, version=None):
        return self._document('uninstall', extension, version)

    def upgrade(self, extension):
        return self._document('upgrade', extension)

    def instances(self, extension, version=None):
        return self._list('instance_list', 'list_instances', extension, version)['instances']

    def create_instance(self, extension, values, version=None):
        return self._document('create_instance', extension, version, *text(values))

    def read_instance(self, extension, instance, version=None):
        return self._document('read_instance', extension, version, instance)

    def update_instance(self, extension, instance, values, version=None):
        return self._document('update_instance', extension, version, instance, *text(values))

    def delete_instance(self, extension, instance, version=None):
        return self._document('delete_instance', extension, version, instance)
