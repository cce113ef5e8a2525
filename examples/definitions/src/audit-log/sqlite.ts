// SPDX-License-Identifier: MIT
import {failure, type Context} from 'extmgr-definition-kit';
import {
	LOG, qualify, queryRows,
	type Dialect, type FoundTable, type Instance, type Operation, type Table, type Values,
} from './common';

const SQLITE_NOW = "'%Y-%m-%dT%H:%M:%fZ', 'now'";

function sqliteHasTable(context: Context, name: string) {
	return queryRows(context, 'SELECT name FROM sqlite_master ' +
		"WHERE type = 'table' AND name = ?", name).length > 0;
}

function sqliteCreateLog(context: Context) {
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
function sqliteUpgradeLog(context: Context) {
	context.sqlClient.execute('ALTER TABLE ' + qualify(context, LOG) +
		' ADD COLUMN old_row TEXT');
}

/* SQLite compares the names of tables without regard to case: the real name is the id. */
function sqliteFindTable(context: Context, parameters: Values): FoundTable | null {
	let rows;

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

function sqliteTriggerName(key: number, operation: Operation) {
	return LOG + '_' + key + '_' + operation;
}

/*
 * An SQL expression: the row "NEW" or "OLD" as a JSON object. VALUES instead of json_object(),
 * which takes 127 arguments at most; a BLOB is no JSON value and is written in hexadecimal.
 */
function sqliteRowAsJson(context: Context, row: 'NEW' | 'OLD', columns: string[]) {
	const pairs = columns.map((column) => {
		const value = row + '.' + context.quoteIdentifier(column);

		return '(' + context.quoteLiteral(column) + ', CASE typeof(' + value +
			") WHEN 'blob' THEN hex(" + value + ') ELSE ' + value + ' END)';
	});

	return '(SELECT json_group_object(column1, column2) FROM (VALUES ' +
		pairs.join(', ') + '))';
}

function sqliteRecord(context: Context, version: string, instance: Instance, operation: Operation, columns: string[]) {
	const row = operation === 'delete' ? 'OLD' : 'NEW';
	const names = ['table_name', 'operation', 'row_data'];
	const values = [context.quoteLiteral(instance.id), context.quoteLiteral(operation),
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
function sqlitePurge(context: Context, instance: Instance) {
	if (instance.keepDays === '') {
		return '';
	}
	return ' DELETE FROM ' + context.quoteIdentifier(LOG) +
		' WHERE table_name = ' + context.quoteLiteral(instance.id) +
		' AND changed_at < strftime(' + SQLITE_NOW + ", '-" + Number(instance.keepDays) +
		" days');";
}

function sqliteCreateTriggers(context: Context, version: string, instance: Instance, table: Table) {
	/* hidden: 1 is a column of a virtual table; 2 and 3 are generated, and of interest. */
	const columns = queryRows(context, 'SELECT name FROM pragma_table_xinfo(?) ' +
		'WHERE hidden <> 1 ORDER BY cid', table.name).map((row) => {
		return row[0];
	});

	instance.operations.forEach((operation) => {
		context.sqlClient.execute('CREATE TRIGGER ' +
			qualify(context, sqliteTriggerName(instance.key, operation)) +
			' AFTER ' + operation.toUpperCase() +
			' ON ' + context.quoteIdentifier(table.name) + ' BEGIN ' +
			sqliteRecord(context, version, instance, operation, columns) +
			sqlitePurge(context, instance) + ' END');
	});
}

function sqliteDropTriggers(context: Context, instance: Instance) {
	instance.operations.forEach((operation) => {
		context.sqlClient.execute('DROP TRIGGER IF EXISTS ' +
			qualify(context, sqliteTriggerName(instance.key, operation)));
	});
}

/* The table as it is called now; null when it is gone, and its triggers with it. */
function sqliteAuditedTable(context: Context, instance: Instance): Table | null {
	const rows = queryRows(context, "SELECT tbl_name FROM sqlite_master " +
		"WHERE type = 'trigger' AND name = ?",
		sqliteTriggerName(instance.key, instance.operations[0]));

	return rows.length === 0 ? null : {schema: 'main', name: rows[0][0]};
}

function sqliteUpgradeTriggers(context: Context, version: string, instances: Instance[]) {
	instances.forEach((instance) => {
		const table = sqliteAuditedTable(context, instance);

		if (!table) {
			console.warn('the audited table of instance ' + instance.key + ' is gone');
			return;
		}
		sqliteDropTriggers(context, instance);
		sqliteCreateTriggers(context, version, instance, table);
	});
}

function sqliteCountTriggers(context: Context, instance: Instance) {
	const names = instance.operations.map((operation) => {
		return context.quoteLiteral(sqliteTriggerName(instance.key, operation));
	});

	return queryRows(context, "SELECT name FROM sqlite_master WHERE type = 'trigger' " +
		'AND name IN (' + names.join(', ') + ')').length;
}

export const sqlite: Dialect = {
	hasTable: sqliteHasTable,
	createLog: sqliteCreateLog,
	upgradeLog: sqliteUpgradeLog,
	createFunctions: () => {},
	dropFunctions: () => {},
	findTable: sqliteFindTable,
	createTriggers: sqliteCreateTriggers,
	dropTriggers: sqliteDropTriggers,
	auditedTable: sqliteAuditedTable,
	upgradeTriggers: sqliteUpgradeTriggers,
	countTriggers: sqliteCountTriggers,
	expectedTriggers: (instance) => {
		return instance.operations.length;
	}
};
