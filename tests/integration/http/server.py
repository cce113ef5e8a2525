# SPDX-License-Identifier: MIT
"""An HTTP server on loopback that serves files as it should, and misbehaves on command."""

import asyncio
import base64
import email.utils
import gzip
import hashlib
import json
import os
import socket
import ssl
import struct
import threading
import urllib.parse
import zlib

CHUNK = b"x" * 65536


class Closed(Exception):
    """The connection is over, on purpose."""


class Request:
    def __init__(self, path, query, headers):
        self.path = path
        self.query = query
        self.headers = headers


class Server:
    """Serves files (a dictionary of path to bytes) and the commands below; notes what it was asked.

    with Server() as server: ... server.url("/x")
    """

    def __init__(self, tls=None):
        self.files = {}
        self.headers = {}  # path: headers to add
        self.etags = {}  # path: an ETag in place of the content's own
        self.override = None  # a command for every file, such as "/status/503"
        self.instead = {}  # path: a command in its place
        self.log = []
        self.bytes_sent = 0
        self.tls = tls  # (certificate, key)
        self.before = None  # called with each request, on the server's thread

    def __enter__(self):
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self._run, daemon=True)
        started = threading.Event()
        self.started = started
        self.thread.start()
        started.wait()
        return self

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()

    def _run(self):
        asyncio.set_event_loop(self.loop)
        context = None
        if self.tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*self.tls)
        server = self.loop.run_until_complete(
            asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=context)
        )
        self.port = server.sockets[0].getsockname()[1]
        self.started.set()
        self.loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        self.loop.close()

    def url(self, path, host="127.0.0.1", user=""):
        scheme = "https" if self.tls else "http"
        return f"{scheme}://{user}{host}:{self.port}{path}"

    def paths(self):
        return [request.path for request in self.log]

    # ---- one connection ----

    async def _serve(self, reader, writer):
        try:
            while await self._serve_request(reader, writer):
                pass
        except (Closed, ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError,
                asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _serve_request(self, reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        target = lines[0].split(" ")[1]
        parts = urllib.parse.urlsplit(target)
        headers = {}
        for line in lines[1:]:
            name, colon, value = line.partition(":")
            if colon:
                headers[name.strip().lower()] = value.strip()
        query = dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))
        request = Request(urllib.parse.unquote(parts.path), query, headers)
        request.target = target
        self.log.append(request)
        if self.before:
            self.before(request)
        command = self.override if request.path in self.files else None
        command = self.instead.get(request.path, command)
        path = command or request.path
        if command:
            parts = urllib.parse.urlsplit(path)
            request.query = dict(urllib.parse.parse_qsl(parts.query))
            path = parts.path
        if path in self.files:
            await self._file(writer, request, path)
            return True
        command, _, argument = path.strip("/").partition("/")
        handler = getattr(self, "do_" + command.replace("-", "_"), None)
        if handler is None:
            await self._answer(writer, 404, b"no such thing")
        else:
            await handler(writer, request, argument)
        return True

    async def _send(self, writer, data):
        self.bytes_sent += len(data)
        writer.write(data)
        await writer.drain()

    async def _answer(self, writer, status, body, headers=(), length=None):
        lines = [f"HTTP/1.1 {status} Something"]
        if length is None:
            length = len(body)
        if length >= 0:
            lines.append(f"Content-Length: {length}")
        lines += [f"{name}: {value}" for name, value in headers]
        await self._send(writer, "\r\n".join(lines + ["", ""]).encode() + body)

    async def _file(self, writer, request, path):
        body = self.files[path]
        etag = self.etags.get(path, '"' + hashlib.sha256(body).hexdigest()[:16] + '"')
        headers = list(self.headers.get(path, []))
        if etag:
            headers.append(("ETag", etag))
        if etag and request.headers.get("if-none-match") == etag:
            await self._answer(writer, 304, b"", headers, length=-1)
        elif any(n == "Last-Modified" and request.headers.get("if-modified-since") == v
                 for n, v in headers):
            await self._answer(writer, 304, b"", headers, length=-1)
        else:
            await self._answer(writer, 200, body, headers)

    @staticmethod
    def _abort(writer):
        """A reset, not an orderly end."""
        raw = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
        raise Closed

    # ---- commands: /NAME/ARGUMENT?QUERY ----

    async def do_status(self, writer, request, argument):
        body = request.query.get("body", "the reason").encode()
        code = int(argument)
        if code < 200 or code in (204, 304):
            await self._send(writer, f"HTTP/1.1 {code} Something\r\n\r\n".encode())
            if code < 200:
                raise Closed
        else:
            await self._answer(writer, code, body)

    async def do_long_error(self, writer, request, argument):
        await self._answer(writer, 404, CHUNK * 100)

    async def do_redirect(self, writer, request, argument):
        code = int(request.query.get("code", "302"))
        body = b"moved" if "long" not in request.query else CHUNK
        await self._answer(writer, code, body, [("Location", request.query["to"])])

    async def do_loop(self, writer, request, argument):
        """Leads around in a circle; with a number it ends after that many steps."""
        left = int(argument or "-1")
        if left == 0:
            await self._answer(writer, 200, b"the end")
        else:
            await self._answer(writer, 302, b"",
                               [("Location", f"/loop/{left - 1}" if left > 0 else "/loop")])

    async def do_echo(self, writer, request, argument):
        document = {"headers": request.headers, "path": request.path, "target": request.target}
        await self._answer(writer, 200, json.dumps(document).encode())

    async def do_bytes(self, writer, request, argument):
        await self._answer(writer, 200, b"x" * int(argument))

    async def do_truncated(self, writer, request, argument):
        await self._answer(writer, 200, b"half", length=1000)
        raise Closed

    async def do_truncated_chunks(self, writer, request, argument):
        await self._send(writer, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                 b"4\r\nhalf\r\n8\r\nhalf")
        raise Closed

    async def do_bad_chunks(self, writer, request, argument):
        await self._send(writer, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
        raise Closed

    async def do_endless(self, writer, request, argument):
        chunked = b"Transfer-Encoding: chunked\r\n" if argument == "chunked" else b""
        await self._send(writer, b"HTTP/1.1 200 OK\r\n" + chunked + b"\r\n")
        while True:
            await self._send(writer, b"10000\r\n" + CHUNK + b"\r\n" if chunked else CHUNK)

    async def do_endless_headers(self, writer, request, argument):
        await self._send(writer, b"HTTP/1.1 200 OK\r\n")
        while True:
            await self._send(writer, b"X-Header: " + CHUNK[:4096] + b"\r\n")

    async def do_lying_short(self, writer, request, argument):
        """Announces less than it sends."""
        await self._answer(writer, 200, b"0123456789", length=4)
        raise Closed

    async def do_lying_long(self, writer, request, argument):
        """Announces far more than anybody takes."""
        await self._answer(writer, 200, b"0123456789", length=1 << 40)
        raise Closed

    async def do_bad_length(self, writer, request, argument):
        await self._send(writer, b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nabc")
        raise Closed

    async def do_drip(self, writer, request, argument):
        """A byte now and then, for ever."""
        await self._send(writer, b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            await self._send(writer, b"x")
            await asyncio.sleep(0.05)

    async def do_silence(self, writer, request, argument):
        await asyncio.sleep(3600)

    async def do_reset(self, writer, request, argument):
        """At the beginning, within status, headers or body."""
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbody"
        size = {"": 0, "status": 5, "headers": 25, "body": len(answer)}[argument]
        if size:
            await self._send(writer, answer[:size])
        self._abort(writer)

    async def do_garbage(self, writer, request, argument):
        await self._send(writer, b"\x00\x01 this is no HTTP\r\n\r\n")
        raise Closed

    async def do_gzip(self, writer, request, argument):
        await self._answer(writer, 200, gzip.compress(b"unpacked"),
                           [("Content-Encoding", "gzip")])

    async def do_bad_gzip(self, writer, request, argument):
        await self._answer(writer, 200, gzip.compress(b"unpacked" * 100)[:-30] + b"x" * 30,
                           [("Content-Encoding", "gzip")])

    async def do_bomb(self, writer, request, argument):
        """A gigabyte in a megabyte."""
        compressor = zlib.compressobj(9, wbits=31)
        body = b"".join(compressor.compress(b"\0" * (1 << 20)) for _ in range(1024))
        body += compressor.flush()
        await self._answer(writer, 200, body, [("Content-Encoding", "gzip")])

    async def do_auth(self, writer, request, argument):
        wanted = "Basic " + base64.b64encode(b"user:pass").decode()
        if request.headers.get("authorization") == wanted:
            await self._answer(writer, 200, b"welcome")
        else:
            await self._answer(writer, 401, b"who are you", [("WWW-Authenticate", "Basic")])

    async def do_cookie(self, writer, request, argument):
        await self._answer(writer, 302, b"", [("Set-Cookie", "a=b"), ("Location", "/echo")])


def http_date(seconds):
    return email.utils.formatdate(seconds, usegmt=True)


def make_certificate(directory, name="127.0.0.1"):
    """(certificate, key) of a server that is its own authority."""
    certificate = os.path.join(directory, f"{name}.crt")
    key = os.path.join(directory, f"{name}.key")
    kind = "IP" if name[0].isdigit() else "DNS"
    import subprocess

    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
         f"/CN={name}", "-addext", f"subjectAltName={kind}:{name}", "-keyout", key, "-out",
         certificate],
        check=True, capture_output=True,
    )
    return certificate, key
