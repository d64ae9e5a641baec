"""The ledger in memory and through SQLite (ledger_bench, store_bench), and utilisation."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
from typing import Any

from machine import ROOT
from processes import BenchError

MANY_USERS = 1000


def _json(command: list[str], **environment: str) -> dict[str, Any]:
    done = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, **environment}
    )
    if not done.stdout.startswith("{"):
        raise BenchError(f"{command[0]} failed: {done.stderr.strip()[-1000:]}")
    return json.loads(done.stdout)


def ledger(bin: pathlib.Path, folder: pathlib.Path, seconds: int) -> dict[str, Any]:
    found = _json([str(bin / "ledger_bench"), "--json", "--seconds", str(seconds)])
    for in_flight, name in ((64, "ledger_sqlite_ops_per_s_64"), (512, "ledger_sqlite_ops_per_s")):
        for users, suffix in ((1, ""), (MANY_USERS, f"_{MANY_USERS}_users")):
            place = folder / f"store-{in_flight}-{users}"
            place.mkdir()
            command = [str(bin / "store_bench"), "--json", "--in-flight", str(in_flight)]
            command += ["--users", str(users), "--seconds", str(seconds), "--directory", str(place)]
            figures = _json(command)
            found[name + suffix] = figures.pop("ledger_sqlite_ops_per_s")
            found[f"store_{in_flight}{suffix}"] = figures
    return found


def utilisation(bin: pathlib.Path, quick: bool) -> dict[str, Any]:
    command = [str(ROOT / "bench/utilisation"), "--json"]
    if quick:
        command += ["--speed", "1000", "--limit", "3"]
    return _json(command, PURSER_BINARY=str(bin / "purser"))
