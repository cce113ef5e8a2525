// SPDX-License-Identifier: MIT
// Requests. Credentials are kept in memory only, and are gone with the page.

const BASE = '/api/v1/extensionmanager';

/** An answer that is none; status 0: there was no answer at all. */
export class ApiError extends Error {
	constructor(status, message, requestId) {
		super(message);
		this.status = status;
		this.requestId = requestId;
	}
}

// What signIn() of sign-in.js fills; ask: asks for new credentials, false when there are none; changed: told
// of new ones.
export const session = { kind: 'database', host: '', port: '', authorization: '', user: '', ask: null, changed: null };

export function useCredentials({ host, port, user, password, token }) {
	// btoa() takes bytes; the header is UTF-8.
	const bytes = new TextEncoder().encode(`${user}:${password}`);

	session.host = host;
	session.port = port;
	session.user = token ? 'token' : user;
	session.authorization = token ? `Bearer ${token}` : `Basic ${btoa(String.fromCharCode(...bytes))}`;
	if (session.changed)
		session.changed();
}

export function forgetCredentials() {
	session.authorization = '';
	session.user = '';
}

async function send(method, path, { body, signal, requestId }) {
	const query = new URLSearchParams({ dbHost: session.host, dbPort: session.port });
	const headers = { Authorization: session.authorization, Accept: 'application/json' };
	const options = { method, headers, signal, credentials: 'omit', cache: 'no-store', redirect: 'error' };

	if (requestId)
		headers['X-Request-Id'] = requestId;
	if (body !== undefined) {
		headers['Content-Type'] = 'application/json';
		options.body = typeof body === 'string' ? body : JSON.stringify(body);
	}
	try {
		const response = await fetch(`${BASE}${path}?${query}`, options);

		return [response, await response.text()];
	} catch (error) {
		if (error.name === 'AbortError')
			throw error;
		throw new ApiError(0, 'The server cannot be reached. Is it running, and is the network there?');
	}
}

// The text of each plan as it came: it is sent back to the byte, since its digest counts.
const planTexts = new WeakMap();

function parse(text) {
	try {
		return JSON.parse(text);
	} catch {
		return null;
	}
}

/** An id for a request whose progress will be asked for. */
export function newRequestId() {
	return `page-${crypto.getRandomValues(new Uint32Array(4)).join('-')}`;
}

async function request(method, segments, options = {}) {
	const path = segments.map((segment) => `/${encodeURIComponent(segment)}`).join('');

	for (;;) {
		const used = session.authorization;
		const [response, text] = await send(method, path, options);
		const document = text ? parse(text) : null;

		if (response.ok && (document || !text)) {
			if (document)
				planTexts.set(document, text);
			return document;
		}
		// What was asked for is asked again; what was typed stays where it is.
		if (response.status === 401 && session.ask && (used !== session.authorization || await session.ask()))
			continue;
		throw new ApiError(response.status, (document && document.message) || `The server answered ${response.status}.`,
			document && document.requestID);
	}
}

const valueList = (values) => [...values].map(([name, value]) => ({ name, value }));

export const api = {
	overview: (signal) => request('GET', ['overview'], { signal }).then((answer) => answer.extensions),
	parameters: (id, version, signal) => request('GET', ['extensions', id, version], { signal })
		.then((answer) => answer.parameterDefinitions.map((parameter) => parameter.definition)),
	instances: (id, version, signal) => request('GET', ['installations', id, version, 'instances'], { signal })
		.then((answer) => answer.instances),
	instance: (id, version, instance, signal) =>
		request('GET', ['installations', id, version, 'instances', instance], { signal }),
	validate: (id, version, values, signal) =>
		request('POST', ['extensions', id, version, 'validate'], { body: { parameterValues: valueList(values) }, signal }),
	plan: ({ operation, id, version, instance, values }, signal) => request('POST', ['plans'], {
		body: {
			operation, extensionId: id,
			...(version ? { extensionVersion: version } : {}),
			...(instance !== undefined ? { instanceId: instance } : {}),
			...(values ? { parameterValues: valueList(values) } : {}),
		}, signal,
	}),
	apply: (plan, secrets, signal, requestId) => request('POST', ['plans', 'apply'], {
		body: `{"plan":${planTexts.get(plan)},"parameterValues":${JSON.stringify(valueList(secrets))}}`, signal, requestId,
	}),
	progress: (requestId, signal) => request('GET', ['operations', requestId], { signal }),
	history: (id, signal) => request('GET', id === undefined ? ['history'] : ['history', id], { signal })
		.then((answer) => answer.entries),
	status: (id, signal) => request('GET', id === undefined ? ['status'] : ['status', id], { signal }),
};
