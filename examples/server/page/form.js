// SPDX-License-Identifier: MIT
// The form for an instance, new or there already. What is typed lives as long as the page.
import { api } from './api.js';
import { announce, button, el, link, notice, pointerReleased } from './dom.js';
import { Field, arrange } from './fields.js';
import { Validation } from './validation.js';
import { countsOf, plural } from './words.js';

// By extension, version and instance: what was typed, also while another view is shown.
const drafts = new Map();

/** Whether something was typed that leaving the page would lose. */
export function hasDrafts() {
	return [...drafts.values()].some((draft) => draft.touched.size > 0);
}

export function forgetDraft(key) {
	drafts.delete(key);
}

export const draftKey = (id, version, instance) => JSON.stringify([id, version, instance ?? null]);

function newDraft(definitions, instance) {
	const draft = { values: new Map(), original: null, kept: new Map(), touched: new Set() };

	if (instance)
		draft.original = new Map();
	for (const definition of definitions) {
		const stored = instance && instance.values.find((value) => value.name === definition.id);
		const text = stored ? stored.value ?? '' : '';

		if (!instance)
			draft.values.set(definition.id, typeof definition.default === 'string' ? definition.default : '');
		else
			draft.values.set(definition.id, text);
		if (instance && definition.secret)
			draft.kept.set(definition.id, true);
		if (instance)
			draft.original.set(definition.id, text);
	}
	return draft;
}

function lockOf(definition, editing) {
	if (editing && definition.immutable)
		return 'It cannot be changed later.';
	return definition.readOnly ? 'It cannot be changed here.' : '';
}

/** The failures in a message of the server, by id: "Failed to validate parameter 'N' (id): text, ...". */
export function failuresIn(message, definitions) {
	const begin = "Failed to validate parameter '";
	const failures = new Map();

	for (const part of message.split(begin).slice(1)) {
		const definition = definitions.find(({ name, id }) => part.startsWith(`${name}' (${id}): `));

		if (definition)
			failures.set(definition.id, part.slice(`${definition.name}' (${definition.id}): `.length).replace(/, $/, ''));
	}
	return failures;
}

class Form {
	/** about: {id, version, name, instance: its id, or undefined for a new one}. */
	constructor(about, definitions, draft, review) {
		this.about = about;
		this.definitions = definitions;
		this.draft = draft;
		this.review = review;
		this.validation = new Validation(definitions);
		this.visible = null; // nobody knows yet
		this.fields = new Map();
		this.outcome = el('div', { class: 'outcome', tabindex: '-1' });
		this.rows = arrange(definitions).map(({ definition, depth }) => this.makeField(definition, depth));
		this.element = el('form', { class: 'form', novalidate: true, onsubmit: (event) => this.submit(event) },
			this.rows.length ? this.rows : el('p', { class: 'hint' }, 'It has no parameters.'),
			this.outcome, this.makeActions());
	}

	get editing() {
		return this.draft.original !== null;
	}

	makeField(definition, depth) {
		const field = new Field(definition, {
			value: this.draft.values.get(definition.id), locked: lockOf(definition, this.editing),
			kept: this.draft.kept.get(definition.id),
			changed: () => this.fieldChanged(field), left: () => this.fieldLeft(field),
		});

		this.fields.set(definition.id, field);
		field.row.classList.add(`depth-${Math.min(depth, 3)}`);
		// What has a condition appears when the rules say so.
		field.row.hidden = Boolean(definition.condition);
		return field.row;
	}

	makeActions() {
		this.testButton = button('Test', () => this.test());
		this.sendButton = el('button', { type: 'submit', class: 'button primary' },
			this.editing ? 'Review the change' : 'Review and create');
		this.cancelButton = button('Cancel', () => this.controller && this.controller.abort(), 'secondary', { hidden: true });
		return el('div', { class: 'actions' }, this.sendButton, this.testButton, this.cancelButton,
			el('p', { class: 'hint' }, 'Test runs everything once in the database and rolls it back.'));
	}

	// ---- values ----

	allValues() {
		return new Map([...this.fields].map(([id, field]) => [id, field.kept ? '' : field.value]));
	}

	isVisible(id) {
		return this.visible ? this.visible.has(id) : !this.fields.get(id).row.hidden;
	}

	/** What is sent: nothing that is hidden, and of an instance that is there only what changed. */
	sentValues() {
		const sent = new Map();

		for (const [id, field] of this.fields) {
			if (!this.isVisible(id) || field.kept)
				continue;
			if (this.editing ? field.definition.secret || field.value !== this.original(field) : field.value !== '')
				sent.set(id, field.value);
		}
		return sent;
	}

	original(field) {
		const text = this.draft.original.get(field.definition.id);

		return field.definition.type === 'boolean' ? String(text === 'true') : text;
	}

	remember(field) {
		this.draft.values.set(field.definition.id, field.value);
		if (field.kept !== undefined)
			this.draft.kept.set(field.definition.id, field.kept);
		this.draft.touched.add(field.definition.id);
	}

	// ---- checking ----

	async fieldChanged(field) {
		this.remember(field);
		this.outcome.replaceChildren();
		await this.check((id) => this.fields.get(id).failed);
	}

