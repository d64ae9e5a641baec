"""Purser on a data directory of its own: started, filled with people through its REST API, asked for
its metrics."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from processes import START_SECONDS, BenchError, Server, wait_for_port

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "tests/suites/lib"))
from api_answers import keep  # noqa: E402

CAP_USD = "1000000"  # of the workspace, each team and each user: the bench is of the way that grants
ROWS_AN_IMPORT = 250
IMPORTS_AT_ONCE = 4
MEMBERS_A_TEAM = 50
MOST_TEAMS = 100


class Workspace:
    def __init__(self, folder: pathlib.Path, bin: pathlib.Path, stub_port: int):
        self.folder, self.bin = folder, bin
        self.data = folder / "data"
        self.keys = folder / "keys"
        folder.mkdir(parents=True, exist_ok=True)
        self.configuration = folder / "purser.toml"
        self.configuration.write_text(
            'port = 0\n[log]\nlevel = "warn"\n[limits]\nrequests_per_connection = 1000000000\n'
            f'[[provider]]\nname = "openai"\nbase_url = "http://127.0.0.1:{stub_port}"\n'
            'api_key = "sk-bench"\n'
        )
        self.server: Server | None = None
        self.commits = 0  # of all its lives that have ended

    @property
    def running(self) -> Server:
        assert self.server
        return self.server

    def start(self) -> float:
        """Seconds until it was ready."""
        ready = self.folder / "ready.json"
        ready.unlink(missing_ok=True)
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PURSER_")}
        command = [str(self.bin / "purser"), "serve", "--config", str(self.configuration)]
        command += ["--data-dir", str(self.data), "--ready-file", str(ready)]
        log = open(self.folder / "log", "ab")
        began = time.perf_counter()
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        while not ready.exists():
            if process.poll() is not None or time.perf_counter() - began > START_SECONDS:
                raise BenchError("purser is not ready: " + (self.folder / "log").read_text()[-2000:])
            time.sleep(0.001)
        took = time.perf_counter() - began
        log.close()
        port = int(json.loads(ready.read_text())["base_url"].rsplit(":", 1)[1])
        wait_for_port(port, process)
        self.server = Server("purser", process, port)
        return took

    def stop(self) -> None:
        if self.server:
            with contextlib.suppress(OSError):  # it may have ended by itself
                self.commits += int(self.metrics()["purser_store_commits_total"])
            self.server.stop()
            self.server = None

    def api(self, method: str, path: str, body: Any) -> Any:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.running.port}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": "Bearer " + (self.data / "admin.key").read_text().strip(),
                "Content-Type": "application/json",
            },
        )
        try:
            answer = urllib.request.urlopen(request, timeout=300)
        except urllib.error.HTTPError as refusal:
            answer = refusal
        with answer:
            text = answer.read()
        keep(method, path, answer.status, answer.headers["Content-Type"], text)
        if answer.status >= 400:
            raise BenchError(f"{method} {path} was answered {answer.status}: {text[:500]!r}")
        return json.loads(text)

    def fill(self, users: int) -> None:
        """So many users, each with a key and a cap, in teams with caps, under the workspace's."""
        count = min(MOST_TEAMS, max(1, users // MEMBERS_A_TEAM))
        for i in range(count):
            self.api("POST", "/api/v1/teams", {"name": f"team-{i}", "month_cap_usd": CAP_USD})
        cap = {"scope": "workspace", "period": "month", "limit_usd": CAP_USD, "reason": "bench"}
        self.api("PUT", "/api/v1/caps", cap)

        def add(first: int) -> list[str]:
            numbers = range(first, min(users, first + ROWS_AN_IMPORT))
            lines = [f"user {i},u{i}@example.com,team-{i % count},{CAP_USD}" for i in numbers]
            csv = "name,email,team,cap_usd\n" + "\n".join(lines) + "\n"
            made = self.api("POST", "/api/v1/import", {"csv": csv, "make_keys": True})
            if made["failed"] or made["added"] != len(lines):
                raise BenchError(f"the import failed: {str(made)[:500]}")
            return [row["key"] + "\n" for row in made["rows"]]

        # Each row is a commit of its own; imports side by side share them.
        with ThreadPoolExecutor(IMPORTS_AT_ONCE) as imports, open(self.keys, "w") as keys:
            for made in imports.map(add, range(0, users, ROWS_AN_IMPORT)):
                keys.writelines(made)

    def add_usage(self, usages: int, holds: int) -> None:
        """While it is stopped."""
        command = [str(self.bin / "fill_store"), "--directory", str(self.data)]
        command += ["--usages", str(usages), "--holds", str(holds)]
        subprocess.run(command, check=True)

    def verify(self) -> dict[str, Any]:
        command = [str(self.bin / "purser"), "verify", str(self.data), "--json"]
        done = subprocess.run(command, capture_output=True, text=True)
        report = json.loads(done.stdout)
        if not report["ok"]:
            raise BenchError(f"purser verify: {report}")
        return report

    def metrics(self) -> dict[str, float]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.running.port}/metrics") as answer:
            text = answer.read().decode()
        return {m[1]: float(m[2]) for m in re.finditer(r"^(purser_\w+) (\S+)$", text, re.M)}
