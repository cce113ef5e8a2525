#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A model for embedders: libextmgr in Python, with ctypes and sqlite3 alone.

    with Library() as library, ExtensionManager(library, 'customer.db', 'definitions') as manager:
        manager.install('audit-log')
        for extension in manager.list():
            print(extension['id'], extension['state'])

All calls block and let other threads of Python run meanwhile. What has a close() is closed by the
garbage collector, too, in any order.
"""
import ctypes
import functools
import itertools
import json
import os
import sqlite3
import traceback
import weakref
from ctypes import (CFUNCTYPE, POINTER, Structure, byref, c_char_p, c_double, c_int32, c_int64,
                    c_size_t, c_uint32, c_uint64, c_void_p)

OK = 0
E_NO_MEMORY, E_CANCELLED, E_HOST, E_STATEMENT, E_LOCKED = -2, -7, -11, -32, -33
VALUE_NULL, VALUE_BOOLEAN, VALUE_INTEGER, VALUE_NUMBER, VALUE_TEXT = range(5)
TRANSACTIONAL_DDL, SAVEPOINTS = 1, 2
BEGIN_WRITE = 1
PLACEHOLDER_QUESTION_MARK = 1
LIST_AVAILABLE, LIST_INSTALLED, LIST_UPGRADABLE, LIST_ALL = 1, 2, 3, 4
CALL_REHEARSE = 1
LOG_LEVELS = {1: 'error', 2: 'warning', 3: 'info', 4: 'debug'}

# ---- The headers, as far as they are used here ----

P = c_void_p  # every opaque handle
OUT = POINTER(c_void_p)

LogFunction = CFUNCTYPE(None, P, c_int32, c_char_p, c_char_p, c_size_t)
ProgressFunction = CFUNCTYPE(c_int32, P, c_char_p, c_uint64, c_uint64)
OpenFunction = CFUNCTYPE(c_int32, P, P, OUT, P)
CloseFunction = CFUNCTYPE(None, P, P, c_int32)
BeginFunction = CFUNCTYPE(c_int32, P, P, c_uint32, P)
EndFunction = CFUNCTYPE(c_int32, P, P, P)
# The text of a statement has a length and is no C string: ctypes must not look for its end.
ExecuteFunction = CFUNCTYPE(c_int32, P, P, P, c_size_t, P, POINTER(c_int64), P)
QueryFunction = CFUNCTYPE(c_int32, P, P, P, c_size_t, P, P, P)
InterruptFunction = CFUNCTYPE(None, P, P)


class ContextOptions(Structure):
    _fields_ = [('struct_size', c_uint32), ('flags', c_uint32), ('script_timeout_ms', c_uint64),
                ('script_memory_bytes', c_uint64), ('source_bytes', c_uint64),
                ('total_memory_bytes', c_uint64), ('result_rows', c_uint64),
                ('result_bytes', c_uint64), ('log', LogFunction), ('clock', P), ('user_data', P),
                ('destroy', P)]


class OperationOptions(Structure):
    _fields_ = [('struct_size', c_uint32), ('flags', c_uint32), ('timeout_ms', c_uint64),
                ('actor', c_char_p), ('progress', ProgressFunction), ('user_data', P),
                ('destroy', P)]


class CallOptions(Structure):
    _fields_ = [('struct_size', c_uint32), ('flags', c_uint32), ('operation', P)]


class DatabaseCallbacks(Structure):
    _fields_ = [('struct_size', c_uint32), ('capabilities', c_uint32), ('dialect', c_char_p),
                ('open', OpenFunction), ('close', CloseFunction), ('begin', BeginFunction),
                ('commit', EndFunction), ('rollback', EndFunction), ('execute', ExecuteFunction),
                ('query', QueryFunction), ('interrupt', InterruptFunction), ('destroy', P)]


# name: (type of the result, types of the arguments)
FUNCTIONS = {
    'text_get_data': (P, [P]),
    'text_get_length': (c_size_t, [P]),
    'text_free': (None, [P]),
    'error_get_code': (c_int32, [P]),
    'error_copy_text': (c_int32, [P, OUT]),
    'error_get_hint': (c_char_p, [P]),
    'error_get_cause': (P, [P]),
    'error_get_sqlstate': (c_char_p, [P]),
    'error_get_host_code': (c_int32, [P]),
    'error_free': (None, [P]),
    'result_get_name': (c_char_p, [c_int32]),
    'context_options_init': (None, [POINTER(ContextOptions), c_uint32]),
    'context_new': (c_int32, [POINTER(ContextOptions), OUT, OUT]),
    'context_free': (None, [P]),
    'operation_options_init': (None, [POINTER(OperationOptions), c_uint32]),
    'operation_new': (c_int32, [POINTER(OperationOptions), OUT, OUT]),
    'operation_cancel': (None, [P]),
    'operation_get_remaining_ms': (c_uint64, [P]),
    'operation_free': (None, [P]),
    'database_callbacks_init': (None, [POINTER(DatabaseCallbacks), c_uint32]),
    'database_new': (c_int32, [POINTER(DatabaseCallbacks), P, OUT, OUT]),
    'database_check': (c_int32, [P, P, OUT, OUT]),
    'database_free': (None, [P]),
    'host_error_set': (None, [P, c_int32, c_char_p, c_char_p, c_size_t]),
    'values_get_count': (c_size_t, [P]),
    'values_get_type': (c_int32, [P, c_size_t]),
    'values_get_integer': (c_int64, [P, c_size_t]),
    'values_get_number': (c_double, [P, c_size_t]),
    'values_get_text': (P, [P, c_size_t, POINTER(c_size_t)]),
    'rows_add_column': (c_int32, [P, c_char_p, c_char_p]),
    'rows_append_null': (c_int32, [P]),
    'rows_append_integer': (c_int32, [P, c_int64]),
    'rows_append_number': (c_int32, [P, c_double]),
    'rows_append_text': (c_int32, [P, c_char_p, c_size_t]),
    'rows_append_bytes': (c_int32, [P, c_char_p, c_size_t]),
    'sql_rewrite_placeholders': (c_int32, [c_char_p, c_char_p, c_size_t, c_uint32,
                                           POINTER(c_size_t), OUT, OUT]),
    'registry_open': (c_int32, [P, c_char_p, OUT, OUT]),
    'registry_free': (None, [P]),
    'manager_new': (c_int32, [P, P, P, P, P, OUT, OUT]),
    'manager_free': (None, [P]),
    'call_options_init': (None, [POINTER(CallOptions), c_uint32]),
    'manager_list_extensions': (c_int32, [P, c_uint32, POINTER(CallOptions), OUT, OUT]),
    'extension_list_to_json': (c_int32, [P, OUT, OUT]),
    'extension_list_free': (None, [P]),
    'manager_get_extension': (c_int32, [P, c_char_p, c_char_p, POINTER(CallOptions), OUT, OUT]),
    'manager_install': (c_int32, [P, c_char_p, c_char_p, POINTER(CallOptions), OUT, OUT]),
    'manager_uninstall': (c_int32, [P, c_char_p, c_char_p, POINTER(CallOptions), OUT, OUT]),
    'manager_upgrade': (c_int32, [P, c_char_p, POINTER(CallOptions), OUT, OUT]),
    'manager_create_instance': (c_int32, [P, c_char_p, c_char_p, c_char_p, c_size_t,
                                          POINTER(CallOptions), OUT, OUT]),
    'manager_list_instances': (c_int32, [P, c_char_p, c_char_p, POINTER(CallOptions), OUT, OUT]),
    'instance_list_to_json': (c_int32, [P, OUT, OUT]),
    'instance_list_free': (None, [P]),
    'manager_read_instance': (c_int32, [P, c_char_p, c_char_p, c_char_p, POINTER(CallOptions),
                                        OUT, OUT]),
    'manager_delete_instance': (c_int32, [P, c_char_p, c_char_p, c_char_p, POINTER(CallOptions),
                                          OUT, OUT]),
}


def encode(text):
    return None if text is None else text.encode('utf-8')


def decode(data):
    return '' if data is None else data.decode('utf-8')


class ExtmgrError(Exception):
    """A call of the library failed: str() has the messages of the error and its causes."""

    def __init__(self, code, name, message, hint='', sqlstate='', host_code=0):
        super().__init__(message)
        self.code = code
        self.name = name
        self.message = message
        self.hint = hint
        self.sqlstate = sqlstate
        self.host_code = host_code


class Handle:
    """Something of the library's that is freed once: by close(), `with` or the collector."""

    def __init__(self, free, pointer, *needs):
        self.pointer = pointer
        self._needs = needs  # what must live at least as long
        self.close = weakref.finalize(self, free, pointer)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Library(Handle):
    """libextmgr with a context, shared by all threads of the process.

    log(level, component, message) is called from any of them.
    """

    def __init__(self, path=None, log=None):
        loaded = ctypes.CDLL(path or os.environ.get('EXTMGR_LIBRARY', 'libextmgr.so.0'))
        for name, (result, arguments) in FUNCTIONS.items():
            function = getattr(loaded, 'extmgr_' + name)
            function.restype = result
            function.argtypes = arguments
            setattr(self, name, function)
        options = ContextOptions()
        self.context_options_init(byref(options), ctypes.sizeof(options))
        if log:
            options.log = LogFunction(
                lambda _, level, component, message, length:
                log(LOG_LEVELS[level], decode(component), decode(message)))
        super().__init__(self.context_free, self.make(self.context_new, byref(options)), options)

    def make(self, function, *arguments):
        """Calls a function whose last two parameters are the result and the error."""
        made, error = c_void_p(), c_void_p()
        result = function(*arguments, byref(made), byref(error))
        if result < 0:
            raise self.take_error(result, error)
        return made.value

    def take_text(self, pointer):
        try:
            return ctypes.string_at(self.text_get_data(pointer),
                                    self.text_get_length(pointer)).decode('utf-8')
        finally:
            self.text_free(pointer)

    def take_error(self, result, error):
        text, hints, at = c_void_p(), [], error.value
        if self.error_copy_text(error, byref(text)) != OK:
            return MemoryError()
        while at:
            hints.append(decode(self.error_get_hint(at)))
            at = self.error_get_cause(at)
        try:
            return ExtmgrError(result, decode(self.result_get_name(result)), self.take_text(text),
                               next(filter(None, hints), ''),
                               decode(self.error_get_sqlstate(error)),
                               self.error_get_host_code(error))
        finally:
            self.error_free(error)


