// SPDX-License-Identifier: MIT
// node compare.js RUN_PROGRAMS [SCALE] [FIRST]: generated programs must print the same in node and in the library,
// or be refused; how many were refused is printed for each construct, and bounded for those of
// published definitions.
'use strict';

const { spawn } = require('child_process');
const { readFileSync } = require('fs');
const os = require('os');
const path = require('path');
const vm = require('vm');
const constructs = require('./constructs.js');
const { makeProgram, makeBrokenRule } = require('./generate.js');

const [runPrograms, scale = process.env.EXTMGR_TEST_SCALE || '1', first = '1'] = process.argv.slice(2);
const PROGRAMS = 100 * Number(scale);
const BROKEN = 34 * Number(scale);
const BATCH = 50;
const PROGRESS = 1000;
const REFUSED_MAXIMUM = 0.05;

// What published definitions use (behaviour of esbuild's target es6).
const PUBLISHED = ['let', 'const', 'closures', 'closures in loops', 'arrow functions', 'classes', 'derived classes',
	'templates', 'destructuring', 'destructuring assignments', 'destructured parameters', 'default parameters',
	'rest parameters', 'spread in arrays', 'spread in calls', 'spread in objects', 'shorthand properties',
	'computed properties', 'methods in objects', 'for-of', 'iteration'];

function runInNode(source) {
	const lines = [];
	const console = { log: (line) => lines.push(line) };
	let end = 'ends';

	try {
		new vm.Script(source, { filename: 'program' }).runInNewContext({ console }, { timeout: 5000, microtaskMode: 'afterEvaluate' });
	} catch (error) {
		end = `throws ${error && error.name}`;
	}
	return [end, ...lines].join('\n') + '\n';
}

function runInLibrary(sources) {
	return new Promise((resolve, reject) => {
		const child = spawn(runPrograms, { stdio: ['pipe', 'pipe', 'inherit'] });
		const parts = [];

		child.stdout.on('data', (part) => parts.push(part));
		child.on('error', reject);
		child.on('close', (status) => {
			const outputs = Buffer.concat(parts).toString().split('\0').slice(0, -1);

			if (status !== 0 || outputs.length !== sources.length)
				reject(new Error(`${runPrograms}: status ${status}, ${outputs.length} of ${sources.length} answers`));
			else
				resolve(outputs);
		});
		child.stdin.end(sources.map((source) => source + '\0').join(''));
	});
}

// The library's messages have texts and positions of their own; the class is compared.
function withoutMessage(output) {
	return output.replace(/^throws (\w+).*\n/, 'throws $1\n');
}

const counts = new Map();
const reasons = new Map();
let differing = 0;

function count(map, key, isRefused) {
	const entry = map.get(key) || { all: 0, refused: 0 };

	entry.all++;
	entry.refused += isRefused ? 1 : 0;
	map.set(key, entry);
}

function judge({ source, tags, seed }, answer) {
	// What is no JavaScript is none in node, either.
	const output = answer.replace(/^refused .*: SyntaxError: .*\n?/, 'throws SyntaxError\n');
	const refusal = /^refused .*?(?:column \d+: |SyntaxError: )(.*)/.exec(output.replace(/'[^']*' /g, ''));

	tags.forEach((tag) => count(counts, tag, output.startsWith('refused')));
	if (output.startsWith('refused')) {
		count(reasons, refusal ? refusal[1] : output.trim(), true);
		return;
	}
	// A limit that node does not have, and which is told: texts that double and double again.
	if (/^throws script needs more than \d+ bytes/.test(output)) {
		count(reasons, 'more memory than a script may have', true);
		return;
	}
	const expected = runInNode(source);
	if (withoutMessage(output) === expected)
		return;
	differing++;
	if (differing <= 5)
		console.log(`---- program ${seed} differs\n${source}\n---- node:\n${expected}\n---- here:\n${output}`);
}

// Written by hand, and none of them may be refused.
async function compareWritten(what, sources) {
	const outputs = await runInLibrary(sources);

	sources.forEach((source, i) => {
		const expected = runInNode(source);

		if (withoutMessage(outputs[i]) === expected)
			return;
		differing++;
		console.log(`---- this differs\n${source}\n---- node:\n${expected}\n---- here:\n${outputs[i]}`);
	});
	console.log(`${sources.length} ${what}`);
}

function* programs() {
	const start = Number(first);

	for (let seed = start; seed < start + PROGRAMS; seed++)
		yield { ...makeProgram(seed), seed };
	for (let seed = start; seed < start + BROKEN; seed++)
		yield { source: makeBrokenRule(seed), tags: ['broken rules'], seed: `rule ${seed}` };
}

let done = 0;

// One of several that take batches from the same source, until it is empty.
async function compareBatches(source) {
	for (;;) {
		const batch = [];

		for (let next; batch.length < BATCH && !(next = source.next()).done;)
			batch.push(next.value);
		if (batch.length === 0)
			return;
		const outputs = await runInLibrary(batch.map((program) => program.source));
		batch.forEach((program, k) => judge(program, outputs[k]));
		if (Math.floor(done / PROGRESS) < Math.floor((done += batch.length) / PROGRESS))
			console.log(`${done} of ${PROGRAMS + BROKEN} programs, ${differing} differ`);
	}
}

function report() {
	console.log('refused of all, by construct:');
	[...counts].sort().forEach(([tag, { all: total, refused }]) => console.log(`  ${tag}: ${refused} of ${total}`));
	console.log('reasons:');
	[...reasons].sort().forEach(([reason, { all: total }]) => console.log(`  ${total} ${reason}`));
	const tooMany = PUBLISHED.filter((tag) => {
		const { all: total, refused } = counts.get(tag) || { all: 0, refused: 0 };
		return total === 0 || refused > REFUSED_MAXIMUM * total;
	});
	if (tooMany.length > 0)
		console.log(`refused too often, or never tried: ${tooMany.join(', ')}`);
	console.log(`${done} programs, ${differing} differ`);
	return differing === 0 && tooMany.length === 0 ? 0 : 1;
}

async function main() {
	const source = programs();

	// A run that is cut tells what it found.
	process.on('SIGTERM', () => {
		report();
		process.exit(1);
	});

	await compareWritten('constructs of published definitions', Object.values(constructs));
	for (const name of ['mean', 'coroutines'])
		await compareWritten(`${name} programs`, readFileSync(path.join(__dirname, `${name}.txt`), 'utf8').split(/^----\n/m));
	await Promise.all(os.cpus().map(() => compareBatches(source)));
	process.exitCode = report();
}

main();
