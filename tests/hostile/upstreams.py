"""nginx, Node and Python as upstreams that count. Each says `seen` or `malformed`, the User-Agent
and the method of every request that it saw."""

from __future__ import annotations

import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
NGINX = """
daemon off; worker_processes 1; pid {dir}/nginx.pid; error_log {dir}/nginx.error crit;
events {{ worker_connections 1024; }}
http {{
  log_format seen 'seen $http_user_agent $request_method $status';
  access_log {dir}/nginx.log seen;
  client_body_temp_path {dir}/body; proxy_temp_path {dir}/proxy; fastcgi_temp_path {dir}/fastcgi;
  uwsgi_temp_path {dir}/uwsgi; scgi_temp_path {dir}/scgi;
  server {{
    listen 127.0.0.1:{port}; default_type application/json; keepalive_requests 1000000;
    location / {{
      return 200 '{{"id":"a","model":"gpt-4o-mini","choices":[],"usage":{{"prompt_tokens":7,"completion_tokens":5}}}}';
    }}
  }}
}}
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(condition, what: str) -> None:
    until = time.monotonic() + 30
    while not condition():
        if time.monotonic() > until:
            raise SystemExit(f"waited in vain for {what}")
        time.sleep(0.01)


class Upstream:
    """`seen`: {User-Agent: how often}; `malformed`: what it could not read."""

    def __init__(self, name: str, command: list[str], log: pathlib.Path, port: int = 0):
        self.name, self.log, self.port = name, log, port
        with open(log, "wb") as out:
            self.process = subprocess.Popen(command, stdout=None if port else out)
        if port:
            wait_for(self.accepts, f"{name} to listen")
        else:
            wait_for(lambda: b"\n" in log.read_bytes(), f"{name} to say its port")
            self.port = int(log.read_text().split()[1])

    def accepts(self) -> bool:
        if self.process.poll() is not None:
            raise SystemExit(f"{self.name} ended with {self.process.returncode}")
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def counts(self) -> tuple[dict[str, int], list[str]]:
        seen: dict[str, int] = {}
        odd = []
        for line in self.log.read_text(errors="replace").splitlines():
            kind, agent, *rest = [*line.split(" "), ""]
            rest = [word for word in rest if word]
            if kind == "seen" and rest in (["POST"], ["POST", "200"]) and agent != "-":
                seen[agent] = seen.get(agent, 0) + 1
            elif kind != "port":
                odd.append(line)
        return seen, odd

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


def start(directory: pathlib.Path) -> list[Upstream]:
    node = os.environ.get("PURSER_NODE", "")
    node = node if os.access(node, os.X_OK) else shutil.which("node") or "node"
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    if not os.access(nginx, os.X_OK):
        raise SystemExit("nginx is not installed: apt-get install nginx-light")
    port = free_port()
    config = directory / "nginx.conf"
    config.write_text(NGINX.format(dir=directory, port=port))
    log = directory / "nginx.log"
    errors = str(directory / "nginx.error")
    return [
        Upstream("nginx", [nginx, "-p", str(directory), "-e", errors, "-c", str(config)], log, port),
        Upstream("node", [node, str(HERE / "server_node.mjs")], directory / "node.log"),
        Upstream("python", [sys.executable, str(HERE / "server_python.py")], directory / "python.log"),
    ]
