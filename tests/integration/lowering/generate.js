// SPDX-License-Identifier: MIT
// Makes ES2015 programs: the same number makes the same program, everywhere. Programs end, print
// what they compute, and depend on nothing outside of them.
'use strict';

// A small generator of pseudo-random numbers (mulberry32).
function makeRandom(seed) {
	let state = seed >>> 0;

	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
	};
}

const PROLOGUE = `
let budget = 300;
const fns = [];
function tick() { if (--budget < 0) throw new RangeError('budget'); return budget; }
function show(value) {
	if (typeof value === 'function') return 'function';
	if (value instanceof Map || value instanceof Set) return '<' + show(Array.from(value)) + '>';
	if (value instanceof Error) return value.name;
	if (Array.isArray(value)) return '[' + value.slice(0, 20).map(show).join() + ']';
	if (value && typeof value === 'object')
		return '{' + Object.keys(value).slice(0, 20).map(function (key) { return key + ':' + show(value[key]); }).join() + '}';
	return typeof value === 'string' ? '"' + value.slice(0, 100) + '"' : String(value);
}
function log() { console.log(Array.prototype.map.call(arguments, show).join(' ')); }
function iter(list) {
	return { [Symbol.iterator]() {
		let at = 0;
		return {
			next() { return at < list.length ? { value: list[at++], done: false } : { value: undefined, done: true }; },
			return() { log('closed'); return {}; }
		};
	} };
}
function runAll() { for (var i = 0; i < fns.length && i < 20; i++) { try { log(fns[i]()); } catch (e) { log(e.name); } } fns.length = 0; }
`;

class Generator {
	constructor(seed) {
		this.random = makeRandom(seed);
		this.count = 0;
		this.tags = new Set();
		this.depth = 0;
		this.inFunction = 0;
		this.loops = [];
		// Each scope: names by what may be done with them.
		this.scopes = [];
	}

	chance(probability) {
		return this.random() < probability;
	}

	pick(list) {
		return list[Math.floor(this.random() * list.length)];
	}

	below(limit) {
		return Math.floor(this.random() * limit);
	}

	// New names mostly; sometimes the one that the scope hides from its begin.
	newName() {
		const own = this.scopes[this.scopes.length - 1];
		const hidden = own.hidden;

		own.hidden = null;
		if (hidden)
			return hidden;
		this.count++;
		return 'abcdefgh'[this.below(8)] + this.count;
	}

	declare(name, kind) {
		const scope = this.scopes[this.scopes.length - 1];

		scope.all.add(name);
		scope.entries.push({ name, kind });
	}

	reserve(name) {
		this.scopes[this.scopes.length - 1].all.add(name);
	}

	names(...kinds) {
		const found = [];
		const seen = new Set();

		for (let i = this.scopes.length - 1; i >= 0; i--) {
			const { entries, all } = this.scopes[i];

			for (const { name, kind } of entries) {
				if (!seen.has(name) && kinds.includes(kind))
					found.push(name);
			}
			all.forEach((name) => seen.add(name));
		}
		return found;
	}

	// mayHide: a name of outside may be declared in it again, and is then not used before.
	inScope(make, mayHide = false) {
		const outer = mayHide ? this.names('value', 'const', 'function') : [];
		const hidden = outer.length > 0 && this.chance(0.5) ? this.pick(outer) : null;
		this.scopes.push({ entries: [], all: new Set(hidden ? [hidden] : []), hidden });
		const made = make();
		this.scopes.pop();
		return made;
	}

	// ---- expressions ----

	expression(depth = 0) {
		const simple = [() => String(this.below(10)), () => this.pick(["'s'", "'ab'", "''", 'true'])];
		const names = this.names('value', 'const');

		if (names.length > 0)
			simple.push(() => this.pick(names), () => this.pick(names), () => this.pick(names));
		if (depth > 1 || this.chance(0.45))
			return this.pick(simple)();
		return this.pick(this.complexExpressions)(depth + 1);
	}

