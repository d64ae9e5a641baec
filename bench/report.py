"""The run's figures as text, or as the tables of docs/PERFORMANCE.md."""

from __future__ import annotations

from typing import Any

from verdicts import judge

NAMES = {"json": "JSON, 1 KB", "sse": "stream, 200 events"}


def _table(head: list[str], rows: list[list[str]], markdown: bool) -> str:
    if markdown:
        lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
        return "\n".join("| " + " | ".join(line) + " |" for line in lines)
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths))
        ).rstrip()
        for row in [head, *rows]
    )


def _machine(found: dict[str, Any]) -> str:
    m = found["machine"]
    text = (
        f"Commit {m['commit']}, {m['date']}: {m['processor']}, {m['cores']} cores, {m['memory_gb']} GB,"
        f" Linux {m['kernel']}; load before {m['load_before']}. Data on {found['file_system']}, a sync takes"
        f" {found['sync_p50_us']:.0f} µs (p50), {found['sync_p99_us']:.0f} µs (p99)."
    )
    if "syncs" in found:
        text += f" Purser's commits in all, each one sync: {found['syncs']:,}."
    return text


def _runs(found: dict[str, Any], markdown: bool) -> str:
    head = ["what", "connections", "server", "requests/s", "p50 ms", "p99 ms", "CPU µs a request"]
    head += ["stub's", "load's", "memory MB", "commands a commit"]
    rows = []
    for row in found["runs"]:
        # Straight to the stub, the server is the stub.
        cpu = "" if row["server"] == "direct" else f"{row['cpu_us']:.1f}"
        rows.append(
            [
                NAMES.get(row["kind"], "JSON, " + row["kind"]),
                str(row["connections"]),
                row["server"],
                f"{row['per_s']:,.0f}",
                f"{row['p50_us'] / 1000:.2f}",
                f"{row['p99_us'] / 1000:.2f}",
                cpu,
                f"{row['stub_cpu_us']:.1f}",
                f"{row['load_cpu_us']:.1f}",
                f"{row['memory_bytes'] / 1e6:.0f}",
                f"{row['commands_a_commit']:.1f}" if "commands_a_commit" in row else "",
            ]
        )
    return _table(head, rows, markdown)


def _steady(found: dict[str, Any], markdown: bool) -> str:
    rows = []
    for name in ("nginx", "purser"):
        before = "" if name == "purser" else "nginx_"
        steady = found["steady"][name]
        rows.append(
            [
                name,
                f"{found[before + 'added_p50_us']:,.0f}",
                f"{found[before + 'added_p99_us']:,.0f}",
                f"{steady['p50_us']:,.0f}",
                f"{steady['p99_us']:,.0f}",
            ]
        )
    head = ["1,000 requests/s, 20 ms upstream", "added p50 µs", "added p99 µs", "p50 µs", "p99 µs"]
    return _table(head, rows, markdown)


def _growth(found: dict[str, Any], markdown: bool) -> str:
    rows = [
        [f"{row['users']:,}", f"{row['usages']:,}", f"{row['cpu_us']:.1f}", f"{row['nginx_cpu_us']:.1f}"]
        for row in found["growth"]
    ]
    return _table(["users", "usage rows", "CPU µs a request", "nginx's"], rows, markdown)


def text(found: dict[str, Any], markdown: bool = False) -> str:
    parts = [_machine(found)]
    verdicts = [[v.what, v.figure, v.target, v.word] for v in judge(found)]
    if verdicts:
        parts.append(_table(["target", "figure", "wanted", "verdict"], verdicts, markdown))
    if found.get("runs"):
        parts.append(_runs(found, markdown))
    if "steady" in found:
        parts.append(_steady(found, markdown))
    if "growth" in found:
        parts.append(_growth(found, markdown))
    if "hold_to_cost_p50" in found:
        parts.append(
            "Agents: hold ÷ cost is"
            f" {found['hold_to_cost_p50']} in the median, {found['hold_to_cost_p95']} at the 95th percentile."
        )
    return "\n\n".join(parts)
