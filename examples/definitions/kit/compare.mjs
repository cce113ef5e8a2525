// SPDX-License-Identifier: MIT
// Where two traces of one scenario differ.

/* Engines word their own errors differently: what they say is not compared. */
function withoutEngineTexts(trace) {
	const copy = structuredClone(trace);

	for (const {error} of copy.calls)
		if (error && /^(Type|Range|Reference|Syntax)Error$/.test(error.name) &&
			!/^could not convert|^extension "/.test(error.message))
			error.message = '(of the engine)';
	return copy;
}

/* Text that is no Unicode: a lone surrogate becomes U+FFFD, as in the library's trace. */
function valid(value) {
	return typeof value === 'string' ? Buffer.from(value).toString() : value;
}

function* walk(left, right, path) {
	const isDeep = left !== null && right !== null && typeof left === 'object' &&
		typeof right === 'object' && Array.isArray(left) === Array.isArray(right);

	if (!isDeep) {
		if (!Object.is(valid(left), valid(right)))
			yield {path, left, right};
		return;
	}
	for (const key of new Set([...Object.keys(left), ...Object.keys(right)]))
		yield* walk(left[key], right[key],
			Array.isArray(left) ? `${path}[${key}]` : `${path}${path && '.'}${key}`);
}

/* What people see of a long text: from a little before the first difference. */
const BEFORE = 30;
const LONGEST = 100;

function excerpt(text, at) {
	const start = Math.max(0, at - BEFORE);
	const end = start + LONGEST;

	return (start > 0 ? '...' : '') + text.slice(start, end) + (end < text.length ? '...' : '');
}

function isLong(value) {
	return typeof value === 'string' && value.length > LONGEST;
}

function show(value) {
	return value === undefined ? 'nothing' : JSON.stringify(value);
}

function describe({path, left, right}) {
	let at = 0;

	if (typeof left !== 'string' || typeof right !== 'string' || !(isLong(left) || isLong(right)))
		return `${path}: library ${show(left)}, node ${show(right)}`;
	while (left[at] === right[at])
		at++;
	return `${path}, character ${at}: library ${show(excerpt(left, at))}, node ${show(excerpt(right, at))}`;
}

/* A line for each place that differs. */
export function compareTraces(library, node) {
	return [...walk(withoutEngineTexts(library), withoutEngineTexts(node), '')].map(describe);
}
