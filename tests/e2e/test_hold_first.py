"""The order of a hold's sync and its request's first byte upstream; scripts/hold-first asks more."""

from __future__ import annotations

import unittest

import hold_first


class HoldFirst(unittest.TestCase):
    def test_the_hold_is_durable_before_the_first_upstream_byte(self) -> None:
        problems, counts = hold_first.run(120)
        print(f"\n{counts}")
        self.assertEqual(problems[:20], [])


if __name__ == "__main__":
    unittest.main()
