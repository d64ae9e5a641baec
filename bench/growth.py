"""How the cost of a request grows with the number of users, and with the length of the history."""

from __future__ import annotations

import pathlib
import shutil
import statistics
from typing import Any, Callable

from compare import REQUEST_BYTES, VERDICT_CONNECTIONS
from load import Bench, body_of
from workspace import Workspace

USERS = (10, 1_000, 100_000)
USAGES = (0, 1_000_000, 10_000_000)
KEYS_MEASURED = 1000  # a thousand clients, however many users there are
ROUNDS = 3


def _measure(bench: Bench, users: int, usages: int) -> dict[str, Any]:
    """Purser's CPU a request. nginx's stands beside it, so that a machine that was busy shows."""
    body = body_of(REQUEST_BYTES)
    nginx, ours = [], []
    for _ in range(ROUNDS):
        nginx.append(bench.measure(bench.nginx, body, VERDICT_CONNECTIONS)["cpu_us"])
        ours.append(bench.measure(bench.workspace.running, body, VERDICT_CONNECTIONS)["cpu_us"])
    return {
        "users": users,
        "usages": usages,
        "cpu_us": statistics.median(ours),
        "nginx_cpu_us": statistics.median(nginx),
    }


def _keep_some_keys(file: pathlib.Path) -> None:
    keys = file.read_text().split()
    step = max(1, len(keys) // KEYS_MEASURED)
    file.write_text("\n".join(keys[::step][:KEYS_MEASURED]) + "\n")


def run(bench: Bench, scale: float, say: Callable[[str], None]) -> dict[str, Any]:
    """`scale` shortens both rows."""
    rows = []
    usual = bench.workspace
    usual.stop()
    for users in USERS:
        users = max(1, int(users * scale))
        bench.workspace = Workspace(bench.folder / f"users-{users}", bench.bin, bench.stub.port)
        say(f"growth: {users} users")
        bench.workspace.start()
        bench.workspace.fill(users)
        _keep_some_keys(bench.workspace.keys)
        rows.append(_measure(bench, users, 0))
        bench.workspace.stop()
        shutil.rmtree(bench.workspace.folder)
    bench.workspace = Workspace(bench.folder / "usages", bench.bin, bench.stub.port)
    bench.workspace.start()
    bench.workspace.fill(1000)
    there = 0
    for usages in USAGES:
        usages = int(usages * scale)
        say(f"growth: {usages} usage rows")
        bench.workspace.stop()
        bench.workspace.add_usage(max(0, usages - there), 0)
        there = max(there, usages)
        bench.workspace.start()
        rows.append(_measure(bench, 1000, usages))
    bench.workspace.stop()
    shutil.rmtree(bench.workspace.folder)
    bench.workspace = usual
    usual.start()

    def spread(some: list[dict[str, Any]]) -> float:
        return round(max(row["cpu_us"] for row in some) / some[0]["cpu_us"] - 1, 3)

    return {
        "growth": rows,
        "growth_users": spread(rows[: len(USERS)]),
        "growth_usages": spread(rows[len(USERS) :]),
    }
