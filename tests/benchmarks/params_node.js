// SPDX-License-Identifier: MIT
// node params_node.js VALIDATE.JS PARAMS.C: the forms of params.c through the rules in node's vm, from text to text.
'use strict';

const { readFileSync } = require('fs');
const vm = require('vm');

const RUNS = 2001;
const [rules, program] = process.argv.slice(2).map((file) => readFileSync(file, 'utf8'));

// The C strings of "static const char NAME[] = ...;".
function textOf(name) {
	const literals = program.split(`static const char ${name}[] =`)[1].match(/^\s*"(?:\\.|[^"\\])*"(\s*"(?:\\.|[^"\\])*")*/)[0];

	return literals.match(/"(?:\\.|[^"\\])*"/g).map((literal) => JSON.parse(literal)).join('');
}

const context = vm.createContext({});
vm.runInContext(rules, context);
const validate = vm.runInContext('(function (definitions, values) {' +
	'return JSON.stringify(extmgrValidateParameters(JSON.parse(definitions), JSON.parse(values))); })', context);
const report = vm.runInContext('(function (parameters, values) {' +
	'return JSON.stringify(extmgrParameterRules.report(parameters, JSON.parse(values))); })', context);
const form = textOf('form');
const values = textOf('values');
const known = context.extmgrParameterRules.readDefinitions(vm.runInContext(`(${form})`, context));

function measure(name, run) {
	const times = [];

	for (let i = 0; i < RUNS; i++) {
		const start = process.hrtime.bigint();

		if (!JSON.parse(run(i)).valid)
			throw new Error('the form is not valid');
		times.push(Number(process.hrtime.bigint() - start));
	}
	times.sort((a, b) => a - b);
	console.log(`${name} ${(times[RUNS >> 1] / 1000).toFixed(1)} us`);
}

measure('params_10_new_definitions_node', (i) => validate(form.replace('%08d', String(i)), values));
measure('params_10_same_definitions_node', () => report(known, values));
