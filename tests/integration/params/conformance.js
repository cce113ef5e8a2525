// SPDX-License-Identifier: MIT
// node conformance.js EVALUATE MODULES: generated forms, validated by the published package and by the library.
'use strict';

const { execFileSync } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { pathToFileURL } = require('url');

const CASES = 3000;
const LEAST_EQUAL = 1000;
const SKIPPED = 77;

const given = (form, definition) => form.values.find((entry) => entry.name === definition.id);
const isEmpty = (value) => value === undefined || value === null || value === '';
const valueOf = (form, definition) => (given(form, definition) || {}).value;
// The parameters that were submitted with something in them, of one of the types.
const filled = (form, ...types) => form.definitions.filter((definition) =>
	types.includes(definition.type) && !isEmpty(valueOf(form, definition)));

/*
 * Where we differ on purpose. applies: the form has it. allows: whether our answer is the right
 * one then; docs/differences.md has the reasons.
 */
const DIFFERENCES = [
	{
		name: 'a definition with a regex that does not compile is refused (there: throws)',
		applies: (form) => form.definitions.some((d) => d.regex === '('),
		allows: (form, ours) => /regex is not a regular expression/.test(ours.refused),
	},
	{
		name: 'a definition of unknown type is refused (there: its value is)',
		applies: (form) => form.definitions.some((d) => d.type === 'date'),
		allows: (form, ours) => /its type is unknown/.test(ours.refused),
	},
	{
		name: 'two definitions of one id are refused (there: accepted)',
		applies: (form) => new Set(form.definitions.map((d) => d.id)).size < form.definitions.length,
		allows: (form, ours) => /another parameter has the same id/.test(ours.refused),
	},
	{
		name: 'a name that is not defined is a fault (there: ignored)',
		applies: (form) => form.values.some((v) => !form.definitions.some((d) => d.id === v.name)),
		allows: (form, ours) => /\(undefined-name\): The parameter is unknown\./.test(ours.invalid),
	},
	{
		name: 'a name that is given twice is a fault (there: the first value counts)',
		applies: (form) => new Set(form.values.map((v) => v.name)).size < form.values.length,
		allows: (form, ours) => /The parameter is given more than once\./.test(ours.invalid),
	},
	{
		name: 'a value that is no text is a fault (there: what it is as text counts)',
		applies: (form) => form.values.some((v) => !isEmpty(v.value) && typeof v.value !== 'string'),
		allows: (form, ours) => /The value must be a string\./.test(ours.invalid),
	},
	{
		name: 'select, number and integer are checked (there: unsupported in 0.2.0)',
		applies: (form) => filled(form, 'select', 'number', 'integer').length > 0,
		allows: (form, ours) => filled(form, 'select', 'number', 'integer').every((definition) =>
			(ours.failures || []).some((failure) => failure.id === definition.id) !==
			(valueOf(form, definition) === '7')),
	},
	{
		name: 'minLength and maxLength are checked (there: ignored)',
		applies: (form) => filled(form, 'string').some((d) => 'maxLength' in d &&
			valueOf(form, d).length > d.maxLength && new RegExp(d.regex || '').test(valueOf(form, d))),
		allows: (form, ours) => /must have at most 2 characters\./.test(ours.invalid),
	},
	{
		name: 'conditions hide parameters (there: ignored)',
		applies: (form) => form.definitions.some((d) => d.condition),
		allows: (form, ours) => !(ours.failures || []).some((failure) =>
			form.definitions.find((d) => d.id === failure.id).condition),
	},
];

// The same numbers on every run.
let state = 20261123;
function random(count) {
	state = (Math.imul(state, 1103515245) + 12345) >>> 0;
	return (state >>> 8) % count;
}
const pick = (list) => list[random(list.length)];
const chance = (percent) => random(100) < percent;

const REGEXES = [undefined, undefined, '', '^a+$', 'a', '^\\d{2}$', '^[^:]+:\\d+$', 'x|y', '^.*$', '\\.', '^(?!no)'];
const VALUES = [undefined, null, '', 'a', 'aaa', 'b', '12', 'host:80', 'nox', 'x\ny', ' ', 'ä', '\u{1f600}', 'a.b',
	'true', 'false', 'TRUE', ' true', '0', 'null', '"', "'"];

function makeDefinition(number) {
	const definition = {id: pick(['a', 'param', 'ä b', 'constructor', '__proto__']) + number,
		name: pick(['Name', 'N\u00e4me', '', 'x: y', "it's"]), type: pick(['string', 'string', 'boolean'])};
	const regex = pick(REGEXES);
	const required = pick([undefined, undefined, true, false, 1, 0, 'yes', '', null]);

	if (definition.type === 'string' && regex !== undefined)
		definition.regex = regex;
	if (required !== undefined)
		definition.required = required;
	if (chance(20))
		Object.assign(definition, {default: 'true', secret: chance(50), multiline: true, placeholder: 'p',
			readOnly: true, description: 'd'});
	return definition;
}

