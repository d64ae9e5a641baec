"""Crash rounds by phase: where a request stands when the gateway dies is chosen, not left to chance.

The stub knows when a request has arrived and when an answer is half out; what happens inside the
gateway (a write, a sync, bytes leaving for the provider) is met by crash_point.c, preloaded, so the
product has no hooks. A round counts for a phase only if it is shown that the phase was hit; others
are counted as missed, and do not count.
"""

from __future__ import annotations

import asyncio
import dataclasses
import random
import subprocess
import time
from typing import Any, Callable

import crash
from ai_client import Ask, ask
from crash_point import CrashPoint
from harness import usd

ASKED = 24
ROUNDS_OF_A_LIFE = 35  # on one data directory; then its command log is replayed
DEATH_SECONDS = 5

BEFORE, UNSENT, SENT, STREAM, ANSWERED, CHECKPOINT, RECOVERY = PHASES = (
    "before the hold is durable",
    "durable, not sent",
    "sent, no byte back",
    "mid-stream",
    "answered, settle not durable",
    "during checkpoint",
    "during recovery",
)


@dataclasses.dataclass
class Row:
    """All rounds of one phase."""

    rounds: int = 0
    missed: int = 0
    open: int = 0
    never_sent: int = 0
    spent: int = 0
    phantom: int = 0
    recovery_ms: int = 0

    def add(self, round: crash.Round) -> None:
        self.rounds += 1
        for name in ("open", "never_sent", "spent", "phantom"):
            setattr(self, name, getattr(self, name) + getattr(round, name))
        self.recovery_ms = max(self.recovery_ms, round.recovery_ms)


class PhaseTest(crash.CrashTest):
    """One life: a data directory, and rounds on it."""

    least_open = 0

    def __init__(self, seed: int):
        super().__init__(seed)
        self.point = CrashPoint(self.stub.port)
        self.gateway.environment = self.point.environment

    def __exit__(self, *what: object) -> None:
        super().__exit__(*what)
        self.point.remove()

    def run_phase(self, number: int, phase: str) -> tuple[crash.Round, bool]:
        """The round, and whether it hit its phase."""
        round = crash.Round(number)
        hit = asyncio.run(self.crash_in(round, phase))
        began = time.monotonic()
        if phase == RECOVERY:
            hit = self.crash_while_starting()
            began = time.monotonic()
        self.gateway.start()
        round.recovery_ms = crash.round_ms(began)
        self.check(round)
        if phase == UNSENT:
            hit = hit and round.never_sent > 0
        elif phase == ANSWERED:
            hit = hit and round.half_told > 0
        elif phase != BEFORE and phase != CHECKPOINT:
            hit = hit and round.open >= ASKED
        return round, hit

    async def crash_in(self, round: crash.Round, phase: str) -> bool:
        self.gate = f"gate-{self.rng.random()}"
        run = {
            BEFORE: self.before_durable,
            UNSENT: self.not_sent,
            SENT: self.no_byte_back,
            STREAM: self.mid_stream,
            ANSWERED: self.settle_not_durable,
            CHECKPOINT: self.checkpoint,
            RECOVERY: self.no_byte_back,
        }[phase]
        self.tasks: list[asyncio.Task[Any]] = []
        hit = await run(round)
        self.point.disarm()
        self.stop = True
        self.stub.open_gate(self.gate)
        await asyncio.gather(*self.tasks)
        over = lambda records: all(r["ending"] != "open" for r in records[self.checked :])
        if not await asyncio.to_thread(self.stub.wait_for, over):
            self.problems.append(f"round {round.number}: the provider still answers somebody")
        return hit

    # What leads there.

    async def before_durable(self, round: crash.Round) -> bool:
        """While no answer comes, every commit is one of holds."""
        self.arm({"log_write": 2, "log_sync": 2})
        self.send_all(round, "gate")
        return await self.died()

    async def not_sent(self, round: crash.Round) -> bool:
        self.arm({"log_synced": 2, "provider_send": 12})
        self.send_all(round, "gate")
        return await self.died()

    async def no_byte_back(self, round: crash.Round) -> bool:
        self.send_all(round, "gate")
        return await self.all_at_gate() and self.kill()

    async def mid_stream(self, round: crash.Round) -> bool:
        self.send_all(round, "midgate")
        return await self.all_at_gate() and self.kill()

    async def settle_not_durable(self, round: crash.Round) -> bool:
        """All are at the provider; from here on every commit is one of settles."""
        self.send_all(round, "gate")
        arrived = await self.all_at_gate()
        self.arm({"log_write": 2, "log_sync": 2})
        self.stub.open_gate(self.gate)
        return await self.died() and arrived

    async def checkpoint(self, round: crash.Round) -> bool:
        """Of a running gateway, or the one that a clean end makes."""
        closing = self.rng.random() < 0.5
        self.arm({"database_write": 40, "database_sync": 1})
        if closing:
            self.send_all(round, "gate")
            await self.all_at_gate()
            self.stub.open_gate(self.gate)
            assert self.gateway.process
            self.gateway.process.terminate()
            return await self.died()
        self.stop = False
        self.send_all(round, "gate")
        await self.all_at_gate()
        busy = [self.busy(round, i) for i in range(crash.BUSY)]
        self.tasks += [asyncio.create_task(each) for each in busy]
        return await self.died()

    def crash_while_starting(self) -> bool:
        """With open holds in the file, which this start begins to settle."""
        self.arm({"log_write": 2, "log_sync": 2})
        try:
            self.gateway.start()
        except AssertionError:
            pass
        self.point.disarm()
        hit = self.point.fired
        process = self.gateway.process
        if process and process.poll() is None:
            self.gateway.kill()
        else:
            self.forget_process()
        return hit

    # Its means.

    def arm(self, choices: dict[str, int]) -> None:
        kind = self.rng.choice(list(choices))
        self.point.arm(kind, self.rng.randint(1, choices[kind]))

    def send_all(self, round: crash.Round, gate: str) -> None:
        for i in range(ASKED):
            format = ("chat", "messages", "responses")[i % 3]
            plan = {gate: self.gate, "at": self.rng.randint(1, 4), "out": self.rng.randint(1, 300)}
            stream = gate == "midgate" or i % 2 == 1
            wanted = Ask(f"w{self.seed}.{round.number}-{i}", format, 300, stream, plan=plan)
            member = self.members[1 + i % 3]
            self.tasks.append(asyncio.create_task(ask(self.gateway.port, member.key, wanted)))

    async def all_at_gate(self) -> bool:
        def arrived(records: list[Any]) -> bool:
            return sum("at_gate" in record for record in records[self.checked :]) >= ASKED

        return await asyncio.to_thread(self.stub.wait_for, arrived)

    async def died(self) -> bool:
        """Waits for the point to be met; where it is not, the round is over all the same."""
        assert self.gateway.process
        try:
            await asyncio.to_thread(self.gateway.process.wait, DEATH_SECONDS)
        except subprocess.TimeoutExpired:
            self.gateway.kill()
            return False
        self.forget_process()
        return self.point.fired

    def kill(self) -> bool:
        self.gateway.kill()
        return True

    def forget_process(self) -> None:
        self.gateway.log.close()
        self.gateway.process = None


