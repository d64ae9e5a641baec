"""`kill -9` under load and in each phase of a request; scripts/crash-rounds runs more of both."""

from __future__ import annotations

import os
import unittest

import crash
import crash_phases

ROUNDS = int(os.environ.get("PURSER_CRASH_ROUNDS", "5"))
OF_EACH_PHASE = 2


class Crash(unittest.TestCase):
    def test_nothing_is_lost_or_passed(self) -> None:
        print(f"\n{crash.HEADINGS}")
        problems = crash.run(ROUNDS, 1, lambda round, _: print(crash.row_text(round)))
        self.assertEqual(problems[:20], [])

    def test_in_each_phase_of_a_request(self) -> None:
        rows, problems = crash_phases.run(OF_EACH_PHASE * len(crash_phases.PHASES), 1)
        print(f"\n{crash_phases.table(rows)}")
        self.assertEqual(problems[:20], [])


if __name__ == "__main__":
    unittest.main()
