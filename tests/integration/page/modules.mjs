// SPDX-License-Identifier: MIT
// node modules.mjs PAGE FOLDER: the parts of the page that need no browser.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { pathToFileURL } from 'node:url';

const [page, folder] = process.argv.slice(2).map((name) => path.resolve(name));

// Browsers know from the script element that these are modules; node wants to read it.
fs.rmSync(folder, { recursive: true, force: true });
fs.cpSync(page, folder, { recursive: true });
fs.writeFileSync(path.join(folder, 'package.json'), '{"type": "module"}');
const load = (name) => import(pathToFileURL(path.join(folder, name)));
const { arrange } = await load('fields.js');
const { failuresIn } = await load('form.js');
const { comparePlans, confirmText, differentFacts, droppedName, planAsSql, secretsOf, signerWords } = await load('plan.js');
const { countsOf, duration, reasonText } = await load('words.js');

const shown = (definitions) => arrange(definitions).map(({ definition, depth }) => `${definition.id}${depth}`).join(' ');
const on = (parameter) => ({ parameter, operator: 'EQ', value: '1' });

test('what depends on others stands right below the last of them', () => {
	assert.equal(shown([{ id: 'a' }, { id: 'b' }, { id: 'c', condition: on('a') }, { id: 'd' }]), 'a0 c1 b0 d0');
	assert.equal(shown([{ id: 'x', condition: on('z') }, { id: 'y' }, { id: 'z' }]), 'y0 z0 x1');
	assert.equal(shown([{ id: 'a' }, { id: 'b' }, { id: 'c', condition: { and: [on('b'), { not: on('a') }] } }, { id: 'd', condition: on('c') },
		{ id: 'e', condition: on('b') }]), 'a0 b0 c1 d2 e1');
	assert.equal(shown([{ id: 'a', condition: on('b') }, { id: 'b', condition: on('a') }, { id: 'c', condition: on('none') }]), 'c0 a0 b1');
});

test('messages of the server find their fields', () => {
	const definitions = [{ id: 'a', name: 'The A' }, { id: 'b', name: "B's" }];
	const message = "invalid parameters: Failed to validate parameter 'The A' (a): one, two., Failed to validate parameter 'B's' (b): three";

	assert.deepEqual([...failuresIn(message, definitions)], [['a', 'one, two.'], ['b', 'three']]);
	assert.equal(failuresIn('no such table', definitions).size, 0);
});

test('what is dropped is named', () => {
	assert.equal(droppedName('DROP TABLE IF EXISTS "a"."b" CASCADE;'), 'table "a"."b"');
	assert.equal(droppedName('-- old\n/* x */ drop  materialized view v'), 'materialized view v');
	assert.equal(droppedName('ALTER TABLE t DROP COLUMN c'), 'ALTER TABLE t DROP COLUMN c');
});

const statement = (number, sql, kind = 'create') => ({ number, class: kind, sql, arguments: [], certainty: 'exact' });

test('a plan as SQL', () => {
	const plan = {
		operation: 'install', extension: { id: 'x\n; DROP' }, version: '1', dialect: 'sqlite', masked: true,
		statements: [statement(1, 'SELECT 1', 'read'), statement(2, 'CREATE TABLE a (b) -- c'),
			{ ...statement(3, 'INSERT INTO a VALUES (?);', 'data'), arguments: ['x\n', null] }],
	};

	assert.equal(planAsSql(plan), `-- plan: install x ; DROP 1 (sqlite)
-- statements that only read are left out
-- each '***' stands for a text that is not shown, because there are
-- secrets; put it in before you run a statement

-- 2: create
CREATE TABLE a (b) -- c
;

-- 3: data
-- arguments: ["x\\n",null]
INSERT INTO a VALUES (?);
`);
});

test('the difference of two plans', () => {
	const lines = comparePlans({ statements: ['a', 'b', 'c'].map((sql, i) => statement(i, sql)) },
		{ statements: ['a', 'x', 'c', 'd'].map((sql, i) => statement(i, sql)) });

	assert.equal(lines.map((line) => `${line.kind} ${line.statement.sql}`).join(', '), 'same a, gone b, new x, same c, new d');
});

test('who signed a definition', () => {
	const signer = { keyId: '0123456789ABCDEF', name: 'acme' };

	assert.equal(signerWords({ signer })[0], 'Signed by acme (0123456789ABCDEF)');
	assert.equal(signerWords({ signer: { ...signer, name: null } })[0], 'Signed by 0123456789ABCDEF');
	assert.equal(signerWords({ signer: null })[0], 'Not signed');
	assert.equal(signerWords({ signer: null }, { signature: 'untrusted-key' })[0], 'Signed by an unknown key');
});

test('what is different beside the statements', () => {
	const plan = (hex, values) => ({ version: '1', extension: { digest: `sha256:${hex.repeat(64)}` }, signer: null, parameters: values });

	assert.deepEqual(differentFacts(plan('a'), plan('a')), []);
	assert.deepEqual(differentFacts(plan('a', [{ name: 'p', value: '1' }]), plan('b', [{ name: 'p', value: '2' }])),
		[['Definition', 'aaaaaaaaaaaa → bbbbbbbbbbbb'], ['Values', 'p: 1 → p: 2']]);
});

test('only the secrets that were replaced are sent again', () => {
	const plan = { parameters: [{ name: 'a', value: '1' }, { name: 'p', secret: true }, { name: 'q', secret: true, kept: true }] };

	assert.deepEqual([...secretsOf(plan, new Map([['a', '1'], ['p', '2'], ['q', '3']]))], [['p', '2']]);
	assert.equal(secretsOf({}, undefined).size, 0);
});

test('words', () => {
	assert.equal(reasonText('needs a database of dialect postgresql, this one is sqlite'), 'Needs PostgreSQL; this database is SQLite');
	assert.equal(reasonText("needs file 'x' of 3 bytes"), "Needs file 'x' of 3 bytes");
	assert.equal(countsOf({ read: 1, create: 2, drop: 3 }), '3 drop, 2 create, 1 read');
	assert.equal(countsOf({ read: 0 }), 'no statement');
	assert.deepEqual([duration(12), duration(1234), duration(123456), duration(2500000)], ['12 µs', '1.2 ms', '123 ms', '2.5 s']);
	assert.equal(confirmText({ operation: 'uninstall', extension: { id: 'x', name: 'X' }, version: '1', counts: { drop: 2 } }),
		'Uninstall X 1, taking away 2 objects');
});
