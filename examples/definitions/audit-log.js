/* SPDX-License-Identifier: MIT */
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
'use strict';

var NAME = 'Audit log';
var LATEST = '1.1.0';
var VERSIONS = ['1.0.0', LATEST];

/* Our own tables, in the extension schema. */
var LOG = 'audit_log';
var INSTANCE = 'audit_log_instance';
var VERSION = 'audit_log_version';

/* ---- Errors: one with a status reaches the caller word for word ---- */

function failure(status, message) {
	var error = new Error(message);
	error.status = status;
	return error;
}

function checkVersion(version) {
	if (VERSIONS.indexOf(version) < 0) {
		throw failure(404, "Version '" + version + "' not supported, can only use '" +
			      VERSIONS.join("', '") + "'.");
	}
}

/* ---- Helpers for SQL ---- */

/* The name of one of our objects, to be put into a statement. */
function qualify(context, name) {
	return context.quoteIdentifier(context.extensionSchemaName) + '.' +
		context.quoteIdentifier(name);
}

function queryRows(context, sql) {
	return context.sqlClient.query.apply(null, [sql].concat([].slice.call(arguments, 2))).rows;
}

/* Names from the database are text of the user: they go through quoteIdentifier(), too. */
function quoteTable(context, table) {
	return context.quoteIdentifier(table.schema) + '.' + context.quoteIdentifier(table.name);
}

/* ---- SQLite ---- */

var SQLITE_NOW = "'%Y-%m-%dT%H:%M:%fZ', 'now'";

function sqliteHasTable(context, name) {
	return queryRows(context, 'SELECT name FROM sqlite_master ' +
		"WHERE type = 'table' AND name = ?", name).length > 0;
}

function sqliteCreateLog(context) {
	context.sqlClient.execute('CREATE TABLE ' + qualify(context, LOG) + ' (' +
		'id INTEGER PRIMARY KEY, ' +
		'changed_at TEXT NOT NULL DEFAULT (strftime(' + SQLITE_NOW + ')), ' +
		'table_name TEXT NOT NULL, ' +
		'operation TEXT NOT NULL, ' +
		'row_data TEXT NOT NULL)');
	/* The name of an index carries the schema, its table must not. */
	context.sqlClient.execute('CREATE INDEX ' + qualify(context, LOG + '_by_time') +
		' ON ' + context.quoteIdentifier(LOG) + ' (table_name, changed_at)');
}

/* SQLite knows no users, so there is no changed_by. */
function sqliteUpgradeLog(context) {
	context.sqlClient.execute('ALTER TABLE ' + qualify(context, LOG) +
		' ADD COLUMN old_row TEXT');
}

/* SQLite compares the names of tables without regard to case: the real name is the id. */
function sqliteFindTable(context, parameters) {
	var rows;

	if (parameters.schema && parameters.schema !== 'main') {
		throw failure(400, 'SQLite has no schemas: leave the schema empty');
	}
	rows = queryRows(context, "SELECT name FROM sqlite_master WHERE type = 'table' " +
		"AND name = ? COLLATE NOCASE AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' " +
		"AND sql NOT LIKE 'CREATE VIRTUAL%'", parameters.table);
	if (rows.length === 0) {
		return null;
	}
	return {schema: 'main', name: rows[0][0], id: rows[0][0]};
}

function sqliteTriggerName(key, operation) {
	return LOG + '_' + key + '_' + operation;
}

/*
 * An SQL expression: the row "NEW" or "OLD" as a JSON object. VALUES instead of json_object(),
 * which takes 127 arguments at most; a BLOB is no JSON value and is written in hexadecimal.
 */
function sqliteRowAsJson(context, row, columns) {
	var pairs = columns.map(function (column) {
		var value = row + '.' + context.quoteIdentifier(column);

		return '(' + context.quoteLiteral(column) + ', CASE typeof(' + value +
			") WHEN 'blob' THEN hex(" + value + ') ELSE ' + value + ' END)';
	});

	return '(SELECT json_group_object(column1, column2) FROM (VALUES ' +
		pairs.join(', ') + '))';
}

