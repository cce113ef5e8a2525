// SPDX-License-Identifier: MIT
// The page: which view the address names, signing in, and what all views share.
import { session } from './api.js';
import { announce, button, el, link, notice, watchPointer } from './dom.js';
import {
	showDeleteInstance, showExtension, showInstall, showInstance, showNewInstance, showReview, showUninstall, showUpgrade,
} from './extension.js';
import { hasDrafts } from './form.js';
import { showHistory } from './history.js';
import { showList } from './list.js';
import { isRunning } from './run.js';
import { ask, signIn, signOut } from './sign-in.js';
import { showStatus } from './status.js';

// The first that fits counts; '*' takes any part and hands it on.
const VIEWS = [
	{ path: [''], title: 'Extensions', show: showList },
	{ path: ['status'], title: 'Status', show: showStatus },
	{ path: ['history'], title: 'History', show: showHistory },
	{ path: ['extension', '*'], title: 'Extension', show: showExtension },
	{ path: ['extension', '*', 'install', '*'], title: 'Install', show: showInstall },
	{ path: ['extension', '*', 'upgrade'], title: 'Upgrade', show: showUpgrade },
	{ path: ['extension', '*', 'uninstall'], title: 'Uninstall', show: showUninstall },
	{ path: ['extension', '*', 'new'], title: 'New instance', show: showNewInstance },
	{ path: ['extension', '*', 'new', 'review'], title: 'New instance', show: showReview },
	{ path: ['extension', '*', 'instance', '*'], title: 'Edit instance', show: showInstance },
	{ path: ['extension', '*', 'instance', '*', 'review'], title: 'Edit instance', show: showReview },
	{ path: ['extension', '*', 'instance', '*', 'delete'], title: 'Delete instance', show: showDeleteInstance },
];

const main = document.getElementById('main');
let current = null; // {hash, controller, close}

function decode(part) {
	try {
		return decodeURIComponent(part);
	} catch {
		return part;
	}
}

function findView(hash) {
	const parts = hash.replace(/^#?\/?/, '').split('/').map(decode);
	const view = VIEWS.find(({ path }) => path.length === parts.length
		&& path.every((name, index) => name === '*' || name === parts[index]));

	return view && { view, values: parts.filter((_, index) => view.path[index] === '*') };
}

function markTab(hash) {
	for (const tab of document.querySelectorAll('.tabs a')) {
		const mine = tab.hash === (hash || '#/') || (tab.hash === '#/' && hash.startsWith('#/extension/'));

		if (mine)
			tab.setAttribute('aria-current', 'page');
		else
			tab.removeAttribute('aria-current');
	}
}

function showError(error) {
	const refused = error.status === 403 && session.kind === 'database';
	const title = refused ? `The database ${session.host}:${session.port} cannot be used here` : error.message;

	main.querySelectorAll('.loading').forEach((element) => element.remove());
	main.append(notice('error', title, refused ? el('p', {}, `The server says: ${error.message}.`) : null,
		error.requestId ? el('p', { class: 'hint' }, `Request ${error.requestId}`) : null),
		el('div', { class: 'actions' }, refused ? null : button('Try again', () => show(true)),
			session.kind === 'none' ? null : button('Sign in again', signInAgain, refused ? 'primary' : 'secondary'),
			link('All extensions', '#/', 'button secondary')));
}

/** Credentials may be accepted and still be the wrong ones: another host, a user without rights. */
async function signInAgain() {
	if (await ask(true, false))
		show(true);
}

function crumbs({ view, values: [id] }) {
	return el('nav', { class: 'crumbs', 'aria-label': 'Where you are' }, link('All extensions', '#/'),
		view.path.length > 2 ? [' / ', link(id, `#/extension/${encodeURIComponent(id)}`)] : null);
}

async function fill(found, controller) {
	const waiting = el('p', { class: 'loading hint' }, 'Loading…');

	main.append(waiting);
	// Views put something on the page as soon as they have it.
	const observer = new MutationObserver(() => {
		observer.disconnect();
		waiting.remove();
	});

	observer.observe(main, { childList: true });
	try {
		return await found.view.show(main, found.values, controller.signal);
	} finally {
		observer.disconnect();
		waiting.remove();
	}
}

async function show(first = false) {
	const hash = location.hash;
	const found = findView(hash);

	if (isRunning() && current.hash !== hash) {
		announce('Something is running: wait for it, or cancel it first');
		history.replaceState(null, '', current.hash || '#/');
		return;
	}
	if (current) {
		current.controller.abort();
		if (current.close)
			current.close();
	}
	const controller = new AbortController();
	const mine = { hash, controller, close: null };
	const title = found ? found.view.title : 'Nothing here';

	current = mine;
	markTab(hash);
	main.replaceChildren(
		found && hash.startsWith('#/extension/') ? crumbs(found) : '',
		el('h1', { tabindex: '-1' }, title));
	if (!first)
		main.querySelector('h1').focus();
	scrollTo(0, 0);
	try {
		mine.close = found ? await fill(found, controller)
			: main.append(el('p', {}, 'There is no such view. ', link('All extensions', '#/')));
		document.title = `${main.querySelector('h1').textContent} – Extensions`;
	} catch (error) {
		if (current === mine && error.name !== 'AbortError')
			showError(error);
	}
	if (current !== mine && mine.close)
		mine.close();
}

function showAccount() {
	const account = document.getElementById('account');
	const place = session.kind === 'database' ? `${session.host}:${session.port}` : '';

	if (session.kind === 'none')
		return;
	account.replaceChildren(el('span', { class: 'who' }, [session.user, place].filter(Boolean).join(' at ')),
		button('Sign out', signOut, 'secondary small'));
}

addEventListener('hashchange', () => show());
addEventListener('beforeunload', (event) => {
	if (hasDrafts() || isRunning())
		event.preventDefault();
});
// The address is the view's: the link to the content must not change it.
document.getElementById('skip').addEventListener('click', (event) => {
	event.preventDefault();
	main.focus();
});
watchPointer();
session.changed = showAccount;
await signIn();
show(true);
