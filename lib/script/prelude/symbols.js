/* SPDX-License-Identifier: MIT */
/* Symbol. */

[
	"asyncIterator", "match", "matchAll", "replace", "search", "species", "split", "unscopables"
].forEach(function (name) {
	defineProperty(Symbol, name, { value: Symbol("Symbol." + name) });
});

defineGetter(Symbol.prototype, "description", function () {
	var text = Symbol.prototype.toString.call(this);

	return native.isBareSymbol(Symbol.prototype.valueOf.call(this)) ? undefined_ : text.slice("Symbol(".length, -1);
});

/* There are no subclasses of these here, and methods make what they always made. */
[Array, ArrayBuffer, global.Map, Promise, RegExp, global.Set].forEach(function (constructor) {
	defineGetter(constructor, Symbol.species, function () {
		return this;
	});
});
