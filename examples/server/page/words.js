// SPDX-License-Identifier: MIT
// What the interface's words are called on the page.

const STATES = {
	available: ['Not installed', 'quiet'],
	installed: ['Installed', 'good'],
	upgradable: ['Update available', 'accent'],
	unavailable: ['Cannot be installed here', 'warn'],
	broken: ['Cannot be read', 'bad'],
};

const SIGNATURES = {
	signed: ['Signed by a key you trust', 'good'],
	unsigned: ['Not signed', 'quiet'],
	modified: ['Changed after it was signed', 'bad'],
	'untrusted-key': ['Signed by an unknown key', 'bad'],
};

const CONDITIONS = {
	ok: ['As installed', 'good'],
	problems: ['Has problems', 'warn'],
	'not-installed': ['Not installed', 'quiet'],
	broken: ['Cannot be read', 'bad'],
};

const OPERATIONS = {
	install: ['Install', 'Installed'],
	upgrade: ['Upgrade', 'Upgraded'],
	uninstall: ['Uninstall', 'Uninstalled'],
	'create-instance': ['Create instance', 'Instance created'],
	'update-instance': ['Change instance', 'Instance changed'],
	'delete-instance': ['Delete instance', 'Instance deleted'],
};

const CLASSES = {
	drop: 'drop', alter: 'alter', create: 'create', data: 'change data', grant: 'grant', other: 'other', read: 'read',
};

const STEPS = {
	load: 'Read the definition', begin: 'Begin the transaction', requirements: 'Check the requirements',
	artifacts: 'Check the files it needs', validate: 'Check the values', schema: 'Prepare the schema',
	call: 'Run the statements', verify: 'Look whether it is there', history: 'Write the history', commit: 'Commit',
	rollback: 'Roll back', 'upgrade instances': 'Upgrade the instances', list: 'Look at the extensions',
	download: 'Download files',
};

const DIALECTS = { sqlite: 'SQLite', postgresql: 'PostgreSQL', exasol: 'Exasol' };

const unknown = (word) => [word, 'quiet'];

export const stateOf = (extension) => STATES[extension.state] || unknown(extension.state);
export const signatureOf = (extension) =>
	SIGNATURES[extension.signature] || ['Signature not known', 'quiet'];
export const conditionOf = (status) => CONDITIONS[status.state] || unknown(status.state);
export const verbOf = (operation) => (OPERATIONS[operation] || unknown(operation))[0];
export const doneOf = (operation) => (OPERATIONS[operation] || [operation, operation])[1];
export const className = (name) => CLASSES[name] || name;
export const stepName = (name) => STEPS[name] || name;
export const dialectName = (name) => DIALECTS[name] || name;
/** A name, or the id of what has none. */
export const nameOf = (thing) => thing.name || thing.id;

export function plural(count, one, many = `${one}s`) {
	return `${count} ${count === 1 ? one : many}`;
}

export function duration(microseconds) {
	if (microseconds < 1000)
		return `${microseconds} µs`;
	if (microseconds < 1e6)
		return `${(microseconds / 1000).toFixed(microseconds < 1e5 ? 1 : 0)} ms`;
	return `${(microseconds / 1e6).toFixed(1)} s`;
}

const CLOCK = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

export const time = (milliseconds) => CLOCK.format(new Date(milliseconds));

/** {drop: 2, create: 1} as "2 drop, 1 create", without what is zero. */
export function countsOf(counts) {
	return Object.keys(CLASSES).filter((name) => counts[name])
		.map((name) => `${counts[name]} ${className(name)}`).join(', ') || 'no statement';
}

/** What is missing, for people: "needs a database of dialect postgresql, ..." gets its name. */
export function reasonText(reason) {
	const text = reason.replace(/needs a database of dialect ([a-z, |or]+?), this one is ([a-z]+)/,
		(_, wanted, there) => `needs ${wanted.replace(/[a-z]+/g, (word) => dialectName(word))}; this database is ${dialectName(there)}`);

	return text.charAt(0).toUpperCase() + text.slice(1);
}
