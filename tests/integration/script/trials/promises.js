// SPDX-License-Identifier: MIT
// Promises, what they leave behind, and objects that are none.
global.installedExtension = {
	apiVersion: '0.2.0',
	extension: {
		name: 'Promises',
		install: function (context, version) {
			return Promise.resolve(version).then(function (value) {
				context.sqlClient.execute('THEN ' + value);
				return value + '!';
			});
		},
		findInstances: function () {
			return Promise.reject(new TypeError('rejected'));
		},
		addInstance: function (context) {
			Promise.resolve().then(function () {
				context.sqlClient.execute('later');
			}).then(function () {
				console.log('done');
			});
			Promise.reject(new Error('nobody cares'));
			return 'now';
		},
		check: function () {
			return {then: function (resolve) {
				resolve(5);
			}, is: 'no promise'};
		}
	}
};
