// SPDX-License-Identifier: MIT
// What a definition imports from the kit; it is bundled into it.

/* The API that these types describe. */
const API_VERSION = '0.2.0';

export function register(extension) {
	global.installedExtension = {extension, apiVersion: API_VERSION};
}

/* Not a class: what a definition throws should not depend on how Error is lowered. */
export function failure(status, message) {
	const error = new Error(message);

	error.status = status;
	return error;
}
