#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""malformed.py FOLDER: writes every malformed bundle there, and what each must be refused with.

CASES maps a name to (expected code without EXTMGR_E_BUNDLE_, bytes, a word of the message)."""
import json
import struct
import sys
import zlib
from pathlib import Path

from zipbytes import (FLAG_DESCRIPTOR, FLAG_ENCRYPTED, FLAG_UTF8, FOLDER, LINK, STORED,
                      Member, archive, deflate, extra)

CASES = {}
TEXT = b"console.log('hello');\n" * 20
SIZES = "<III"


def manifest(text=None, **fields):
    if text is None:
        text = json.dumps({"name": "sample", "version": "1.0.0", **fields})
    return Member("manifest.json", text if isinstance(text, bytes) else text.encode())


def case(name, code, content, word=""):
    assert name not in CASES, name
    CASES[name] = (code, content, word)


def member(name, code, *, word="", **fields):
    """A bundle in which one file beside the manifest is wrong."""
    path = fields.pop("path", "frontend/dist/index.js")
    data = fields.pop("data", TEXT)
    case(name, code, archive([manifest(), Member(path, data, **fields)]), word)


def of_manifest(name, code, text, word=""):
    case(name, code, archive([manifest(text)]), word)


def good():
    return archive([manifest(), Member("frontend/dist/index.js", TEXT)])


def structure():
    whole = good()
    case("empty", "NOT_ZIP", b"", "no zip file")
    case("one-byte", "NOT_ZIP", b"P")
    case("text", "NOT_ZIP", b"this is no zip file, but long enough to be one\n" * 5)
    case("cut-in-the-middle", "NOT_ZIP", whole[:len(whole) // 2])
    case("without-end-record", "NOT_ZIP", whole[:-22])
    case("cut-by-one", "NOT_ZIP", whole[:-1])
    case("without-first-byte", "MALFORMED", whole[1:])
    case("data-before", "DATA_BEFORE", b"#!/bin/sh\n" + whole, "before its first member")
    case("data-before-adjusted", "DATA_BEFORE",
         archive([manifest(), Member("frontend/dist/x.js", TEXT)], prefix=b"#!/bin/sh\n"))
    case("data-before-without-members", "DATA_BEFORE", archive([], prefix=b"x" * 40))
    case("data-after", "DATA_AFTER", whole + b"x", "behind its end record")
    case("much-data-after", "NOT_ZIP", whole + b"x" * 70000)
    case("archive-after-archive", "DATA_BEFORE", whole + whole)
    case("comment-cut", "MALFORMED", archive([manifest()], comment_length=5))
    case("comment-with-end-record", "DATA_AFTER",
         archive([manifest()], comment=b"PK\x05\x06" + b"\0" * 18 + b"tail"))
    case("comment-with-whole-end-record", "GAP",
         archive([manifest()], comment=b"PK\x05\x06" + b"\0" * 18))
    case("end-record-in-a-member-comment", "MALFORMED",
         archive([Member("manifest.json", b'{"name": "a"}', comment=b"PK\x05\x06" + b"\0" * 18)]),
         "two end records")
    case("gap-before-directory", "GAP", archive([manifest()], before_directory=b"hidden"))
    case("gap-before-end-record", "GAP", archive([manifest()], before_end=b"hidden"))
    case("gap-between-members", "GAP",
         archive([manifest(), Member("frontend/dist/x.js", TEXT, before=b"hidden")]),
         "belong to no member")
    case("hidden-member", "GAP", hidden_member())
    case("several-parts", "MALFORMED", archive([manifest()], disk=1, first_disk=1), "parts")
    case("member-in-another-part", "MALFORMED",
         archive([Member("manifest.json", b"{}", central={"disk": 1})]))
    case("fewer-members-here", "MALFORMED", archive([manifest()], here=0))
    case("more-members-than-there-are", "MALFORMED", archive([manifest()], here=2, total=2))
    case("fewer-members-than-there-are", "MALFORMED",
         archive([manifest(), Member("frontend/dist/x.js", TEXT)], here=1, total=1),
         "more members than it says")
    case("directory-too-long", "MALFORMED", archive([manifest()], size=5000))
    case("directory-too-far", "MALFORMED", archive([manifest()], offset=100000))
    case("directory-without-signature", "MALFORMED",
         archive([Member("manifest.json", b"{}", central={"signature": 0x02014b51})]))
    case("name-longer-than-directory", "MALFORMED",
         archive([Member("manifest.json", b"{}", central={"name_length": 500})]), "cut off")
    case("offset-in-the-middle", "MALFORMED",
         archive([Member("manifest.json", b"{}", central={"offset": 3})]))
    case("offset-behind-all", "MALFORMED",
         archive([Member("manifest.json", b"{}", central={"offset": 90000})]))
    case("newer-version", "MALFORMED", archive([Member("manifest.json", b"{}", version=63)]))
    case("overlap", "OVERLAP", overlap())
    case("data-reach-into-directory", "OVERLAP", archive(
        [Member("manifest.json", b"x" * 10, method=STORED, size=40, packed=b"x" * 10,
                local={"packed": 40, "size": 40}, central={"packed": 40, "size": 40})]))
    case("quoted-member", "OVERLAP", quoted_member(), "overlaps another member")


def hidden_member():
    """A file that the directory does not name: found by those that read from the front."""
    files = [manifest(), Member("backend/src/evil.py", TEXT), Member("frontend/dist/x.js", TEXT)]
    directory, at = b"", 0
    for index, file in enumerate(files):
        directory += file.central_bytes(at) if index != 1 else b""
        at += len(file.local_bytes())
    return archive(files, directory=directory, here=2, total=2)


def overlap():
    """A stored file that is an archive's member itself, and named a second time from within."""
    first = manifest()
    inner = Member("frontend/dist/y.js", TEXT)
    outer = Member("frontend/dist/x.js", inner.local_bytes(), method=STORED)
    body = first.local_bytes() + outer.local_bytes()
    directory = first.central_bytes(0) + outer.central_bytes(len(first.local_bytes())) + \
        inner.central_bytes(len(body) - len(inner.local_bytes()))
    return body + archive([], directory=directory, here=3, total=3, offset=len(body))


