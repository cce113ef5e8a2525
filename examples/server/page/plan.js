// SPDX-License-Identifier: MIT
// A plan: what would be done, to say yes to, and what became of it.
import { api } from './api.js';
import { announce, button, copy, digest, el, facts, link, notice } from './dom.js';
import { className, countsOf, dialectName, nameOf, plural, signatureOf, verbOf } from './words.js';

// ---- as SQL ----

/** A comment at the end would swallow the semicolon. */
function terminated(sql) {
	if (sql.endsWith(';'))
		return sql;
	return sql.slice(sql.lastIndexOf('\n') + 1).includes('--') ? `${sql}\n;` : `${sql};`;
}

/** The same text as `extmgr plan --format sql` writes. */
export function planAsSql(plan) {
	const lines = [`-- plan: ${describe(plan)}`, '-- statements that only read are left out'];

	if (plan.masked)
		lines.push("-- each '***' stands for a text that is not shown, because there are",
			'-- secrets; put it in before you run a statement');
	for (const statement of plan.statements.filter((each) => each.class !== 'read')) {
		lines.push('', `-- ${statement.number}: ${statement.class}`);
		if (statement.arguments.length)
			lines.push(`-- arguments: ${JSON.stringify(statement.arguments)}`);
		lines.push(terminated(statement.sql));
	}
	return `${lines.join('\n')}\n`;
}

function describe(plan) {
	const from = plan.previousVersion || plan.version || '';
	const to = plan.newVersion ? ` to ${plan.newVersion}` : '';
	const instance = plan.instance ? `, instance ${plan.instance.id}` : '';

	return `${plan.operation} ${plan.extension.id} ${from}${to}${instance} (${plan.dialect})`.replace(/[\r\n]/g, ' ');
}

// ---- statements ----

const DROPPED = /^(?:\s|--[^\n]*\n|\/\*[^]*?\*\/)*drop\s+((?:materialized\s+|foreign\s+|event\s+|user\s+)?\w+)\s+(?:if\s+exists\s+)?([^]*?)(?:\s+(?:cascade|restrict))?[\s;]*$/i;

/** What a statement takes away, such as 'table "main"."audit_log"'. */
export function droppedName(sql) {
	const match = DROPPED.exec(sql);

	return match ? `${match[1].toLowerCase().replace(/\s+/g, ' ')} ${match[2]}` : sql;
}

function statementItem(statement, mark) {
	return el('li', { class: 'statement' },
		el('p', { class: 'statement-head' },
			mark ? el('strong', { class: `mark ${mark.kind}` }, mark.word) : null,
			el('span', { class: `tag ${statement.class}` }, className(statement.class)),
			statement.certainty === 'depends' ? el('span', { class: 'tag depends' }, 'may turn out differently') : null),
		el('pre', { class: 'sql', tabindex: '0' }, el('code', {}, statement.sql)),
		statement.arguments.length
			? el('p', { class: 'arguments' }, 'with ', el('code', {}, JSON.stringify(statement.arguments))) : null);
}

function dropList(plan) {
	const dropped = plan.statements.filter((statement) => statement.class === 'drop');

	if (!dropped.length)
		return null;
	return el('section', { class: 'drops' },
		el('h2', {}, `This takes away ${plural(dropped.length, 'object')}`),
		el('ul', {}, dropped.map((statement) => el('li', {}, el('code', {}, droppedName(statement.sql))))));
}

function statementLists(plan) {
	const reads = plan.statements.filter((statement) => statement.class === 'read');
	const writes = plan.statements.filter((statement) => statement.class !== 'read');
	// What takes something away comes first; behind it the order in which they run.
	const sorted = [...writes.filter((each) => each.class === 'drop'), ...writes.filter((each) => each.class !== 'drop')];

	return [
		writes.length ? el('ol', { class: 'statements' }, sorted.map((statement) => statementItem(statement)))
			: el('p', { class: 'hint' }, 'Nothing would be changed.'),
		reads.length ? el('details', {},
			el('summary', {}, `${plural(reads.length, 'statement')} that only read`),
			el('ol', { class: 'statements' }, reads.map((statement) => statementItem(statement)))) : null,
	];
}

