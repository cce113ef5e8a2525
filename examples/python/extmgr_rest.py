# SPDX-License-Identifier: MIT
"""A client for the REST interface, and a server of it for tests.

    with Server(["--db", "sqlite:" + path, "--registry", registry]) as server:
        client = RestClient(server.url, user="a", password="b")
        client.install()                       # the one extension in its one version
        name = client.create_instance({"table": "orders"})
        assert_request_fails(client.uninstall, "cannot uninstall extension because", 400)

Needs Python's standard library only."""

import base64
import http.client
import json
import re
import subprocess
import urllib.parse

BASE = "/api/v1/extensionmanager"
PATIENCE_SECONDS = 60


class RequestError(Exception):
    """A response that tells an error."""

    def __init__(self, status, message, request_id=None):
        super().__init__(f"{status}: {message}")
        self.status = status
        self.message = message
        self.request_id = request_id


class Response:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    def document(self):
        return json.loads(self.body)


class Server:
    """`extmgr serve` on a free port of 127.0.0.1; stopped by close() or at the end of `with`."""

    def __init__(self, arguments, program="extmgr", environment=None, stderr=None):
        self.process = subprocess.Popen(
            [program, "serve", "--listen", "127.0.0.1:0", *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr, text=True,
            env=environment)
        # The line comes when connections are taken; at its end the program has failed.
        self.url = self.process.stdout.readline().strip()
        if not self.url:
            self.close()
            raise RuntimeError("the server does not start: its reason is on stderr")

    def close(self):
        """Stops it gracefully; the exit code."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(PATIENCE_SECONDS)
        finally:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def basic(user, password):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def values_of(values):
    """{name: value} as the interface takes values; booleans become true and false."""
    return [{"name": name, "value": str(value).lower() if isinstance(value, bool) else str(value)}
            for name, value in values.items()]


class RestClient:
    """The operations for one database. Where no extension or version is given, there must be
    exactly one."""

    def __init__(self, url, user=None, password="", token=None, host="localhost", port=8563):
        self.url = urllib.parse.urlsplit(url)
        self.authorization = f"Bearer {token}" if token is not None else basic(user, password)
        self.host = host
        self.port = port

    # ---- requests ----

    def request(self, method, path, body=None, headers=None, query=None):
        """Any request; path: below the base path, its segments encoded."""
        query = {"dbHost": self.host, "dbPort": self.port} if query is None else query
        target = f"{BASE}{path}?{urllib.parse.urlencode(query)}"
        sent = {"Authorization": self.authorization}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            sent["Content-Type"] = "application/json"
        sent.update(headers or {})
        return self.send(method, target, body, {k: v for k, v in sent.items() if v is not None})

    def send(self, method, target, body=None, headers=None):
        connection = http.client.HTTPConnection(self.url.hostname, self.url.port,
                                                timeout=PATIENCE_SECONDS)
        try:
            connection.request(method, target, body, headers or {})
            response = connection.getresponse()
            return Response(response.status, response.headers, response.read())
        finally:
            connection.close()

    def call(self, method, *segments, body=None):
        """The document of a success, None when it has none; else RequestError."""
        path = "".join("/" + urllib.parse.quote(segment, safe="") for segment in segments)
        response = self.request(method, path, body)
        if response.status >= 400:
            try:
                error = response.document()
                raise RequestError(error["code"], error["message"], error.get("requestID"))
            except (ValueError, KeyError):
                raise RequestError(response.status, response.body.decode(errors="replace")) from None
        return response.document() if response.body else None

    # ---- what is filled in ----

    def the_extension(self):
        extensions = self.get_extensions()
        if len(extensions) != 1:
            names = ", ".join(extension["id"] for extension in extensions) or "none"
            raise LookupError(f"expected exactly one extension, found: {names}; give its id")
        return extensions[0]

    def _id(self, extension):
        return extension or self.the_extension()["id"]

    def _version(self, extension, version):
        if version:
            return version
        found = next((e for e in self.get_extensions() if e["id"] == extension), None)
        versions = [v["name"] for v in (found or {}).get("installableVersions", [])]
        if len(versions) != 1:
            raise LookupError(f"expected exactly one version of '{extension}', found: "
                              f"{', '.join(versions) or 'none'}; give one")
        return versions[0]

    def _both(self, extension, version):
        extension = self._id(extension)
        return extension, self._version(extension, version)

    # ---- the operations ----

    def get_extensions(self):
        return self.call("GET", "extensions")["extensions"]

    def get_installations(self):
        return self.call("GET", "installations")["installations"]

    def get_extension_details(self, version=None, extension=None):
        return self.call("GET", "extensions", *self._both(extension, version))

    def install(self, version=None, extension=None):
        self.call("PUT", "extensions", *self._both(extension, version), "install", body={})

    def uninstall(self, version=None, extension=None):
        self.call("DELETE", "installations", *self._both(extension, version))

    def upgrade(self, extension=None):
        return self.call("POST", "installations", self._id(extension), "upgrade")

    def create_instance(self, values, version=None, extension=None):
        """The name of the new instance."""
        made = self.call("POST", "installations", *self._both(extension, version), "instances",
                         body={"parameterValues": values_of(values)})
        return made["instanceName"]

    def list_instances(self, version=None, extension=None):
        return self.call("GET", "installations", *self._both(extension, version),
                         "instances")["instances"]

    def delete_instance(self, instance, version=None, extension=None):
        self.call("DELETE", "installations", *self._both(extension, version), "instances", instance)

    # ---- beyond the reference ----

    def get_progress(self, request_id):
        """The steps of a request that runs: that was its header X-Request-Id."""
        return self.call("GET", "operations", request_id)

    def get_instance(self, instance, version=None, extension=None):
        return self.call("GET", "installations", *self._both(extension, version), "instances",
                         instance)

    def update_instance(self, instance, values, version=None, extension=None):
        return self.call("PUT", "installations", *self._both(extension, version), "instances",
                         instance, body={"parameterValues": values_of(values)})

    def validate(self, values, version=None, extension=None):
        return self.call("POST", "extensions", *self._both(extension, version), "validate",
                         body={"parameterValues": values_of(values)})

    def plan(self, operation, version=None, extension=None, instance=None, values=None,
             record=False):
        body = {"operation": operation, "extensionId": self._id(extension),
                "extensionVersion": version, "instanceId": instance, "record": record,
                "parameterValues": None if values is None else values_of(values)}
        return self.call("POST", "plans", body=body)

    def apply(self, plan, secrets=None):
        return self.call("POST", "plans", "apply", body={
            "plan": plan, "parameterValues": None if secrets is None else values_of(secrets)})

    def get_status(self, extension=None):
        return self.call("GET", "status", *([extension] if extension else []))

    def get_history(self, extension=None):
        return self.call("GET", "history", *([extension] if extension else []))["entries"]

    def get_overview(self):
        return self.call("GET", "overview")["extensions"]

    def get_diagnostics(self):
        return self.call("GET", "diagnostics")["extensions"]

    # ---- the catalog: for those whom the server lets ----

    def list_bundles(self):
        return self.call("GET", "bundles")["extensions"]

    def get_bundle(self, bundle):
        return self.call("GET", "bundles", bundle)

    def set_bundle(self, bundle, setting):
        """setting: enable, disable, hold, unhold or accept."""
        self.call("PUT", "bundles", bundle, setting)

    def get_bundle_file(self, bundle, digest, path):
        """The response: its body is the file, its headers tell what it is."""
        segments = [urllib.parse.quote(part, safe="") for part in (bundle, digest)]
        return self.request("GET", f"/bundles/{segments[0]}/{segments[1]}/files/"
                            + urllib.parse.quote(path))


def assert_request_fails(call, message, status=None):
    """Calls and expects a RequestError, which it answers. message: a part of its message, a compiled
    pattern, or a function that says whether it is right; status: a number, or such a function."""
    try:
        call()
    except RequestError as error:
        if isinstance(message, re.Pattern):
            matches = message.search(error.message)
        else:
            matches = message(error.message) if callable(message) else message in error.message
        assert matches, f"the message is {error.message!r}"
        matches = status(error.status) if callable(status) else status in (None, error.status)
        assert matches, f"the status is {error.status}"
        return error
    raise AssertionError("the request succeeded")
