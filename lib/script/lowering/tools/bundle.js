// SPDX-License-Identifier: MIT
// node bundle.js OUTPUT FOLDER FILE...: acorn from the modules in FOLDER, which is ES5 itself, with the files behind it
// as one text; its value is the function lower().
'use strict';

const { readFileSync, writeFileSync } = require('fs');
const path = require('path');

const [output, folder, ...files] = process.argv.slice(2);

writeFileSync(output, [
	'(function () {',
	'var acorn = {};',
	'(function (exports, module) {',
	readFileSync(path.resolve(folder, 'acorn', 'dist', 'acorn.js'), 'utf8'),
	'}).call(acorn, acorn, {});',
	...files.map((file) => readFileSync(file, 'utf8')),
	'return lower;',
	'})()'
].join('\n'));
