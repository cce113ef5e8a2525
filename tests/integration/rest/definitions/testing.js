/* SPDX-License-Identifier: MIT */
/* A small extension on SQLite and PostgreSQL: versions 1.0.0 and 1.1.0, instances are rows. */
(function () {
	'use strict';

	function table(context, name) {
		return context.quoteIdentifier(context.extensionSchemaName) + '.' +
			context.quoteIdentifier(name);
	}

	function rows(context, sql) {
		return context.sqlClient.query.apply(null, [].slice.call(arguments, 1)).rows;
	}

	function exists(context) {
		return context.dialect === 'sqlite'
			? rows(context, "SELECT name FROM sqlite_master WHERE name = 'rest_version'").length > 0
			: rows(context, 'SELECT tablename FROM pg_tables WHERE schemaname = ? AND ' +
				"tablename = 'rest_version'", context.extensionSchemaName).length > 0;
	}

	function thrown(status, message) {
		var error = new Error(message);
		error.status = status;
		return error;
	}

	function checkVersion(version) {
		if (version !== '1.0.0' && version !== '1.1.0') {
			throw thrown(404, "Version '" + version + "' not supported");
		}
	}

	global.installedExtension = {
		apiVersion: '0.2.0',
		extension: {
			name: 'Testing <extension>',
			category: 'test',
			description: 'For the tests of REST & co',
			installableVersions: [
				{name: '1.0.0', latest: false, deprecated: true},
				{name: '1.1.0', latest: true, deprecated: false}
			],
			bucketFsUploads: [],
			replaceable: true,
			findInstallations: function (context) {
				return exists(context)
					? [{name: 'Testing', version: rows(context, 'SELECT version FROM ' +
						table(context, 'rest_version'))[0][0]}]
					: [];
			},
			install: function (context, version) {
				checkVersion(version);
				if (exists(context)) {
					return;
				}
				context.sqlClient.execute('CREATE TABLE ' + table(context, 'rest_version') +
					' (version VARCHAR(20))');
				context.sqlClient.execute('CREATE TABLE ' + table(context, 'rest_instance') +
					' (name VARCHAR(100), secret VARCHAR(100))');
				context.sqlClient.execute('INSERT INTO ' + table(context, 'rest_version') +
					' VALUES (?)', version);
			},
			uninstall: function (context, version) {
				checkVersion(version);
				context.sqlClient.execute('DROP TABLE ' + table(context, 'rest_instance'));
				context.sqlClient.execute('DROP TABLE ' + table(context, 'rest_version'));
			},
			upgrade: function (context) {
				var previous;
				if (!exists(context)) {
					throw thrown(412, 'Not installed');
				}
				previous = rows(context, 'SELECT version FROM ' + table(context, 'rest_version'))[0][0];
				if (previous === '1.1.0') {
					throw thrown(432, 'Extension is already up to date');
				}
				context.sqlClient.execute('UPDATE ' + table(context, 'rest_version') +
					" SET version = '1.1.0'");
				return {previousVersion: previous, newVersion: '1.1.0'};
			},
			getInstanceParameters: function (context, version) {
				checkVersion(version);
				return [
					{id: 'name', name: 'Name for ' + version, type: 'string', required: true,
						regex: '^[a-z<>/ ]+$'},
					{id: 'secret', name: 'Secret', type: 'string', secret: true}
				];
			},
			addInstance: function (context, version, parameters) {
				var name = parameters.values[0].value;
				var secret = parameters.values.length > 1 ? parameters.values[1].value : null;
				context.sqlClient.execute('INSERT INTO ' + table(context, 'rest_instance') +
					' VALUES (?, ?)', name, secret);
				return {id: name, name: 'Instance ' + name};
			},
			findInstances: function (context, version) {
				checkVersion(version);
				return exists(context)
					? rows(context, 'SELECT name FROM ' + table(context, 'rest_instance') +
						' ORDER BY name').map(function (row) {
							return {id: row[0], name: 'Instance ' + row[0]};
						})
					: [];
			},
			readInstanceParameterValues: function (context, version, id) {
				var found = rows(context, 'SELECT name, secret FROM ' +
					table(context, 'rest_instance') + ' WHERE name = ?', id)[0];
				return {values: [{name: 'name', value: found[0]},
					{name: 'secret', value: found[1]}].filter(function (value) {
						return value.value !== null;
					})};
			},
			deleteInstance: function (context, version, id) {
				checkVersion(version);
				context.sqlClient.execute('DELETE FROM ' + table(context, 'rest_instance') +
					' WHERE name = ?', id);
			}
		}
	};
}());
