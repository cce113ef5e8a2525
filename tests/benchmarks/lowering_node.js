// SPDX-License-Identifier: MIT
// node lowering_node.js FILE: loads the source of lowering.c in node's vm module, as it is.
'use strict';

const { readFileSync } = require('fs');
const vm = require('vm');

const RUNS = 201;
const source = readFileSync(process.argv[2], 'utf8');
const times = [];

for (let i = 0; i < RUNS; i++) {
	const start = process.hrtime.bigint();
	const context = vm.createContext({ console });

	context.global = context;
	// Another text each time: node keeps what it compiled.
	vm.runInContext(`${source}\n//${i}`, context);
	if (!context.installedExtension)
		throw new Error('no definition');
	times.push(Number(process.hrtime.bigint() - start));
}
times.sort((a, b) => a - b);
console.log(`lowering_load_node ${(times[RUNS >> 1] / 1000).toFixed(1)} us`);
