// SPDX-License-Identifier: MIT
// Elements. Whatever comes from a server becomes text, never markup.

let lastId = 0;

/** A new id for an element that another one has to name. */
export function newId(prefix) {
	lastId += 1;
	return `${prefix}-${lastId}`;
}

function setAttribute(element, name, value) {
	if (name.startsWith('on'))
		element.addEventListener(name.slice(2), value);
	else if (name === 'value')
		element.value = value;
	else if (value === true)
		element.setAttribute(name, '');
	else if (value !== false && value !== null && value !== undefined)
		element.setAttribute(name, value);
}

/** el('a', {href: '#/', onclick: f}, 'text', child, null): null and false are left out. */
export function el(tag, attributes = {}, ...children) {
	const element = document.createElement(tag);

	for (const [name, value] of Object.entries(attributes))
		setAttribute(element, name, value);
	element.append(...children.flat().filter((child) => child !== null && child !== false && child !== undefined));
	return element;
}

export function button(label, onclick, kind = 'secondary', attributes = {}) {
	return el('button', { type: 'button', class: `button ${kind}`, onclick, ...attributes }, label);
}

export function link(label, href, kind = '') {
	return el('a', { href, class: kind }, label);
}

/** Rows of a description list: [word, content]; rows without content are left out. */
export function facts(rows, kind = 'facts') {
	return el('dl', { class: kind }, rows.filter(([, content]) => content).map(([word, content]) =>
		el('div', {}, el('dt', {}, word), el('dd', {}, content))));
}

/** A message that stands out; kind: error, warning, success, info. The server's begin small. */
export function notice(kind, title, ...content) {
	return el('div', { class: `notice ${kind}`, role: kind === 'error' ? 'alert' : 'status' },
		el('p', { class: 'notice-title' }, title.charAt(0).toUpperCase() + title.slice(1)), ...content);
}

let released = Promise.resolve();

export function watchPointer() {
	addEventListener('pointerdown', () => {
		released = new Promise((resolve) => {
			// Behind the click, which comes with it.
			const end = () => setTimeout(resolve);

			for (const name of ['pointerup', 'pointercancel'])
				addEventListener(name, end, { capture: true, once: true });
		});
	}, true);
}

/** When no button of a pointer is held down: what moves away below one would lose its click. */
export const pointerReleased = () => released;

/** Said by screen readers without moving the focus. */
export function announce(text) {
	const announcer = document.getElementById('announcer');

	// The same text again is a change only when it was away in between.
	announcer.textContent = '';
	requestAnimationFrame(() => {
		announcer.textContent = text;
	});
}

/** A short form of a digest, the whole one as its title. */
export function digest(text) {
	return el('code', { class: 'digest', title: text }, text.replace(/^sha256:/, '').slice(0, 12));
}

/** Puts text into the clipboard; false: the browser does not let us. */
export async function copy(text) {
	try {
		await navigator.clipboard.writeText(text);
		return true;
	} catch {
		return false;
	}
}