	get complexExpressions() {
		const e = (depth) => this.expression(depth);

		return [
			(d) => `(${e(d)} ${this.pick(['+', '-', '*', '<', '===', '&&', '||', '%'])} ${e(d)})`,
			(d) => `(${e(d)} ? ${e(d)} : ${e(d)})`,
			(d) => this.template(d),
			(d) => this.array(d),
			(d) => this.object(d),
			(d) => this.arrowCall(d),
			(d) => this.call(d),
			(d) => `typeof ${e(d)}`,
			(d) => this.assignment(d),
			(d) => this.newInstance(d),
			(d) => this.spreadCall(d),
			(d) => this.patternAssignment(d),
			(d) => this.member(d)
		];
	}

	template(d) {
		this.tags.add('templates');
		const parts = [];
		for (let i = this.below(3); i >= 0; i--)
			parts.push(this.pick(['x', '-', '\n', '"', '\\n', '']) + '${' + this.expression(d) + '}');
		return '`' + parts.join('') + this.pick(['', 'end', '\\`']) + '`';
	}

	array(d) {
		const parts = [];
		for (let i = this.below(4); i > 0; i--) {
			if (this.chance(0.3)) {
				this.tags.add('spread in arrays');
				parts.push('...' + this.iterable(d));
			} else {
				parts.push(this.expression(d));
			}
		}
		return `[${parts.join(', ')}]`;
	}

	object(d) {
		const parts = [];
		const names = this.names('value', 'const');
		for (let i = this.below(4); i > 0; i--) {
			const kind = this.below(7);
			if (kind === 0 && names.length > 0) {
				this.tags.add('shorthand properties');
				parts.push(this.pick(names));
			} else if (kind === 1) {
				this.tags.add('spread in objects');
				parts.push('...' + this.pick(['{ p: 1, q: 2 }', 'null', this.expression(d)]));
			} else if (kind === 2) {
				this.tags.add('computed properties');
				parts.push(`['k' + ${this.below(3)}]: ${this.expression(d)}`);
			} else if (kind === 3) {
				this.tags.add('methods in objects');
				parts.push(`m${this.below(2)}() { return ${this.expression(d)}; }`);
			} else if (kind === 4) {
				parts.push(`get g() { return ${this.expression(d)}; }`);
			} else {
				parts.push(`p${this.below(3)}: ${this.expression(d)}`);
			}
		}
		// Between spreads node 20 has accessors behind all other properties; ECMAScript keeps their order, as the
		// unit test of lowering says. Here they stand behind the others.
		const runs = [[]];
		parts.forEach((part) => part.startsWith('...') ? runs.push([part]) : runs[runs.length - 1].push(part));
		const isAccessor = (part) => part.startsWith('get ');
		const kept = runs.flatMap((run, i) => i === 0 ? run :
			[...run.filter((part) => !isAccessor(part)), ...run.filter(isAccessor)]);
		return `({ ${kept.join(', ')} })`;
	}

	iterable(d) {
		this.tags.add('iteration');
		return this.pick([
			() => `[${this.expression(d)}, ${this.expression(d)}]`,
			() => `new Set([1, ${this.expression(d)}, 1])`,
			() => `new Map([[1, ${this.expression(d)}], ['k', 2]])`,
			() => "'xyz'",
			() => `new Map([['a', ${this.expression(d)}]]).keys()`,
			() => `[${this.expression(d)}].entries()`,
			() => `iter([${this.expression(d)}, 2, 3])`
		])();
	}

	pairs(d) {
		return this.pick([
			() => `[[1, ${this.expression(d)}], [2, 3]]`,
			() => `new Map([['a', ${this.expression(d)}], ['b', 5]])`,
			() => `Object.entries({ u: ${this.expression(d)}, v: 1 })`,
			() => "['pq', 'rs']"
		])();
	}

