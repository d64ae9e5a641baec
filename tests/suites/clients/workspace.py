"""The suite's dealings with a gateway: people with caps of their own, what they have spent to the
nano, refusals as /metrics counts them, and the clients as processes (see drivers/)."""
import functools
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import threading
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path += [str(HERE.parent / "lib"), str(HERE.parents[1] / "e2e")]
import waiting  # noqa: E402
from gateway import Gateway  # noqa: E402

NODE = os.environ.get("PURSER_NODE") or shutil.which("node") or "node"
PYTHON = os.environ.get("PURSER_PYTHON", sys.executable)
wait_until = functools.partial(waiting.wait_until, seconds=60)
TASK_SECONDS = 120
NANOS = 1_000_000_000

# The formats that each client speaks.
CLIENTS = {
    "openai_node": ("chat", "responses"),
    "openai_python": ("chat", "responses"),
    "anthropic_node": ("messages",),
    "anthropic_python": ("messages",),
    "vercel_ai": ("chat", "responses", "messages"),
}
MODELS = {"chat": "gpt-5-mini", "responses": "gpt-5-mini", "messages": "claude-sonnet-5"}


def nanos(usd):
    sign = -1 if usd.startswith("-") else 1
    whole, _, part = usd.lstrip("-").partition(".")
    assert len(part) <= 9, usd
    return sign * (int(whole) * NANOS + int(part.ljust(9, "0")))


class Workspace(Gateway):
    def api(self, method, path, body=None, key=""):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.base_url + path, data, method=method,
            headers={"Authorization": "Bearer " + (key or self.admin_key),
                     "Content-Type": "application/json"})
        status, _, text = self._open(request)
        assert status < 400, f"{method} {path} was answered {status}: {text}"
        return json.loads(text)

    def add_person(self, name, month_cap="100", team="engineering"):
        """A person with a cap of their own, and their key."""
        email = f"{name}@example.com"
        self.api("POST", "/api/v1/users",
                 {"name": name, "email": email, "teams": [team],
                  "caps": [{"period": "month", "limit_usd": month_cap}]})
        return self.api("POST", "/api/v1/keys", {"user": email, "team": team})["key"]

    def set_cap(self, name, limit_usd):
        self.api("PUT", "/api/v1/caps", {"scope": "user", "name": f"{name}@example.com",
                                         "period": "month", "limit_usd": limit_usd})

    def cap(self, key):
        """The cap of the key's user, with amounts in nanos."""
        caps = self.api("GET", "/api/v1/me", key=key)["caps"]
        cap = next(cap for cap in caps if cap["scope"] == "user")
        return {**cap, **{name: nanos(cap[name + "_usd"]) for name in ("limit", "spent", "held")}}

    def settled_cap(self, key):
        """The same, once nothing is held."""
        return wait_until(lambda: (cap := self.cap(key))["held"] == 0 and cap, "the settles")

    def usage(self, name):
        """What the books say that this person consumed."""
        return self.api("GET", f"/api/v1/usage?by=model&user={name}@example.com")

    def metric(self, name, **labels):
        """The sum of a metric's samples that carry these labels."""
        total = 0
        for line in self.get("/metrics")[2].splitlines():
            sample = re.match(r"(\w+)(?:\{(.*)\})? (\S+)$", line)
            if sample and sample[1] == name:
                has = dict(re.findall(r'(\w+)="([^"]*)"', sample[2] or ""))
                if labels.items() <= has.items():
                    total += float(sample[3])
        return int(total)

    def refusals(self, **labels):
        return self.metric("purser_refusals_total", **labels)


class Client:
    """A driver of drivers/ as a process of its own, with nothing of this environment."""

    def __init__(self, name, base_url, key):
        self.name = name
        script = next((HERE / "drivers").glob(name + ".*"))
        command = [NODE] if script.suffix == ".mjs" else [PYTHON, "-B"]
        # Vercel's provider for Anthropic wants the /v1 that Anthropic's own client adds.
        anthropic = base_url + "/v1" if name == "vercel_ai" else base_url
        self.process = subprocess.Popen(
            [*command, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={"PATH": "/usr/bin:/bin", "OPENAI_BASE_URL": base_url + "/v1",
                 "OPENAI_API_KEY": key, "ANTHROPIC_BASE_URL": anthropic, "ANTHROPIC_API_KEY": key})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.kill()
        self.process.wait()

    def run(self, do, api, stream=False, **more):
        """One task, and the driver's answer to it; {"error": …} is what the client threw."""
        self.send(do, api, stream, **more)
        return self.receive()

    def send(self, do, api, stream=False, **more):
        task = {"do": do, "api": api, "stream": stream, "model": MODELS.get(api), **more}
        self.process.stdin.write(json.dumps(task) + "\n")
        self.process.stdin.flush()

    def receive(self):
        timer = threading.Timer(TASK_SECONDS, self.process.kill)
        timer.start()
        try:
            line = self.process.stdout.readline()
        finally:
            timer.cancel()
        assert line, f"{self.name} ended, or took longer than {TASK_SECONDS} s for one task"
        return json.loads(line)
