// SPDX-License-Identifier: MIT
// node test.mjs EXTMGR DEFINITIONS EXAMPLES FOLDER SCREENSHOTS: the page of `extmgr serve` as people use
// it, in a headless Chromium.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

import { open, runScenarios, scenario } from './world.mjs';

const BOTH = ['desktop', 'phone'];
const button = (page, name) => page.getByRole('button', { name, exact: typeof name === 'string' });
const link = (page, name) => page.getByRole('link', { name, exact: typeof name === 'string' });
const card = (page, name) => page.getByRole('listitem').filter({ has: page.getByRole('heading', { name }) });
const heading = (page, name) => page.getByRole('heading', { name }).waitFor();
const text = (page, words) => page.getByText(words).first().waitFor();
const TRIAL = 'Trial <b onclick="alert(1)">of</b> the page';

/** The bodies of the requests whose path ends so. */
function sentTo(page, ending) {
	const bodies = [];

	page.on('request', (request) => {
		if (new URL(request.url()).pathname.endsWith(ending))
			bodies.push(JSON.parse(request.postData()));
	});
	return bodies;
}

const valuesOf = (body) => Object.fromEntries(body.parameterValues.map(({ name, value }) => [name, value]));

scenario('search', { sizes: BOTH }, async ({ page, world, look }) => {
	await open(page, world, '', 'Extensions');
	await text(page, '5 extensions');
	await look('list');
	assert.equal(await card(page, 'Foreign data').getByText('Needs PostgreSQL; this database is SQLite').count(), 1);
	assert.equal(await card(page, 'Foreign data').getByText('Cannot be installed here').count(), 1);
	assert.equal(await card(page, 'Foreign data').getByText('Install', { exact: true }).count(), 0);
	assert.equal(await card(page, 'faulty').getByText('Cannot be read').count(), 1);
	// One thing that can be done in a row comes first, and there is no dead button.
	for (const row of await page.locator('.card').all()) {
		assert.ok(await row.locator('.button').count() <= 1);
		assert.equal(await row.getByText('Not signed').count(), 1);
	}
	assert.equal(await page.locator('.card .button.primary').count(), 3);
	assert.equal(await page.locator('button:disabled, [aria-disabled="true"]').count(), 0);
	await card(page, 'faulty').getByText('Its definition has a fault').click();
	await text(page, /Unexpected token/);
	await page.getByLabel('Search').fill('AUDIT row');
	await text(page, '1 extension');
	assert.equal(await page.getByRole('heading', { level: 2 }).count(), 1);
	assert.equal(await page.locator('#announcer').textContent(), '1 extension');
	await page.getByLabel('Search').fill('nothing like it');
	await text(page, 'No extension fits.');
	// What was looked for is still there after a look at something else.
	await page.getByLabel('Search').fill('audit');
	await link(page, 'Audit log').click();
	await heading(page, 'Audit log');
	await page.goBack();
	assert.equal(await page.getByLabel('Search').inputValue(), 'audit');
});

scenario('markup is text', {}, async ({ page, world }) => {
	await open(page, world, '', 'Extensions');
	await heading(page, TRIAL);
	await text(page, 'trial <i>category</i>');
	await text(page, '<script>document.title = "owned"</script>');
	assert.equal(await page.locator('main b, main i, main script').count(), 0);
	await link(page, TRIAL).click();
	await page.getByRole('heading', { level: 1, name: TRIAL }).waitFor();
	assert.equal(await page.locator('main b, main i, main script').count(), 0);
	await page.waitForFunction((name) => document.title.startsWith(name), TRIAL);
});

