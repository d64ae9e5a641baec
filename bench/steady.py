"""What Purser adds to an answer that takes 20 ms: at a steady 1,000 requests a second, due whether
answers come or not, and on one connection by itself. Added is the difference of percentiles."""

from __future__ import annotations

from typing import Any

from compare import REQUEST_BYTES
from load import Bench, body_of

UPSTREAM_US = 20_000
RATE = 1000
CONNECTIONS = 256


def run(bench: Bench) -> dict[str, Any]:
    body = body_of(REQUEST_BYTES)
    bench.stub.delay(UPSTREAM_US)
    try:
        steady, alone = {}, {}
        for name, server in zip(("direct", "nginx", "purser"), bench.targets):
            steady[name] = bench.measure(server, body, CONNECTIONS, rate=RATE)
            alone[name] = bench.measure(server, body, 1)
    finally:
        bench.stub.delay(0)

    def added(runs: dict[str, Any], name: str, percentile: str) -> float:
        return round(runs[name][percentile] - runs["direct"][percentile], 1)

    return {
        "added_p50_us": added(steady, "purser", "p50_us"),
        "added_p99_us": added(steady, "purser", "p99_us"),
        "added_p50_us_one_connection": added(alone, "purser", "p50_us"),
        "nginx_added_p50_us": added(steady, "nginx", "p50_us"),
        "nginx_added_p99_us": added(steady, "nginx", "p99_us"),
        "steady": steady,
        "one_connection": alone,
    }
