// SPDX-License-Identifier: MIT
// One field of a form for each parameter definition.
import { el, button, newId } from './dom.js';

function textControl(definition, attributes) {
	const masked = definition.secret ? ' masked' : '';
	const shared = {
		...attributes, class: `input${masked}`, placeholder: definition.placeholder, spellcheck: 'false',
		autocomplete: definition.secret ? 'new-password' : 'off',
	};

	if (definition.multiline)
		return el('textarea', { ...shared, rows: '4' });
	return el('input', {
		...shared, type: definition.secret ? 'password' : 'text',
		inputmode: { integer: 'numeric', number: 'decimal' }[definition.type],
	});
}

function selectControl(definition, attributes) {
	return el('select', { ...attributes, class: 'input' },
		el('option', { value: '' }, definition.required ? 'Choose…' : 'None'),
		(definition.options || []).map((option) => el('option', { value: option.id }, option.name || option.id)));
}

function makeControl(definition, attributes) {
	if (definition.type === 'boolean')
		return el('input', { ...attributes, type: 'checkbox', class: 'checkbox' });
	return definition.type === 'select' ? selectControl(definition, attributes) : textControl(definition, attributes);
}

export class Field {
	/**
	 * value: what stands in it; locked: why it cannot be changed, or ''; kept: a secret whose old value
	 * stays until it is replaced. changed(field), left(field): somebody typed, somebody went on.
	 */
	constructor(definition, { value, locked, kept, changed, left }) {
		this.definition = definition;
		this.kept = kept;
		this.locked = locked;
		this.id = newId('field');
		this.control = makeControl(definition, {
			id: this.id, 'aria-required': definition.required ? 'true' : null,
			'aria-describedby': `${this.id}-hint ${this.id}-error`, readonly: Boolean(locked),
			disabled: Boolean(locked) && (definition.type === 'select' || definition.type === 'boolean'),
		});
		this.value = value;
		this.error = el('p', { class: 'error-text', id: `${this.id}-error`, hidden: true });
		this.input = el('div', { class: 'input-row' }, this.control);
		this.row = this.makeRow();
		if (kept !== undefined)
			this.addSwitch(changed);
		this.control.addEventListener('input', () => changed(this));
		this.control.addEventListener('change', () => changed(this));
		this.control.addEventListener('blur', () => left(this));
	}

	get value() {
		return this.definition.type === 'boolean' ? String(this.control.checked) : this.control.value;
	}

	set value(value) {
		if (this.definition.type === 'boolean')
			this.control.checked = value === 'true';
		else
			this.control.value = value;
	}

	makeRow() {
		const { name, description, required } = this.definition;
		const label = el('label', { for: this.id }, name, ' ',
			el('span', { class: 'need' }, required ? 'required' : 'optional'));
		const hints = [description, this.locked].filter(Boolean);
		const hint = el('div', { class: 'hint', id: `${this.id}-hint` }, hints.map((text) => el('p', {}, text)));

		if (this.definition.type === 'boolean')
			return el('div', { class: 'field' }, el('div', { class: 'check-row' }, this.input, label), hint, this.error);
		return el('div', { class: 'field' }, label, hint, this.input, this.error);
	}

	addSwitch(changed) {
		const note = el('span', { class: 'kept-note' }, 'Unchanged: it is stored and is not shown.');
		const replace = button('Replace', () => this.setKept(false, changed), 'secondary small',
			{ 'aria-label': `Replace ${this.definition.name}` });
		const keep = button('Keep the old one', () => this.setKept(true, changed), 'secondary small',
			{ 'aria-label': `Keep the old ${this.definition.name}` });

		this.keptRow = el('div', { class: 'kept' }, note, replace);
		this.keepButton = keep;
		this.replaceButton = replace;
		this.input.append(keep);
		this.input.before(this.keptRow);
		this.showKept();
	}

	showKept() {
		this.keptRow.hidden = !this.kept;
		this.input.hidden = this.kept;
	}

	setKept(kept, changed) {
		this.kept = kept;
		this.showKept();
		this.fail('');
		(kept ? this.replaceButton : this.control).focus();
		changed(this);
	}

	/** message: '' takes the message away. */
	fail(message) {
		this.error.textContent = message;
		this.error.hidden = !message;
		if (message)
			this.control.setAttribute('aria-invalid', 'true');
		else
			this.control.removeAttribute('aria-invalid');
	}

	get failed() {
		return !this.error.hidden;
	}

	focus() {
		(this.kept ? this.replaceButton : this.control).focus();
	}
}

/** The ids of the parameters that a condition looks at. */
function parametersOf(condition) {
	if (!condition)
		return [];
	if (condition.not)
		return parametersOf(condition.not);
	if (condition.and || condition.or)
		return (condition.and || condition.or).flatMap(parametersOf);
	return [condition.parameter];
}

/**
 * The order on the page: that of the definition, but what depends on others stands right below the
 * last of those. Answers [{definition, depth}].
 */
export function arrange(definitions) {
	const position = new Map(definitions.map((definition, index) => [definition.id, index]));
	const children = definitions.map(() => []);
	const roots = [];
	const arranged = [];
	const seen = new Set();
	const walk = (index, depth) => {
		if (seen.has(index))
			return;
		seen.add(index);
		arranged.push({ definition: definitions[index], depth });
		children[index].forEach((child) => walk(child, depth + 1));
	};

	definitions.forEach((definition, index) => {
		const parents = parametersOf(definition.condition).filter((id) => position.has(id)).map((id) => position.get(id));

		(parents.length ? children[Math.max(...parents)] : roots).push(index);
	});
	roots.forEach((index) => walk(index, 0));
	definitions.forEach((_, index) => walk(index, 0));
	return arranged;
}
