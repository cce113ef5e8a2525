// SPDX-License-Identifier: MIT
/*
 * foreign-data: reads tables of another PostgreSQL database as if they were here.
 *
 *   install    makes the wrapper postgres_fdw available, and a marker of the version
 *   instance   one schema of another database: a server, a user mapping with the password, and a
 *              local schema into which the remote tables are imported
 *   uninstall  drops the wrapper if it was made by install and nobody else uses it
 *
 * An instance is found by the comment on its server, so a server made by hand is never touched.
 * Deleting it refuses as long as something else stands on its tables or in its schema.
 *
 * CREATE EXTENSION postgres_fdw needs a superuser. For other roles an administrator runs once
 *   CREATE EXTENSION postgres_fdw;  GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO role;
 * and they may only reach servers that really ask for a password: a rule of postgres_fdw.
 */
import {failure, register, type Context, type Parameter, type ParameterValues, type Row} from 'extmgr-definition-kit';

const NAME = 'Foreign data';
const VERSION = '1.0.0';
/* Our own table, in the extension schema: version, and whether we made the wrapper. */
const MARKER = 'foreign_data_version';
/* What the comment on a server of ours begins with; JSON follows. */
const COMMENT = 'extension foreign-data: ';
/* Seconds: a host that does not answer must not hold the transaction for minutes. */
const CONNECT_TIMEOUT = '10';

/* ---- Errors: one with a status reaches the caller word for word ---- */

function checkVersion(version: string) {
	if (version !== VERSION) {
		throw failure(404, "Version '" + version + "' not supported, can only use '" +
			      VERSION + "'.");
	}
}

function isSupported(context: Context) {
	return context.dialect === 'postgresql';
}

function checkDialect(context: Context) {
	if (!isSupported(context)) {
		throw failure(412, 'Foreign data works on PostgreSQL only, not on ' +
			      context.dialect);
	}
}

/* ---- Helpers for SQL ---- */

function qualify(context: Context, name: string) {
	return context.quoteIdentifier(context.extensionSchemaName) + '.' +
		context.quoteIdentifier(name);
}

function queryRows(context: Context, sql: string, ...args: unknown[]): Row[] {
	return context.sqlClient.query(sql, ...args).rows;
}

/* {host: 'a', port: '1'} as OPTIONS (host 'a', port '1'); empty ones are left out. */
function optionList(context: Context, options: Record<string, string>) {
	return 'OPTIONS (' + Object.keys(options).filter((key) => {
		return options[key] !== '';
	}).map((key) => {
		return key + ' ' + context.quoteLiteral(options[key]);
	}).join(', ') + ')';
}

/* ---- The wrapper ---- */

function hasWrapper(context: Context) {
	return queryRows(context, 'SELECT fdwname FROM pg_catalog.pg_foreign_data_wrapper ' +
		"WHERE fdwname = 'postgres_fdw'").length > 0;
}

function isSuperuser(context: Context) {
	return queryRows(context, 'SELECT rolname FROM pg_catalog.pg_roles ' +
		'WHERE rolname = current_user AND rolsuper').length > 0;
}

/* What an administrator has to run for the current user. */
function grantText(context: Context) {
	return 'GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO ' +
		context.quoteIdentifier(queryRows(context, 'SELECT current_user')[0][0]);
}

/*
 * Asked before CREATE EXTENSION is tried: a statement that failed ends the operation, and its
 * error would hide what to do about it.
 */
function createWrapper(context: Context) {
	const available = queryRows(context, 'SELECT name FROM pg_catalog.pg_available_extensions ' +
		"WHERE name = 'postgres_fdw'");

	if (available.length === 0) {
		throw failure(412, 'The server does not have postgres_fdw: an administrator must ' +
			      "install PostgreSQL's additional modules (contrib)");
	}
	if (!isSuperuser(context)) {
		throw failure(412, 'Only a superuser may create postgres_fdw: an administrator ' +
			      'must run CREATE EXTENSION postgres_fdw; ' + grantText(context));
	}
	context.sqlClient.execute('CREATE EXTENSION postgres_fdw SCHEMA ' +
		context.quoteIdentifier(context.extensionSchemaName));
}

function checkUsage(context: Context) {
	const usable = queryRows(context, 'SELECT fdwname FROM pg_catalog.pg_foreign_data_wrapper ' +
		"WHERE fdwname = 'postgres_fdw' " +
		"AND has_foreign_data_wrapper_privilege(fdwname, 'USAGE')");

	if (usable.length === 0) {
		throw failure(412, 'The current user may not use postgres_fdw: an administrator ' +
			      'must run ' + grantText(context));
	}
}

