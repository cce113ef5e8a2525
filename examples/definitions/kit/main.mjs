#!/usr/bin/env node
// SPDX-License-Identifier: MIT
// extmgr-definition: what an author of definitions types.
import {readFileSync, watch as watchFolder} from 'node:fs';
import {spawnSync} from 'node:child_process';
import {setTimeout} from 'node:timers/promises';
import {parseArgs} from 'node:util';
import {BuildFailure, bundle, checkEntries, checkTypes, header, idOf, lower, write} from './build.mjs';
import {compareTraces} from './compare.mjs';
import {findEntries, findFolders, findScenarios} from './project.mjs';
import {makeTrace} from './runner.mjs';

const USAGE = `Usage: extmgr-definition build|lint|try|diff|watch [--out DIR] [--es2015] [ENTRY]...

  build   check the types, write DIR/ID.js (ES5) and its listing DIR/ID.js.sums
  lint    build, then say what is wrong or suspicious
  try     build, then show what the definition does in each of its scenarios
  diff    build, then compare that with what node makes of the same source before it became ES5
  watch   build, lint and try, again whenever a file in src/ or test/ changes, or one that is
          imported

ENTRY is src/ID.ts (or .js, .mjs); without one it is every such file in src/. Its scenarios are
test/ID.json and test/ID.*.json.
  --out DIR   default: dist
  --es2015    do not lower to ES5: for libraries that do so when they load a definition
  -h, --help

The program extmgr is looked for in PATH; EXTMGR_PROGRAM names another one.
Exit codes: 0 done, 1 failed or different, 2 usage.`;

const DONE = 0;
const FAILED = 1;
const USAGE_FAULT = 2;
/* Editors write a file in several steps. */
const SETTLE_MS = 100;

class ProgramFailure extends Error {}

function runExtmgr(...words) {
	const program = process.env.EXTMGR_PROGRAM ?? 'extmgr';
	const {status, signal, stdout, stderr, error} = spawnSync(program, words,
		{encoding: 'utf8', maxBuffer: 1 << 27});

	if (signal)
		throw new ProgramFailure(`${program} was ended by ${signal}`);
	if (error)
		throw new ProgramFailure(`${program} cannot be run: ${error.message}; ` +
			'PATH must have it, or EXTMGR_PROGRAM name it');
	return {status, stdout, stderr};
}

/* {entry, id, bundled, inputs, file} of each entry. */
async function buildAll(given, {out, es2015}) {
	const entries = given.length > 0 ? given : findEntries();
	const built = [];

	if (entries.length === 0)
		throw new BuildFailure('nothing to build: there is no file in src/');
	checkEntries(entries);
	checkTypes();
	for (const entry of entries) {
		const id = idOf(entry);
		const top = header(entry);
		const {text: bundled, inputs} = await bundle(entry);
		const file = write(out, id, top + (es2015 ? bundled : await lower(bundled)));

		console.log(`built ${file}`);
		built.push({entry, id, bundled, inputs, file});
	}
	return built;
}

/* Its scenarios; without any, nothing is shown of it, which is told. */
function scenariosOf({entry, id}) {
	const found = findScenarios(entry);

	if (found.length === 0)
		console.log(`${entry}: no scenario, such as test/${id}.json`);
	return found;
}

function tryAll(built) {
	let code = DONE;

	for (const {entry, id, file} of built) {
		for (const scenario of scenariosOf({entry, id})) {
			const {status, stdout, stderr} = runExtmgr('definition', 'try', file, '--scenario', scenario);

			console.log(`--- ${file} ${scenario}`);
			process.stdout.write(stdout + stderr);
			code ||= status === 0 ? DONE : FAILED;
		}
	}
	return code;
}

/* An error of the program as people read it: the message, what caused it, and the remedy. */
function describeRefusal(stderr) {
	const last = stderr.trim().split('\n').at(-1);

	if (!last.startsWith('{'))
		throw new ProgramFailure(`this is no extmgr, or an old one; it says: ${stderr.trim()}`);
	const {hint, ...error} = JSON.parse(last);
	const chain = [];

	for (let at = error; at; at = at.cause)
		chain.push(at.message);
	return [`library: ${chain.join(': ')}`, `hint: ${hint}`];
}

