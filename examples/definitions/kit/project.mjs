// SPDX-License-Identifier: MIT
// Where things are in a project: src/ID.ts, test/ID.json or test/ID.NAME.json, dist/ID.js.
import {existsSync, readdirSync, statSync} from 'node:fs';
import path from 'node:path';
import {idOf, isEntry} from './build.mjs';

function list(folder) {
	return existsSync(folder) ? readdirSync(folder).sort() : [];
}

export function findEntries() {
	return list('src').filter(isEntry).map((name) => path.join('src', name));
}

/* Those of a.b are not those of a. */
export function findScenarios(entry) {
	const id = idOf(entry);
	const longer = findEntries().map(idOf).filter((other) => other.startsWith(`${id}.`));

	return list('test').filter((name) => name.endsWith('.json') && name.startsWith(`${id}.`) &&
		!longer.some((other) => name.startsWith(`${other}.`)))
		.map((name) => path.join('test', name));
}

/* All that a watcher must look at, a folder each; inputs may be elsewhere. */
export function findFolders(inputs) {
	const found = ['src', 'test'].filter((folder) => existsSync(folder));

	for (const folder of found) /* grows meanwhile */
		found.push(...list(folder).map((name) => path.join(folder, name))
			.filter((name) => statSync(name, {throwIfNoEntry: false})?.isDirectory()));
	return [...new Set([...found, ...inputs.map(path.dirname).filter(existsSync)])];
}
