// SPDX-License-Identifier: MIT
// The format of docs/scenarios.md once more, in node: it shares nothing with the library, so that
// each can be held against the other.
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

/* As JSON has it, or null. */
function toJson(value) {
	const text = JSON.stringify(value);

	return text === undefined ? null : JSON.parse(text);
}

function describe(thrown) {
	if (thrown === null || (typeof thrown !== 'object' && typeof thrown !== 'function'))
		return { name: '', status: null, message: String(thrown) };
	const status = Math.trunc(thrown.status);
	return {
		name: String(thrown.name ?? ''),
		status: thrown.status === undefined || thrown.status === null ? null
			: status >= 400 && status <= 599 ? status : 500,
		message: String(thrown.message ?? thrown)
	};
}

class Runner {
	constructor(source, id, scenario) {
		this.scenario = { dialect: 'exasol', schema: 'EXA_EXTENSIONS', artifacts: [], tables: {},
			answers: [], calls: [], ...scenario };
		/* The jobs of promises run behind each evaluation. */
		this.realm = vm.createContext({ global: {} }, { microtaskMode: 'afterEvaluate' });
		this.realm.console = this.console();
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

	/* What a promise of the definition's realm comes to, when its jobs have run. */
	settle(value) {
		const outcome = this.local({});

		this.realm.promised = [value, outcome];
		vm.runInContext(`if (promised[0] instanceof Promise)
			promised[0].then((value) => { promised[1].value = value; },
				(reason) => { promised[1].reason = reason; });`, this.realm);
		delete this.realm.promised;
		if ('reason' in outcome)
			throw outcome.reason;
		return 'value' in outcome ? outcome.value : value;
	}

	/* Values and errors of the definition's own realm, as a host would make them. */
	local(value) {
		return vm.runInContext(`(${JSON.stringify(value)})`, this.realm);
	}

	fail(type, message) {
		throw vm.runInContext(`new ${type}(${JSON.stringify(message)})`, this.realm);
	}

	statement(kind, sql, args) {
		this.requireText(sql);
		args.forEach((arg, i) => {
			if (!(arg === undefined || arg === null || ['boolean', 'string'].includes(typeof arg) ||
				Number.isFinite(arg)))
				this.fail('TypeError', `could not convert function call parameter ${i + 1}`);
		});
		this.statements.push({ kind, sql, args: args.map(toJson) });
		const answer = this.scenario.answers.find((a) => new RegExp(a.match).test(sql)) ?? {};
		/* As in the library, messages of a database have no control characters. */
		if (answer.error !== undefined)
			this.fail('Error', answer.error.replace(/[\u0000-\u001f\u007f]/g, ' '));
		const columns = (answer.columns ?? (answer.rows?.[0] ?? []).map(() => ({ name: '' })));
		return kind === 'query' ? this.local({
			columns: columns.map((c) => ({ name: c.name, typeName: c.typeName ?? '' })),
			rows: answer.rows ?? []
		}) : undefined;
	}

	requireText(value) {
		if (typeof value !== 'string')
			this.fail('TypeError', 'could not convert function call parameter 0: it is not a string');
	}

	/* All dialects quote alike. */
	quote(sign, text) {
		this.requireText(text);
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
				this.requireText(name);
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
			quoteIdentifier: (name) => this.quote('"', name),
			quoteLiteral: (text) => this.quote("'", text),
			metadata: {
				getScriptByName: (name) => {
					this.requireText(name);
					const row = (tables.allScripts ?? []).find((r) =>
						r.name === name && (r.schema ?? schema) === schema);

					return row === undefined ? null : this.local(this.row(row, SCRIPT));
				}
			}
		};
	}

	metadata() {
		const { allScripts = [], allVirtualSchemas = [] } = this.scenario.tables;

		return this.local({
			allScripts: { rows: allScripts.map((r) => this.row(r, SCRIPT)) },
			allVirtualSchemas: { rows: allVirtualSchemas.map((r) => this.row(r, VIRTUAL_SCHEMA)) }
		});
	}

	call({ call, args = [] }) {
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
			trace.result = toJson(this.settle(callee(...before, ...args.map((a) => this.local(a)))));
		} catch (thrown) {
			trace.error = describe(thrown);
		}
		return trace;
	}

	run(id) {
		const { extension, apiVersion } = this.installed;

		this.id = id;
		this.functions = { ...extension };
		return {
			schema: 'extmgr.trace/1',
			definition: {
				name: String(extension.name ?? ''),
				category: String(extension.category ?? ''),
				description: String(extension.description ?? ''),
				installableVersions: toJson(extension.installableVersions ?? []),
				artifacts: toJson(extension.bucketFsUploads ?? []),
				apiVersion
			},
			calls: this.scenario.calls.map((call) => this.call(call))
		};
	}
}

/* What a definition does in a scenario: the document extmgr.trace/1. */
export function makeTrace(source, id, scenario) {
	return new Runner(source, id, scenario).run(id);
}
