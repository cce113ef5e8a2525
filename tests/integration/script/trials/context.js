// SPDX-License-Identifier: MIT
// What the context has, and what it does with arguments that are missing.
global.installedExtension = {
	apiVersion: '0.2.0',
	extension: {
		name: 'Context',
		install: function (context) {
			return [context, context.sqlClient, context.files, context.metadata].map(Object.keys);
		},
		addInstance: function (context) {
			return context.files.resolvePath();
		},
		findInstances: function (context) {
			return context.metadata.getScriptByName();
		},
		validate: function (values) {
			return [Object.keys(values), values.a, 'a \ud800'];
		},
		upgrade: function () {
			throw {status: 412, get name() {
				throw new Error('no name');
			}};
		},
		uninstall: function () {
			throw {status: 404, name: 'N', message: {toString: function () {
				throw new Error('no text');
			}}};
		}
	}
};
