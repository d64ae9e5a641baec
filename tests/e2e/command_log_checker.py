#!/usr/bin/env python3
"""Replays the command log of a ledger (setting `command_log`) and says whether each decision in it
was right, and whether balances, holds, usages and limits in the tables are what the log makes them.
It shares nothing with the gateway: command_log_model.py has the rules, this file the rows.

    command_log_checker.py DATA_DIRECTORY_OR_FILE

The last line has the counts; the exit status is 1 where anything is off. The ledger may be in use:
all is read in one snapshot. The log must go back to the first command.
"""

from __future__ import annotations

import json
import pathlib
import sqlite3
import sys
from typing import Any, Iterator

from command_log_model import Account, Model

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
PREFIXES = ["wsp", "team", "usr", "mem", "prj", "key", "lbl", "task"]
COLUMNS = ["team", "user", "membership", "project", "key", "label", "task"]
PERIODS = ["day", "week", "month", "quarter", "year", "none"]


def id_text(prefix: str, id: bytes) -> str:
    number = int.from_bytes(id, "big")
    return f"{prefix}_" + "".join(ALPHABET[number >> 5 * i & 31] for i in reversed(range(26)))


class Checker:
    def __init__(self, db: sqlite3.Connection):
        self.db = db
        self.model = Model()
        self.problems = self.model.problems

    def run(self) -> None:
        self.db.row_factory = sqlite3.Row
        self.db.execute("BEGIN")
        for row in self.db.execute("SELECT * FROM command_log ORDER BY sequence"):
            try:
                inputs, outcome = json.loads(row["inputs"]), json.loads(row["outcome"])
                self.model.apply(row["sequence"], row["at"], row["command"], inputs, outcome)
            except (KeyError, ValueError, TypeError, AttributeError) as error:
                self.problems.append(f"command {row['sequence']} makes no sense: {error!r}")
        (last,) = self.db.execute("SELECT sequence FROM progress").fetchone()
        self.check(last == self.model.sequence, f"the log ends before command {last}")
        self.check_accounts()
        self.check_caps()
        self.check_requests()
        self.check_marks()
        self.db.execute("COMMIT")

    def check(self, holds: bool, otherwise: str) -> None:
        if not holds:
            self.problems.append(otherwise)

    def compare(self, what: str, rows: dict[Any, Any], mine: dict[Any, Any]) -> None:
        for key in rows.keys() | mine.keys():
            row, own = rows.get(key), mine.get(key)
            self.check(row == own, f"{what} {key}: the table has {row}, the log makes it {own}")
        self.model.counts["rows compared"] += len(rows)

    def check_accounts(self) -> None:
        rows = {}
        for row in self.db.execute("SELECT * FROM accounts"):
            key = (id_text("cap", row["cap"]), row["cycle_start"])
            rows[key] = tuple(
                row[name] for name in ("cycle_end", "limit_nanos", "spent_nanos", "held_nanos")
            )
        self.compare(
            "account",
            rows,
            {(a.cap.id, a.start): (a.end, a.limit, a.spent, a.held) for a in self.accounts()},
        )

    def accounts(self) -> Iterator[Account]:
        for cap in self.model.caps.values():
            yield from cap.accounts

    def check_caps(self) -> None:
        rows = {}
        for row in self.db.execute("SELECT * FROM caps"):
            temporary = None
            if row["temporary_until"] is not None:
                temporary = (row["temporary_limit_nanos"], row["temporary_until"])
            rows[id_text("cap", row["id"])] = (
                id_text(PREFIXES[row["scope_kind"]], row["scope_id"]),
                PERIODS[row["period"]],
                row["enforcement"] == 0,
                row["limit_nanos"],
                temporary,
                row["ended_at"] is not None,
            )
        mine = {
            id: (cap.scope, cap.period, cap.hard, cap.limit, cap.temporary, bool(cap.ended))
            for id, cap in self.model.caps.items()
        }
        self.compare("cap", rows, mine)

    def check_requests(self) -> None:
        """Holds and usages; and that the scopes named in each reserve were the request's own."""
        open_ones, ended, adjusted = {}, {}, {}
        members = {
            row["id"]: (row["user_id"], row["team"], row["membership"])
            for row in self.db.execute(
                "SELECT k.id, m.user_id, m.team, k.membership FROM keys k JOIN memberships m"
                " ON m.workspace = k.workspace AND m.id = k.membership"
            )
        }
        for row in self.db.execute("SELECT * FROM holds"):
            id = self.check_scopes(row, members)
            open_ones[id] = (row["sequence"], row["reserved_at"], row["amount_nanos"])
        for row in self.db.execute("SELECT * FROM usages"):
            id = self.check_scopes(row, members)
            ended[id] = tuple(
                row[name]
                for name in (
                    "reserve_sequence", "sequence", "reserved_at", "hold_nanos", "cost_nanos"
                )
            ) + (bool(row["flags"] & 2),)  # fmt: skip
        for row in self.db.execute("SELECT * FROM adjustments"):
            adjusted[row["sequence"], id_text("req", row["request"])] = row["delta_nanos"]
        requests = self.model.requests.items()
        self.compare(
            "hold",
            open_ones,
            {id: (r.reserved, r.at, r.amount) for id, r in self.model.holds.items()},
        )
        self.compare(
            "usage",
            ended,
            {
                id: (r.reserved, r.settled, r.at, r.amount, r.cost, r.unconfirmed)
                for id, r in requests
                if r.settled
            },
        )
        mine = {(sequence, id): delta for sequence, id, delta in self.model.adjustments}
        self.compare("adjustment", adjusted, mine)

    def check_scopes(self, row: sqlite3.Row, members: dict[bytes, Any]) -> str:
        id = id_text("req", row["request"])
        request = self.model.requests.get(id)
        if request is None:
            return id  # `compare` will say so
        expected = {id_text("wsp", row["workspace"])}
        for prefix, name in zip(PREFIXES[1:], COLUMNS):
            if any(row[name]):
                expected.add(id_text(prefix, row[name]))
        named = set(request.scopes)
        self.check(named == expected, f"{id} is of {expected}, and was held to {named}")
        mine = (row["user"], row["team"], row["membership"])
        known = members.get(row["key"], mine)
        self.check(mine == known, f"{id} was booked on another user or team than its key's")
        return id

    def check_marks(self) -> None:
        rows = self.db.execute("SELECT id, identity_version FROM keys")
        self.compare(
            "key",
            {id_text("key", row[0]): row[1] for row in rows},
            {key: version for key, (version, _) in self.model.keys.items()},
        )
        rows = self.db.execute("SELECT kind, id FROM scopes WHERE stopped")
        stopped = {id_text(PREFIXES[row[0]], row[1]): True for row in rows}
        self.compare("stop", stopped, dict.fromkeys(self.model.stopped, True))
        rows = self.db.execute("SELECT model FROM model_overspends WHERE open")
        overspent = {row[0]: True for row in rows}
        self.compare("overspend", overspent, dict.fromkeys(self.model.overspent, True))

    def summary(self) -> str:
        counts = self.model.counts
        refused = {k[9:]: n for k, n in sorted(counts.items()) if k.startswith("refused: ")}
        reasons = ", ".join(f"{n} {name}" for name, n in refused.items())
        return (
            f"command log: {counts['commands']} commands; {counts['grants']} grants had room in"
            f" {counts['hard caps that had room']} hard caps; {sum(refused.values())} refusals were"
            f" due ({reasons or 'none'}); {counts['settle']} settles, {counts['expire']} expired,"
            f" {counts['adjust']} adjusted; {counts['change']} changes ({counts['limits lowered']}"
            f" limits lowered, {counts['keys revoked']} keys revoked, {counts['stop']} stops);"
            f" {counts['rows compared']} rows compared; {len(self.problems)} problems"
        )


def check_ledger(file: pathlib.Path) -> Checker:
    file = file / "ledger.db" if file.is_dir() else file
    db = sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=30, isolation_level=None)
    checker = Checker(db)
    try:
        checker.run()
    finally:
        db.close()
    if checker.model.counts["commands"] == 0:
        checker.problems.append("the command log is empty: was the setting on?")
    return checker


def main() -> int:
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        print(__doc__.strip())
        return 0 if sys.argv[1:] == ["--help"] else 2
    checker = check_ledger(pathlib.Path(sys.argv[1]))
    for problem in checker.problems[:50]:
        print(problem, file=sys.stderr)
    print(checker.summary())
    return 1 if checker.problems else 0


if __name__ == "__main__":
    sys.exit(main())