	arrowCall(d) {
		const args = `${this.expression(d)}, ${this.expression(d)}`;
		this.tags.add('arrow functions');
		return this.inScope(() => {
			const parameters = this.parameters();
			const body = this.chance(0.6) ? this.pick(['', '']) + `(${this.expression(d)})` :
				this.functionBlock(d);
			return `((${parameters}) => ${body})(${args})`;
		});
	}

	call(d) {
		const functions = this.names('function');
		if (functions.length === 0)
			return this.expression(d);
		return `${this.pick(functions)}(${this.expression(d)}, ${this.expression(d)})`;
	}

	spreadCall(d) {
		const functions = this.names('function');
		this.tags.add('spread in calls');
		const args = `${this.expression(d)}, ...${this.iterable(d)}`;
		return this.pick([
			() => functions.length > 0 ? `${this.pick(functions)}(${args})` : `Math.max(${args})`,
			() => `[].concat(${args})`,
			() => `new Array(...${this.iterable(d)}, 7)`
		])();
	}

	newInstance(d) {
		const classes = this.names('class');
		if (classes.length === 0)
			return this.expression(d);
		const made = `new ${this.pick(classes)}(${this.expression(d)})`;
		return this.pick([made, `${made}.m0()`, `${made}.v`, `${made}.acc`, `(${made} instanceof ${this.pick(classes)})`,
			`${this.pick(classes)}.st(${this.expression(d)})`]);
	}

	member(d) {
		const names = this.names('value', 'const');
		if (names.length === 0)
			return this.expression(d);
		const name = this.pick(names);
		if (this.chance(0.3)) {
			this.tags.add('optional chains');
			return this.pick([`${name}?.p0`, `${name}?.[0]`, `${name}?.m0?.()`, `(${name} ?? ${this.expression(d)})`]);
		}
		return this.pick([`Object(${name}).p0`, `Object(${name})[0]`, `Object(${name}).length`, `Object(${name}).p1`]);
	}

	assignment(d) {
		const names = this.names('value');
		if (names.length === 0)
			return this.expression(d);
		const name = this.pick(names);
		return this.pick([`(${name} = ${this.expression(d)})`, `(${name} += ${this.expression(d)})`, `${name}++`,
			`(${name} ||= ${this.expression(d)})`]);
	}

	patternAssignment(d) {
		const names = this.names('value');
		if (names.length < 2)
			return this.expression(d);
		const [a, b] = [this.pick(names), this.pick(names)];
		this.tags.add('destructuring assignments');
		return this.pick([
			`([${a}, ${b}] = [${b}, ${a}])`,
			`([${a} = ${this.below(5)}] = ${this.iterable(d)})`,
			`({ p0: ${a}, p1: ${b} = 4 } = { p0: ${this.expression(d)} })`
		]);
	}

	// ---- patterns ----

	// A pattern and a value that fits it. Calls declare(name) for each name, in order.
	pattern(declare, depth = 0) {
		this.tags.add('destructuring');
		return this.chance(0.5) ? this.arrayPattern(declare, depth) : this.objectPattern(declare, depth);
	}

	// A target with the value for it, and perhaps a default value.
	element(declare, depth) {
		if (depth < 2 && this.chance(0.25)) {
			const { text, value } = this.pattern(declare, depth + 1);
			return this.chance(0.5) ? { text: `${text} = ${value}`, value: this.pick([value, 'undefined']) } : { text, value };
		}
		const fallback = this.expression(2);
		const name = this.nameFor(declare);
		return this.chance(0.4) ? { text: `${name} = ${fallback}`, value: this.pick(['undefined', '6']) } :
			{ text: name, value: this.expression(2) };
	}

