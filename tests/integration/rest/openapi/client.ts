// SPDX-License-Identifier: MIT
// Uses a client generated from the OpenAPI document: tsc checks it, node runs it.
// node client.js URL: an extension "testing" is in the server's registry, nothing is installed.
import createClient from 'openapi-fetch';
import type { components, operations, paths } from './api';

declare const process: { argv: string[]; exit(code: number): never };
const url = process.argv[2];
const client = createClient<paths>({ baseUrl: url, headers: { Authorization: 'Basic YTpi' } });
const query = { dbHost: 'localhost', dbPort: 8563 };
const extensionId = 'testing';
const version = { extensionId, extensionVersion: '1.1.0' };

function check(condition: boolean, what: string): asserts condition {
	if (!condition) {
		throw new Error(what);
	}
}

async function main(): Promise<void> {
	const available = await client.GET('/api/v1/extensionmanager/extensions', { params: { query } });
	const extension: components['schemas']['ExtensionsResponseExtension'] | undefined = available.data?.extensions[0];
	check(extension?.id === extensionId, 'the extension is listed');
	check(extension.installableVersions.some((v) => v.latest && v.name === '1.1.0'), 'with its versions');

	const details = await client.GET('/api/v1/extensionmanager/extensions/{extensionId}/{extensionVersion}',
		{ params: { path: version, query } });
	check(details.data?.parameterDefinitions[0].id === 'name', 'its parameters are told');

	const installed = await client.PUT(
		'/api/v1/extensionmanager/extensions/{extensionId}/{extensionVersion}/install',
		{ params: { path: version, query }, body: { IgnoredProperty: '' } });
	check(installed.response.status === 204, 'it is installed');
	const installations = await client.GET('/api/v1/extensionmanager/installations', { params: { query } });
	check(installations.data?.installations[0].version === '1.1.0', 'it is found');

	const body: components['schemas']['CreateInstanceRequest'] = { parameterValues: [{ name: 'name', value: 'one' }] };
	const made = await client.POST(
		'/api/v1/extensionmanager/installations/{extensionId}/{extensionVersion}/instances',
		{ params: { path: version, query }, body });
	check(made.data?.instanceName === 'Instance one', 'an instance is made');
	const instances = await client.GET(
		'/api/v1/extensionmanager/installations/{extensionId}/{extensionVersion}/instances',
		{ params: { path: version, query } });
	check(instances.data?.instances.length === 1, 'it is listed');
	const refused = await client.DELETE('/api/v1/extensionmanager/installations/{extensionId}/{extensionVersion}',
		{ params: { path: version, query } });
	const error: components['schemas']['APIError'] | undefined = refused.error;
	check(error?.code === 400 && error.message.includes('instance(s) still exist'), 'uninstall is refused');
	const deleted = await client.DELETE(
		'/api/v1/extensionmanager/installations/{extensionId}/{extensionVersion}/instances/{instanceId}',
		{ params: { path: { ...version, instanceId: made.data.instanceId }, query } });
	check(deleted.response.status === 204, 'it is deleted');

	const upgraded = await client.POST('/api/v1/extensionmanager/installations/{extensionId}/upgrade',
		{ params: { path: { extensionId }, query } });
	check(upgraded.response.status === 432, 'there is nothing newer');
	const removed = await client.DELETE('/api/v1/extensionmanager/installations/{extensionId}/{extensionVersion}',
		{ params: { path: version, query } });
	check(removed.response.status === 204, 'it is removed');
	await useCatalog();
}

// The routes of the catalog take no database.
async function useCatalog(): Promise<void> {
	const tenant = await client.GET('/api/v1/extensionmanager/bundles');
	const error: components['schemas']['APIError'] | undefined = tenant.error;
	check(tenant.response.status === 403 && error?.code === 403, 'others see nothing of the catalog');
	const admin = createClient<paths>({ baseUrl: url, headers: { Authorization: 'Bearer token-1' } });
	const bundles = await admin.GET('/api/v1/extensionmanager/bundles');
	const listed = bundles.data?.extensions as { id: string; digest: string }[] | undefined;
	check(listed?.length === 1 && listed[0].id === 'acme.clock', 'the bundle is listed');
	const path = { bundleId: listed[0].id };
	const disabled = await admin.PUT('/api/v1/extensionmanager/bundles/{bundleId}/disable', { params: { path } });
	check(disabled.response.status === 204, 'it is disabled');
	await admin.PUT('/api/v1/extensionmanager/bundles/{bundleId}/enable', { params: { path } });
	const shown = await admin.GET('/api/v1/extensionmanager/bundles/{bundleId}', { params: { path } });
	check(shown.data?.enabled === true, 'and enabled again');
	const file = await admin.GET('/api/v1/extensionmanager/bundles/{bundleId}/{digest}/files/{path}', {
		params: { path: { ...path, digest: listed[0].digest, path: 'frontend/dist/main.js' } }, parseAs: 'text' });
	check(file.data === 'console.log("tick")\n', 'its files are read');
}

// What does not fit the document is found before anything runs.
type Names = keyof operations;
export const known: Names = 'UpgradeExtension';
// @ts-expect-error no such operation
export const unknownName: Names = 'NoSuchOperation';
// @ts-expect-error a number is no value
export const wrongBody: components['schemas']['ParameterValue'] = { name: 'n', value: 5 };
// @ts-expect-error nothing may be left out
export const wrongError: components['schemas']['APIError'] = { code: 500 };

main().catch((error) => {
	console.error(error);
	process.exit(1);
});
