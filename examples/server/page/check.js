// SPDX-License-Identifier: MIT
// A worker that checks values by the server's own rules: a regular expression that does not end holds
// up nobody but this worker.
importScripts('/validator.js');

// A parameter that is hidden is neither accepted nor refused: its value is not looked at.
function visibleOf(report) {
	return report.values.map((value) => value.name).concat(report.failures.map((failure) => failure.id));
}

onmessage = ({ data: { number, definitions, values } }) => {
	try {
		const report = extmgrValidateParameters(definitions, values);

		postMessage({ number, failures: report.failures, visible: visibleOf(report) });
	} catch (error) {
		postMessage({ number, message: error.message });
	}
};
postMessage({ ready: true });
