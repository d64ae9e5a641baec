"""What a figure is worth nothing without: the machine, the commit, the disk and its syncs."""

from __future__ import annotations

import os
import pathlib
import platform
import subprocess
import time
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parent.parent
SYNCS = 400
IN_MEMORY = ("tmpfs", "ramfs", "overlay on tmpfs")


def _first(text: str, name: str) -> str:
    for line in text.splitlines():
        if line.startswith(name):
            return line.split(":", 1)[1].strip()
    return ""


def describe() -> dict[str, Any]:
    commit = subprocess.run(
        ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--exclude=*"],
        capture_output=True,
        text=True,
    ).stdout.strip()
    memory_kb = int(_first(pathlib.Path("/proc/meminfo").read_text(), "MemTotal").split()[0])
    return {
        "commit": commit or "unknown",
        "date": time.strftime("%Y-%m-%d"),
        "processor": _first(pathlib.Path("/proc/cpuinfo").read_text(), "model name"),
        "cores": os.cpu_count(),
        "memory_gb": round(memory_kb / 1024 / 1024),
        "kernel": platform.release(),
        "load_before": round(os.getloadavg()[0], 2),
    }


def file_system(folder: pathlib.Path) -> str:
    best, kind = "", "unknown"
    for line in pathlib.Path("/proc/mounts").read_text().splitlines():
        _, place, this = line.split(" ")[:3]
        place = place.replace("\\040", " ")
        inside = place == "/" or str(folder) == place or str(folder).startswith(place + "/")
        if inside and len(place) >= len(best):
            best, kind = place, this
    return kind


def sync_latency_us(folder: pathlib.Path) -> tuple[float, float]:
    """p50 and p99 of a 4 KiB append and its sync, as the ledger's log does it."""
    took = []
    place = folder / "sync"
    with open(place, "wb", buffering=0) as file:
        for _ in range(SYNCS):
            file.write(b"x" * 4096)
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            took.append((time.perf_counter() - began) * 1e6)
    place.unlink()
    took.sort()
    return took[SYNCS // 2], took[SYNCS * 99 // 100]