scenario('install, upgrade, uninstall', { sizes: BOTH }, async ({ page, world, look }) => {
	await open(page, world, '#/extension/audit-log', 'Audit log');
	await look('extension-new');
	await page.getByLabel('Version').selectOption('1.0.0');
	await button(page, 'Install').click();
	await heading(page, 'Install Audit log');
	const install = button(page, 'Install Audit log 1.0.0');
	await install.waitFor();
	await text(page, 'SQLite, schema main');
	await text(page, 'Certain: all of it was run once and rolled back');
	await text(page, /4 create/);
	await text(page, 'Not signed');
	await look('plan');
	await button(page, 'Copy as SQL').click();
	await button(page, 'Copied').waitFor();
	assert.match(await page.evaluate(() => navigator.clipboard.readText()),
		/^-- plan: install audit-log 1\.0\.0 \(sqlite\)\n[^]*\n-- 2: create\nCREATE TABLE "main"\."audit_log" [^]*;\n/);
	const applied = sentTo(page, '/plans/apply');
	await install.click();
	await text(page, 'Installed: Audit log');
	assert.match(applied[0].plan.digest, /^sha256:[0-9a-f]{64}$/);
	await page.getByRole('row', { name: /^Commit / }).waitFor();
	await page.getByRole('row', { name: /^Together \d/ }).waitFor();
	await look('done');
	assert.equal(world.sql('SELECT version FROM audit_log_version'), '1.0.0');

	await link(page, 'All extensions').last().click();
	await text(page, '5 extensions');
	assert.equal(await card(page, 'Audit log').getByText('Update available').count(), 1);
	await text(page, 'Version 1.0.0, update 1.1.0');
	await link(page, 'Upgrade Audit log to 1.1.0').click();
	await text(page, '1.0.0 → 1.1.0');
	await button(page, /^Upgrade Audit log from 1\.0\.0 to 1\.1\.0/).click();
	await text(page, 'Upgraded: Audit log');
	assert.equal(world.sql('SELECT version FROM audit_log_version'), '1.1.0');

	await link(page, 'Show the extension').click();
	await link(page, 'New instance').click();
	await page.getByLabel('Table required').fill('orders');
	await button(page, 'Review and create').click();
	await button(page, 'Create the instance orders of Audit log').click();
	await text(page, 'Instance created: orders');
	await link(page, 'Show the extension').click();
	await heading(page, 'Instances');
	await text(page, 'As installed');
	await look('extension-installed');
	await link(page, 'Uninstall').click();
	await text(page, 'cannot uninstall extension because 1 instance(s) still exist: orders');
	await text(page, 'Nothing was changed.');
	await look('refused');
	await link(page, 'Back').click();
	await link(page, 'Delete orders').click();
	await heading(page, /^This takes away \d objects/);
	await text(page, 'trigger "main"."audit_log_1_insert"');
	await look('plan-delete');
	await button(page, /^Delete the instance orders of Audit log, taking away \d objects/).click();
	await text(page, 'Instance deleted: orders');
	await link(page, 'Show the extension').click();
	await link(page, 'Uninstall').click();
	await heading(page, 'This takes away 3 objects');
	// What is taken away is named before anything else.
	assert.equal(await page.locator('.statements .tag').first().textContent(), 'drop');
	await button(page, 'Uninstall Audit log 1.1.0, taking away 3 objects').click();
	await text(page, 'Uninstalled: Audit log');
	assert.equal(world.sql("SELECT count(*) FROM sqlite_master WHERE name LIKE 'audit%'"), '0');
	await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'History' }).click();
	await text(page, 'The newest 5 entries.');
	await look('history');
	await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Status' }).click();
	await heading(page, 'Status');
	await text(page, '1 extension cannot be checked'); // the faulty one
});

const withTrial = (world) => world.extmgr('install', 'trial');