def run(
    rounds: int, seed: int, each: Callable[[int, dict[str, Row]], None] | None = None
) -> tuple[dict[str, Row], list[str]]:
    """So many rounds, the phases in turn: a row for each, and the problems."""
    rows = {phase: Row() for phase in PHASES}
    problems: list[str] = []
    number = missed = 0
    while number < rounds and not problems and missed <= 10 + rounds // 4:
        life = random.Random(f"{seed} {number}").randrange(1 << 30)
        with PhaseTest(life) as test:
            test.seed = life
            turns = 0
            while number < rounds and turns < ROUNDS_OF_A_LIFE and not problems:
                turns += 1
                phase = PHASES[number % len(PHASES)]
                round, hit = test.run_phase(turns, phase)
                if hit:
                    rows[phase].add(round)
                    number += 1
                else:
                    rows[phase].missed += 1
                    missed += 1
                problems += [f"{phase}: {problem} (life {life})" for problem in test.problems]
                if each:
                    each(number, rows)
            try:
                test.gateway.check_log()
            except AssertionError as error:
                problems.append(f"{error} (life {life})")
    if number < rounds and not problems:
        problems.append(f"{missed} rounds missed their phase")
    problems += [f"no round crashed {name}" for name, row in rows.items() if row.rounds == 0]
    return rows, problems


def table(rows: dict[str, Row]) -> str:
    total = Row()
    for row in rows.values():
        for field in dataclasses.fields(Row):
            mine, its = getattr(total, field.name), getattr(row, field.name)
            setattr(total, field.name, max(mine, its) if "_ms" in field.name else mine + its)
    lines = [
        f"{'killed':30} rounds missed  holds open  never sent  {'spent, USD':>13}"
        f"  {'phantom, USD':>13}   share  ready again"
    ]
    for name, row in [*rows.items(), ("total", total)]:
        share = row.phantom / row.spent if row.spent else 0
        lines.append(
            f"{name:30} {row.rounds:6} {row.missed:6}  {row.open:10}  {row.never_sent:10}"
            f"  {usd(row.spent):>13}  {usd(row.phantom):>13}  {share:5.1%}  {row.recovery_ms:8} ms"
        )
    return "\n".join(lines)
