// SPDX-License-Identifier: MIT
/*
 * exasol-jdbc: a virtual schema of an Exasol database over JDBC. It follows the installation process
 * of the Extension Manager's design document, step by step:
 *
 *   1  the interface's version and the files in BucketFS are checked by the library
 *   2  an adapter script with our jar is used where it is, else one is made in the extension schema
 *   3  so is the import script; one with another version of the jar is replaced, but not while
 *      another virtual schema uses it
 *   4  connection and virtual schema are created, or updated when they are there
 *
 * The import script is found by its name in the schema of the adapter: that is how virtual schemas
 * refer to it. A password is written and never read back, see docs/differences.md.
 */
import {
	failure, register, type Context, type Instance, type Parameter, type ParameterValues,
} from 'extmgr-definition-kit';

const NAME = 'JDBC virtual schema';
const VERSION = '1.1.0';
const JAR = `jdbc-virtual-schema-${VERSION}.jar`;
const JAR_VERSION = /\/jdbc-virtual-schema-(\d+\.\d+\.\d+)\.jar/;
const ADAPTER = 'JDBC_ADAPTER';
const IMPORT = 'IMPORT_FROM_JDBC';

/* A script with one of our jars; version is that of the jar, '' when it has none. */
interface Script {
	schema: string;
	name: string;
	version: string;
}

function checkVersion(version: string): void {
	if (version !== VERSION)
		throw failure(404, `Version '${version}' not supported, can only use '${VERSION}'.`);
}

function qualify(context: Context, schema: string, name: string): string {
	return `${context.quoteIdentifier(schema)}.${context.quoteIdentifier(name)}`;
}

function readScripts(context: Context, condition: string, ...args: string[]): Script[] {
	return context.sqlClient.query('SELECT SCRIPT_SCHEMA, SCRIPT_NAME, SCRIPT_TEXT ' +
		`FROM SYS.EXA_ALL_SCRIPTS WHERE ${condition} ORDER BY SCRIPT_SCHEMA, SCRIPT_NAME`, ...args)
		.rows.map(([schema, name, text]) => ({schema, name, version: JAR_VERSION.exec(text)?.[1] ?? ''}));
}

/* The adapter, in whichever schema: our own version is preferred. */
function findAdapter(context: Context): Script | undefined {
	const adapters = readScripts(context, "SCRIPT_TYPE = 'ADAPTER' AND SCRIPT_TEXT LIKE ?",
		'%/jdbc-virtual-schema-%').filter((script) => script.version !== '');

	return adapters.find((script) => script.version === VERSION) ?? adapters[0];
}

function requireAdapter(context: Context): Script {
	const adapter = findAdapter(context);

	if (adapter === undefined)
		throw failure(412, `${NAME} is not installed`);
	return adapter;
}

function createAdapter(context: Context, schema: string, name: string): void {
	context.sqlClient.execute(`CREATE OR REPLACE JAVA ADAPTER SCRIPT ${qualify(context, schema, name)} AS\n` +
		`    %scriptclass com.example.jdbc.Adapter;\n    %jar ${context.files.resolvePath(JAR)};`);
}

/* Virtual schemas that use the import script of that schema without being ours. */
function findOtherUsers(context: Context, adapter: Script): string[] {
	return context.sqlClient.query('SELECT SCHEMA_NAME FROM SYS.EXA_ALL_VIRTUAL_SCHEMAS ' +
		'WHERE ADAPTER_SCRIPT_SCHEMA = ? AND ADAPTER_SCRIPT_NAME <> ? ORDER BY SCHEMA_NAME',
	adapter.schema, adapter.name).rows.map(([name]) => name);
}

