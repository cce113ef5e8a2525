/* SPDX-License-Identifier: MIT */
/* What the library calls itself. */

/*
 * The elements of an iterable or array-like in a plain array, at most one more than maximum;
 * undefined for anything else.
 */
function toArray(value, maximum) {
	var result = [];
	var walker;
	var length;

	if (typeof value !== "string" && !isObject(value))
		return undefined_;
	if (typeof value[iteratorSymbol] === "function") {
		walker = walkThrough(value);
		while (walker.step()) {
			result.push(walker.value);
			if (result.length > maximum) {
				walker.close();
				break;
			}
		}
		return result;
	}
	if (typeof value.length !== "number")
		return undefined_;
	length = Math.min(toLength(value.length), maximum + 1);
	for (var i = 0; i < length; i++)
		result.push(value[i]);
	return result;
}

return { fill: fill, drain: drain, inspect: inspect, toArray: toArray, lowered: lowered };
