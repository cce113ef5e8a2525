// SPDX-License-Identifier: MIT
/*
 * audit-log: records changes of tables, on SQLite (3.38 or newer) and PostgreSQL (13 or newer).
 *
 *   install    makes the table audit_log, one for settings and a marker of the version
 *   instance   one audited table: triggers write each changed row into audit_log as JSON, and drop
 *              its entries that are older than keep-days
 *   upgrade    1.0.0 to 1.1.0: the row before an update is recorded too, on PostgreSQL also who
 *              changed it; what was recorded stays
 *   uninstall  drops everything, the recorded changes included
 *
 * Columns of audit_log: id, changed_at, table_name (the id of the instance), operation (insert,
 * update, delete), row_data (the row after the change; the lost one for delete); since 1.1.0
 * old_row (the row before an update) and, on PostgreSQL, changed_by.
 *
 * Good to know: SQLite fixes a table's columns in its triggers, so make the instance again after
 * ALTER TABLE ADD COLUMN; what INSERT OR REPLACE drops silently is not recorded there. On
 * PostgreSQL TRUNCATE is not recorded.
 */
import {failure, register, type Context, type Parameter, type ParameterValues} from 'extmgr-definition-kit';
import {
	INSTANCE, LATEST, LOG, NAME, VERSION, checkVersion, qualify, queryRows,
	type Dialect, type Instance, type Operation, type Table, type Values,
} from './audit-log/common';
import {postgresql} from './audit-log/postgresql';
import {sqlite} from './audit-log/sqlite';

function isSupported(context: Context) {
	return context.dialect === 'sqlite' || context.dialect === 'postgresql';
}

function dialectOf(context: Context): Dialect {
	if (!isSupported(context)) {
		throw failure(412, 'The audit log works on SQLite and PostgreSQL only, not on ' +
			      context.dialect);
	}
	return context.dialect === 'sqlite' ? sqlite : postgresql;
}

/* The installed version, or null. The tables decide, not what was called before. */
function installedVersion(context: Context): string | null {
	if (!isSupported(context) || !dialectOf(context).hasTable(context, VERSION)) {
		return null;
	}
	const rows = queryRows(context, 'SELECT version FROM ' + qualify(context, VERSION));
	return rows.length === 1 ? rows[0][0] : null;
}

function requireInstalled(context: Context, version: string) {
	const installed = installedVersion(context);

	if (installed === null) {
		throw failure(404, 'The audit log is not installed');
	}
	if (installed !== version) {
		throw failure(412, "The audit log is installed in version '" + installed +
			      "', not '" + version + "'");
	}
}

/* An instance as the extension keeps it. */
interface AuditedTable extends Instance, Table {}

/* All instances, or the one with the id: [{key, id, schema, name, operations, keepDays}]. */
function readInstances(context: Context, id?: string): AuditedTable[] {
	if (installedVersion(context) === null) {
		return [];
	}
	const sql = 'SELECT key, id, table_schema, table_name, operations, keep_days FROM ' +
		qualify(context, INSTANCE);
	const rows = id === undefined ? queryRows(context, sql + ' ORDER BY id')
				: queryRows(context, sql + ' WHERE id = ?', id);
	return rows.map((row) => {
		return {
			key: row[0], id: row[1], schema: row[2], name: row[3],
			operations: readOperations(row[4]), keepDays: row[5]
		};
	});
}

/* 'insert,delete' or '', all of them. */
function readOperations(text: string): Operation[] {
	return (text || 'insert,update,delete').split(',') as Operation[];
}

/* Values by name; what was not given is "". */
function readParameters(parameters: ParameterValues): Values {
	const values: Values = {table: '', schema: '', operations: '', 'keep-days': ''};

	parameters.values.forEach(({name, value}) => {
		values[name as keyof Values] = value;
	});
	return values;
}

function isOwnTable(context: Context, table: Table): boolean {
	return table.schema === context.extensionSchemaName &&
		[LOG, INSTANCE, VERSION].indexOf(table.name) >= 0;
}

function upgradeTo110(context: Context) {
	dialectOf(context).upgradeLog(context);
	context.sqlClient.execute('UPDATE ' + qualify(context, VERSION) + ' SET version = ?',
		LATEST);
}