/* A verdict, and what there is to say about it. */
async function diffOne({id, bundled, file}, scenario) {
	const {status, stdout, stderr} =
		runExtmgr('definition', 'try', file, '--scenario', scenario, '--json');

	if (status !== 0)
		return {verdict: 'FAILED', lines: describeRefusal(stderr)};
	/* JSON.parse() does not know a byte order mark. */
	const text = readFileSync(scenario, 'utf8').replace(/^\uFEFF/, '');
	const trace = await makeTrace(bundled, id, JSON.parse(text)).catch(({message}) => ({message}));
	const differences = trace.calls ? compareTraces(JSON.parse(stdout), trace)
		: [`library: a trace, node: ${trace.message}`];
	const warnings = stderr.split('\n').filter(Boolean);

	return {
		verdict: differences.length === 0 ? 'same' : 'DIFFERENT',
		lines: [...warnings, ...differences],
	};
}

/* What the library does with the built file, and node with the bundle. */
async function diffAll(built) {
	let code = DONE;

	for (const one of built) {
		for (const scenario of scenariosOf(one)) {
			const {verdict, lines} = await diffOne(one, scenario);

			console.log([`${scenario}: ${verdict}`, ...lines].join('\n  '));
			code ||= verdict === 'same' ? DONE : FAILED;
		}
	}
	return code;
}

function lintAll(built) {
	let code = DONE;

	for (const {file} of built) {
		const {status, stdout, stderr} = runExtmgr('definition', 'lint', file);

		process.stdout.write(stdout + stderr);
		code ||= status === 0 ? DONE : FAILED;
	}
	return code;
}

/* Answers the files that were built, or those of the round before. */
async function round(entries, options, before) {
	let inputs = before;

	try {
		const built = await buildAll(entries, options);

		inputs = built.flatMap((one) => one.inputs);
		lintAll(built);
		tryAll(built);
	} catch (failure) {
		report(failure);
	}
	return inputs;
}

/* Watches the folders that are not watched yet. */
function watchMore(watchers, folders, changed) {
	for (const folder of folders) {
		if (!watchers.has(folder))
			watchers.set(folder, watchFolder(folder, changed));
	}
}

/* Never ends by itself. One round at a time; what changes meanwhile asks for another one. */
async function watch(entries, options) {
	let inputs = [];

	for (;;) {
		const watchers = new Map();
		let change;
		const changed = new Promise((resolve) => {
			change = resolve;
		});

		watchMore(watchers, findFolders(inputs), change);
		if (watchers.size === 0)
			throw new BuildFailure('nothing to watch: there is neither src/ nor test/');
		inputs = await round(entries, options, inputs);
		watchMore(watchers, findFolders(inputs), change);
		console.log('--- waiting for changes');
		await changed;
		watchers.forEach((watcher) => watcher.close());
		await setTimeout(SETTLE_MS);
	}
}

/* Files and folders that cannot be read or written are told like faults of the source. */
function report(failure) {
	if (!(failure instanceof BuildFailure || failure instanceof ProgramFailure || failure.syscall))
		throw failure;
	console.error(failure.message);
	return FAILED;
}

function parse(words) {
	try {
		return parseArgs({
			args: words,
			allowPositionals: true,
			options: {
				out: {type: 'string', default: 'dist'},
				es2015: {type: 'boolean', default: false},
				help: {type: 'boolean', short: 'h', default: false},
			},
		});
	} catch (error) {
		return {fault: error.message};
	}
}

async function main(words) {
	const {values, positionals: [command, ...given] = [], fault} = parse(words);
	const commands = {build: () => DONE, lint: lintAll, try: tryAll, diff: diffAll};

	if (values?.help) {
		console.log(USAGE);
		return DONE;
	}
	if (fault || !(command in commands || command === 'watch')) {
		const unknown = command === undefined ? 'no command given' : `unknown command ${command}`;

		console.error(`${fault ?? unknown}\n\n${USAGE}`);
		return USAGE_FAULT;
	}
	if (command === 'watch')
		return watch(given, values);
	return commands[command](await buildAll(given, values));
}

process.exitCode = await main(process.argv.slice(2)).catch(report);