	async fieldLeft(field) {
		await pointerReleased();
		await this.check((id) => id === field.definition.id || this.fields.get(id).failed);
	}

	/** Shows what the rules say of the fields that are asked for; answers the failures, by id. */
	async check(isShown) {
		const report = await this.validation.check(this.allValues());

		if (!report)
			return new Map();
		for (const id of [...report.failures.keys()]) {
			const field = this.fields.get(id);

			if (!field || field.kept || field.locked)
				report.failures.delete(id);
		}
		this.show(report.visible);
		for (const [id, field] of this.fields) {
			if (isShown(id))
				field.fail(report.failures.get(id) || '');
		}
		return report.failures;
	}

	show(visible) {
		const appeared = [];

		for (const [id, field] of this.fields) {
			if (field.row.hidden && visible.has(id))
				appeared.push(field.definition.name);
			field.row.hidden = !visible.has(id);
		}
		// The first time all of them appear.
		if (this.visible && appeared.length)
			announce(`Now also asked, below: ${appeared.join(', ')}`);
		this.visible = visible;
	}

	/** Puts failures at their fields and the focus into the first; answers whether there were any. */
	showFailures(failures) {
		const failed = [...this.fields].filter(([id]) => failures.has(id));

		for (const [id, field] of failed)
			field.fail(failures.get(id));
		if (!failed.length)
			return false;
		const order = this.rows;
		const sorted = failed.map(([, field]) => field).sort((a, b) => order.indexOf(a.row) - order.indexOf(b.row));

		this.outcome.replaceChildren(notice('error', `Please look at ${plural(sorted.length, 'field')}`,
			el('ul', {}, sorted.map((field) => el('li', {},
				button(`${field.definition.name}: ${field.error.textContent}`, () => field.focus(), 'text'))))));
		sorted[0].focus();
		return true;
	}

	// ---- sending ----

	/** Answers the plan and the values it was made from, or null: then the reason stands on the page. */
	async rehearse(signal) {
		const { id, version, instance } = this.about;

		if (this.showFailures(await this.check(() => true)))
			return null;
		const values = this.sentValues();

		if (!this.editing) {
			const report = await api.validate(id, version, values, signal);

			if (!report.valid && this.showFailures(new Map(report.failures.map((failure) => [failure.id, failure.message]))))
				return null;
		}
		const plan = await api.plan({
			operation: this.editing ? 'update-instance' : 'create-instance', id, version, instance, values,
		}, signal);

		return { plan, values };
	}

	async work(saying, act) {
		if (this.controller)
			return;
		this.controller = new AbortController();
		this.setBusy(saying);
		try {
			const rehearsed = await this.rehearse(this.controller.signal);

			if (rehearsed)
				act(rehearsed);
		} catch (error) {
			this.showError(error);
		} finally {
			this.controller = null;
			this.setBusy('');
		}
	}

	setBusy(saying) {
		this.element.setAttribute('aria-busy', String(Boolean(saying)));
		this.cancelButton.hidden = !saying;
		this.testButton.setAttribute('aria-disabled', String(Boolean(saying)));
		this.sendButton.setAttribute('aria-disabled', String(Boolean(saying)));
		if (saying)
			this.outcome.replaceChildren(notice('info', saying));
	}

	showError(error) {
		if (error.name === 'AbortError') {
			this.outcome.replaceChildren(notice('info', 'Cancelled. Nothing was changed.'));
			return;
		}
		if (this.showFailures(failuresIn(error.message, this.definitions)))
			return;
		this.outcome.replaceChildren(notice('error', error.message,
			el('p', {}, error.status === 0 || error.status >= 500
				? 'Nothing was changed, and what you typed is kept. Try again.' : 'Nothing was changed.'),
			error.requestId ? el('p', { class: 'hint' }, `Request ${error.requestId}`) : null));
		this.outcome.focus();
	}

	test() {
		return this.work('Testing: everything is run once and rolled back…', ({ plan }) => {
			this.outcome.replaceChildren(notice('success', 'The test passed, nothing was changed',
				el('p', {}, `Rolled back after ${plural(plan.statements.length, 'statement')}: ${countsOf(plan.counts)}.`)));
			this.outcome.focus();
		});
	}

	submit(event) {
		event.preventDefault();
		if (this.editing && this.sentValues().size === 0) {
			this.outcome.replaceChildren(notice('info', 'Nothing was changed yet.'));
			return;
		}
		this.work('Making the plan…', ({ plan, values }) => {
			this.outcome.replaceChildren();
			this.review(plan, values);
		});
	}
}

/** Shows the form in main; review(plan, values) goes on. Answers what to call when it goes away. */
export async function showForm(main, about, signal, review) {
	const { id, version, instance } = about;
	const key = draftKey(id, version, instance);
	const [definitions, stored] = await Promise.all([
		api.parameters(id, version, signal),
		instance === undefined || drafts.has(key) ? null : api.instance(id, version, instance, signal),
	]);

	if (!drafts.has(key))
		drafts.set(key, newDraft(definitions, stored));
	const form = new Form(about, definitions, drafts.get(key), review);

	main.append(form.element, el('p', { class: 'back' }, link('Back without saving', about.back)));
	await form.check(() => false);
	return () => {
		if (form.controller)
			form.controller.abort();
		form.validation.close();
	};
}