function sqliteRecord(context, version, instance, operation, columns) {
	var row = operation === 'delete' ? 'OLD' : 'NEW';
	var names = ['table_name', 'operation', 'row_data'];
	var values = [context.quoteLiteral(instance.id), context.quoteLiteral(operation),
		      sqliteRowAsJson(context, row, columns)];

	if (version !== '1.0.0' && operation === 'update') {
		names.push('old_row');
		values.push(sqliteRowAsJson(context, 'OLD', columns));
	}
	/* A statement inside a trigger must name its table without a schema. */
	return 'INSERT INTO ' + context.quoteIdentifier(LOG) + ' (' + names.join(', ') + ') ' +
		'SELECT ' + values.join(', ') + ';';
}

/* Recording comes first, so that the newest id is never given away twice. */
function sqlitePurge(context, instance) {
	if (instance.keepDays === '') {
		return '';
	}
	return ' DELETE FROM ' + context.quoteIdentifier(LOG) +
		' WHERE table_name = ' + context.quoteLiteral(instance.id) +
		' AND changed_at < strftime(' + SQLITE_NOW + ", '-" + Number(instance.keepDays) +
		" days');";
}

function sqliteCreateTriggers(context, version, instance, table) {
	/* hidden: 1 is a column of a virtual table; 2 and 3 are generated, and of interest. */
	var columns = queryRows(context, 'SELECT name FROM pragma_table_xinfo(?) ' +
		'WHERE hidden <> 1 ORDER BY cid', table.name).map(function (row) {
		return row[0];
	});

	instance.operations.forEach(function (operation) {
		context.sqlClient.execute('CREATE TRIGGER ' +
			qualify(context, sqliteTriggerName(instance.key, operation)) +
			' AFTER ' + operation.toUpperCase() +
			' ON ' + context.quoteIdentifier(table.name) + ' BEGIN ' +
			sqliteRecord(context, version, instance, operation, columns) +
			sqlitePurge(context, instance) + ' END');
	});
}

function sqliteDropTriggers(context, instance) {
	instance.operations.forEach(function (operation) {
		context.sqlClient.execute('DROP TRIGGER IF EXISTS ' +
			qualify(context, sqliteTriggerName(instance.key, operation)));
	});
}

/* The table as it is called now; null when it is gone, and its triggers with it. */
function sqliteAuditedTable(context, instance) {
	var rows = queryRows(context, "SELECT tbl_name FROM sqlite_master " +
		"WHERE type = 'trigger' AND name = ?",
		sqliteTriggerName(instance.key, instance.operations[0]));

	return rows.length === 0 ? null : {schema: 'main', name: rows[0][0]};
}

function sqliteUpgradeTriggers(context, version, instances) {
	instances.forEach(function (instance) {
		var table = sqliteAuditedTable(context, instance);

		if (!table) {
			console.warn('the audited table of instance ' + instance.key + ' is gone');
			return;
		}
		sqliteDropTriggers(context, instance);
		sqliteCreateTriggers(context, version, instance, table);
	});
}

function sqliteCountTriggers(context, instance) {
	var names = instance.operations.map(function (operation) {
		return context.quoteLiteral(sqliteTriggerName(instance.key, operation));
	});

	return queryRows(context, "SELECT name FROM sqlite_master WHERE type = 'trigger' " +
		'AND name IN (' + names.join(', ') + ')').length;
}

var sqlite = {
	hasTable: sqliteHasTable,
	createLog: sqliteCreateLog,
	upgradeLog: sqliteUpgradeLog,
	createFunctions: function () {},
	dropFunctions: function () {},
	findTable: sqliteFindTable,
	createTriggers: sqliteCreateTriggers,
	dropTriggers: sqliteDropTriggers,
	auditedTable: sqliteAuditedTable,
	upgradeTriggers: sqliteUpgradeTriggers,
	countTriggers: sqliteCountTriggers,
	expectedTriggers: function (instance) {
		return instance.operations.length;
	}
};

