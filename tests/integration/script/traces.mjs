// SPDX-License-Identifier: MIT
// node traces.mjs EXTMGR TRIALS: `definition try` and the kit's runner must make the same traces.
//
// A trial is a definition X.js with the scenario X.json.
import {execFileSync} from 'node:child_process';
import {readFileSync, readdirSync} from 'node:fs';
import path from 'node:path';
import {compareTraces} from '../../../examples/definitions/kit/compare.mjs';
import {makeTrace} from '../../../examples/definitions/kit/runner.mjs';

const [program, folder] = process.argv.slice(2);
const trials = readdirSync(folder).filter((name) => name.endsWith('.js')).sort();
let failures = 0;

for (const name of trials) {
	const file = path.join(folder, name);
	const scenario = file.replace(/js$/, 'json');
	const library = JSON.parse(execFileSync(program,
		['definition', 'try', file, '--scenario', scenario, '--json'], {encoding: 'utf8'}));
	const node = await makeTrace(readFileSync(file, 'utf8'), name.slice(0, -3),
		JSON.parse(readFileSync(scenario, 'utf8')));
	const differences = compareTraces(library, node);

	if (differences.length > 0 || node.calls.length === 0) {
		failures++;
		console.log([name, ...differences].join('\n  '));
	}
}
console.log(`${trials.length} trials, ${failures} differ`);
process.exit(failures === 0 && trials.length > 0 ? 0 : 1);
