"""How long it takes until Purser serves again after a crash, with a long history behind it."""

from __future__ import annotations

import statistics
from typing import Any

from load import Bench


def run(bench: Bench, usages: int, holds: int, rounds: int) -> dict[str, Any]:
    """Leaves the workspace running, with the usages in it."""
    workspace = bench.workspace
    workspace.stop()
    took = []
    for i in range(rounds):
        workspace.add_usage(0 if i else usages, holds)
        took.append(workspace.start() * 1000)
        expired = workspace.metrics()["purser_unconfirmed_at_start_total"]
        assert expired == holds, f"{expired} holds were found open, not {holds}"
        if i + 1 < rounds:
            workspace.stop()
    workspace.stop()
    report = workspace.verify()
    workspace.start()
    return {
        "startup_ms": round(statistics.median(took), 1),
        "startup_ms_rounds": [round(each, 1) for each in took],
        "startup_usages": report["usages"],
        "startup_holds": holds,
    }