scenario('form with conditions and errors', { sizes: BOTH, prepare: withTrial }, async ({ page, world, look }) => {
	const labels = () => page.locator('.field:visible label').allTextContents();

	await open(page, world, '#/extension/trial/new', /^New instance of Trial/);
	await page.getByLabel('Password').waitFor();
	assert.deepEqual(await labels(), ['Name <u>of it</u> required', 'Source required', 'Size optional', 'Fast mode optional',
		'Password required']);
	await text(page, 'Two to twenty small letters.');
	assert.equal(await page.getByLabel('Size').inputValue(), '10');
	assert.equal(await page.getByLabel('Password').getAttribute('type'), 'password');
	await page.getByLabel('Source').selectOption('bucket');
	await page.getByLabel('Bucket').waitFor();
	assert.deepEqual((await labels()).slice(1, 4), ['Source required', 'Bucket required', 'Region optional']);
	await page.waitForFunction(() => document.getElementById('announcer').textContent === 'Now also asked, below: Bucket, Region');
	await page.getByLabel('Bucket').fill('kept');
	await page.getByLabel('Source').selectOption('web');
	await page.getByLabel('Address').waitFor();
	assert.equal(await page.getByLabel('Bucket').isVisible(), false);
	await page.getByLabel('Address').fill('http://hidden');
	await page.getByLabel('Source').selectOption('bucket');
	await page.getByLabel('Bucket').waitFor();
	assert.equal(await page.getByLabel('Bucket').inputValue(), 'kept');
	// At the field, when it is left.
	const name = page.getByLabel('Name <u>of it</u>');
	await name.fill('UPPER');
	assert.equal(await name.getAttribute('aria-invalid'), null);
	await page.getByLabel('Size').fill('1000');
	await text(page, 'The value has an invalid format.');
	assert.equal(await name.getAttribute('aria-invalid'), 'true');
	assert.match(await name.getAttribute('aria-describedby'), new RegExp(
		await page.getByText('The value has an invalid format.').getAttribute('id')));
	// All of them, when it is sent; the focus goes to the first.
	await button(page, 'Review and create').click();
	await text(page, 'Please look at 3 fields');
	await text(page, 'The value must be at most 100.');
	assert.equal(await name.evaluate((element) => element === document.activeElement), true);
	await look('form-errors');
	await button(page, 'Password: This is a required parameter.').click();
	assert.equal(await page.getByLabel('Password').evaluate((element) => element === document.activeElement), true);
	await page.getByLabel('Password').fill('s3cret-Value');
	await page.getByLabel('Size').fill('99');
	// What only the extension itself knows comes to its field, too.
	await name.fill('forbidden');
	await button(page, 'Review and create').click();
	await text(page, 'The name is taken by the house.');
	assert.equal(await name.getAttribute('aria-invalid'), 'true');
	await name.fill('broken');
	await button(page, 'Review and create').click();
	await text(page, /The database says no/);
	const planned = sentTo(page, '/plans');
	await name.fill('orders');
	await button(page, 'Review and create').click();
	await heading(page, /^Create an instance/);
	assert.deepEqual(valuesOf(planned[0]),
		{ name: 'orders', source: 'bucket', bucket: 'kept', size: '99', fast: 'false', password: 's3cret-Value' });
	assert.equal((await page.content()).includes('s3cret-Value'), false);
	await look('plan-instance');
	// Back: all is there still, also what is hidden.
	await link(page, 'Back').click();
	await page.getByLabel('Bucket').waitFor();
	assert.equal(await page.getByLabel('Password').inputValue(), 's3cret-Value');
	await page.getByLabel('Source').selectOption('web');
	await page.getByLabel('Address').waitFor();
	assert.equal(await page.getByLabel('Address').inputValue(), 'http://hidden');
	await page.getByLabel('Source').selectOption('bucket');
	await button(page, 'Review and create').click();
	await button(page, /^Create the instance/).click();
	await text(page, /^Instance created/);
	assert.equal(world.sql('SELECT name, bucket, url, password FROM trial_instance'), 'orders|kept||s3cret-Value');
});

scenario('a click that leaves a field', { prepare: withTrial }, async ({ page, world }) => {
	await open(page, world, '#/extension/trial/new', /^New instance of Trial/);
	const name = page.getByLabel('Name <u>of it</u>');
	const review = button(page, 'Review and create');
	await name.fill('UPPER');
	await review.scrollIntoViewIfNeeded();
	const { x, y } = await review.boundingBox();
	await page.mouse.move(x + 5, y + 5);
	await page.mouse.down();
	// A message that came now would move the button away below the pointer.
	await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
	assert.equal(await name.getAttribute('aria-invalid'), null);
	await page.mouse.up();
	await text(page, /^Please look at \d fields/);
	assert.equal(await name.getAttribute('aria-invalid'), 'true');
});

async function fillTrial(page) {
	await page.getByLabel('Name <u>of it</u>').fill('orders');
	await page.getByLabel('Source').selectOption('web');
	await page.getByLabel('Address').fill('http://localhost');
	await page.getByLabel('Password').fill('s3cret-Value');
}