/* Dropped only if it is ours and no server is left that needs it. */
function dropWrapper(context: Context, wrapper: string) {
	const servers = queryRows(context, 'SELECT s.srvname FROM pg_catalog.pg_foreign_server s ' +
		'JOIN pg_catalog.pg_foreign_data_wrapper w ON w.oid = s.srvfdw ' +
		"WHERE w.fdwname = 'postgres_fdw'");

	if (wrapper !== 'created') {
		return;
	}
	if (servers.length > 0) {
		console.warn('postgres_fdw stays: ' + servers.length + ' other server(s) use it');
		return;
	}
	context.sqlClient.execute('DROP EXTENSION IF EXISTS postgres_fdw');
}

/* ---- The installation ---- */

/* {version, wrapper: 'created' or 'found'}, or null. */
function readMarker(context: Context) {
	let tables;
	let rows;

	if (!isSupported(context)) {
		return null;
	}
	tables = queryRows(context, 'SELECT c.relname FROM pg_catalog.pg_class c ' +
		'JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace ' +
		"WHERE n.nspname = ? AND c.relname = ? AND c.relkind = 'r'",
		context.extensionSchemaName, MARKER);
	if (tables.length === 0) {
		return null;
	}
	rows = queryRows(context, 'SELECT version, wrapper FROM ' + qualify(context, MARKER));
	return rows.length === 1 ? {version: rows[0][0], wrapper: rows[0][1]} : null;
}

function findInstallations(context: Context) {
	const marker = readMarker(context);

	return marker === null ? [] : [{name: NAME, version: marker.version}];
}

function install(context: Context, version: string) {
	let wrapper = 'found';

	checkDialect(context);
	checkVersion(version);
	if (readMarker(context) !== null) {
		return;
	}
	if (!hasWrapper(context)) {
		createWrapper(context);
		wrapper = 'created';
	}
	checkUsage(context);
	context.sqlClient.execute('CREATE TABLE ' + qualify(context, MARKER) +
		' (version text NOT NULL, wrapper text NOT NULL)');
	context.sqlClient.execute('INSERT INTO ' + qualify(context, MARKER) +
		' (version, wrapper) VALUES (?, ?)', version, wrapper);
}

function upgrade(context: Context): never {
	checkDialect(context);
	if (readMarker(context) === null) {
		throw failure(412, 'Foreign data is not installed');
	}
	throw failure(412, 'Extension is already installed in latest version ' + VERSION);
}

function uninstall(context: Context, version: string) {
	const marker = readMarker(context);
	let instances;

	checkVersion(version);
	if (marker === null) {
		return;
	}
	instances = findInstances(context, version);
	if (instances.length > 0) {
		throw failure(400, 'Servers still exist: ' + instances.map((instance) => {
			return instance.name;
		}).join(', '));
	}
	context.sqlClient.execute('DROP TABLE ' + qualify(context, MARKER));
	dropWrapper(context, marker.wrapper);
}

/* ---- Instances ---- */

/* Names that are made here are short and plain; longer ones PostgreSQL would cut silently. */
const PLAIN_NAME = '^[A-Za-z_][A-Za-z0-9_]{0,62}$';

function getInstanceParameters(_context: Context, version: string): Parameter[] {
	checkVersion(version);
	return [
		{
			id: 'name', name: 'Name', type: 'string', required: true, regex: PLAIN_NAME,
			description: 'Name of the new server object', placeholder: 'sales'
		},
		{
			id: 'host', name: 'Host', type: 'string', required: true, maxLength: 255,
			description: 'Name or address of the other host, as seen from this database'
		},
		{
			id: 'port', name: 'Port', type: 'integer', min: 1, max: 65535,
			default: '5432', description: '5432 when empty'
		},
		{
			id: 'database', name: 'Database', type: 'string', required: true,
			maxLength: 63, description: 'Name of the other database'
		},
		{
			id: 'user', name: 'User', type: 'string', required: true, maxLength: 63,
			description: 'Whom to log in as; give it the rights to read, and no more'
		},
		{
			id: 'password', name: 'Password', type: 'string', secret: true,
			description: 'Needed unless the current user is a superuser'
		},
		{
			id: 'remote-schema', name: 'Remote schema', type: 'string', maxLength: 63,
			default: 'public',
			description: 'The schema whose tables are imported; public when empty'
		},
		{
			id: 'local-schema', name: 'Local schema', type: 'string', regex: PLAIN_NAME,
			description: 'A new schema for the imported tables; called as the server ' +
				'when empty'
		}
	];
}

