// SPDX-License-Identifier: MIT
// From TypeScript or newer JavaScript to one file that the library runs.
import {createHash} from 'node:crypto';
import {existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {spawnSync} from 'node:child_process';
import {createRequire} from 'node:module';
import path from 'node:path';

const require = createRequire(import.meta.url);

/* What published definitions are, and what node runs. */
const BUNDLE = {
	bundle: true,
	write: false,
	metafile: true,
	format: 'iife',
	target: 'es2015',
	charset: 'utf8',
	legalComments: 'none',
	logLevel: 'silent',
};

/* Loose mode is wrong about what can be iterated; modules would be strict. */
const LOWER = {
	isModule: false,
	swcrc: false,
	configFile: false,
	jsc: {
		parser: {syntax: 'ecmascript'},
		target: 'es5',
		externalHelpers: false,
		loose: false,
	},
};

const ENTRY = /\.(ts|js|mjs)$/;
const INSTALLED = /(^|\/)node_modules\//;

export class BuildFailure extends Error {}

/* The comments that a source begins with: bundling drops them. */
function leadingComments(source) {
	return /^(?:\s*(?:\/\/[^\n]*|\/\*[^]*?\*\/)[ \t]*\n)*/.exec(source)[0].trimStart();
}

function describeMessage({text, location}) {
	return location ? `${location.file}:${location.line}:${location.column + 1}: ${text}` : text;
}

/* The types, when the project has any. */
export function checkTypes() {
	if (!existsSync('tsconfig.json'))
		return;
	const {status, stdout} = spawnSync(process.execPath,
		[require.resolve('typescript/bin/tsc'), '--noEmit', '--pretty', 'false'], {encoding: 'utf8'});

	if (status !== 0)
		throw new BuildFailure(stdout.trim());
}

export function isEntry(name) {
	return ENTRY.test(name) && !name.endsWith('.d.ts');
}

/* Each is a source, and each makes a file of its own. */
export function checkEntries(entries) {
	const found = new Map();

	for (const entry of entries) {
		const id = idOf(entry);

		if (!existsSync(entry))
			throw new BuildFailure(`${entry} is not there`);
		if (!isEntry(entry) || !statSync(entry).isFile())
			throw new BuildFailure(`${entry} is no source of a definition: that is a file .ts, .js or .mjs`);
		if (found.has(id) && path.resolve(found.get(id)) !== path.resolve(entry))
			throw new BuildFailure(`${found.get(id)} and ${entry} would both become ${id}.js: ` +
				'give one another name');
		found.set(id, entry);
	}
}

/* What the built file begins with. */
export function header(entry) {
	return `${leadingComments(readFileSync(entry, 'utf8'))}` +
		`// Generated from ${path.basename(entry)} by extmgr-definition.\n`;
}

/* One program of ES2015 with everything in it, and the project's own files that are in it. */
export async function bundle(entry) {
	const {build} = await import('esbuild');

	try {
		const {outputFiles, metafile, warnings} = await build({...BUNDLE, entryPoints: [entry]});

		warnings.forEach((warning) => console.error(`warning: ${describeMessage(warning)}`));
		return {
			text: outputFiles[0].text,
			inputs: Object.keys(metafile.inputs).filter((name) => !INSTALLED.test(name)),
		};
	} catch (error) {
		throw new BuildFailure((error.errors ?? []).map(describeMessage).join('\n') || error.message);
	}
}

/* The same in ES5. */
export async function lower(text) {
	const {transform} = await import('@swc/core');

	return (await transform(text, LOWER)).code;
}

export function idOf(entry) {
	return path.basename(entry).replace(ENTRY, '');
}

/* What sha256sum prints for the file: the listing that is signed and has the digest. */
function listing(name, text) {
	return `${createHash('sha256').update(text).digest('hex')}  ${name}\n`;
}

/* ID.js and its listing ID.js.sums; answers the path of the former. */
export function write(folder, id, text) {
	const file = path.join(folder, `${id}.js`);

	mkdirSync(folder, {recursive: true});
	rmSync(`${file}.sums`, {force: true}); /* at no time does it list another file */
	writeFileSync(file, text);
	writeFileSync(`${file}.sums`, listing(`${id}.js`, text));
	return file;
}