scenario('rehearse', { sizes: BOTH, prepare: withTrial }, async ({ page, world, look }) => {
	await open(page, world, '#/extension/trial/new', /^New instance/);
	await fillTrial(page);
	await button(page, 'Test').click();
	await text(page, 'The test passed, nothing was changed');
	await text(page, 'Rolled back after 1 statement: 1 change data.');
	await look('tested');
	assert.equal(await page.getByLabel('Address').inputValue(), 'http://localhost');
	assert.equal(world.sql('SELECT count(*) FROM trial_instance'), '0');
});

const OLD_SECRET = 'old-s3cret';

function withInstance(world) {
	withTrial(world);
	world.instance('trial', { name: 'orders', source: 'bucket', bucket: 'b', size: '10', password: OLD_SECRET });
}

scenario('a secret is kept', { prepare: withInstance }, async ({ page, world, look }) => {
	const answers = [];

	page.on('response', async (response) => answers.push(await response.text().catch(() => '')));
	await open(page, world, '#/extension/trial', TRIAL);
	await link(page, 'Edit orders').click();
	await text(page, 'Unchanged: it is stored and is not shown.');
	assert.equal(await page.getByLabel('Name <u>of it</u>').getAttribute('readonly'), '');
	await look('edit');
	const planned = sentTo(page, '/plans');
	await button(page, 'Review the change').click();
	await text(page, 'Nothing was changed yet.');
	await page.getByLabel('Size').fill('20');
	await button(page, 'Review the change').click();
	await button(page, /^Change the instance orders/).click();
	await text(page, /^Instance changed/);
	assert.deepEqual(valuesOf(planned[0]), { size: '20' });
	assert.equal(world.sql('SELECT size, password FROM trial_instance'), `20|${OLD_SECRET}`);
	assert.equal(answers.some((answer) => answer.includes(OLD_SECRET)), false);

	await link(page, 'Show the extension').click();
	await link(page, 'Edit orders').click();
	await button(page, 'Replace Password').click();
	await page.getByLabel('Password required').fill('new-s3cret');
	await button(page, 'Keep the old Password').click();
	await button(page, 'Replace Password').click();
	await button(page, 'Review the change').click();
	// What was announced of the first change may still be there.
	const applied = page.waitForResponse((response) => response.url().includes('/plans/apply'));
	await button(page, /^Change the instance orders/).click();
	assert.equal((await applied).status(), 200);
	await text(page, /^Instance changed/);
	assert.equal(world.sql('SELECT size, password FROM trial_instance'), '20|new-s3cret');
});

scenario('a changed plan', {}, async ({ page, world, look }) => {
	await open(page, world, '#/extension/trial/install/1.1.0', `Install ${TRIAL}`);
	const install = button(page, /^Install Trial .* 1\.1\.0$/);
	await install.waitFor();
	world.sql('CREATE TABLE trial_extra (a)');
	await install.click();
	await text(page, 'The plan has changed since you saw it. Nothing was done.');
	assert.equal(await page.locator('.difference .statement').count(), 1);
	assert.match(await page.locator('.difference .statement').textContent(), /^NewcreateCREATE INDEX trial_by_name/);
	await look('changed');
	assert.equal(world.sql("SELECT count(*) FROM sqlite_master WHERE name = 'trial_version'"), '0');
	await install.click();
	await text(page, /^Installed: Trial/);
	assert.equal(world.sql("SELECT count(*) FROM sqlite_master WHERE name = 'trial_by_name'"), '1');
});

scenario('a signed definition', { serve: (world) => world.sign('audit-log', '1.1.0', 'acme <b>') }, async ({ page, world }) => {
	await open(page, world, '', 'Extensions');
	await text(page, '5 extensions');
	assert.equal(await card(page, 'Audit log').getByText('Signed by a key you trust').count(), 1);
	await open(page, world, '#/extension/audit-log/install/1.1.0', 'Install Audit log');
	await text(page, 'Signed by acme <b> (0123456789ABCDEF)');
	const shown = await page.locator('code.digest').first().getAttribute('title');
	const definition = fs.readFileSync(path.join(world.registry, 'audit-log.js'));
	assert.equal(shown, `sha256:${crypto.createHash('sha256').update(definition).digest('hex')}`);
	// Another definition, which nobody signed.
	for (const ending of ['.js.sums', '.js.sums.minisig'])
		fs.rmSync(path.join(world.registry, `audit-log${ending}`));
	fs.appendFileSync(path.join(world.registry, 'audit-log.js'), '\n');
	await button(page, /^Install Audit log 1\.1\.0$/).click();
	await text(page, 'The plan has changed since you saw it. Nothing was done.');
	await text(page, 'Signed by acme <b> (0123456789ABCDEF) → Not signed');
	await text(page, new RegExp(`^${shown.slice(7, 19)} → [0-9a-f]{12}$`));
});

