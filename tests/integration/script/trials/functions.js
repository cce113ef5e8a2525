// SPDX-License-Identifier: MIT
// What each of the newer functions gets; all others get the context first.
global.installedExtension = {
	apiVersion: '0.2.0',
	extension: {
		name: 'Functions',
		validate: function (values) {
			return [arguments.length, values.values[0].name];
		},
		check: function (context) {
			return [arguments.length, typeof context.sqlClient.query];
		},
		upgradeInstance: function (context, id, from, to) {
			return [typeof context, id, from, to];
		},
		updateInstance: function (context, version, id, values) {
			return [typeof context, version, id, values];
		}
	}
};
