"""The recorded agent workload: agent_workload.json, and the requests of a session made from it.

A session is the same forty turns each time, over text of its own, so that no two share a prefix
beyond their tools and system prompt. Every request carries what a coding agent's does: tools, a
system prompt, the whole conversation, `cache_control` on the last of each, and a limit on output
that is far above what comes."""

from __future__ import annotations

import dataclasses
import json
import pathlib
import random
import string
from typing import Any

NANOS_A_TOKEN = {  # USD 3 and 15 a million tokens; cache reads 0.1, five-minute writes 1.25 of input
    "input_tokens": 3_000,
    "cache_creation_input_tokens": 3_750,
    "cache_read_input_tokens": 300,
    "output_tokens": 15_000,
}


@dataclasses.dataclass(frozen=True)
class Turn:
    new_tokens: int
    new_bytes: int
    input_tokens: int
    cache_creation_input_tokens: int
    cache_read_input_tokens: int
    answer_seconds: float
    pause_seconds: float

    @property
    def context_tokens(self) -> int:
        return (
            self.input_tokens + self.cache_creation_input_tokens + self.cache_read_input_tokens
        )


class Recording:
    def __init__(self, file: pathlib.Path = pathlib.Path(__file__).parent / "agent_workload.json"):
        data = json.loads(file.read_text())
        self.model: str = data["model"]
        self.max_tokens: int = data["max_tokens"]
        self.answer_tokens: int = data["answer"]["tokens"]
        self.answer_bytes: int = data["answer"]["bytes"]
        self.fixed = data["system_and_tools"]
        self.turns = [Turn(*row) for row in data["turns"]]
        names = [field.name for field in dataclasses.fields(Turn)]
        assert data["columns"] == names, "agent_workload.json has other columns"

    def usage(self, turn: int, limit: int) -> dict[str, int]:
        """What the provider bills for the turn: as recorded, and no more output than the limit."""
        recorded = self.turns[turn]
        return {
            "input_tokens": recorded.input_tokens,
            "cache_creation_input_tokens": recorded.cache_creation_input_tokens,
            "cache_read_input_tokens": recorded.cache_read_input_tokens,
            "output_tokens": min(self.answer_tokens, limit),
        }


def cost_nanos(usage: dict[str, int]) -> int:
    return sum(usage[name] * rate for name, rate in NANOS_A_TOKEN.items())


class Text:
    """Bytes that look like code and prose, escapes included, from a seed."""

    def __init__(self, seed: int):
        rng = random.Random(seed)
        words = ["".join(rng.choices(string.ascii_lowercase, k=rng.randint(2, 9))) for _ in range(900)]
        ends = [" ", " ", " ", " ", "_", "(", ") ", ".", ', "', '" ', ";\n    ", "\n\n", " = "]
        self.pool = "".join(rng.choice(words) + rng.choice(ends) for _ in range(60_000))

    def cut(self, rng: random.Random, json_bytes: int) -> str:
        """A text whose JSON spelling has about so many bytes, never more."""
        at = rng.randrange(len(self.pool) - json_bytes)
        text = self.pool[at : at + json_bytes]
        while (over := len(json.dumps(text)) - 2 - json_bytes) > 0:
            text = text[:-over]
        return text


class Session:
    """One conversation. `body(turn)` is the request of a turn; `answered` puts the answer to it into
    the conversation."""

    def __init__(self, recording: Recording, text: Text, name: str, seed: int):
        self.recording, self.text, self.name = recording, text, name
        self.rng = random.Random(seed)
        fixed_rng = random.Random(0)  # tools and system are the same in each session
        count = recording.fixed["tools"]
        each = recording.fixed["bytes"] // (count + 6)
        self.tools: list[dict[str, Any]] = [
            {
                "name": f"tool_{i}",
                "description": text.cut(fixed_rng, each - 180),
                "input_schema": {"type": "object", "properties": {"path": {"type": "string"}}},
            }
            for i in range(count)
        ]
        cached = {"cache_control": {"type": "ephemeral"}}
        self.system = [{"type": "text", "text": text.cut(fixed_rng, each * 6 - 200), **cached}]
        self.messages: list[dict[str, Any]] = []

    def body(self, turn: int) -> bytes:
        said = self.text.cut(self.rng, self.recording.turns[turn].new_bytes - 60)
        said = f"[[agent {self.name} turn {turn}]]" + said
        if turn == 0:
            block = {"type": "text", "text": said}
        else:
            block = {"type": "tool_result", "tool_use_id": f"toolu_{turn - 1:024d}", "content": said}
        block["cache_control"] = {"type": "ephemeral"}
        for message in self.messages[-4:]:  # the marker moves with the conversation
            message["content"][-1].pop("cache_control", None)
        self.messages.append({"role": "user", "content": [block]})
        request = {
            "model": self.recording.model,
            "max_tokens": self.recording.max_tokens,
            "stream": True,
            "metadata": {"user_id": f"{self.name}-{turn}"},
            "system": self.system,
            "tools": self.tools,
            "messages": self.messages,
        }
        return json.dumps(request, separators=(",", ":")).encode()

    def answered(self, turn: int) -> None:
        text = self.text.cut(self.rng, self.recording.answer_bytes - 200)
        tool = {"type": "tool_use", "id": f"toolu_{turn:024d}", "name": "tool_1"}
        content = [{"type": "text", "text": text}, {**tool, "input": {"path": "src/main.cpp"}}]
        self.messages.append({"role": "assistant", "content": content})
