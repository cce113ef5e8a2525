// SPDX-License-Identifier: MIT
// A third party's extension without instances: nothing of the published base classes is in it.
(function () {
	var VERSION = '2.0.0';

	function fail(status, message) {
		var error = new Error(message);

		error.status = status;
		throw error;
	}

	function checkVersion(version) {
		if (version !== VERSION)
			fail(404, "Version '" + version + "' not supported, can only use '" + VERSION + "'.");
	}

	function installed(context) {
		var tables = context.sqlClient.query("SELECT name FROM sqlite_master WHERE name = 'ledger'").rows;

		return tables.length === 0 ? null
			: context.sqlClient.query('SELECT version FROM ledger_version').rows[0][0];
	}

	global.installedExtension = {
		apiVersion: '0.2.0',
		extension: {
			name: 'Ledger',
			category: 'accounting',
			description: 'Keeps accounts',
			installableVersions: [{name: VERSION, latest: true, deprecated: false}],
			findInstallations: function (context) {
				var version = installed(context);

				return version === null ? [] : [{name: 'Ledger', version: version}];
			},
			install: function (context, version) {
				checkVersion(version);
				if (installed(context) !== null)
					return;
				context.sqlClient.execute('CREATE TABLE ledger (id INTEGER PRIMARY KEY, amount TEXT)');
				context.sqlClient.execute('CREATE TABLE ledger_version (version TEXT)');
				context.sqlClient.execute('INSERT INTO ledger_version VALUES (?)', version);
			},
			uninstall: function (context, version) {
				checkVersion(version);
				context.sqlClient.execute('DROP TABLE IF EXISTS ledger');
				context.sqlClient.execute('DROP TABLE IF EXISTS ledger_version');
			},
			upgrade: function (context) {
				var version = installed(context);

				if (version === null)
					fail(412, 'Ledger is not installed');
				if (version === VERSION)
					fail(412, 'Extension is already installed in latest version ' + VERSION);
				context.sqlClient.execute('ALTER TABLE ledger ADD COLUMN note TEXT');
				context.sqlClient.execute('UPDATE ledger_version SET version = ?', VERSION);
				return {previousVersion: version, newVersion: VERSION};
			}
		}
	};
}());
