/* SPDX-License-Identifier: MIT */
/* console: five functions that hand one line each to the host's log. */

var LOG_ERROR = 1;
var LOG_WARNING = 2;
var LOG_INFO = 3;

var stringify = JSON.stringify;

function toJson(value) {
	try {
		return String(stringify(value));
	} catch (error) {
		return "[Circular]";
	}
}

/* The text for one placeholder; undefined when it is none. */
function formatPlaceholder(sign, value) {
	switch (sign) {
	case "s":
		return String(value);
	case "d":
		return String(Number(value));
	case "i":
		return String(parseInt(value, 10));
	case "f":
		return String(parseFloat(value));
	case "j":
	case "o":
	case "O":
		return toJson(value);
	default:
		return undefined_;
	}
}

/* Placeholders of the first value take the next ones; what is left follows, a blank before each. */
function format(values) {
	var next = 1;
	var line;

	if (values.length === 0)
		return "";
	line = String(values[0]).replace(/%[%a-zA-Z]/g, function (placeholder) {
		var text;

		if (placeholder === "%%")
			return "%";
		if (next >= values.length)
			return placeholder;
		text = formatPlaceholder(placeholder.charAt(1), values[next]);
		if (text === undefined_)
			return placeholder;
		next++;
		return text;
	});
	for (; next < values.length; next++)
		line += " " + String(values[next]);
	return line;
}

function makePrinter(level) {
	return function () {
		native.print(level, format(arguments));
	};
}

defineHidden(global, "console", {
	log: makePrinter(LOG_INFO),
	info: makePrinter(LOG_INFO),
	debug: makePrinter(LOG_INFO),
	warn: makePrinter(LOG_WARNING),
	error: makePrinter(LOG_ERROR)
});
