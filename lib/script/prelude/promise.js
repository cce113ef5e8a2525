/* SPDX-License-Identifier: MIT */
/* Promise. There is no event loop: the library runs the jobs when a call returns. */

var PENDING = 0;
var FULFILLED = 1;
var REJECTED = 2;

var promiseSymbol = Symbol("promise");
var jobs = [];

function drain() {
	while (jobs.length > 0) {
		var batch = jobs;

		jobs = [];
		for (var i = 0; i < batch.length; i++)
			batch[i]();
	}
}

function settle(promise, state, value) {
	var slot = promise[promiseSymbol];

	if (slot.state !== PENDING)
		return;
	slot.state = state;
	slot.value = value;
	slot.reactions.forEach(function (reaction) {
		jobs.push(reaction);
	});
	slot.reactions = null;
}

/* A thenable decides later, in a job of its own. */
function adopt(promise, thenable, then) {
	jobs.push(function () {
		var functions = makeResolvers(promise);

		try {
			then.call(thenable, functions.resolve, functions.reject);
		} catch (error) {
			functions.reject(error);
		}
	});
}

function resolveWith(promise, value) {
	var then;

	if (value === promise) {
		settle(promise, REJECTED, new TypeError("a promise cannot wait for itself"));
		return;
	}
	if (!isObject(value)) {
		settle(promise, FULFILLED, value);
		return;
	}
	try {
		then = value.then;
	} catch (error) {
		settle(promise, REJECTED, error);
		return;
	}
	if (typeof then === "function")
		adopt(promise, value, then);
	else
		settle(promise, FULFILLED, value);
}

/* The pair of functions of which only the first call counts. */
function makeResolvers(promise) {
	var isDone = false;

	return {
		resolve: function (value) {
			if (isDone)
				return;
			isDone = true;
			resolveWith(promise, value);
		},
		reject: function (reason) {
			if (isDone)
				return;
			isDone = true;
			settle(promise, REJECTED, reason);
		}
	};
}

function Promise(executor) {
	var functions;

	if (!(this instanceof Promise))
		throw new TypeError("Promise is called without new");
	requireFunction(executor);
	defineProperty(this, promiseSymbol, {
		value: { state: PENDING, value: undefined_, reactions: [] }
	});
	functions = makeResolvers(this);
	try {
		executor(functions.resolve, functions.reject);
	} catch (error) {
		functions.reject(error);
	}
}

/* What a promise that then() made does once the first one is settled. */
function react(slot, onFulfilled, onRejected, resolve, reject) {
	var handler = slot.state === FULFILLED ? onFulfilled : onRejected;
	var value;

	if (typeof handler !== "function") {
		if (slot.state === FULFILLED)
			resolve(slot.value);
		else
			reject(slot.value);
		return;
	}
	try {
		value = handler(slot.value);
	} catch (error) {
		reject(error);
		return;
	}
	resolve(value);
}

define(Promise.prototype, {
	then: function then(onFulfilled, onRejected) {
		var slot = this[promiseSymbol];
		var constructor = this.constructor === undefined_ ? Promise : this.constructor;

		return new constructor(function (resolve, reject) {
			function job() {
				react(slot, onFulfilled, onRejected, resolve, reject);
			}

			if (slot.state === PENDING)
				slot.reactions.push(job);
			else
				jobs.push(job);
		});
	},
	"catch": function (onRejected) {
		return this.then(undefined_, onRejected);
	},
	"finally": function (callback) {
		if (typeof callback !== "function")
			return this.then(callback, callback);
		return this.then(
			function (value) {
				return Promise.resolve(callback()).then(function () {
					return value;
				});
			},
			function (reason) {
				return Promise.resolve(callback()).then(function () {
					throw reason;
				});
			}
		);
	}
});
defineHidden(Promise.prototype, "constructor", Promise);
defineProperty(Promise.prototype, Symbol.toStringTag, { value: "Promise", configurable: true });

function fulfilledOutcome(value) {
	return { status: "fulfilled", value: value };
}

function rejectedOutcome(reason) {
	return { status: "rejected", reason: reason };
}

/* Collects what all promises of an iterable come to, in their order. */
function collect(constructor, iterable, onFulfilled, onRejected) {
	return new constructor(function (resolve, reject) {
		var results = [];
		var waiting = 1;
		var count = 0;

		function finishOne() {
			waiting--;
			if (waiting === 0)
				resolve(results);
		}

		function storeAt(index, convert) {
			return function (value) {
				results[index] = convert(value);
				finishOne();
			};
		}

		iterate(iterable, function (value) {
			var index = count++;

			waiting++;
			constructor.resolve(value).then(
				storeAt(index, onFulfilled),
				onRejected ? storeAt(index, onRejected) : reject
			);
		});
		finishOne();
	});
}

define(Promise, {
	resolve: function resolve(value) {
		if (value instanceof Promise && value.constructor === this)
			return value;
		return new this(function (resolveNew) {
			resolveNew(value);
		});
	},
	reject: function reject(reason) {
		return new this(function (resolveNew, rejectNew) {
			rejectNew(reason);
		});
	},
	all: function all(iterable) {
		return collect(this, iterable, function (value) {
			return value;
		});
	},
	allSettled: function allSettled(iterable) {
		return collect(this, iterable, fulfilledOutcome, rejectedOutcome);
	},
	race: function race(iterable) {
		var constructor = this;

		return new constructor(function (resolve, reject) {
			iterate(iterable, function (value) {
				constructor.resolve(value).then(resolve, reject);
			});
		});
	}
});

defineHidden(global, "Promise", Promise);
defineHidden(global, "queueMicrotask", function queueMicrotask(job) {
	jobs.push(requireFunction(job));
});

/* [state, value] of a promise, undefined for anything else. */
function inspect(value) {
	var slot;

	if (!(value instanceof Promise))
		return undefined_;
	slot = value[promiseSymbol];
	return slot ? [slot.state, slot.value] : undefined_;
}