def quoted_member():
    """The inner file of overlap(), with a stored block of deflate around it."""
    first = manifest()
    inner = Member("frontend/dist/y.js", TEXT)
    quoted = inner.local_bytes()
    block = struct.pack("<BHH", 1, len(quoted), len(quoted) ^ 0xffff) + quoted
    outer = Member("frontend/dist/x.js", quoted, packed=block)
    body = first.local_bytes() + outer.local_bytes()
    directory = first.central_bytes(0) + outer.central_bytes(len(first.local_bytes())) + \
        inner.central_bytes(len(body) - len(quoted))
    return body + archive([], directory=directory, here=3, total=3, offset=len(body))


def names():
    for name, path in (("parent", "../evil.js"), ("inner", "backend/src/../../../evil.py"),
                       ("last", "frontend/dist/.."), ("dot", "frontend/dist/./x.js"),
                       ("empty-part", "frontend/dist//x.js"), ("no-name", "")):
        member("traversal-" + name, "TRAVERSAL", path=path)
    case("traversal-folder", "TRAVERSAL",
         archive([manifest(), Member("../", mode=FOLDER, method=STORED)]))
    member("absolute", "ABSOLUTE_PATH", path="/etc/passwd")
    member("absolute-drive", "ABSOLUTE_PATH", path="C:/evil.js")
    member("absolute-root", "ABSOLUTE_PATH", path="/", data=b"", method=STORED)
    member("backslash", "BACKSLASH", path="frontend\\dist\\x.js")
    member("backslash-inside", "BACKSLASH", path="backend/src/a\\b.py")
    for name, path in (("nul", "frontend/dist/x.js\0.png"), ("newline", "manifest.json\n"),
                       ("escape", "frontend/dist/\x1b[2J.js"), ("del", "frontend/dist/\x7f.js")):
        member("control-" + name, "CONTROL_CHARACTER", path=path)
    member("not-utf8", "NAME_ENCODING", path=b"frontend/dist/\xff\xfe.js", flags=FLAG_UTF8)
    member("surrogate", "NAME_ENCODING", path=b"frontend/dist/\xed\xa0\x80.js", flags=FLAG_UTF8)
    member("overlong", "NAME_ENCODING", path=b"frontend/dist/\xc0\xaf.js", flags=FLAG_UTF8)
    member("utf8-not-marked", "NAME_ENCODING", path="frontend/dist/\u00e4.js".encode(), flags=0)
    member("cp437", "NAME_ENCODING", path=b"frontend/dist/\x84.js", flags=0)
    member("second-name", "NAME_ENCODING",
           extra=extra(0x7075, b"\1\0\0\0\0frontend/dist/evil.js"), word="second name")
    member("path-too-long", "PATH_TOO_LONG", path="frontend/dist/" + "x" * 1011, word="1024")
    member("path-too-deep", "PATH_TOO_LONG", path="backend/src/" + "d/" * 63 + "x")
    for name, path in (("readme", "README.md"), ("ds-store", "frontend/.DS_Store"),
                       ("other-folder", "backend/x.py"), ("case", "Manifest.json"),
                       ("nested-manifest", "dist/manifest.json")):
        member("unexpected-" + name, "UNEXPECTED_MEMBER", path=path)
    case("duplicate", "DUPLICATE", archive(
        [manifest(), Member("frontend/dist/x.js", TEXT), Member("frontend/dist/x.js", b"evil")]),
        "twice")
    case("duplicate-manifest", "DUPLICATE", archive([manifest(), manifest(name="other")]))
    case("duplicate-folder", "DUPLICATE", archive(
        [manifest()] + [Member("frontend/", method=STORED, mode=FOLDER)] * 2))
    case("file-and-folder", "DUPLICATE", archive(
        [manifest(), Member("backend/src/a", TEXT), Member("backend/src/a-b", TEXT),
         Member("backend/src/a/b.py", TEXT)]), "a file and a folder")
    case("folder-named-as-file", "DUPLICATE", archive(
        [manifest(), Member("backend/src/a", TEXT),
         Member("backend/src/a/", method=STORED, mode=FOLDER)]))


