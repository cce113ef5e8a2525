/* SPDX-License-Identifier: MIT */
/* Array.prototype.sort: stable, as ES2019 wants it; Duktape's own is not. */

/* Merges two sorted neighbours, from[left..middle) and from[middle..right), into to. */
function mergeRuns(from, to, left, middle, right, compare) {
	var a = left;
	var b = middle;

	for (var i = left; i < right; i++) {
		/* Asked in this order, a comparison that answers true or false sorts as in other engines. */
		if (b < right && (a >= middle || compare(from[b], from[a]) < 0))
			to[i] = from[b++];
		else
			to[i] = from[a++];
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
		return { text: toText(item), item: item };
	});

	return mergeSort(keyed, compareTexts).map(function (pair) {
		return pair.item;
	});
}

replace(arrayPrototype, {
	sort(compare) {
		var array;
		var length;
		var items = [];
		var undefinedCount = 0;
		var value;
		var position;

		if (compare !== undefined_)
			requireFunction(compare);
		array = toObject(this);
		length = toLength(array.length);
		for (var i = 0; i < length; i++) {
			if (!(i in array))
				continue;
			value = array[i];
			if (value === undefined_)
				undefinedCount++;
			else
				items.push(value);
		}
		items = compare ? mergeSort(items, compare) : sortByText(items);
		for (position = 0; position < items.length; position++)
			array[position] = items[position];
		for (; undefinedCount > 0; undefinedCount--)
			array[position++] = undefined_;
		for (; position < length; position++) {
			if (position in array)
				delete array[position];
		}
		return array;
	}
});
