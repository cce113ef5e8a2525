// SPDX-License-Identifier: MIT
// Where things are in a project: src/ID.ts, test/ID.json or test/ID.NAME.json, dist/ID.js.
import {existsSync, readdirSync, statSync} from 'node:fs';
import path from 'node:path';
import {idOf} from './build.mjs';

function list(folder) {
	return existsSync(folder) ? readdirSync(folder).sort() : [];
}

export function findEntries() {
	return list('src').filter((name) => /\.(ts|js|mjs)$/.test(name) && !name.endsWith('.d.ts'))
		.map((name) => path.join('src', name));
}

export function findScenarios(entry) {
	const id = idOf(entry);

	return list('test').filter((name) => name.endsWith('.json') && name.startsWith(`${id}.`))
		.map((name) => path.join('test', name));
}

/* All that a watcher must look at, a folder each. */
export function findFolders() {
	const found = ['src', 'test'].filter((folder) => existsSync(folder));

	for (const folder of found) /* grows meanwhile */
		found.push(...list(folder).map((name) => path.join(folder, name))
			.filter((name) => statSync(name, {throwIfNoEntry: false})?.isDirectory()));
	return found;
}