interface Values {
	name: string;
	host: string;
	port: string;
	database: string;
	user: string;
	password: string;
	remoteSchema: string;
	localSchema: string;
}

/* A server of ours. */
interface Instance {
	name: string;
	remoteSchema: string;
	localSchema: string;
}

/* Values by id, with what stands for an empty one. */
function readParameters(parameters: ParameterValues): Values {
	const values: Record<string, string> = {};

	parameters.values.forEach((parameter) => {
		values[parameter.name] = parameter.value;
	});
	return {
		name: values.name,
		host: values.host,
		port: values.port || '5432',
		database: values.database,
		user: values.user,
		password: values.password || '',
		remoteSchema: values['remote-schema'] || 'public',
		localSchema: values['local-schema'] || values.name
	};
}

function requireInstalled(context: Context) {
	checkDialect(context);
	if (readMarker(context) === null) {
		throw failure(404, 'Foreign data is not installed');
	}
	checkUsage(context);
}

function checkNewInstance(context: Context, values: Values) {
	if (queryRows(context, 'SELECT srvname FROM pg_catalog.pg_foreign_server WHERE srvname = ?',
		      values.name).length > 0) {
		throw failure(400, "Server '" + values.name + "' already exists");
	}
	if (queryRows(context, 'SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname = ?',
		      values.localSchema).length > 0) {
		throw failure(400, "Schema '" + values.localSchema + "' already exists");
	}
	if (values.password === '' && !isSuperuser(context)) {
		throw failure(400, 'A password is needed: without one only superusers may connect');
	}
}

/* What the objects themselves do not tell when an instance is read back. */
function comment(context: Context, values: Values) {
	return COMMENT + JSON.stringify({
		version: VERSION,
		installation: context.extensionSchemaName,
		remoteSchema: values.remoteSchema,
		localSchema: values.localSchema
	});
}

function addInstance(context: Context, version: string, parameters: ParameterValues) {
	const values = readParameters(parameters);
	const server = context.quoteIdentifier(values.name);
	const schema = context.quoteIdentifier(values.localSchema);

	checkVersion(version);
	requireInstalled(context);
	checkNewInstance(context, values);
	context.sqlClient.execute('CREATE SERVER ' + server +
		' FOREIGN DATA WRAPPER postgres_fdw ' + optionList(context, {
			host: values.host,
			port: values.port,
			dbname: values.database,
			connect_timeout: CONNECT_TIMEOUT
		}));
	context.sqlClient.execute('COMMENT ON SERVER ' + server + ' IS ' +
		context.quoteLiteral(comment(context, values)));
	context.sqlClient.execute('CREATE USER MAPPING FOR CURRENT_USER SERVER ' + server + ' ' +
		optionList(context, {user: values.user, password: values.password}));
	context.sqlClient.execute('CREATE SCHEMA ' + schema);
	context.sqlClient.execute('IMPORT FOREIGN SCHEMA ' +
		context.quoteIdentifier(values.remoteSchema) + ' FROM SERVER ' + server +
		' INTO ' + schema);
	return {id: values.name, name: values.name};
}

/* What the comment on a server says; null unless we wrote it for this installation. */
function parseComment(context: Context, text: string) {
	let content;

	try {
		content = JSON.parse(text.slice(COMMENT.length));
	} catch (error) {
		return null; /* somebody edited it: no longer ours */
	}
	return content && content.installation === context.extensionSchemaName ? content : null;
}

/* Our servers, or the one of that name: [{name, remoteSchema, localSchema}]. */
function readInstances(context: Context, name?: string): Instance[] {
	let rows;
	const instances: Instance[] = [];

	if (readMarker(context) === null) {
		return [];
	}
	rows = queryRows(context, "SELECT srvname, obj_description(oid, 'pg_foreign_server') " +
		'FROM pg_catalog.pg_foreign_server ' +
		"WHERE starts_with(obj_description(oid, 'pg_foreign_server'), ?) ORDER BY srvname",
		COMMENT);
	rows.forEach((row) => {
		const content = parseComment(context, row[1]);

		if (content && (name === undefined || name === row[0])) {
			instances.push({
				name: row[0],
				remoteSchema: content.remoteSchema,
				localSchema: content.localSchema
			});
		}
	});
	return instances;
}

function findInstances(context: Context, version: string) {
	checkVersion(version);
	return readInstances(context).map((instance) => {
		return {id: instance.name, name: instance.name};
	});
}

