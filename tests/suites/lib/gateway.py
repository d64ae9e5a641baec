"""A `purser serve` of one's own for a suite: demo workspace, free port, gone afterwards.

    with Gateway() as gateway:
        gateway.purser("status", "--json")            # the command, as the admin
        gateway.purser("status", key=gateway.people["analyst@example.com"]["key"])
        gateway.post("/v1/chat/completions", body, key)  # (status, headers, body)

Needs nothing but Python's standard library. PURSER_BINARY names the binary.
"""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

from api_answers import Recorder, keep
from waiting import wait_out_midnight

START_SECONDS = 60
STOP_SECONDS = 60


def binary():
    """The binary under test; a suite run by hand takes the release build."""
    root = pathlib.Path(__file__).resolve().parents[3]
    return os.environ.get("PURSER_BINARY", str(root / "build/release/bin/purser"))


class Gateway:
    def __init__(self, config="", environment=None):
        self.directory = tempfile.mkdtemp(prefix="purser-suite-")
        self.data_dir = os.path.join(self.directory, "data")
        os.mkdir(self.data_dir, 0o700)
        if config:
            pathlib.Path(self.data_dir, "purser.toml").write_text(config)
        self.environment = environment or {}
        self.process = None
        self.base_url = ""

    def __enter__(self):
        wait_out_midnight()
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def start(self):
        ready = pathlib.Path(self.data_dir, "ready.json")
        ready.unlink(missing_ok=True)
        self.log = open(os.path.join(self.directory, "log"), "ab")
        self.process = subprocess.Popen(
            [binary(), "serve", "--demo", "--data-dir", self.data_dir, "--port", "0",
             "--ready-file", str(ready)],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
            env={**self._plain_environment(), **self.environment})
        deadline = time.monotonic() + START_SECONDS
        while not (ready.exists() and ready.stat().st_size > 0):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError("purser serve did not start:\n" + self.log_text())
            time.sleep(0.02)
        self.base_url = json.loads(ready.read_text())["base_url"]
        demo = json.loads(pathlib.Path(self.data_dir, "demo.json").read_text())
        self.admin_key = demo["admin_key"]
        self.people = {person["email"] or person["name"]: person for person in demo["people"]}

    def stop(self, sign=signal.SIGTERM):
        """Ends the server and returns its exit code."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(sign)
        code = self.process.wait(STOP_SECONDS)
        self.process = None
        self.log.close()
        return code

    def log_text(self):
        return pathlib.Path(self.directory, "log").read_text(errors="replace")

    def purser(self, *arguments, key=None, stdin=""):
        """Runs the command against this server: a CompletedProcess with text."""
        with Recorder(self.base_url) as recorder:
            return subprocess.run(
                [binary(), *arguments], input=stdin, capture_output=True, text=True, timeout=120,
                env={**self._plain_environment(), "PURSER_URL": recorder.url,
                     "PURSER_KEY": self.admin_key if key is None else key,
                     "PURSER_DATA_DIR": self.data_dir})

    def post(self, path, body, key, headers=None):
        request = urllib.request.Request(
            self.base_url + path, json.dumps(body).encode(), method="POST",
            headers={"Authorization": "Bearer " + key, "Content-Type": "application/json",
                     **(headers or {})})
        return self._open(request)

    def get(self, path, key=""):
        headers = {"Authorization": "Bearer " + key} if key else {}
        return self._open(urllib.request.Request(self.base_url + path, headers=headers))

    @staticmethod
    def _open(request):
        try:
            answer = urllib.request.urlopen(request, timeout=120)
        except urllib.error.HTTPError as refusal:
            answer = refusal
        with answer:
            body = answer.read()
        keep(request.get_method(), request.selector, answer.status,
             answer.headers["Content-Type"], body)
        return answer.status, answer.headers, body.decode()

    @staticmethod
    def _plain_environment():
        return {name: value for name, value in os.environ.items()
                if not name.startswith(("PURSER_", "OPENAI_", "ANTHROPIC_"))}
