// SPDX-License-Identifier: MIT
// A virtual schema of an Exasol database over documents in files, on the base class of the
// published interface: an adapter, an import script, and a connection with a JSON of credentials.
import {registerExtension, type Parameter} from '@exasol/extension-manager-interface';
import {jarFileVersionExtractor} from '@exasol/extension-manager-interface/dist/base';
import {
	convertVirtualSchemaBaseExtension, createJsonConnectionDefinition, createVirtualSchemaBuilder,
} from '@exasol/extension-manager-interface/dist/base-vs';

const VERSION = '3.0.0';

const mapping: Parameter = {
	id: 'MAPPING', name: 'Mapping', type: 'string', required: true, multiline: true,
	description: 'How documents become tables, as JSON',
};
const connection: Parameter[] = [
	{id: 'bucket', name: 'Bucket', type: 'string', required: true},
	{id: 'accessKey', name: 'Access key', type: 'string', secret: true},
	{id: 'useSsl', name: 'Use TLS', type: 'boolean', default: 'true'},
];

registerExtension(convertVirtualSchemaBaseExtension({
	name: 'Document files',
	description: 'Virtual schema over documents in files',
	category: 'document-virtual-schema',
	version: VERSION,
	files: [
		{name: `document-files-${VERSION}.jar`, size: 8192},
		{name: 'document-driver.jar'},
	],
	scripts: [
		{type: 'ADAPTER', name: 'DOCUMENT_FILES_ADAPTER', scriptClass: 'com.example.documents.Adapter'},
		{
			type: 'SET', name: 'IMPORT_FROM_DOCUMENT_FILES',
			parameters: 'DATA_LOADER VARCHAR(2000000), SCHEMA_MAPPING_REQUEST VARCHAR(2000000)',
			emitParameters: '...', scriptClass: 'com.example.documents.Importer',
		},
	],
	scriptVersionExtractor: jarFileVersionExtractor(/document-files-(\d+\.\d+\.\d+)\.jar/),
	virtualSchemaAdapterScript: 'DOCUMENT_FILES_ADAPTER',
	builder: createVirtualSchemaBuilder({
		virtualSchemaParameters: [mapping],
		connectionNameProperty: 'CONNECTION_NAME',
		connectionDefinition: createJsonConnectionDefinition(connection),
	}),
}));
