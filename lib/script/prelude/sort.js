/* SPDX-License-Identifier: MIT */
/* Array.prototype.sort: stable, as ES2019 wants it; Duktape's own is not. */

/* Merges two sorted neighbours, from[left..middle) and from[middle..right), into to. */
function mergeRuns(from, to, left, middle, right, compare) {
	var a = left;
	var b = middle;

	for (var i = left; i < right; i++) {
		if (a < middle && (b >= right || !(compare(from[a], from[b]) > 0)))
			to[i] = from[a++];
		else
			to[i] = from[b++];
	}
}

function mergeSort(items, compare) {
	var from = items;
	var to = items.slice();
	var swap;

	for (var width = 1; width < items.length; width *= 2) {
		for (var left = 0; left < items.length; left += 2 * width) {
			mergeRuns(from, to, left, Math.min(left + width, items.length),
				  Math.min(left + 2 * width, items.length), compare);
		}
		swap = from;
		from = to;
		to = swap;
	}
	return from;
}

function compareTexts(a, b) {
	if (a.text === b.text)
		return 0;
	return a.text < b.text ? -1 : 1;
}

/* Without a comparison, values are sorted by their texts, each made once. */
function sortByText(items) {
	var keyed = items.map(function (item) {
		return { text: String(item), item: item };
	});

	return mergeSort(keyed, compareTexts).map(function (pair) {
		return pair.item;
	});
}

defineHidden(arrayPrototype, "sort", function sort(compare) {
	var length = toLength(this.length);
	var items = [];
	var undefinedCount = 0;
	var position;

	if (compare !== undefined_)
		requireFunction(compare);
	for (var i = 0; i < length; i++) {
		if (!(i in this))
			continue;
		if (this[i] === undefined_)
			undefinedCount++;
		else
			items.push(this[i]);
	}
	items = compare ? mergeSort(items, compare) : sortByText(items);
	for (position = 0; position < items.length; position++)
		this[position] = items[position];
	for (; undefinedCount > 0; undefinedCount--)
		this[position++] = undefined_;
	for (; position < length; position++)
		delete this[position];
	return this;
});