/* Step 3. */
function provideImport(context: Context, adapter: Script): void {
	const [existing] = readScripts(context, 'SCRIPT_SCHEMA = ? AND SCRIPT_NAME = ?', adapter.schema, IMPORT);

	if (existing?.version === VERSION)
		return;
	if (existing !== undefined) {
		const users = findOtherUsers(context, adapter);

		if (users.length > 0)
			throw failure(412, `Script ${adapter.schema}.${IMPORT} has version '${existing.version}', and ` +
				`other virtual schemas use it: ${users.join(', ')}`);
	}
	context.sqlClient.execute(`CREATE OR REPLACE JAVA SET SCRIPT ${qualify(context, adapter.schema, IMPORT)}` +
		'(...) EMITS (...) AS\n' +
		`    %scriptclass com.example.jdbc.Importer;\n    %jar ${context.files.resolvePath(JAR)};`);
}

/* ---- Installation ---- */

function install(context: Context, version: string): void {
	const existing = findAdapter(context);
	let adapter = existing;

	checkVersion(version);
	if (existing !== undefined && existing.version !== VERSION)
		throw failure(412, `${NAME} is installed in version ${existing.version}: upgrade it`);
	if (adapter === undefined) {
		adapter = {schema: context.extensionSchemaName, name: ADAPTER, version: VERSION};
		createAdapter(context, adapter.schema, adapter.name);
	}
	provideImport(context, adapter);
}

function upgrade(context: Context) {
	const adapter = requireAdapter(context);

	if (adapter.version === VERSION)
		throw failure(412, `Extension is already installed in latest version ${VERSION}`);
	provideImport(context, adapter);
	createAdapter(context, adapter.schema, adapter.name);
	return {previousVersion: adapter.version, newVersion: VERSION};
}

function uninstall(context: Context, version: string): void {
	const adapter = findAdapter(context);

	checkVersion(version);
	if (adapter === undefined)
		return;
	context.sqlClient.execute(`DROP ADAPTER SCRIPT ${qualify(context, adapter.schema, adapter.name)}`);
	if (findOtherUsers(context, adapter).length > 0)
		console.warn(`script ${adapter.schema}.${IMPORT} stays: other virtual schemas use it`);
	else
		context.sqlClient.execute(`DROP SCRIPT IF EXISTS ${qualify(context, adapter.schema, IMPORT)}`);
}

/* ---- Instances ---- */

function getInstanceParameters(_context: Context, version: string): Parameter[] {
	checkVersion(version);
	return [
		{
			id: 'name', name: 'Name', type: 'string', required: true, immutable: true, maxLength: 100,
			regex: '^[A-Za-z][A-Za-z0-9_]*$', description: 'Name of the virtual schema',
		},
		{
			id: 'url', name: 'URL', type: 'string', required: true, regex: '^jdbc:',
			placeholder: 'jdbc:postgresql://host:5432/database',
		},
		{id: 'user', name: 'User', type: 'string', required: true},
		{id: 'password', name: 'Password', type: 'string', secret: true},
		{id: 'schema', name: 'Remote schema', type: 'string', default: 'public'},
	];
}

function readValues({values}: ParameterValues): Record<string, string> {
	const read: Record<string, string> = {};

	values.forEach(({name, value}) => {
		read[name] = value;
	});
	return read;
}

/* Names of connections are upper-case, whatever was written. */
function connectionOf(name: string): string {
	return `${name.toUpperCase()}_CONNECTION`;
}

/* The adapter of the virtual schema: ours, another one ('SCHEMA.NAME'), or none (''). */
function adapterOf(context: Context, name: string): string {
	const [row] = context.sqlClient.query('SELECT ADAPTER_SCRIPT_SCHEMA, ADAPTER_SCRIPT_NAME ' +
		'FROM SYS.EXA_ALL_VIRTUAL_SCHEMAS WHERE SCHEMA_NAME = ?', name).rows;

	return row === undefined ? '' : `${row[0]}.${row[1]}`;
}