# ---- The database: sqlite3 behind the library's callbacks ----

def code_of(exception):
    """The library's code for an exception, and the number of SQLite."""
    number = getattr(exception, 'sqlite_errorcode', 0)
    if number & 0xff in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return E_LOCKED, number
    if number & 0xff == sqlite3.SQLITE_INTERRUPT:
        return E_CANCELLED, number
    if isinstance(exception, sqlite3.Error):
        return E_STATEMENT, number
    if isinstance(exception, MemoryError):
        return E_NO_MEMORY, 0
    return E_HOST, 0


class Database(Handle):
    """An SQLite file. A session is a connection of its own; Python opens no transaction by itself.

    connection: the caller's, for operations in its own transaction; path is not used then.
    """

    WAIT_SECONDS = 5.0  # for a lock of another connection, at most

    def __init__(self, library, path, connection=None):
        self.library = library
        self.path = path
        self.connection = connection
        self.sessions = {}
        self.numbers = itertools.count(1)
        # The thunks of ctypes live as long as this object, and it as long as whoever uses it.
        self.callbacks = DatabaseCallbacks()
        library.database_callbacks_init(byref(self.callbacks), ctypes.sizeof(self.callbacks))
        self.callbacks.capabilities = TRANSACTIONAL_DDL | SAVEPOINTS
        self.callbacks.dialect = b'sqlite'
        this = weakref.proxy(self)  # no cycle: the collector of references is enough
        for name, kind in DatabaseCallbacks._fields_:
            if name in ('open', 'begin', 'commit', 'rollback', 'execute', 'query'):
                setattr(self.callbacks, name, kind(self.guarded(this, 'on_' + name)))
        # What these raise is printed by ctypes and goes no further.
        self.callbacks.close = CloseFunction(lambda _, session, broken: this.on_close(session))
        self.callbacks.interrupt = InterruptFunction(lambda _, session: this.on_interrupt(session))
        super().__init__(library.database_free,
                         library.make(library.database_new, byref(self.callbacks), None), library)

    @staticmethod
    def guarded(this, name):
        """A callback that answers a code. No exception may cross it: ctypes would answer 0, done."""
        def callback(_user_data, *arguments):
            try:
                return getattr(this, name)(*arguments[:-1]) or OK
            except BaseException as exception:  # pylint: disable=broad-except
                code, number = code_of(exception)
                text = f'{type(exception).__name__}: {exception}'.encode('utf-8', 'replace')
                this.library.host_error_set(arguments[-1], number, None, text, len(text))
                return code
        return callback

    def on_open(self, operation, session_out):
        remaining = self.library.operation_get_remaining_ms(operation) / 1000
        connection = self.connection or sqlite3.connect(
            self.path, timeout=min(remaining, self.WAIT_SECONDS), isolation_level=None,
            check_same_thread=False)
        if not self.connection:
            connection.execute('PRAGMA foreign_keys = ON')
        session_out[0] = number = next(self.numbers)
        self.sessions[number] = connection

    def on_close(self, session):
        connection = self.sessions.pop(session)
        if connection is not self.connection:
            connection.close()

    def on_begin(self, session, flags):
        # A transaction that will write takes the lock now: a later one could meet SQLITE_BUSY
        # after it has read, and no waiting would help.
        self.sessions[session].execute('BEGIN IMMEDIATE' if flags & BEGIN_WRITE else 'BEGIN')

    def on_commit(self, session):
        self.sessions[session].execute('COMMIT')

    def on_rollback(self, session):
        # After some errors, a full disk for one, SQLite has rolled back by itself.
        if self.sessions[session].in_transaction:
            self.sessions[session].execute('ROLLBACK')

    def on_interrupt(self, session):
        self.sessions[session].interrupt()

    def run(self, session, sql, length, arguments):
        library = self.library
        text = library.make(functools.partial(
            library.sql_rewrite_placeholders, b'sqlite', ctypes.string_at(sql, length), length,
            PLACEHOLDER_QUESTION_MARK, None))
        values = [self.value_of(arguments, index)
                  for index in range(library.values_get_count(arguments))]
        return self.sessions[session].execute(library.take_text(text), values)

    def value_of(self, values, index):
        library = self.library
        kind = library.values_get_type(values, index)
        if kind in (VALUE_BOOLEAN, VALUE_INTEGER):
            return library.values_get_integer(values, index)
        if kind == VALUE_NUMBER:
            return library.values_get_number(values, index)
        if kind == VALUE_TEXT:
            length = c_size_t()
            data = library.values_get_text(values, index, byref(length))
            return ctypes.string_at(data, length.value).decode('utf-8')
        return None

    def on_execute(self, session, sql, length, arguments, affected_out):
        cursor = self.run(session, sql, length, arguments)
        cursor.fetchall()  # a statement with rows is done when they are read
        affected_out[0] = cursor.rowcount

    def on_query(self, session, sql, length, arguments, rows):
        cursor = self.run(session, sql, length, arguments)
        result = OK
        for column in cursor.description or ():
            # sqlite3 does not tell the declared type of a column
            result = result or self.library.rows_add_column(rows, encode(column[0]), None)
        for row in cursor:
            for value in row:
                result = result or self.append(rows, value)
            if result != OK:
                return result  # a limit of the context; the library knows which
        return result

    def append(self, rows, value):
        library = self.library
        if value is None:
            return library.rows_append_null(rows)
        if isinstance(value, int):
            return library.rows_append_integer(rows, value)
        if isinstance(value, float):
            return library.rows_append_number(rows, value)
        if isinstance(value, bytes):
            return library.rows_append_bytes(rows, value, len(value))
        text = encode(value)
        return library.rows_append_text(rows, text, len(text))

    def check(self):
        """Runs the library's probes on the callbacks above; a report with failed == 0 is good."""
        return json.loads(self.library.take_text(self.library.make(
            self.library.database_check, self.library.pointer, self.pointer)))