def kinds():
    member("link", "SPECIAL_FILE", mode=LINK, data=b"/etc/passwd", method=STORED, word="link")
    member("link-made-on-dos", "SPECIAL_FILE", mode=LINK, data=b"/etc/passwd", made=20)
    for name, mode in (("fifo", 0o010644), ("device", 0o020644), ("socket", 0o140644)):
        member("special-" + name, "SPECIAL_FILE", mode=mode, data=b"")
    member("file-says-folder", "SPECIAL_FILE", mode=FOLDER)
    member("file-says-dos-folder", "SPECIAL_FILE", attributes=0x10)
    case("folder-says-file", "SPECIAL_FILE",
         archive([manifest(), Member("frontend/", method=STORED)]))
    case("folder-with-content", "DATA",
         archive([manifest(), Member("frontend/", TEXT, mode=FOLDER)]))
    member("encrypted", "ENCRYPTED", flags=FLAG_ENCRYPTED)
    member("strongly-encrypted", "ENCRYPTED", flags=FLAG_ENCRYPTED | 1 << 6)
    member("masked-header", "ENCRYPTED", flags=1 << 13)
    member("aes", "ENCRYPTED", extra=extra(0x9901, b"\2\0AE\3\x08\0"))
    for name, method in (("bzip2", 12), ("lzma", 14), ("zstd", 93), ("deflate64", 9),
                         ("unknown", 1000)):
        member("method-" + name, "METHOD", packed=b"x" * 20, method=method,
               word=f"method {method}")
    member("patch-data", "METHOD", flags=1 << 5)