/* The password is never read: the query asks for the name of the user alone. */
function readUser(context: Context, server: string) {
	const rows = queryRows(context, 'SELECT o.option_value FROM pg_catalog.pg_user_mappings m, ' +
		'pg_options_to_table(m.umoptions) o ' +
		"WHERE m.srvname = ? AND m.usename = current_user AND o.option_name = 'user'",
		server);

	return rows.length === 0 ? '' : rows[0][0];
}

function readInstanceParameterValues(context: Context, version: string, instanceId: string) {
	const options: Record<string, string> = {host: '', port: '', dbname: ''};
	let instance;

	checkVersion(version);
	instance = readInstances(context, instanceId)[0];
	if (!instance) {
		throw failure(404, "Server '" + instanceId + "' does not exist");
	}
	queryRows(context, 'SELECT o.option_name, o.option_value ' +
		'FROM pg_catalog.pg_foreign_server s, pg_options_to_table(s.srvoptions) o ' +
		'WHERE s.srvname = ?', instance.name).forEach((row) => {
		options[row[0]] = row[1];
	});
	return {
		values: [
			{name: 'name', value: instance.name},
			{name: 'host', value: options.host},
			{name: 'port', value: options.port},
			{name: 'database', value: options.dbname},
			{name: 'user', value: readUser(context, instance.name)},
			{name: 'remote-schema', value: instance.remoteSchema},
			{name: 'local-schema', value: instance.localSchema}
		]
	};
}

/*
 * What does not belong to the instance but would be lost with it: other things in its schema,
 * things that stand on its tables (views, functions), tables of its server in other schemas.
 */
function findForeignObjects(context: Context, instance: Instance) {
	return queryRows(context, 'WITH server AS (' +
		'SELECT oid FROM pg_catalog.pg_foreign_server WHERE srvname = ?' +
		'), schema AS (' +
		'SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = ?' +
		'), every_table AS (' +
		'SELECT c.oid, c.reltype, c.relnamespace FROM pg_catalog.pg_foreign_table f ' +
		'JOIN pg_catalog.pg_class c ON c.oid = f.ftrelid ' +
		'WHERE f.ftserver IN (SELECT oid FROM server)' +
		'), own_table AS (' +
		'SELECT * FROM every_table WHERE relnamespace IN (SELECT oid FROM schema)) ' +
		'SELECT DISTINCT pg_describe_object(d.classid, d.objid, 0) ' +
		'FROM pg_catalog.pg_depend d ' +
		"WHERE d.deptype = 'n' " +
		"AND NOT (d.classid = 'pg_class'::regclass " +
		'AND d.objid IN (SELECT oid FROM own_table)) ' +
		"AND (d.refclassid = 'pg_namespace'::regclass " +
		'AND d.refobjid IN (SELECT oid FROM schema) ' +
		"OR d.refclassid = 'pg_class'::regclass " +
		'AND d.refobjid IN (SELECT oid FROM own_table) ' +
		"OR d.refclassid = 'pg_type'::regclass " +
		'AND d.refobjid IN (SELECT reltype FROM own_table) ' +
		"OR d.refclassid = 'pg_foreign_server'::regclass " +
		"AND d.classid = 'pg_class'::regclass " +
		'AND d.refobjid IN (SELECT oid FROM server)) ' +
		'ORDER BY 1', instance.name, instance.localSchema).map((row) => {
		return row[0];
	});
}

function deleteInstance(context: Context, version: string, instanceId: string) {
	let instance;
	let others;

	checkVersion(version);
	instance = readInstances(context, instanceId)[0];
	if (!instance) {
		return;
	}
	others = findForeignObjects(context, instance);
	if (others.length > 0) {
		throw failure(409, "Server '" + instance.name +
			      "' is in use, drop or move first: " + others.join(', '));
	}
	/* Takes the user mappings and the imported tables along; there is nothing else. */
	context.sqlClient.execute('DROP SERVER ' + context.quoteIdentifier(instance.name) +
		' CASCADE');
	context.sqlClient.execute('DROP SCHEMA IF EXISTS ' +
		context.quoteIdentifier(instance.localSchema));
}

register({
	name: NAME,
	category: 'data access',
	description: 'Reads tables of another PostgreSQL database',
	installableVersions: [{name: VERSION, latest: true, deprecated: false}],
	bucketFsUploads: [],
	requirements: {dialects: ['postgresql']},
	findInstallations,
	install,
	upgrade,
	uninstall,
	getInstanceParameters,
	addInstance,
	findInstances,
	readInstanceParameterValues,
	deleteInstance,
});
