// SPDX-License-Identifier: MIT
// The order of jobs, and what a promise that is returned comes to.
(() => {
	const log = (text) => console.log(text);

	class Missing extends Error {
		constructor(message) {
			super(message);
			this.status = 404;
		}
	}

	global.installedExtension = {
		apiVersion: '0.2.0',
		extension: {
			name: 'Promises',
			findInstallations() {
				log('start');
				Promise.resolve().then(() => log('a1')).then(() => log('a2')).then(() => log('a3'));
				Promise.resolve().then(() => Promise.resolve('x')).then((value) => log('b ' + value));
				new Promise((resolve) => resolve({then(f) { log('thenable'); f('T'); }})).then((value) => log(value));
				Promise.reject(new Error('r')).catch((e) => log(e.message)).finally(() => log('finally'));
				Promise.all([1, Promise.resolve(2), {then(f) { f(3); f(4); }}]).then((all) => log('all ' + all));
				Promise.race([new Promise(() => {}), Promise.resolve('won')]).then((value) => log(value));
				Promise.allSettled([Promise.reject(1), 2]).then((all) => log(JSON.stringify(all)));
				Promise.resolve(1).finally(() => { throw new Error('f'); }).catch((e) => log(e.message));
				Promise.resolve(1).then(5).then((value) => log('through ' + value));
				Promise.all([]).then((all) => log('empty ' + all.length));
				Promise.all(5).catch((e) => log(e.name));
				log('end');
				return Promise.resolve([]);
			},
			install() {
				const first = new Promise((resolve, reject) => { resolve(1); reject(2); });

				return first.then((value) => new Promise((resolve) => resolve(Promise.resolve(value + 1))));
			},
			uninstall() {
				return new Promise((resolve, reject) => reject(new Missing('gone')));
			},
			upgrade() {
				const last = Promise.resolve().then(() => last);

				return last;
			},
			addInstance() {
				return Promise.all([1, Promise.reject(new RangeError('x'))]);
			},
			findInstances() {
				return Promise.reject();
			}
		}
	};
})();
