/* SPDX-License-Identifier: MIT */
/*
 * Generators and asynchronous functions. Their code runs in a coroutine of the engine, where yield
 * and await are calls that hand something out and wait for a message.
 */

var Thread = native.Thread;
var resume = Thread.resume;
var suspend = Thread["yield"];

var NEXT = 0;
var THROW = 1;
var RETURN = 2;

function Message(mode, value) {
	this.mode = mode;
	this.value = value;
}

/* Thrown to end a generator: finally clauses run, catch clauses of lowered code let it pass. */
function isReturn(error) {
	return error instanceof Message;
}

function wait(handedOut) {
	var message = suspend(handedOut);

	if (message.mode === THROW)
		throw message.value;
	if (message.mode === RETURN)
		throw message;
	return message.value;
}

function Coroutine(body, self, args) {
	var coroutine = this;

	this.hasBegun = false;
	this.isRunning = false;
	this.isDone = false;
	this.thread = new Thread(function () {
		try {
			return apply(body, self, args);
		} catch (error) {
			if (!isReturn(error))
				throw error;
			return error.value;
		} finally {
			coroutine.isDone = true;
		}
	});
}

Coroutine.prototype = {
	/* Answers what the code hands out, or, when it is done, returns. */
	run(message) {
		this.isRunning = true;
		try {
			return resume(this.thread, message);
		} finally {
			this.isRunning = false;
			if (this.isDone)
				this.thread = null;
		}
	}
};

/* Other kinds of functions: code is no more made from text by their constructors than by Function. */
function makeFunctionPrototype(tag) {
	var prototype = Object.create(Function.prototype);

	defineTag(prototype, tag);
	return prototype;
}

function becomeFunction(made, body, prototype) {
	fix(made, "length", body.length);
	fix(made, "name", "");
	return Object.setPrototypeOf(made, prototype);
}

/* ---- generators ---- */

function resumeGenerator(receiver, mode, value) {
	var coroutine = isObject(receiver) ? receiver[stateKey] : undefined_;
	var answer;

	if (!(coroutine instanceof Coroutine))
		throw new TypeError("receiver is not a generator");
	if (coroutine.isRunning)
		throw new TypeError("Generator is already running");
	if (!coroutine.hasBegun && mode !== NEXT)
		coroutine.isDone = true;
	coroutine.hasBegun = true;
	if (!coroutine.isDone) {
		answer = coroutine.run(new Message(mode, value));
		return coroutine.isDone ? { value: answer, done: true } : answer;
	}
	if (mode === THROW)
		throw value;
	return { value: mode === RETURN ? value : undefined_, done: true };
}

var generatorFunctionPrototype = makeFunctionPrototype("GeneratorFunction");
var generatorPrototype = Object.create(native.iteratorPrototype);

define(generatorPrototype, {
	next(value) {
		return resumeGenerator(this, NEXT, value);
	},
	"return": setName({
		method(value) {
			return resumeGenerator(this, RETURN, value);
		}
	}.method, "return"),
	"throw": setName({
		method(error) {
			return resumeGenerator(this, THROW, error);
		}
	}.method, "throw")
});
defineTag(generatorPrototype, "Generator");
fix(generatorPrototype, "constructor", generatorFunctionPrototype);
fix(generatorFunctionPrototype, "prototype", generatorPrototype);

/* body sets its parameters up, waits, and does the rest. */
function makeGeneratorFunction(body) {
	var made = {
		method() {
			var prototype = isObject(made.prototype) ? made.prototype : generatorPrototype;
			var coroutine = new Coroutine(body, this, arguments);

			coroutine.run();
			return defineProperty(Object.create(prototype), stateKey, { value: coroutine });
		}
	}.method;

	defineProperty(made, "prototype", { value: Object.create(generatorPrototype), writable: true });
	return becomeFunction(made, body, generatorFunctionPrototype);
}

/* One method of an iterator that yield* goes through; undefined: there is none. */
function forward(iterator, name, value) {
	var method = iterator[name];
	var result;

	if (method === undefined_ || method === null)
		return undefined_;
	result = apply(requireFunction(method), iterator, [value]);
	if (!isObject(result))
		throw new TypeError("result of an iterator is not an object");
	return result;
}

/* yield*: what comes in goes to the iterator, what it answers goes out as it is. */
function delegate(iterable) {
	var walker = walkIterator(iterable);
	var iterator = walker.iterator;
	var message = new Message(NEXT, undefined_);
	var result;

	for (;;) {
		if (message.mode === NEXT)
			result = apply(walker.next, iterator, [message.value]);
		else
			result = forward(iterator, message.mode === THROW ? "throw" : "return",
					 message.value);
		if (result === undefined_ && message.mode === RETURN)
			throw message;
		if (result === undefined_ && message.mode === THROW) {
			walker.close();
			throw new TypeError("The iterator does not provide a 'throw' method");
		}
		if (!isObject(result))
			throw new TypeError("result of an iterator is not an object");
		if (result.done) {
			if (message.mode === RETURN)
				throw new Message(RETURN, result.value);
			return result.value;
		}
		message = suspend(result);
	}
}

/* ---- asynchronous functions ---- */

var asyncFunctionPrototype = makeFunctionPrototype("AsyncFunction");

function runAsync(coroutine) {
	return new Promise(function (resolve, reject) {
		function fulfilled(value) {
			go(new Message(NEXT, value));
		}

		function rejected(error) {
			go(new Message(THROW, error));
		}

		function go(message) {
			var value;

			try {
				value = coroutine.run(message);
			} catch (error) {
				reject(error);
				return;
			}
			if (coroutine.isDone) {
				resolve(value);
				return;
			}
			try {
				value = Promise.resolve(value);
			} catch (error) {
				rejected(error);
				return;
			}
			value.then(fulfilled, rejected);
		}

		go();
	});
}

function makeAsyncFunction(body) {
	return becomeFunction({
		method() {
			return runAsync(new Coroutine(body, this, arguments));
		}
	}.method, body, asyncFunctionPrototype);
}
