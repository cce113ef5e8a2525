// SPDX-License-Identifier: MIT
// The format of docs/scenarios.md once more, in node: it shares nothing with the library, so that
// each can be held against the other.
import {setImmediate} from 'node:timers/promises';
import {isPromise} from 'node:util/types';
import vm from 'node:vm';

const SCRIPT = ['schema', 'name', 'type', 'inputType', 'resultType', 'text', 'comment'];
const VIRTUAL_SCHEMA = ['name', 'owner', 'adapterScriptSchema', 'adapterScriptName', 'adapterNotes'];
const LEVELS = { log: 'info', info: 'info', debug: 'info', warn: 'warning', error: 'error' };

/* Placeholders of the first value; what is left follows, a blank before each. */
function format(values) {
	let next = 1;
	const one = {
		s: String, d: (x) => String(Number(x)), i: (x) => String(parseInt(x, 10)),
		f: (x) => String(parseFloat(x)), j: JSON.stringify, o: JSON.stringify, O: JSON.stringify
	};

	if (values.length === 0)
		return '';
	const line = String(values[0]).replace(/%[%a-zA-Z]/g, (sign) => {
		if (sign === '%%')
			return '%';
		return next < values.length && one[sign[1]] ? one[sign[1]](values[next++]) : sign;
	});
	return [line, ...values.slice(next).map(String)].join(' ');
}

/* null counts as left out. */
function present(object) {
	return Object.fromEntries(Object.entries(object ?? {}).filter(([, value]) => value !== null));
}

/* As JSON has it, or null. */
function toJson(value) {
	const text = JSON.stringify(value);

	return text === undefined ? null : JSON.parse(text);
}

function toText(value) {
	try {
		return String(value);
	} catch (error) {
		return String(error);
	}
}

/* A getter that throws leaves what was read so far. */
function describe(thrown) {
	const told = { name: '', status: null, message: '' };

	if (thrown === null || (typeof thrown !== 'object' && typeof thrown !== 'function'))
		return { ...told, message: String(thrown) };
	try {
		const { status } = thrown;
		if (status !== undefined && status !== null) {
			const number = Math.trunc(status);
			told.status = number >= 400 && number <= 599 ? number : 500;
		}
		told.name = toText(thrown.name ?? '');
		told.message = toText(thrown.message ?? thrown);
	} catch { /* told in part */ }
	return told;
}

/* Nobody is told of a promise that is rejected and left: it is no fault of the trace. */
function ignore() {}

class Runner {
	constructor(source, id, scenario) {
		this.scenario = { dialect: 'exasol', schema: 'EXA_EXTENSIONS', artifacts: [], answers: [],
			calls: [], ...present(scenario), tables: present(scenario.tables) };
		this.realm = vm.createContext({ global: {} });
		this.realm.console = this.console();
		this.parse = vm.runInContext('JSON.parse', this.realm);
		vm.runInContext(source, this.realm, { filename: id });
		this.installed = this.realm.global.installedExtension;
		if (!this.installed?.extension)
			throw new Error(`extension "${id}" did not set global.installedExtension`);
	}

	console() {
		const write = (level) => (...values) => {
			this.lines?.push({ level, message: format(values) });
		};

		return Object.fromEntries(Object.entries(LEVELS).map(([name, level]) => [name, write(level)]));
	}

	/* Values and errors of the definition's own realm, as a host would make them. */
	local(value) {
		return this.parse(JSON.stringify(value));
	}

	fail(type, message) {
		throw vm.runInContext(`new ${type}(${JSON.stringify(message)})`, this.realm);
	}

	/* The first argument of what a host has: a string. */
	checkText(value) {
		if (typeof value !== 'string')
			this.fail('TypeError', 'could not convert function call parameter 0: it is not a string');
		return value;
	}

	statement(kind, sql, args) {
		this.checkText(sql);
		args.forEach((arg, i) => {
			if (!(arg === undefined || arg === null || ['boolean', 'string'].includes(typeof arg) ||
				Number.isFinite(arg)))
				this.fail('TypeError', `could not convert function call parameter ${i + 1}`);
		});
		this.statements.push({ kind, sql, args: args.map(toJson) });
		const answer = present(this.scenario.answers.find((a) => new RegExp(a.match).test(sql)));
		/* As in the library, messages of a database have no control characters. */
		if (answer.error !== undefined)
			this.fail('Error', answer.error.replace(/[\u0000-\u001f\u007f]/g, ' '));
		const columns = (answer.columns ?? (answer.rows?.[0] ?? []).map(() => ({ name: '' })));
		return kind === 'query' ? this.local({
			columns: columns.map((c) => ({ name: c.name, typeName: c.typeName ?? '' })),
			rows: answer.rows ?? []
		}) : undefined;
	}

