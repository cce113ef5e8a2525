// SPDX-License-Identifier: MIT
// An extension that is an object of a class: its functions are inherited, its lists no arrays.
function Extension() {
	this.name = 'Inherited';
	this.installableVersions = new Set([{name: '1', latest: true, deprecated: false}]);
	this.bucketFsUploads = new Set([]);
}

Extension.prototype.install = function (context, version) {
	'use strict';
	return [version, this === undefined];
};
Object.defineProperty(Extension.prototype, 'check', {get: function () {
	return function () {
		return ['got'];
	};
}});

global.installedExtension = {apiVersion: '0.2.0', extension: new Extension()};
