#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""test_schema.py EVALUATE: generated definitions as JSON Schema, against python3-jsonschema.

Values that the library accepts fit the schema, always. Values that fit the schema are accepted by
the library, unless the definitions hold something that a schema cannot say (GAPS)."""
import collections
import json
import random
import re
import subprocess
import sys

try:
    from jsonschema import Draft202012Validator
except ImportError:
    print('python3-jsonschema is not installed')
    sys.exit(77)

CASES = 2000
VALUES_FOR_EACH = 5
TYPES = ('string', 'boolean', 'select', 'integer', 'number')
OPERATORS = ('EQ', 'LESS', 'GREATER', 'LESS_EQUAL', 'GREATER_EQ')
REGEXES = ('^[a-c]+$', 'a', r'^\d{2}', '^(x|yz)$', '')
TEXTS = ('', 'a', 'ab', 'abc', 'cab', 'x', 'yz', '12', '7', 'ä', '\U0001f600', '\U0001f600b', ' ', 'true')
NUMBERS = ('0', '-0', '1', '-1', '007', '9', '10', '99', '100', '101', '-5', '-10', '12345', '1.5', '1e2', '+1',
           '9007199254740993', '-', '1.', '0x1', '123456789012345678901234567890')
LIMITS = (-100, -10, -5, -1, 0, 1, 1.5, -0.5, 5, 9, 10, 99, 100, 1000, 9007199254740991)
IDS = ('a', 'b', 'c', 'd', 'e', '__proto__', 'constructor', 'x/y~z %"')


def optional(choose, definition, key, values):
    if choose.random() < 0.4:
        definition[key] = choose.choice(values)


def make_condition(choose, others, depth=0):
    kind = choose.random()
    if depth < 3 and kind < 0.2:
        return {'not': make_condition(choose, others, depth + 1)}
    if depth < 3 and kind < 0.45:
        parts = [make_condition(choose, others, depth + 1) for _ in range(choose.randrange(4))]
        return {choose.choice(('and', 'or')): parts}
    other = choose.choice(others)
    operator = 'EQ' if choose.random() < 0.5 else choose.choice(OPERATORS)
    value = choose.choice(TEXTS + NUMBERS[:10] + ('o1', 'o2', 'false'))
    if choose.random() < 0.3:
        value = choose.choice(LIMITS)
    return {'parameter': other['id'], 'value': value,
            'operator': OPERATORS.index(operator) if choose.random() < 0.5 else operator}


def make_definition(choose, identifier):
    definition = {'id': identifier, 'name': 'N ' + identifier, 'type': choose.choice(TYPES)}
    optional(choose, definition, 'required', (True, False, 1, 0, 'yes', ''))
    optional(choose, definition, 'secret', (True, False))
    optional(choose, definition, 'default', TEXTS)
    if definition['type'] == 'string':
        optional(choose, definition, 'regex', REGEXES)
        optional(choose, definition, 'minLength', (0, 1, 2))
        optional(choose, definition, 'maxLength', (2, 3))
    elif definition['type'] == 'select':
        ids = choose.sample(('o1', 'o2', 'true', '10', '', 'ä'), choose.randrange(5))
        definition['options'] = [{'id': i, 'name': i} for i in ids]
    elif definition['type'] in ('integer', 'number'):
        low, high = sorted(choose.sample(LIMITS, 2))
        optional(choose, definition, 'min', (low,))
        optional(choose, definition, 'max', (high,))
    return definition


def make_definitions(choose):
    definitions = []
    for identifier in choose.sample(IDS, choose.randrange(1, 6)):
        definition = make_definition(choose, identifier)
        if definitions and choose.random() < 0.6:
            definition['condition'] = make_condition(choose, definitions)
        definitions.append(definition)
    # The order of parameters and that of their conditions need not be the same.
    choose.shuffle(definitions)
    return definitions


def make_value(choose, definition):
    if choose.random() < 0.03:
        return choose.choice((5, True, ['a'], None))
    if choose.random() < 0.1:
        return choose.choice(TEXTS)
    if definition['type'] == 'select':
        return choose.choice([o['id'] for o in definition['options']] or ['o1'])
    return choose.choice({'boolean': ('true', 'false'), 'string': TEXTS}.get(definition['type'], NUMBERS))


def make_values(choose, definitions):
    values = {d['id']: make_value(choose, d) for d in definitions if choose.random() < 0.8}
    if choose.random() < 0.05:
        values['unknown'] = 'x'
    return values


def comparisons(condition):
    for part in [condition.get('not')] + condition.get('and', []) + condition.get('or', []):
        if part:
            yield from comparisons(part)
    if 'parameter' in condition:
        yield condition


def gaps(definitions):
    """What of the definitions a schema cannot say; docs/parameters.md has the same list."""
    found = set()
    by_id = {d['id']: d for d in definitions}
    for definition in definitions:
        if definition['type'] == 'number' and ('min' in definition or 'max' in definition):
            found.add('min and max of a number')
        for comparison in comparisons(definition.get('condition') or {}):
            other = by_id[comparison['parameter']]
            if other['type'] == 'number':
                found.add('a condition on a number')
            if other['type'] == 'string' and not isinstance(comparison['value'], str):
                found.add('a condition that takes text for a number')
            elif other['type'] == 'string' and comparison['operator'] not in ('EQ', 0):
                found.add('a condition on the order of text')
            if other['type'] == 'integer' and re.fullmatch('90071992547409[0-9]{2}', str(comparison['value'])):
                found.add('a condition on an integer beyond 2^53')
    return found


def ask(evaluate, cases, *arguments):
    lines = ''.join(f'{json.dumps(d)}\t{json.dumps(v)}\n' for d, v in cases)
    done = subprocess.run([evaluate, *arguments], input=lines.encode(), stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in done.stdout.decode().split('\n')[:-1]]


def main(evaluate):
    choose = random.Random(20261123)
    forms = [make_definitions(choose) for _ in range(CASES)]
    schemas = ask(evaluate, [(form, {}) for form in forms], 'schema')
    cases = [(form, make_values(choose, form)) for form in forms for _ in range(VALUES_FOR_EACH)]
    reports = ask(evaluate, cases)
    assert len(schemas) == len(forms) and len(reports) == len(cases)
    counts = collections.Counter()
    faults = []
    for number, ((form, values), report) in enumerate(zip(cases, reports)):
        schema = schemas[number // VALUES_FOR_EACH]
        if number % VALUES_FOR_EACH == 0:
            Draft202012Validator.check_schema(schema)
        fits = Draft202012Validator(schema).is_valid(values)
        if fits == report['valid']:
            counts['accepted' if fits else 'refused'] += 1
        elif fits and gaps(form):
            counts.update(gaps(form))
        else:
            faults.append(f'{json.dumps(form)}\n{json.dumps(values)}\nschema: {json.dumps(schema)}\nfits: {fits}, '
                          f'library: {report["message"]}')
    print('\n'.join(faults[:5]))
    print(f'{len(cases)} cases, {len(faults)} faults, {dict(counts)}')
    return 1 if faults or min(counts['accepted'], counts['refused']) < 500 else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1]))