/* ---- PostgreSQL ---- */

/* Called by the triggers for each changed row, and once for each statement. */
var RECORD = LOG + '_record';
var PURGE = LOG + '_purge';

function postgresqlHasTable(context, name) {
	return queryRows(context, 'SELECT c.relname FROM pg_catalog.pg_class c ' +
		'JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace ' +
		"WHERE n.nspname = ? AND c.relname = ? AND c.relkind = 'r'",
		context.extensionSchemaName, name).length > 0;
}

function postgresqlCreateLog(context) {
	context.sqlClient.execute('CREATE TABLE ' + qualify(context, LOG) + ' (' +
		'id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, ' +
		'changed_at timestamptz NOT NULL DEFAULT now(), ' +
		'table_name text NOT NULL, ' +
		'operation text NOT NULL, ' +
		'row_data jsonb NOT NULL)');
	/* An index lies in the schema of its table. */
	context.sqlClient.execute('CREATE INDEX ' + context.quoteIdentifier(LOG + '_by_time') +
		' ON ' + qualify(context, LOG) + ' (table_name, changed_at)');
}

function postgresqlUpgradeLog(context) {
	context.sqlClient.execute('ALTER TABLE ' + qualify(context, LOG) +
		' ADD COLUMN old_row jsonb, ADD COLUMN changed_by text');
}

/*
 * SECURITY DEFINER: whoever may change an audited table needs no right on audit_log. Nobody else
 * may make triggers of these functions, and so write false entries.
 */
function postgresqlCreateFunction(context, name, body) {
	context.sqlClient.execute('CREATE OR REPLACE FUNCTION ' + qualify(context, name) +
		'() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER ' +
		'SET search_path = pg_catalog, pg_temp ' +
		'AS $body$ BEGIN ' + body + ' RETURN NULL; END $body$');
	context.sqlClient.execute('REVOKE ALL ON FUNCTION ' + qualify(context, name) +
		'() FROM PUBLIC');
}

/* Arguments of the triggers: the id of the instance and, for PURGE, the days to keep. */
function postgresqlCreateFunctions(context, version) {
	var names = ['table_name', 'operation', 'row_data'];
	var values = ['TG_ARGV[0]', 'lower(TG_OP)',
		      "CASE TG_OP WHEN 'DELETE' THEN to_jsonb(OLD) ELSE to_jsonb(NEW) END"];

	if (version !== '1.0.0') {
		names.push('old_row', 'changed_by');
		values.push("CASE TG_OP WHEN 'UPDATE' THEN to_jsonb(OLD) END", 'session_user');
	}
	postgresqlCreateFunction(context, RECORD, 'INSERT INTO ' + qualify(context, LOG) +
		' (' + names.join(', ') + ') VALUES (' + values.join(', ') + ');');
	/* SKIP LOCKED: writers that purge at the same time do not wait for each other. */
	postgresqlCreateFunction(context, PURGE, 'DELETE FROM ' + qualify(context, LOG) +
		' WHERE id IN (SELECT id FROM ' + qualify(context, LOG) +
		' WHERE table_name = TG_ARGV[0] AND changed_at < now() - ' +
		'make_interval(days => TG_ARGV[1]::integer) FOR UPDATE SKIP LOCKED);');
}

function postgresqlDropFunctions(context) {
	[RECORD, PURGE].forEach(function (name) {
		context.sqlClient.execute('DROP FUNCTION IF EXISTS ' +
			qualify(context, name) + '()');
	});
}

