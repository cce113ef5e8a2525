// SPDX-License-Identifier: MIT
// node script_node.js SCRIPT.C AUDIT-LOG.JS: what script.c measures, in node's vm module.
'use strict';

const { readFileSync } = require('fs');
const vm = require('vm');

const RUNS = 501;
const [program, published] = process.argv.slice(2).map((file) => readFileSync(file, 'utf8'));
const source = program.split('definition_source[] =')[1].match(/^\s*"(?:\\.|[^"\\])*"(\s*"(?:\\.|[^"\\])*")*/)[0]
	.match(/"(?:\\.|[^"\\])*"/g).map((literal) => JSON.parse(literal)).join('');

// As a host would: a context of its own for each definition, so that none sees another's changes.
function load(text) {
	const context = vm.createContext({ console });

	context.global = context;
	vm.runInContext(text, context);
	return context.installedExtension.extension;
}

// The rows that make_rows() of script.c makes.
function makeRows() {
	return Array.from({ length: 1000 }, (_, row) => ({
		schema: 'COLUMN_0', name: `text of row ${row} column 1`, type: 'COLUMN_2', inputType: 'COLUMN_3',
		resultType: 'COLUMN_4', text: `text of row ${row} column 5`, comment: row % 500 === 0 ? 'ours' : 'other',
	}));
}

function measure(name, run) {
	const times = [];

	for (let i = 0; i < RUNS; i++) {
		const start = process.hrtime.bigint();

		run();
		times.push(Number(process.hrtime.bigint() - start));
	}
	times.sort((a, b) => a - b);
	console.log(`${name} ${(times[RUNS >> 1] / 1000).toFixed(1)} us`);
}

const extension = load(source);
measure('audit_log_load_node', () => load(published));
measure('find_installations_1000x7_with_host_node', () => {
	if (extension.findInstallations({}, { allScripts: { rows: makeRows() } }).length !== 2)
		throw new Error('two are ours');
});
