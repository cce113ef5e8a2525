// SPDX-License-Identifier: MIT
// What the tests of the page share: a server with a database of its own for each of them, a browser
// that notices whatever goes wrong, and looks at what is on the screen.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import crypto from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

import { installPackages, SKIPPED } from '../npm.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const [program, trials, examples, folder, screenshots] = process.argv.slice(2).map((name) => path.resolve(name));
const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
export const SIZES = {
	desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 }, narrow: { width: 320, height: 640 },
};

function findBrowser() {
	const found = BROWSERS.find((name) => fs.existsSync(name));

	if (!found) {
		console.log('no chromium: run .ci/setup test');
		process.exit(SKIPPED);
	}
	return found;
}

const executablePath = findBrowser();
installPackages(HERE, folder);
const require = createRequire(path.join(folder, 'package.json'));
const { chromium } = require('playwright-core');
const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
fs.mkdirSync(screenshots, { recursive: true });
console.log(`screenshots: ${screenshots}`);
const browser = await chromium.launch({ executablePath, args: process.getuid() === 0 ? ['--no-sandbox'] : [] });
test.after(() => browser.close());

/** A database, a registry and the server over them. */
class World {
	constructor() {
		this.scratch = fs.mkdtempSync(path.join(folder, 'run-'));
		this.registry = path.join(this.scratch, 'registry');
		this.database = path.join(this.scratch, 't.db');
		fs.mkdirSync(this.registry);
		for (const source of [trials, examples]) {
			for (const name of fs.readdirSync(source).filter((each) => each.endsWith('.js')))
				fs.copyFileSync(path.join(source, name), path.join(this.registry, name));
		}
		fs.writeFileSync(path.join(this.registry, 'faulty.js'), '}');
		this.sql('CREATE TABLE orders (id INTEGER PRIMARY KEY, a, b)');
	}

	sql(text) {
		return execFileSync('sqlite3', ['-cmd', '.timeout 10000', this.database, text], { encoding: 'utf8' }).trim();
	}

	extmgr(...words) {
		execFileSync(program, ['--db', `sqlite:${this.database}`, '--registry', this.registry, '-q', '--yes', ...words],
			{ stdio: 'pipe' });
	}

	/** Signs a definition as minisign does; answers the arguments that trust the key. */
	sign(id, version, signer) {
		const { publicKey, privateKey } = crypto.generateKeyPairSync('ed25519');
		const keyId = Buffer.from('EFCDAB8967452301', 'hex'); // shown the other way round
		const listing = `${crypto.createHash('sha256').update(fs.readFileSync(path.join(this.registry, `${id}.js`))).digest('hex')}  ${id}.js\n`;
		const signature = crypto.sign(null, crypto.createHash('blake2b512').update(listing).digest(), privateKey);
		const comment = `extmgr id=${id} version=${version}`;
		const lines = (...parts) => `${parts.join('\n')}\n`;
		const key = path.join(this.scratch, 'key.pub');

		fs.writeFileSync(path.join(this.registry, `${id}.js.sums`), listing);
		fs.writeFileSync(path.join(this.registry, `${id}.js.sums.minisig`), lines('untrusted comment: signature',
			Buffer.concat([Buffer.from('ED'), keyId, signature]).toString('base64'), `trusted comment: ${comment}`,
			crypto.sign(null, Buffer.concat([signature, Buffer.from(comment)]), privateKey).toString('base64')));
		fs.writeFileSync(key, lines(`untrusted comment: ${signer}`, Buffer.concat([Buffer.from('Ed'), keyId,
			publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)]).toString('base64')));
		return ['--trust-key', key, '--trust-policy', 'any'];
	}

	instance(id, values) {
		const file = path.join(this.scratch, 'values.json');

		fs.writeFileSync(file, JSON.stringify(values));
		this.extmgr('instance', 'create', id, '--values', file);
	}

	async start(more) {
		const target = more.includes('--allow') ? [] : ['--db', `sqlite:${this.database}`];

		this.server = spawn(program, ['serve', '-q', ...target, '--registry', this.registry, '--listen', '127.0.0.1:0', ...more],
			{ stdio: ['ignore', 'pipe', 'ignore'] });
		const [line] = await once(this.server.stdout, 'data');

		this.url = line.toString().trim();
	}

	async stop() {
		this.server.kill('SIGTERM');
		if (this.server.exitCode === null)
			await once(this.server, 'exit');
		fs.rmSync(this.scratch, { recursive: true });
	}
}

/** What the browser complains about. That an answer tells of an error is none of it. */
function complaints(page) {
	const found = [];

	page.on('pageerror', (error) => found.push(`error: ${error.message}`));
	page.on('console', (message) => {
		if (['error', 'warning'].includes(message.type()) && !/^Failed to load resource/.test(message.text()))
			found.push(`${message.type()}: ${message.text()}`);
	});
	return found;
}

/** Nothing sticks out at the side; where asked, axe finds nothing. A picture of it is kept. */
async function inspect(page, name, thoroughly) {
	const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

	assert.equal(wide, 0, `${name}: nothing to scroll sideways`);
	await page.screenshot({ path: path.join(screenshots, `${name}.png`), fullPage: true });
	if (!thoroughly)
		return;
	const faults = await page.evaluate(async (source) => {
		if (!globalThis.axe)
			(0, eval)(source);
		const report = await globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] });

		return report.violations.map((fault) => `${fault.id}: ${fault.nodes.map((node) => node.target).join(' ')}`);
	}, axe).catch((error) => [String(error)]);

	assert.deepEqual(faults, [], `${name}: accessible`);
}

const waiting = [];

/** Runs the scenarios, two at a time: each has a server of its own. */
export function runScenarios() {
	test('page', { concurrency: 2 }, (all) => Promise.all(waiting.map(([name, body]) => all.test(name, body))));
}

/**
 * A test in each of the sizes. options: sizes, dark, arguments of the server, prepare(world) before it
 * starts. body({page, world, look}): look(name) inspects what is shown.
 */
export function scenario(name, { sizes = ['desktop'], dark = false, prepare = () => {}, serve = () => [] }, body) {
	for (const size of sizes) {
		waiting.push([`${name}, ${size}${dark ? ', dark' : ''}`, async () => {
			const world = new World();
			const context = await browser.newContext({
				viewport: SIZES[size], colorScheme: dark ? 'dark' : 'light', reducedMotion: 'reduce', locale: 'en-GB',
				permissions: ['clipboard-read', 'clipboard-write'],
			});
			const page = await context.newPage();
			const found = complaints(page);

			page.setDefaultTimeout(30000);
			try {
				await prepare(world);
				await world.start(await serve(world));
				await body({ page, world, context, size, look: (view) => inspect(page, `${view}-${size}${dark ? '-dark' : ''}`, size === 'desktop') });
				assert.deepEqual(found, [], 'the browser has nothing to complain about');
			} finally {
				await context.close();
				await world.stop();
			}
		}]);
	}
}

/** Opens a view and waits until it is there. */
export async function open(page, world, hash, heading) {
	await page.goto(`${world.url}/${hash}`);
	await page.getByRole('heading', { level: 1, name: heading }).waitFor();
}