// Something that we see otherwise: one in four forms has one of them.
function bend(form) {
	const definition = pick(form.definitions);

	pick([
		() => Object.assign(definition, {type: 'string', regex: '('}),
		() => Object.assign(definition, {type: 'date'}),
		() => form.definitions.push(Object.assign({}, definition)),
		() => form.values.push({name: 'undefined-name', value: 'x'}),
		() => form.values.length && form.values.push(Object.assign({}, pick(form.values))),
		() => form.values.length && Object.assign(pick(form.values), {value: pick([5, true, [], {}])}),
		() => Object.assign(definition, {type: 'select', options: [{id: '7', name: 'Seven'}]}),
		() => Object.assign(definition, {type: pick(['number', 'integer']), regex: undefined}),
		() => Object.assign(definition, {type: 'string', maxLength: 2}),
		() => form.definitions.push({id: 'hidden', name: 'Hidden', type: 'boolean', required: true, condition:
			{parameter: definition.id, operator: 0, value: 'never this'}}),
	])();
	for (const other of form.definitions) {
		const entry = given(form, other);

		if (entry && ['select', 'number', 'integer'].includes(other.type) && typeof entry.value === 'string')
			entry.value = pick(['7', 'seven', '']);
	}
}

function makeForm() {
	const form = {definitions: [], values: []};
	const count = random(5);

	for (let i = 0; i < count; i++)
		form.definitions.push(makeDefinition(i));
	for (const definition of form.definitions) {
		if (chance(80))
			form.values.push({name: definition.id, value: pick(VALUES)});
	}
	if (chance(20))
		form.values.reverse();
	if (count > 0 && chance(25))
		bend(form);
	return form;
}

function loadPackage(modules) {
	const file = path.join(modules, '@exasol/extension-parameter-validator/dist/extensionParameterValidator.js');

	if (!fs.existsSync(file)) {
		console.log('the npm packages are not there: run .ci/setup test, or npm ci in examples/definitions');
		process.exit(process.env.CI ? 1 : SKIPPED);
	}
	// It is a module, but does not say so.
	const module = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'extmgr-validator-')), 'validator.mjs');
	fs.copyFileSync(file, module);
	process.on('exit', () => fs.rmSync(path.dirname(module), {recursive: true}));
	return import(pathToFileURL(module).href);
}

function askLibrary(evaluate, forms) {
	const lines = forms.map((form) => JSON.stringify(form.definitions) + '\t' + JSON.stringify(form.values) + '\n');
	const answers = execFileSync(evaluate, {input: lines.join(''), encoding: 'utf8', maxBuffer: 1 << 28})
		.split('\n').slice(0, -1).map((line) => JSON.parse(line));

	if (answers.length !== forms.length)
		throw new Error(`${answers.length} answers for ${forms.length} forms`);
	return answers.map((answer) => answer.schema !== 'extmgr.parameter-report/1' ? {refused: answer.message} : {
		failures: answer.failures,
		invalid: answer.message,
		message: answer.failures.map((failure) => `${failure.name}: ${failure.message}`).join('\n'),
	});
}

async function main(evaluate, modules) {
	const published = await loadPackage(modules);
	const forms = Array.from({length: CASES}, makeForm);
	// Each definition alone, too: validateParameter().
	const singles = forms.slice(0, CASES / 2).filter((form) => form.definitions.length > 0).map((form) => ({
		definitions: [form.definitions[0]],
		values: form.values.filter((value) => value.name === form.definitions[0].id),
		single: true,
	}));
	const all = forms.concat(singles);
	const answers = askLibrary(evaluate, all);
	const used = new Map(DIFFERENCES.map((difference) => [difference, 0]));
	let equal = 0;
	let faults = 0;

	all.forEach((form, index) => {
		const ours = answers[index];
		const differences = DIFFERENCES.filter((difference) => difference.applies(form));
		let theirs;

		try {
			theirs = form.single
				? published.validateParameter(form.definitions[0], valueOf(form, form.definitions[0])).message
				: published.validateParameters(form.definitions, {values: form.values}).message;
		} catch (error) {
			theirs = `throws ${error.name}`;
		}
		if (form.single && theirs && !theirs.startsWith('throws'))
			theirs = `${form.definitions[0].name}: ${theirs}`;
		if (differences.length === 0 && theirs === ours.message) {
			equal++;
			return;
		}
		// Of wrong definitions the values are not looked at: one reason is enough.
		const right = ours.refused === undefined
			? differences.length > 0 && differences.every((difference) => difference.allows(form, ours))
			: differences.some((difference) => difference.allows(form, ours));
		differences.forEach((difference) => used.set(difference, used.get(difference) + 1));
		if (right)
			return;
		if (faults++ < 10)
			console.log(`${JSON.stringify(form)}\n  there: ${JSON.stringify(theirs)}\n  here: ${JSON.stringify(ours)}` +
				`\n  ${differences.map((difference) => difference.name).join('; ') || 'no difference is known'}`);
	});
	for (const [difference, count] of used)
		console.log(`${count} ${difference.name}`);
	console.log(`${all.length} cases, ${equal} equal, ${faults} faults`);
	process.exit(faults === 0 && equal >= LEAST_EQUAL && [...used.values()].every((count) => count > 0) ? 0 : 1);
}

main(...process.argv.slice(2));