# ---- What an application uses ----

class Operation(Handle):
    """A call that can be cancelled from another thread, with a deadline and progress.

    progress(step, done, total) may answer True to cancel, and cancels with an exception, too.
    """

    def __init__(self, library, timeout_ms=0, actor=None, progress=None):
        self.library = library
        options = OperationOptions()
        library.operation_options_init(byref(options), ctypes.sizeof(options))
        options.timeout_ms = timeout_ms
        options.actor = encode(actor)
        if progress:
            def wrapper(_user_data, step, done, total):
                try:
                    return bool(progress(decode(step), done, total))
                except BaseException:  # pylint: disable=broad-except
                    traceback.print_exc()
                    return True
            options.progress = ProgressFunction(wrapper)
        super().__init__(library.operation_free,
                         library.make(library.operation_new, byref(options)), library, options)

    def cancel(self):
        self.library.operation_cancel(self.pointer)


class ExtensionManager(Handle):
    """The extensions of a folder of definitions, and one SQLite database. For many threads.

    Each call takes an Operation, and each that writes `rehearse`: do it and roll back; the report is
    the plan. Reports and lists are the library's JSON documents.
    """

    def __init__(self, library, path, definitions):
        self.library = library
        self.database = Database(library, path)
        with Handle(library.registry_free, library.make(library.registry_open, library.pointer,
                                                        encode(definitions))) as registry:
            super().__init__(
                library.manager_free,
                library.make(library.manager_new, library.pointer, registry.pointer,
                             self.database.pointer, None, None),
                self.database)

    def call(self, name, *arguments, operation=None, rehearse=False):
        options = CallOptions()
        self.library.call_options_init(byref(options), ctypes.sizeof(options))
        options.flags = CALL_REHEARSE if rehearse else 0
        options.operation = operation.pointer if operation else None
        return self.library.make(getattr(self.library, 'manager_' + name), self.pointer, *arguments,
                                 byref(options))

    def document(self, name, *arguments, **options):
        return json.loads(self.library.take_text(self.call(name, *arguments, **options)))

    def listed(self, kind, name, *arguments, **options):
        library = self.library
        with Handle(getattr(library, kind + '_free'),
                    self.call(name, *arguments, **options)) as made:
            return json.loads(library.take_text(
                library.make(getattr(library, kind + '_to_json'), made.pointer)))

    def list(self, which=LIST_ALL, **options):
        return self.listed('extension_list', 'list_extensions', which, **options)['extensions']

    def describe(self, extension, version=None, **options):
        return self.document('get_extension', encode(extension), encode(version), **options)

    def install(self, extension, version=None, **options):
        return self.document('install', encode(extension), encode(version), **options)

    def uninstall(self, extension, version=None, **options):
        return self.document('uninstall', encode(extension), encode(version), **options)

    def upgrade(self, extension, **options):
        return self.document('upgrade', encode(extension), **options)

    def instances(self, extension, version=None, **options):
        return self.listed('instance_list', 'list_instances', encode(extension), encode(version),
                           **options)['instances']

    def create_instance(self, extension, values, version=None, **options):
        text = encode(json.dumps(values))
        return self.document('create_instance', encode(extension), encode(version), text, len(text),
                             **options)

    def read_instance(self, extension, instance, version=None, **options):
        return self.document('read_instance', encode(extension), encode(version), encode(instance),
                             **options)

    def delete_instance(self, extension, instance, version=None, **options):
        return self.document('delete_instance', encode(extension), encode(version),
                             encode(instance), **options)
