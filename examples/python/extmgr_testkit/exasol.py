# SPDX-License-Identifier: MIT
"""The part of an Exasol database that extensions make: scripts, connections, virtual schemas."""
import copy
import re

NAME = r'"((?:[^"]|"")*)"'
LITERAL = r"'((?:[^']|'')*)'"


def unquoted(name):
    return name.replace('""', '"')


def text_of(literal):
    return None if literal is None else literal.replace("''", "'")


class Unknown(Exception):
    """A statement that is not understood: the test must not go on as if it had been."""


class Exasol:
    """State that statements change. Objects are dictionaries under their names."""

    def __init__(self, schema='EXA_EXTENSIONS'):
        self.schema = schema
        self.schemas = set()
        self.scripts = {}  # by (schema, name)
        self.connections = {}
        self.virtual_schemas = {}

    def snapshot(self):
        return copy.deepcopy(vars(self))

    def restore(self, snapshot):
        vars(self).update(snapshot)

    # ---- Statements ----

    def execute(self, sql):
        for pattern, apply in self.STATEMENTS:
            match = re.fullmatch(pattern, sql, re.S)
            if match:
                apply(self, *match.groups())
                return
        raise Unknown(f'this Exasol does not know the statement: {sql}')

    def create_script(self, kind, schema, name, text):
        schema, name = unquoted(schema), unquoted(name)
        if schema not in self.schemas:
            raise Unknown(f'schema {schema} not found')
        self.scripts[schema, name] = {
            'type': 'ADAPTER' if kind == 'ADAPTER' else 'UDF', 'inputType': '' if kind == 'ADAPTER' else kind,
            'text': f'CREATE JAVA {kind} SCRIPT "{name}" {text}', 'comment': ''}

    def drop_script(self, _adapter, if_exists, schema, name):
        if self.scripts.pop((unquoted(schema), unquoted(name)), None) is None and not if_exists:
            raise Unknown(f'script {schema}.{name} not found')

    def create_connection(self, name, address, user, password):
        self.connections[unquoted(name)] = {'to': text_of(address), 'user': text_of(user),
                                            'password': text_of(password), 'comment': ''}

    def drop_connection(self, name):
        self.connections.pop(unquoted(name), None)

    @staticmethod
    def properties(text):
        return {name: text_of(value) for name, value in re.findall(rf'(\w+)\s*=\s*{LITERAL}', text or '')}

    def create_virtual_schema(self, name, schema, adapter, properties):
        name, script = unquoted(name), (unquoted(schema), unquoted(adapter))
        if name in self.virtual_schemas or script not in self.scripts:
            raise Unknown(f'virtual schema {name} is there, or its adapter is not')
        self.virtual_schemas[name] = {'adapter': script, 'properties': self.properties(properties),
                                      'comment': ''}

    def alter_virtual_schema(self, name, properties):
        self.virtual_schemas[unquoted(name)]['properties'].update(self.properties(properties))

    def drop_virtual_schema(self, name):
        self.virtual_schemas.pop(unquoted(name), None)

    def comment(self, kind, schema, name, text):
        table = {'SCRIPT': self.scripts, 'CONNECTION': self.connections, 'SCHEMA': self.virtual_schemas}[kind]
        key = unquoted(name) if schema is None else (unquoted(schema), unquoted(name))
        table[key]['comment'] = text_of(text)

    STATEMENTS = (
        (rf'CREATE OR REPLACE JAVA (ADAPTER|SET|SCALAR) SCRIPT {NAME}\.{NAME}\s*(.*)', create_script),
        (rf'DROP (ADAPTER )?SCRIPT (IF EXISTS )?{NAME}\.{NAME}', drop_script),
        (rf'CREATE OR REPLACE CONNECTION {NAME} TO {LITERAL}(?: USER {LITERAL})?(?: IDENTIFIED BY {LITERAL})?',
         create_connection),
        (rf'DROP CONNECTION IF EXISTS {NAME}', drop_connection),
        (rf'CREATE VIRTUAL SCHEMA {NAME} USING {NAME}\.{NAME}(?: WITH(.*))?', create_virtual_schema),
        (rf'ALTER VIRTUAL SCHEMA {NAME} SET (.*)', alter_virtual_schema),
        (rf'DROP VIRTUAL SCHEMA IF EXISTS {NAME} CASCADE', drop_virtual_schema),
        (rf'COMMENT ON (SCRIPT|CONNECTION|SCHEMA) (?:{NAME}\.)?{NAME} IS {LITERAL}', comment),
    )

    # ---- What a definition sees ----

    def tables(self):
        """The tables of a scenario; Exasol shows the scripts of the extension schema only."""
        return {
            'allScripts': [{'schema': schema, 'name': name, **script}
                           for (schema, name), script in sorted(self.scripts.items()) if schema == self.schema],
            'allVirtualSchemas': [{'name': name, 'adapterScriptSchema': entry['adapter'][0],
                                   'adapterScriptName': entry['adapter'][1]}
                                  for name, entry in sorted(self.virtual_schemas.items())]}

    def answers(self):
        """Of the queries that the published base classes send. A scenario sees no arguments: all
        virtual schemas of the extension schema are those of the one adapter."""
        def text_column(name):
            return [{'name': name, 'typeName': 'VARCHAR'}]
        return [
            {'match': 'FROM SYS.EXA_ALL_SCHEMAS', 'columns': [{'name': '1', 'typeName': 'DECIMAL'}],
             'rows': [[1]] if self.schema in self.schemas else []},
            {'match': '^SELECT SCHEMA_NAME FROM SYS.EXA_ALL_VIRTUAL_SCHEMAS', 'columns': text_column('SCHEMA_NAME'),
             'rows': [[name] for name, entry in sorted(self.virtual_schemas.items())
                      if entry['adapter'][0] == self.schema]}]

    def objects(self):
        return {
            **{f'SCRIPT {name}': script for (_, name), script in self.scripts.items()},
            **{f'CONNECTION {name}': entry for name, entry in self.connections.items()},
            **{f'VIRTUAL_SCHEMA {name}': entry for name, entry in self.virtual_schemas.items()}}
