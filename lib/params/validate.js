/* SPDX-License-Identifier: MIT */
/*
 * The rules for parameter values: the only implementation, ES5, for the backend and for browsers.
 *
 *   extmgrValidateParameters(definitions, values)
 *
 * definitions: array of {id, name, type, required, regex, options, condition, ...}
 * values:      array of {name, value}, or an object name: value; a value is text
 *
 * Answers the document "extmgr.parameter-report/1". It names every fault at once and holds no value
 * of a secret parameter; no message holds any value.
 *
 * Throws an Error with a code when there is nothing to report on:
 *   PARAMETER_DEFINITION  the definitions are wrong; all their faults are in the message
 *   TOO_LARGE             more than a limit below
 *   FORMAT                the values are no list of names and values
 *
 * Ids come from outside and may be "__proto__" or "constructor": tables are made by table(), which
 * inherits nothing. Loops instead of callbacks keep the native stack flat for any input.
 */
(function (root) {
	'use strict';

	var MAXIMUM_DEFINITIONS = 1000;
	var MAXIMUM_VALUES = 1000;
	var MAXIMUM_VALUE_BYTES = 65536;
	var MAXIMUM_CONDITION_DEPTH = 32;
	/* Longest part of a name from outside that a message repeats. */
	var MAXIMUM_NAME_IN_MESSAGE = 100;

	/* The interface's enum, by number and by name. */
	var OPERATORS = ['EQ', 'LESS', 'GREATER', 'LESS_EQUAL', 'GREATER_EQ'];

	var INTEGER = /^-?[0-9]+$/;
	var NUMBER = /^-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?$/;

	/* ---- Small helpers ---- */

	function table() {
		return Object.create(null);
	}

	function isObject(thing) {
		return typeof thing === 'object' && thing !== null && !Array.isArray(thing);
	}

	function isAbsent(thing) {
		return thing === undefined || thing === null;
	}

	function isEmpty(value) {
		return value === undefined || value === null || value === '';
	}

	function shorten(name) {
		if (name.length <= MAXIMUM_NAME_IN_MESSAGE) {
			return name;
		}
		name = name.slice(0, MAXIMUM_NAME_IN_MESSAGE);
		/* Half of a surrogate pair must not stay behind. */
		return name.replace(/[\uD800-\uDBFF]$/, '') + '...';
	}

	function refusal(code, message) {
		var error = new Error(message);
		error.code = code;
		return error;
	}

	function countCharacters(text) {
		return text.length - (text.match(/[\uD800-\uDBFF][\uDC00-\uDFFF]/g) || []).length;
	}

	function isTooLong(value) {
		var bytes = 0;
		var i;
		var unit;

		if (value.length > MAXIMUM_VALUE_BYTES) {
			return true;
		}
		for (i = 0; i < value.length; i++) {
			unit = value.charCodeAt(i);
			if (unit < 0x80) {
				bytes += 1;
			} else if (unit < 0x800 || (unit >= 0xD800 && unit <= 0xDFFF)) {
				bytes += 2; /* each half of a pair: two of its four bytes */
			} else {
				bytes += 3;
			}
		}
		return bytes > MAXIMUM_VALUE_BYTES;
	}

	/* ---- Definitions: are they well-formed? ---- */

	function hasCondition(definition) {
		return !isAbsent(definition.condition);
	}

	/* An operator's name, or undefined. */
	function operatorName(operator) {
		if (typeof operator === 'number') {
			return OPERATORS[operator];
		}
		return OPERATORS.indexOf(operator) >= 0 ? operator : undefined;
	}

	/* What would be looked at and what not could only be guessed. */
	function countKinds(condition) {
		return !isAbsent(condition.not) + !isAbsent(condition.and) +
			!isAbsent(condition.or) + !isAbsent(condition.parameter);
	}

	/*
	 * Checks a condition and adds the ids it looks at to dependencies.
	 * Answers the fault, or ''.
	 */
	function checkCondition(condition, byId, dependencies, depth) {
		var parts;
		var fault = '';
		var i;

		if (depth > MAXIMUM_CONDITION_DEPTH) {
			return 'the condition is nested deeper than ' +
				MAXIMUM_CONDITION_DEPTH + ' levels';
		}
		if (!isObject(condition)) {
			return 'a condition is not an object';
		}
		if (countKinds(condition) > 1) {
			return 'a condition is more than one of comparison, and, or, not';
		}
		if (!isAbsent(condition.not)) {
			return checkCondition(condition.not, byId, dependencies, depth + 1);
		}
		parts = isAbsent(condition.and) ? condition.or : condition.and;
		if (isAbsent(parts)) {
			return checkComparison(condition, byId, dependencies);
		}
		if (!Array.isArray(parts)) {
			return '"and" and "or" of a condition take an array';
		}
		for (i = 0; i < parts.length && !fault; i++) {
			fault = checkCondition(parts[i], byId, dependencies, depth + 1);
		}
		return fault;
	}

	function checkComparison(comparison, byId, dependencies) {
		if (typeof comparison.parameter !== 'string' || !byId[comparison.parameter]) {
			return 'the condition names no parameter of this extension';
		}
		if (!operatorName(comparison.operator)) {
			return 'the condition has an unknown operator';
		}
		if (typeof comparison.value !== 'string' && typeof comparison.value !== 'number') {
			return 'the condition compares with neither text nor a number';
		}
		dependencies[comparison.parameter] = true;
		return '';
	}

	function checkLimits(definition, lower, upper, isLimit, kind) {
		var low = definition[lower];
		var high = definition[upper];

		if (!isAbsent(low) && !isLimit(low)) {
			return lower + ' is not ' + kind;
		}
		if (!isAbsent(high) && !isLimit(high)) {
			return upper + ' is not ' + kind;
		}
		if (!isAbsent(low) && !isAbsent(high) && low > high) {
			return lower + ' is greater than ' + upper;
		}
		return '';
	}

	function isLength(limit) {
		return typeof limit === 'number' && limit >= 0 && limit % 1 === 0;
	}

	function isFiniteNumber(limit) {
		return typeof limit === 'number' && isFinite(limit);
	}

	function checkStringDefinition(definition) {
		if (!isAbsent(definition.regex)) {
			if (typeof definition.regex !== 'string') {
				return 'regex is not text';
			}
			try {
				new RegExp(definition.regex);
			} catch (error) {
				/* Also one too complex; a deadline strikes again by itself. */
				return 'regex is not a regular expression of ES5';
			}
		}
		return checkLimits(definition, 'minLength', 'maxLength', isLength, 'a length');
	}

	function checkSelectDefinition(definition) {
		var i;

		if (!Array.isArray(definition.options)) {
			return 'options is not an array';
		}
		for (i = 0; i < definition.options.length; i++) {
			if (!isObject(definition.options[i]) ||
			    typeof definition.options[i].id !== 'string') {
				return 'option ' + (i + 1) + ' has no id';
			}
		}
		return '';
	}

	function checkNumberDefinition(definition) {
		return checkLimits(definition, 'min', 'max', isFiniteNumber, 'a number');
	}

	/* ---- Values: one by one. Each answers the fault, or ''. ---- */

	function checkLength(definition, value) {
		var length = countCharacters(value);

		if (!isAbsent(definition.minLength) && length < definition.minLength) {
			return 'The value must have at least ' + definition.minLength +
				' characters.';
		}
		if (!isAbsent(definition.maxLength) && length > definition.maxLength) {
			return 'The value must have at most ' + definition.maxLength +
				' characters.';
		}
		return '';
	}

	function checkString(definition, value, patterns) {
		if (definition.regex) {
			patterns[definition.id] = patterns[definition.id] ||
				new RegExp(definition.regex);
			if (!patterns[definition.id].test(value)) {
				return 'The value has an invalid format.';
			}
		}
		if (isAbsent(definition.minLength) && isAbsent(definition.maxLength)) {
			return '';
		}
		return checkLength(definition, value);
	}

	function checkBoolean(definition, value) {
		if (value !== 'true' && value !== 'false') {
			return "Boolean value must be 'true' or 'false'.";
		}
		return '';
	}

	function checkSelect(definition, value) {
		var ids = [];
		var i;

		for (i = 0; i < definition.options.length; i++) {
			if (definition.options[i].id === value) {
				return '';
			}
			ids.push("'" + definition.options[i].id + "'");
		}
		if (ids.length === 0) {
			return 'No option available for this parameter.';
		}
		return 'The value is not allowed. Possible values are ' + ids.join(', ') + '.';
	}

	function checkNumber(definition, value) {
		if (!NUMBER.test(value) || !isFinite(Number(value))) {
			return 'The value is not a number.';
		}
		if (!isAbsent(definition.min) && Number(value) < definition.min) {
			return 'The value must be at least ' + definition.min + '.';
		}
		if (!isAbsent(definition.max) && Number(value) > definition.max) {
			return 'The value must be at most ' + definition.max + '.';
		}
		return '';
	}

	function checkInteger(definition, value) {
		if (!INTEGER.test(value)) {
			return 'The value is not an integer.';
		}
		return checkNumber(definition, value);
	}

	function acceptDefinition() {
		return '';
	}

	/* What is known of each type. */
	var TYPES = table();
	TYPES.string = {checkDefinition: checkStringDefinition, checkValue: checkString};
	TYPES.boolean = {checkDefinition: acceptDefinition, checkValue: checkBoolean};
	TYPES.select = {checkDefinition: checkSelectDefinition, checkValue: checkSelect};
	TYPES.number = {
		checkDefinition: checkNumberDefinition, checkValue: checkNumber, isNumeric: true
	};
	TYPES.integer = {
		checkDefinition: checkNumberDefinition, checkValue: checkInteger, isNumeric: true
	};

	/* ---- Definitions as a whole ---- */

	function describe(definition, fault) {
		return "parameter '" + shorten(definition.id) + "': " + fault;
	}

	/* Answers the fault of one definition, or ''; its condition is looked at later. */
	function checkDefinition(definition, byId) {
		if (typeof definition.name !== 'string') {
			return 'it has no name';
		}
		if (byId[definition.id]) {
			return 'another parameter has the same id';
		}
		if (typeof definition.type !== 'string' || !TYPES[definition.type]) {
			return 'its type is unknown';
		}
		return TYPES[definition.type].checkDefinition(definition);
	}

	/*
	 * The definitions in an order in which each stands behind those its condition looks at.
	 * Parameters whose conditions lead back to themselves are missing in it.
	 */
	function sortByDependency(definitions, dependenciesOf) {
		var dependents = table();
		var open = table();
		var sorted = [];
		var i;
		var j;
		var ids;
		var followers;

		for (i = 0; i < definitions.length; i++) {
			ids = Object.keys(dependenciesOf[definitions[i].id]);
			open[definitions[i].id] = ids.length;
			if (ids.length === 0) {
				sorted.push(definitions[i]);
			}
			for (j = 0; j < ids.length; j++) {
				dependents[ids[j]] = dependents[ids[j]] || [];
				dependents[ids[j]].push(definitions[i]);
			}
		}
		for (i = 0; i < sorted.length; i++) {
			followers = dependents[sorted[i].id] || [];
			for (j = 0; j < followers.length; j++) {
				open[followers[j].id] -= 1;
				if (open[followers[j].id] === 0) {
					sorted.push(followers[j]);
				}
			}
		}
		return sorted;
	}

	/* Checks all conditions; adds to faults. Answers the order to evaluate them in. */
	function checkConditions(definitions, byId, faults) {
		var dependenciesOf = table();
		var sorted;
		var fault;
		var i;

		for (i = 0; i < definitions.length; i++) {
			dependenciesOf[definitions[i].id] = table();
			if (isAbsent(definitions[i].condition)) {
				continue;
			}
			fault = checkCondition(definitions[i].condition, byId,
					       dependenciesOf[definitions[i].id], 1);
			if (fault) {
				faults.push(describe(definitions[i], fault));
			}
		}
		sorted = sortByDependency(definitions, dependenciesOf);
		if (sorted.length < definitions.length) {
			faults.push('the conditions of some parameters depend on themselves');
		}
		return sorted;
	}

	/*
	 * Answers what report() and the others below take, or throws with all faults. patterns: the
	 * regular expressions by id, as soon as they were needed.
	 */
	function readDefinitions(definitions) {
		var byId = table();
		var list = [];
		var faults = [];
		var sorted;
		var fault;
		var i;

		if (!Array.isArray(definitions)) {
			throw refusal('PARAMETER_DEFINITION',
				      'the parameter definitions are not an array');
		}
		if (definitions.length > MAXIMUM_DEFINITIONS) {
			throw refusal('TOO_LARGE', 'more than ' + MAXIMUM_DEFINITIONS +
				      ' parameter definitions');
		}
		for (i = 0; i < definitions.length; i++) {
			if (!isObject(definitions[i]) || typeof definitions[i].id !== 'string' ||
			    definitions[i].id === '') {
				faults.push('parameter definition ' + (i + 1) + ' has no id');
				continue;
			}
			fault = checkDefinition(definitions[i], byId);
			if (fault) {
				faults.push(describe(definitions[i], fault));
			}
			if (!byId[definitions[i].id]) {
				byId[definitions[i].id] = definitions[i];
				list.push(definitions[i]);
			}
		}
		sorted = checkConditions(list, byId, faults);
		if (faults.length > 0) {
			throw refusal('PARAMETER_DEFINITION', faults.join(', '));
		}
		return {
			list: list,
			byId: byId,
			sorted: sorted,
			conditional: sorted.filter(hasCondition),
			patterns: table()
		};
	}

	/* ---- Values as a whole ---- */

	function addValue(given, name, value) {
		if (typeof value === 'string' && value.length * 3 > MAXIMUM_VALUE_BYTES &&
		    isTooLong(value)) {
			throw refusal('TOO_LARGE', describe({id: name},
				'the value is longer than ' + MAXIMUM_VALUE_BYTES + ' bytes'));
		}
		if (given.byName[name]) {
			given.byName[name].count += 1;
		} else {
			given.byName[name] = {value: value, count: 1};
			given.names.push(name);
		}
	}

	function addEntry(given, entry, number) {
		if (!isObject(entry) || typeof entry.name !== 'string') {
			throw refusal('FORMAT', 'parameter value ' + number + ' has no name');
		}
		addValue(given, entry.name, entry.value);
	}

	/* Answers {names: in the order they came, byName: {value, count}}. */
	function readValues(values) {
		var given = {names: [], byName: table()};
		var isList = Array.isArray(values);
		var list;
		var i;

		if (!isList && !isObject(values)) {
			throw refusal('FORMAT',
				      'the parameter values are neither an array nor an object');
		}
		list = isList ? values : Object.keys(values);
		if (list.length > MAXIMUM_VALUES) {
			throw refusal('TOO_LARGE',
				      'more than ' + MAXIMUM_VALUES + ' parameter values');
		}
		for (i = 0; i < list.length; i++) {
			if (isList) {
				addEntry(given, list[i], i + 1);
			} else {
				addValue(given, list[i], values[list[i]]);
			}
		}
		return given;
	}

	/* ---- Conditions: is a parameter shown? ---- */

	function compare(operator, left, right) {
		switch (operator) {
		case 'EQ':
			return left === right;
		case 'LESS':
			return left < right;
		case 'GREATER':
			return left > right;
		case 'LESS_EQUAL':
			return left <= right;
		default:
			return left >= right;
		}
	}

	/*
	 * Numbers are compared as numbers when the condition holds one or the parameter is one,
	 * else text by its code units. What is no number compares false with every number.
	 */
	function compareText(comparison, definition, text) {
		var operator = operatorName(comparison.operator);

		if (typeof comparison.value === 'number' || TYPES[definition.type].isNumeric) {
			return NUMBER.test(text) &&
				compare(operator, Number(text), Number(comparison.value));
		}
		return compare(operator, text, comparison.value);
	}

	function evaluateComparison(comparison, parameters, values, hidden) {
		var given = values.byName[comparison.parameter];
		var text = given && typeof given.value === 'string' ? given.value : '';

		return !hidden[comparison.parameter] &&
			compareText(comparison, parameters.byId[comparison.parameter], text);
	}

	function evaluate(condition, parameters, values, hidden) {
		var isAnd = !isAbsent(condition.and);
		var parts;
		var i;

		if (!isAbsent(condition.not)) {
			return !evaluate(condition.not, parameters, values, hidden);
		}
		parts = isAnd ? condition.and : condition.or;
		if (isAbsent(parts)) {
			return evaluateComparison(condition, parameters, values, hidden);
		}
		for (i = 0; i < parts.length; i++) {
			if (evaluate(parts[i], parameters, values, hidden) !== isAnd) {
				return !isAnd;
			}
		}
		return isAnd;
	}

	/* Answers a table with the ids of the parameters that are not shown. */
	function findHidden(parameters, values) {
		var hidden = table();
		var definition;
		var i;

		for (i = 0; i < parameters.conditional.length; i++) {
			definition = parameters.conditional[i];
			if (!evaluate(definition.condition, parameters, values, hidden)) {
				hidden[definition.id] = true;
			}
		}
		return hidden;
	}

	/* ---- The report ---- */

	/* given: {value, count} or undefined when the parameter was not submitted. */
	function checkValue(definition, given, patterns) {
		if (given && given.count > 1) {
			return 'The parameter is given more than once.';
		}
		if (!given || isEmpty(given.value)) {
			return definition.required ? 'This is a required parameter.' : '';
		}
		if (typeof given.value !== 'string') {
			return 'The value must be a string.';
		}
		return TYPES[definition.type].checkValue(definition, given.value, patterns);
	}

	function failure(id, name, message) {
		return {id: id, name: name, message: message};
	}

	function acceptedValue(definition, given) {
		if (definition.secret) {
			return {name: definition.id, secret: true};
		}
		return {name: definition.id, value: isEmpty(given.value) ? '' : given.value};
	}

	function joinMessages(failures) {
		var messages = [];
		var i;

		for (i = 0; i < failures.length; i++) {
			messages.push("Failed to validate parameter '" + failures[i].name + "' (" +
				      failures[i].id + '): ' + failures[i].message);
		}
		return messages.join(', ');
	}

	function report(parameters, values) {
		var given = readValues(values);
		var hidden = findHidden(parameters, given);
		var failures = [];
		var accepted = [];
		var definition;
		var value;
		var message;
		var name;
		var i;

		for (i = 0; i < parameters.list.length; i++) {
			definition = parameters.list[i];
			if (hidden[definition.id]) {
				continue;
			}
			value = given.byName[definition.id];
			message = checkValue(definition, value, parameters.patterns);
			if (message) {
				failures.push(failure(definition.id, definition.name, message));
			} else if (value) {
				accepted.push(acceptedValue(definition, value));
			}
		}
		for (i = 0; i < given.names.length; i++) {
			if (!parameters.byId[given.names[i]]) {
				name = shorten(given.names[i]);
				failures.push(failure(name, name, 'The parameter is unknown.'));
			}
		}
		return {
			schema: 'extmgr.parameter-report/1',
			valid: failures.length === 0,
			failures: failures,
			message: joinMessages(failures),
			values: accepted
		};
	}

	/* ---- Defaults: offered, and applied when somebody asks for it ---- */

	/*
	 * Answers the values as a list, with the default of each parameter that is shown and not
	 * given. A default may show the next parameter: they are taken in the order of conditions.
	 */
	function addDefaults(parameters, values) {
		var given = readValues(values);
		var list = [];
		var hidden = table();
		var value;
		var i;
		var j;

		for (i = 0; i < parameters.sorted.length; i++) {
			addDefault(parameters, parameters.sorted[i], given, hidden);
		}
		for (i = 0; i < given.names.length; i++) {
			value = given.byName[given.names[i]];
			/* A name that came twice is a fault, and stays one. */
			for (j = 0; j < value.count; j++) {
				list.push({name: given.names[i], value: value.value});
			}
		}
		return list;
	}

	function addDefault(parameters, definition, given, hidden) {
		var value = given.byName[definition.id];

		if (!isAbsent(definition.condition) &&
		    !evaluate(definition.condition, parameters, given, hidden)) {
			hidden[definition.id] = true;
		} else if ((!value || isEmpty(value.value)) && typeof definition['default'] === 'string') {
			if (!value) {
				given.names.push(definition.id);
			}
			given.byName[definition.id] = {
				value: definition['default'],
				count: value ? value.count : 1
			};
		}
	}

	function validate(definitions, values) {
		return report(readDefinitions(definitions), values);
	}

	root.extmgrValidateParameters = validate;
	/* In two steps, for definitions that are used again; and what schema.js needs of it. */
	root.extmgrParameterRules = {
		readDefinitions: readDefinitions,
		report: report,
		addDefaults: addDefaults,
		isAbsent: isAbsent,
		operatorName: operatorName,
		compareText: compareText
	};
}(typeof globalThis === 'undefined' ? this : globalThis));
