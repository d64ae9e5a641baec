"""A provider that bills more than the bound it was sent: no cap goes over its limit by more than the
flagged overspend, nothing is granted until it fits again, and the model's bounds are doubled until
an admin clears it."""

from __future__ import annotations

import asyncio
import json
import unittest

from harness import OVERSPEND, Answer, Ask, GatewayCase, ask, nanos
from independent_books import IndependentBooks

PRICES = IndependentBooks()


class Liar(GatewayCase):
    @classmethod
    def fill(cls) -> None:
        cls.gateway.add_team("engineering", "0.5")
        cls.gateway.set_cap("workspace", "", "0.6")
        cls.ana = cls.gateway.add_member("ana", "engineering", "100")

    def test_no_cap_is_over_by_more_than_the_flagged_overspend(self) -> None:
        members = [self.gateway.add_member(f"u{i}", "engineering", "0.1") for i in range(6)]

        async def one_client(number: int) -> list[int]:
            member = members[number % len(members)]
            statuses = []
            for i in range(6):
                plan = {"mode": "liar", "times": 2 + number % 4}
                wanted = Ask(f"liar-{number}-{i}", "messages", 500, i % 2 == 0, plan=plan)
                answer = await ask(self.gateway.port, member.key, wanted)
                statuses.append(answer.status)
            return statuses

        async def all_clients() -> list[list[int]]:
            return await asyncio.gather(*(one_client(i) for i in range(30)))

        statuses = [status for each in asyncio.run(all_clients()) for status in each]
        self.assertLessEqual(set(statuses), {200, 402, 429})
        self.assertIn(402, statuses)
        self.held()
        over = 0
        with self.gateway.books() as books:
            usages = books.usages()
            for account in books.accounts():
                mine = [row for row in usages if account.counts(row)]
                flagged = sum(
                    row["cost_nanos"] - row["hold_nanos"]
                    for row in mine
                    if row["flags"] & OVERSPEND
                )
                self.assertLessEqual(account.spent, account.limit + flagged, account.scope)
                self.assertEqual(account.spent, sum(row["cost_nanos"] for row in mine))
                over += account.spent > account.limit
            for row in usages:
                self.assertEqual(
                    row["flags"], OVERSPEND if row["cost_nanos"] > row["hold_nanos"] else 0
                )
            booked = {row["end_user"]: row["cost_nanos"] for row in usages}
            (model,) = books.db.execute("SELECT * FROM model_overspends").fetchall()
            total = sum(max(0, row["cost_nanos"] - row["hold_nanos"]) for row in usages)
            self.assertEqual(model["overspend_nanos"], total)
        for record in self.stub.records:
            self.assertEqual(booked[record["id"]], PRICES.cost_of(record))
        self.gateway.verify()
        print(
            f"liar: {len(usages)} lies booked to the nano, {statuses.count(402)} refused after,"
            f" {over} caps over their limit by no more than what is flagged"
        )


class Doubling(GatewayCase):
    def bound(self, format: str, model: str) -> int:
        wanted = Ask("estimate-only", format, 500, model=model)
        return nanos(self.gateway.estimate(self.ana.key, wanted)["bound_usd"])

    def lie(self, format: str, model: str) -> Answer:
        wanted = Ask(self.next_id(), format, 500, model=model, plan={"mode": "liar"})
        answer = self.run_ask(wanted)
        self.held()
        return answer

    def check_doubled(self, format: str, named: str, model: str) -> None:
        """`named`: as the client calls it; `model`: the book's name for it."""
        before = self.bound(format, named)
        self.assertEqual(self.lie(format, named).status, 200)
        self.assertEqual(self.bound(format, named), 2 * before)
        wanted = Ask(self.next_id(), format, 500, model=named)
        self.assertEqual(self.run_ask(wanted).status, 200)
        row = self.booked(wanted.id)
        self.assertGreater(row["hold_nanos"], before)
        self.assertIn('"doubled":true', row["explanation"])
        self.assertEqual(self.stub.of(wanted.id)[0]["limit"], 500, "the limit upstream is as asked")
        open_ones = self.gateway.api("GET", "/api/v1/overspends")["items"]
        self.assertEqual([each["bounds_doubled"] for each in open_ones], [True])
        cleared = self.gateway.command("overspend", "clear", open_ones[0]["model"], "--json")
        self.assertEqual(cleared.returncode, 0, cleared.stderr)
        self.assertFalse(json.loads(cleared.stdout)["bounds_doubled"])
        self.assertEqual(self.bound(format, named), before)
        self.assertEqual(open_ones[0]["model"], model)

    def test_a_model_by_its_own_name(self) -> None:
        self.check_doubled("messages", "claude-haiku-4-5", "anthropic/claude-haiku-4-5")
        self.check_doubled("chat", "gpt-4o-mini", "openai/gpt-4o-mini")

    def test_a_model_by_another_of_its_names(self) -> None:
        """A dated name is the same model: its bounds must be doubled as well."""
        self.check_doubled("messages", "claude-haiku-4-5-20251001", "anthropic/claude-haiku-4-5")
        self.check_doubled("chat", "gpt-4o-mini-2024-07-18", "openai/gpt-4o-mini")


if __name__ == "__main__":
    unittest.main()
