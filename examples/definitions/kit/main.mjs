#!/usr/bin/env node
// SPDX-License-Identifier: MIT
// extmgr-definition: what an author of definitions types.
import {readFileSync, watch as watchFolder} from 'node:fs';
import {spawnSync} from 'node:child_process';
import {parseArgs} from 'node:util';
import {BuildFailure, bundle, checkTypes, header, idOf, lower, write} from './build.mjs';
import {compareTraces} from './compare.mjs';
import {findEntries, findFolders, findScenarios} from './project.mjs';
import {makeTrace} from './runner.mjs';

const USAGE = `Usage: extmgr-definition build|try|diff|watch [--out DIR] [--es2015] [ENTRY]...

  build   check the types, write DIR/ID.js (ES5) and its listing DIR/ID.sums
  try     build, then show what the definition does in each of its scenarios
  diff    build, then compare that with what node makes of the same source before it became ES5
  watch   build, lint and try, again whenever a file in src/ or test/ changes

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
	const {status, stdout, stderr, error} = spawnSync(program, words,
		{encoding: 'utf8', maxBuffer: 1 << 27});

	if (error)
		throw new ProgramFailure(`${program} cannot be run: ${error.message}`);
	return {status, stdout, stderr};
}

/* {entry, id, bundled, file} of each entry. */
async function buildAll(entries, {out, es2015}) {
	const built = [];

	checkTypes();
	for (const entry of entries) {
		const id = idOf(entry);
		const top = header(entry);
		const bundled = await bundle(entry);
		const file = write(out, id, top + (es2015 ? bundled : await lower(bundled)));

		console.log(`built ${file}`);
		built.push({entry, id, bundled, file});
	}
	return built;
}

function tryAll(built) {
	let code = DONE;

	for (const {entry, file} of built) {
		for (const scenario of findScenarios(entry)) {
			const {status, stdout, stderr} = runExtmgr('definition', 'try', file, '--scenario', scenario);

			console.log(`--- ${file} ${scenario}`);
			process.stdout.write(stdout + stderr);
			code ||= status === 0 ? DONE : FAILED;
		}
	}
	return code;
}

/* What the library does with the built file, and node with the bundle. */
function diffAll(built) {
	let code = DONE;

	for (const {entry, id, bundled, file} of built) {
		for (const scenario of findScenarios(entry)) {
			const {status, stdout, stderr} =
				runExtmgr('definition', 'try', file, '--scenario', scenario, '--json');
			const differences = status !== 0 ? [stderr.trim()] : compareTraces(JSON.parse(stdout),
				makeTrace(bundled, id, JSON.parse(readFileSync(scenario, 'utf8'))));

			console.log([`${scenario}: ${differences.length === 0 ? 'same' : 'DIFFERENT'}`,
				...differences].join('\n  '));
			code ||= differences.length === 0 ? DONE : FAILED;
		}
	}
	return code;
}

function lintAll(built) {
	for (const {file} of built) {
		const {stdout, stderr} = runExtmgr('definition', 'lint', file);

		process.stdout.write(stdout + stderr);
	}
}

async function round(entries, options) {
	try {
		const built = await buildAll(entries.length > 0 ? entries : findEntries(), options);

		lintAll(built);
		tryAll(built);
	} catch (failure) {
		report(failure);
	}
	console.log('--- waiting for changes');
}

/* Never ends by itself. One round at a time; what changes meanwhile asks for another one. */
async function watch(entries, options) {
	for (;;) {
		let watchers;
		const changed = new Promise((resolve) => {
			watchers = findFolders().map((folder) => watchFolder(folder, resolve));
		});

		await round(entries, options);
		await changed;
		watchers.forEach((watcher) => watcher.close());
		await new Promise((resolve) => {
			setTimeout(resolve, SETTLE_MS);
		});
	}
}

function report(failure) {
	if (!(failure instanceof BuildFailure || failure instanceof ProgramFailure))
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
	const commands = {build: () => DONE, try: tryAll, diff: diffAll};

	if (values?.help) {
		console.log(USAGE);
		return DONE;
	}
	if (fault || !(command in commands || command === 'watch')) {
		console.error(`${fault ?? `unknown command ${command ?? ''}`}\n\n${USAGE}`);
		return USAGE_FAULT;
	}
	if (command === 'watch')
		return watch(given, values);
	const entries = given.length > 0 ? given : findEntries();
	if (entries.length === 0) {
		console.error('nothing to build: there is no file in src/');
		return FAILED;
	}
	return commands[command](await buildAll(entries, values));
}

process.exitCode = await main(process.argv.slice(2)).catch(report);
