// SPDX-License-Identifier: MIT
// Whether everything is still as it was installed.
import { api } from './api.js';
import { el, link, notice } from './dom.js';
import { badge } from './list.js';
import { conditionOf, dialectName, nameOf, plural } from './words.js';

/** What one entry of the status says. */
export function statusElement(status) {
	return el('div', {},
		el('p', {}, badge(conditionOf(status)), status.checked || status.state !== 'ok' ? null
			: el('span', { class: 'hint' }, ' The extension has no check of its own: only whether it is there was looked at.')),
		status.problems.length ? el('ul', { class: 'problems' }, status.problems.map((text) => el('li', {}, text))) : null);
}

/** What cannot be read cannot tell whether it is installed. */
function summary(status) {
	const unreadable = status.extensions.filter((extension) => extension.state === 'broken').length;
	const changed = status.wrong - unreadable;

	return [changed ? `${plural(changed, 'extension')} not as installed` : null,
		unreadable ? `${plural(unreadable, 'extension')} cannot be checked` : null].filter(Boolean).join(', ');
}

export async function showStatus(main, _, signal) {
	const status = await api.status(undefined, signal);

	main.append(
		status.wrong ? notice('warning', summary(status))
			: notice('success', status.extensions.length ? 'Everything is as it was installed' : 'Nothing is installed'),
		el('p', { class: 'hint' }, `${dialectName(status.dialect)}, schema ${status.extensionSchema}`),
		el('ul', { class: 'cards' }, status.extensions.map((extension) => el('li', { class: 'card' },
			el('div', { class: 'card-text' },
				el('h2', {}, link(nameOf(extension), `#/extension/${encodeURIComponent(extension.id)}`)),
				el('p', { class: 'meta' },
					extension.installations.map((found) => el('span', {}, `Version ${found.version}`)),
					extension.instanceCount === undefined ? null : el('span', {}, plural(extension.instanceCount, 'instance'))),
				statusElement(extension))))));
}
