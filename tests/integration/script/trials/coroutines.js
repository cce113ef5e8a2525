// SPDX-License-Identifier: MIT
// The services of the host, and their errors, in generators and asynchronous functions.
function* names(context) {
	for (const [name] of context.sqlClient.query('NAMES').rows) {
		console.log(`name ${name}`);
		yield context.quoteIdentifier(name);
	}
}

function* statements(context) {
	for (const name of names(context)) {
		try {
			yield context.sqlClient.execute(`DROP ${name}`);
		} catch (error) {
			console.log(error.message);
			yield `not ${name}`;
		} finally {
			context.sqlClient.execute(`DONE ${name}`);
		}
	}
}

global.installedExtension = {
	apiVersion: '0.2.0',
	extension: {
		name: 'Coroutines',
		async install(context, version) {
			for (const done of statements(context))
				console.log(String(await done));
			return version;
		},
		async uninstall(context) {
			await null;
			context.sqlClient.execute('FAILS');
		},
		*findInstances(context) {
			for (const name of names(context))
				yield {id: name, name};
		},
		async deleteInstance(context) {
			await Promise.resolve();
			context.files.resolvePath('missing.jar');
		},
		async upgrade(context) {
			const failure = new Error('precondition');

			failure.status = 412;
			await Promise.reject(failure);
		},
		async check() {
			return [...(function* () {
				yield 'one';
				yield* ['two'];
			})()];
		},
		async addInstance(context) {
			names(context).next(5);
			await {then: 'no function'};
			null.nothing;
		}
	}
};
