"""For scripts/crash-rounds: crash_rounds.py phases|load ROUNDS SEED."""

from __future__ import annotations

import sys
import time

import crash
import crash_phases


def run_load(rounds: int, seed: int) -> tuple[str, list[str]]:
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
    counts = (
        f"{total.sent} requests received, {total.answered} answered, {total.open} holds open at a"
        f" kill, {total.unconfirmed} settled unconfirmed, {total.never_sent} never sent; ready again"
        f" after at most {total.recovery_ms} ms"
    )
    return counts, problems


def run_phases(rounds: int, seed: int) -> tuple[str, list[str]]:
    began = told = time.monotonic()

    def show(number: int, rows: dict[str, crash_phases.Row]) -> None:
        nonlocal told
        if time.monotonic() - told > 60:
            told = time.monotonic()
            a_minute = number / (told - began) * 60
            print(f"{number} of {rounds} rounds, {a_minute:.0f} a minute", flush=True)

    rows, problems = crash_phases.run(rounds, seed, show)
    print(crash_phases.table(rows))
    for problem in problems[:50]:
        print(f"  {problem}")
    done = sum(row.rounds for row in rows.values())
    a_minute = done / (time.monotonic() - began) * 60
    spent, phantom = (sum(getattr(r, n) for r in rows.values()) for n in ("spent", "phantom"))
    counts = (
        f"{sum(row.rounds > 0 for row in rows.values())} of {len(rows)} phases,"
        f" {sum(row.open for row in rows.values())} holds open at a kill, phantom spend"
        f" {phantom / spent if spent else 0:.1%}; {a_minute:.0f} rounds a minute"
    )
    return counts, problems


def main() -> int:
    kind, rounds, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    began = time.monotonic()
    counts, problems = (run_load if kind == "load" else run_phases)(rounds, seed)
    seconds = time.monotonic() - began
    print(
        f"crash rounds ({kind}): {rounds} (seed {seed}) in {seconds:.0f} s: {counts};"
        f" {len(problems)} problems"
    )
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
