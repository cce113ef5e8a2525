/* SPDX-License-Identifier: MIT */
/*
 * Parameter definitions as a JSON Schema (draft 2020-12) of the object name: value, ES5:
 *
 *   extmgrParameterRules.toSchema(extmgrParameterRules.readDefinitions(definitions))
 *
 * The schema never refuses what validate.js accepts. It accepts more where a schema cannot say it:
 * min and max of type number (they stand there as minimum and maximum, which bind numbers only),
 * limits of integers beyond 2^53, values of more than 64 KiB, and conditions that compare text by
 * order or the text of a string or number parameter as a number. docs/parameters.md has the table.
 *
 * What a condition decides is written twice where it cannot be said exactly: when a parameter is
 * surely shown, and when it is possibly shown. Rules bind a parameter that is surely shown.
 */
(function (root) {
	'use strict';

	/* Up to here integers are exact, and so is a regular expression that compares digits. */
	var MAXIMUM_EXACT = 9007199254740991;
	var shared = root.extmgrParameterRules; /* validate.js */
	var isAbsent = shared.isAbsent;

	function copy(from, to, names) {
		var i;

		for (i = 0; i < names.length; i += 2) {
			if (!isAbsent(from[names[i]])) {
				to[names[i + 1]] = from[names[i]];
			}
		}
		return to;
	}

	/* An object with one key, which may be "__proto__". */
	function single(key, value) {
		var object = {};

		Object.defineProperty(object, key, {value: value, enumerable: true});
		return object;
	}

	/* ---- Integers as text ---- */

	function repeat(text, count) {
		return count > 0 ? text + '{' + count + '}' : '';
	}

	function digitRange(low, high) {
		return low > high ? '' : low === high ? String(low) : '[' + low + '-' + high + ']';
	}

	/* Digits without leading zeros that are at least (up) or at most that magnitude. */
	function compareDigits(magnitude, up) {
		var digits = String(magnitude);
		var choices = [digits];
		var i;
		var range;

		for (i = 0; i < digits.length; i++) {
			range = up ? digitRange(Number(digits[i]) + 1, 9)
				: digitRange(i === 0 && digits.length > 1 ? 1 : 0, Number(digits[i]) - 1);
			if (range) {
				choices.push(digits.slice(0, i) + range +
					     repeat('[0-9]', digits.length - i - 1));
			}
		}
		if (up) {
			choices.push('[1-9][0-9]{' + digits.length + ',}');
		} else if (digits.length > 1) {
			choices.push('[0-9]{1,' + (digits.length - 1) + '}');
		}
		return '0*(?:' + choices.join('|') + ')';
	}

	/* The text of an integer that is at least (up) or at most the limit. */
	function compareInteger(limit, up) {
		var any = '0*[0-9]+';

		if (up) {
			return limit > 0 ? compareDigits(limit, true)
				: '(?:-' + compareDigits(-limit, false) + '|' + any + ')';
		}
		return limit < 0 ? '-' + compareDigits(-limit, true)
			: '(?:-' + any + '|' + compareDigits(limit, false) + ')';
	}

	function wholePattern(pattern) {
		return {pattern: '^' + pattern + '$'};
	}

	/* Schemas of integers in text with these limits (NaN: none) that can be told exactly. */
	function integerLimits(low, high) {
		var schemas = [];

		low = Math.ceil(low);
		high = Math.floor(high);
		if (Math.abs(low) <= MAXIMUM_EXACT) {
			schemas.push(wholePattern(compareInteger(low, true)));
		}
		if (Math.abs(high) <= MAXIMUM_EXACT) {
			schemas.push(wholePattern(compareInteger(high, false)));
		}
		return schemas;
	}

	/* ---- The value of a parameter that is there ---- */

	function stringSchema(definition) {
		var schema = {type: 'string', minLength: 1};

		copy(definition, schema, ['regex', 'pattern', 'maxLength', 'maxLength']);
		if (definition.minLength > 1) {
			schema.minLength = definition.minLength;
		}
		return schema;
	}

	function integerSchema(definition) {
		var limits = integerLimits(isAbsent(definition.min) ? NaN : definition.min,
					   isAbsent(definition.max) ? NaN : definition.max);
		var schema = {type: 'string', pattern: '^-?[0-9]+$'};

		if (limits.length > 0) {
			schema.allOf = limits;
		}
		return copy(definition, schema, ['min', 'minimum', 'max', 'maximum']);
	}

	function numberSchema(definition) {
		return copy(definition, {
			type: 'string',
			pattern: '^-?[0-9]+(\\.[0-9]+)?([eE][-+]?[0-9]+)?$'
		}, ['min', 'minimum', 'max', 'maximum']);
	}

	function optionIds(definition) {
		return definition.type === 'boolean' ? ['true', 'false']
			: definition.options.map(function (option) {
				return option.id;
			}).filter(function (id, index, ids) {
				return id !== '' && ids.indexOf(id) === index;
			});
	}

	function valueSchema(definition) {
		switch (definition.type) {
		case 'string':
			return stringSchema(definition);
		case 'integer':
			return integerSchema(definition);
		case 'number':
			return numberSchema(definition);
		default:
			return {type: 'string', 'enum': optionIds(definition)};
		}
	}

	/* What a form shows; not bound to a condition. */
	function annotations(definition) {
		var schema = copy(definition, {}, ['name', 'title', 'default', 'default']);

		if (typeof definition.description === 'string') {
			schema.description = definition.description;
		}
		if (definition.readOnly) {
			schema.readOnly = true;
		}
		if (definition.secret) {
			schema.writeOnly = true;
		}
		return schema;
	}

	/* ---- Conditions ---- */

	/* The parameter is given, and its value fits the schema. */
	function given(id, schema) {
		return {required: [id], properties: single(id, schema)};
	}

	function notGiven(id) {
		return {not: given(id, {type: 'string', minLength: 1})};
	}

	function compareOptions(comparison, definition) {
		var schemas = [];
		var fitting = optionIds(definition).filter(function (id) {
			return shared.compareText(comparison, definition, id);
		});

		if (fitting.length > 0) {
			schemas.push(given(definition.id, {'enum': fitting}));
		}
		if (shared.compareText(comparison, definition, '')) {
			schemas.push(notGiven(definition.id));
		}
		return schemas.length > 0 ? {anyOf: schemas} : false;
	}

	function compareIntegers(definition, operator, value) {
		var low = NaN;
		var high = NaN;
		var limits;

		if (value !== value || (operator === 'EQ' && value % 1 !== 0)) {
			return false;
		}
		if (operator === 'EQ' || operator === 'GREATER_EQ') {
			low = value;
		} else if (operator === 'GREATER') {
			low = Math.floor(value) + 1;
		}
		if (operator === 'EQ' || operator === 'LESS_EQUAL') {
			high = value;
		} else if (operator === 'LESS') {
			high = Math.ceil(value) - 1;
		}
		limits = integerLimits(low, high);
		if (limits.length < (operator === 'EQ' ? 2 : 1)) {
			return undefined;
		}
		return given(definition.id, {type: 'string', allOf: limits});
	}

	/* The schema of a comparison; undefined when it has none. */
	function comparisonSchema(comparison, definition) {
		var value = comparison.value;
		var operator = shared.operatorName(comparison.operator);

		switch (definition.type) {
		case 'boolean':
		case 'select':
			return compareOptions(comparison, definition);
		case 'integer':
			return compareIntegers(definition, operator, Number(value));
		case 'number':
			return undefined;
		default:
			if (operator !== 'EQ' || typeof value !== 'string') {
				return undefined;
			}
			return value === '' ? notGiven(definition.id)
				: given(definition.id, {'const': value});
		}
	}

	function referenceName(index, sure) {
		return (sure ? 'surely-shown-' : 'possibly-shown-') + index;
	}

	/* sure: when the condition holds for certain; else: when it may hold. */
	function conditionSchema(condition, parameters, indexes, sure) {
		var schema;
		var parts;
		var isAnd = !isAbsent(condition.and);

		if (!isAbsent(condition.not)) {
			return {not: conditionSchema(condition.not, parameters, indexes, !sure)};
		}
		parts = isAnd ? condition.and : condition.or;
		if (!isAbsent(parts)) {
			parts = parts.map(function (part) {
				return conditionSchema(part, parameters, indexes, sure);
			});
			return parts.length === 0 ? isAnd : isAnd ? {allOf: parts} : {anyOf: parts};
		}
		schema = comparisonSchema(condition, parameters.byId[condition.parameter]);
		if (schema === undefined) {
			schema = !sure;
		}
		if (isAbsent(parameters.byId[condition.parameter].condition)) {
			return schema;
		}
		return {allOf: [{
			$ref: '#/$defs/' + referenceName(indexes[condition.parameter], sure)
		}, schema]};
	}

	/* ---- All together ---- */

	function orEmpty(schema) {
		return {anyOf: [{'enum': ['', null]}, schema]};
	}

	/* The rules for one parameter that is shown, as a schema of all values. */
	function rules(definition) {
		var schema = valueSchema(definition);

		return definition.required ? given(definition.id, schema)
			: {properties: single(definition.id, orEmpty(schema))};
	}

	function toSchema(parameters) {
		var schema = {
			$schema: 'https://json-schema.org/draft/2020-12/schema',
			type: 'object',
			properties: {},
			additionalProperties: false,
			allOf: [],
			$defs: {}
		};
		var indexes = Object.create(null);

		parameters.list.forEach(function (definition, index) {
			indexes[definition.id] = index;
			Object.defineProperty(schema.properties, definition.id,
				{value: annotations(definition), enumerable: true});
		});
		parameters.list.forEach(function (definition, index) {
			if (isAbsent(definition.condition)) {
				schema.allOf.push(rules(definition));
				return;
			}
			[true, false].forEach(function (sure) {
				schema.$defs[referenceName(index, sure)] =
					conditionSchema(definition.condition, parameters, indexes, sure);
			});
			schema.allOf.push({
				'if': {$ref: '#/$defs/' + referenceName(index, true)},
				then: rules(definition)
			});
		});
		if (schema.allOf.length === 0) {
			delete schema.allOf; /* it must not be empty */
		}
		return schema;
	}

	shared.toSchema = toSchema;
}(typeof globalThis === 'undefined' ? this : globalThis));
