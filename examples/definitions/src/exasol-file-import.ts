// SPDX-License-Identifier: MIT
// Scripts of an Exasol database that import files: the base class of the published interface does
// all of the work. A script extension has no instances.
import {registerExtension} from '@exasol/extension-manager-interface';
import {convertBaseExtension, jarFileVersionExtractor} from '@exasol/extension-manager-interface/dist/base';

const VERSION = '2.1.0';

registerExtension(convertBaseExtension({
	name: 'File import',
	description: 'Imports files from a cloud storage',
	category: 'cloud-storage-importer',
	version: VERSION,
	files: [{name: `file-import-${VERSION}.jar`, size: 4096}],
	scripts: [
		{
			type: 'SCALAR', name: 'IMPORT_METADATA',
			parameters: '...',
			emitParameters: 'FILE_NAME VARCHAR(2000), PART_NUMBER DECIMAL(36, 0)',
			scriptClass: 'com.example.importer.MetadataReader',
		},
		{
			type: 'SET', name: 'IMPORT_PATH',
			parameters: '...', emitParameters: '...',
			scriptClass: 'com.example.importer.PathImporter',
		},
	],
	scriptVersionExtractor: jarFileVersionExtractor(/file-import-(\d+\.\d+\.\d+)\.jar/),
}));
