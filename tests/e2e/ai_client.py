"""A client of the gateway on raw sockets, so that it can do what no well-behaved one does: vanish
at a chosen moment, or not read. And the requests that the tests send."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import pathlib
import socket
import struct
import sys
from typing import Any

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "suites/lib"))
from api_answers import keep  # noqa: E402

PATHS = {
    "chat": "/v1/chat/completions",
    "responses": "/v1/responses",
    "embeddings": "/v1/embeddings",
    "messages": "/v1/messages",
    "count_tokens": "/v1/messages/count_tokens",
}
MODELS = {
    "chat": "gpt-4o-mini",
    "responses": "gpt-4.1-mini",
    "embeddings": "text-embedding-3-small",
    "messages": "claude-haiku-4-5",
    "count_tokens": "claude-haiku-4-5",
}
LIMIT_FIELD = {
    "chat": "max_completion_tokens",
    "responses": "max_output_tokens",
    "messages": "max_tokens",
}


def dumps(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


@dataclasses.dataclass
class Ask:
    """One request: what goes to the gateway, and (in its prompt) what the stub does with it."""

    id: str
    format: str = "chat"
    limit: int | None = 200
    stream: bool = False
    model: str = ""
    plan: dict[str, Any] = dataclasses.field(default_factory=dict)
    extra: dict[str, Any] = dataclasses.field(default_factory=dict)
    filler: str = ""

    @property
    def path(self) -> str:
        return PATHS[self.format]

    def prompt(self) -> str:
        words = {"id": self.id, "in": "00000007", **self.plan}
        return "[[e2e " + " ".join(f"{k}={v}" for k, v in words.items()) + "]]" + self.filler

    def request(self) -> dict[str, Any]:
        prompt = self.prompt()
        request: dict[str, Any] = {"model": self.model or MODELS[self.format]}
        if self.format in ("chat", "messages", "count_tokens"):
            request["messages"] = [{"role": "user", "content": prompt}]
        else:
            request["input"] = prompt
        if self.format == "messages":
            request["metadata"] = {"user_id": self.id}
        elif self.format != "count_tokens":
            request["user"] = self.id
        if self.format in LIMIT_FIELD and self.limit is not None:
            request[LIMIT_FIELD[self.format]] = self.limit
        if self.stream:
            request["stream"] = True
        return {**request, **self.extra}

    def body(self) -> bytes:
        return dumps(self.request())

    def input_bound(self) -> int:
        """docs/METERING.md, in other words: the bytes of what reaches the model and the overheads
        around it (64 a request, 16 a message). For the plain requests that `request` makes."""
        request = self.request()
        if self.format in ("chat", "messages"):
            return 64 + sum(len(dumps(message)) + 16 for message in request["messages"])
        inputs = 16 if self.format == "embeddings" else 0  # each text counts as one of several
        return 64 + len(dumps(request["input"])) + 16 + inputs

    def at_the_bound(self) -> "Ask":
        """The same, billed at exactly what it can cost at most."""
        plan = {"id": self.id, **self.plan, "in": "00000000", "out": -1}
        sized = dataclasses.replace(self, plan=plan)
        plan = {**plan, "in": f"{sized.input_bound():08d}"}
        return dataclasses.replace(self, plan=plan)


@dataclasses.dataclass
class Answer:
    status: int = 0  # 0: no answer came
    fields: dict[str, str] = dataclasses.field(default_factory=dict)
    body: bytes = b""
    whole: bool = False  # the framing's end was seen
    closed: bool = False

    def json(self) -> Any:
        return json.loads(self.body)

    def events(self) -> list[tuple[str, Any]]:
        """Of a stream: (event, data as JSON or text)."""
        found = []
        for frame in self.body.replace(b"\r\n", b"\n").split(b"\n\n"):
            name, data = "", []
            for line in frame.split(b"\n"):
                if line.startswith(b"event:"):
                    name = line[6:].strip().decode()
                elif line.startswith(b"data:"):
                    data.append(line[5:].strip())
            if not data:
                continue
            text = b"\n".join(data)
            with contextlib.suppress(ValueError):
                found.append((name, json.loads(text)))
                continue
            found.append((name, text.decode(errors="replace")))
        return found


class Connection:
    """One keep-alive connection to the gateway."""

    def __init__(self, port: int):
        self.port = port
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def open(self) -> None:
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)

    def close(self, reset: bool = False) -> None:
        if self.writer is None:
            return
        if reset:
            connection = self.writer.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.writer.transport.abort()
        else:
            self.writer.close()
        self.reader = self.writer = None

    async def send(self, method: str, path: str, fields: dict[str, str], body: bytes = b"") -> None:
        await self.open()
        assert self.writer
        lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}"]
        lines += [f"{name}: {value}" for name, value in fields.items()]
        if body or method in ("POST", "PUT", "PATCH"):
            lines.append(f"Content-Length: {len(body)}")
        self.writer.write(("\r\n".join(lines) + "\r\n\r\n").encode() + body)
        await self.writer.drain()

    async def receive(self, vanish_after: int | None = None) -> Answer:
        """The answer; with `vanish_after`, what had come when so many bytes of its body had."""
        answer = Answer()
        assert self.reader
        try:
            head = await self.reader.readuntil(b"\r\n\r\n")
            lines = head.decode("latin-1").split("\r\n")
            answer.status = int(lines[0].split(" ")[1])
            for line in lines[1:-2]:
                name, _, value = line.partition(":")
                answer.fields[name.lower()] = value.strip()
            await self._receive_body(answer, vanish_after)
        except (asyncio.IncompleteReadError, ConnectionError):
            answer.closed = True
        if not answer.whole or answer.fields.get("connection", "").lower() == "close":
            self.close()
        return answer

    async def _receive_body(self, answer: Answer, vanish_after: int | None) -> None:
        assert self.reader
        if answer.fields.get("transfer-encoding", "").lower() != "chunked":
            length = int(answer.fields.get("content-length", "0"))
            answer.body = await self.reader.readexactly(length)
            answer.whole = True
            return
        pieces = []
        total = 0
        try:
            while True:
                size = int(await self.reader.readuntil(b"\r\n"), 16)
                piece = (await self.reader.readexactly(size + 2))[:-2]
                if size == 0:
                    answer.whole = True
                    return
                pieces.append(piece)
                total += size
                if vanish_after is not None and total >= vanish_after:
                    return
        finally:
            answer.body = b"".join(pieces)


def key_fields(key: str, format: str) -> dict[str, str]:
    if format in ("messages", "count_tokens"):
        return {"x-api-key": key, "anthropic-version": "2023-06-01"}
    return {"Authorization": f"Bearer {key}"}


async def ask(
    port: int,
    key: str,
    wanted: Ask,
    fields: dict[str, str] | None = None,
    connection: Connection | None = None,
    vanish_after: int | None = None,
) -> Answer:
    """Sends one request; without `connection` on one of its own."""
    own = connection or Connection(port)
    all_fields = {
        "Content-Type": "application/json",
        **key_fields(key, wanted.format),
        **(fields or {}),
    }
    try:
        await own.send("POST", wanted.path, all_fields, wanted.body())
        return await own.receive(vanish_after)
    except ConnectionError:
        own.close()
        return Answer(closed=True)
    finally:
        if connection is None:
            own.close(reset=vanish_after is not None)


async def plain(
    port: int, method: str, path: str, key: str = "", body: Any = None, fields: Any = None
) -> Answer:
    connection = Connection(port)
    all_fields = {"Authorization": f"Bearer {key}"} if key else {}
    data = b"" if body is None else json.dumps(body).encode()
    if data:
        all_fields["Content-Type"] = "application/json"
    await connection.send(method, path, {**all_fields, **(fields or {})}, data)
    answer = await connection.receive()
    connection.close()
    keep(method, path, answer.status, answer.fields.get("content-type"), answer.body)
    return answer
