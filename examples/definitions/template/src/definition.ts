// A table in the extension schema; an instance is a row of it.
import {failure, register, type Context, type Parameter} from 'extmgr-definition-kit';

const NAME = '@NAME@';
const VERSION = '1.0.0';

function checkVersion(version: string): void {
	if (version !== VERSION)
		throw failure(404, `Version '${version}' not supported, can only use '${VERSION}'.`);
}

/* The one table, to be put into a statement. */
function table(context: Context): string {
	return `${context.quoteIdentifier(context.extensionSchemaName)}.${context.quoteIdentifier(NAME)}`;
}

function isInstalled(context: Context): boolean {
	const sql = context.dialect === 'sqlite'
		? 'SELECT name FROM sqlite_master WHERE type = \'table\' AND name = ?'
		: 'SELECT table_name FROM information_schema.tables WHERE table_name = ?';

	return context.sqlClient.query(sql, NAME).rows.length > 0;
}

register({
	name: NAME,
	category: 'examples',
	description: 'Keeps greetings',
	installableVersions: [{name: VERSION, latest: true, deprecated: false}],

	findInstallations(context) {
		return isInstalled(context) ? [{name: NAME, version: VERSION}] : [];
	},

	install(context, version) {
		checkVersion(version);
		if (!isInstalled(context))
			context.sqlClient.execute(`CREATE TABLE ${table(context)} (id VARCHAR(100) PRIMARY KEY, greeting VARCHAR(100))`);
	},

	uninstall(context, version) {
		checkVersion(version);
		if (isInstalled(context))
			context.sqlClient.execute(`DROP TABLE ${table(context)}`);
	},

	upgrade() {
		throw failure(412, `Extension is already installed in latest version ${VERSION}`);
	},

	getInstanceParameters(_context, version): Parameter[] {
		checkVersion(version);
		return [
			{id: 'name', name: 'Name', type: 'string', required: true, maxLength: 100, immutable: true},
			{id: 'greeting', name: 'Greeting', type: 'string', default: 'Hello', maxLength: 100},
		];
	},

	addInstance(context, version, {values}) {
		const value = (name: string) => values.find((one) => one.name === name)?.value ?? '';
		const id = value('name');

		checkVersion(version);
		if (context.sqlClient.query(`SELECT id FROM ${table(context)} WHERE id = ?`, id).rows.length > 0)
			throw failure(400, `'${id}' already exists`);
		context.sqlClient.execute(`INSERT INTO ${table(context)} VALUES (?, ?)`, id, value('greeting'));
		return {id, name: id};
	},

	findInstances(context, version) {
		checkVersion(version);
		return context.sqlClient.query(`SELECT id FROM ${table(context)} ORDER BY id`).rows
			.map(([id]) => ({id, name: id}));
	},

	readInstanceParameterValues(context, version, instanceId) {
		checkVersion(version);
		const [row] = context.sqlClient.query(`SELECT greeting FROM ${table(context)} WHERE id = ?`, instanceId).rows;

		if (row === undefined)
			throw failure(404, `'${instanceId}' does not exist`);
		return {values: [{name: 'name', value: instanceId}, {name: 'greeting', value: row[0]}]};
	},

	updateInstance(context, version, instanceId, {values}) {
		checkVersion(version);
		for (const {name, value} of values) {
			if (name === 'greeting')
				context.sqlClient.execute(`UPDATE ${table(context)} SET greeting = ? WHERE id = ?`, value, instanceId);
		}
	},

	deleteInstance(context, version, instanceId) {
		checkVersion(version);
		context.sqlClient.execute(`DELETE FROM ${table(context)} WHERE id = ?`, instanceId);
	},
});
