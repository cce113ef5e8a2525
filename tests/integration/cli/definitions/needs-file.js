/* SPDX-License-Identifier: MIT */
/* Needs a file; its name and description try to steer the terminal. */
global.installedExtension = {
	apiVersion: '0.2.0',
	extension: {
		name: 'Needs\u001b]0;title\u0007 a file',
		category: 'test',
		description: 'red \u001b[31m\u202etxt and\nsecond line \u009b31m',
		installableVersions: [{name: '2.0.0', latest: true, deprecated: false}],
		bucketFsUploads: [
			{name: 'A driver', bucketFsFilename: 'driver.jar', fileSize: 3,
				downloadUrl: 'https://example.org/driver.jar', licenseUrl: ''}
		],
		findInstallations: function () {
			return [];
		}
	}
};
