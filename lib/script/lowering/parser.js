/* SPDX-License-Identifier: MIT */
/*
 * acorn's parser without what is slow in Duktape: regular expressions that are lists of words, one
 * that gets a copy of the rest of the source at each function, and, where nothing is unusual, calls
 * and comparisons that can only have one outcome. What is unusual is left to acorn. There are no
 * locations, ranges or hooks.
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

/* All methods are its own: they are found sooner. */
Parser.prototype = {};
Object.getOwnPropertyNames(acorn.Parser.prototype).forEach(function (name) {
	Object.defineProperty(Parser.prototype, name,
			      Object.getOwnPropertyDescriptor(acorn.Parser.prototype, name));
});

/* A body that does not begin with a text has no directives. */
Parser.prototype.strictDirective = function (start) {
	var position = this.pos;
	var first;

	this.pos = start;
	this.skipSpace();
	first = this.input.charAt(this.pos);
	this.pos = position;
	return (first === "'" || first === '"') &&
		acorn.Parser.prototype.strictDirective.call(this, start);
};

/* ---- nodes ---- */

function Node(start) {
	this.type = "";
	this.start = start;
	this.end = 0;
}

Parser.prototype.startNode = function () {
	return new Node(this.start);
};

Parser.prototype.startNodeAt = function (start) {
	return new Node(start);
};

Parser.prototype.finishNode = function (node, type) {
	node.type = type;
	node.end = this.lastTokEnd;
	return node;
};

Parser.prototype.finishNodeAt = function (node, type, end) {
	node.type = type;
	node.end = end;
	return node;
};

/* ---- tokens ---- */

/* By the code of a character: whether it begins a word or goes on with it; tokens of one character. */
var wordStarts = [];
var wordParts = [];
var singleTokens = [];

for (var code = 0; code < 128; code++) {
	wordStarts.push(/[A-Za-z_$]/.test(String.fromCharCode(code)));
	wordParts.push(/[\w$]/.test(String.fromCharCode(code)));
	singleTokens.push(null);
}
["parenL", "parenR", "semi", "comma", "bracketL", "bracketR", "braceL", "braceR", "colon"].forEach(function (name) {
	singleTokens[acorn.tokTypes[name].label.charCodeAt(0)] = acorn.tokTypes[name];
});

Parser.prototype.readWord1 = function () {
	var input = this.input;
	var start = this.pos;
	var end = start;
	var code;

	while (wordParts[code = input.charCodeAt(end) | 0])
		end++;
	/* A backslash, or what is not of ASCII. */
	if (code === 92 || code > 127)
		return acorn.Parser.prototype.readWord1.call(this);
	this.containsEsc = false;
	this.pos = end;
	return input.slice(start, end);
};

Parser.prototype.next = function (isEscapeIgnored) {
	if (this.containsEsc && !isEscapeIgnored && this.type.keyword)
		this.raiseRecoverable(this.start, "Escape sequence in keyword " + this.type.keyword);
	this.lastTokEnd = this.end;
	this.lastTokStart = this.start;
	this.nextToken();
};

Parser.prototype.nextToken = function () {
	var context = this.context[this.context.length - 1];
	var code = this.input.charCodeAt(this.pos);

	if ((code < 48 || code > 127) && (!context || !context.preserveSpace)) {
		this.skipSpace();
		code = this.input.charCodeAt(this.pos);
	}
	this.start = this.pos;
	if (this.pos >= this.input.length) {
		this.finishToken(acorn.tokTypes.eof);
	} else if (context.override) {
		context.override(this);
	} else if (wordStarts[code]) {
		this.readWord();
	} else if (singleTokens[code]) {
		this.pos++;
		this.finishToken(singleTokens[code]);
	} else {
		this.readToken(this.fullCharCodeAtPos());
	}
};

Parser.prototype.finishToken = function (type, value) {
	var before = this.type;

	this.end = this.pos;
	this.type = type;
	this.value = value;
	if (type.keyword && before === acorn.tokTypes.dot)
		this.exprAllowed = false;
	else if (type.updateContext)
		type.updateContext.call(this, before);
	else
		this.exprAllowed = type.beforeExpr;
};

/* ---- expressions ---- */

["dot", "questionDot", "bracketL", "parenL", "backQuote"].forEach(function (name) {
	acorn.tokTypes[name].beginsSubscript = true;
});

Parser.prototype.parseSubscripts = function (base, start, location, noCalls, forInit) {
	return this.type.beginsSubscript ?
		acorn.Parser.prototype.parseSubscripts.call(this, base, start, location, noCalls, forInit) :
		base;
};

Parser.prototype.parseSubscript = function (base, start, location, noCalls, isAsync, isOptional, forInit) {
	return this.type.beginsSubscript ?
		acorn.Parser.prototype.parseSubscript.call(this, base, start, location, noCalls, isAsync,
							   isOptional, forInit) :
		base;
};

/* Those that are reserved somewhere: acorn looks where. */
var contextualNames = Object.create(null);

contextualNames["arguments"] = contextualNames["await"] = contextualNames["yield"] = true;

Parser.prototype.checkUnreserved = function (node) {
	var name = node.name;

	if (this.keywords.words[name] || this.reservedWordsStrict.words[name] ||
	    this.reservedWords.words[name] ||
	    contextualNames[name])
		acorn.Parser.prototype.checkUnreserved.call(this, node);
};

function parse(text, version, sourceType) {
	return new Parser({
		ecmaVersion: version,
		sourceType: sourceType || "script",
		allowHashBang: true
	}, text).parse();
}
