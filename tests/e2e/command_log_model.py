"""The ledger a second time, from the words of DESIGN and nothing of the gateway's code: told one
row of the command log after the other, it says what must have come of each, and finds fault with
what did not. All amounts are nanos, all instants nanoseconds UTC, ids as the log writes them.

    grants     room in every hard cap of every scope named, none paused or stopped; the largest form
               that fits; a key that was in force, at its newest version (I1)
    refusals   the smallest form did not fit, or a cap was paused, a scope stopped, no cap there (I9)
    ends       exactly one for each hold, at the cost or in full (I2, I3)
    balances   after each command those that the log says; see command_log_checker.py for the tables
"""

from __future__ import annotations

import collections
import dataclasses
from typing import Any

UNCONFIRMED = 2
MAX_CAPS_OF_SCOPE = 4
BELIEVED = 1_000_000 * 10**9  # a larger claim of a provider may be cut
SHORT = ("day", "week", "month")

Json = dict[str, Any]


@dataclasses.dataclass(eq=False)
class Account:
    cap: "Cap"
    start: int
    end: int
    limit: int
    spent: int = 0
    held: int = 0
    excused: bool = False  # above its limit for a reason that I1 lists

    @property
    def remaining(self) -> int:
        return self.limit - self.spent - self.held

    @property
    def paused(self) -> bool:
        return self.spent >= self.limit - min(50_000_000, self.limit // 200)


@dataclasses.dataclass(eq=False)
class Cap:
    id: str
    scope: str
    period: str
    hard: bool
    limit: int
    made: int  # sequence
    ended: int = 0
    temporary: tuple[int, int] | None = None  # limit, until
    accounts: list[Account] = dataclasses.field(default_factory=list)

    def limit_at(self, at: int) -> int:
        if self.temporary and at < self.temporary[1]:
            return self.temporary[0]
        return self.limit

    def current(self, at: int) -> Account:
        """The account that counts now; one that nobody has opened yet stands at nothing."""
        if self.accounts and at < self.accounts[-1].end:
            return self.accounts[-1]
        return Account(self, at, at + 1, self.limit_at(at))


@dataclasses.dataclass(eq=False)
class Request:
    """A hold, and once it has ended, a usage."""

    at: int
    reserved: int  # sequence
    amount: int
    scopes: list[str]
    accounts: list[Account]
    settled: int = 0
    cost: int = 0
    total: int = 0  # with adjustments
    unconfirmed: bool = False


class Model:
    def __init__(self) -> None:
        self.at = 0
        self.sequence = 0
        self.caps: dict[str, Cap] = {}
        self.open_caps: dict[str, list[Cap]] = collections.defaultdict(list)  # by scope
        self.requests: dict[str, Request] = {}
        self.holds: dict[str, Request] = {}
        self.keys: dict[str, tuple[int, bool]] = {}  # version, usable
        self.stopped: set[str] = set()
        self.overspent: set[str] = set()
        self.adjustments: list[tuple[int, str, int]] = []  # sequence, request, delta
        self.problems: list[str] = []
        self.counts: collections.Counter[str] = collections.Counter()

    def wrong(self, text: str) -> None:
        self.problems.append(f"command {self.sequence}: {text}")

    def check(self, holds: bool, otherwise: str) -> None:
        if not holds:
            self.wrong(otherwise)

    # One row of the log.

    def apply(self, sequence: int, at: int, command: str, inputs: Json, outcome: Json) -> None:
        self.check(sequence == self.sequence + 1, f"{sequence} follows {self.sequence} in the log")
        self.sequence = sequence
        self.check(at >= self.at, f"ledger time went back from {self.at} to {at}")
        self.at = at
        self.counts["commands"] += 1
        self.counts[command] += 1
        self.steps_left = list(outcome["steps"])
        if command == "change":
            self.check(not (outcome["error"] and self.steps_left), "an undone change did something")
            self.take_steps()
            return
        run = {"reserve": self.reserve, "settle": self.settle, "expire": self.expire}[command]
        run(inputs, outcome)
        self.check(not self.steps_left, f"steps that the command does not explain {self.steps_left}")
        for said in outcome["accounts"]:
            self.compare(said)

    def compare(self, said: Json) -> None:
        cap = self.caps.get(said["cap"])
        if cap is None:
            return self.wrong(f"an account of {said['cap']}, which nobody made")
        found = [a for a in cap.accounts if a.start == said["cycle_start"]]
        account = found[0] if found else cap.current(self.at)
        seen = (said["limit_nanos"], said["spent_nanos"], said["held_nanos"])
        mine = (account.limit, account.spent, account.held)
        self.check(seen == mine, f"{cap.scope} {cap.period}: limit, spent, held {seen}, not {mine}")
        if cap.hard and not account.excused:
            fits = account.spent + account.held <= account.limit
            self.check(fits, f"I1: {cap.scope} {cap.period} stands at {mine}")

    # Reserves.

    def reserve(self, inputs: Json, outcome: Json) -> None:
        status, request = outcome["status"], inputs["request"]
        if status == "duplicate":
            return self.check(request in self.requests, f"{request} was never reserved before")
        (key,) = [scope for scope in inputs["scopes"] if scope.startswith("key_")]
        version, usable = self.keys.get(key, (0, False))
        current = version == inputs["identity_version"]
        if status == "stale_identity":
            self.counts["stale keys turned away"] += 1
            return self.check(not current, f"{key} was at version {version} and was turned away")
        if status != "done":
            return self.check(status == "clock_in_doubt", f"a reserve ended as {status}")
        self.take_steps()
        self.check(request not in self.requests, f"I3: {request} was reserved twice")
        self.check(current, f"{key} is at version {version}, {inputs['identity_version']} went on")
        caps = [cap for scope in inputs["scopes"] for cap in self.open_caps[scope]]
        expected, accounts = self.decide(inputs, caps)
        decision = outcome["decision"]
        if decision != expected:
            kind = "I1" if decision == "granted" else "I9"
            told = [f"{a.cap.scope} {a.limit} - {a.spent} - {a.held}" for a in accounts]
            self.wrong(f"{kind}: {decision} at {inputs['smallest_nanos']}, not {expected}; {told}")
        if decision != "granted":
            self.counts["refused: " + decision] += 1
            return
        self.check(usable, f"{key} had been revoked and was granted a hold")
        self.grant(request, inputs, outcome["amount_nanos"], accounts)

    def decide(self, inputs: Json, caps: list[Cap]) -> tuple[str, list[Account]]:
        accounts = [cap.current(self.at) for cap in caps]
        for account in accounts:
            in_force = account.cap.limit_at(self.at)
            self.check(account.limit == in_force, f"{account.cap.id} is held to an old limit")
        if any(scope in self.stopped for scope in inputs["scopes"]):
            return "stopped", accounts
        if inputs["free"]:
            return "granted", accounts
        hard = [account for account in accounts if account.cap.hard]
        bounded = inputs["allow_uncapped"] or any(a.cap.period in SHORT for a in hard)
        if not bounded:
            return "no_cap", accounts
        smallest = inputs["smallest_nanos"]
        refusing = [a for a in hard if a.paused or a.remaining < smallest]
        if not refusing:
            return "granted", accounts
        if any(a.paused for a in refusing):
            return "paused", accounts
        waits = all(a.limit - a.spent >= smallest for a in refusing)
        return "holds_in_the_way" if waits else "does_not_fit", accounts

    def grant(self, id: str, inputs: Json, amount: int, accounts: list[Account]) -> None:
        most = inputs["forms_nanos"][0]
        for account in accounts:
            self.check(account in account.cap.accounts, f"no cycle of {account.cap.id} was opened")
            if account.cap.hard:
                self.counts["hard caps that had room"] += 1
                share = account.remaining // inputs["share_divisor"]
                most = min(most, account.remaining, max(inputs["smallest_nanos"], share))
        fitting = [form for form in inputs["forms_nanos"] if form <= most]
        expected = 0 if inputs["free"] else max(fitting, default=most)
        self.check(amount == expected, f"{id} got {amount} where {expected} was its due")
        for account in accounts:
            account.held += amount
        request = Request(self.at, self.sequence, amount, inputs["scopes"], accounts)
        self.requests[id] = self.holds[id] = request
        self.counts["grants"] += 1

    # Ends of holds.

    def settle(self, inputs: Json, outcome: Json) -> None:
        id, status = inputs["request"], outcome["status"]
        request = self.requests.get(id)
        if status == "unknown_request":
            return self.check(request is None, f"{id} has a hold or a usage")
        if request is None:
            return self.wrong(f"{id} was settled without a hold")
        if status == "duplicate":
            over = bool(request.settled) and not request.unconfirmed
            return self.check(over, f"{id} has not ended, and its settle was dropped")
        self.check(status == "done", f"a settle ended as {status}")
        if request.settled:
            self.check(request.unconfirmed, f"I3: {id} was settled twice")
            request.unconfirmed = False
            self.counts["settled late"] += 1
            expected = request.cost if inputs["in_full"] else inputs["cost_nanos"]
            self.take_steps()
            self.check(request.total == expected or expected > BELIEVED, f"{id} is off")
            return
        cost = outcome["amount_nanos"]
        expected = request.amount if inputs["in_full"] else inputs["cost_nanos"]
        self.check(cost == expected or BELIEVED <= cost < expected, f"{id} cost {expected}: {cost}")
        self.end(id, cost, bool(inputs["flags"] & UNCONFIRMED))

    def expire(self, inputs: Json, outcome: Json) -> None:
        id = inputs["request"]
        if id not in self.holds:
            return self.wrong(f"{id} was expired and has no hold")
        amount = self.holds[id].amount
        self.check(outcome["amount_nanos"] == amount, f"{id} was not settled in full")
        self.end(id, amount, True)

    def end(self, id: str, cost: int, unconfirmed: bool) -> None:
        self.take_steps()
        request = self.holds.pop(id)
        request.settled, request.cost, request.total = self.sequence, cost, cost
        request.unconfirmed = unconfirmed
        for account in request.accounts:
            account.held -= request.amount
            account.spent += cost
            self.note_excess(account, cost > request.amount)

    def note_excess(self, account: Account, reason: bool) -> None:
        fits = account.spent + account.held <= account.limit
        account.excused = not fits and (account.excused or reason)

    # What a command did on its way.

    def take_steps(self) -> None:
        steps, self.steps_left = self.steps_left, []
        for step in steps:
            kind = step["do"].replace("-", "_")
            self.counts[kind] += 1
            getattr(self, "step_" + kind)(step)

    def step_open_cycle(self, step: Json) -> None:
        cap = self.caps[step["cap"]]
        start, end = step["cycle_start"], step["cycle_end"]
        if cap.accounts and cap.accounts[-1].start == start:
            return  # said again by a second change of the same account
        self.check(start <= self.at < end, f"{cap.id} opened a cycle that is not now")
        gap = cap.accounts and start < cap.accounts[-1].end
        self.check(not gap, f"{cap.id} opened a cycle before the last one's end")
        account = Account(cap, start, end, cap.limit_at(self.at))
        if cap.made == self.sequence:
            self.take_from_books(cap, account)
        cap.accounts.append(account)

    def take_from_books(self, cap: Cap, account: Account) -> None:
        """A cap made in mid-cycle: spent and held as if it had been there all along (I4)."""
        for request in self.requests.values():
            if cap.scope in request.scopes and account.start <= request.at < account.end:
                account.spent += request.total
                if not request.settled:
                    account.held += request.amount
                    request.accounts.append(account)
        self.note_excess(account, True)

    def step_set_cap(self, step: Json) -> None:
        limit, cap = step["limit_nanos"], self.caps.get(step["cap"])
        hard = step["enforcement"] == "hard"
        if cap is None:
            cap = Cap(step["cap"], step["scope"], step["period"], hard, limit, self.sequence)
            others = self.open_caps[cap.scope]
            twice = any((c.period, c.hard) == (cap.period, cap.hard) for c in others)
            full = len(others) >= MAX_CAPS_OF_SCOPE
            self.check(not twice and not full, f"one cap too many on {cap.scope}")
            self.caps[cap.id] = cap
            others.append(cap)
            return
        same = (step["scope"], step["period"], hard) == (cap.scope, cap.period, cap.hard)
        self.check(same and not cap.ended, f"{cap.id} changed its scope, or had ended")
        self.counts["limits lowered"] += limit < cap.limit_at(self.at)
        cap.limit, cap.temporary = limit, None
        self.put_in_force(cap)

    def put_in_force(self, cap: Cap) -> None:
        account = cap.current(self.at)
        account.limit = cap.limit_at(self.at)
        self.note_excess(account, True)

    def step_raise(self, step: Json) -> None:
        cap = self.caps[step["cap"]]
        limit = step["limit_nanos"]
        had, until = cap.limit_at(self.at), step.get("until")
        prolongs = cap.temporary is not None and cap.limit < limit == had and (
            until is None or until > cap.temporary[1])
        self.check(limit > had or prolongs, f"{cap.id} was raised to no more than it had")
        self.set_limit(cap, limit, until)

    def set_limit(self, cap: Cap, limit: int, until: int | None) -> None:
        if until is None:
            cap.limit, cap.temporary = limit, None
        else:
            cap.temporary = (limit, until)
        self.put_in_force(cap)

    def step_end_raise(self, step: Json) -> None:
        cap = self.caps[step["cap"]]
        self.check(cap.temporary is not None, f"{cap.id} had no raise to end")
        cap.temporary = None
        self.put_in_force(cap)

    def step_reallocate(self, step: Json) -> None:
        giver, taker, amount = self.caps[step["from"]], self.caps[step["to"]], step["amount_nanos"]
        room = giver.current(self.at).remaining
        self.check(0 < amount <= room, f"{giver.id} gave {amount} of {room}")
        until = step.get("until")
        self.counts["limits lowered"] += 1
        for cap, delta in ((giver, -amount), (taker, amount)):
            in_force = cap.limit_at(self.at)
            if until is not None:
                cap.temporary = (in_force + delta, until)
            else:
                cap.limit += delta
                if cap.temporary:
                    cap.temporary = (in_force + delta, cap.temporary[1])
            self.put_in_force(cap)

    def step_end_cap(self, step: Json) -> None:
        cap = self.caps[step["cap"]]
        cap.ended = self.sequence
        self.open_caps[cap.scope].remove(cap)

    def step_stop(self, step: Json) -> None:
        self.stopped.add(step["scope"])

    def step_resume(self, step: Json) -> None:
        self.stopped.discard(step["scope"])

    def step_adjust(self, step: Json) -> None:
        request, delta = self.requests[step["request"]], step["delta_nanos"]
        self.adjustments.append((self.sequence, step["request"], delta))
        request.total += delta
        request.unconfirmed = False
        scopes = set(request.scopes)
        for cap in self.caps.values():
            if cap.scope not in scopes or (cap.ended and cap.ended < request.reserved):
                continue
            for account in cap.accounts:
                if account.start <= request.at < account.end:
                    account.spent += delta
                    self.note_excess(account, delta > 0)

    def step_overspend(self, step: Json) -> None:
        self.overspent.add(step["price_id"])

    def step_clear_overspend(self, step: Json) -> None:
        known = step["price_id"] in self.overspent
        self.check(known, f"{step['price_id']} had no overspend to clear")
        self.overspent.discard(step["price_id"])

    def step_identity(self, step: Json) -> None:
        key = step["key"]
        before, usable = self.keys.get(key, (0, True))
        if "version" not in step:
            self.keys.pop(key, None)
            return
        self.check(step["version"] > before, f"{key} went from version {before} to {step}")
        self.counts["keys revoked"] += usable and not step["usable"]
        self.keys[key] = (step["version"], step["usable"])