/* Step 4. */
function writeInstance(context: Context, name: string, values: Record<string, string>): Instance {
	const adapter = requireAdapter(context);
	const connection = connectionOf(name);
	const used = adapterOf(context, name);
	const properties = `CONNECTION_NAME = ${context.quoteLiteral(connection)} ` +
		`SCHEMA_NAME = ${context.quoteLiteral(values.schema || 'public')}`;

	if (used !== '' && used !== `${adapter.schema}.${adapter.name}`)
		throw failure(400, `Virtual schema '${name}' belongs to the adapter ${used}`);
	context.sqlClient.execute(`CREATE OR REPLACE CONNECTION ${context.quoteIdentifier(connection)} ` +
		`TO ${context.quoteLiteral(values.url)} USER ${context.quoteLiteral(values.user)} ` +
		`IDENTIFIED BY ${context.quoteLiteral(values.password ?? '')}`);
	context.sqlClient.execute(used === ''
		? `CREATE VIRTUAL SCHEMA ${context.quoteIdentifier(name)} ` +
			`USING ${qualify(context, adapter.schema, adapter.name)} WITH ${properties}`
		: `ALTER VIRTUAL SCHEMA ${context.quoteIdentifier(name)} SET ${properties}`);
	return {id: name, name};
}

function addInstance(context: Context, version: string, parameters: ParameterValues): Instance {
	const values = readValues(parameters);

	checkVersion(version);
	return writeInstance(context, values.name, values);
}

function updateInstance(context: Context, version: string, instanceId: string,
	parameters: ParameterValues): Instance {
	const values = readValues(parameters);

	checkVersion(version);
	if (!values.password)
		throw failure(400, 'The password is needed again: Exasol keeps it, and does not tell it');
	return writeInstance(context, instanceId, values);
}

function findInstances(context: Context, version: string): Instance[] {
	const adapter = findAdapter(context);

	checkVersion(version);
	return adapter === undefined ? [] : context.sqlClient.query('SELECT SCHEMA_NAME ' +
		'FROM SYS.EXA_ALL_VIRTUAL_SCHEMAS WHERE ADAPTER_SCRIPT_SCHEMA = ? AND ADAPTER_SCRIPT_NAME = ? ' +
		'ORDER BY SCHEMA_NAME', adapter.schema, adapter.name).rows.map(([name]) => ({id: name, name}));
}

function readInstanceParameterValues(context: Context, version: string, instanceId: string): ParameterValues {
	checkVersion(version);
	const [connection] = context.sqlClient.query('SELECT CONNECTION_STRING, USER_NAME ' +
		'FROM SYS.EXA_SESSION_CONNECTIONS WHERE CONNECTION_NAME = ?', connectionOf(instanceId)).rows;
	const [property] = context.sqlClient.query('SELECT PROPERTY_VALUE ' +
		'FROM SYS.EXA_ALL_VIRTUAL_SCHEMA_PROPERTIES WHERE SCHEMA_NAME = ? AND PROPERTY_NAME = ?',
	instanceId, 'SCHEMA_NAME').rows;

	if (connection === undefined)
		throw failure(404, `Virtual schema '${instanceId}' has no connection that the current user may see`);
	return {values: [
		{name: 'name', value: instanceId},
		{name: 'url', value: connection[0]},
		{name: 'user', value: connection[1]},
		{name: 'schema', value: property?.[0] ?? 'public'},
	]};
}

function deleteInstance(context: Context, version: string, instanceId: string): void {
	checkVersion(version);
	context.sqlClient.execute(`DROP VIRTUAL SCHEMA IF EXISTS ${context.quoteIdentifier(instanceId)} CASCADE`);
	context.sqlClient.execute(`DROP CONNECTION IF EXISTS ${context.quoteIdentifier(connectionOf(instanceId))}`);
}

register({
	name: NAME,
	category: 'jdbc-virtual-schema',
	description: 'Virtual schemas over databases with a JDBC driver',
	installableVersions: [{name: VERSION, latest: true, deprecated: false}],
	bucketFsUploads: [{name: 'Adapter', bucketFsFilename: JAR, fileSize: 12288}],
	findInstallations: (context) => {
		const adapter = findAdapter(context);

		return adapter === undefined ? [] : [{name: NAME, version: adapter.version}];
	},
	install,
	upgrade,
	uninstall,
	getInstanceParameters,
	addInstance,
	findInstances,
	readInstanceParameterValues,
	updateInstance,
	deleteInstance,
});