const LONG = 'LongNameWithoutAnySpace'.repeat(8);

/** A hundred more, every tenth of which is hard to fit in. */
function withMany(world) {
	for (let i = 0; i < 100; i += 1) {
		const extension = {
			name: i % 10 ? `Number ${i}` : `${LONG}${i}`, category: `category ${i % 5}`,
			description: `Does this and that. ${'x'.repeat(i % 10 ? 0 : 500)}`, bucketFsUploads: [],
			installableVersions: [{ name: `1.0.${i}${i % 10 ? '' : `-${'9a'.repeat(40)}`}`, latest: true, deprecated: false }],
		};

		fs.writeFileSync(path.join(world.registry, `many-${String(i).padStart(3, '0')}${i % 10 ? '' : '-long'.repeat(20)}.js`),
			`var extension = ${JSON.stringify(extension)}; extension.findInstallations = function () { return []; };`
			+ ' extension.install = function () {}; global.installedExtension = {apiVersion: \'0.2.0\', extension: extension};');
	}
}

scenario('many extensions', { sizes: ['narrow'], prepare: withMany }, async ({ page, world, look }) => {
	await open(page, world, '', 'Extensions');
	await text(page, '105 extensions');
	await look('many');
	await page.getByLabel('Search').fill('number 99');
	await text(page, '1 extension');
	await page.getByLabel('Search').fill(`${LONG}50`);
	await text(page, '1 extension');
	await page.getByRole('link', { name: `${LONG}50`, exact: true }).click();
	await heading(page, `${LONG}50`);
	await look('many-extension');
	await link(page, /^Install LongName/).click();
	await button(page, /^Install LongName/).waitFor();
	await look('many-plan');
});

/** Tab by tab to the element that is called so, as one without a mouse does. */
async function tabTo(page, name) {
	for (let i = 0; i < 60; i += 1) {
		await page.keyboard.press('Tab');
		const found = await page.evaluate(() => {
			const element = document.activeElement;
			const outline = getComputedStyle(element);

			return { name: element.getAttribute('aria-label') || element.textContent.trim(), visible: outline.outlineStyle !== 'none' };
		});

		assert.ok(found.visible, `the focus on "${found.name}" can be seen`);
		if (found.name === name)
			return;
	}
	assert.fail(`no way to "${name}"`);
}

scenario('keyboard only', {}, async ({ page, world }) => {
	await open(page, world, '', 'Extensions');
	await text(page, '5 extensions');
	await tabTo(page, 'Skip to the content');
	await page.keyboard.press('Enter');
	await tabTo(page, 'Install Audit log 1.1.0');
	await page.keyboard.press('Enter');
	await button(page, 'Install Audit log 1.1.0').waitFor();
	await tabTo(page, 'Install Audit log 1.1.0');
	await page.keyboard.press('Enter');
	await text(page, 'Installed: Audit log');
	await tabTo(page, 'Show the extension');
	await page.keyboard.press('Enter');
	await heading(page, 'Instances');
	assert.equal(world.sql('SELECT version FROM audit_log_version'), '1.1.0');
});

scenario('cancel', {}, async ({ page, world, look }) => {
	await open(page, world, '#/extension/slow/install/1.0.0', 'Install Slow');
	const install = button(page, 'Install Slow 1.0.0');
	await install.waitFor();
	world.sql('CREATE TABLE slow_for_ever (a)');
	await install.click();
	await text(page, 'Install Slow 1.0.0…');
	// Step by step, while it runs.
	await page.getByRole('row', { name: /^Begin the transaction \d/ }).waitFor();
	const current = page.locator('[aria-current="step"]');
	await page.waitForFunction(() => /^Run the statements…\d/.test(document.querySelector('[aria-current="step"]').textContent));
	const first = await current.textContent();
	await page.waitForFunction((before) => document.querySelector('[aria-current="step"]').textContent !== before, first);
	await look('running');
	// Nobody gets away from what runs by accident.
	await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Status' }).click();
	await button(page, 'Cancel').click();
	await text(page, 'The history has nothing of it: what was begun is rolled back.');
	assert.equal(world.sql("SELECT count(*) FROM sqlite_master WHERE name = 'slow_begun'"), '0');
	await button(page, 'Back to the plan').click();
	await install.waitFor();
});

