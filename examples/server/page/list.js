// SPDX-License-Identifier: MIT
// All extensions, with a search.
import { api } from './api.js';
import { announce, el, link, newId } from './dom.js';
import { nameOf, plural, reasonText, signatureOf, stateOf } from './words.js';

let lastSearch = ''; // survives a look at an extension

const hashOf = (...parts) => `#/${parts.map(encodeURIComponent).join('/')}`;

export function badge([word, kind]) {
	return el('span', { class: `badge ${kind}` }, word);
}

/** What is missing in words, instead of a button that does nothing. */
export function missing(extension) {
	if (!extension.reason)
		return null;
	if (extension.state === 'broken')
		return el('details', { class: 'missing' }, el('summary', {}, 'Its definition has a fault'), el('p', {}, extension.reason));
	return el('p', { class: 'missing' }, extension.state === 'upgradable' ? 'For the update: ' : '', reasonText(extension.reason));
}

/** The one action that comes first; null: there is none. */
export function primaryAction(extension) {
	const { id, state, latestVersion, reason } = extension;
	const name = nameOf(extension);

	if (state === 'available' && latestVersion)
		return el('a', { class: 'button primary', href: hashOf('extension', id, 'install', latestVersion), 'aria-label': `Install ${name} ${latestVersion}` },
			'Install');
	if (state === 'upgradable' && !reason)
		return el('a', { class: 'button primary', href: hashOf('extension', id, 'upgrade'), 'aria-label': `Upgrade ${name} to ${latestVersion}` },
			`Upgrade to ${latestVersion}`);
	return null;
}

function versionText({ installedVersion, latestVersion, state }) {
	if (state === 'upgradable')
		return `Version ${installedVersion}, update ${latestVersion}`;
	if (installedVersion)
		return `Version ${installedVersion}`;
	return latestVersion ? `Version ${latestVersion}` : null;
}

function row(extension) {
	const place = hashOf('extension', extension.id);
	const [signature, kind] = signatureOf(extension);
	const meta = [versionText(extension), extension.category].filter(Boolean).map((text) => el('span', {}, text));

	return el('li', { class: 'card' },
		el('div', { class: 'card-text' },
			el('div', { class: 'card-title' }, el('h2', {}, link(nameOf(extension), place)), badge(stateOf(extension))),
			extension.description ? el('p', { class: 'description' }, extension.description) : null,
			el('p', { class: 'meta' }, meta, el('span', { class: `word ${kind}` }, signature)),
			missing(extension)),
		el('div', { class: 'card-action' }, primaryAction(extension)
			|| (extension.state === 'broken' ? null
				: el('a', { class: 'button secondary', href: place, 'aria-label': `Open ${nameOf(extension)}` }, 'Open'))));
}

function matches(extension, text) {
	const words = text.toLowerCase().split(/\s+/).filter(Boolean);
	const all = [extension.id, extension.name, extension.category, extension.description, stateOf(extension)[0]].join(' ').toLowerCase();

	return words.every((word) => all.includes(word));
}

export async function showList(main, _, signal) {
	const extensions = await api.overview(signal);
	const id = newId('search');
	const list = el('ul', { class: 'cards' });
	const count = el('p', { class: 'hint' });
	const search = el('input', { id, type: 'search', class: 'input', value: lastSearch, placeholder: 'Name, category or what it does', autocomplete: 'off' });
	const fill = (says) => {
		const found = extensions.filter((extension) => matches(extension, search.value));
		const text = found.length ? plural(found.length, 'extension') : 'No extension fits.';

		lastSearch = search.value;
		list.replaceChildren(...found.map(row));
		count.textContent = extensions.length ? text : 'The registry of this server holds no extension.';
		if (says)
			announce(text);
	};

	search.addEventListener('input', () => fill(true));
	main.append(el('div', { class: 'search' }, el('label', { for: id }, 'Search'), search), count, list);
	fill(false);
}
