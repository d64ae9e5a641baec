"""The cap torture: many clients at once, streaming and not, of mixed sizes, some of which vanish,
against a provider that fails in every way it can and bills often exactly the bound, until the caps
of users, teams and the workspace run out in random order. Caps are made and raised meanwhile.

What must hold (I1, I2, I4, I9 of DESIGN):

    at every instant   spent + held <= limit for each hard cap, held = sum of open holds
    in each refusal    what it says is true: the smallest form did not fit, or the cap was paused
    at the end         each request that the provider received has one usage; it costs what was billed
                       where the provider said so, the hold where it did not, nothing where nothing
                       was billed; spent = sum of usages of each scope; nothing is held; and what
                       remains can be spent down to the pause margin
"""

from __future__ import annotations

import asyncio
import collections
import dataclasses
import random
import threading
import time
from typing import Any

from ai_client import MODELS, Answer, Ask, Connection, ask
from harness import (
    ESTIMATED, NANOS, RELEASED, Account, Books, Gateway, Member, nanos, usd, wait_until,
)  # fmt: skip
from independent_books import IndependentBooks
from stub_provider import StubProvider

CLIENTS = 200
TEAMS = 3
USERS = 10
REQUESTS_PER_CLIENT = 40
WAVES = 5
FAULTS = [
    "cut", "reset", "garbage", "no_usage", "odd_usage", "hang_up", "garbage_head", "both_lengths",
    "lying_length_more", "lying_length_less", "error", "error", "error", "error_event", "stall",
]  # fmt: skip
STATUSES = [400, 401, 404, 429, 500, 502, 503, 529]
BILLS_NOTHING = {400, 401, 404, 429, 503, 529}
SMALLEST_OUTPUT = 1024
PRICES = IndependentBooks()


@dataclasses.dataclass
class Report:
    seed: int
    answers: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)
    modes: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)
    samples: int = 0
    most_held: int = 0
    at_the_bound: int = 0
    usages: int = 0
    order: list[str] = dataclasses.field(default_factory=list)
    problems: list[str] = dataclasses.field(default_factory=list)
    replayed: str = ""
    seconds: float = 0

    def show(self) -> None:
        print(f"torture, seed {self.seed}: {self.seconds:.1f} s; answers {dict(self.answers)}")
        print(f"  provider's answers {dict(self.modes)}; {self.at_the_bound} at exactly the bound")
        print(f"  {self.usages} usages, {self.samples} samples, at most {usd(self.most_held)} held")
        print(f"  {self.replayed}")
        print(f"  ran out in this order: {', '.join(self.order)}")


class Sampler(threading.Thread):
    """Reads balances from the database all the while, on a connection of its own."""

    def __init__(self, gateway: Gateway, report: Report):
        super().__init__(daemon=True)
        self.gateway, self.report = gateway, report
        self.done = threading.Event()

    def run(self) -> None:
        with self.gateway.books() as books:
            while not self.done.wait(0.01):
                self.report.problems += check_snapshot(books, self.report)

    def finish(self) -> None:
        self.done.set()
        self.join()


def check_snapshot(books: Books, report: Report) -> list[str]:
    accounts, holds = books.snapshot()
    report.samples += 1
    held: collections.Counter[tuple[bytes, int]] = collections.Counter()
    for hold in holds:
        blob = hold["accounts"]
        for at in range(0, len(blob), 24):
            start = int.from_bytes(blob[at + 16 : at + 24], "big", signed=True)
            held[blob[at : at + 16], start] += hold["amount_nanos"]
    problems = []
    for a in accounts:
        report.most_held = max(report.most_held, a.held)
        if a.hard and a.spent + a.held > a.limit:
            problems.append(f"I1: {a.scope} {usd(a.spent)} + {usd(a.held)} > {usd(a.limit)}")
        if a.excess:
            problems.append(f"I1: {a.scope} is marked as in excess ({a.excess})")
        if a.held != held[a.cap, a.cycle_start]:
            problems.append(f"I4: {a.scope} holds {a.held}, its holds {held[a.cap, a.cycle_start]}")
    return problems


