"""Rounds of `kill -9` under load, on one data directory and against one provider that outlives them.

In each round at least 20 holds are open when the gateway dies. Then it starts again, and:

    I1  spent + held <= limit for each hard cap
    I2  each request that the provider ever received has exactly one usage; a hold whose end the
        crash hid is settled in full, flagged `unconfirmed`
    I4  `purser verify` finds nothing, and nothing is held any more
"""

from __future__ import annotations

import asyncio
import dataclasses
import random
import time
from typing import Any

from ai_client import Ask, Connection, ask
from harness import ESTIMATED, UNCONFIRMED, Gateway, Member
from independent_books import IndependentBooks
from stub_provider import StubProvider

GATED = 24
BUSY = 16
LEAST_OPEN = 20
PRICES = IndependentBooks()


@dataclasses.dataclass
class Round:
    number: int
    sent: int = 0  # received by the provider, in this round
    answered: int = 0  # seen whole by a client
    open: int = 0  # holds in the database when it died
    unconfirmed: int = 0
    never_sent: int = 0  # held, and killed before the provider had it
    recovery_ms: int = 0
    spent: int = 0  # booked, in nanos
    phantom: int = 0  # of that: settled in full, though the provider billed less or nothing
    half_told: int = 0  # answered by the provider, usage and all, and settled as unconfirmed


