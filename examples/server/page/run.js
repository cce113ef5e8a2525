// SPDX-License-Identifier: MIT
// A plan on the page: confirmed, run, cancelled, and what became of it.
import { api, newRequestId, session } from './api.js';
import { announce, button, digest, el, link, notice } from './dom.js';
import { confirmText, differenceElement, planElement, secretsOf } from './plan.js';
import { countsOf, doneOf, duration, nameOf, plural, stepName } from './words.js';

const POLL_MS = 500;

let running = null; // what is being done to the database now

/** Whether something runs that leaving the page would cancel. */
export const isRunning = () => running !== null;

function targetText() {
	return session.kind === 'database' ? `${session.host}:${session.port}` : '';
}

function stepTable(caption, ...rows) {
	return el('table', { class: 'table' },
		el('caption', {}, caption),
		el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, 'Step'), el('th', { scope: 'col', class: 'number' }, 'Took'))),
		...rows);
}

function stepRow(step, current) {
	const count = current && step.total ? `, ${step.done} of ${step.total}` : '';

	return el('tr', current ? { 'aria-current': 'step' } : {},
		el('td', {}, stepName(step.name), count, current ? '…' : ''), el('td', { class: 'number' }, duration(step.durationUs)));
}

function doneSteps(report) {
	return stepTable('Steps', el('tbody', {}, report.steps.map((step) => stepRow(step))),
		el('tfoot', {}, el('tr', {}, el('th', { scope: 'row' }, 'Together'),
			el('td', { class: 'number' }, duration(report.durationUs)))));
}

function resultElement(report, next) {
	const title = `${doneOf(report.operation)}: ${report.instance ? nameOf(report.instance) : nameOf(report.extension)}`;
	const version = report.newVersion || report.version;

	return el('div', { class: 'stack result', tabindex: '-1' },
		notice('success', title, el('p', {}, [version ? `Version ${version}. ` : '',
			`${plural(report.statements.length, 'statement')}: ${countsOf(report.counts)}.`].join(''))),
		report.warnings.length ? notice('warning', 'Warnings', el('ul', {}, report.warnings.map((text) => el('li', {}, text)))) : null,
		doneSteps(report),
		report.console.length ? el('details', {}, el('summary', {}, 'What the extension said'),
			el('ul', {}, report.console.map((line) => el('li', {}, `${line.level}: ${line.message}`)))) : null,
		el('div', { class: 'actions' }, next));
}

async function newestEntry(id) {
	const entries = await api.history(id);

	return entries.length ? entries[0].id : '';
}

class Run {
	/** request: what the plan was made from; next: elements for when it is done. */
	constructor(main, { plan, request, extension, back, done, next }) {
		Object.assign(this, { main, plan, request, extension, back, done, next });
		this.element = el('div', { class: 'stack' });
		main.append(this.element);
	}

	show(...elements) {
		this.element.replaceChildren(...elements.filter(Boolean));
		const first = this.element.querySelector('[tabindex="-1"]');

		if (first)
			first.focus();
	}

	showPlan(difference) {
		this.show(difference, planElement(this.plan, targetText(), this.extension),
			el('div', { class: 'confirm' },
				el('div', { class: 'actions' },
					button(confirmText(this.plan), () => this.apply(), this.plan.counts.drop ? 'danger' : 'primary'),
					link('Back', this.back, 'button secondary')),
				el('p', { class: 'hint' }, 'Runs exactly this plan, ', digest(this.plan.digest),
					', in one transaction. If something has changed by then, nothing is done.')));
	}

	showRunning() {
		const clock = el('span', {}, '0 s');
		const begin = performance.now();

		this.clock = setInterval(() => {
			clock.textContent = `${Math.round((performance.now() - begin) / 1000)} s`;
		}, 1000);
		this.steps = el('tbody');
		this.show(el('div', { class: 'notice info running', role: 'status', tabindex: '-1' },
			el('p', { class: 'notice-title' }, el('span', { class: 'spinner', 'aria-hidden': 'true' }), `${confirmText(this.plan)}…`),
			el('p', {}, 'All of it in one transaction. ', clock)),
		stepTable('Steps so far', this.steps),
		el('div', { class: 'actions' }, button('Cancel', () => this.controller.abort(), 'secondary')));
	}

	/** The steps so far, as long as it runs; that they cannot be had stops nothing. */
	async follow(requestId) {
		let told = '';

		while (running === this) {
			const progress = await api.progress(requestId, this.controller.signal).catch(() => null);
			const current = progress && progress.steps.at(-1);

			if (current && running === this) {
				this.steps.replaceChildren(...progress.steps.map((step) => stepRow(step, step === current)));
				if (current.name !== told)
					announce(stepName(current.name));
				told = current.name;
			}
			await new Promise((resolve) => { setTimeout(resolve, POLL_MS); });
		}
	}

	async apply() {
		if (running)
			return;
		running = this;
		this.controller = new AbortController();
		this.showRunning();
		try {
			const requestId = newRequestId();

			this.before = await newestEntry(this.plan.extension.id).catch(() => null);
			this.follow(requestId);
			this.succeed(await api.apply(this.plan, secretsOf(this.plan, this.request.values), this.controller.signal, requestId));
		} catch (error) {
			await this.fail(error);
		} finally {
			clearInterval(this.clock);
			running = null;
		}
	}

	succeed(report) {
		if (this.done)
			this.done();
		announce(doneOf(report.operation));
		this.show(resultElement(report, this.next));
	}

	async fail(error) {
		if (error.name === 'AbortError')
			await this.settle('Cancelled');
		else if (error.status === 0)
			await this.settle(error.message);
		else if (error.status === 409)
			await this.planAgain(error);
		else
			this.showError(error);
	}

	showError(error) {
		this.show(el('div', { tabindex: '-1' }, notice('error', error.message,
			el('p', {}, error.message.includes('outcome') ? 'Look at the history.' : 'It was rolled back: nothing was changed.'),
			error.requestId ? el('p', { class: 'hint' }, `Request ${error.requestId}`) : null)),
		el('div', { class: 'actions' }, button('Back to the plan', () => this.showPlan()), link('Back', this.back, 'button secondary')));
	}

	/** The answer did not come: the history says whether it was done. */
	async settle(title) {
		let found;

		try {
			const now = this.before === null ? null : await newestEntry(this.plan.extension.id);

			found = now === null ? 'unknown' : now === this.before ? 'not done' : 'done';
		} catch {
			found = 'unknown';
		}
		const text = {
			done: 'The history says that it was done before that.',
			'not done': 'The history has nothing of it: what was begun is rolled back.',
			unknown: 'Whether it was done cannot be told now. Look again when the server can be reached.',
		}[found];

		if (found === 'done' && this.done)
			this.done();
		this.show(el('div', { tabindex: '-1' }, notice(found === 'done' ? 'success' : 'warning', title, el('p', {}, text))),
			el('div', { class: 'actions' },
				button('Look again', () => this.settle(title)),
				found === 'done' ? null : button('Back to the plan', () => this.showPlan()),
				link('Back', this.back, 'button secondary')));
	}

	async planAgain(error) {
		const before = this.plan;

		try {
			this.plan = await api.plan(this.request, this.controller.signal);
			this.showPlan(differenceElement(before, this.plan, error.message));
		} catch (again) {
			if (again.name === 'AbortError')
				this.showPlan();
			else
				this.showError(again);
		}
	}
}

/** Shows a plan to confirm. */
export function showRun(main, options) {
	new Run(main, options).showPlan();
}