def headers():
    for field, value in (("flags", 1 << 1), ("method", STORED), ("crc", 1), ("packed", 1),
                         ("size", 1), ("name", b"frontend/dist/evil0.js")):
        member("differs-" + field, "HEADERS_DIFFER", local={field: value})
    member("differs-longer-name", "HEADERS_DIFFER", local={"name": b"frontend/dist/index.jsx"})
    packed = deflate(TEXT)
    crc = zlib.crc32(TEXT)
    zero = {"crc": 0, "packed": 0, "size": 0}
    member("descriptor-missing", "HEADERS_DIFFER", flags=FLAG_DESCRIPTOR, local=zero)
    member("descriptor-differs", "HEADERS_DIFFER", flags=FLAG_DESCRIPTOR, local=zero,
           descriptor=b"PK\x07\x08" + struct.pack(SIZES, crc, len(packed), len(TEXT) + 1))
    member("descriptor-and-other-sizes", "HEADERS_DIFFER", flags=FLAG_DESCRIPTOR,
           local={"crc": 0, "packed": 0, "size": 7},
           descriptor=b"PK\x07\x08" + struct.pack(SIZES, crc, len(packed), len(TEXT)))
    member("descriptor-unannounced", "GAP",
           descriptor=b"PK\x07\x08" + struct.pack(SIZES, crc, len(packed), len(TEXT)))
    for place in ("local", "central"):
        member("extra-cut-" + place, "MALFORMED", **{place: {"extra": b"UT\x09\0x"}})
        member("extra-odd-" + place, "MALFORMED", **{place: {"extra": b"UT\0"}})
        member("zip64-extra-" + place, "ZIP64",
               **{place: {"extra": extra(1, struct.pack("<QQ", len(TEXT), len(packed)))}})
    for field in ("packed", "size"):
        member("zip64-" + field, "ZIP64", central={field: 0xffffffff})
    member("zip64-offset", "ZIP64", central={"offset": 0xffffffff})
    member("zip64-disk", "ZIP64", central={"disk": 0xffff})
    case("zip64-count", "ZIP64", archive([manifest()], here=0xffff, total=0xffff))
    case("zip64-directory-size", "ZIP64", archive([manifest()], size=0xffffffff))
    case("zip64-directory-offset", "ZIP64", archive([manifest()], offset=0xffffffff))
    case("zip64-locator", "ZIP64", archive(
        [manifest()], before_end=struct.pack("<IIQI", 0x07064b50, 0, 0, 1)))
    case("zip64-locator-in-comment", "ZIP64", archive(
        [Member("manifest.json", b"{}", comment=struct.pack("<IIQI", 0x07064b50, 0, 0, 1))]))


def contents():
    member("crc", "CRC", crc=1)
    member("crc-stored", "CRC", method=STORED, crc=1)
    member("crc-of-empty", "CRC", data=b"", method=STORED, crc=1)
    member("declared-shorter", "DATA", size=len(TEXT) - 1)
    member("declared-longer", "DATA", size=len(TEXT) + 1)
    member("declared-empty", "DATA", size=0)
    member("stored-sizes-differ", "DATA", method=STORED, size=len(TEXT) + 1)
    member("no-deflate", "DATA", packed=b"\xff" * 50)
    member("deflate-cut", "DATA", packed=deflate(TEXT)[:-3])
    member("deflate-empty", "DATA", packed=b"")


def limits():
    """With the limits of the command line, which are the defaults."""
    member("entry-too-large", "ENTRY_TOO_LARGE", size=104857601)
    case("total-too-large", "TOTAL_TOO_LARGE", archive([manifest()] + [
        Member(f"frontend/dist/{i}.js", TEXT, size=104857600) for i in range(11)]))
    member("ratio", "RATIO", data=b"\0" * 1000000, word="200 times")
    case("ratio-declared", "RATIO", archive(
        [manifest(), Member("frontend/dist/x.js", TEXT, size=100000)]))
    case("manifest-too-large", "MANIFEST_TOO_LARGE",
         archive([Member("manifest.json", b'{"name":"' + b"ab" * 524288 + b'"}', method=STORED)]))
    entry = Member("frontend/dist/x", method=STORED)
    case("too-many-entries", "TOO_MANY_ENTRIES",
         archive([], directory=entry.central_bytes(0) * 10001, here=10001, total=10001), "10000")


