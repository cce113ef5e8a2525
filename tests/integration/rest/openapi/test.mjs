// SPDX-License-Identifier: MIT
// node test.mjs EXTMGR DEFINITIONS FOLDER: the OpenAPI document is what the reference's clients were
// generated from, pleases the usual validators, and a client generated from it works with the
// server. The packages come from the npm registry once and stay in FOLDER.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { installPackages } from '../../npm.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const [program, definitions, folder] = process.argv.slice(2).map((name) => path.resolve(name));

const OPERATIONS = {
	ListAvailableExtensions: ['Extension', 'get', '/extensions'],
	ListInstalledExtensions: ['Installation', 'get', '/installations'],
	GetExtensionDetails: ['Extension', 'get', '/extensions/{extensionId}/{extensionVersion}'],
	InstallExtension: ['Extension', 'put', '/extensions/{extensionId}/{extensionVersion}/install'],
	UninstallExtension: ['Installation', 'delete', '/installations/{extensionId}/{extensionVersion}'],
	UpgradeExtension: ['Installation', 'post', '/installations/{extensionId}/upgrade'],
	CreateInstance: ['Instance', 'post', '/installations/{extensionId}/{extensionVersion}/instances'],
	ListInstances: ['Instance', 'get', '/installations/{extensionId}/{extensionVersion}/instances'],
	DeleteInstance: ['Instance', 'delete',
		'/installations/{extensionId}/{extensionVersion}/instances/{instanceId}'],
};
const SCHEMAS = ['APIError', 'CreateInstanceRequest', 'CreateInstanceResponse', 'ExtensionDetailsResponse',
	'ExtensionVersion', 'ExtensionsResponse', 'ExtensionsResponseExtension', 'InstallExtensionRequest',
	'InstallationsResponse', 'InstallationsResponseInstallation', 'Instance', 'ListInstancesResponse',
	'ParamDefinition', 'ParameterValue', 'UpgradeExtensionResponse'];

function checkAgainstReference(document) {
	assert.equal(document.info.title, 'Exasol Extension Manager REST-API');
	assert.equal(document.info.description, 'Managed extensions and instances of extensions');
	assert.deepEqual(document.tags.map((tag) => tag.name), ['Extension', 'Installation', 'Instance']);
	assert.deepEqual(Object.keys(document.components.schemas), SCHEMAS);
	for (const [name, schema] of Object.entries(document.components.schemas)) {
		assert.equal(schema.additionalProperties, false, name);
		assert.deepEqual(schema.required, Object.keys(schema.properties).filter((p) => p !== 'requestID'), name);
	}
	assert.deepEqual(document.components.securitySchemes, {
		DbAccessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
		DbUsernamePassword: { type: 'http', scheme: 'basic' },
	});
	for (const [id, [tag, method, place]] of Object.entries(OPERATIONS)) {
		const operation = document.paths[`/api/v1/extensionmanager${place}`][method];

		assert.equal(operation.operationId, id);
		assert.deepEqual(operation.tags, [tag]);
		assert.deepEqual(operation.security, [{ DbUsernamePassword: [] }, { DbAccessToken: [] }]);
		assert.deepEqual(operation.parameters.map((p) => [p.in, p.name, p.schema.type, p.required]), [
			['query', 'dbHost', 'string', true], ['query', 'dbPort', 'integer', true],
			...[...place.matchAll(/\{(\w+)\}/g)].map((found) => ['path', found[1], 'string', true])]);
		assert.equal(operation.responses.default.description, 'Default error');
	}
}

async function validate(file) {
	const require = createRequire(path.join(folder, 'package.json'));
	const SwaggerParser = require('@apidevtools/swagger-parser');
	const { createConfig, lint } = require('@redocly/openapi-core');
	const config = await createConfig({ rules: {
		struct: 'error', 'no-invalid-media-type-examples': 'error', 'no-unresolved-refs': 'error',
		'operation-operationId-unique': 'error', 'path-parameters-defined': 'error',
		'no-identical-paths': 'error', 'no-unused-components': 'error', 'operation-parameters-unique': 'error',
		'operation-operationId-url-safe': 'error', 'security-defined': 'error', 'no-enum-type-mismatch': 'error',
	} });
	const problems = await lint({ ref: file, config });

	assert.deepEqual(problems.map((problem) => problem.message), []);
	await SwaggerParser.validate(file);
}

