/* SPDX-License-Identifier: MIT */
/* Symbol, and what symbols say about the other parts of the library. */

[
	"asyncIterator", "match", "matchAll", "replace", "search", "species", "split", "unscopables"
].forEach(function (name) {
	defineProperty(Symbol, name, { value: Symbol("Symbol." + name) });
});

defineGetter(Symbol.prototype, "description", setName(function () {
	var text = Symbol.prototype.toString.call(this);

	return native.isBareSymbol(Symbol.prototype.valueOf.call(this)) ? undefined_ : text.slice("Symbol(".length, -1);
}, "get description"));

/* There are no subclasses of these here; only promises ask for it. */
var getSpecies = setName(function () {
	return this;
}, "get [Symbol.species]");

[Array, ArrayBuffer, global.Map, Promise, RegExp, global.Set].forEach(function (constructor) {
	defineGetter(constructor, Symbol.species, getSpecies);
});

/* The engine names these after the symbol itself. */
[Date.prototype, Symbol.prototype].forEach(function (prototype) {
	setName(prototype[Symbol.toPrimitive], "[Symbol.toPrimitive]");
});
setName(Function.prototype[Symbol.hasInstance], "[Symbol.hasInstance]");

defineTag(ArrayBuffer.prototype, "ArrayBuffer");
defineTag(DataView.prototype, "DataView");
defineTag(JSON, "JSON");
defineTag(Reflect, "Reflect");
