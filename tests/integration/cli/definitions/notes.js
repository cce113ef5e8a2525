/* SPDX-License-Identifier: MIT */
/* Boards with notes: a small extension with everything that the command line shows. */
(function () {
	'use strict';

	function query(context, sql) {
		return context.sqlClient.query.apply(context.sqlClient, [].slice.call(arguments, 1));
	}

	function exists(context) {
		return query(context, "SELECT 1 FROM sqlite_master WHERE name = 'notes_version'").rows
			.length > 0;
	}

	function installedVersion(context) {
		return query(context, 'SELECT version FROM notes_version').rows[0][0];
	}

	function valueOf(parameters, name) {
		var found = parameters.values.filter(function (value) {
			return value.name === name;
		});
		return found.length ? found[0].value : null;
	}

	function thrown(status, message) {
		var error = new Error(message);
		error.status = status;
		return error;
	}

	global.installedExtension = {
		apiVersion: '0.2.0',
		extension: {
			name: 'Notes',
			category: 'test',
			description: 'Boards with notes',
			installableVersions: [
				{name: '1.0.0', latest: false, deprecated: true},
				{name: '1.1.0', latest: true, deprecated: false}
			],
			bucketFsUploads: [],
			replaceable: true,
			install: function (context, version) {
				console.log('installing notes');
				context.sqlClient.execute('CREATE TABLE notes_version (version TEXT)');
				context.sqlClient.execute('CREATE TABLE notes_board (' +
					'id INTEGER PRIMARY KEY, title TEXT, color TEXT, secret TEXT, body TEXT)');
				context.sqlClient.execute('INSERT INTO notes_version VALUES (?)', version);
			},
			uninstall: function (context) {
				context.sqlClient.execute('DROP TABLE notes_board');
				context.sqlClient.execute('DROP TABLE notes_version');
			},
			upgrade: function (context) {
				var previous;
				if (!exists(context)) {
					throw thrown(412, 'Notes are not installed');
				}
				previous = installedVersion(context);
				context.sqlClient.execute("UPDATE notes_version SET version = '1.1.0'");
				return {previousVersion: previous, newVersion: '1.1.0'};
			},
			findInstallations: function (context) {
				if (!exists(context)) {
					return [];
				}
				return [{name: 'Notes', version: installedVersion(context)}];
			},
			getInstanceParameters: function () {
				return [
					{id: 'title', name: 'Title', type: 'string', required: true, regex: '^[a-z]+$'},
					{id: 'color', name: 'Color', type: 'select', default: 'red',
						options: [{id: 'red', name: 'Red'}, {id: 'blue', name: 'Blue'}]},
					{id: 'locked', name: 'Locked', type: 'boolean', default: 'false'},
					{id: 'password', name: 'Password', type: 'string', required: true, secret: true,
						condition: {parameter: 'locked', operator: 0, value: 'true'}},
					{id: 'body', name: 'Body', type: 'string', multiline: true}
				];
			},
			addInstance: function (context, version, parameters) {
				context.sqlClient.execute(
					'INSERT INTO notes_board (title, color, secret, body) VALUES (?, ?, ?, ?)',
					valueOf(parameters, 'title'), valueOf(parameters, 'color'),
					valueOf(parameters, 'password'), valueOf(parameters, 'body'));
				return {
					id: String(query(context, 'SELECT max(id) FROM notes_board').rows[0][0]),
					name: valueOf(parameters, 'title')
				};
			},
			findInstances: function (context) {
				return query(context, 'SELECT id, title FROM notes_board ORDER BY id').rows.map(
					function (row) {
						return {id: String(row[0]), name: row[1]};
					});
			},
			deleteInstance: function (context, version, id) {
				context.sqlClient.execute('DELETE FROM notes_board WHERE id = ?', Number(id));
			},
			readInstanceParameterValues: function (context, version, id) {
				var row = query(context, 'SELECT title, color, secret, body FROM notes_board ' +
					'WHERE id = ?', Number(id)).rows[0];
				return {values: [
					{name: 'title', value: row[0]},
					{name: 'color', value: row[1]},
					{name: 'password', value: row[2]},
					{name: 'body', value: row[3]}
				].filter(function (value) {
					return value.value !== null;
				})};
			}
		}
	};
}());