async function generate(file) {
	const openapi = await import(pathToFileURL(path.join(folder, 'node_modules/openapi-typescript/dist/index.mjs')).href);
	const tree = await openapi.default(pathToFileURL(file));

	fs.writeFileSync(path.join(folder, 'api.d.ts'), openapi.astToString(tree));
	fs.copyFileSync(path.join(HERE, 'client.ts'), path.join(folder, 'client.ts'));
	try {
		execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '--strict', '--skipLibCheck',
			'--target', 'es2022', '--module', 'commonjs', '--esModuleInterop',
			'--lib', 'es2022,dom', 'client.ts'], { cwd: folder, stdio: 'pipe' });
	} catch (error) {
		assert.fail(error.stdout.toString());
	}
}

async function startServer(scratch) {
	const registry = path.join(scratch, 'registry');

	fs.mkdirSync(registry);
	fs.copyFileSync(path.join(definitions, 'testing.js'), path.join(registry, 'testing.js'));
	fs.mkdirSync(path.join(scratch, 'bundles/clock/dist/frontend/dist'), { recursive: true });
	fs.writeFileSync(path.join(scratch, 'bundles/clock/dist/manifest.json'),
		'{"publisher":"acme","name":"clock","version":"1.0.0"}');
	fs.writeFileSync(path.join(scratch, 'bundles/clock/dist/frontend/dist/main.js'), 'console.log("tick")\n');
	fs.writeFileSync(path.join(scratch, 'admins'), 'token-1\n');
	const server = spawn(program, ['serve', '-q', '--db', `sqlite:${scratch}/t.db`, '--registry', registry,
		'--bundles', path.join(scratch, 'bundles'), '--admins', path.join(scratch, 'admins'),
		'--listen', '127.0.0.1:0', '--swagger-ui', path.join(folder, 'node_modules/swagger-ui-dist')],
	{ stdio: ['ignore', 'pipe', 'inherit'] });
	const [line] = await once(server.stdout, 'data');
	return [server, line.toString().trim()];
}

async function waitUntilReady(url) {
	for (let tries = 0; (await fetch(`${url}/ready`)).status !== 200; tries++) {
		assert.ok(tries < 600, 'the catalog is not ready');
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
}

async function checkPages(url, file) {
	const get = async (place) => {
		const response = await fetch(url + place);
		assert.equal(response.status, 200, place);
		return response.text();
	};

	assert.equal(await get('/openapi.json'), fs.readFileSync(file, 'utf8'));
	assert.match(await get('/openapi/index.html'), /<!DOCTYPE html>[^]*swagger-ui-bundle\.js/);
	assert.match(await get('/openapi/start.js'), /openapi\.json/);
	assert.match(await get('/openapi/swagger-ui.css'), /swagger-ui/);
	assert.match(await get('/openapi/swagger-ui-bundle.js'), /SwaggerUIBundle/);
	assert.equal((await fetch(`${url}/openapi/package.json`)).status, 404);
}

installPackages(HERE, folder);
const scratch = fs.mkdtempSync(path.join(folder, 'run-'));
let server;
try {
	const file = path.join(scratch, 'openapi.json');
	const text = execFileSync(program, ['openapi'], { encoding: 'utf8' });

	fs.writeFileSync(file, text);
	assert.match(text, /^\{\n {4}"openapi": "3\.0\.0",\n/);
	assert.equal(text, `${JSON.stringify(JSON.parse(text), null, 4)}\n`);
	checkAgainstReference(JSON.parse(text));
	await validate(file);
	await generate(file);
	let url;
	[server, url] = await startServer(scratch);
	await checkPages(url, file);
	await waitUntilReady(url);
	execFileSync(process.execPath, [path.join(folder, 'client.js'), url], { stdio: 'inherit' });
} finally {
	if (server) {
		server.kill('SIGTERM');
		await once(server, 'exit');
	}
	fs.rmSync(scratch, { recursive: true });
}
