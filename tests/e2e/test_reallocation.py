"""Reallocation against concurrent spend: many clients spend under two teams' caps while limit moves
back and forth between them, for this cycle and for good.

What must hold:

    at every instant   spent + held <= limit of each cap (I1), held = sum of open holds (I4)
    a refused move     says what the giver can give, and leaves no trace
    at the end         the limits add up to what they were, the books balance, and each granted move,
                       no other, is on record with its reason (I6)
"""

from __future__ import annotations

import asyncio
import collections
import random
import unittest

from harness import NANOS, GatewayCase, Member, Refused, Ask, Connection, ask, nanos, usd
from torture import Report, Sampler

CLIENTS = 60
REQUESTS_PER_CLIENT = 60
LEAST_MOVES = 100
LIMIT = NANOS // 2
SEED = 4


class Reallocation(GatewayCase):
    @classmethod
    def fill(cls) -> None:
        cls.members: list[Member] = []
        cls.caps: list[str] = []
        for team in ("left", "right"):
            cls.gateway.add_team(team, usd(LIMIT))
            cls.members.append(cls.gateway.add_member(f"of-{team}", team, "100"))
            found = cls.gateway.api("GET", f"/api/v1/caps?scope=team&name={team}")["items"]
            cls.caps.append(found[0]["id"])

    async def client(self, number: int) -> None:
        connection = Connection(self.gateway.port)
        rng = random.Random(f"{SEED} {number}")
        for i in range(REQUESTS_PER_CLIENT):
            wanted = Ask(f"m{number}r{i}", limit=rng.randint(50, 1500))
            if rng.random() < 0.5:
                wanted = wanted.at_the_bound()
            key = self.members[number % 2].key
            answer = await ask(self.gateway.port, key, wanted, connection=connection)
            self.answers[answer.status] += 1
        connection.close()

    def move(self, number: int) -> None:
        rng = random.Random(f"{SEED} move {number}")
        giver, taker = rng.sample(self.caps, 2)
        left = nanos(self.gateway.api("GET", f"/api/v1/caps/{giver}")["remaining_usd"])
        # About what is left, so that what is spent and held meanwhile decides.
        amount = max(1, int(left * rng.uniform(0.1, 1.3)))
        until = rng.choice(["cycle_end", "for_good"])
        reason = f"move {number}"
        body = {"from": giver, "to": taker, "amount_usd": usd(amount), "until": until}
        try:
            self.gateway.api("POST", "/api/v1/caps/reallocate", {**body, "reason": reason})
            self.granted.append(reason)
        except Refused as refused:
            error = refused.body["error"]
            self.assertEqual((refused.status, error["code"]), (409, "not_possible"))
            self.refusals.append(error["message"])

    async def mover(self) -> None:
        number = 0
        while number < LEAST_MOVES or not self.clients_done:
            await asyncio.to_thread(self.move, number)
            number += 1

    async def all_at_once(self) -> None:
        mover = asyncio.create_task(self.mover())
        await asyncio.gather(*(self.client(i) for i in range(CLIENTS)))
        self.clients_done = True
        await mover

    def test_no_cap_is_passed_and_no_limit_is_lost(self) -> None:
        self.answers: collections.Counter[int] = collections.Counter()
        self.granted: list[str] = []
        self.refusals: list[str] = []
        self.clients_done = False
        report = Report(SEED)
        sampler = Sampler(self.gateway, report)
        sampler.start()
        try:
            asyncio.run(self.all_at_once())
            self.assertEqual(self.held(), 0)
        finally:
            sampler.finish()
        print(
            f"reallocation: answers {dict(self.answers)}; {len(self.granted)} moves,"
            f" {len(self.refusals)} refused; {report.samples} samples"
        )
        self.assertEqual(report.problems, [], "\n".join(report.problems[:20]))
        self.assertGreater(report.samples, 20)
        self.assertGreater(report.most_held, 0)
        self.assertGreater(len(self.granted), 10)
        self.assertGreater(len(self.refusals), 0)
        self.assertGreater(self.answers[200], CLIENTS)
        self.assertTrue(any("fall below what is spent and held" in why for why in self.refusals))
        self.check_limits()
        self.check_books()
        self.check_record()
        self.gateway.verify()

    def check_limits(self) -> None:
        caps = [self.gateway.api("GET", f"/api/v1/caps/{cap}") for cap in self.caps]
        for member in ("limit_usd", "base_limit_usd"):
            self.assertEqual(sum(nanos(cap[member]) for cap in caps), 2 * LIMIT, member)

    def check_books(self) -> None:
        with self.gateway.books() as books:
            accounts, usages = books.accounts(), books.usages()
        self.assertGreater(len(usages), CLIENTS)
        for account in accounts:
            spent = sum(row["total_nanos"] for row in usages if account.counts(row))
            self.assertEqual(account.spent, spent, account.scope)

    def check_record(self) -> None:
        path = "/api/v1/audit?action=cap.reallocate&limit=1000"
        entries = self.gateway.api("GET", path)["items"]
        self.assertEqual({entry["reason"] for entry in entries}, set(self.granted))


if __name__ == "__main__":
    unittest.main()
