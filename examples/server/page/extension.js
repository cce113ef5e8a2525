// SPDX-License-Identifier: MIT
// One extension: what it is, its instances, its state, and the ways to change it.
import { api, ApiError } from './api.js';
import { button, digest, el, facts, link, newId, notice } from './dom.js';
import { draftKey, forgetDraft, showForm } from './form.js';
import { historyTable } from './history.js';
import { badge, missing, primaryAction } from './list.js';
import { makePlan } from './plan.js';
import { showRun } from './run.js';
import { statusElement } from './status.js';
import { nameOf, signatureOf, stateOf } from './words.js';

const hashOf = (...parts) => `#/${parts.map(encodeURIComponent).join('/')}`;
const placeOf = (id, ...more) => hashOf('extension', id, ...more);

async function find(id, signal) {
	const found = (await api.overview(signal)).find((extension) => extension.id === id);

	if (!found)
		throw new ApiError(404, `There is no extension “${id}” in the registry of this server.`);
	return found;
}

// ---- the page of an extension ----

/** Which version to install, where there are several. */
function installControls(extension) {
	const versions = extension.installableVersions;
	const id = newId('version');

	if (extension.state !== 'available' || versions.length < 2)
		return primaryAction(extension);
	const select = el('select', { id, class: 'input' }, versions.map((version) => el('option', { value: version.name },
		version.name + (version.latest ? ' (latest)' : '') + (version.deprecated ? ' (deprecated)' : ''))));

	select.value = extension.latestVersion;
	return el('div', { class: 'install' }, el('label', { for: id }, 'Version'), select,
		button('Install', () => {
			location.hash = placeOf(extension.id, 'install', select.value);
		}, 'primary'));
}

function instanceRow(extension, instance) {
	const name = nameOf(instance);

	return el('li', { class: 'row' },
		el('span', { class: 'row-name' }, name, instance.id !== name ? el('code', { class: 'hint' }, ` ${instance.id}`) : null),
		el('span', { class: 'row-actions' },
			el('a', { class: 'button secondary small', href: placeOf(extension.id, 'instance', instance.id), 'aria-label': `Edit ${name}` }, 'Edit'),
			el('a', { class: 'button secondary small', href: placeOf(extension.id, 'instance', instance.id, 'delete'), 'aria-label': `Delete ${name}` },
				'Delete')));
}

function failureText(error) {
	return el('p', { class: 'error-text' }, error.message);
}

function instanceSection(extension, outcome) {
	const add = el('a', { class: 'button secondary small', href: placeOf(extension.id, 'new') }, 'New instance');

	if (outcome.status === 'rejected') {
		// It has no such function: it knows no instances.
		return outcome.reason.status === 501 ? null
			: el('section', { class: 'panel' }, el('h2', {}, 'Instances'), failureText(outcome.reason));
	}
	return el('section', { class: 'panel' },
		el('div', { class: 'panel-head' }, el('h2', {}, 'Instances'), add),
		outcome.value.length ? el('ul', { class: 'rows' }, outcome.value.map((instance) => instanceRow(extension, instance)))
			: el('p', { class: 'hint' }, 'There is none yet.'));
}

function stateSection(outcome) {
	return el('section', { class: 'panel' }, el('h2', {}, 'State'),
		outcome.status === 'rejected' ? failureText(outcome.reason) : outcome.value.extensions.map(statusElement));
}

function historySection(outcome) {
	return el('section', { class: 'panel' }, el('h2', {}, 'History'),
		outcome.status === 'rejected' ? failureText(outcome.reason) : historyTable(outcome.value.slice(0, 10), false));
}

function headElement(extension) {
	const [signature, kind] = signatureOf(extension);
	const installed = extension.installedVersion;

	return el('div', { class: 'stack' },
		extension.description ? el('p', { class: 'lead' }, extension.description) : null,
		el('div', { class: 'head-actions' }, badge(stateOf(extension)), installControls(extension),
			installed ? el('a', { class: 'button secondary', href: placeOf(extension.id, 'uninstall') }, 'Uninstall') : null),
		missing(extension),
		facts([
			['Installed', installed], ['Latest', extension.latestVersion], ['Category', extension.category],
			['Signature', el('span', { class: `word ${kind}` }, signature, extension.signedBy ? [' ', el('code', {}, extension.signedBy)] : null)],
			['Digest', extension.digest ? digest(extension.digest) : null], ['Id', el('code', {}, extension.id)],
		]));
}

