/* SPDX-License-Identifier: MIT */
/* For the page: an installation that ends at once in a rehearsal, and never when it is meant. */
global.installedExtension = {
	apiVersion: '0.2.0',
	extension: {
		name: 'Slow', category: 'trial', description: 'Takes as long as one wants.',
		installableVersions: [{name: '1.0.0', latest: true, deprecated: false}],
		bucketFsUploads: [],
		findInstallations: function () { return []; },
		install: function (context) {
			context.sqlClient.execute('CREATE TABLE slow_begun (a INTEGER)');
			context.sqlClient.query("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n " +
				"WHERE EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'slow_for_ever')) SELECT count(*) FROM n");
		}
	}
};
