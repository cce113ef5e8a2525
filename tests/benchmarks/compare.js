// SPDX-License-Identifier: MIT
// node compare.js COMMAND... -- COMMAND... -- ...: runs the benchmarks, each prints lines "name value unit", and
// sets ours beside the aims and beside node's. Nothing fails by time.
'use strict';

const { execFileSync } = require('child_process');

// What the house aims at, and whose figure it is set beside: node's, or the limit that the machine sets.
const AIMS = {
	audit_log_load_warm: ['us', 1000, 'audit_log_load_node'],
	find_installations_1000x7: ['us', 1000, 'find_installations_1000x7_with_host_node'],
	find_installations_1000x7_with_host: ['us', 1000, 'find_installations_1000x7_with_host_node'],
	params_10_same_definitions: ['us', 60, 'params_10_same_definitions_node'],
	lowering_per_kib: ['us', 10000, 'lowering_per_kib_node'],
	lowering_load_disk: ['us', 3000, 'lowering_load_node'],
	lowering_load_memory: ['us', 2000, 'lowering_load_node'],
	list_100_warm: ['us', 1000, 'list_100_files_read'],
	heap_memory: ['bytes', 1 << 20, null],
};

const found = {};
const commands = process.argv.slice(2).join('\n').split('\n--\n').map((command) => command.split('\n'));

for (const [program, ...args] of commands) {
	for (const line of execFileSync(program, args, { encoding: 'utf8' }).trim().split('\n')) {
		const [name, value, unit] = line.split(' ');

		found[name] = { value: Number(value), unit };
	}
}

// What the host takes to hand the rows over is told apart.
found.find_installations_1000x7 = {
	value: Number((found.find_installations_1000x7_with_host.value - found.rows_made_by_host_1000x7.value).toFixed(1)),
	unit: 'us'
};

// Where the build does not lower there is nothing to compare.
if (found.lowering_source) {
	const perKib = (name) => ({ value: Number((found[name].value * 1024 / found.lowering_source.value).toFixed(1)), unit: 'us' });

	found.lowering_per_kib = perKib('lowering_load_cold');
	found.lowering_per_kib_node = perKib('lowering_load_node');
} else {
	Object.keys(AIMS).filter((name) => name.startsWith('lowering')).forEach((name) => delete AIMS[name]);
}

const cell = (text, width) => String(text).padEnd(width);
console.log(cell('figure', 38) + cell('ours', 12) + cell('aim', 12) + cell('', 8) + cell('other', 12) + 'ours/other');
for (const [name, [unit, aim, other]] of Object.entries(AIMS)) {
	const ours = found[name];
	const node = other && found[other];

	if (!ours || ours.unit !== unit)
		throw new Error(`no ${name} in ${unit}`);
	console.log(cell(`${name} (${unit})`, 38) + cell(ours.value, 12) + cell(aim, 12) +
		cell(ours.value <= aim ? 'met' : 'missed', 8) + cell(node ? node.value : '-', 12) +
		(node ? (ours.value / node.value).toFixed(1) : '-'));
}