export async function showExtension(main, [id], signal) {
	const extension = await find(id, signal);
	const installed = extension.installedVersion;

	main.querySelector('h1').textContent = nameOf(extension);
	main.append(headElement(extension));
	const [instances, status, history] = await Promise.allSettled([
		installed ? api.instances(id, installed, signal) : [],
		installed ? api.status(id, signal) : null,
		api.history(id, signal),
	]);

	if (signal.aborted)
		return;
	if (installed)
		main.append(...[instanceSection(extension, instances), stateSection(status)].filter(Boolean));
	main.append(historySection(history));
}

// ---- plans that need no values ----

function afterwards(id) {
	return [link('All extensions', '#/', 'button secondary'), link('Show the extension', placeOf(id), 'button secondary')];
}

async function planAndRun(main, signal, { request, title, back, next, done }) {
	const extension = await find(request.id, signal);

	main.querySelector('h1').textContent = title(extension);
	if (request.version === null)
		request.version = extension.installedVersion;
	const plan = await makePlan(main, request, back, signal);

	if (plan)
		showRun(main, { plan, request, extension, back, next, done });
}

export function showInstall(main, [id, version], signal) {
	return planAndRun(main, signal, {
		request: { operation: 'install', id, version }, back: placeOf(id),
		title: (extension) => `Install ${nameOf(extension)}`,
		next: [el('a', { class: 'button primary', href: placeOf(id) }, 'Show the extension'), link('All extensions', '#/', 'button secondary')],
	});
}

export function showUpgrade(main, [id], signal) {
	return planAndRun(main, signal, {
		request: { operation: 'upgrade', id }, back: placeOf(id),
		title: (extension) => `Upgrade ${nameOf(extension)}`, next: afterwards(id),
	});
}

export function showUninstall(main, [id], signal) {
	return planAndRun(main, signal, {
		request: { operation: 'uninstall', id, version: null }, back: placeOf(id),
		title: (extension) => `Uninstall ${nameOf(extension)}`, next: afterwards(id),
	});
}

export async function showDeleteInstance(main, [id, instance], signal) {
	const extension = await find(id, signal);

	return planAndRun(main, signal, {
		request: { operation: 'delete-instance', id, version: extension.installedVersion, instance }, back: placeOf(id),
		title: () => `Delete instance ${instance}`, next: afterwards(id),
		done: () => forgetDraft(draftKey(id, extension.installedVersion, instance)),
	});
}

// ---- instances ----

// What the form made, for the view behind it.
let reviewed = null;

async function showInstanceForm(main, id, instance, signal) {
	const extension = await find(id, signal);
	const version = extension.installedVersion;
	const place = instance === undefined ? placeOf(id, 'new') : placeOf(id, 'instance', instance);

	main.querySelector('h1').textContent = instance === undefined ? `New instance of ${nameOf(extension)}` : `Edit ${instance}`;
	if (!version) {
		main.append(notice('info', `${nameOf(extension)} is not installed`), el('p', {}, link('Show the extension', placeOf(id))));
		return null;
	}
	return showForm(main, { id, version, instance, back: placeOf(id) }, signal, (plan, values) => {
		const operation = instance === undefined ? 'create-instance' : 'update-instance';

		reviewed = { plan, request: { operation, id, version, instance, values }, extension, place, key: draftKey(id, version, instance) };
		location.hash = `${place}/review`;
	});
}

export const showNewInstance = (main, [id], signal) => showInstanceForm(main, id, undefined, signal);
export const showInstance = (main, [id, instance], signal) => showInstanceForm(main, id, instance, signal);

export function showReview(main, [id, instance]) {
	const place = instance === undefined ? placeOf(id, 'new') : placeOf(id, 'instance', instance);

	if (!reviewed || reviewed.place !== place) {
		location.replace(place);
		return;
	}
	const { plan, request, extension, key } = reviewed;

	main.querySelector('h1').textContent = instance === undefined ? `Create an instance of ${nameOf(extension)}` : `Change ${instance}`;
	showRun(main, {
		plan, request, extension, back: place, next: afterwards(id),
		done: () => {
			forgetDraft(key);
			reviewed = null;
		},
	});
}
