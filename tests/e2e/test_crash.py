"""Ten rounds of `kill -9` under load; scripts/crash-rounds runs more."""

from __future__ import annotations

import os
import unittest

import crash

ROUNDS = int(os.environ.get("PURSER_CRASH_ROUNDS", "10"))


class Crash(unittest.TestCase):
    def test_nothing_is_lost_or_passed(self) -> None:
        print(f"\n{crash.HEADINGS}")
        problems = crash.run(ROUNDS, 1, lambda round, _: print(crash.row_text(round)))
        self.assertEqual(problems[:20], [])


if __name__ == "__main__":
    unittest.main()
