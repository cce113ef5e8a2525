// SPDX-License-Identifier: MIT
// What was done to the database, newest first.
import { api } from './api.js';
import { el, link } from './dom.js';
import { doneOf, plural, time } from './words.js';

function what(entry) {
	if (entry.operation === 'upgrade')
		return `${entry.fromVersion} → ${entry.toVersion}`;
	return [entry.toVersion || entry.fromVersion, entry.instanceId].filter(Boolean).join(', ');
}

export function historyTable(entries, withExtension) {
	if (!entries.length)
		return el('p', { class: 'hint' }, 'Nothing was done yet.');
	const cell = (word, ...content) => el('td', { 'data-label': word }, ...content);

	return el('table', { class: 'table wide' },
		el('thead', {}, el('tr', {}, ['When', 'What', withExtension ? 'Extension' : null, 'Version, instance', 'Who', 'Statements']
			.filter(Boolean).map((word) => el('th', { scope: 'col' }, word)))),
		el('tbody', {}, entries.map((entry) => el('tr', {},
			cell('When', el('time', { datetime: entry.at }, time(entry.atMs))),
			cell('What', doneOf(entry.operation)),
			withExtension ? cell('Extension', link(entry.extensionId, `#/extension/${encodeURIComponent(entry.extensionId)}`)) : null,
			cell('Version, instance', what(entry) || '–'),
			cell('Who', entry.actor || '–'),
			cell('Statements', String(entry.statements))))));
}

export async function showHistory(main, _, signal) {
	const entries = await api.history(undefined, signal);

	main.append(el('p', { class: 'hint' }, entries.length ? `The newest ${plural(entries.length, 'entry', 'entries')}.` : ''),
		historyTable(entries, true));
}
