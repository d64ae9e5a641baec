"""The targets, and whether a run met them. Where the disk is slower than a target supposes, its figure
stands without a verdict."""

from __future__ import annotations

import dataclasses
from typing import Any

FAST_SYNC_P99_US = 350  # the disk for which the store's targets were set


@dataclasses.dataclass
class Verdict:
    what: str
    figure: str
    target: str
    met: bool | None  # None: not on this machine, see `target`

    @property
    def word(self) -> str:
        return {True: "met", False: "MISSED", None: "no verdict"}[self.met]


def _ratio(found: dict[str, Any], name: str, what: str) -> Verdict:
    ratio = found[name]
    stretch = ", and the stretch of 2.0" if ratio <= 2.0 else ""
    return Verdict(what, f"{ratio:.2f} × nginx", f"at most 2.5 × nginx{stretch}", ratio <= 2.5)


def _most(what: str, figure: float, most: float, unit: str) -> Verdict:
    return Verdict(what, f"{figure:,.0f} {unit}", f"at most {most:,.0f} {unit}", figure <= most)


def _least(
    what: str, figure: float, least: float, judged: bool = True, beside: str = ""
) -> Verdict:
    target = f"at least {least:,.0f} a second"
    if not judged:
        target += f" where a sync's p99 is at most {FAST_SYNC_P99_US} µs"
    return Verdict(what, f"{figure:,.0f} a second{beside}", target, figure >= least if judged else None)


def judge(found: dict[str, Any]) -> list[Verdict]:
    """Of the figures that are there. A quick run's say too little for a verdict."""
    said = []
    sync_p50, sync_p99 = found["sync_p50_us"], found["sync_p99_us"]
    fast = sync_p99 <= FAST_SYNC_P99_US
    if "cpu_ratio_vs_nginx" in found:
        said.append(_ratio(found, "cpu_ratio_vs_nginx", "CPU a request, JSON, 64 connections"))
    if "cpu_ratio_vs_nginx_sse" in found:
        said.append(_ratio(found, "cpu_ratio_vs_nginx_sse", "CPU a stream of 200 events, 64 connections"))
    if "added_p99_us" in found:
        what = "added p99 at 1,000 requests/s, twice a sync's p99 + 0.5 ms"
        said.append(_most(what, found["added_p99_us"], 2 * sync_p99 + 500, "µs"))
        what = "added p50 on one connection, a sync + 0.3 ms"
        said.append(_most(what, found["added_p50_us_one_connection"], sync_p50 + 300, "µs"))
    if "stream_bytes_each" in found:
        said.append(_most("memory of an open stream", found["stream_bytes_each"], 100_000, "bytes"))
    if "refused_retry_cpu_us" in found:
        for name, where in (("refused_retry_cpu_us", "on a paused cap"), ("refused_for_spend_cpu_us", "for spend")):
            said.append(_most(f"CPU of a refused retry {where}, 1 KB", found[name], 15, "µs"))
    if "ledger_memory_ops_per_s" in found:
        figure = found["ledger_memory_ops_per_s"]
        said.append(_least("ledger in memory, reserve + settle", figure, 1_000_000))
        for name, in_flight, least in (
            ("ledger_sqlite_ops_per_s", 512, 100_000),
            ("ledger_sqlite_ops_per_s_64", 64, 45_000),
        ):
            # The same three accounts for all; and with a thousand users, each with a cap.
            many = f" (1,000 users: {found[name + '_1000_users']:,.0f})"
            what = f"ledger through SQLite, {in_flight} in flight"
            said.append(_least(what, found[name], least, fast, many))
    if "startup_ms" in found:
        what = f"start-up, {found['startup_usages']:,} usage rows, {found['startup_holds']:,} open holds"
        said.append(_most(what, found["startup_ms"], 1000, "ms"))
    if "utilisation_single" in found:
        for name, least, what in (
            ("utilisation_single", 0.95, "of a cap spent by one agent before its first 402"),
            ("utilisation_parallel8", 0.90, "of a cap spent by eight agents in parallel"),
        ):
            met = found[name] >= least
            said.append(Verdict(what, f"{found[name]:.1%}", f"at least {least:.0%}", met))
        at = found["first_failed_for_holds_at"]
        first = "never" if at is None else f"at {at:.1%}"
        what = "first request that failed for others' holds"
        said.append(Verdict(what, first, "not before 75 %", at is None or at >= 0.75))
    for name, what in (("growth_users", "10 to 100,000 users"), ("growth_usages", "0 to 10 million usage rows")):
        if name in found:
            what = f"CPU a request, {what}"
            said.append(Verdict(what, f"{found[name]:+.1%}", "within 20 %", found[name] <= 0.20))
    for verdict in said:
        verdict.met = None if found["quick"] else verdict.met
    return said