/* "schema.table" is understood when no schema is given; else the name is taken as it is. */
function postgresqlFindTable(context, parameters) {
	var sql = "SELECT n.nspname, c.relname, format('%I.%I', n.nspname, c.relname) " +
		'FROM pg_catalog.pg_class c ' +
		'JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace ' +
		"WHERE c.relkind IN ('r', 'p') AND ";
	var dot = parameters.table.indexOf('.');
	var rows;

	if (parameters.schema) {
		rows = queryRows(context, sql + 'n.nspname = ? AND c.relname = ?',
				 parameters.schema, parameters.table);
	} else if (dot > 0) {
		rows = queryRows(context, sql + 'n.nspname = ? AND c.relname = ?',
				 parameters.table.slice(0, dot), parameters.table.slice(dot + 1));
	} else {
		rows = queryRows(context, sql + 'c.oid = to_regclass(quote_ident(?))',
				 parameters.table);
	}
	if (rows.length === 0) {
		return null;
	}
	return {schema: rows[0][0], name: rows[0][1], id: rows[0][2]};
}

function postgresqlCreateTrigger(context, name, table, instance, calls) {
	context.sqlClient.execute('CREATE TRIGGER ' + context.quoteIdentifier(name) +
		' AFTER ' + instance.operations.join(' OR ').toUpperCase() +
		' ON ' + quoteTable(context, table) + ' ' + calls);
}

function postgresqlCreateTriggers(context, version, instance, table) {
	var id = context.quoteLiteral(instance.id);

	postgresqlCreateTrigger(context, LOG + '_' + instance.key, table, instance,
		'FOR EACH ROW EXECUTE FUNCTION ' + qualify(context, RECORD) + '(' + id + ')');
	if (instance.keepDays !== '') {
		postgresqlCreateTrigger(context, LOG + '_' + instance.key + '_purge', table,
			instance, 'FOR EACH STATEMENT EXECUTE FUNCTION ' + qualify(context, PURGE) +
			'(' + id + ', ' + context.quoteLiteral(instance.keepDays) + ')');
	}
}

/* Found by what they call: the table may have another name by now, or be gone. */
function postgresqlFindTriggers(context, instance) {
	return queryRows(context, 'SELECT t.tgname, n.nspname, c.relname ' +
		'FROM pg_catalog.pg_trigger t ' +
		'JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid ' +
		'JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace ' +
		'JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid ' +
		'JOIN pg_catalog.pg_namespace s ON s.oid = p.pronamespace ' +
		'WHERE s.nspname = ? AND t.tgname IN (?, ?) AND t.tgparentid = 0 ORDER BY 1',
		context.extensionSchemaName,
		LOG + '_' + instance.key, LOG + '_' + instance.key + '_purge');
}

function postgresqlDropTriggers(context, instance) {
	postgresqlFindTriggers(context, instance).forEach(function (row) {
		context.sqlClient.execute('DROP TRIGGER ' + context.quoteIdentifier(row[0]) +
			' ON ' + quoteTable(context, {schema: row[1], name: row[2]}));
	});
}

/* The table as it is called now; null when it is gone, and its triggers with it. */
function postgresqlAuditedTable(context, instance) {
	var rows = postgresqlFindTriggers(context, instance);

	return rows.length === 0 ? null : {schema: rows[0][1], name: rows[0][2]};
}

function postgresqlCountTriggers(context, instance) {
	return queryRows(context, 'SELECT t.tgname FROM pg_catalog.pg_trigger t ' +
		'JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid ' +
		'JOIN pg_catalog.pg_namespace s ON s.oid = p.pronamespace ' +
		"WHERE s.nspname = ? AND t.tgname IN (?, ?) AND t.tgparentid = 0 " +
		"AND t.tgenabled <> 'D'", context.extensionSchemaName,
		LOG + '_' + instance.key, LOG + '_' + instance.key + '_purge').length;
}