/** The button and the text itself, for browsers that do not let us copy. */
function sqlParts(plan) {
	const text = planAsSql(plan);
	const area = el('textarea', { class: 'input sql-text', readonly: true, rows: '10', 'aria-label': 'The plan as SQL', value: text });
	const details = el('details', {}, el('summary', {}, 'As SQL'), area);
	const copyButton = button('Copy as SQL', async () => {
		if (await copy(text)) {
			announce('The statements are in the clipboard');
			copyButton.textContent = 'Copied';
			return;
		}
		details.open = true;
		area.select();
		announce('The statements are selected: copy them with the keyboard');
	}, 'secondary small');

	return { copyButton, details };
}

// ---- the whole of it ----

function certaintyText(plan) {
	const depends = plan.statements.filter((statement) => statement.certainty === 'depends').length;

	if (plan.mode === 'record')
		return depends ? `Recorded without running; ${plural(depends, 'statement')} may turn out differently`
			: 'Recorded without running what changes something';
	return 'Certain: all of it was run once and rolled back';
}

function versionText(plan) {
	return plan.newVersion ? `${plan.previousVersion} → ${plan.newVersion}` : plan.version;
}

/** Who signed the definition, as [words, kind]; extension: its entry of the overview, if known. */
export function signerWords(plan, extension) {
	if (plan.signer)
		return [plan.signer.name ? `Signed by ${plan.signer.name} (${plan.signer.keyId})` : `Signed by ${plan.signer.keyId}`, 'good'];
	return extension && extension.signature !== 'signed' ? signatureOf(extension) : signatureOf({ signature: 'unsigned' });
}

function signerElement(plan, extension) {
	const [words, kind] = signerWords(plan, extension);

	return el('span', { class: `word ${kind}` }, words);
}

function parameterText(plan) {
	if (!plan.parameters || !plan.parameters.length)
		return null;
	return el('ul', { class: 'values' }, plan.parameters.map((parameter) => el('li', {},
		el('span', { class: 'value-name' }, parameter.name), ' ',
		el('code', {}, parameter.secret ? '••••••' : parameter.value || '(empty)'),
		parameter.kept ? ' unchanged' : null)));
}

/** What the confirm button says. */
export function confirmText(plan) {
	const name = nameOf(plan.extension);
	const instance = plan.instance ? plan.instance.name || plan.instance.id : '';
	const dropped = plan.counts.drop ? `, taking away ${plural(plan.counts.drop, 'object')}` : '';

	switch (plan.operation) {
	case 'install': return `Install ${name} ${plan.version || ''}${dropped}`;
	case 'upgrade': return `Upgrade ${name} from ${plan.previousVersion} to ${plan.newVersion}${dropped}`;
	case 'uninstall': return `Uninstall ${name} ${plan.version || ''}${dropped}`;
	case 'create-instance': return `Create the instance${instance ? ` ${instance}` : ''} of ${name}`;
	case 'delete-instance': return `Delete the instance ${instance} of ${name}${dropped}`;
	case 'update-instance': return `Change the instance ${instance} of ${name}`;
	default: return `${verbOf(plan.operation)} ${name}`;
	}
}

/** The plan, without its buttons. target: text; extension: its entry of the overview, if known. */
export function planElement(plan, target, extension) {
	const { copyButton, details } = sqlParts(plan);

	return el('div', { class: 'stack' },
		facts([
			['Target', `${dialectName(plan.dialect)}, schema ${plan.extensionSchema}${target ? `, ${target}` : ''}`],
			['Version', versionText(plan)],
			['Definition', el('span', {}, digest(plan.extension.digest), ' ', signerElement(plan, extension))],
			['Certainty', certaintyText(plan)],
			['Statements', countsOf(plan.counts)],
			['Values', parameterText(plan)],
		]),
		dropList(plan),
		plan.warnings.length ? notice('warning', 'Warnings', el('ul', {}, plan.warnings.map((text) => el('li', {}, text)))) : null,
		el('section', {}, el('div', { class: 'panel-head' }, el('h2', {}, 'Statements'), copyButton),
			plan.masked ? el('p', { class: 'hint' }, 'Texts in the statements are hidden, because there are secrets.') : null,
			...statementLists(plan), details),
		plan.notes.length ? el('details', {}, el('summary', {}, 'Good to know'),
			el('ul', {}, plan.notes.map((text) => el('li', {}, text)))) : null);
}

// ---- what changed between two plans ----

const keyOf = (statement) => JSON.stringify([statement.class, statement.sql, statement.arguments]);

