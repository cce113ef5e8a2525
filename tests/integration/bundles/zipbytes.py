# SPDX-License-Identifier: MIT
"""Zip files to the byte: every field can be given a wrong value, and anything put between."""
import struct
import zlib

STORED, DEFLATED = 0, 8
FLAG_ENCRYPTED, FLAG_DESCRIPTOR, FLAG_UTF8 = 1, 1 << 3, 1 << 11
REGULAR, LINK, FOLDER = 0o100644, 0o120777, 0o040755


def deflate(data, level=9):
    packer = zlib.compressobj(level, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def extra(number, data):
    return struct.pack("<HH", number, len(data)) + data


class Member:
    """One file. local, central: fields of that header alone. Any field may be a lie."""

    def __init__(self, name, data=b"", method=DEFLATED, mode=REGULAR, local=None, central=None,
                 packed=None, descriptor=b"", before=b"", attributes=None, **fields):
        self.name = name.encode() if isinstance(name, str) else name
        self.packed = packed if packed is not None else \
            deflate(data) if method == DEFLATED else data
        self.before = before
        self.descriptor = descriptor
        utf8 = 0 if self.name.isascii() else FLAG_UTF8
        self.fields = {"version": 20, "flags": utf8, "method": method, "time": 0, "date": 0x21,
                       "crc": zlib.crc32(data), "packed": len(self.packed), "size": len(data),
                       "name": self.name, "extra": b"", "comment": b"", "disk": 0, "made": 0x314,
                       "attributes": mode << 16 if attributes is None else attributes,
                       "signature": None, **fields}
        self.local = {**self.fields, **(local or {})}
        self.central = {**self.fields, **(central or {})}

    def local_bytes(self):
        f = self.local
        return struct.pack("<IHHHHHIIIHH", f["signature"] or 0x04034b50, f["version"], f["flags"],
                           f["method"], f["time"], f["date"], f["crc"], f["packed"], f["size"],
                           len(f["name"]), len(f["extra"])) + f["name"] + f["extra"] \
            + self.packed + self.descriptor

    def central_bytes(self, offset):
        f = self.central
        offset = f.get("offset", offset)
        return struct.pack("<IHHHHHHIIIHHHHHII", f["signature"] or 0x02014b50, f["made"],
                           f["version"], f["flags"], f["method"], f["time"], f["date"], f["crc"],
                           f["packed"], f["size"], f.get("name_length", len(f["name"])),
                           len(f["extra"]), len(f["comment"]), f["disk"], 0, f["attributes"],
                           offset) + f["name"] + f["extra"] + f["comment"]


def archive(members, prefix=b"", before_directory=b"", before_end=b"", after=b"", comment=b"",
            adjust=0, directory=None, **end):
    """end: fields of the end record. adjust: what is added to all offsets."""
    body, headers = prefix, b""
    for member in members:
        body += member.before
        headers += member.central_bytes(len(body) + adjust)
        body += member.local_bytes()
    body += before_directory
    headers = headers if directory is None else directory
    f = {"disk": 0, "first_disk": 0, "here": len(members), "total": len(members),
         "size": len(headers), "offset": len(body) + adjust, "comment_length": len(comment), **end}
    return body + headers + before_end + struct.pack(
        "<IHHHHIIH", 0x06054b50, f["disk"], f["first_disk"], f["here"], f["total"], f["size"],
        f["offset"], f["comment_length"]) + comment + after
