"""Side by side: the same body to the same stub, straight, through nginx and through Purser."""

from __future__ import annotations

from typing import Any

from load import Bench, body_of

REQUEST_BYTES = 1024
BODIES_BYTES = {"100 KB": 100_000, "1 MB": 1_000_000, "10 MB": 10_000_000}
BODY_CONNECTIONS = 8
VERDICT_CONNECTIONS = 64


def _three(bench: Bench, body: str, connections: int, stream: bool) -> list[dict[str, Any]]:
    found = [bench.measure(bench.stub, body, connections)]
    found[0]["server"] = "direct"
    port = bench.nginx.stream_port if stream else bench.nginx.port
    found.append(bench.measure(bench.nginx, body, connections, port=port))
    found.append(bench.measure(bench.workspace.running, body, connections))
    return found


def answers(bench: Bench, kind: str, connections: list[int]) -> list[dict[str, Any]]:
    """`kind`: JSON of about 1 KB, or a stream of 200 events."""
    stream = kind == "sse"
    body = body_of(REQUEST_BYTES, stream)
    found = []
    for count in connections:
        for figures in _three(bench, body, count, stream):
            found.append({"kind": kind, **figures})
        if stream and count == VERDICT_CONNECTIONS:
            buffered = bench.measure(bench.nginx, body, count)
            found.append({"kind": kind, **buffered, "server": "nginx, buffering"})
    return found


def bodies(bench: Bench, most_bytes: int) -> list[dict[str, Any]]:
    found = []
    for name, size in BODIES_BYTES.items():
        if size <= most_bytes:
            for figures in _three(bench, body_of(size), BODY_CONNECTIONS, False):
                found.append({"kind": name, **figures})
    return found


def pick(rows: list[dict[str, Any]], kind: str, server: str, connections: int) -> dict[str, Any]:
    return next(
        row
        for row in rows
        if (row["kind"], row["server"], row["connections"]) == (kind, server, connections)
    )
