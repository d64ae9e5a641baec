"""The audit trail of a real ledger, made by changes of all kinds (I6): for every column of every row
of fifty, an edit, a deletion and a swap with the next row are found by `purser audit verify`, which
names the row; a cut tail is found with the head that was exported before, and not without."""

from __future__ import annotations

import hashlib
import json
import pathlib
import re
import shutil
import sqlite3
import unittest
from typing import Any

from harness import GatewayCase, Refused

ROWS = 50
COLUMNS = {  # each with SQL for a value that a forger might put there
    "workspace": "zeroblob(16)",
    "sequence": "sequence + 1000",
    "at": "at + 1",
    "actor": "x'0102030405060708090a0b0c0d0e0f10'",
    "actor_name": "'mallory@example.com'",
    "action": "action || 'd'",
    "target": "target || '2'",
    "from_value": "from_value || ' '",
    "to_value": "replace(to_value, '{', '{ ') || ' '",
    "reason": "'a better reason'",
    "hash": "zeroblob(32)",
}


class AuditTrail(GatewayCase):
    forgeries = 0

    @classmethod
    def fill(cls) -> None:
        super().fill()
        cls.make_changes()
        cls.folder = cls.gateway.directory
        cls.backup = cls.folder / "backup.db"
        done = cls.gateway.command("backup", str(cls.backup), "--data-dir", str(cls.gateway.data))
        assert done.returncode == 0, done.stderr
        done = cls.gateway.command("audit", "head")
        assert done.returncode == 0, done.stderr
        cls.head = done.stdout.strip()
        cls.rows = int(cls.head.split()[0])

    @classmethod
    def tearDownClass(cls) -> None:
        print(f"audit trail: {cls.rows} rows, {cls.forgeries} forgeries found and named")
        super().tearDownClass()

    @classmethod
    def make_changes(cls) -> None:
        """Of every kind that the API has, by several people."""
        api = cls.gateway.api
        cls.gateway.add_member("ben", "engineering", "50")
        api("POST", "/api/v1/users", {"name": "Cy", "email": "cy@example.com", "role": "admin"})
        cy = api("POST", "/api/v1/keys", {"user": "cy@example.com", "kind": "manage"})["key"]
        cls.gateway.add_team("sales", "400")
        team = [
            api("GET", f"/api/v1/caps?scope=team&name={name}")["items"][0]["id"]
            for name in ("engineering", "sales")
        ]
        user = api("GET", "/api/v1/caps?scope=user&name=ana@example.com")["items"][0]["id"]
        steps: list[tuple[str, str, Any]] = [
            ("PATCH", "/teams/sales", {"name": "field sales"}),
            ("PATCH", "/users/ben@example.com", {"name": "Ben B."}),
            ("POST", "/memberships", {"user": "ben@example.com", "team": "field sales", "lead": True}),
            ("POST", "/projects", {"name": "rewrite", "teams": ["engineering"]}),
            ("PATCH", "/projects/rewrite", {"name": "rewrite 2"}),
            ("POST", "/labels", {"name": "support"}),
            ("PATCH", "/labels/support", {"name": "helpdesk"}),
            ("POST", "/templates", {"name": "engineer", "caps": [{"limit_usd": "150"}]}),
            ("PUT", "/users/ben@example.com/template", {"template": "engineer"}),
            ("PATCH", "/templates/engineer", {"caps": [{"limit_usd": "160"}]}),
            ("PUT", "/caps", {"scope": "label", "name": "helpdesk", "limit_usd": "3"}),
            ("PUT", "/caps", {"scope": "team", "name": "engineering", "limit_usd": "900"}),
            ("POST", f"/caps/{user}/raise", {"limit_usd": "130"}),
            ("DELETE", f"/caps/{user}/raise", None),
            ("POST", f"/caps/{user}/raise", {"by_usd": "7", "until": "for_good"}),
            ("POST", "/caps/reallocate", {"from": team[0], "to": team[1], "amount_usd": "40"}),
            ("POST", "/stop", {"scope": "user", "name": "ana@example.com", "reason": "a look"}),
            ("POST", "/resume", {"scope": "user", "name": "ana@example.com"}),
            ("PATCH", f"/keys/{cls.ana.key_id}", {"default_project": "rewrite 2"}),
            ("DELETE", "/projects/rewrite 2", None),
            ("PUT", "/prices", {"provider": "openai", "model": "gpt-4o", "input_usd_per_million": "2"}),
            ("PATCH", "/settings", {"zone": "Europe/Berlin"}),
            ("PATCH", "/settings", {"grant_own_requests": True}),
            ("POST", "/clock/accept", {}),
            ("POST", "/users/ben@example.com/deactivate", {}),
            ("POST", "/users/ben@example.com/reactivate", {}),
            ("DELETE", "/labels/helpdesk", None),
        ]
        for number, (method, path, body) in enumerate(steps):
            key = cy if number % 2 else ""
            path = "/api/v1" + path.replace(" ", "%20")
            if body is None:
                api(method, f"{path}?reason=step-{number}", key=key)
            else:
                api(method, path, {**body, "reason": f"step {number}"}, key=key)
        for limit in ("200", "300"):
            wanted = {"reason": f"I need {limit}", "limit_usd": limit}
            asked = api("POST", "/api/v1/raise-requests", wanted, key=cls.ana.key)
        path = f"/api/v1/raise-requests/{asked['id']}"
        api("POST", f"{path}/grant", {"limit_usd": "250", "word": "until the release"}, key=cy)

    def verify(self, place: pathlib.Path, *more: str) -> dict[str, Any]:
        done = self.gateway.command("audit", "verify", str(place), "--json", *more)
        report: dict[str, Any] = json.loads(done.stdout)
        self.assertEqual(done.returncode, 0 if report["ok"] else 1)
        return report

    def forge(self, *statements: str) -> pathlib.Path:
        copy = self.folder / "forged.db"
        shutil.copyfile(self.backup, copy)
        connection = sqlite3.connect(copy)
        with connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()
        return copy

    def assert_named(self, row: int, *statements: str) -> None:
        report = self.verify(self.forge(*statements))
        self.assertFalse(report["ok"], f"{statements} was not found")
        named = any(
            one["sequence"] <= row <= one["last"] or re.search(rf"ntry {row}\b", one["sentence"])
            for one in report["findings"]
        )
        self.assertTrue(named, f"{statements}: {report['findings']}")
        type(self).forgeries += 1

    def test_it_is_intact_before_anybody_touches_it(self) -> None:
        self.assertGreaterEqual(self.rows, ROWS)
        for place in (self.backup, self.gateway.data):
            report = self.verify(place, "--head", self.head, "--head", self.head.split()[2])
            self.assertTrue(report["ok"], report)
            self.assertEqual(report["entries"], self.rows)
            self.assertEqual(report["head"], self.head)
        with sqlite3.connect(self.backup) as connection:
            kinds = {row[0] for row in connection.execute("SELECT action FROM audit")}
        self.assertGreaterEqual(len(kinds), 30, kinds)

    def test_every_edit_and_deletion_is_found_and_named(self) -> None:
        for row in range(1, ROWS + 1):
            for column, value in COLUMNS.items():
                self.assert_named(row, f"UPDATE audit SET {column} = {value} WHERE sequence = {row}")
            self.assert_named(row, f"DELETE FROM audit WHERE sequence = {row}")

    def test_every_swap_with_the_next_row_is_found_and_named(self) -> None:
        swapped: dict[str, int] = dict.fromkeys(COLUMNS, 0)
        with sqlite3.connect(self.backup) as connection:
            connection.row_factory = sqlite3.Row
            rows = connection.execute("SELECT * FROM audit ORDER BY sequence").fetchall()
        for one, other in zip(rows[:ROWS], rows[1:]):
            number, next_number = one["sequence"], other["sequence"]
            for column in COLUMNS:
                if one[column] == other[column]:
                    continue
                swapped[column] += 1
                if column == "sequence":
                    self.assert_named(
                        number,
                        f"UPDATE audit SET sequence = -1 WHERE sequence = {number}",
                        f"UPDATE audit SET sequence = {number} WHERE sequence = {next_number}",
                        f"UPDATE audit SET sequence = {next_number} WHERE sequence = -1",
                    )
                    continue
                values = f"(SELECT {column} FROM kept WHERE sequence = {{}}) WHERE sequence = {{}}"
                self.assert_named(
                    number,
                    f"CREATE TEMP TABLE kept AS SELECT sequence, {column} FROM audit",
                    f"UPDATE audit SET {column} = " + values.format(next_number, number),
                    f"UPDATE audit SET {column} = " + values.format(number, next_number),
                )
        print(f"swaps found by column: {swapped}")
        self.assertEqual(swapped.pop("workspace"), 0)  # it is the same in all
        self.assertGreaterEqual(min(swapped.values()), 15, swapped)

    def test_a_cut_tail_shows_only_against_the_head_that_was_exported(self) -> None:
        for last in (self.rows - 1, ROWS // 2, 1):
            # Whoever cuts it mends what the store remembers, too.
            cut = self.forge(
                f"DELETE FROM audit WHERE sequence > {last}",
                f"UPDATE progress SET audit_sequence = {last}, audit_hash ="
                f" (SELECT hash FROM audit WHERE sequence = {last})",
            )
            self.assertTrue(self.verify(cut)["ok"])
            for head in (self.head, self.head.split()[2]):
                report = self.verify(cut, "--head", head)
                self.assertEqual([one["flaw"] for one in report["findings"]], ["head"])
            report = self.verify(cut, "--head", self.head)
            self.assertEqual(report["findings"][0]["sequence"], last + 1)
            self.assertIn("cut off", report["findings"][0]["sentence"])

    def test_the_hash_is_what_the_docs_say(self) -> None:
        """docs/AUDIT.md, in other words."""

        def field(data: bytes) -> bytes:
            return len(data).to_bytes(8, "big") + data

        before = bytes(32)
        with sqlite3.connect(self.backup) as connection:
            connection.row_factory = sqlite3.Row
            rows = connection.execute("SELECT * FROM audit ORDER BY sequence").fetchall()
        self.assertEqual([row["sequence"] for row in rows], list(range(1, self.rows + 1)))
        for row in rows:
            texts = ("actor_name", "action", "target", "from_value", "to_value", "reason")
            hashed = field(before) + field(row["workspace"])
            hashed += row["sequence"].to_bytes(8, "big") + row["at"].to_bytes(8, "big")
            hashed += field(row["actor"]) + b"".join(field(row[text].encode()) for text in texts)
            before = hashlib.blake2b(hashed, digest_size=32).digest()
            self.assertEqual(row["hash"], before)
        self.assertEqual(self.head.split()[2], before.hex())

    def test_an_export_is_checked_without_the_ledger(self) -> None:
        file = self.folder / "audit.jsonl"
        done = self.gateway.command("audit", "export", str(file), "--format", "jsonl")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        report = self.verify(file, "--head", self.head)
        self.assertTrue(report["ok"], report)
        self.assertEqual(report["entries"], self.rows)
        lines = file.read_text().splitlines(keepends=True)

        def flaws(changed: list[str]) -> list[tuple[str, int]]:
            file.write_text("".join(changed))
            found = self.verify(file, "--head", self.head)["findings"]
            return [(one["flaw"], one["sequence"]) for one in found]

        edited = lines[6].replace('"reason":"', '"reason":"not ')
        self.assertEqual(flaws(lines[:6] + [edited] + lines[7:]), [("edited", 7)])
        self.assertEqual(flaws(lines[:6] + lines[7:]), [("missing", 7)])
        self.assertEqual(flaws(lines[:6] + [lines[7], lines[6]] + lines[8:]), [("disorder", 7)])
        self.assertEqual(flaws(lines[:-1]), [("head", self.rows)])
        self.assertIn(("malformed", 0), flaws(lines[:6] + ["{}\n"] + lines[6:]))
        self.assertIn(("repeated", 7), flaws(lines[:7] + lines[6:]))

    def test_the_export_is_for_those_who_may_read_it(self) -> None:
        done = self.gateway.command("audit", "export", "-", "--format", "csv", "--team", "engineering")
        self.assertTrue(done.stdout.startswith("sequence,at,actor,actor_name,action,target,"))
        self.assertIn("team/engineering", done.stdout)
        with self.assertRaises(Refused):
            self.gateway.api("GET", "/api/v1/audit/head", key=self.ana.key)

    def test_no_key_is_in_it(self) -> None:
        with sqlite3.connect(self.backup) as connection:
            trail = repr(connection.execute("SELECT * FROM audit").fetchall())
        self.assertNotIn("psr_", trail)


if __name__ == "__main__":
    unittest.main()
