/* SPDX-License-Identifier: MIT */
/*
 * The rules of extmgr_definition_lint(), ES5, behind validate.js:
 *
 *   extmgrLintDefinition(facts)
 *
 * facts: {id, source, failure, extension: {functions, values}, calls}. failure
 * is {code, message, hint} when the definition cannot be loaded, else null, and the rest is there.
 * calls: what getInstanceParameters made of each version and dialect, {version, definitions or
 * failure, wrote, meant}; meant: it was thrown with a status.
 *
 * Answers an array of {rule, severity, line, place, message, remedy}; line and place may be null.
 */
(function (root) {
	'use strict';

	var rules = root.extmgrParameterRules; /* validate.js */

	/* Of one rule: a generated file may break it in every line. */
	var MAXIMUM_OF_A_RULE = 20;

	var FUNCTIONS = ['getInstanceParameters', 'install', 'uninstall', 'upgrade', 'findInstallations',
			 'addInstance', 'findInstances', 'deleteInstance', 'readInstanceParameterValues',
			 'updateInstance', 'upgradeInstance', 'check', 'validate'];
	var VALUES = ['name', 'category', 'description', 'installableVersions', 'bucketFsUploads',
		      'requirements', 'replaceable'];
	/* The first needs the second. */
	var PAIRS = [['install', 'findInstallations'], ['install', 'uninstall'],
		     ['addInstance', 'getInstanceParameters'], ['addInstance', 'findInstances'],
		     ['addInstance', 'deleteInstance'], ['addInstance', 'findInstallations'],
		     ['updateInstance', 'readInstanceParameterValues']];

	var PARAMETER_FIELDS = {
		all: ['id', 'name', 'type', 'description', 'required', 'condition', 'default', 'placeholder',
		      'readOnly', 'immutable'],
		string: ['regex', 'multiline', 'secret', 'minLength', 'maxLength'],
		boolean: [],
		select: ['options'],
		number: ['min', 'max'],
		integer: ['min', 'max']
	};

	/* As the registry sees ids: a file's name without ".js". */
	var PLAIN_ID = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
	var SEMVER = /^(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*)){2}(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/;

	/* What the sandbox does not have: the names, and what to do instead. */
	var MISSING = {
		eval: 'write the code itself: the sandbox compiles nothing at run time',
		Function: 'write the code itself: the sandbox compiles nothing at run time',
		require: 'bundle what the definition needs into its one file, with the kit or esbuild',
		setTimeout: 'do it at once: the functions of a definition are called and answer',
		setInterval: 'do it at once: the functions of a definition are called and answer',
		fetch: 'a definition reaches the database only; artifacts come through context.files',
		XMLHttpRequest: 'a definition reaches the database only; artifacts come through context.files'
	};
	/* Makes each run another one: `apply` would then find that its plan has changed. */
	var CHANGING = {Math: 'random', Date: 'now'};

	var CONTROL = /^[\s;]*(commit|rollback|begin|end|start\s+transaction|savepoint|release)\b/i;
	var OUTSIDE = /^[\s;]*(attach|detach|pragma|vacuum)\b/i;

	function isText(value) {
		return typeof value === 'string' && value !== '';
	}

	function isAbsent(value) {
		return value === undefined || value === null;
	}

	function isIn(table, name) {
		return Object.prototype.hasOwnProperty.call(table, name);
	}

	function findings() {
		var list = [];
		var counts = {};

		return {
			list: list,
			add: function (rule, severity, where, message, remedy) {
				counts[rule] = (counts[rule] || 0) + 1;
				if (counts[rule] > MAXIMUM_OF_A_RULE) {
					return;
				}
				list.push({
					rule: rule, severity: severity,
					line: where.line || null, place: where.place || null,
					message: message, remedy: remedy
				});
			}
		};
	}

	function at(place) {
		return {place: place};
	}

	/* ---- The source ---- */

	/* One token, or one character that is none of interest. A slash is looked at apart. */
	var TOKEN = new RegExp('//[^\\n]*|/\\*[^]*?\\*/|"(?:\\\\[^]|[^"\\\\\\n])*"|' +
		"'(?:\\\\[^]|[^'\\\\\\n])*'|" + '`(?:\\\\[^]|[^`\\\\])*`|[A-Za-z_$][A-Za-z0-9_$]*|\\s+|[^]', 'g');
	var REGEXP = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^\/\[\\\n])+\/[a-z]*/g;
	/* Behind these a slash begins a regular expression. */
	var BEFORE_REGEXP = /^(?:[(,=:\[!&|?{};+*%<>~^-]|return|typeof|case|in|of|void|throw|else|do)?$/;

	/* Calls see(before, token, line) for all but blanks and comments. */
	function scan(source, see) {
		var before = ['', ''];
		var line = 1;
		var start = 0;
		var token;
		var regexp;

		for (; start < source.length; start += token.length) {
			TOKEN.lastIndex = start;
			token = TOKEN.exec(source)[0];
			if (token === '/' && BEFORE_REGEXP.test(before[1])) {
				REGEXP.lastIndex = start;
				regexp = REGEXP.exec(source);
				token = regexp && regexp.index === start ? regexp[0] : token;
			}
			if (!/^(?:\/\/|\/\*|\s)/.test(token)) {
				see(before, token, line);
				before = [before[1], token];
			}
			line += (token.match(/\n/g) || []).length;
		}
	}

	/* Behind these stands a name of the definition's own. */
	var DECLARING = /^(?:function|var|let|const)$/;

	/* Looks at each word with an opening bracket behind it, and at the first string in there. */
	function checkSource(source, found) {
		var own = Object.create(null);
		var missing = [];
		var called = '';
		var owner = '';

		scan(source, function (before, token, line) {
			var previous = before[1];

			if (DECLARING.test(previous)) {
				own[token] = true;
			}
			if (token === '(' && before[0] === '.') {
				checkMethod(owner, previous, line, found);
			} else if (token === '(' && isIn(MISSING, previous)) {
				missing.push({name: previous, line: line});
			}
			if (previous === '(' && (called === 'execute' || called === 'query')) {
				checkStatement(token, line, found);
			}
			owner = token === '.' || previous === '.' ? owner : token;
			called = token === '(' ? previous : '';
		});
		missing.forEach(function (call) {
			if (!own[call.name]) {
				found.add('not-in-sandbox', 'error', {line: call.line}, call.name +
					  '() does not exist in the sandbox', MISSING[call.name]);
			}
		});
	}

	function checkMethod(owner, name, line, found) {
		if (isIn(CHANGING, owner) && CHANGING[owner] === name) {
			found.add('not-repeatable', 'warning', {line: line},
				  owner + '.' + name + '() makes each run another one',
				  'let the database make such a value: a plan applies only when its statements ' +
				  'are the same again');
		}
	}

	function checkStatement(token, line, found) {
		var sql = /^['"`]/.test(token) ? token.slice(1) : '';
		var command = CONTROL.exec(sql) || OUTSIDE.exec(sql);

		if (command) {
			found.add('forbidden-statement', 'error', {line: line},
				  'the statement ' + command[1].toUpperCase() + ' is refused',
				  CONTROL.test(sql) ? 'leave it out: each operation is one transaction of the library'
					: 'leave it out: a definition works inside the database it is given');
		}
	}

	/* ---- The definition itself ---- */

	function checkId(facts, found) {
		if (!PLAIN_ID.test(facts.id) || facts.id.length > 255) {
			found.add('id', 'warning', {}, "the id '" + facts.id + "', the file's name without .js, has " +
				  'characters that URLs and command lines must quote',
				  'name the file with letters, digits, dots, dashes and underscores');
		}
	}

	function checkTexts(values, found) {
		['name', 'category', 'description'].forEach(function (field) {
			if (!isText(values[field])) {
				found.add('empty-text', field === 'name' ? 'error' : 'warning', at(field),
					  'the ' + field + ' is missing', 'say in the ' + field + ' what people look for');
			}
		});
	}

	function checkVersions(values, found) {
		var versions = Array.isArray(values.installableVersions) ? values.installableVersions : [];
		var seen = {};
		var latest = versions.filter(function (version) {
			return version.latest;
		});

		if (versions.length === 0) {
			found.add('no-version', 'error', at('installableVersions'), 'there is no installable version',
				  'name at least one: {name: "1.0.0", latest: true, deprecated: false}');
		}
		versions.forEach(function (version, index) {
			var place = 'installableVersions[' + index + ']';

			if (!SEMVER.test(version.name)) {
				found.add('version-name', 'warning', at(place + '.name'),
					  "the version '" + version.name + "' is not of the form MAJOR.MINOR.PATCH",
					  'write it as semver.org has it: upgrades are found by comparing versions');
			}
			if (seen['v' + version.name]) {
				found.add('version-twice', 'error', at(place), "the version '" + version.name +
					  "' stands twice", 'take one of them out');
			}
			seen['v' + version.name] = true;
		});
		if (versions.length > 0 && latest.length !== 1) {
			found.add('latest-version', 'warning', at('installableVersions'), latest.length +
				  ' versions are marked latest', 'mark exactly one: it is what install and upgrade mean');
		}
		if (latest.length === 1 && latest[0].deprecated) {
			found.add('latest-version', 'warning', at('installableVersions'),
				  'the latest version is deprecated', 'mark another one, or publish a newer one');
		}
	}

	function checkArtifacts(values, found) {
		var artifacts = Array.isArray(values.bucketFsUploads) ? values.bucketFsUploads : [];
		var seen = {};

		artifacts.forEach(function (artifact, index) {
			var place = 'bucketFsUploads[' + index + ']';
			var name = artifact.bucketFsFilename;

			if (!isText(name) || /[\/\\\u0000-\u001f]/.test(name)) {
				found.add('artifact-name', 'error', at(place + '.bucketFsFilename'),
					  'it is no name of a file', 'give the name alone, without a folder');
			} else if (seen['f' + name]) {
				found.add('artifact-twice', 'error', at(place), "the file '" + name + "' stands twice",
					  'take one of them out');
			}
			seen['f' + name] = true;
			if (!artifact.fileSize) {
				found.add('artifact-size', 'error', at(place + '.fileSize'),
					  'without a size only an empty file fits', 'give its size in bytes, or -1 for any');
			}
			if (!isAbsent(artifact.downloadUrl) && !/^https:\/\//i.test(artifact.downloadUrl)) {
				found.add('artifact-url', 'warning', at(place + '.downloadUrl'), 'it is no https URL',
					  'give one: what is fetched otherwise may be changed on its way');
			}
		});
	}

	function nearest(word, words) {
		return words.filter(function (other) {
			return other.toLowerCase() === word.toLowerCase() ||
				Math.abs(other.length - word.length) <= 2 && distance(word, other) <= 2;
		})[0];
	}

	/* Insertions, removals and replacements between two short words. */
	function distance(left, right) {
		var row = [];
		var i;
		var j;
		var diagonal;
		var above;

		for (j = 0; j <= right.length; j++) {
			row[j] = j;
		}
		for (i = 1; i <= left.length; i++) {
			diagonal = row[0];
			row[0] = i;
			for (j = 1; j <= right.length; j++) {
				above = row[j];
				row[j] = Math.min(row[j] + 1, row[j - 1] + 1,
						  diagonal + (left.charAt(i - 1) === right.charAt(j - 1) ? 0 : 1));
				diagonal = above;
			}
		}
		return row[right.length];
	}

	function checkUnknown(names, known, prefix, found) {
		names.forEach(function (name) {
			var meant = nearest(name, known);

			if (known.indexOf(name) < 0) {
				found.add('unknown-member', 'warning', at(prefix + name),
					  'nothing of this name is looked at',
					  meant ? "'" + meant + "' is what may be meant" : 'take it out, or look for a slip');
			}
		});
	}

	function checkFunctions(extension, found) {
		var has = extension.functions;

		PAIRS.forEach(function (pair) {
			if (has.indexOf(pair[0]) >= 0 && has.indexOf(pair[1]) < 0) {
				found.add('missing-function', 'error', at(pair[1]), 'with ' + pair[0] + '() there must be ' +
					  pair[1] + '(), too', 'write it, or take ' + pair[0] + '() out');
			}
		});
		if (has.indexOf('install') < 0) {
			found.add('missing-function', 'error', at('install'), 'nobody can install it',
				  'write install(context, version)');
		}
		if (has.indexOf('upgrade') < 0 && (extension.values.installableVersions || []).length > 1) {
			found.add('missing-function', 'warning', at('upgrade'),
				  'there are several versions and no way from one to the next', 'write upgrade(context)');
		}
		checkUnknown(has, FUNCTIONS, '', found);
		checkUnknown(Object.keys(extension.values), VALUES, '', found);
	}

	/* ---- Parameters ---- */

	function checkParameter(parameter, place, found) {
		var fields = PARAMETER_FIELDS[parameter.type] || [];
		var report;

		if (typeof parameter.id === 'string' && parameter.id.indexOf('.') >= 0) {
			found.add('parameter-id', 'warning', at(place), 'its id has a dot',
				  'use a dash: forms of web pages take a dot for a path');
		}
		if (parameter.secret && isText(parameter['default'])) {
			found.add('secret-default', 'error', at(place), 'a secret has a default that everybody can read',
				  'take the default out');
		}
		checkUnknown(Object.keys(parameter), PARAMETER_FIELDS.all.concat(fields), place + '.', found);
		if (!isText(parameter['default'])) {
			return;
		}
		report = rules.report(rules.readDefinitions([withoutCondition(parameter)]),
				      [{name: parameter.id, value: parameter['default']}]);
		if (!report.valid) {
			found.add('parameter-default', 'error', at(place + '.default'), report.failures[0].message,
				  'offer a value that the parameter accepts');
		}
	}

	function withoutCondition(parameter) {
		var copy = {};

		Object.keys(parameter).forEach(function (key) {
			copy[key] = parameter[key];
		});
		delete copy.condition;
		return copy;
	}

	function checkDefinitions(call, found) {
		try {
			rules.readDefinitions(call.definitions);
		} catch (error) {
			if (error.code === undefined) {
				throw error; /* a limit */
			}
			found.add('parameters', 'error', at("getInstanceParameters('" + call.version + "')"), error.message,
				  'docs/parameters.md says what a definition of a parameter has');
			return;
		}
		call.definitions.forEach(function (parameter) {
			checkParameter(parameter, "parameter '" + parameter.id + "'", found);
		});
	}

	/* Each text once: versions and dialects often have the same parameters. */
	function checkCalls(calls, found) {
		var seen = {};
		var answered = calls.filter(function (call) {
			return !call.failure;
		});
		var thrown = calls.filter(function (call) {
			return call.failure && !call.meant;
		});

		answered.forEach(function (call) {
			var text = JSON.stringify(call.definitions);

			if (!isIn(seen, text)) {
				seen[text] = true;
				checkDefinitions(call, found);
			}
		});
		if (answered.length === 0 && thrown.length > 0) {
			found.add('parameters', 'warning', at("getInstanceParameters('" + thrown[0].version + "')"),
				  'it throws on an empty database: ' + thrown[0].failure,
				  'answer the parameters without looking into the database');
		}
		if (calls.some(function (call) {
			return call.wrote;
		})) {
			found.add('parameters-write', 'error', at('getInstanceParameters'), 'it executes a statement',
				  'only look: it is called whenever somebody opens a form');
		}
	}

	/* The line that the library's message names, as "line 3", "x:3" or with a column, "x:3:7". */
	function lineOf(message) {
		var match = / line ([0-9]+)\b/.exec(message) || /:([0-9]+)(?::[0-9]+)?\)?$/.exec(message);

		return match ? Number(match[1]) : null;
	}

	/* EXTMGR_E_SCRIPT_SYNTAX: script-syntax */
	function ruleOf(code) {
		return code.replace('EXTMGR_E_', '').toLowerCase().replace(/_/g, '-');
	}

	root.extmgrLintDefinition = function (facts) {
		var found = findings();

		checkId(facts, found);
		if (facts.failure) {
			found.add(ruleOf(facts.failure.code), 'error', {line: lineOf(facts.failure.message)},
				  facts.failure.message, facts.failure.hint || 'mend the definition, then try again');
		}
		checkSource(facts.source, found);
		if (!facts.failure) {
			checkTexts(facts.extension.values, found);
			checkVersions(facts.extension.values, found);
			checkArtifacts(facts.extension.values, found);
			checkFunctions(facts.extension, found);
			checkCalls(facts.calls, found);
		}
		return found.list;
	};
}(typeof globalThis === 'undefined' ? this : globalThis));
