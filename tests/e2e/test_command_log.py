"""The command log under load, with every kind of change to caps and keys in its midst; and that its
checker sees what is off: a session is recorded, then one thing is falsified in a copy of its ledger,
and the replay must name it."""

from __future__ import annotations

import asyncio
import pathlib
import sqlite3
from typing import Any

from command_log_checker import check_ledger, id_text
from harness import Ask, Connection, GatewayCase, Member, Refused, ask, wait_until

RESERVE = "command = 'reserve' AND json_extract(outcome, '$.decision') = 'granted'"
FIRST = f"(SELECT min(sequence) FROM command_log WHERE {RESERVE})"
LAST = f"(SELECT max(sequence) FROM command_log WHERE {RESERVE})"
REFUSED = (
    "(SELECT max(sequence) FROM command_log WHERE"
    " json_extract(outcome, '$.decision') = 'does_not_fit')"
)


def edit(column: str, sequence: str, path: str, value: str) -> str:
    return (
        f"UPDATE command_log SET {column} = json_set({column}, '{path}', {value})"
        f" WHERE sequence = {sequence}"
    )


def edit_outcome(sequence: str, path: str, value: str) -> str:
    return edit("outcome", sequence, path, value)


def edit_inputs(sequence: str, path: str, value: str) -> str:
    return edit("inputs", sequence, path, value)


def step_of(kind: str) -> str:
    """The sequence of the last change whose first step is of this kind."""
    return (
        "(SELECT max(sequence) FROM command_log WHERE command = 'change' AND"
        f" json_extract(outcome, '$.steps[0].do') = '{kind}')"
    )


# What is falsified, and a part of what the checker must say of it.
FORGERIES = {
    "a row taken out": (f"DELETE FROM command_log WHERE sequence = {FIRST}", "follows"),
    "the last rows cut off": (
        "DELETE FROM command_log WHERE sequence > (SELECT max(sequence) - 2 FROM command_log)",
        "the log ends before",
    ),
    "a hold of more than was its due": (
        edit_outcome(LAST, "$.amount_nanos", "json_extract(outcome, '$.amount_nanos') + 1"),
        "was its due",
    ),
    "a grant in place of a refusal": (
        edit_outcome(REFUSED, "$.decision", "'granted'"),
        "I1: granted",
    ),
    "a refusal in place of a grant": (
        edit_outcome(LAST, "$.decision", "'does_not_fit'"),
        "I9: does_not_fit",
    ),
    "a refusal of what would have fitted": (
        edit_inputs(REFUSED, "$.smallest_nanos", "1"),
        "I9: does_not_fit",
    ),
    "a refusal for the wrong reason": (
        edit_outcome(REFUSED, "$.decision", "'paused'"),
        "I9: paused",
    ),
    "a scope left out of a reserve": (edit_inputs(LAST, "$.scopes[1]", "'team_x'"), "held to"),
    "a lowered cap that was not in force": (
        edit_outcome(step_of("set_cap"), "$.steps[0].limit_nanos", "1"),
        "limit, spent, held",
    ),
    "a change forgotten": (edit_outcome(step_of("raise"), "$.steps", "json('[]')"), "limit"),
    "a reserve of a revoked key": (
        "UPDATE command_log SET outcome = replace(outcome, '\"usable\":true', '\"usable\":false')"
        f" WHERE sequence < {FIRST}",
        "had been revoked",
    ),
    "a reserve with an old identity": (
        edit_inputs(LAST, "$.identity_version", "1"),
        "went on",
    ),
    "a settle that cost something else": (
        edit_inputs("(SELECT max(sequence) FROM command_log WHERE command = 'settle')",
                    "$.cost_nanos", "1"),
        "cost 1",
    ),
    "a balance in the log": (
        edit_outcome(FIRST, "$.accounts[0].spent_nanos", "7"),
        "limit, spent, held",
    ),
    "a balance in the tables": ("UPDATE recent_balances SET spent_nanos = spent_nanos - 1", "account ("),
    "a limit in the tables": ("UPDATE caps SET limit_nanos = limit_nanos + 1", "cap cap_"),
    "a usage in the tables": ("UPDATE usages SET cost_nanos = cost_nanos + 1", "usage req_"),
    "a usage booked on another team": ("UPDATE usages SET team = user", "another user or team"),
    "a usage that is gone": ("DELETE FROM usages", "usage req_"),
    "a hold made up": (
        "UPDATE command_log SET command = 'reserve' WHERE"
        " sequence = (SELECT max(sequence) FROM command_log WHERE command = 'settle')",
        "makes no sense",
    ),
}  # fmt: skip


