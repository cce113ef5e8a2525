# SPDX-License-Identifier: MIT
"""search over a registry on loopback: cold, revalidated, warm; and one GET after the other.

Each answer of the server is late by 5 ms, as from a server that is near.
"""

import hashlib
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time

import server

PROGRAM = os.environ["EXTMGR_PROGRAM"]
LATENCY = 0.005
SOURCE = """global.installedExtension = {apiVersion: '0.2.0', extension: {name: '%d', category: 'c',
description: 'd', bucketFsUploads: [], installableVersions: [{name: '1.0.0', latest: true,
deprecated: false}]}};
/* %s */
"""


class Late(server.Server):
    async def _file(self, writer, request, path):
        await server.asyncio.sleep(LATENCY)
        await super()._file(writer, request, path)


def measure(label, late, run):
    late.log.clear()
    before = late.bytes_sent
    start = time.monotonic()
    run()
    seconds = time.monotonic() - start
    print(f"{label:34} {seconds * 1000:8.0f} ms {len(late.log):6} requests "
          f"{(late.bytes_sent - before) / 1024:9.0f} KiB", flush=True)


def one_after_the_other(late, count):
    connection = http.client.HTTPConnection("127.0.0.1", late.port)
    for path in ["/registry.json", *(f"/{i}.js" for i in range(count))]:
        connection.request("GET", path)
        connection.getresponse().read()
    connection.close()


def run_all(count, digests):
    with Late() as late, tempfile.TemporaryDirectory() as directory:
        entries = []
        for i in range(count):
            source = (SOURCE % (i, "x" * 10000)).encode()
            late.files[f"/{i}.js"] = source
            entries.append({"id": str(i), "url": f"{i}.js"})
            if digests:
                entries[-1].update(sha256=hashlib.sha256(source).hexdigest(), version="1.0.0")
        late.files["/registry.json"] = json.dumps({"extensions": entries}).encode()
        for path in late.files:
            late.headers[path] = [("Cache-Control", "no-cache")]

        def search(*options):
            subprocess.run(
                [PROGRAM, "--registry", late.url("/registry.json"), "--cache",
                 os.path.join(directory, "cache"), "--json", *options, "search"],
                check=True, stdout=subprocess.DEVNULL,
                env={k: v for k, v in os.environ.items() if not k.startswith("EXTMGR_")})

        kind = "with digests" if digests else "plain index"
        print(f"-- {count} definitions, {kind}")
        measure("one GET after the other (no search)", late, lambda: one_after_the_other(late, count))
        measure("search, cold", late, search)
        measure("search, revalidated", late, search)
        measure("search, warm", late, lambda: search("--refresh", "3600"))


if __name__ == "__main__":
    for size in map(int, sys.argv[1:] or ["100", "1000"]):
        run_all(size, False)
        run_all(size, True)
