// SPDX-License-Identifier: MIT
// Compiled, never run: the kit's types take in all of the published interface, and no nonsense.
import type * as exasol from '@exasol/extension-manager-interface';
import type * as kit from 'extmgr-definition-kit';
import {register, type Condition, type Context, type Extension, type Parameter} from 'extmgr-definition-kit';

/* Each name of the published interface: what definitions hand over is taken by the kit's type of the same name. */
type Taken<Published extends Kit, Kit> = Published;
export type HandedOver = [
	Taken<exasol.ExasolExtension, kit.ExasolExtension & kit.Extension>, Taken<exasol.ExtensionVersion, kit.ExtensionVersion>,
	Taken<exasol.BucketFSUpload, kit.BucketFSUpload & kit.Artifact>, Taken<exasol.Installation, kit.Installation>,
	Taken<exasol.Instance, kit.Instance>, Taken<exasol.UpgradeResult, kit.UpgradeResult>,
	Taken<exasol.ParameterValues, kit.ParameterValues>, Taken<exasol.ParameterValue, kit.ParameterValue>,
	Taken<exasol.Parameter, kit.Parameter>, Taken<exasol.ParamValueType, kit.ParamValueType>,
	Taken<exasol.StringParameter, kit.StringParameter>, Taken<exasol.BooleanParameter, kit.BooleanParameter>,
	Taken<exasol.SelectParameter, kit.SelectParameter>, Taken<exasol.SelectOption, kit.SelectOption>,
	Taken<exasol.Condition, kit.Condition>, Taken<exasol.Comparison, kit.Comparison & kit.Condition>,
	Taken<exasol.And, kit.And & kit.Condition>, Taken<exasol.Or, kit.Or & kit.Condition>,
	Taken<exasol.Not, kit.Not & kit.Condition>, Taken<exasol.Operators, kit.Operators & kit.Operator>,
	Taken<exasol.BadRequestError, kit.BadRequestError>, Taken<exasol.NotFoundError, kit.NotFoundError>,
	Taken<exasol.PreconditionFailedError, kit.PreconditionFailedError>,
	Taken<exasol.InternalServerError, kit.InternalServerError>,
];
/* And what they are handed is all that the published type promises. */
export type HandedIn = [
	Taken<kit.Context, exasol.Context>, Taken<kit.BucketFs, exasol.BucketFs>, Taken<kit.SqlClient, exasol.SqlClient>,
	Taken<kit.QueryResult, exasol.QueryResult>, Taken<kit.Column, exasol.Column>, Taken<kit.Row, exasol.Row>,
	Taken<kit.ExaMetadataService, exasol.ExaMetadataService>, Taken<kit.ExaMetadata, exasol.ExaMetadata>,
	Taken<kit.ExaScripts, exasol.ExaScripts>, Taken<kit.ExaScriptsRow, exasol.ExaScriptsRow>,
	Taken<kit.ExaVirtualSchemas, exasol.ExaVirtualSchemas>, Taken<kit.ExaVirtualSchemasRow, exasol.ExaVirtualSchemasRow>,
	Taken<kit.ExaVirtualSchemaProperties, exasol.ExaVirtualSchemaProperties>,
	Taken<kit.ExaVirtualSchemaPropertiesRow, exasol.ExaVirtualSchemaPropertiesRow>,
];

declare const published: exasol.ExasolExtension;
declare const ours: Context;

export const extension: Extension = published;
export const context: exasol.Context = ours;
export const parameters: Parameter[] = published.getInstanceParameters(ours, '1.0.0');
export const condition: Condition = {not: {or: [{parameter: 'a', operator: 'GREATER_EQ', value: 1}]}};

/* All that the library has beside it. */
register({
	name: 'N',
	installableVersions: [],
	bucketFsUploads: [{name: 'a', bucketFsFilename: 'a', fileSize: -1, sha256: '0'.repeat(64)}],
	requirements: {
		dialects: ['sqlite'], server: {sqlite: '>=3.38'}, privileges: ['create-table'],
		extensions: ['postgres_fdw'], requires: ['other', {id: 'third', version: '>=1.2'}],
	},
	replaceable: true,
	validate: ({values}) => values.length === 0 ? {name: 'a', message: 'is empty'} : undefined,
	updateInstance: ({dialect, quoteLiteral}, _version, instanceId) => ({id: quoteLiteral(dialect), name: instanceId}),
	upgradeInstance: ({files}, _instanceId, previousVersion) => void files.resolvePath(previousVersion),
	check: ({quoteIdentifier}) => [quoteIdentifier('a')],
	getInstanceParameters: () => [
		{id: 'a', name: 'A', type: 'integer', min: 1, max: 2, immutable: true, condition},
		{id: 'b', name: 'B', type: 'string', regex: /^b$/, minLength: 1, secret: true},
	],
});

// @ts-expect-error: an extension has versions
register({name: 'N'});
// @ts-expect-error: a slip in the name of a function
register({name: 'N', installableVersions: [], findInstallation: () => []});
// @ts-expect-error: an unknown type of parameter
register({name: 'N', installableVersions: [], getInstanceParameters: () => [{id: 'a', name: 'A', type: 'date'}]});
// @ts-expect-error: an instance has an id
register({name: 'N', installableVersions: [], findInstances: () => [{name: 'a'}]});
// @ts-expect-error: the sandbox has no timers
setTimeout(() => {}, 1);