/* ---- The functions that the extension manager calls ---- */

function findInstallations(context: Context) {
	const version = installedVersion(context);

	return version === null ? [] : [{name: NAME, version: version}];
}

function install(context: Context, version: string) {
	const dialect = dialectOf(context);

	checkVersion(version);
	const installed = installedVersion(context);
	if (installed === version) {
		return;
	}
	if (installed !== null) {
		throw failure(412, "The audit log is already installed in version '" +
			      installed + "'");
	}
	dialect.createLog(context);
	context.sqlClient.execute('CREATE TABLE ' + qualify(context, INSTANCE) + ' (' +
		'key INTEGER PRIMARY KEY, ' +
		'id TEXT NOT NULL UNIQUE, ' +
		'table_schema TEXT NOT NULL, ' +
		'table_name TEXT NOT NULL, ' +
		'operations TEXT NOT NULL, ' +
		'keep_days TEXT NOT NULL)');
	context.sqlClient.execute('CREATE TABLE ' + qualify(context, VERSION) +
		' (version TEXT NOT NULL)');
	context.sqlClient.execute('INSERT INTO ' + qualify(context, VERSION) +
		' (version) VALUES (?)', '1.0.0');
	/* The newer version is the older one and its upgrade, so the two ways cannot differ. */
	if (version !== '1.0.0') {
		upgradeTo110(context);
	}
	dialect.createFunctions(context, version);
}

function upgrade(context: Context) {
	const dialect = dialectOf(context);
	const installed = installedVersion(context);

	if (installed === null) {
		throw failure(412, 'The audit log is not installed');
	}
	if (installed === LATEST) {
		throw failure(412, 'Extension is already installed in latest version ' + LATEST);
	}
	upgradeTo110(context);
	dialect.createFunctions(context, LATEST);
	dialect.upgradeTriggers(context, LATEST, readInstances(context));
	return {previousVersion: installed, newVersion: LATEST};
}

function uninstall(context: Context, version: string) {
	checkVersion(version);
	if (installedVersion(context) === null) {
		return;
	}
	const instances = readInstances(context);
	if (instances.length > 0) {
		throw failure(400, 'Tables are still audited: ' +
			      instances.map((instance) => {
				      return instance.id;
			      }).join(', '));
	}
	dialectOf(context).dropFunctions(context);
	[LOG, INSTANCE, VERSION].forEach((name) => {
		context.sqlClient.execute('DROP TABLE ' + qualify(context, name));
	});
}

function getInstanceParameters(_context: Context, version: string): Parameter[] {
	checkVersion(version);
	return [
		{
			id: 'table', name: 'Table', type: 'string', required: true, maxLength: 255,
			immutable: true,
			description: 'The table to audit. On PostgreSQL "schema.table", or a ' +
				'table of the search path.',
			placeholder: 'orders'
		},
		{
			id: 'schema', name: 'Schema', type: 'string', maxLength: 255,
			immutable: true,
			description: 'PostgreSQL: the schema of the table. With a schema the ' +
				'name of the table may hold a dot.'
		},
		{
			id: 'operations', name: 'Operations', type: 'select',
			description: 'Which changes are recorded; all of them when empty.',
			default: 'insert,update,delete',
			options: [
				{id: 'insert,update,delete', name: 'All changes'},
				{id: 'insert', name: 'Inserts'},
				{id: 'update', name: 'Updates'},
				{id: 'delete', name: 'Deletes'},
				{id: 'insert,update', name: 'Inserts and updates'},
				{id: 'insert,delete', name: 'Inserts and deletes'},
				{id: 'update,delete', name: 'Updates and deletes'}
			]
		},
		{
			id: 'keep-days', name: 'Days to keep', type: 'string', regex: '^\\d{1,5}$',
			description: 'Older entries of the table are dropped at its next ' +
				'change; kept for ever when empty.',
			placeholder: '90'
		}
	];
}

