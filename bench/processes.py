"""The processes of a run: started, measured by CPU time and memory, and stopped."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import time
import urllib.request
from typing import Any, Iterator

HERE = pathlib.Path(__file__).resolve().parent
START_SECONDS = 60


class BenchError(Exception):
    """A run whose figures would mean nothing."""


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def wait_for_port(port: int, process: subprocess.Popen[Any]) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            raise BenchError(f"{process.args} ended with {process.returncode}")
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.005)
    raise BenchError(f"nothing listens on port {port}")


class Server:
    """A process with its children: what a request costs it."""

    def __init__(self, name: str, process: subprocess.Popen[Any], port: int):
        self.name, self.process, self.port = name, process, port

    def _family(self) -> list[pathlib.Path]:
        found = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True)
        pids = [self.process.pid] + [int(pid) for pid in found.stdout.split()]
        return [pathlib.Path(f"/proc/{pid}") for pid in pids]

    def cpu_us(self) -> float:
        """User and system time of all threads so far."""
        total_ns = 0
        for place in self._family():
            for task in (place / "task").iterdir():
                with contextlib.suppress(FileNotFoundError):
                    total_ns += int((task / "schedstat").read_text().split()[0])
        return total_ns / 1000

    def memory_bytes(self) -> int:
        """Proportional set size: what workers share is counted once."""
        total = 0
        for place in self._family():
            for line in (place / "smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) * 1024
        return total

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Stub(Server):
    """bench/stub_upstream.cpp."""

    def __init__(self, bin: pathlib.Path):
        process = subprocess.Popen([str(bin / "stub_upstream")], stdout=subprocess.PIPE, text=True)
        assert process.stdout
        super().__init__("stub", process, int(process.stdout.readline()))
        self.delay_us = 0

    def _control(self, what: str) -> dict[str, int]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/stub/{what}", timeout=10) as answer:
            return json.loads(answer.read())

    def counters(self) -> dict[str, int]:
        return self._control("counters")

    def delay(self, microseconds: int) -> None:
        self._control(f"delay?{microseconds}")
        self.delay_us = microseconds

    @contextlib.contextmanager
    def slow(self, microseconds: int) -> Iterator[None]:
        before = self.delay_us
        self.delay(microseconds)
        yield
        self.delay(before)

    def hold(self, events: int) -> None:
        self._control(f"hold?{events}")


class Nginx(Server):
    """`port` buffers answers, `stream_port` does not."""

    def __init__(self, folder: pathlib.Path, stub_port: int):
        place = folder / "nginx"
        place.mkdir()
        self.stream_port = free_port()
        port = free_port()
        text = (HERE / "nginx.conf.in").read_text()
        values = {
            "WORKERS": os.cpu_count(),
            "FOLDER": place,
            "STUB_PORT": stub_port,
            "PORT": port,
            "STREAM_PORT": self.stream_port,
        }
        for name, value in values.items():
            text = text.replace(f"@{name}@", str(value))
        (place / "nginx.conf").write_text(text)
        command = ["nginx", "-p", str(place), "-c", str(place / "nginx.conf")]
        super().__init__("nginx", subprocess.Popen(command, stderr=subprocess.DEVNULL), port)
        wait_for_port(port, self.process)