	arrayPattern(declare, depth) {
		const parts = [];
		const values = [];
		for (let i = this.below(3); i >= 0; i--) {
			const { text, value } = this.chance(0.15) ? { text: '', value: '0' } : this.element(declare, depth);
			parts.push(text);
			values.push(value);
		}
		if (this.chance(0.3)) {
			parts.push('...' + this.nameFor(declare));
			values.push('1', '2');
		}
		const list = `[${values.join(', ')}]`;
		return { text: `[${parts.join(', ')}]`,
			 value: this.pick([list, list, `new Set(${list})`, `iter(${list})`, `new Map([[1, ${list}]]).values().next().value`]) };
	}

	objectPattern(declare, depth) {
		const parts = [];
		const values = [];
		for (let i = this.below(3); i >= 0; i--) {
			const { text, value } = this.element(declare, depth);
			parts.push(this.pick([`p${i}: ${text}`, `['p' + ${i}]: ${text}`]));
			values.push(this.pick([`p${i}: ${value}`, `get p${i}() { return ${value}; }`]));
		}
		if (this.chance(0.3)) {
			parts.push('...' + this.nameFor(declare));
			values.push('z: 4');
		}
		return { text: `{ ${parts.join(', ')} }`, value: `{ ${values.join(', ')} }` };
	}

	nameFor(declare) {
		const name = this.newName();
		this.reserve(name);
		declare(name);
		return name;
	}

	parameters() {
		const parts = [];
		for (let i = this.below(3); i > 0; i--) {
			const kind = this.below(4);
			if (kind === 0) {
				const fresh = [];
				const { text, value } = this.pattern((name) => fresh.push(name));
				this.tags.add('destructured parameters');
				parts.push(`${text} = ${value}`);
				fresh.forEach((name) => this.declare(name, 'value'));
			} else if (kind === 1) {
				this.tags.add('default parameters');
				const fallback = this.expression(2);
				const name = this.freshName();
				parts.push(`${name} = ${fallback}`);
				this.declare(name, 'value');
			} else {
				const name = this.freshName();
				parts.push(name);
				this.declare(name, 'value');
			}
		}
		if (this.chance(0.25)) {
			this.tags.add('rest parameters');
			const name = this.freshName();
			parts.push('...' + name);
			this.declare(name, 'value');
		}
		return parts.join(', ');
	}

	freshName() {
		this.count++;
		const name = 'n' + this.count;
		this.reserve(name);
		return name;
	}

	// ---- statements ----

	functionBlock(d) {
		const loops = this.loops;
		this.loops = [];
		this.inFunction++;
		const body = this.statements(1 + this.below(3), d) + `\nreturn ${this.expression(1)};`;
		this.inFunction--;
		this.loops = loops;
		return `{ tick(); ${body} }`;
	}

	block(count) {
		return this.inScope(() => `{\n${this.statements(count)}\n}`, true);
	}

	statements(count) {
		const made = [];
		this.depth++;
		for (let i = 0; i < count; i++)
			made.push(this.statement());
		this.depth--;
		return made.join('\n');
	}

	statement() {
		const flat = ['declaration', 'declaration', 'assign', 'print', 'closure', 'patternDeclaration'];
		const nested = ['ifElse', 'forLet', 'forOf', 'forIn', 'whileLoop', 'switchCase', 'plainBlock', 'tryCatch',
			'functionDeclaration', 'classDeclaration', 'labelled', 'jump', 'jump', 'doLoop', 'forOf', 'forLet',
			'arrowConstant'];
		return this[this.pick(this.depth > 2 ? flat : flat.concat(nested))]();
	}

	declaration() {
		const kind = this.pick(['let', 'let', 'const', 'const', 'var']);
		const value = this.expression();
		// var would meet let of the same name in a scope between.
		const name = kind === 'var' ? this.freshName() : this.newName();
		this.tags.add(kind);
		this.declare(name, kind === 'const' ? 'const' : 'value');
		return kind === 'let' && this.chance(0.2) ? `let ${name};` : `${kind} ${name} = ${value};`;
	}

