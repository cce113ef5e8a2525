/* SPDX-License-Identifier: MIT */
/* For the page: all kinds of parameters, conditions, a secret; an instance is a row of values. */
(function () {
	'use strict';

	var NAMES = ['name', 'source', 'bucket', 'region', 'url', 'password', 'size', 'fast'];

	function rows(context, sql) {
		return context.sqlClient.query.apply(null, [].slice.call(arguments, 1)).rows;
	}

	function exists(context, name) {
		return rows(context, 'SELECT name FROM sqlite_master WHERE name = ?', name).length > 0;
	}

	function version(context) {
		return exists(context, 'trial_version') ? rows(context, 'SELECT version FROM trial_version')[0][0] : null;
	}

	function valuesOf(parameters) {
		return NAMES.map(function (name) {
			var found = parameters.values.filter(function (value) { return value.name === name; })[0];

			return found ? found.value : null;
		});
	}

	function fail(message) {
		var error = new Error(message);
		error.status = 400;
		return error;
	}

	global.installedExtension = {
		apiVersion: '0.2.0',
		extension: {
			name: 'Trial <b onclick="alert(1)">of</b> the page',
			category: 'trial <i>category</i>',
			description: 'Has "all kinds" of parameters & <script>document.title = "owned"</script> markup.',
			installableVersions: [
				{name: '1.1.0', latest: true, deprecated: false},
				{name: '1.0.0', latest: false, deprecated: true}
			],
			bucketFsUploads: [],
			findInstallations: function (context) {
				var found = version(context);

				return found ? [{name: 'Trial', version: found}] : [];
			},
			install: function (context, wanted) {
				context.sqlClient.execute('CREATE TABLE trial_version (version TEXT)');
				context.sqlClient.execute('CREATE TABLE trial_instance (' + NAMES.join(', ') + ')');
				if (exists(context, 'trial_extra')) {
					context.sqlClient.execute('CREATE INDEX trial_by_name ON trial_instance (name)');
				}
				context.sqlClient.execute('INSERT INTO trial_version VALUES (?)', wanted);
			},
			uninstall: function (context) {
				context.sqlClient.execute('DROP TABLE trial_instance');
				context.sqlClient.execute('DROP TABLE trial_version');
			},
			upgrade: function (context) {
				var previous = version(context);

				context.sqlClient.execute("UPDATE trial_version SET version = '1.1.0'");
				return {previousVersion: previous, newVersion: '1.1.0'};
			},
			getInstanceParameters: function () {
				return [
					{id: 'name', name: 'Name <u>of it</u>', type: 'string', required: true, regex: '^[a-z]{2,20}$',
						immutable: true, description: 'Two to twenty small letters.', placeholder: 'orders'},
					{id: 'source', name: 'Source', type: 'select', required: true,
						options: [{id: 'bucket', name: 'A bucket'}, {id: 'web', name: 'A web server'}]},
					{id: 'size', name: 'Size', type: 'integer', min: 1, max: 100, 'default': '10',
						description: 'In megabytes, from 1 to 100.'},
					{id: 'fast', name: 'Fast mode', type: 'boolean'},
					{id: 'bucket', name: 'Bucket', type: 'string', required: true,
						condition: {parameter: 'source', operator: 'EQ', value: 'bucket'}},
					{id: 'region', name: 'Region', type: 'string', description: 'Of the bucket.',
						condition: {parameter: 'source', operator: 'EQ', value: 'bucket'}},
					{id: 'url', name: 'Address', type: 'string', required: true,
						condition: {parameter: 'source', operator: 'EQ', value: 'web'}},
					{id: 'password', name: 'Password', type: 'string', secret: true, required: true}
				];
			},
			validate: function (parameterValues) {
				var name = valuesOf(parameterValues)[0];

				return name === 'forbidden' ? {name: 'name', message: 'The name is taken by the house.'} : '';
			},
			addInstance: function (context, _, parameters) {
				var values = valuesOf(parameters);

				if (values[0] === 'broken') {
					throw fail('The database says no: ' + values[0]);
				}
				context.sqlClient.execute.apply(null, ['INSERT INTO trial_instance VALUES (?, ?, ?, ?, ?, ?, ?, ?)']
					.concat(values));
				return {id: values[0], name: values[0]};
			},
			findInstances: function (context) {
				return exists(context, 'trial_instance')
					? rows(context, 'SELECT name FROM trial_instance ORDER BY name').map(function (row) {
						return {id: row[0], name: row[0]};
					})
					: [];
			},
			readInstanceParameterValues: function (context, _, id) {
				var found = rows(context, 'SELECT ' + NAMES.join(', ') + ' FROM trial_instance WHERE name = ?', id)[0];

				return {values: NAMES.map(function (name, index) {
					return {name: name, value: found[index]};
				}).filter(function (value) {
					return value.value !== null;
				})};
			},
			updateInstance: function (context, _, id, parameters) {
				/* A secret that stays is not among the values. */
				parameters.values.forEach(function (value) {
					context.sqlClient.execute('UPDATE trial_instance SET ' + value.name + ' = ? WHERE name = ?',
						value.value, id);
				});
			},
			deleteInstance: function (context, _, id) {
				context.sqlClient.execute('DELETE FROM trial_instance WHERE name = ?', id);
			}
		}
	};
}());
