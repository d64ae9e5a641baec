"""An agent: sessions of the recorded workload, one after another, until it is refused. It tries a
failed request again as Anthropic's official SDKs do by default (anthropic-sdk-python,
_base_client.py and _constants.py): twice, after `retry-after` where that is at most a minute, else
after 0.5 s doubled each time, at most 8 s, less up to a quarter at random; never where
`x-should-retry` says false."""

from __future__ import annotations

import dataclasses
import http.client
import json
import random
import threading
import time
from typing import Any

from agent_workload import Recording, Session, Text

MOST_RETRIES = 2
MOST_TURNS = 100_000  # of one agent; a cap that never ends would otherwise be a bench that never does


@dataclasses.dataclass
class Failure:
    """A request that failed for good: after its retries, or at once."""

    agent: int
    turn: int
    status: int
    code: str
    message: str
    spent_nanos: int  # as the books had it then


@dataclasses.dataclass
class Tally:
    turns: int = 0
    retries: int = 0
    failure: Failure | None = None


def may_retry(status: int, fields: Any) -> bool:
    told = fields.get("x-should-retry", "")
    if told in ("true", "false"):
        return told == "true"
    return status in (408, 409, 429) or status >= 500


def retry_seconds(tried: int, fields: Any, rng: random.Random) -> float:
    told = fields.get("retry-after-ms")
    seconds = float(told) / 1000 if told else float(fields.get("retry-after") or 0)
    if 0 < seconds <= 60:
        return seconds
    return min(0.5 * 2**tried, 8.0) * (1 - 0.25 * rng.random())


class Agent(threading.Thread):
    """`speed` divides every wait, the retries' too: all of time is shortened alike."""

    def __init__(self, number: int, port: int, key: str, speed: float, spent: Any, text: Text):
        super().__init__(daemon=True)
        self.number, self.port, self.key, self.speed, self.spent = number, port, key, speed, spent
        self.recording, self.text = Recording(), text
        self.rng = random.Random(number)
        self.tally = Tally()
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def run(self) -> None:
        number = 0
        while self.tally.failure is None and self.tally.turns < MOST_TURNS:
            seed = self.number * 10_000 + number
            session = Session(self.recording, self.text, f"a{self.number}s{number}", seed)
            number += 1
            for turn, recorded in enumerate(self.recording.turns):
                body = session.body(turn)
                if not self._ask(body, turn):
                    return
                session.answered(turn)
                self.tally.turns += 1
                time.sleep(recorded.pause_seconds / self.speed)

    def _ask(self, body: bytes, turn: int) -> bool:
        for tried in range(MOST_RETRIES + 1):
            fields = {
                "x-api-key": self.key,
                "anthropic-version": "2023-06-01",
                "Content-Type": "application/json",
            }
            self.connection.request("POST", "/v1/messages", body, fields)
            answer = self.connection.getresponse()
            content = answer.read()
            if answer.status == 200 and b"message_stop" in content:
                return True
            if tried < MOST_RETRIES and may_retry(answer.status, answer.headers):
                self.tally.retries += 1
                time.sleep(retry_seconds(tried, answer.headers, self.rng) / self.speed)
                continue
            try:
                error = json.loads(content)
            except ValueError:  # a stream that was cut
                error = {}
            code = error.get("purser", {}).get("code", "")
            message = error.get("error", {}).get("message", "")
            self.tally.failure = Failure(
                self.number, turn, answer.status, code, message, self.spent()
            )
            return False
        return False