	patternDeclaration() {
		const fresh = [];
		const kind = this.pick(['let', 'const']);
		const { text, value } = this.pattern((name) => fresh.push(name));
		const made = `${kind} ${text} = ${this.chance(0.05) ? 'null' : value};`;
		this.tags.add(kind);
		fresh.forEach((name) => this.declare(name, kind === 'const' ? 'const' : 'value'));
		return made;
	}

	assign() {
		return `${this.assignment(0)};`;
	}

	print() {
		return `log(${this.expression()}, ${this.expression()});`;
	}

	closure() {
		this.tags.add('closures');
		if (this.loops.length > 0)
			this.tags.add('closures in loops');
		return `fns.push(() => ${this.chance(0.3) ? this.assignment(1) : `(${this.expression(1)})`});`;
	}

	arrowConstant() {
		const name = this.newName();
		this.reserve(name);
		this.tags.add('arrow functions');
		const made = this.inScope(() => {
			const parameters = this.parameters();
			return `const ${name} = (${parameters}) => ${this.functionBlock(1)};`;
		});
		this.declare(name, 'function');
		return this.chance(0.3) ? `${made}\nlog(${name}.name, ${name}.length);` : made;
	}

	ifElse() {
		return `if (${this.expression(1)}) ${this.block(2)}` + (this.chance(0.5) ? ` else ${this.block(2)}` : '');
	}

	loop(make) {
		this.loops.push(null);
		const made = this.inScope(make);
		this.loops.pop();
		return made;
	}

	forLet() {
		return this.loop(() => {
			const name = this.newName();
			const limit = 1 + this.below(3);
			this.tags.add('let');
			this.declare(name, this.chance(0.85) ? 'const' : 'value');
			return `for (let ${name} = 0; ${name} < ${limit}; ${name}++) { tick();\n${this.block(2 + this.below(2))} }`;
		});
	}

	forOf() {
		this.tags.add('for-of');
		const pairs = this.chance(0.4);
		const over = pairs ? this.pairs(1) : this.iterable(1);
		return this.loop(() => {
			const kind = this.pick(['const', 'let']);
			const fresh = [];
			const target = pairs ? `[${this.nameFor((name) => fresh.push(name))}, ${this.nameFor((name) => fresh.push(name))}]` :
				this.nameFor((name) => fresh.push(name));
			fresh.forEach((name) => this.declare(name, kind === 'const' ? 'const' : 'value'));
			return `for (${kind} ${target} of ${over}) { tick();\n${this.block(1 + this.below(3))} }`;
		});
	}

	forIn() {
		const over = this.pick(['{ x: 1, y: 2 }', '[7, 8]', "'hi'"]);
		return this.loop(() => {
			const name = this.newName();
			this.declare(name, 'const');
			return `for (const ${name} in ${over}) { tick();\n${this.block(2)} }`;
		});
	}

	whileLoop() {
		const counter = this.freshName();
		return `let ${counter} = 0;\n` + this.loop(() =>
			`while (${counter}++ < ${1 + this.below(3)}) { tick();\n${this.statements(2)}\n}`);
	}

	doLoop() {
		const counter = this.freshName();
		return `let ${counter} = 0;\n` + this.loop(() =>
			`do { tick();\n${this.statements(2)}\n} while (${counter}++ < ${this.below(3)});`);
	}

	labelled() {
		const label = 'l' + ++this.count;
		const counter = this.freshName();
		this.loops.push(label);
		const made = this.inScope(() => {
			this.tags.add('labels');
			const name = this.newName();
			const isOf = this.chance(0.5);
			this.declare(name, 'const');
			const head = isOf ? `for (const ${name} of [1, 2, 3])` : `for (let ${name} = 0; ${name} < 3; ${name}++)`;
			return `${label}: ${head} { tick();\nfor (const ${counter} of [1, 2]) {\n${this.statements(3)}\n${this.labelJump(label)} } }`;
		});
		this.loops.pop();
		return made;
	}

