"""Runs bench/http_load.cpp against one server, and says what the servers used meanwhile."""

from __future__ import annotations

import json
import pathlib
import subprocess
from typing import Any

from processes import BenchError, Nginx, Server, Stub
from workspace import Workspace

MODEL = "gpt-4o-mini"
WARM_UP_MS = 1000
ALL_AT_ONCE_US = 50_000
MOST_NEW_CONNECTIONS = 0.01


def body_of(size_bytes: int, stream: bool = False, model: str = MODEL) -> str:
    """A chat request of this size; the stub looks for `stream` at its beginning."""
    request: dict[str, Any] = {"stream": True} if stream else {}
    request |= {"model": model, "max_tokens": 400, "messages": [{"role": "user", "content": ""}]}
    content = request["messages"][0]
    left = size_bytes - len(json.dumps(request, separators=(",", ":")))
    content["content"] = ("lorem ipsum " * (left // 12 + 1))[:left]
    return json.dumps(request, separators=(",", ":"))


class Bench:
    """What every scenario needs: the servers, the keys, the folder, and how long to measure."""

    def __init__(self, folder: pathlib.Path, bin: pathlib.Path, seconds: float):
        self.folder, self.bin, self.seconds = folder, bin, seconds
        self.stub = Stub(bin)
        self.nginx = Nginx(folder, self.stub.port)
        self.workspace = Workspace(folder / "purser", bin, self.stub.port)

    def stop(self) -> None:
        self.workspace.stop()
        self.nginx.stop()
        self.stub.stop()

    @property
    def targets(self) -> list[Server]:
        return [self.stub, self.nginx, self.workspace.running]

    def measure(
        self,
        server: Server,
        body: str,
        connections: int,
        rate: int = 0,
        port: int = 0,
        status: int = 200,
    ) -> dict[str, Any]:
        """Figures of one run after a warm-up: the load's own, `cpu_us` a request of each process,
        `memory_bytes` of the server, and of Purser its `commits` and the batch that was reached."""
        file = self.folder / "body"
        file.write_text(body)
        milliseconds = int(self.seconds * 1000)
        with Load(self, port or server.port, file, connections, rate, status) as load:
            load.run(min(WARM_UP_MS, milliseconds))
            # Now all at once: each connection's request waits upstream, so that the server's pool is
            # as large as it will ever be.
            with self.stub.slow(ALL_AT_ONCE_US):
                load.run(ALL_AT_ONCE_US * 3 // 1000)
            before = self._counts(server)
            figures = load.run(milliseconds)
            after = self._counts(server)
        requests = figures["requests"]
        if requests == 0 or figures["unanswered"]:
            raise BenchError(f"{server.name}: {figures['unanswered']} requests had no answer")
        spent = {name: after[name] - before[name] for name in after}
        figures["server"], figures["connections"] = server.name, connections
        figures["cpu_us"] = spent["cpu_us"] / requests
        figures["stub_cpu_us"] = spent["stub_cpu_us"] / requests
        figures["load_cpu_us"] = figures.pop("load_cpu_s") * 1e6 / requests
        figures["memory_bytes"] = server.memory_bytes()
        if "commits" in spent:
            figures["commits"] = int(spent["commits"])
            figures["commands_a_commit"] = spent["commands"] / max(spent["commits"], 1)
        if server is not self.stub:
            _check_connections(server, int(spent["stub_connections"]), requests)
        return figures

    def _counts(self, server: Server) -> dict[str, float]:
        counts: dict[str, float] = {}
        if server is self.workspace.server:
            metrics = self.workspace.metrics()
            counts["commits"] = metrics["purser_store_commits_total"]
            counts["commands"] = metrics["purser_store_commands_total"]
        counts["stub_connections"] = self.stub.counters()["connections"]
        counts["stub_cpu_us"] = self.stub.cpu_us()
        counts["cpu_us"] = server.cpu_us()
        return counts


class Load:
    """One http_load: runs on the same connections as often as it is told to."""

    def __init__(
        self, bench: Bench, port: int, body: pathlib.Path, connections: int, rate: int, status: int
    ):
        command = [str(bench.bin / "http_load"), "--port", str(port), "--body", str(body)]
        command += ["--keys", str(bench.workspace.keys)]
        command += ["--connections", str(connections), "--rate", str(rate), "--status", str(status)]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)

    def __enter__(self) -> Load:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.communicate()

    def run(self, milliseconds: int) -> dict[str, Any]:
        assert self.process.stdin and self.process.stdout and self.process.stderr
        try:
            self.process.stdin.write(f"{milliseconds}\n")
            self.process.stdin.flush()
            said = self.process.stdout.readline()
        except BrokenPipeError:
            said = ""
        if not said:
            raise BenchError(self.process.stderr.read().strip()[:1000])
        return json.loads(said)


def _check_connections(server: Server, made: int, requests: int) -> None:
    """The proxy must keep its connections, or it is their making that is measured."""
    if made - 1 > requests * MOST_NEW_CONNECTIONS:  # one is that of the question
        raise BenchError(f"{server.name} made {made} connections for {requests} requests")