class Forgeries(GatewayCase):
    """One session: grants, a refusal, changes of every kind, a revoked key."""

    @classmethod
    def fill(cls) -> None:
        super().fill()
        cls.bob = cls.gateway.add_member("bob", "engineering", "0.001")

    def test_each_is_named(self) -> None:
        self.live()
        with self.gateway.books() as books:
            wait_until(lambda: not books.holds(), "the settles")
        clean = check_ledger(self.gateway.data)
        self.assertEqual(clean.problems, [])
        missed = {}
        for name, (sql, expected) in FORGERIES.items():
            with self.subTest(name):
                problems = self.forge(sql)
                missed[name] = not any(expected in problem for problem in problems)
                self.assertFalse(missed[name], f"{expected!r} is not in {problems[:5]}")
        found = list(missed.values()).count(False)
        print(f"command log: {found} of {len(missed)} forgeries named")

    def forge(self, sql: str) -> list[str]:
        copy = self.gateway.directory / "forged.db"
        with self.gateway.books() as books:
            forged = sqlite3.connect(copy)
            books.db.backup(forged)
        changed = forged.execute(sql).rowcount
        forged.commit()
        forged.close()
        self.assertGreater(changed, 0, sql)
        try:
            return check_ledger(pathlib.Path(copy)).problems
        finally:
            copy.unlink()

    def live(self) -> None:
        for i in range(3):
            self.assertEqual(self.run_ask(Ask(self.next_id())).status, 200)
        too_large = Ask(self.next_id(), limit=16_000)
        off = {"x-purser-clamp": "off"}
        refused = self.run_ask(too_large, self.bob.key, fields=off)
        self.assertEqual(refused.status, 402, refused.body)
        api = self.gateway.api
        caps = api("GET", "/api/v1/caps?limit=100")["items"]
        cap = next(cap for cap in caps if cap["scope"] == "team")
        api("POST", f"/api/v1/caps/{cap['id']}/raise", {"by_usd": "5"})
        self.assertEqual(self.run_ask(Ask(self.next_id())).status, 200)
        self.gateway.set_cap("team", "engineering", "900")  # lowered
        api("POST", "/api/v1/stop", {"scope": "team", "name": "engineering", "reason": "a test"})
        api("POST", "/api/v1/resume", {"scope": "team", "name": "engineering"})
        api("POST", f"/api/v1/keys/{self.bob.key_id}/revoke", {})
        with self.assertRaises(Refused):
            api("POST", f"/api/v1/keys/{self.bob.key_id}/revoke", {})
        self.assertEqual(self.run_ask(Ask(self.next_id()), self.bob.key).status, 401)
        self.assertEqual(self.run_ask(Ask(self.next_id())).status, 200)


CLIENTS = 24
REQUESTS = 500  # seen by the provider when the last change is made
CHANGES = (
    "set_cap", "limits lowered", "keys revoked", "raise", "end_raise", "reallocate", "stop",
    "resume", "end_cap", "adjust", "open_cycle",
)  # fmt: skip


class UnderLoad(GatewayCase):
    """Caps are lowered under what is spent and held, keys revoked, and so on, while clients go on
    asking: each is in force from the next command on."""

    def test_each_change_is_in_force_at_once(self) -> None:
        self.members = [
            self.gateway.add_member(name, "engineering", "5") for name in ("bea", "carl", "dora")
        ]
        asyncio.run(self.all())
        self.held()
        model = check_ledger(self.gateway.data).model
        self.assertEqual(model.problems, [])
        none = [kind for kind in CHANGES if model.counts[kind] == 0]
        self.assertEqual(none, [], "these were not among the changes")
        self.assertGreater(self.statuses.get(401, 0), 0)

    async def all(self) -> None:
        self.done, self.statuses = False, {}
        clients = [self.client(i, self.members[i % 3]) for i in range(CLIENTS)]
        await asyncio.gather(self.admin(), *clients)

    async def client(self, number: int, member: Member) -> None:
        connection = Connection(self.gateway.port)
        count = 0
        while not self.done:
            count += 1
            wanted = Ask(f"load-{number}-{count}", ("chat", "messages")[number % 2], 300)
            answer = await ask(self.gateway.port, member.key, wanted, connection=connection)
            self.statuses[answer.status] = self.statuses.get(answer.status, 0) + 1
            if answer.status in (401, 402):
                await asyncio.sleep(0.01)
        connection.close()

    async def admin(self) -> None:
        changes = self.changes()
        try:
            for number, change in enumerate(changes):
                enough = REQUESTS * (number + 1) // len(changes)
                await asyncio.to_thread(self.stub.wait_for, lambda seen: len(seen) >= enough)
                await asyncio.to_thread(change)
        finally:
            self.done = True

    def changes(self) -> list[Any]:
        """In this order; the clients of carl and dora go on to the end."""
        api = self.gateway.api
        bea, carl, dora = self.members
        caps = api("GET", "/api/v1/caps?limit=100")["items"]
        ids = {cap["name"]: cap["id"] for cap in caps if cap["scope"] == "user"}
        cap_of = lambda member: ids[member.name if member.name in ids else member.email]
        team = {"scope": "team", "name": "engineering", "reason": "a test"}
        move = lambda: {"from": cap_of(carl), "to": cap_of(dora), "amount_usd": "1"}
        weekly = lambda: self.gateway.set_cap("team", "engineering", "500", "week")["id"]
        last = lambda: self.stub.records[0]["id"]
        return [
            lambda: self.gateway.set_cap("user", bea.email, "0.001"),  # below what is spent
            lambda: api("POST", f"/api/v1/caps/{cap_of(bea)}/raise", {"limit_usd": "6"}),
            lambda: api("DELETE", f"/api/v1/caps/{cap_of(bea)}/raise"),
            lambda: api("POST", "/api/v1/caps/reallocate", move()),
            lambda: api("POST", "/api/v1/caps/reallocate", {**move(), "until": "for_good"}),
            lambda: (api("POST", "/api/v1/stop", team), api("POST", "/api/v1/resume", team)),
            lambda: api("DELETE", f"/api/v1/caps/{weekly()}"),
            lambda: self.correct(last(), "0.5"),
            lambda: self.gateway.set_cap("user", bea.email, "5"),
            lambda: api("POST", f"/api/v1/keys/{bea.key_id}/revoke", {}),
            lambda: api("POST", f"/api/v1/users/{dora.email}/deactivate", {}),
            lambda: None,
        ]

    def correct(self, end_user: str, cost: str) -> None:
        with self.gateway.books() as books:
            wait_until(lambda: books.usage_of(end_user) is not None, "its usage")
            row = books.usage_of(end_user)
            request = id_text("req", row["request"])
        self.gateway.api("POST", f"/api/v1/requests/{request}/correct", {"cost_usd": cost})
