// SPDX-License-Identifier: MIT
import type {Context} from 'extmgr-definition-kit';
import {
	LOG, qualify, queryRows, quoteTable,
	type Dialect, type FoundTable, type Instance, type Table, type Values,
} from './common';

/* Called by the triggers for each changed row, and once for each statement. */
const RECORD = LOG + '_record';
const PURGE = LOG + '_purge';

function postgresqlHasTable(context: Context, name: string) {
	return queryRows(context, 'SELECT c.relname FROM pg_catalog.pg_class c ' +
		'JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace ' +
		"WHERE n.nspname = ? AND c.relname = ? AND c.relkind = 'r'",
		context.extensionSchemaName, name).length > 0;
}

function postgresqlCreateLog(context: Context) {
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

function postgresqlUpgradeLog(context: Context) {
	context.sqlClient.execute('ALTER TABLE ' + qualify(context, LOG) +
		' ADD COLUMN old_row jsonb, ADD COLUMN changed_by text');
}

/*
 * SECURITY DEFINER: whoever may change an audited table needs no right on audit_log. Nobody else
 * may make triggers of these functions, and so write false entries.
 */
function postgresqlCreateFunction(context: Context, name: string, body: string) {
	context.sqlClient.execute('CREATE OR REPLACE FUNCTION ' + qualify(context, name) +
		'() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER ' +
		'SET search_path = pg_catalog, pg_temp ' +
		'AS $body$ BEGIN ' + body + ' RETURN NULL; END $body$');
	context.sqlClient.execute('REVOKE ALL ON FUNCTION ' + qualify(context, name) +
		'() FROM PUBLIC');
}

/* Arguments of the triggers: the id of the instance and, for PURGE, the days to keep. */
function postgresqlCreateFunctions(context: Context, version: string) {
	const names = ['table_name', 'operation', 'row_data'];
	const values = ['TG_ARGV[0]', 'lower(TG_OP)',
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

function postgresqlDropFunctions(context: Context) {
	[RECORD, PURGE].forEach((name) => {
		context.sqlClient.execute('DROP FUNCTION IF EXISTS ' +
			qualify(context, name) + '()');
	});
}

/* "schema.table" is understood when no schema is given; else the name is taken as it is. */
function postgresqlFindTable(context: Context, parameters: Values): FoundTable | null {
	const sql = "SELECT n.nspname, c.relname, format('%I.%I', n.nspname, c.relname) " +
		'FROM pg_catalog.pg_class c ' +
		'JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace ' +
		"WHERE c.relkind IN ('r', 'p') AND ";
	const dot = parameters.table.indexOf('.');
	let rows;

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

function postgresqlCreateTrigger(context: Context, name: string, table: Table, instance: Instance, calls: string) {
	context.sqlClient.execute('CREATE TRIGGER ' + context.quoteIdentifier(name) +
		' AFTER ' + instance.operations.join(' OR ').toUpperCase() +
		' ON ' + quoteTable(context, table) + ' ' + calls);
}

function postgresqlCreateTriggers(context: Context, version: string, instance: Instance, table: Table) {
	const id = context.quoteLiteral(instance.id);

	postgresqlCreateTrigger(context, LOG + '_' + instance.key, table, instance,
		'FOR EACH ROW EXECUTE FUNCTION ' + qualify(context, RECORD) + '(' + id + ')');
	if (instance.keepDays !== '') {
		postgresqlCreateTrigger(context, LOG + '_' + instance.key + '_purge', table,
			instance, 'FOR EACH STATEMENT EXECUTE FUNCTION ' + qualify(context, PURGE) +
			'(' + id + ', ' + context.quoteLiteral(instance.keepDays) + ')');
	}
}

/* Found by what they call: the table may have another name by now, or be gone. */
function postgresqlFindTriggers(context: Context, instance: Instance) {
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

function postgresqlDropTriggers(context: Context, instance: Instance) {
	postgresqlFindTriggers(context, instance).forEach((row) => {
		context.sqlClient.execute('DROP TRIGGER ' + context.quoteIdentifier(row[0]) +
			' ON ' + quoteTable(context, {schema: row[1], name: row[2]}));
	});
}

/* The table as it is called now; null when it is gone, and its triggers with it. */
function postgresqlAuditedTable(context: Context, instance: Instance): Table | null {
	const rows = postgresqlFindTriggers(context, instance);

	return rows.length === 0 ? null : {schema: rows[0][1], name: rows[0][2]};
}

function postgresqlCountTriggers(context: Context, instance: Instance) {
	return queryRows(context, 'SELECT t.tgname FROM pg_catalog.pg_trigger t ' +
		'JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid ' +
		'JOIN pg_catalog.pg_namespace s ON s.oid = p.pronamespace ' +
		"WHERE s.nspname = ? AND t.tgname IN (?, ?) AND t.tgparentid = 0 " +
		"AND t.tgenabled <> 'D'", context.extensionSchemaName,
		LOG + '_' + instance.key, LOG + '_' + instance.key + '_purge').length;
}

export const postgresql: Dialect = {
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
	upgradeTriggers: () => {},
	countTriggers: postgresqlCountTriggers,
	expectedTriggers: (instance) => {
		return instance.keepDays === '' ? 1 : 2;
	}
};
