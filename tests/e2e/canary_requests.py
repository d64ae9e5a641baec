"""The requests of the secrets canary: in each place where a client puts its content stands a canary."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from typing import Any

from ai_client import MODELS, PATHS, Ask
from canary_search import Canaries


def picture(words: str) -> str:
    """A PNG of 8 × 8 with these words in a text chunk, as base64."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    pixels = zlib.compress(b"".join(b"\0" + bytes(8) for _ in range(8)))
    header = struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0)
    text = chunk(b"tEXt", b"Comment\0" + words.encode())
    parts = chunk(b"IHDR", header) + text + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + parts).decode()


class Content:
    """The canaries of a client's content: the same in each request, so that each has many chances."""

    def __init__(self, canaries: Canaries):
        add = canaries.add
        self.system = add("system text", canaries.text())
        self.prompt = add("prompt", canaries.text())
        self.image = add("image data", canaries.word("image"))
        self.tool = add("tool name", canaries.word("tool"))
        self.description = add("tool description", canaries.text())
        self.arguments = add("tool arguments", canaries.text())
        self.result = add("tool result", canaries.text())
        self.answer = add("answer", canaries.word("answer"))

    def ask(self, id: str, format: str, **more: Any) -> Ask:
        plan = {"say": self.answer, **more.pop("plan", {})}
        if "messages" not in PATHS[format]:  # two providers have OpenAI's models
            more.setdefault("model", "openai/" + MODELS[format])
        wanted = Ask(id, format, plan=plan, **more)
        wanted.extra = {**getattr(self, "_" + format)(wanted.prompt()), **wanted.extra}
        return wanted

    @property
    def _schema(self) -> dict[str, Any]:
        field = {"type": "string", "description": self.description}
        return {"type": "object", "properties": {"text": field}}

    def _chat(self, directive: str) -> dict[str, Any]:
        url = "data:image/png;base64," + picture(self.image)
        content = [
            {"type": "text", "text": self.prompt + directive},
            {"type": "image_url", "image_url": {"url": url}},
        ]
        function = {"name": self.tool, "arguments": json.dumps({"text": self.arguments})}
        call = {"id": "call_1", "type": "function", "function": function}
        offered = {"name": self.tool, "description": self.description, "parameters": self._schema}
        return {
            "messages": [
                {"role": "system", "content": self.system},
                {"role": "user", "content": content},
                {"role": "assistant", "content": None, "tool_calls": [call]},
                {"role": "tool", "tool_call_id": "call_1", "content": self.result},
            ],
            "tools": [{"type": "function", "function": offered}],
        }

    def _responses(self, directive: str) -> dict[str, Any]:
        url = "data:image/png;base64," + picture(self.image)
        content = [
            {"type": "input_text", "text": self.prompt + directive},
            {"type": "input_image", "image_url": url},
        ]
        arguments = json.dumps({"text": self.arguments})
        call = {"type": "function_call", "call_id": "call_1", "name": self.tool}
        result = {"type": "function_call_output", "call_id": "call_1", "output": self.result}
        tool = {"type": "function", "name": self.tool, "description": self.description}
        return {
            "instructions": self.system,
            "input": [{"role": "user", "content": content}, {**call, "arguments": arguments}, result],
            "tools": [{**tool, "parameters": self._schema}],
        }

    def _embeddings(self, directive: str) -> dict[str, Any]:
        return {"input": [self.prompt + directive, self.system]}

    def _messages(self, directive: str) -> dict[str, Any]:
        source = {"type": "base64", "media_type": "image/png", "data": picture(self.image)}
        content = [
            {"type": "text", "text": self.prompt + directive},
            {"type": "image", "source": source},
        ]
        call = {"type": "tool_use", "id": "toolu_1", "name": self.tool}
        result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": self.result}
        tool = {"name": self.tool, "description": self.description, "input_schema": self._schema}
        return {
            "system": self.system,
            "messages": [
                {"role": "user", "content": content},
                {"role": "assistant", "content": [{**call, "input": {"text": self.arguments}}]},
                {"role": "user", "content": [result]},
            ],
            "tools": [tool],
        }

    _count_tokens = _messages
