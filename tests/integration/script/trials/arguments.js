// SPDX-License-Identifier: MIT
// What the context's functions take, and how they fail.
(() => {
	const attempt = (name, f) => {
		try {
			console.log(name, JSON.stringify(f()));
		} catch (e) {
			console.log(name, e instanceof Error, e.name, e.message, e.status);
		}
	};
	const odd = [undefined, null, 5, true, {a: 1}, [1], () => 1, Symbol.iterator, new Date(0), new String('s'), NaN];

	global.installedExtension = {
		apiVersion: '0.2.0',
		extension: {
			name: 'Context',
			findInstallations(context, metadata) {
				const {sqlClient, bucketFs, metadata: {getScriptByName}} = context;
				const {resolvePath} = bucketFs;
				const {query} = sqlClient;

				console.log(Object.keys(metadata).sort(), metadata.allScripts.rows.map((row) => Object.keys(row)));
				odd.forEach((value, i) => {
					attempt(`script ${i}`, () => getScriptByName(value));
					attempt(`path ${i}`, () => resolvePath(value));
					attempt(`sql ${i}`, () => query(value));
					attempt(`argument ${i}`, () => query('SELECT ?', value));
				});
				attempt('none', () => [getScriptByName('NONE'), getScriptByName('a')]);
				attempt('one', () => [getScriptByName('A'), resolvePath('a.jar')]);
				attempt('missing', () => resolvePath(''));
				attempt('fails', () => sqlClient.execute('FAIL'));
				attempt('result', () => {
					const result = query('SELECT rows');

					result.rows.push([9]);
					result.extra = 1;
					for (const [first, ...others] of result.rows)
						console.log(typeof first, first, others.length);
					return result;
				});
				context.own = 1;
				delete context.extensionSchemaName;
				console.log({...context}.own, context.extensionSchemaName);
				return [{name: 'n', version: 'v', gone: undefined, nan: NaN, at: new Date(0)}];
			}
		}
	};
})();
