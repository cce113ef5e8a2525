# SPDX-License-Identifier: MIT
"""The canonical JSON against Python's own json module, on thousands of generated documents."""
import json
import math
import os
import random
import struct
import subprocess
import unittest

PROGRAM = os.environ["EXTMGR_CANONICAL"]
SCALE = int(os.environ.get("EXTMGR_TEST_SCALE", "1"))
DOCUMENTS = 5000 * SCALE

FLOATS = """0.0 -0.0 1.0 0.1 1e-4 1e-5 0.00012345 1e15 1e16 1E+22 1e22 1e23 123456789012345680.0
 9007199254740993.0 5e-324 2.2250738585072014e-308 1.7976931348623157e308 1E400 -1e999 1e-999 1.5e300
 0.30000000000000004 100000.0 1e5 12345678901234567890.0 4.35 2.675 1e0 -1.0E-7 0.1e1 9.5e-7
 99999999999999990.0 999999999999999.9 0.00001 0.001e-2 8.41e21 4.9e-324 1.0000000000000002""".split()
NUMBERS = """0 -0 1 -1 10 123456789012345678901234567890 -99999999999999999999 9007199254740993""".split()
WORDS = ["null", "true", "false", "NaN", "Infinity", "-Infinity"]
BROKEN = """01 -01 1. .5 +1 1e 1e+ - -- 0x1 1_000 tru nul True nan infinity +Infinity -NaN 'a' "a "\\x"
 "\\u12g4" "\\u123" "\\" [ ] { } [1,] [,1] [1 2] {"a"} {"a":} {"a":1,} {a:1} {"a" 1} {1:2} "a"b [1]]
 // /**/1 1,2 "\t" "\x01" \xa01 \x00""".split()


def code_point(randomly):
    return randomly.choice((
        lambda: randomly.randint(0x20, 0x7e), lambda: randomly.randint(0, 0x1f),
        lambda: randomly.choice((0x22, 0x5c, 0x2f, 0x7f, 0x2028, 0x2029, 0xfeff, 0xffff, 0x10000)),
        lambda: randomly.randint(0x80, 0x7ff), lambda: randomly.randint(0x800, 0xd7ff),
        lambda: randomly.randint(0xd800, 0xdfff), lambda: randomly.randint(0x10000, 0x10ffff)))()


def character(randomly, point):
    """One of the ways to write a code point in JSON."""
    short = {8: "\\b", 12: "\\f", 10: "\\n", 13: "\\r", 9: "\\t", 0x22: '\\"', 0x5c: "\\\\",
             0x2f: "\\/"}
    must_escape = point < 0x20 or point in (0x22, 0x5c) or 0xd800 <= point <= 0xdfff
    if point in short and randomly.random() < 0.5:
        return short[point]
    if not must_escape and randomly.random() < 0.7:
        return chr(point)
    units = struct.unpack(f">{2 if point > 0xffff else 1}H",
                          chr(point).encode("utf-16-be", "surrogatepass"))
    form = randomly.choice(("\\u%04x", "\\u%04X"))
    return "".join(form % unit for unit in units)


def string(randomly):
    return '"' + "".join(character(randomly, code_point(randomly))
                         for _ in range(randomly.randint(0, 6))) + '"'


def number(randomly):
    kind = randomly.random()
    if kind < 0.3:
        return randomly.choice(FLOATS + NUMBERS)
    if kind < 0.5:
        value = struct.unpack("<d", randomly.randbytes(8))[0]
        return repr(value) if math.isfinite(value) else "1e309"
    if kind < 0.7:
        return f"{randomly.uniform(-1, 1):.{randomly.randint(1, 25)}f}"
    if kind < 0.85:
        return f"{randomly.randint(-10 ** 20, 10 ** 20)}e{randomly.randint(-340, 320)}"
    return str(randomly.randint(-10 ** randomly.randint(1, 60), 10 ** randomly.randint(1, 60)))


