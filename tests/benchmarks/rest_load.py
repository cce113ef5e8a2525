# SPDX-License-Identifier: MIT
"""rest_load.py EXTMGR DEFINITIONS WRK: requests per second and tail latency of the server on SQLite,
64 connections; whether its memory stays what it was over 100 000 requests, and whether a request
fails while bundles are synchronised into the same file.

Prints lines "name value unit"; EXTMGR_LOAD_REQUESTS and EXTMGR_LOAD_SECONDS change the amounts."""

import os
import re
import subprocess
import sys
import tempfile
import threading

from bundles import files_of, write_archive
from extmgr_rest import BASE, RestClient, Server, basic

CONNECTIONS = 64
BUNDLES = 50
SECONDS = int(os.environ.get("EXTMGR_LOAD_SECONDS", "10"))
REQUESTS = int(os.environ.get("EXTMGR_LOAD_REQUESTS", "100000"))
UNITS = {"us": 0.001, "ms": 1, "s": 1000, "m": 60000}


def run_wrk(wrk, url, path, seconds):
    """Requests, requests per second, milliseconds of the 99th percentile; fails on any error."""
    done = subprocess.run(
        [wrk, "-t2", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "--timeout", "30s",
         "-H", f"Authorization: {basic('a', 'b')}", f"{url}{BASE}{path}?dbHost=h&dbPort=1"],
        check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in done or "Socket errors" in done:
        sys.exit(f"requests failed:\n{done}")
    value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s|m)\b", done).groups()
    return (int(re.search(r"(\d+) requests in", done).group(1)),
            float(re.search(r"Requests/sec:\s+([\d.]+)", done).group(1)),
            float(value) * UNITS[unit])


def resident_kib(process):
    with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
        return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1))


class Syncs(threading.Thread):
    """Bundles get new versions and are synchronised, again and again, until stop()."""

    def __init__(self, program, url, folder):
        super().__init__()
        self.command = [program, "sync", folder, "--json", "--db", url]
        self.folder = folder
        self.wanted = True
        self.count = 0
        self.failed = None

    def run(self):
        while self.wanted and not self.failed:
            for i in range(BUNDLES):
                write_archive(f"{self.folder}/b{i}.supx",
                              files_of(f"acme.b{i}", f"1.{self.count}.0", os.urandom(10000).hex()))
            done = subprocess.run(self.command, capture_output=True, text=True)
            self.failed = done.stdout + done.stderr if done.returncode else None
            self.count += 1

    def stop(self):
        self.wanted = False
        self.join()
        if self.failed:
            sys.exit(f"a synchronisation failed:\n{self.failed}")


def load_while_syncing(program, wrk, server, folder):
    bundles = os.path.join(folder, "bundles")
    os.mkdir(bundles)
    syncs = Syncs(program, f"sqlite:{folder}/t.db", bundles)
    syncs.start()
    try:
        _, rate, tail = run_wrk(wrk, server.url, "/extensions", SECONDS)
    finally:
        syncs.stop()
    print(f"rest-list-while-syncing {rate:.0f} requests/s",
          f"rest-list-while-syncing-p99 {tail:.1f} ms", f"rest-syncs {syncs.count} syncs",
          sep="\n", flush=True)


def main(program, definitions, wrk):
    with tempfile.TemporaryDirectory() as folder, Server(
            ["-q", "--db", f"sqlite:{folder}/t.db", "--registry", definitions], program) as server:
        RestClient(server.url, user="a").install("1.1.0", "audit-log")
        for name, path in (("list", "/extensions"), ("installations", "/installations"),
                           ("details", "/extensions/audit-log/1.1.0")):
            run_wrk(wrk, server.url, path, 1)
            _, rate, tail = run_wrk(wrk, server.url, path, SECONDS)
            print(f"rest-{name} {rate:.0f} requests/s", f"rest-{name}-p99 {tail:.1f} ms", sep="\n",
                  flush=True)
        before = resident_kib(server.process)
        count = 0
        while count < REQUESTS:
            count += run_wrk(wrk, server.url, "/extensions", SECONDS)[0]
        print(f"rest-requests {count} requests", f"rest-memory-before {before} KiB",
              f"rest-memory-after {resident_kib(server.process)} KiB", sep="\n", flush=True)
        load_while_syncing(program, wrk, server, folder)


if __name__ == "__main__":
    main(*sys.argv[1:])
