/* SPDX-License-Identifier: MIT */
/* String. */

function requireText(value) {
	if (value === null || value === undefined_)
		throw new TypeError("receiver is null or undefined");
	return toText(value);
}

/* What stands before or behind a text to make it length long. */
function makePadding(text, length, filler) {
	var missing = toLength(length) - text.length;
	var unit;

	if (missing <= 0)
		return "";
	unit = filler === undefined_ ? " " : toText(filler);
	if (unit === "")
		return "";
	return unit.repeat(Math.ceil(missing / unit.length)).slice(0, missing);
}

/* The replacement of String.prototype.replace for a match of plain text. */
function expandReplacement(replacement, match, position, text) {
	return replacement.replace(/\$([$&`'])/g, function (whole, sign) {
		switch (sign) {
		case "$":
			return "$";
		case "&":
			return match;
		case "`":
			return text.slice(0, position);
		default:
			return text.slice(position + match.length);
		}
	});
}

function replaceAllText(text, pattern, replacement) {
	var step = Math.max(pattern.length, 1);
	var result = "";
	var end = 0;

	if (typeof replacement !== "function")
		replacement = toText(replacement);
	for (var at = text.indexOf(pattern); at >= 0; at = text.indexOf(pattern, at + step)) {
		result += text.slice(end, at);
		if (typeof replacement === "function")
			result += toText(replacement(pattern, at, text));
		else
			result += expandReplacement(replacement, pattern, at, text);
		end = at + pattern.length;
		if (at + step > text.length)
			break;
	}
	return result + text.slice(end);
}

var matchIterator = makeIteratorPrototype("RegExp String Iterator", function (state) {
	var match = state.pattern === null ? null : state.pattern.exec(state.text);

	if (match === null) {
		state.pattern = null;
		return finished();
	}
	if (match[0] === "")
		state.pattern.lastIndex++;
	return { value: match, done: false };
});

define(String.prototype, {
	padStart(length, filler) {
		var text = requireText(this);

		return makePadding(text, length, filler) + text;
	},
	padEnd(length, filler) {
		var text = requireText(this);

		return text + makePadding(text, length, filler);
	},
	trimStart() {
		return requireText(this).replace(/^\s+/, "");
	},
	trimEnd() {
		var text = requireText(this);
		var end = text.length;

		/* Not by /\s+$/, which takes quadratic time on blanks inside. */
		while (end > 0 && /\s/.test(text.charAt(end - 1)))
			end--;
		return text.slice(0, end);
	},
	at(index) {
		var text = requireText(this);
		var position = toInteger(index);

		if (position < 0)
			position += text.length;
		return position >= 0 && position < text.length ? text.charAt(position) : undefined_;
	},
	replaceAll(pattern, replacement) {
		var text = requireText(this);
		var method;

		if (pattern instanceof RegExp && !pattern.global)
			throw new TypeError("replaceAll needs a global regular expression");
		method = isObject(pattern) ? pattern[Symbol.replace] : undefined_;
		if (method === undefined_ || method === null)
			return replaceAllText(text, toText(pattern), replacement);
		return requireFunction(method).call(pattern, text, replacement);
	},
	matchAll(pattern) {
		var text = requireText(this);
		var copy;

		if (pattern instanceof RegExp) {
			if (!pattern.global)
				throw new TypeError("matchAll needs a global regular expression");
			copy = new RegExp(pattern.source, pattern.flags);
			copy.lastIndex = pattern.lastIndex;
		} else {
			copy = new RegExp(pattern, "g");
		}
		return makeIterator(matchIterator, { pattern: copy, text: text });
	}
});

/* Builds without utf8proc have no normal forms. */
if (native.normalize) {
	define(String.prototype, {
		normalize(form) {
			var text = requireText(this);
			var name = form === undefined_ ? "NFC" : toText(form);
			var number = ["NFC", "NFD", "NFKC", "NFKD"].indexOf(name);

			if (number < 0)
				throw new RangeError("the normal form is none of NFC, NFD, NFKC, NFKD");
			return native.normalize(text, number);
		}
	});
	setLength(String.prototype, "normalize", 0);
}

setLength(String.prototype, "padStart", 1);
setLength(String.prototype, "padEnd", 1);

defineHidden(String.prototype, iteratorSymbol, setName({
	method() {
		return makeIterator(stringIterator, { text: requireText(this), index: 0 });
	}
}.method, "[Symbol.iterator]"));

/*
 * An object with a method for it does what a RegExp would do; regular expressions have methods that
 * do what the engine does with them.
 */
["match", "matchAll", "replace", "search", "split"].forEach(function (name) {
	var byEngine = String.prototype[name];
	var symbol = Symbol[name];
	var functions = {
		ofString(pattern, other) {
			var method = isObject(pattern) ? pattern[symbol] : undefined_;

			if (method === undefined_ || method === null || method === functions.ofPattern)
				return byEngine.apply(this, arguments);
			return requireFunction(method).call(pattern, requireText(this), other);
		},
		ofPattern(text, other) {
			if (!(this instanceof RegExp))
				throw new TypeError("receiver is no regular expression");
			return byEngine.call(toText(text), this, other);
		}
	};

	defineHidden(String.prototype, name, setName(functions.ofString, name));
	setLength(String.prototype, name, byEngine.length);
	defineHidden(RegExp.prototype, symbol, setName(functions.ofPattern, "[Symbol." + name + "]"));
	setLength(RegExp.prototype, symbol, byEngine.length);
});

/* Names from before the standard. */
defineHidden(String.prototype, "trimLeft", String.prototype.trimStart);
defineHidden(String.prototype, "trimRight", String.prototype.trimEnd);

define(String, {
	raw(template) {
		var parts = toObject(toObject(template).raw);
		var count = toLength(parts.length);
		var result = "";

		for (var i = 0; i < count; i++) {
			result += toText(parts[i]);
			if (i + 1 < count && i + 1 < arguments.length)
				result += toText(arguments[i + 1]);
		}
		return result;
	}
});