class CrashTest:
    least_open = LEAST_OPEN

    def __init__(self, seed: int):
        self.rng = random.Random(seed)
        self.stub = StubProvider(seed=seed)
        self.stub.start()
        self.gateway = Gateway(self.stub)
        self.members: list[Member] = []
        self.problems: list[str] = []
        self.checked = 0  # records of the stub that earlier rounds have dealt with
        self.dead: set[bytes] = set()
        self.seen: set[str] = set()

    def __enter__(self) -> "CrashTest":
        self.gateway.start()
        self.gateway.set_cap("workspace", "", "100000")
        self.gateway.add_team("engineering", "90000")
        for i in range(4):
            # One cap that a round may well use up, three that none can.
            cap = "2" if i == 0 else "50000"
            self.members.append(self.gateway.add_member(f"u{i}", "engineering", cap))
        return self

    def __exit__(self, *_: object) -> None:
        self.gateway.remove()
        self.stub.stop()

    def run_round(self, number: int) -> Round:
        round = Round(number)
        asyncio.run(self.load_until_killed(round))
        began = time.monotonic()
        self.gateway.start()
        round.recovery_ms = round_ms(began)
        self.check(round)
        return round

    async def load_until_killed(self, round: Round) -> None:
        """Some requests that wait at the provider, others that come and go; then the end."""
        self.stop = False
        gate = f"never-{round.number}"
        tasks = [asyncio.create_task(self.waiting(round, i, gate)) for i in range(GATED)]
        tasks += [asyncio.create_task(self.busy(round, i)) for i in range(BUSY)]
        before = len(self.stub.records)
        more = self.rng.randint(5, 60)

        def enough(records: list[Any]) -> bool:
            new = records[before:]
            waiting = sum(record["id"].startswith("w") for record in new)
            return waiting >= GATED and len(new) - waiting >= more

        if not await asyncio.to_thread(self.stub.wait_for, enough):
            self.problems.append(f"round {round.number}: the load did not come up")
        self.gateway.kill()
        self.stop = True
        self.stub.open_gate(gate)
        await asyncio.gather(*tasks)
        # What was in sockets when it died may reach the provider yet.
        settled = lambda records: all(record["ending"] != "open" for record in records)
        await asyncio.to_thread(self.stub.wait_for, settled)

    async def waiting(self, round: Round, number: int, gate: str) -> None:
        member = self.members[1 + number % 3]
        plan = {"midgate" if number % 2 else "gate": gate, "at": 2, "out": 9}
        format = ("chat", "messages", "responses")[number % 3]
        wanted = Ask(f"w{round.number}-{number}", format, 300, number % 2 == 1, plan=plan)
        await ask(self.gateway.port, member.key, wanted)

    async def busy(self, round: Round, number: int) -> None:
        connection = Connection(self.gateway.port)
        count = 0
        while not self.stop:
            count += 1
            id = f"b{round.number}-{number}-{count}"
            format = self.rng.choice(["chat", "messages", "responses", "embeddings"])
            stream = format != "embeddings" and self.rng.random() < 0.5
            plan = {"out": self.rng.randint(1, 300)}
            wanted = Ask(id, format, 300, stream, plan=plan)
            if self.rng.random() < 0.2:
                wanted = wanted.at_the_bound()
            member = self.members[number % 4]
            answer = await ask(self.gateway.port, member.key, wanted, connection=connection)
            round.answered += answer.status == 200 and answer.whole
            if answer.status == 0:
                break
        connection.close()

    def check(self, round: Round) -> None:
        wrong = lambda text: self.problems.append(f"round {round.number}: {text}")
        try:
            self.gateway.verify()
        except AssertionError as error:
            wrong(str(error))
        records = self.stub.records[self.checked :]
        self.checked += len(records)
        round.sent = len(records)
        with self.gateway.books() as books:
            if books.holds():
                wrong(f"{len(books.holds())} holds are open after the restart")
            for a in books.accounts():
                if a.hard and a.spent + a.held > a.limit:
                    wrong(f"I1: {a.scope}: {a.spent} + {a.held} > {a.limit}")
                if a.held:
                    wrong(f"{a.scope} still holds {a.held}")
            usages = books.usages()
        if len({row["request"] for row in usages}) != len(usages):
            wrong("I2: a request has two usages")
        new = [row for row in usages if row["end_user"] not in self.seen]
        rows = {row["end_user"]: row for row in new}
        if len(rows) != len(new):
            wrong("I2: one of the client's requests has two usages")
        self.seen |= set(rows)
        unconfirmed = [row for row in new if row["flags"] & UNCONFIRMED]
        round.unconfirmed = round.open = len(unconfirmed)
        if round.open < self.least_open:
            wrong(f"only {round.open} holds were open")
        round.spent = sum(row["cost_nanos"] for row in new)
        round.phantom = sum(row["cost_nanos"] for row in unconfirmed)
        for record in records:
            row = rows.pop(record["id"], None)
            if row is not None and row["flags"] & UNCONFIRMED:
                round.phantom -= PRICES.cost_of(record)
                round.half_told += record["told"]
            if row is None:
                wrong(f"I2: {record['id']} was received and is nowhere in the books")
            else:
                self.check_usage(record, row, wrong)
        round.never_sent = len(rows)
        for row in rows.values():
            if not row["flags"] & UNCONFIRMED:
                wrong(f"{row['end_user']} was never received and yet is {row['ending']}")

    def check_usage(self, record: Any, row: Any, wrong: Any) -> None:
        cost, hold, billed = row["cost_nanos"], row["hold_nanos"], PRICES.cost_of(record)
        if row["flags"] & UNCONFIRMED:
            good = cost == hold and billed <= hold
        elif record["told"]:
            good = cost == billed and row["flags"] == 0
        else:
            good = cost == hold and row["flags"] == ESTIMATED
        if not good:
            text = f"{record['id']} ({row['ending']}, flags {row['flags']}): billed {billed},"
            wrong(f"{text} booked {cost} of a hold of {hold}")


def round_ms(began: float) -> int:
    return int((time.monotonic() - began) * 1000)


def run(rounds: int, seed: int, each: Any = None) -> list[str]:
    """The problems of so many rounds; `each` is given every round's numbers."""
    with CrashTest(seed) as test:
        for number in range(1, rounds + 1):
            round = test.run_round(number)
            if each:
                each(round, test.problems)
        try:
            print(test.gateway.check_log())
        except AssertionError as error:
            test.problems.append(str(error))
        return test.problems


HEADINGS = "round   sent  answered  open holds  unconfirmed  never sent  ready again"


def row_text(round: Round) -> str:
    return (
        f"{round.number:5}  {round.sent:5}  {round.answered:8}  {round.open:10}"
        f"  {round.unconfirmed:11}  {round.never_sent:10}  {round.recovery_ms:8} ms"
    )
