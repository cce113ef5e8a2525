// SPDX-License-Identifier: MIT
// node postgresql.mjs EXTMGR DEFINITIONS EXAMPLES FOLDER SCREENSHOTS: the page where each user brings host,
// port and account of a PostgreSQL server (EXTMGR_TEST_POSTGRESQL_URL), in a headless Chromium.
import assert from 'node:assert/strict';

import { runScenarios, scenario } from './world.mjs';

const { hostname, port, username, password, pathname } = new URL(process.env.EXTMGR_TEST_POSTGRESQL_URL);
const button = (page, name) => page.getByRole('button', { name, exact: typeof name === 'string' });
const text = (page, words) => page.getByText(words).first().waitFor();
const field = (page, name) => page.getByRole('dialog').getByLabel(name, { exact: true });

async function signIn(page, values) {
	for (const [name, value] of Object.entries(values))
		await field(page, name).fill(value);
	await button(page, 'Sign in').click();
}

scenario('sign in to a database', { serve: () => ['--allow', `${hostname}:${port}${pathname}`] },
	async ({ page, world, look }) => {
		await page.goto(world.url);
		await page.getByRole('heading', { name: 'Sign in' }).waitFor();
		assert.equal(await field(page, 'Port').inputValue(), '5432');
		await look('sign-in-database');
		// Another database than those that are allowed.
		await signIn(page, { 'Database host': 'db.example', Port: port, User: username, Password: password });
		await text(page, `The database db.example:${port} cannot be used here`);
		await look('sign-in-refused');
		await button(page, 'Sign in again').click();
		assert.equal(await field(page, 'Database host').inputValue(), 'db.example');
		assert.equal(await field(page, 'Password').inputValue(), '');
		await signIn(page, { 'Database host': `${hostname};Database=postgres`, User: username, Password: password });
		await text(page, /this server does not reach the database/i);
		await button(page, 'Sign in again').click();
		await signIn(page, { 'Database host': hostname, Port: port, Password: `${password};Server=evil` });
		await text(page, 'The database did not accept these credentials. What you typed on the page is kept.');
		assert.equal(await field(page, 'Database host').inputValue(), hostname);
		assert.equal(await field(page, 'User').inputValue(), username);
		await signIn(page, { Password: password });
		await text(page, '5 extensions');
		await text(page, username);
		await page.goto(`${world.url}/#/extension/audit-log/install/1.1.0`);
		await text(page, `PostgreSQL, schema extensions, ${hostname}:${port}`);
		await look('plan-postgresql');
		await button(page, 'Install Audit log 1.1.0').click();
		await text(page, 'Installed: Audit log');
		await page.goto(`${world.url}/#/extension/audit-log/uninstall`);
		await button(page, /^Uninstall Audit log 1\.1\.0/).click();
		await text(page, 'Uninstalled: Audit log');
		assert.equal(await page.evaluate((secret) => document.body.innerHTML.includes(secret), password), false);
	});

runScenarios();
