"""Starts `purser serve` on a data directory of its own against the stub provider, fills its
workspace through the REST API, and reads its books: balances as the API shows them, and rows from
the SQLite file for assertions to the nano."""

from __future__ import annotations

import asyncio
import dataclasses
import http.client
import json
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
import unittest
from typing import Any, Callable

from ai_client import Answer, Ask, Connection, ask  # and finds api_answers
from api_answers import Recorder, keep
from command_log_checker import check_ledger
from stub_provider import StubProvider
from waiting import wait_out_midnight

ROOT = pathlib.Path(__file__).resolve().parents[2]
NANOS = 1_000_000_000
SCOPE_KINDS = ["workspace", "team", "user", "membership", "project", "key", "label", "task"]
ESTIMATED, UNCONFIRMED, OVERSPEND, RELEASED, UNPRICED = 1, 2, 4, 8, 16
START_SECONDS = 60
WAIT_SECONDS = 60


def binary() -> str:
    candidates = [os.environ.get("PURSER_BINARY", "")]
    candidates += [str(ROOT / "build" / build / "bin" / "purser") for build in ("release", "debug")]
    for candidate in candidates:
        if candidate and os.access(candidate, os.X_OK):
            return candidate
    raise SystemExit("purser is not built: cmake --build build/release, or set PURSER_BINARY")


def nanos(usd: str) -> int:
    sign = -1 if usd.startswith("-") else 1
    whole, _, part = usd.lstrip("-").partition(".")
    assert len(part) <= 9, usd
    return sign * (int(whole) * NANOS + int(part.ljust(9, "0")))


def usd(amount: int) -> str:
    return f"{amount // NANOS}.{amount % NANOS:09d}"


