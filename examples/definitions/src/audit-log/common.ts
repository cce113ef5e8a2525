// SPDX-License-Identifier: MIT
// What both databases share: names, values, and the tables of the extension itself.
import {failure, type Context, type Row} from 'extmgr-definition-kit';

export const NAME = 'Audit log';
export const LATEST = '1.1.0';
export const VERSIONS = ['1.0.0', LATEST];

/* Our own tables, in the extension schema. */
export const LOG = 'audit_log';
export const INSTANCE = 'audit_log_instance';
export const VERSION = 'audit_log_version';

export type Operation = 'insert' | 'update' | 'delete';

export interface Table {
	schema: string;
	name: string;
}

/* A table that was asked for, with the id that its instance gets. */
export interface FoundTable extends Table {
	id: string;
}

export interface Instance {
	key: number;
	id: string;
	operations: Operation[];
	keepDays: string; /* '': for ever */
}

/* Parameters by name; what was not given is ''. */
export interface Values {
	table: string;
	schema: string;
	operations: string;
	'keep-days': string;
}

/* What is done differently on each database. */
export interface Dialect {
	hasTable: (context: Context, name: string) => boolean;
	createLog: (context: Context) => void;
	upgradeLog: (context: Context) => void;
	createFunctions: (context: Context, version: string) => void;
	dropFunctions: (context: Context) => void;
	findTable: (context: Context, parameters: Values) => FoundTable | null;
	createTriggers: (context: Context, version: string, instance: Instance, table: Table) => void;
	dropTriggers: (context: Context, instance: Instance) => void;
	/* The table as it is called now; null when it is gone, and its triggers with it. */
	auditedTable: (context: Context, instance: Instance) => Table | null;
	upgradeTriggers: (context: Context, version: string, instances: Instance[]) => void;
	countTriggers: (context: Context, instance: Instance) => number;
	expectedTriggers: (instance: Instance) => number;
}

export function checkVersion(version: string) {
	if (VERSIONS.indexOf(version) < 0) {
		throw failure(404, "Version '" + version + "' not supported, can only use '" +
			      VERSIONS.join("', '") + "'.");
	}
}

/* The name of one of our objects, to be put into a statement. */
export function qualify(context: Context, name: string) {
	return context.quoteIdentifier(context.extensionSchemaName) + '.' +
		context.quoteIdentifier(name);
}

export function queryRows(context: Context, sql: string, ...args: unknown[]): Row[] {
	return context.sqlClient.query(sql, ...args).rows;
}

/* Names from the database are text of the user: they go through quoteIdentifier(), too. */
export function quoteTable(context: Context, table: Table) {
	return context.quoteIdentifier(table.schema) + '.' + context.quoteIdentifier(table.name);
}
