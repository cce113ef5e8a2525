/* SPDX-License-Identifier: MIT */
/* String. */

function requireText(value) {
	if (value === null || value === undefined_)
		throw new TypeError("receiver is null or undefined");
	return String(value);
}

/* What stands before or behind a text to make it length long. */
function makePadding(text, length, filler) {
	var unit = filler === undefined_ ? " " : String(filler);
	var missing = toLength(length) - text.length;

	if (missing <= 0 || unit === "")
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

	for (var at = text.indexOf(pattern); at >= 0; at = text.indexOf(pattern, at + step)) {
		result += text.slice(end, at);
		if (typeof replacement === "function")
			result += String(replacement(pattern, at, text));
		else
			result += expandReplacement(String(replacement), pattern, at, text);
		end = at + pattern.length;
		if (at + step > text.length)
			break;
	}
	return result + text.slice(end);
}

var matchIteratorPrototype = makeIteratorPrototype("RegExp String Iterator", function (state) {
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
	padStart: function padStart(length, filler) {
		var text = requireText(this);

		return makePadding(text, length, filler) + text;
	},
	padEnd: function padEnd(length, filler) {
		var text = requireText(this);

		return text + makePadding(text, length, filler);
	},
	trimStart: function trimStart() {
		return requireText(this).replace(/^\s+/, "");
	},
	trimEnd: function trimEnd() {
		var text = requireText(this);
		var end = text.length;

		/* Not by /\s+$/, which takes quadratic time on blanks inside. */
		while (end > 0 && /\s/.test(text.charAt(end - 1)))
			end--;
		return text.slice(0, end);
	},
	at: function at(index) {
		var text = requireText(this);
		var position = toInteger(index);

		if (position < 0)
			position += text.length;
		return position >= 0 && position < text.length ? text.charAt(position) : undefined_;
	},
	replaceAll: function replaceAll(pattern, replacement) {
		var text = requireText(this);

		if (!(pattern instanceof RegExp))
			return replaceAllText(text, String(pattern), replacement);
		if (!pattern.global)
			throw new TypeError("replaceAll needs a global regular expression");
		return text.replace(pattern, replacement);
	},
	matchAll: function matchAll(pattern) {
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
		return makeIterator(matchIteratorPrototype, { pattern: copy, text: text });
	}
});

/* Builds without utf8proc have no normal forms. */
if (native.normalize) {
	define(String.prototype, {
		normalize: function normalize(form) {
			var text = requireText(this);
			var name = form === undefined_ ? "NFC" : String(form);
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

/*
 * An object with a method for it does what a RegExp would do; regular expressions have methods that
 * do what the engine does with them.
 */
["match", "matchAll", "replace", "search", "split"].forEach(function (name) {
	var byEngine = String.prototype[name];
	var symbol = Symbol[name];

	function own(pattern, other) {
		var method;

		if (isObject(pattern) && !(pattern instanceof RegExp)) {
			method = pattern[symbol];
			if (method !== undefined_ && method !== null)
				return requireFunction(method).call(pattern, requireText(this), other);
		}
		return byEngine.apply(this, arguments);
	}

	defineProperty(own, "name", { value: name, configurable: true });
	defineHidden(String.prototype, name, own);
	setLength(String.prototype, name, byEngine.length);
	defineHidden(RegExp.prototype, symbol, function (text, other) {
		return byEngine.call(text, this, other);
	});
});

/* Names from before the standard. */
defineHidden(String.prototype, "trimLeft", String.prototype.trimStart);
defineHidden(String.prototype, "trimRight", String.prototype.trimEnd);

define(String, {
	raw: function raw(template) {
		var parts = template.raw;
		var count = toLength(parts.length);
		var result = "";

		for (var i = 0; i < count; i++) {
			result += parts[i];
			if (i + 1 < count && i + 1 < arguments.length)
				result += String(arguments[i + 1]);
		}
		return result;
	}
});