def manifests():
    case("no-members", "MANIFEST_MISSING", archive([]))
    case("no-manifest", "MANIFEST_MISSING", archive([Member("frontend/dist/index.js", TEXT)]))
    for name, text in (("empty", ""), ("cut", '{"name": "a"'), ("comment", '{"name": "a"} // x'),
                       ("two", '{"name": "a"}{}'), ("duplicate-key", '{"name": "a", "name": "b"}'),
                       ("deep", '{"name":"a","x":' + "[" * 64 + "]" * 64 + "}"),
                       ("nul", '{"name": "a\\u0000b"}'), ("nan", '{"name": "a", "x": NaN}'),
                       ("list", '["name"]'), ("string", '"name"'), ("null", "null")):
        of_manifest("manifest-" + name, "MANIFEST_JSON", text)
    of_manifest("manifest-latin1", "MANIFEST_JSON", '{"name": "caf\u00e9"}'.encode("latin-1"))
    of_manifest("manifest-utf16", "MANIFEST_JSON", '{"name": "a"}'.encode("utf-16"))
    for name, text, word in (
            ("no-name", '{"version": "1.0.0"}', "'name' is missing"),
            ("name-number", '{"name": 1}', "'name' must be a string"),
            ("version-number", '{"name": "a", "version": 1.0}', "'version' must be a string"),
            ("publisher-alone", '{"publisher": "p"}', "'name' is missing beside"),
            ("publisher-number", '{"publisher": 1, "name": "a"}', "'publisher' must be"),
            ("dependencies", '{"name": "a", "dependencies": "b"}', "'dependencies' must be"),
            ("permissions", '{"name": "a", "permissions": [1]}', "list of strings"),
            ("frontend", '{"name": "a", "frontend": []}', "'frontend' must be an object"),
            ("backend", '{"name": "a", "backend": "x"}', "'backend' must be an object"),
            ("remote-entry", '{"name": "a", "frontend": {"remoteEntry": 1}}', "remoteEntry"),
            ("definition-list", '{"name": "a", "definition": []}', "'definition' must be")):
        of_manifest("field-" + name, "MANIFEST_FIELD", text, word)
    for name, text in (("empty", '{"name": ""}'), ("slash", '{"id": "a/b"}'),
                       ("backslash", '{"id": "a\\\\b"}'), ("dot", '{"id": "."}'),
                       ("dots", '{"name": ".."}'), ("control", '{"id": "a\\u001fb"}'),
                       ("long", json.dumps({"id": "x" * 256})),
                       ("differs", '{"id": "a.b", "publisher": "a", "name": "c"}'),
                       ("empty-publisher", '{"publisher": "", "name": "c"}'),
                       ("dotted-publisher", '{"publisher": "a.b", "name": "c"}')):
        of_manifest("id-" + name, "ID", text)
    for version in ("", "1", "1.0", "1.0.0.0", "01.0.0", "v1.0.0", "1.0.0-", "1.0.0-01",
                    "latest"):
        of_manifest("version-" + (version or "empty"), "VERSION",
                    json.dumps({"name": "a", "version": version}), version)
    for name, path in (("missing", "x.js"), ("outside", "../../manifest.json"),
                       ("frontend", "frontend/dist/x.js"), ("empty", "")):
        of_manifest("definition-" + name, "DEFINITION",
                    json.dumps({"name": "a", "definition": path}))


for part in (structure, names, kinds, headers, contents, limits, manifests):
    part()


def write(folder):
    for name, (_, content, _) in CASES.items():
        Path(folder, name + ".supx").write_bytes(content)


if __name__ == "__main__":
    write(sys.argv[1])
    for name, (code, _, _) in CASES.items():
        print(f"{name}.supx EXTMGR_E_BUNDLE_{code}")