def space(randomly):
    return "".join(randomly.choice(" \t\r\n") for _ in range(randomly.choice((0, 0, 0, 1, 2))))


def value(randomly, depth):
    kind = randomly.random()
    if depth and kind < 0.35:
        keys = [string(randomly) for _ in range(randomly.randint(0, 5))]
        keys += randomly.sample(keys, randomly.randint(0, min(2, len(keys))))  # duplicates
        members = [f"{space(randomly)}{key}{space(randomly)}:{value(randomly, depth - 1)}"
                   for key in keys]
        return space(randomly) + "{" + ",".join(members) + space(randomly) + "}"
    if depth and kind < 0.55:
        items = [value(randomly, depth - 1) for _ in range(randomly.randint(0, 4))]
        return space(randomly) + "[" + ",".join(items) + space(randomly) + "]"
    text = string(randomly) if kind < 0.75 else number(randomly) if kind < 0.92 \
        else randomly.choice(WORDS)
    return space(randomly) + text + space(randomly)


def with_python(text):
    try:
        return json.dumps(json.loads(text), sort_keys=True).encode()
    except (ValueError, RecursionError):
        return None


def with_library(documents, *arguments):
    given = b"".join(b"%d\n%s" % (len(d), d) for d in documents)
    out = subprocess.run([PROGRAM, *arguments], input=given, capture_output=True, check=True).stdout
    results, at = [], 0
    for _ in documents:
        end = out.index(b"\n", at)
        if out[at:end] == b"-":
            results.append(None)
            at = end + 1
        else:
            length = int(out[at:end])
            results.append(out[end + 1:end + 1 + length])
            at = end + 1 + length
    return results


class Canonical(unittest.TestCase):
    def assert_same(self, documents, *arguments):
        for document, found in zip(documents, with_library(documents, *arguments)):
            self.assertEqual(found, with_python(document), document)

    def test_generated_documents(self):
        randomly = random.Random(4)
        documents = [value(randomly, 5).encode() for _ in range(DOCUMENTS)]
        self.assert_same(documents)
        self.assertEqual(sum(with_python(d) is None for d in documents), 0)

    def test_each_number_alone(self):
        randomly = random.Random(5)
        self.assert_same([n.encode() for n in FLOATS + NUMBERS + WORDS]
                         + [number(randomly).encode() for _ in range(DOCUMENTS)])

    def test_a_decimal_comma_of_the_host_changes_nothing(self):
        names = subprocess.run(["locale", "-a"], capture_output=True, text=True).stdout.split()
        commas = [n for n in names if n.startswith(("de_", "fr_", "es_", "it_"))]
        if not commas:
            self.skipTest("no locale with a decimal comma is installed")
        self.assert_same([n.encode() for n in FLOATS], commas[0])

    def test_what_python_refuses_is_refused(self):
        randomly = random.Random(6)
        documents = [d.encode().decode("unicode_escape").encode("latin-1") if "\\x0" in d or "\\xa0" in d
                     else d.encode() for d in BROKEN]
        for _ in range(DOCUMENTS):
            text = value(randomly, 3)
            at = randomly.randrange(len(text))
            documents.append((text[:at] + randomly.choice(' ,:"\\{}[]0-e.u') + text[at + 1:]).encode())
        self.assert_same(documents)

    def test_a_byte_order_mark_is_skipped(self):
        self.assert_same([b"\xef\xbb\xbf{\"b\": 1, \"a\": 2}"])

    def test_keys_are_ordered_by_code_points_not_by_utf16(self):
        self.assert_same(['{"\uffff": 1, "\U00010000": 2, "\\ud800": 3, "a": 4, "": 5, "ab": 6}'.encode()])

    def test_where_it_is_stricter(self):
        deep = b"[" * 65 + b"]" * 65
        self.assertEqual(with_library([deep, deep[1:-1], b'"\xed\xa0\x80"', '"a"'.encode("utf-16")]),
                         [None, deep[1:-1], None, None])


if __name__ == "__main__":
    unittest.main()
