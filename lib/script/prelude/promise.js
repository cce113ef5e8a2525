/* SPDX-License-Identifier: MIT */
/* Promise. There is no event loop: the library runs the jobs when a call returns. */

var PENDING = 0;
var FULFILLED = 1;
var REJECTED = 2;

var jobs = [];

function drain() {
	while (jobs.length > 0) {
		var batch = jobs;

		jobs = [];
		for (var i = 0; i < batch.length; i++)
			batch[i]();
	}
}

/* What a promise of ours knows; undefined for everything else. */
function slotOf(value) {
	return value instanceof Promise ? value[stateKey] : undefined_;
}

function settle(promise, state, value) {
	var slot = promise[stateKey];

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
	defineProperty(this, stateKey, {
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

/* What makes the promises that then() answers. */
function getConstructor(promise) {
	var constructor = promise.constructor;
	var species;

	if (constructor === undefined_)
		return Promise;
	if (!isObject(constructor))
		throw new TypeError("constructor of a promise is not an object");
	species = constructor[Symbol.species];
	return species === undefined_ || species === null ? Promise : species;
}

define(Promise.prototype, {
	then(onFulfilled, onRejected) {
		var slot = slotOf(this);
		var constructor;

		if (!slot)
			throw new TypeError("receiver is not a promise");
		constructor = getConstructor(this);
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
	/* The engine takes no reserved words for the names of methods. */
	"catch": setName({
		method(onRejected) {
			return this.then(undefined_, onRejected);
		}
	}.method, "catch"),
	"finally": setName({
		method(callback) {
			if (!isObject(this))
				throw new TypeError("receiver is not an object");
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
	}.method, "finally")
});
defineProperty(Promise, "prototype", { writable: false });
defineHidden(Promise.prototype, "constructor", Promise);
defineTag(Promise.prototype, "Promise");

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
			var isDone = false;

			return function (value) {
				if (isDone)
					return;
				isDone = true;
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
	resolve(value) {
		if (!isObject(this))
			throw new TypeError("receiver is not an object");
		if (slotOf(value) && value.constructor === this)
			return value;
		return new this(function (resolveNew) {
			resolveNew(value);
		});
	},
	reject(reason) {
		return new this(function (resolveNew, rejectNew) {
			rejectNew(reason);
		});
	},
	all(iterable) {
		return collect(this, iterable, function (value) {
			return value;
		});
	},
	allSettled(iterable) {
		return collect(this, iterable, fulfilledOutcome, rejectedOutcome);
	},
	race(iterable) {
		var constructor = this;

		return new constructor(function (resolve, reject) {
			iterate(iterable, function (value) {
				constructor.resolve(value).then(resolve, reject);
			});
		});
	}
});

defineHidden(global, "Promise", Promise);
replace(global, {
	queueMicrotask(job) {
		jobs.push(requireFunction(job));
	}
});

/* [state, value] of a promise, undefined for anything else. */
function inspect(value) {
	var slot = slotOf(value);

	return slot ? [slot.state, slot.value] : undefined_;
}