scenario('a lost connection', { prepare: withTrial }, async ({ page, world, context }) => {
	await open(page, world, '#/extension/trial/new', /^New instance/);
	await fillTrial(page);
	await context.setOffline(true);
	await button(page, 'Test').click();
	await text(page, /The server cannot be reached/);
	await text(page, /what you typed is kept/);
	await context.setOffline(false);
	await button(page, 'Test').click();
	await text(page, 'The test passed, nothing was changed');
	// A fault of the server's.
	await page.route('**/validate?*', (route) => route.fulfill({ status: 500, body: '{"code":500,"message":"Internal server error"}' }));
	await button(page, 'Review and create').click();
	await text(page, 'Internal server error');
	assert.equal(await page.getByLabel('Password').inputValue(), 's3cret-Value');
});

function withUsers(world) {
	const file = path.join(world.scratch, 'users');

	fs.writeFileSync(file, 'ann:pässword\ntoken-1\n', { mode: 0o600 });
	return ['--users', file];
}

scenario('sign in', { prepare: withTrial, serve: withUsers }, async ({ page, world, look }) => {
	await page.goto(world.url);
	await heading(page, 'Sign in');
	await look('sign-in');
	await page.getByLabel('User', { exact: true }).fill('ann');
	await page.getByLabel('Password', { exact: true }).fill('wrong');
	await button(page, 'Sign in').click();
	await heading(page, 'Sign in again');
	assert.equal(await page.getByLabel('User', { exact: true }).inputValue(), 'ann');
	await page.getByLabel('Password', { exact: true }).fill('pässword');
	await button(page, 'Sign in').click();
	await text(page, '5 extensions');
	await text(page, 'ann');
	// They are not valid any more while a form is filled in.
	await page.goto(`${world.url}/#/extension/trial/new`);
	await page.getByLabel('Password').waitFor();
	await fillTrial(page);
	await page.route('**/validate?*', (route) => route.fulfill({ status: 401, body: '{"code":401,"message":"no"}' }), { times: 1 });
	await button(page, 'Test').click();
	await heading(page, 'Sign in again');
	const dialog = page.getByRole('dialog');
	await dialog.getByRole('radio', { name: 'Token' }).check();
	await dialog.getByRole('textbox').fill('token-1');
	await button(page, 'Sign in').click();
	await text(page, 'The test passed, nothing was changed');
	assert.equal(await page.getByLabel('Address').inputValue(), 'http://localhost');
	assert.equal(await page.evaluate(() => localStorage.length + sessionStorage.length + document.cookie.length), 0);
});

scenario('dark', { sizes: ['desktop', 'narrow'], dark: true, prepare: withInstance }, async ({ page, world, look }) => {
	await open(page, world, '', 'Extensions');
	await text(page, '5 extensions');
	await look('list');
	await open(page, world, '#/extension/trial/instance/orders', 'Edit orders');
	await text(page, 'Unchanged: it is stored and is not shown.');
	await page.getByLabel('Size').fill('x');
	await button(page, 'Review the change').click();
	await text(page, 'The value is not an integer.');
	await look('form-errors');
	await open(page, world, '#/extension/trial', TRIAL);
	await heading(page, 'Instances');
	await look('extension-installed');
	await open(page, world, '#/extension/trial/uninstall', /^Uninstall Trial/);
	await text(page, /still exist/);
	await look('refused');
	await open(page, world, '#/extension/trial/instance/orders/delete', 'Delete instance orders');
	await button(page, /^Delete the instance/).waitFor();
	await look('plan-delete');
	await open(page, world, '#/extension/audit-log/install/1.1.0', 'Install Audit log');
	await button(page, /^Install Audit log/).waitFor();
	await look('plan');
	await open(page, world, '#/status', 'Status');
	await text(page, '1 extension cannot be checked');
	await look('status');
});

runScenarios();
