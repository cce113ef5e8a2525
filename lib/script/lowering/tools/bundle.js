// SPDX-License-Identifier: MIT
// node bundle.js OUTPUT FOLDER FILE...: acorn, magic-string and Bublé from the modules in FOLDER as
// one ES5 text, with the files behind them; its value is the function lower().
'use strict';

const { readFileSync, writeFileSync } = require('fs');
const path = require('path');

const [output, folder, ...files] = process.argv.slice(2);
const modules = path.resolve(folder);
const { transform } = require(path.join(modules, 'buble'));

function read(...names) {
	return readFileSync(path.join(modules, ...names), 'utf8');
}

// What a module imports is in scope already, what it exports is declared.
function withoutModuleSyntax(text) {
	return text
		.replace(/^import .*$/gm, '')
		.replace(/^export \{[^}]*\};?$/gm, '')
		.replace(/^export default .*$/gm, '')
		.replace(/^\/\/# sourceMappingURL.*$/gm, '');
}

// Each replacement must be found: another version of the module may need another one.
function replace(text, from, to) {
	if (!text.includes(from))
		throw new Error(`bundle: ${JSON.stringify(from)} is not in the module`);
	return text.replace(from, to);
}

function toES5(text) {
	return transform(text, {
		transforms: { dangerousForOf: true, modules: false },
		objectAssign: 'Object.assign'
	}).code;
}

function findMagicString() {
	const description = JSON.parse(read('magic-string', 'package.json'));

	return read('magic-string', description.module);
}

const acorn = read('acorn', 'dist', 'acorn.js');
const magicString = withoutModuleSyntax(findMagicString());
// Scripts, not modules; the map is wanted as it is, not encoded; loops whose variables closures keep
// are done before (../loops.js): what Bublé makes of them is not faithful.
const buble = [
	["sourceType: 'module'", "sourceType: 'script'"],
	['.generateMap(', '.generateDecodedMap('],
	['this.shouldRewriteAsFunction = true;',
		"throw new CompileError('closures over the variables of a loop', this);"]
].reduce((text, [from, to]) => replace(text, from, to),
	withoutModuleSyntax(read('buble', 'dist', 'buble.es.js')));

const parts = [
	'(function () {',
	'var acorn = {};',
	'(function (exports, module) {', acorn, '}).call(acorn, acorn, {});',
	'var bubleTransform = (function (Parser) {',
	// JSX and dynamic imports are not read, regular expressions with the flag u are refused before.
	'function acornJsx() { return function (parser) { return parser; }; }',
	'function acornDynamicImport(parser) { return parser; }',
	'function encode() { return ""; }',
	'function rewritePattern(pattern) { return pattern; }',
	toES5('"use strict";\n' + magicString + buble),
	`var kept = ${JSON.stringify(['letConst', 'arrow', 'spreadRest', 'trailingFunctionCommas'])};`,
	'var options = { transforms: target({}) };',
	'Object.keys(options.transforms).forEach(function (name) {',
	'	options.transforms[name] = kept.indexOf(name) >= 0;',
	'});',
	'return function (text) { return transform(text, options); };',
	'})(acorn.Parser);',
	...files.map((file) => readFileSync(file, 'utf8')),
	'return lower;',
	'})()'
];

writeFileSync(output, parts.join('\n'));
