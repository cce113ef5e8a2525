/* SPDX-License-Identifier: MIT */
/* Changes the database and then never ends: for signals and deadlines. */
global.installedExtension = {
	apiVersion: '0.2.0',
	extension: {
		name: 'Loops',
		category: 'test',
		description: 'Never ends',
		installableVersions: [{name: '1.0.0', latest: true, deprecated: false}],
		bucketFsUploads: [],
		findInstallations: function () {
			return [];
		},
		install: function (context) {
			context.sqlClient.execute('CREATE TABLE loops (a INTEGER)');
			console.log('now looping');
			for (;;) {
			}
		}
	}
};
