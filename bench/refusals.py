"""What a refused retry of 1 KB costs: on a paused cap, where the body is not even parsed, and for spend
on a cap that is not paused, where it does not fit."""

from __future__ import annotations

import urllib.request
from decimal import Decimal
from typing import Any

from compare import REQUEST_BYTES, VERDICT_CONNECTIONS
from load import Bench, body_of
from workspace import CAP_USD

DEAR_MODEL = "gpt-4"  # the body's 400 tokens of its output and 1 KB of input: USD 0.055 at most
LEFT_USD = Decimal("0.052")  # too little for that, and above the largest pause margin (0.05)


def run(bench: Bench) -> dict[str, Any]:
    workspace, body = bench.workspace, body_of(REQUEST_BYTES)

    def limit(usd: str) -> None:
        cap = {"scope": "workspace", "period": "month", "limit_usd": usd, "reason": "bench"}
        workspace.api("PUT", "/api/v1/caps", cap)

    def refused(text: str) -> dict[str, Any]:
        return bench.measure(workspace.running, text, VERDICT_CONNECTIONS, status=402)

    _spend(bench, body)
    try:
        limit(str(_spent(bench) + LEFT_USD))
        too_large = refused(body_of(REQUEST_BYTES, model=DEAR_MODEL))
        limit("0.000000001")
        paused = refused(body)
    finally:
        limit(CAP_USD)
    return {
        "refused_retry_cpu_us": round(paused["cpu_us"], 2),
        "refused_for_spend_cpu_us": round(too_large["cpu_us"], 2),
        "refusals": {"paused": paused, "for_spend": too_large},
    }


def _spend(bench: Bench, body: str) -> None:
    with open(bench.workspace.keys) as keys:
        key = keys.readline().strip()
    request = urllib.request.Request(
        f"http://127.0.0.1:{bench.workspace.running.port}/v1/chat/completions",
        data=body.encode(),
        headers={"Authorization": "Bearer " + key, "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        answer.read()


def _spent(bench: Bench) -> Decimal:
    caps = bench.workspace.api("GET", "/api/v1/caps?scope=workspace", None)["items"]
    return Decimal(caps[0]["spent_usd"]) + Decimal(caps[0]["held_usd"])
