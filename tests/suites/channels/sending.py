"""Messages, and the program that sends them (tests/channels/main.cpp)."""
import json
import os
import pathlib
import subprocess

BINARIES = pathlib.Path(os.environ["PURSER_BINARY"]).resolve().parent
MESSAGE_ID = "msg_06evhd2b3m5n8q0r4t6w8y0a2c"


def message(**changes):
    """A message as the dispatcher would have composed it."""
    whole = {
        "id": MESSAGE_ID, "type": "cap.threshold", "at_nanoseconds": 1_795_000_000_123_456_789,
        "severity": "warning",
        "title": "Research has spent 82 % of its cap for November",
        "paragraphs": ["The team Research has spent USD 412.10 of the USD 500.00 that it may spend "
                       "until 1 December. At the pace of the last days it runs out on 27 November.",
                       "Nothing stops yet."],
        "facts": [{"label": "Spent", "value": "USD 412.10 of 500.00 (82 %)"},
                  {"label": "Cycle gone", "value": "77 %"}],
        "breakdowns": [{"title": "By user", "parts": [
            {"name": "Ana Müller", "amount": "USD 320.00", "percent": 78},
            {"name": "Ben <ben@example.org>", "amount": "USD 92.10", "percent": 22}]}],
        "links": [{"text": "Raise the cap", "url": "https://purser.example.org/raise?cap=1&by=2"},
                  {"text": "See the team", "url": "https://purser.example.org/teams/research"}],
        "data": json.dumps({"cap": "cap_1", "spent_usd": "412.10"}),
        "pause_key": "", "pause_ended": False,
    }
    whole.update(changes)
    return whole


def run(channel, what, recipient=None, times=1, environment=None):
    """The results of sending a message `times` times, in one process."""
    order = {"channel": channel, "message": what, "times": times}
    if recipient:
        order["recipient"] = recipient
    ran = subprocess.run([BINARIES / "purser-channels"], input=json.dumps(order), text=True,
                         capture_output=True, timeout=120, check=False,
                         env={**os.environ, **(environment or {})})
    if ran.returncode != 0:
        raise AssertionError(ran.stderr)
    return [json.loads(line) for line in ran.stdout.splitlines()]


def send(channel, what, recipient=None, environment=None):
    return run(channel, what, recipient, 1, environment)[0]
