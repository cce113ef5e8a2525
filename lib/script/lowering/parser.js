/* SPDX-License-Identifier: MIT */
/*
 * acorn's parser without what is slow in Duktape: regular expressions that are lists of words, and
 * one that gets a copy of the rest of the source at each function.
 */

function WordList(regexp) {
	var list = this;

	/* ^(?:one|two)$ */
	this.words = Object.create(null);
	regexp.source.slice("^(?:".length, -")$".length).split("|").forEach(function (word) {
		list.words[word] = true;
	});
}

WordList.prototype.test = function (word) {
	return this.words[word] === true;
};

function Parser(options, input) {
	acorn.Parser.call(this, options, input);
	this.keywords = new WordList(this.keywords);
	this.reservedWords = new WordList(this.reservedWords);
	this.reservedWordsStrict = new WordList(this.reservedWordsStrict);
	this.reservedWordsStrictBind = new WordList(this.reservedWordsStrictBind);
}

Parser.prototype = Object.create(acorn.Parser.prototype);

/* A body that does not begin with a text has no directives. */
Parser.prototype.strictDirective = function (start) {
	var space = /(?:\s|\/\/.*|\/\*[^]*?\*\/)*/g;
	var first;

	space.lastIndex = start;
	first = this.input.charAt(start + space.exec(this.input)[0].length);
	return (first === "'" || first === '"') &&
		acorn.Parser.prototype.strictDirective.call(this, start);
};

function parse(text, version, sourceType) {
	return new Parser({
		ecmaVersion: version,
		sourceType: sourceType || "script",
		allowHashBang: true
	}, text).parse();
}