var postgresql = {
	hasTable: postgresqlHasTable,
	createLog: postgresqlCreateLog,
	upgradeLog: postgresqlUpgradeLog,
	createFunctions: postgresqlCreateFunctions,
	dropFunctions: postgresqlDropFunctions,
	findTable: postgresqlFindTable,
	createTriggers: postgresqlCreateTriggers,
	dropTriggers: postgresqlDropTriggers,
	auditedTable: postgresqlAuditedTable,
	/* The triggers call the functions by name: nothing to do, and no table to lock. */
	upgradeTriggers: function () {},
	countTriggers: postgresqlCountTriggers,
	expectedTriggers: function (instance) {
		return instance.keepDays === '' ? 1 : 2;
	}
};

/* ---- What both databases share ---- */

function isSupported(context) {
	return context.dialect === 'sqlite' || context.dialect === 'postgresql';
}

function dialectOf(context) {
	if (!isSupported(context)) {
		throw failure(412, 'The audit log works on SQLite and PostgreSQL only, not on ' +
			      context.dialect);
	}
	return context.dialect === 'sqlite' ? sqlite : postgresql;
}

/* The installed version, or null. The tables decide, not what was called before. */
function installedVersion(context) {
	var rows;

	if (!isSupported(context) || !dialectOf(context).hasTable(context, VERSION)) {
		return null;
	}
	rows = queryRows(context, 'SELECT version FROM ' + qualify(context, VERSION));
	return rows.length === 1 ? rows[0][0] : null;
}

function requireInstalled(context, version) {
	var installed = installedVersion(context);

	if (installed === null) {
		throw failure(404, 'The audit log is not installed');
	}
	if (installed !== version) {
		throw failure(412, "The audit log is installed in version '" + installed +
			      "', not '" + version + "'");
	}
}

/* All instances, or the one with the id: [{key, id, schema, name, operations, keepDays}]. */
function readInstances(context, id) {
	var sql;
	var rows;

	if (installedVersion(context) === null) {
		return [];
	}
	sql = 'SELECT key, id, table_schema, table_name, operations, keep_days FROM ' +
		qualify(context, INSTANCE);
	rows = id === undefined ? queryRows(context, sql + ' ORDER BY id')
				: queryRows(context, sql + ' WHERE id = ?', id);
	return rows.map(function (row) {
		return {
			key: row[0], id: row[1], schema: row[2], name: row[3],
			operations: row[4].split(','), keepDays: row[5]
		};
	});
}

/* Values by name; what was not given is "". */
function readParameters(parameters) {
	var values = {table: '', schema: '', operations: '', 'keep-days': ''};

	parameters.values.forEach(function (parameter) {
		values[parameter.name] = parameter.value;
	});
	return values;
}

function isOwnTable(context, table) {
	return table.schema === context.extensionSchemaName &&
		[LOG, INSTANCE, VERSION].indexOf(table.name) >= 0;
}

function upgradeTo110(context) {
	dialectOf(context).upgradeLog(context);
	context.sqlClient.execute('UPDATE ' + qualify(context, VERSION) + ' SET version = ?',
		LATEST);
}

/* ---- The functions that the extension manager calls ---- */

function findInstallations(context) {
	var version = installedVersion(context);

	return version === null ? [] : [{name: NAME, version: version}];
}

