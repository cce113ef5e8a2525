# SPDX-License-Identifier: MIT
"""Mutated signature files get the verdict of the minisign program."""

import os
import random
import subprocess
import tempfile
import unittest
from pathlib import Path

VERDICT = os.environ["EXTMGR_TEST_VERDICT"]
COUNT = 300 * int(os.environ.get("EXTMGR_TEST_SCALE", "1"))
BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
# Bytes that mean something in a signature file, and some that mean nothing.
ODD = b"\n\r\0= \t:+/AEDd\xff\x80"


def mutate(random_, good, foreign):
    lines = good.split(b"\n")
    data = bytearray(good)
    kind = random_.randrange(12)
    at = random_.randrange(len(data))
    if kind == 0:
        data[at] ^= 1 << random_.randrange(8)
    elif kind == 1:
        data[at] = random_.choice(ODD)
    elif kind == 2:
        data.insert(at, random_.choice(ODD))
    elif kind == 3:
        del data[at]
    elif kind == 4:
        del data[at:]
    elif kind == 5:  # the bits of base64 that no byte has
        line = random_.choice((1, 3))
        text = bytearray(lines[line])
        last = len(text.rstrip(b"=")) - 1
        text[last] = random_.choice(BASE64)
        lines[line] = bytes(text)
        return b"\n".join(lines)
    elif kind == 6:
        i, j = random_.randrange(4), random_.randrange(4)
        lines[i], lines[j] = lines[j], lines[i]
        return b"\n".join(lines)
    elif kind == 7:  # lines of another good signature
        i = random_.randrange(4)
        lines[i] = foreign.split(b"\n")[i]
        return b"\n".join(lines)
    elif kind == 8:  # at the end of a line
        i = random_.randrange(4)
        extra = bytes(random_.choice(ODD) for _ in range(random_.randrange(1, 4)))
        lines[i] += extra
        return b"\n".join(lines)
    elif kind == 9:
        return good.replace(b"\n", random_.choice((b"\r\n", b"\n\n", b"\r", b"\n\r")),
                            random_.randrange(1, 5))
    elif kind == 10:
        lines[0] = b"untrusted comment: " + b"x" * random_.randrange(0, 600)
        return b"\n".join(lines)
    else:
        return good + bytes(random_.choice(ODD + BASE64) for _ in range(random_.randrange(9)))
    return bytes(data)


class VerdictTest(unittest.TestCase):
    def setUp(self):
        self.directory = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.minisign("-G", "-W", "-p", "key.pub", "-s", "key.sec")
        self.key = (self.directory / "key.pub").read_text().split("\n")[1]
        (self.directory / "content").write_bytes(b"0123  file\n")

    def minisign(self, *arguments):
        return subprocess.run(["minisign", *arguments], cwd=self.directory, capture_output=True,
                              stdin=subprocess.DEVNULL).returncode

    def sign(self, name, comment, *options):
        self.assertEqual(self.minisign("-S", "-W", *options, "-s", "key.sec", "-m", "content",
                                       "-x", name, "-t", comment), 0)
        return (self.directory / name).read_bytes()

    def ours(self, names):
        done = subprocess.run([VERDICT, self.key, "content"], cwd=self.directory, check=True,
                              input="".join(name + "\n" for name in names), text=True,
                              capture_output=True)
        return [line == "1" for line in done.stdout.split()]

    def test_good_ones_are_good(self):
        self.sign("one", "extmgr id=a version=1.0.0")
        self.sign("two", "")
        self.sign("three", "größe")
        self.assertEqual(self.ours(["one", "two", "three"]), [True] * 3)

    def test_the_legacy_form_is_refused_though_minisign_takes_it(self):
        self.sign("legacy", "x", "-l")
        self.assertEqual(self.minisign("-V", "-P", self.key, "-m", "content", "-x", "legacy"), 0)
        self.assertEqual(self.ours(["legacy"]), [False])

    def test_mutated_ones_have_minisign_s_verdict(self):
        good = self.sign("good", "extmgr id=a version=1.0.0")
        foreign = self.sign("foreign", "extmgr id=b version=2.0.0")
        random_ = random.Random(7)
        names = []
        for i in range(COUNT):
            mutated = mutate(random_, good, foreign)
            if len(mutated) > 1024:
                continue  # ours are bounded
            names.append(f"m{i}")
            (self.directory / names[-1]).write_bytes(mutated)
        ours = self.ours(names)
        theirs = [self.minisign("-V", "-q", "-P", self.key, "-m", "content", "-x", name) == 0
                  for name in names]
        wrong = [name for name, a, b in zip(names, ours, theirs) if a != b]
        self.assertEqual([(self.directory / name).read_bytes() for name in wrong], [])
        self.assertEqual(len(ours), len(theirs))
        # Both verdicts were tried.
        self.assertGreater(sum(theirs), COUNT / 100)
        self.assertGreater(len(theirs) - sum(theirs), COUNT / 3)
        print(f"{len(theirs)} files, {sum(theirs)} of them good")


if __name__ == "__main__":
    unittest.main()