	/* All dialects quote alike. */
	quote(sign, text) {
		this.checkText(text);
		if ((text === '' && sign === '"') || text.includes('\0'))
			this.fail('Error', 'an empty name or a NUL character cannot be quoted');
		return sign + text.replaceAll(sign, sign + sign) + sign;
	}

	row(row, names) {
		return Object.fromEntries(names.map((name) => [name, String(row[name] ?? '')]));
	}

	context() {
		const { schema, dialect, artifacts, tables } = this.scenario;
		const bucketFs = {
			resolvePath: (name) => {
				this.checkText(name);
				return artifacts.filter((a) => a.name === name).map((a) => a.path).sort()[0] ??
					this.fail('Error', `failed to find absolute path for file "${name}": ` +
						`file "${name}" not found in BucketFS`);
			}
		};

		return {
			extensionSchemaName: schema,
			dialect,
			sqlClient: {
				execute: (sql, ...args) => this.statement('execute', sql, args),
				query: (sql, ...args) => this.statement('query', sql, args)
			},
			bucketFs,
			files: bucketFs,
			metadata: {
				getScriptByName: (name) => {
					this.checkText(name);
					const row = (tables.allScripts ?? []).find((r) =>
						r.name === name && (r.schema ?? schema) === schema);

					return row === undefined ? null : this.local(this.row(row, SCRIPT));
				}
			},
			quoteIdentifier: (name) => this.quote('"', name),
			quoteLiteral: (text) => this.quote("'", text)
		};
	}

	metadata() {
		const { allScripts = [], allVirtualSchemas = [] } = this.scenario.tables;

		return this.local({
			allScripts: { rows: allScripts.map((r) => this.row(r, SCRIPT)) },
			allVirtualSchemas: { rows: allVirtualSchemas.map((r) => this.row(r, VIRTUAL_SCHEMA)) }
		});
	}

	/* Calls it, and lets the jobs of promises run. What a promise comes to is the result. */
	async invoke(callee, args) {
		const value = callee(...args);

		if (isPromise(value))
			value.then(undefined, ignore); /* looked at below */
		await setImmediate();
		if (!isPromise(value))
			return toJson(value);
		const pending = new Error('the answer is a promise that nothing settles');
		const result = await Promise.race([value, setImmediate(pending)]);

		if (result === pending)
			throw pending;
		return toJson(result);
	}

	async call({ call, args }) {
		const trace = { call, result: null, error: null };
		const before = call === 'validate' ? [] : [this.context()];
		const { [call]: callee } = this.functions;

		this.statements = trace.statements = [];
		this.lines = trace.console = [];
		try {
			if (callee === undefined)
				this.fail('TypeError', `extension "${this.id}" does not support operation "${call}"`);
			if (call === 'findInstallations')
				before.push(this.metadata());
			before.push(...(args ?? []).map((a) => this.local(a)));
			trace.result = await this.invoke(callee, before);
		} catch (thrown) {
			trace.error = describe(thrown);
		}
		return trace;
	}

	async run(id) {
		const { extension, apiVersion } = this.installed;
		const calls = [];

		this.id = id;
		/* Read once, wherever they are: an extension may be an object of a class. */
		this.functions = Object.fromEntries(this.scenario.calls.map(({ call }) => [call, extension[call]]));
		for (const call of this.scenario.calls)
			calls.push(await this.call(call));
		return {
			schema: 'extmgr.trace/1',
			definition: {
				name: String(extension.name ?? ''),
				category: String(extension.category ?? ''),
				description: String(extension.description ?? ''),
				installableVersions: toJson([...extension.installableVersions ?? []]),
				artifacts: toJson([...extension.bucketFsUploads ?? []]),
				apiVersion
			},
			calls
		};
	}
}

/* What a definition does in a scenario: the document extmgr.trace/1. */
export async function makeTrace(source, id, scenario) {
	process.on('unhandledRejection', ignore);
	try {
		return await new Runner(source, id, scenario).run(id);
	} finally {
		process.off('unhandledRejection', ignore);
	}
}