	labelJump(label) {
		return `if (${this.expression(1)}) ${this.pick(['break', 'continue'])} ${label};`;
	}

	jump() {
		const choices = [];
		if (this.loops.length > 0)
			choices.push(() => this.pick(['break;', 'continue;']));
		this.loops.filter(Boolean).forEach((label) => choices.push(() => `${this.pick(['break', 'continue'])} ${label};`));
		if (this.inFunction > 0)
			choices.push(() => `return ${this.expression(1)};`);
		if (choices.length === 0)
			return this.print();
		return `if (${this.expression(1)}) ${this.pick(choices)()}`;
	}

	switchCase() {
		return this.inScope(() => {
			const cases = [0, 1, "'s'"].map((value) => this.inScope(() =>
				`case ${value}: {\n${this.statements(1)}\n}${this.chance(0.6) ? ' break;' : ''}`));
			return `switch (${this.expression(1)}) {\n${cases.join('\n')}\ndefault: ${this.inScope(() => `{ ${this.print()} }`)} }`;
		});
	}

	plainBlock() {
		return this.block(2 + this.below(2));
	}

	tryCatch() {
		const thrown = this.chance(0.5) ? `throw new ${this.pick(['TypeError', 'Error'])}(${this.template(1)});` : '';
		const body = this.inScope(() => `{\n${this.statements(2)}\n${thrown} }`);
		const handler = this.inScope(() => this.pick([
			() => `catch ({ name, message }) { log(name, typeof message); }`,
			() => `catch (error) { log(error.name); ${this.print()} }`,
			() => `catch { ${this.print()} }`
		])());
		return `try ${body} ${handler}` + (this.chance(0.3) ? ` finally ${this.block(1)}` : '');
	}

	functionDeclaration() {
		const name = this.freshName();
		const made = this.inScope(() => {
			const parameters = this.parameters();
			return `function ${name}(${parameters}) ${this.functionBlock(1)}`;
		});
		this.declare(name, 'function');
		return made;
	}

	classDeclaration() {
		const name = 'C' + ++this.count;
		const parents = this.names('class');
		const parent = parents.length > 0 && this.chance(0.6) ? this.pick(parents) : this.chance(0.15) ? 'Error' : null;
		const loops = this.loops;
		this.tags.add('classes');
		this.loops = [];
		this.inFunction++;
		const members = [];
		if (parent === null || this.chance(0.6)) {
			members.push(this.inScope(() => {
				this.declare('seed', 'value');
				return `constructor(seed) { tick(); ${parent ? this.superCall() : ''} this.v = ${this.expression(1)}; this.f = () => this.v; }`;
			}));
		}
		members.push(this.inScope(() => `m0() { tick(); return [${this.expression(1)}, this.v${parent && parent !== 'Error' ? ', super.m0()' : ''}]; }`));
		members.push(`get acc() { return [this.v, ${this.expression(1)}${parent && parent !== 'Error' && this.chance(0.5) ? ', super.acc' : ''}]; }`);
		members.push(`static st(...rest) { tick(); return [rest, ${this.expression(1)}${parent && parent !== 'Error' ? ', super.st(...rest)' : ''}]; }`);
		if (this.chance(0.3))
			members.push(`['m' + ${this.below(3)}]() { return ${this.expression(1)}; }`);
		if (this.chance(0.3))
			members.push(`set acc(value) { this.v = value; }`);
		if (this.chance(0.4)) {
			this.tags.add('class fields');
			members.push(`${this.pick(['', 'static '])}${this.pick(['v', 'w', `['x' + ${this.below(3)}]`])} = ${this.inScope(() => this.expression(1))};`);
		}
		if (this.chance(0.2)) {
			this.tags.add('static blocks');
			members.push(this.inScope(() => `static { tick(); ${this.print()} this.z = ${this.expression(1)}; }`));
		}
		this.inFunction--;
		this.loops = loops;
		if (parent)
			this.tags.add('derived classes');
		this.declare(name, 'class');
		return this.pick([`class ${name}`, `const ${name} = class`]) + `${parent ? ` extends ${parent}` : ''} {\n${members.join('\n')}\n}` +
			(this.chance(0.5) ? `\nlog(Object.keys(${name}.prototype), ${name}.name, typeof ${name});` : '\n');
	}