function install(context, version) {
	var dialect = dialectOf(context);
	var installed;

	checkVersion(version);
	installed = installedVersion(context);
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

function upgrade(context) {
	var dialect = dialectOf(context);
	var installed = installedVersion(context);

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

function uninstall(context, version) {
	var instances;

	checkVersion(version);
	if (installedVersion(context) === null) {
		return;
	}
	instances = readInstances(context);
	if (instances.length > 0) {
		throw failure(400, 'Tables are still audited: ' +
			      instances.map(function (instance) {
				      return instance.id;
			      }).join(', '));
	}
	dialectOf(context).dropFunctions(context);
	[LOG, INSTANCE, VERSION].forEach(function (name) {
		context.sqlClient.execute('DROP TABLE ' + qualify(context, name));
	});
}

function getInstanceParameters(context, version) {
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

function addInstance(context, version, parameters) {
	var values = readParameters(parameters);
	var dialect = dialectOf(context);
	var table;
	var instance;

	checkVersion(version);
	requireInstalled(context, version);
	table = dialect.findTable(context, values);
	if (table === null) {
		throw failure(400, "Table '" + values.table + "' does not exist");
	}
	if (isOwnTable(context, table)) {
		throw failure(400, "Table '" + table.id + "' belongs to the audit log itself");
	}
	if (readInstances(context, table.id).length > 0) {
		throw failure(400, "Table '" + table.id + "' is already audited");
	}
	instance = {
		key: queryRows(context, 'SELECT coalesce(max(key), 0) + 1 FROM ' +
			qualify(context, INSTANCE))[0][0],
		id: table.id,
		operations: (values.operations || 'insert,update,delete').split(','),
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

function findInstances(context, version) {
	checkVersion(version);
	return readInstances(context).map(function (instance) {
		return {id: instance.id, name: instance.id};
	});
}

function readInstanceParameterValues(context, version, instanceId) {
	var instances;

	checkVersion(version);
	instances = readInstances(context, instanceId);
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
function updateInstance(context, version, instanceId, parameters) {
	var values = readParameters(parameters);
	var dialect = dialectOf(context);
	var instance;
	var table;

	checkVersion(version);
	requireInstalled(context, version);
	instance = readInstances(context, instanceId)[0];
	table = instance ? dialect.auditedTable(context, instance) : null;
	if (table === null) {
		throw failure(412, "The audited table '" + instanceId + "' is gone");
	}
	dialect.dropTriggers(context, instance);
	instance.operations = (values.operations || 'insert,update,delete').split(',');
	instance.keepDays = values['keep-days'];
	context.sqlClient.execute('UPDATE ' + qualify(context, INSTANCE) +
		' SET operations = ?, keep_days = ? WHERE id = ?',
		instance.operations.join(','), instance.keepDays, instance.id);
	dialect.createTriggers(context, version, instance, table);
}

/* The recorded changes stay. */
function deleteInstance(context, version, instanceId) {
	checkVersion(version);
	readInstances(context, instanceId).forEach(function (instance) {
		dialectOf(context).dropTriggers(context, instance);
		context.sqlClient.execute('DELETE FROM ' + qualify(context, INSTANCE) +
			' WHERE id = ?', instance.id);
	});
}

/*
 * Each instance has its triggers, and nobody has switched them off. On SQLite an audited table that
 * was dropped takes its triggers with it.
 */
function check(context) {
	if (installedVersion(context) === null) {
		return ['the table ' + VERSION + ' is gone'];
	}
	return readInstances(context).filter(function (instance) {
		return dialectOf(context).countTriggers(context, instance) <
			dialectOf(context).expectedTriggers(instance);
	}).map(function (instance) {
		return "table '" + instance.id + "' is no longer recorded: its triggers are gone " +
			'or disabled; delete the instance and create it again';
	});
}

global.installedExtension = {
	extension: {
		name: NAME,
		category: 'auditing',
		description: 'Records inserts, updates and deletes of tables, row by row',
		installableVersions: [
			{name: LATEST, latest: true, deprecated: false},
			{name: '1.0.0', latest: false, deprecated: false}
		],
		bucketFsUploads: [],
		findInstallations: findInstallations,
		install: install,
		upgrade: upgrade,
		uninstall: uninstall,
		getInstanceParameters: getInstanceParameters,
		addInstance: addInstance,
		findInstances: findInstances,
		readInstanceParameterValues: readInstanceParameterValues,
		updateInstance: updateInstance,
		deleteInstance: deleteInstance,
		check: check
	},
	apiVersion: '0.2.0'
};
