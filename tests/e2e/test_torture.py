"""The cap torture (torture.py) over a few seeds. More: PURSER_TORTURE_SEEDS=1,2,3."""

from __future__ import annotations

import os
import unittest

from torture import Torture

SEEDS = [int(seed) for seed in os.environ.get("PURSER_TORTURE_SEEDS", "1,3,4").split(",")]


class CapTorture(unittest.TestCase):
    def test_no_cap_is_passed(self) -> None:
        for seed in SEEDS:
            with self.subTest(seed=seed):
                report = Torture(seed).run()
                report.show()
                self.assertEqual(report.problems, [], "\n".join(report.problems[:20]))
                self.assertGreater(report.samples, 20)
                self.assertGreater(report.most_held, 0)


if __name__ == "__main__":
    unittest.main()