class Torture:
    def __init__(self, seed: int, clients: int = CLIENTS):
        self.seed, self.clients = seed, clients
        self.rng = random.Random(seed)
        self.report = Report(seed)
        self.asks: dict[str, Ask] = {}
        self.members: list[Member] = []
        self.kinds: set[str] = set()  # of the scopes whose caps have run out so far
        self.stub = StubProvider(seed=seed)
        self.gateway: Gateway

    def run(self) -> Report:
        began = time.monotonic()
        self.stub.counter_faults = 0.1
        self.stub.start()
        self.gateway = Gateway(self.stub, provider="idle_timeout_seconds = 10")
        try:
            self.gateway.start()
            self.make_workspace()
            sampler = Sampler(self.gateway, self.report)
            sampler.start()
            for wave in range(WAVES):
                asyncio.run(self.all_clients(wave))
                self.settled()
                if not self.raise_what_ran_out():
                    break
            self.check({"user", "team", "workspace"} <= self.kinds, f"only {self.kinds} ran out")
            self.check_usages()
            self.report.order = self.order()
            self.spend_down()
            sampler.finish()
            self.check_sums()
            self.report.problems += self.stub.problems
            try:
                self.gateway.verify()
                self.report.replayed = self.gateway.check_log()
            except AssertionError as error:
                self.report.problems.append(str(error))
        finally:
            self.gateway.remove()
            self.stub.stop()
        self.report.seconds = time.monotonic() - began
        return self.report

    def make_workspace(self) -> None:
        def near(amount: float) -> str:
            return usd(int(amount * self.rng.uniform(0.4, 1.6) * NANOS))

        total = self.clients / 200 * 2.5
        self.gateway.set_cap("workspace", "", near(total * 0.9))
        for i in range(TEAMS):
            self.gateway.add_team(f"team{i}", near(total / TEAMS))
        for i in range(USERS):
            team = f"team{i % TEAMS}"
            member = self.gateway.add_member(f"user{i}", team, near(total / USERS))
            self.members.append(member)
            if self.rng.random() < 0.3:
                self.gateway.set_cap("user", member.email, near(total / USERS), period="day")
            if self.rng.random() < 0.2:
                self.gateway.set_cap("key", member.key_id, near(total / USERS), period="week")

    def ran_out(self) -> set[str]:
        with self.gateway.books() as books:
            return {account.scope for account in books.accounts() if account.paused}

    def raise_what_ran_out(self) -> bool:
        """Until a cap of each kind has run out once, those that have are raised and all goes on."""
        ran_out = self.ran_out()
        self.kinds |= ran_out
        if {"user", "team", "workspace"} <= self.kinds:
            return False
        for cap in self.gateway.api("GET", "/api/v1/caps?limit=100")["items"]:
            if cap["paused"]:
                more = {"by_usd": usd(nanos(cap["limit_usd"]) // 2)}
                self.gateway.api("POST", f"/api/v1/caps/{cap['id']}/raise", more)
        return True

    # The clients.

    async def all_clients(self, wave: int) -> None:
        admin = [self.admin()] if wave == 0 else []
        await asyncio.gather(*(self.client(i, wave) for i in range(self.clients)), *admin)

    async def admin(self) -> None:
        """Makes caps while requests are in flight: they begin with what the books hold already."""
        wide = usd(1000 * NANOS)
        member = self.members[0]
        caps = [
            ("workspace", "", "week"),
            ("team", member.team, "quarter"),
            ("membership", f"{member.team}/{member.email}", "month"),
            ("user", self.members[1].email, "year"),
            ("key", self.members[2].key_id, "month"),
        ]
        for number, (scope, name, period) in enumerate(caps):
            enough = 40 * (number + 1)
            await asyncio.to_thread(self.stub.wait_for, lambda records: len(records) >= enough)
            await asyncio.to_thread(self.gateway.set_cap, scope, name, wide, period)

    async def client(self, number: int, wave: int) -> None:
        rng = random.Random(f"{self.seed} {wave} {number}")
        member = self.members[number % USERS]
        connection = Connection(self.gateway.port)
        refused = 0
        for i in range(REQUESTS_PER_CLIENT):
            wanted = self.make_ask(f"s{self.seed}w{wave}c{number}r{i}", rng)
            self.asks[wanted.id] = wanted
            vanish = rng.random() < 0.1
            if vanish:
                own = Connection(self.gateway.port)
                answer = await self.vanish(own, member.key, wanted, rng)
            else:
                answer = await ask(self.gateway.port, member.key, wanted, connection=connection)
            self.count(wanted, answer, vanish)
            if answer.status == 402:
                self.check_402(wanted, answer.json()["purser"])
                refused += 1
                if refused == 3:
                    break
            elif answer.status == 429 and b"purser" in answer.body:
                self.check_429(answer.json()["purser"])
                await asyncio.sleep(rng.uniform(0, 0.1))  # as the header asks, but sooner
        connection.close()

    def make_ask(self, id: str, rng: random.Random) -> Ask:
        format = rng.choice(["chat", "chat", "responses", "messages", "messages", "embeddings"])
        limit = int(10 ** rng.uniform(1, 3.6))
        plan: dict[str, Any] = {
            "out": rng.randint(1, limit),
            "framing": rng.choice(["chunked", "close"]),
            "eol": rng.choice(["lf", "crlf"]),
            "in": f"{rng.randint(1, 120):08d}",
        }
        stream = format != "embeddings" and rng.random() < 0.5
        if not stream and rng.random() < 0.5:
            plan["framing"] = "length"
        wanted = Ask(id, format, limit, stream, plan=plan, filler="w " * rng.randint(0, 900))
        kind = rng.random()
        if kind < 0.35:
            return wanted.at_the_bound()
        if kind < 0.5:
            plan["mode"] = mode = rng.choice(FAULTS)
            plan["at"] = rng.choice([0, 1, 5])
            if mode == "stall" and rng.random() < 0.8:
                plan["mode"] = "cut"
            if mode == "error":
                plan["status"] = rng.choice(STATUSES)
                if plan["status"] == 503:
                    plan["code"] = "overloaded_error" if format == "messages" else "slow_down"
            if mode == "error_event":
                plan["code"] = "overloaded_error" if format == "messages" else "slow_down"
        elif kind < 0.7 and format != "messages":
            plan["cached"] = rng.randint(1, 40)
        return wanted

    async def vanish(
        self, connection: Connection, key: str, wanted: Ask, rng: random.Random
    ) -> Answer:
        if rng.random() < 0.5:
            return await ask(self.gateway.port, key, wanted, vanish_after=1)
        from ai_client import key_fields

        fields = {"Content-Type": "application/json", **key_fields(key, wanted.format)}
        try:
            await connection.send("POST", wanted.path, fields, wanted.body())
            await asyncio.sleep(rng.uniform(0, 0.02))  # leaves at any moment of the exchange
        except ConnectionError:
            pass
        connection.close(reset=rng.random() < 0.5)
        return Answer(closed=True)

    def count(self, wanted: Ask, answer: Answer, vanished: bool) -> None:
        if vanished and answer.status in (0, 200):
            self.report.answers["vanished"] += 1
        elif answer.status == 429 and b"holds_in_the_way" in answer.body:
            self.report.answers["429 holds"] += 1
        else:
            self.report.answers[str(answer.status)] += 1

    def smallest_bounds(self, wanted: Ask) -> list[int]:
        """By the bytes of the input, and by the provider's free count of it."""
        billed = dict.fromkeys(("cached_input", "cache_write_5m", "cache_write_1h"), 0)
        output = min(wanted.limit or 0, SMALLEST_OUTPUT) if wanted.format != "embeddings" else 0
        inputs = [wanted.input_bound()]
        if wanted.format in ("messages", "responses"):
            counted = int(wanted.plan["in"]) + wanted.plan.get("cached", 0)
            inputs.append(min(inputs[0], counted + counted // 50 + 256))
        return [
            PRICES.cost(
                wanted.format, MODELS[wanted.format], {**billed, "input": i, "output": output}
            )
            for i in inputs
        ]

    def check_402(self, wanted: Ask, said: dict[str, Any]) -> None:
        """I9: the binding cap truly has no room for the smallest form, or is paused."""
        limit, spent = nanos(said["limit_usd"]), nanos(said["spent_usd"])
        paused = spent >= limit - min(NANOS // 20, limit // 200)
        if paused:
            return
        needed = nanos(said["needed_usd"])
        if needed not in self.smallest_bounds(wanted):
            text = f"{wanted.id} needs {self.smallest_bounds(wanted)}, the refusal says {needed}"
            self.report.problems.append(text)
        if limit - spent >= needed:
            self.report.problems.append(f"I9: {wanted.id} was refused although it fits: {said}")

    def check_429(self, said: dict[str, Any]) -> None:
        if said["code"] != "holds_in_the_way":
            return
        limit, spent, held = (nanos(said[k]) for k in ("limit_usd", "spent_usd", "held_usd"))
        needed = nanos(said["needed_usd"])
        if not (limit - spent >= needed > limit - spent - held):
            self.report.problems.append(f"I9: holds are not in the way: {said}")

    # The books.

    def check_usages(self) -> None:
        records = self.stub.records
        with self.gateway.books() as books:
            rows = {row["end_user"]: row for row in books.usages()}
            self.report.usages = len(rows)
            self.check(len(books.usages()) == len(rows), "I2: a request has two usages")
        self.check(len(records) == len({r["id"] for r in records}), "I3: one was sent twice")
        received = {record["id"] for record in records}
        self.check(received == set(rows), f"I2: {received ^ set(rows)} on one side only")
        vendor = booked = 0
        for record in records:
            mode = record["mode"]
            self.report.modes[mode] += 1
            if record["id"] in rows:
                self.check_usage(record, rows[record["id"]])
                booked += rows[record["id"]]["cost_nanos"]
                vendor += PRICES.cost_of(record)
        self.check(vendor <= booked, f"the vendor bills {usd(vendor)}, booked are {usd(booked)}")
        share = self.report.at_the_bound / max(1, len(records))
        self.check(share >= 0.1, f"only {share:.0%} were billed at exactly the bound")

    def check_usage(self, record: dict[str, Any], row: Any) -> None:
        cost, hold, flags = row["cost_nanos"], row["hold_nanos"], row["flags"]
        billed = PRICES.cost_of(record)
        status = self.asks[record["id"]].plan.get("status", 500)
        nothing = record["mode"] == "error" and status in BILLS_NOTHING
        nothing = nothing or (record["mode"] == "error_event" and record["billed"] is None)
        if nothing:
            good = cost == 0 and flags == RELEASED
        elif record["told"]:
            good = cost == billed and flags == 0
            if self.asks[record["id"]].plan.get("out") == -1 and self.is_whole(record, cost, hold):
                self.report.at_the_bound += 1
        else:
            good = cost == hold and flags == ESTIMATED and billed <= hold
        if not good:
            text = f"{record['id']} ({record['mode']}, {row['ending']}): billed {billed}, booked"
            self.report.problems.append(f"{text} {cost} of a hold of {hold}, flags {flags}")

    def is_whole(self, record: dict[str, Any], cost: int, hold: int) -> bool:
        """Billed at the bound; a lowered output limit is cut to whole tokens."""
        provider = "anthropic" if record["format"] == "messages" else "openai"
        rate = PRICES.rates(provider, record["model"], 0).get("output", 0)
        return 0 <= hold - cost <= rate // 1000 + 1

    def check_sums(self) -> None:
        """I4 by attribution: what a cap's scope has used is what its account has spent."""
        with self.gateway.books() as books:
            accounts, usages = books.accounts(), books.usages()
        for a in accounts:
            spent = sum(row["total_nanos"] for row in usages if a.counts(row))
            self.check(a.spent == spent, f"I4: {a.scope} has spent {a.spent}, its usages {spent}")
            self.check(a.held == 0, f"{a.scope} still holds {a.held}")

    def order(self) -> list[str]:
        """What ran out under load, in the order of the ledger's own records of it."""
        with self.gateway.books() as books:
            reached = books.db.execute(
                "SELECT c.scope_id FROM outbox o JOIN caps c ON c.id = o.cap"
                " WHERE o.kind = 0 AND o.percent = 100 ORDER BY o.sequence"
            ).fetchall()
            names = {a.scope_id: self.name_of(a) for a in books.accounts()}
        return list(dict.fromkeys(names[row[0]] for row in reached))

    def name_of(self, account: Account) -> str:
        if account.scope == "workspace":
            return "workspace"
        if account.scope == "membership":
            return "membership"
        kinds = {"team": "teams", "user": "users", "key": "keys"}
        with self.gateway.books() as books:
            row = books.db.execute(
                f"SELECT name FROM {kinds[account.scope]} WHERE id = ?", (account.scope_id,)
            ).fetchone()
        return f"{account.scope} {row[0]}".strip()

    def spend_down(self) -> None:
        """Each member, alone now, gets what remains for him down to the pause margin."""
        for member in self.members:
            for i in range(60):
                caps = self.gateway.me(member.key)["caps"]
                if any(cap["paused"] for cap in caps):
                    break
                room = min(nanos(cap["remaining_usd"]) for cap in caps)
                wanted = Ask(f"s{self.seed}down-{member.name}-{i}").at_the_bound()
                wanted.limit = max(1, (room - self.input_cost(wanted)) // 600)
                wanted.limit = min(wanted.limit, 16_384)
                self.asks[wanted.id] = wanted
                off = {"x-purser-clamp": "off"}
                answer = asyncio.run(ask(self.gateway.port, member.key, wanted, fields=off))
                if answer.status != 200:
                    text = f"{member.name}: {usd(room)} remain and cannot be spent: {answer.body!r}"
                    self.report.problems.append(text)
                    break
                self.settled()
            else:
                self.report.problems.append(f"{member.name} could not be paid down to the margin")

    def settled(self) -> None:
        with self.gateway.books() as books:
            wait_until(lambda: not books.holds(), "a hold to be settled")

    def input_cost(self, wanted: Ask) -> int:
        return wanted.input_bound() * 150 // 1000 + 2  # gpt-4o-mini: 0.15 USD a million

    def check(self, holds: bool, otherwise: str) -> None:
        if not holds:
            self.report.problems.append(otherwise)