/** The statements of both in order: [{statement, kind: 'same' | 'gone' | 'new'}]. */
export function comparePlans(before, after) {
	const a = before.statements;
	const b = after.statements;
	const rest = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
	const lines = [];
	let i = 0;
	let j = 0;

	// The longest common part, from the end.
	for (let x = a.length - 1; x >= 0; x -= 1) {
		for (let y = b.length - 1; y >= 0; y -= 1)
			rest[x][y] = keyOf(a[x]) === keyOf(b[y]) ? rest[x + 1][y + 1] + 1 : Math.max(rest[x + 1][y], rest[x][y + 1]);
	}
	while (i < a.length || j < b.length) {
		if (i < a.length && j < b.length && keyOf(a[i]) === keyOf(b[j])) {
			lines.push({ statement: b[j], kind: 'same' });
			i += 1;
			j += 1;
		} else if (j === b.length || (i < a.length && rest[i + 1][j] >= rest[i][j + 1])) {
			lines.push({ statement: a[i], kind: 'gone' });
			i += 1;
		} else {
			lines.push({ statement: b[j], kind: 'new' });
			j += 1;
		}
	}
	return lines;
}

const MARKS = { gone: { kind: 'gone', word: 'No longer' }, new: { kind: 'new', word: 'New' } };

const shortDigest = (plan) => plan.extension.digest.replace(/^sha256:/, '').slice(0, 12);
const valuesText = (plan) => (plan.parameters || []).map((parameter) => `${parameter.name}: ${parameter.secret ? '••••••' : parameter.value}`)
	.join(', ') || '(none)';

/** What is different beside the statements: [word, 'before → after']. */
export function differentFacts(before, after) {
	return [['Version', versionText], ['Definition', shortDigest], ['Signature', (plan) => signerWords(plan)[0]], ['Values', valuesText]]
		.filter(([, text]) => text(before) !== text(after))
		.map(([word, text]) => [word, `${text(before)} → ${text(after)}`]);
}

export function differenceElement(before, after, message) {
	const lines = comparePlans(before, after).filter(({ kind }) => kind !== 'same');
	const changed = differentFacts(before, after);

	return el('section', { class: 'difference', tabindex: '-1' },
		notice('warning', 'The plan has changed since you saw it. Nothing was done.',
			el('p', {}, 'Below is the new plan. Please look at what is different, and confirm again.'),
			el('details', {}, el('summary', {}, 'What the server said'), el('p', {}, message))),
		el('h2', {}, 'What is different'),
		changed.length ? facts(changed) : null,
		lines.length
			? el('ol', { class: 'statements' }, lines.map(({ statement, kind }) => statementItem(statement, MARKS[kind])))
			: el('p', {}, 'The statements are the same.'));
}

/** The secret values that a plan has to be given again, of those that were sent. */
export function secretsOf(plan, values) {
	const secret = new Set((plan.parameters || []).filter((parameter) => parameter.secret && !parameter.kept)
		.map((parameter) => parameter.name));

	return new Map([...(values || [])].filter(([name]) => secret.has(name)));
}

/** Makes a plan while it says so; answers it, or null when it was cancelled or failed. */
export async function makePlan(main, request, back, signal) {
	const controller = new AbortController();
	const place = el('div', { class: 'stack' }, notice('info', 'Making the plan: everything is run once and rolled back…'),
		el('div', { class: 'actions' }, button('Cancel', () => controller.abort())));

	signal.addEventListener('abort', () => controller.abort());
	main.append(place);
	for (;;) {
		try {
			const plan = await api.plan(request, controller.signal);

			place.remove();
			return plan;
		} catch (error) {
			if (signal.aborted)
				return null;
			if (error.name === 'AbortError') {
				place.replaceChildren(notice('info', 'Cancelled. Nothing was changed.'),
					el('div', { class: 'actions' }, link('Back', back, 'button secondary')));
				return null;
			}
			if (!await askAgain(place, error, back))
				return null;
		}
	}
}

function askAgain(place, error, back) {
	return new Promise((resolve) => {
		place.replaceChildren(notice('error', error.message, el('p', {}, 'Nothing was changed.'),
			error.requestId ? el('p', { class: 'hint' }, `Request ${error.requestId}`) : null),
		el('div', { class: 'actions' }, link('Back', back, 'button secondary'),
			button('Try again', () => {
				place.replaceChildren(notice('info', 'Making the plan…'));
				resolve(true);
			})));
	});
}