def wait_until(condition: Callable[[], bool], what: str, seconds: float = WAIT_SECONDS) -> None:
    """For conditions that nobody announces, such as a row in a database: looks again and again."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            raise AssertionError(f"waited {seconds} s in vain for {what}")
        time.sleep(0.005)


@dataclasses.dataclass
class Member:
    name: str
    email: str
    team: str
    key: str
    key_id: str


class Refused(AssertionError):
    def __init__(self, status: int, body: Any):
        super().__init__(f"the API answered {status}: {body}")
        self.status, self.body = status, body


class Gateway:
    """One data directory, and the process on it. `settings` is TOML put before the providers,
    `provider` TOML lines inside each of them."""

    def __init__(self, stub: StubProvider, settings: str = "", provider: str = "", more: str = ""):
        wait_out_midnight()  # not when it starts again, or the wait would end a cycle within a test
        self.stub = stub
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="purser-e2e-"))
        self.data = self.directory / "data"
        self.process: subprocess.Popen[bytes] | None = None
        self.before_command: list[str] = []  # a tracer, say, which then becomes the gateway
        self.port = 0
        self.admin_key = ""
        self.environment: dict[str, str] = {}  # of `serve`, on top of this one's
        base = f"http://127.0.0.1:{stub.port}"
        self.config = self.directory / "purser.toml"
        self.config.write_text(
            'port = 0\nthreads = 2\ncommand_log = true\nask_url = "https://example.com/raise"\n'
            f'{settings}\n[log]\nlevel = "warn"\n'
            f'[[provider]]\nname = "openai"\nbase_url = "{base}"\n'
            f'api_key = "{stub.openai_key}"\n{provider}\n'
            f'[[provider]]\nname = "anthropic"\nbase_url = "{base}"\n'
            f'api_key = "{stub.anthropic_key}"\n{provider}\n{more}\n'
        )

    # Its life.

    def start(self) -> "Gateway":
        ready = self.directory / "ready.json"
        ready.unlink(missing_ok=True)
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PURSER_")}
        command = binary()
        self.log = open(self.directory / "serve.log", "ab")
        self.process = subprocess.Popen(
            [*self.before_command, command, "serve", "--config", str(self.config), "--data-dir", str(self.data)]
            + ["--ready-file", str(ready)],
            env={**environment, **self.environment},
            stdout=self.log,
            stderr=self.log,
        )
        until = time.monotonic() + START_SECONDS
        while not ready.exists():
            try:
                self.process.wait(timeout=0.01)
            except subprocess.TimeoutExpired:
                assert time.monotonic() < until, "purser serve was not ready in time"
                continue
            raise AssertionError(f"purser serve ended: {self.log_text()[-2000:]}")
        self.port = int(json.loads(ready.read_text())["base_url"].rsplit(":", 1)[1])
        self.admin_key = (self.data / "admin.key").read_text().strip()
        return self

    def kill(self) -> None:
        assert self.process
        died = self.process.poll()
        assert died is None, f"it had died already, with {died}: {self.log_text()[-2000:]}"
        self.process.kill()
        self.process.wait()
        self.log.close()
        self.process = None

    def terminate(self) -> int:
        """SIGTERM, and its exit status."""
        assert self.process
        self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def wait(self) -> int:
        assert self.process
        status = self.process.wait(timeout=WAIT_SECONDS)
        self.log.close()
        self.process = None
        return status

    def remove(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
            self.log.close()
        if not os.environ.get("PURSER_KEEP"):
            shutil.rmtree(self.directory, ignore_errors=True)

    def log_text(self) -> str:
        return (self.directory / "serve.log").read_text(errors="replace")

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PURSER_")}
        environment["PURSER_KEY"] = self.admin_key
        with Recorder(f"http://127.0.0.1:{self.port}") as recorder:
            environment["PURSER_URL"] = recorder.url
            return subprocess.run(
                [binary(), *words], env=environment, capture_output=True, text=True, timeout=120
            )

    def verify(self) -> dict[str, Any]:
        """`purser verify` on the data directory; fails unless it is clean."""
        done = self.command("verify", str(self.data), "--json")
        try:
            report = json.loads(done.stdout)
        except ValueError:
            raise AssertionError(f"purser verify: {done.stdout}{done.stderr}") from None
        assert done.returncode == 0 and report["ok"], f"purser verify: {report}"
        return report

    def check_log(self) -> str:
        """The independent replay of the command log; fails unless all of it was right."""
        checker = check_ledger(self.data)
        found = "\n".join(checker.problems[:20])
        assert not checker.problems, f"{checker.summary()}\n{found}"
        return checker.summary()

    # Its REST API.

    def api(self, method: str, path: str, body: Any = None, key: str = "") -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=WAIT_SECONDS)
        fields = {"Authorization": f"Bearer {key or self.admin_key}"}
        data = None
        if body is not None or method in ("POST", "PUT", "PATCH"):
            data = json.dumps(body or {})
            fields["Content-Type"] = "application/json"
        connection.request(method, path, data, fields)
        response = connection.getresponse()
        text = response.read()
        connection.close()
        keep(method, path, response.status, response.getheader("Content-Type"), text)
        answer = json.loads(text)
        if response.status >= 400:
            raise Refused(response.status, answer)
        return answer

    def add_team(self, name: str, month_cap: str = "") -> None:
        body = {"name": name}
        if month_cap:
            body["month_cap_usd"] = month_cap
        self.api("POST", "/api/v1/teams", body)

    def add_member(self, name: str, team: str, month_cap: str, **key: Any) -> Member:
        email = f"{name}@example.com"
        caps = [{"period": "month", "limit_usd": month_cap}]
        self.api(
            "POST",
            "/api/v1/users",
            {"name": name, "email": email, "teams": [team], "caps": caps},
        )
        made = self.api("POST", "/api/v1/keys", {"user": email, "team": team, **key})
        return Member(name, email, team, made["key"], made["id"])

    def set_cap(self, scope: str, name: str, limit: str, period: str = "month", **more: Any) -> Any:
        body = {"scope": scope, "limit_usd": limit, "period": period, **more}
        if name:
            body["name"] = name
        return self.api("PUT", "/api/v1/caps", body)

    def me(self, key: str) -> Any:
        return self.api("GET", "/api/v1/me", key=key)

    def estimate(self, key: str, wanted: Ask) -> Any:
        body = {"path": wanted.path, "request": wanted.request()}
        return self.api("POST", "/api/v1/estimate", body, key=key)

    # Its books.

    def books(self) -> "Books":
        return Books(self.data / "ledger.db")


@dataclasses.dataclass
class Account:
    scope: str
    scope_id: bytes
    period: int
    enforcement: int
    limit: int
    spent: int
    held: int
    excess: int
    cap: bytes
    cycle_start: int
    cycle_end: int

    @property
    def pause_margin(self) -> int:
        return min(NANOS // 20, self.limit // 200)

    @property
    def paused(self) -> bool:
        return self.spent >= self.limit - self.pause_margin

    def counts(self, usage: sqlite3.Row) -> bool:
        """Whether this usage falls under the account, by who it was for and when."""
        mine = self.scope == "workspace" or usage[self.scope] == self.scope_id
        return mine and self.cycle_start <= usage["reserved_at"] < self.cycle_end

    @property
    def hard(self) -> bool:
        return self.enforcement == 0


class Books:
    """The database, read only. Use on one thread."""

    def __init__(self, file: pathlib.Path):
        self.db = sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10)
        self.db.row_factory = sqlite3.Row

    def __enter__(self) -> "Books":
        return self

    def __exit__(self, *_: object) -> None:
        self.db.close()

    def accounts(self) -> list[Account]:
        rows = self.db.execute(
            "SELECT c.scope_kind, c.scope_id, c.period, c.enforcement, a.limit_nanos, a.spent_nanos,"
            " a.held_nanos, a.excess, a.cap, a.cycle_start, a.cycle_end FROM accounts a JOIN caps c"
            " ON c.workspace = a.workspace AND c.id = a.cap"
        )
        return [Account(SCOPE_KINDS[row[0]], *row[1:]) for row in rows]

    def usages(self) -> list[sqlite3.Row]:
        return self.db.execute(
            "SELECT u.*, u.cost_nanos + (SELECT coalesce(sum(delta_nanos), 0) FROM adjustments d"
            " WHERE d.workspace = u.workspace AND d.request = u.request) AS total_nanos"
            " FROM usages u ORDER BY sequence"
        ).fetchall()

    def usage_of(self, id: str) -> sqlite3.Row | None:
        rows = [row for row in self.usages() if row["end_user"] == id]
        assert len(rows) <= 1, f"{id} has {len(rows)} usages"
        return rows[0] if rows else None

    def holds(self) -> list[sqlite3.Row]:
        return self.db.execute("SELECT * FROM holds").fetchall()

    def snapshot(self) -> tuple[list[Account], list[sqlite3.Row]]:
        """Accounts and holds of one instant."""
        self.db.execute("BEGIN")
        try:
            return self.accounts(), self.holds()
        finally:
            self.db.execute("COMMIT")


class GatewayCase(unittest.TestCase):
    """A stub and a gateway for the tests of one class. At the end of each test nothing is held, and
    the stub has nothing to complain of."""

    settings = ""
    provider = ""
    more = ""
    stub: StubProvider
    gateway: Gateway
    ana: Member
    count = 0

    @classmethod
    def setUpClass(cls) -> None:
        cls.stub = StubProvider()
        cls.stub.start()
        cls.addClassCleanup(cls.stub.stop)
        cls.gateway = Gateway(cls.stub, cls.settings, cls.provider, cls.more)
        cls.addClassCleanup(cls.gateway.remove)
        cls.gateway.start()
        cls.fill()

    @classmethod
    def fill(cls) -> None:
        cls.gateway.add_team("engineering", "1000")
        cls.ana = cls.gateway.add_member("ana", "engineering", "100")

    @classmethod
    def tearDownClass(cls) -> None:
        if not cls.gateway.process:
            return
        with cls.gateway.books() as books:
            wait_until(lambda: not books.holds(), "the last hold to be settled")
        print(f"{cls.__name__}: {cls.gateway.check_log()}")

    def tearDown(self) -> None:
        if self.gateway.process:
            self.assertEqual(self.held(), 0, "something is still held")
        self.assertEqual(self.stub.problems, [])

    def sequence(self) -> int:
        """The number of the last command, once the alerts of what happened are on their way."""
        with self.gateway.books() as books:
            unplanned = "SELECT COUNT(*) FROM outbox WHERE planned_at IS NULL"
            wait_until(lambda: not books.db.execute(unplanned).fetchone()[0], "the last alert")
            return int(books.db.execute("SELECT sequence FROM progress").fetchone()[0])

    def run_ask(self, wanted: Ask, key: str = "", **more: Any) -> Answer:
        return asyncio.run(ask(self.gateway.port, key or self.ana.key, wanted, **more))

    def next_id(self) -> str:
        type(self).count += 1
        return f"{type(self).__name__}-{self.count}"

    def held(self) -> int:
        with self.gateway.books() as books:
            wait_until(lambda: not books.holds(), "the last hold to be settled")
            return sum(account.held for account in books.accounts())

    def booked(self, id: str) -> sqlite3.Row:
        """The usage of a request, once it has been settled."""
        with self.gateway.books() as books:
            wait_until(lambda: books.usage_of(id) is not None, f"the usage of {id}")
            row = books.usage_of(id)
        assert row is not None
        return row


__all__ = [
    "Account", "Answer", "Ask", "Books", "Connection", "Gateway", "GatewayCase", "Member", "NANOS",
    "Refused", "ask", "binary", "nanos", "usd", "wait_until",
]  # fmt: skip
