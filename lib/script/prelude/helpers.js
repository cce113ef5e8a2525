/* SPDX-License-Identifier: MIT */
/*
 * The prelude: what definitions use of ES2015 to ES2019 and Duktape lacks, in ES5; functions of the
 * library are methods of literals, which Duktape has: those have a name and are no constructors.
 *
 * The files of this folder become the body of one function (global, native), in the order of
 * ../meson.build: what one declares, those behind it may use. native holds the functions that are
 * written in C: define(object, functions) for what an object lacks, replace(object, functions) for all,
 * fix(object, key, value) for names, lengths and tags, print(level, text); and iteratorPrototype and
 * stateKey, a key that no script can see.
 */

var undefined_ = void 0;
var ownKeys = Object.keys;
var defineProperty = Object.defineProperty;
var hasOwnProperty = Object.prototype.hasOwnProperty;
var define = native.define;
var replace = native.replace;
var fix = native.fix;

/* Defines a value that enumeration does not show, under a name or symbol. */
function defineHidden(object, key, value) {
	defineProperty(object, key, {
		value: value,
		writable: true,
		enumerable: false,
		configurable: true
	});
}

function setName(method, name) {
	return fix(method, "name", name);
}

function defineGetter(object, key, getter) {
	defineProperty(object, key, { get: getter, enumerable: false, configurable: true });
}

function defineTag(object, tag) {
	fix(object, Symbol.toStringTag, tag);
}

/* Defines a value like an assignment that no setter and no prototype can catch. */
function setOwnValue(object, key, value) {
	defineProperty(object, key, {
		value: value,
		writable: true,
		enumerable: true,
		configurable: true
	});
}

/* For functions whose last parameters do not count in the standard. */
function setLength(object, name, length) {
	fix(object[name], "length", length);
}

function isObject(value) {
	return value !== null && (typeof value === "object" || typeof value === "function");
}

function requireFunction(value) {
	if (typeof value !== "function")
		throw new TypeError("callback is not a function");
	return value;
}

function toObject(value) {
	if (value === null || value === undefined_)
		throw new TypeError("receiver is null or undefined");
	return Object(value);
}

/* String(value), but not for a symbol: that is a TypeError. */
function toText(value) {
	return isObject(value) ? String(value) : "" + value;
}

function toInteger(value) {
	var number = Number(value);

	if (number !== number)
		return 0;
	return number < 0 ? Math.ceil(number) : Math.floor(number);
}

function toLength(value) {
	return Math.min(Math.max(toInteger(value), 0), 9007199254740991);
}

/* A position that counts from the end when it is negative, within 0 and length. */
function toPosition(value, length, missing) {
	var position = value === undefined_ ? missing : toInteger(value);

	return position < 0 ? Math.max(length + position, 0) : Math.min(position, length);
}

function isSameValueZero(a, b) {
	return a === b || (a !== a && b !== b);
}
