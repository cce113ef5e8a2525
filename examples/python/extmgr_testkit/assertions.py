# SPDX-License-Identifier: MIT
"""Assertions about targets, to be mixed into unittest.TestCase."""
from .target import OperationFailed


class TargetAssertions:
    """target is what the test works on."""

    target = None

    def assert_fails(self, status, message, call, *arguments):
        """The call fails with the status and a message that matches (re.search); nothing changes."""
        before = self.target.objects()
        try:
            answer = call(*arguments)
        except OperationFailed as failure:
            self.assertEqual(failure.status, status, failure.message)
            self.assertRegex(failure.message, message)
        else:
            name = getattr(call, '__name__', call)
            self.fail(f'{name}{arguments} did not fail with {status}, it answered {answer!r}')
        after = self.target.objects()
        changed = sorted(name for name in {**before, **after} if before.get(name) != after.get(name))
        self.assertEqual(changed, [], 'the failed call changed these objects')

    def assert_objects(self, *names):
        """Each 'KIND name' is there."""
        found = self.target.objects()
        self.assertEqual([name for name in names if name not in found], [],
                         f'missing; there are: {sorted(found)}')

    def assert_no_objects(self, *kinds):
        """None of that kind is there; without a kind: nothing at all."""
        self.assertEqual([name for name in self.target.objects()
                          if not kinds or name.split(' ')[0] in kinds], [])

    def assert_no_object(self, *names):
        found = self.target.objects()
        self.assertEqual([name for name in names if name in found], [])
