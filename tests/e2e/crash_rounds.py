"""For scripts/crash-rounds: crash_rounds.py ROUNDS SEED."""

from __future__ import annotations

import sys
import time

import crash


def main() -> int:
    rounds, seed = int(sys.argv[1]), int(sys.argv[2])
    began = time.monotonic()
    told = 0
    total = crash.Round(0)

    def show(round: crash.Round, problems: list[str]) -> None:
        nonlocal told
        print(crash.row_text(round), flush=True)
        for problem in problems[told:]:
            print(f"  {problem}", flush=True)
        told = len(problems)
        for name in ("sent", "answered", "open", "unconfirmed", "never_sent"):
            setattr(total, name, getattr(total, name) + getattr(round, name))
        total.recovery_ms = max(total.recovery_ms, round.recovery_ms)

    print(crash.HEADINGS, flush=True)
    problems = crash.run(rounds, seed, show)
    print(
        f"{rounds} rounds (seed {seed}) in {time.monotonic() - began:.0f} s: {total.sent} requests"
        f" received, {total.answered} answered, {total.open} holds open at a kill,"
        f" {total.unconfirmed} settled unconfirmed, {total.never_sent} never sent; ready again after"
        f" at most {total.recovery_ms} ms; {len(problems)} problems"
    )
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
