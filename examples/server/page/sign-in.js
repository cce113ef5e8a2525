// SPDX-License-Identifier: MIT
// Asks who somebody is: how the server wants it, it says in sign-in.json.
import { session, useCredentials, forgetCredentials } from './api.js';
import { el, button, newId } from './dom.js';

const last = { host: '', port: '5432', user: '' };
let open = null; // a promise while the dialog is there

function input(label, attributes) {
	const id = newId('sign-in');
	const field = el('input', { id, class: 'input', ...attributes });

	return { field, row: el('div', { class: 'field' }, el('label', { for: id }, label), field) };
}

/** One of two ways; the fields of the other are hidden and disabled. */
function chooser(ways) {
	const name = newId('way');
	const show = (chosen) => ways.forEach(({ fields }, index) => {
		fields.hidden = index !== chosen;
		fields.disabled = index !== chosen;
	});
	const radios = ways.map(({ label }, index) => el('label', { class: 'choice' },
		el('input', { type: 'radio', name, checked: index === 0, onchange: () => show(index) }), label));

	show(0);
	return el('fieldset', { class: 'choices' }, el('legend', {}, 'Sign in with'), radios);
}

function makeDialog(mayCancel, failed, done) {
	const wantsHost = session.kind === 'database';
	const host = input('Database host', { required: true, autofocus: true, value: last.host, autocomplete: 'off', spellcheck: 'false' });
	const port = input('Port', { required: true, value: last.port, inputmode: 'numeric', pattern: '[0-9]{1,5}' });
	const user = input('User', { required: true, autofocus: !wantsHost, value: last.user, autocomplete: 'username', spellcheck: 'false' });
	const password = input('Password', { type: 'password', autocomplete: 'current-password' });
	const token = input('Token', { type: 'password', required: true, autocomplete: 'off' });
	const userFields = el('fieldset', { class: 'plain' }, user.row, password.row);
	const tokenFields = el('fieldset', { class: 'plain' }, token.row);
	const title = newId('title');
	const dialog = el('dialog', { class: 'dialog', 'aria-labelledby': title });
	const submit = (event) => {
		event.preventDefault();
		Object.assign(last, { host: host.field.value.trim(), port: port.field.value.trim(), user: user.field.value });
		useCredentials({
			host: wantsHost ? last.host : 'localhost', port: wantsHost ? last.port : '1', user: last.user,
			password: password.field.value, token: tokenFields.disabled ? '' : token.field.value,
		});
		dialog.close();
		done(true);
	};

	dialog.append(el('form', { class: 'stack', onsubmit: submit },
		el('h2', { id: title }, failed ? 'Sign in again' : 'Sign in'),
		failed ? el('p', { class: 'error-text', role: 'alert' },
			'The database did not accept these credentials. What you typed on the page is kept.') : null,
		el('p', { class: 'hint' }, wantsHost
			? 'With the account of the database. The page keeps it in memory only.'
			: 'The page keeps it in memory only.'),
		wantsHost ? el('div', { class: 'pair' }, host.row, port.row) : null,
		chooser([{ label: 'User and password', fields: userFields }, { label: 'Token', fields: tokenFields }]),
		userFields, tokenFields,
		el('div', { class: 'actions' }, el('button', { type: 'submit', class: 'button primary' }, 'Sign in'),
			mayCancel ? button('Cancel', () => cancel()) : null)));
	const cancel = () => {
		dialog.close();
		done(false);
	};
	dialog.addEventListener('cancel', (event) => {
		event.preventDefault();
		if (mayCancel)
			cancel();
	});
	return dialog;
}

/** Answers whether there are credentials now. Several requests may ask at once: there is one dialog. */
export function ask(mayCancel, failed) {
	if (!open) {
		open = new Promise((resolve) => {
			const dialog = makeDialog(mayCancel, failed, resolve);

			document.body.append(dialog);
			dialog.showModal();
		}).finally(() => {
			document.querySelector('dialog').remove();
			open = null;
		});
	}
	return open;
}

async function readKind() {
	try {
		const response = await fetch('/page/sign-in.json', { credentials: 'omit' });

		return response.ok ? (await response.json()).signIn : 'database';
	} catch {
		return 'database';
	}
}

export async function signIn() {
	session.kind = await readKind();
	session.ask = () => ask(true, true);
	if (session.kind === 'none')
		useCredentials({ host: 'localhost', port: '1', user: '', password: '' });
	else
		await ask(false, false);
}

export function signOut() {
	forgetCredentials();
	location.reload();
}