function addInstance(context: Context, version: string, parameters: ParameterValues) {
	const values = readParameters(parameters);
	const dialect = dialectOf(context);

	checkVersion(version);
	requireInstalled(context, version);
	const table = dialect.findTable(context, values);
	if (table === null) {
		throw failure(400, "Table '" + values.table + "' does not exist");
	}
	if (isOwnTable(context, table)) {
		throw failure(400, "Table '" + table.id + "' belongs to the audit log itself");
	}
	if (readInstances(context, table.id).length > 0) {
		throw failure(400, "Table '" + table.id + "' is already audited");
	}
	const instance: Instance = {
		key: queryRows(context, 'SELECT coalesce(max(key), 0) + 1 FROM ' +
			qualify(context, INSTANCE))[0][0],
		id: table.id,
		operations: readOperations(values.operations),
		keepDays: values['keep-days']
	};
	context.sqlClient.execute('INSERT INTO ' + qualify(context, INSTANCE) +
		' (key, id, table_schema, table_name, operations, keep_days) ' +
		'VALUES (?, ?, ?, ?, ?, ?)',
		instance.key, instance.id, table.schema, table.name,
		instance.operations.join(','), instance.keepDays);
	dialect.createTriggers(context, version, instance, table);
	return {id: instance.id, name: instance.id};
}

function findInstances(context: Context, version: string) {
	checkVersion(version);
	return readInstances(context).map((instance) => {
		return {id: instance.id, name: instance.id};
	});
}

function readInstanceParameterValues(context: Context, version: string, instanceId: string) {
	checkVersion(version);
	const instances = readInstances(context, instanceId);
	if (instances.length === 0) {
		throw failure(404, "Table '" + instanceId + "' is not audited");
	}
	return {
		values: [
			{name: 'table', value: instances[0].name},
			{name: 'schema', value: instances[0].schema},
			{name: 'operations', value: instances[0].operations.join(',')},
			{name: 'keep-days', value: instances[0].keepDays}
		]
	};
}

/* What is recorded from now on; what was recorded stays. The table of an instance is immutable. */
function updateInstance(context: Context, version: string, instanceId: string, parameters: ParameterValues) {
	const values = readParameters(parameters);
	const dialect = dialectOf(context);

	checkVersion(version);
	requireInstalled(context, version);
	const instance = readInstances(context, instanceId)[0];
	const table = instance ? dialect.auditedTable(context, instance) : null;
	if (table === null) {
		throw failure(412, "The audited table '" + instanceId + "' is gone");
	}
	dialect.dropTriggers(context, instance);
	instance.operations = readOperations(values.operations);
	instance.keepDays = values['keep-days'];
	context.sqlClient.execute('UPDATE ' + qualify(context, INSTANCE) +
		' SET operations = ?, keep_days = ? WHERE id = ?',
		instance.operations.join(','), instance.keepDays, instance.id);
	dialect.createTriggers(context, version, instance, table);
}

/* The recorded changes stay. */
function deleteInstance(context: Context, version: string, instanceId: string) {
	checkVersion(version);
	readInstances(context, instanceId).forEach((instance) => {
		dialectOf(context).dropTriggers(context, instance);
		context.sqlClient.execute('DELETE FROM ' + qualify(context, INSTANCE) +
			' WHERE id = ?', instance.id);
	});
}

/*
 * Each instance has its triggers, and nobody has switched them off. On SQLite an audited table that
 * was dropped takes its triggers with it.
 */
function check(context: Context) {
	if (installedVersion(context) === null) {
		return ['the table ' + VERSION + ' is gone'];
	}
	return readInstances(context).filter((instance) => {
		return dialectOf(context).countTriggers(context, instance) <
			dialectOf(context).expectedTriggers(instance);
	}).map((instance) => {
		return "table '" + instance.id + "' is no longer recorded: its triggers are gone " +
			'or disabled; delete the instance and create it again';
	});
}

register({
	name: NAME,
	category: 'auditing',
	description: 'Records inserts, updates and deletes of tables, row by row',
	installableVersions: [
		{name: LATEST, latest: true, deprecated: false},
		{name: '1.0.0', latest: false, deprecated: false}
	],
	bucketFsUploads: [],
	findInstallations,
	install,
	upgrade,
	uninstall,
	getInstanceParameters,
	addInstance,
	findInstances,
	readInstanceParameterValues,
	updateInstance,
	deleteInstance,
	check,
});
