// SPDX-License-Identifier: MIT
// node differential.js EVALUATE EXPRESSIONS: each line must give the same in node and in the library.
'use strict';

const { execFileSync } = require('child_process');
const { readFileSync } = require('fs');
const vm = require('vm');

const [evaluate, file] = process.argv.slice(2);
const lines = readFileSync(file, 'utf8').split('\n').filter((line) => line && !line.startsWith('//'));
const ours = execFileSync(evaluate, { input: lines.join('\n') + '\n', encoding: 'utf8' }).split('\n');
let failures = 0;

lines.forEach((line, index) => {
	const source = 'try { String((' + line + ')) } catch (e) { "throws " + e.name }';
	const expected = vm.runInNewContext(source);

	if (ours[index] === expected)
		return;
	failures++;
	console.log(`${line}\n  node: ${expected}\n  ours: ${ours[index]}`);
});
console.log(`${lines.length} expressions, ${failures} differ`);
process.exit(failures === 0 && lines.length > 0 ? 0 : 1);
