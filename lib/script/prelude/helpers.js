/* SPDX-License-Identifier: MIT */
/*
 * The prelude: what definitions use of ES2015 to ES2019 and Duktape lacks, in ES5.
 *
 * The files of this folder become the body of one function (global, native), in the order of
 * ../meson.build: what one declares, those behind it may use. native holds the functions that are
 * written in C: define(object, functions), print(level, text), iteratorPrototype.
 */

var undefined_ = void 0;
var ownKeys = Object.keys;
var defineProperty = Object.defineProperty;
var hasOwnProperty = Object.prototype.hasOwnProperty;
var define = native.define;

/* Defines a value that enumeration does not show, under a name or symbol. */
function defineHidden(object, key, value) {
	defineProperty(object, key, {
		value: value,
		writable: true,
		enumerable: false,
		configurable: true
	});
}

function defineGetter(object, name, getter) {
	defineProperty(object, name, { get: getter, enumerable: false, configurable: true });
}

/* For functions whose last parameters do not count in the standard. */
function setLength(object, name, length) {
	defineProperty(object[name], "length", { value: length, configurable: true });
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
