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

/* A line for each place that differs. */
export function compareTraces(library, node) {
	return [...walk(withoutEngineTexts(library), withoutEngineTexts(node), '')].map(
		({path, left, right}) =>
			`${path}: library ${JSON.stringify(left)}, node ${JSON.stringify(right)}`);
}
