/* SPDX-License-Identifier: MIT */
/*
 * What is printed is a tree of texts, of pieces of the source, and of lists of those. It becomes a
 * text whose every line knows the line of the source that it comes from.
 *
 * A piece is a number, made of its two offsets: there are very many, and objects take memory.
 */

/* More than the length of any source. */
var OFFSETS = 1 << 24;

function piece(start, end) {
	return start * OFFSETS + end;
}

/* Offsets at which the lines of a text begin. */
function lineStarts(text) {
	var starts = [0];

	for (var at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1))
		starts.push(at + 1);
	return starts;
}

/* The number, from 0, of the line that an offset is in. */
function lineAt(starts, offset) {
	var low = 0;
	var high = starts.length - 1;
	var middle;

	while (low < high) {
		middle = (low + high + 1) >> 1;
		if (starts[middle] <= offset)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

function Writer(source, starts) {
	this.source = source;
	this.starts = starts;
	this.parts = [];
	this.lines = [1];
	this.isLineKnown = false;
}

/* first: the source's line that the text begins in; a line is that of its first visible text. */
Writer.prototype.putText = function (text, first) {
	var lines = text.split("\n");

	this.parts.push(text);
	for (var i = 0; i < lines.length; i++) {
		if (i > 0) {
			this.lines.push(first + i);
			this.isLineKnown = false;
		}
		if (!this.isLineKnown && /\S/.test(lines[i])) {
			this.lines[this.lines.length - 1] = first + i;
			this.isLineKnown = true;
		}
	}
};

Writer.prototype.put = function (printed) {
	var start;
	var text;

	if (typeof printed === "string") {
		if (printed.indexOf("\n") < 0)
			this.parts.push(printed);
		else
			this.putText(printed, this.lines[this.lines.length - 1]);
	} else if (typeof printed === "number") {
		start = Math.floor(printed / OFFSETS);
		text = this.source.slice(start, printed % OFFSETS);
		if (this.isLineKnown && text.indexOf("\n") < 0)
			this.parts.push(text);
		else
			this.putText(text, lineAt(this.starts, start) + 1);
	} else {
		for (var i = 0; i < printed.length; i++)
			this.put(printed[i]);
	}
};

/* {code, lines}: lines[i] is the source's line, from 1, of line i of the code. */
function writeOut(printed, source, starts) {
	var writer = new Writer(source, starts);

	writer.put(printed);
	return { code: writer.parts.join(""), lines: writer.lines };
}
