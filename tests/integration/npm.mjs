// SPDX-License-Identifier: MIT
// The npm packages of a test: they come from the registry once and stay in the build folder.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

export const SKIPPED = 77;

/** What `here` has a package-lock.json for, into folder/node_modules; without a network the test is skipped. */
export function installPackages(here, folder) {
	const lock = fs.readFileSync(path.join(here, 'package-lock.json'), 'utf8');
	const done = path.join(folder, 'installed');

	fs.mkdirSync(folder, { recursive: true });
	if (fs.existsSync(done) && fs.readFileSync(done, 'utf8') === lock)
		return;
	for (const name of ['package.json', 'package-lock.json'])
		fs.copyFileSync(path.join(here, name), path.join(folder, name));
	try {
		execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--silent'],
			{ cwd: folder, stdio: 'pipe', timeout: 240000 });
	} catch (error) {
		console.log(`no packages: ${error.message.split('\n')[0]}`);
		process.exit(SKIPPED);
	}
	fs.writeFileSync(done, lock);
}