	// As minifiers write it, too.
	superCall() {
		const call = `super(seed, ${this.expression(1)})`;
		return this.pick([`${call};`, `${call};`, `${call}, this.w = 1;`, `const made = ${call}; log(made === this);`,
			`(() => ${call})();`, `if (seed) { ${call}; } else { super(); }`]);
	}

	// What fails does not end the program.
	guarded() {
		return `try ${this.block(3)} catch (error) { log(error.name); }`;
	}

	program() {
		const body = this.inScope(() => {
			const statements = [];
			for (let i = 3 + this.below(5); i > 0; i--)
				statements.push(this.chance(0.4) ? this.guarded() : this.statement());
			const names = this.names('value', 'const').slice(0, 6);
			return `${statements.join('\n')}\nlog(${names.join(', ')});\nrunAll();`;
		});
		return `${this.chance(0.3) ? "'use strict';" : ''}${PROLOGUE}${body}`;
	}
}

// Rules of let and const that must throw, in node and here (or be refused).
function brokenRule(seed) {
	const generator = new Generator(seed);
	const rule = generator.pick([
		'const x = 1; try { x = 2; } catch (e) { log(e.name); }',
		'try { log(x); } catch (e) { log(e.name); } let x = 1;',
		'function f() { return x; } try { log(f()); } catch (e) { log(e.name); } const x = 1; log(f());',
		'const f = () => x; try { log(f()); } catch (e) { log(e.name); } let x = 1; log(f());',
		'const f = () => { x = 5; return x; }; try { log(f()); } catch (e) { log(e.name); } let x = 1; log(f());',
		'const f = () => { x += 5; return x++; }; try { log(f()); } catch (e) { log(e.name); } let x = 1; log(f(), x);',
		'{ const g = () => typeof x; try { log(g()); } catch (e) { log(e.name); } let x; log(g()); }',
		'const make = () => new K(); try { make(); } catch (e) { log(e.name); } class K {} log(typeof make());',
		'const f = () => [a, b]; try { f(); } catch (e) { log(e.name); } const [a, { b = a }] = [1, {}]; log(f());',
		'switch (1) { case 0: let y = 1; break; case 1: try { log(y); } catch (e) { log(e.name); } }',
		'for (const i = 0; i < 2;) { try { i++; } catch (e) { log(e.name); } break; }',
		'for (let i = 0; i < 2; i++) { const g = () => z; try { g(); } catch (e) { log(e.name); } const z = i; log(g()); }',
		'let x = 1; { try { log(x); } catch (e) { log(e.name); } let x = 2; }',
		'try { let w = w + 1; } catch (e) { log(e.name); }',
		'function f(a = b, b = 1) { return a; } try { f(); } catch (e) { log(e.name); }',
		'class D extends Object { constructor() { try { this.x; } catch (e) { log(e.name); } super(); } } new D();',
		'class E { constructor() {} } try { E(); } catch (e) { log(e.name); }'
	]);
	return `${PROLOGUE}${generator.pick(['', '{', '(() => {'])}`.replace(/(\{|\(\(\) => \{)?$/, (open) =>
		`${open}${rule}${open === '{' ? '}' : open ? '})();' : ''}`);
}

module.exports = {
	makeProgram(seed) {
		const generator = new Generator(seed);
		const source = generator.program();
		return { source, tags: [...generator.tags] };
	},
	makeBrokenRule: brokenRule
};
