#!/usr/bin/env python3
"""A stand-in for OpenAI (chat completions, responses, embeddings) and Anthropic (messages,
count_tokens) on raw sockets: it answers in their wire formats, fails in the ways in which upstreams
fail, holds every request against the vendor's rules (stub_rules.py), and keeps its own books: one
record for each request received, with the tokens that it billed and whether it got to say so.

What it does with a request stands in the request's prompt (stub_plan.py). It runs on a thread of its
own; `records` may be read at any time, and `wait_for` waits for a condition on them.

By itself:  ./stub_provider.py --port 9900 --log /tmp/stub.jsonl
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import random
import socket
import struct
import threading
from typing import Any, Callable

import stub_formats as formats
import stub_plan
import stub_rules
from stub_formats import Bill
from stub_plan import Plan

HEAD_LIMIT = 64 * 1024
STREAMED = (formats.CHAT, formats.RESPONSES, formats.MESSAGES)


class Record(dict[str, Any]):
    """id, number, path, format, model, stream, limit, choices, mode, billed (tokens by class, or
    None where nothing was), told (whether the usage left for the wire), at_gate (it has waited, or
    waits), ending, problems."""


class Dropped(Exception):
    """The connection is of no more use."""


class StubProvider:
    def __init__(
        self,
        openai_key: str = "sk-stub-openai",
        anthropic_key: str = "sk-ant-stub",
        seed: int = 1,
        log: str | None = None,
    ):
        self.openai_key, self.anthropic_key = openai_key, anthropic_key
        self.records: list[Record] = []
        self.counted: list[Record] = []  # of the free counters; not among the others
        self.counter_faults = 0.0  # how many of them fail
        self.problems: list[str] = []
        self.changed = threading.Condition()
        self.port = 0
        self._rng = random.Random(seed)
        self._log = open(log, "a", buffering=1) if log else None
        self._gates: dict[str, asyncio.Event] = {}
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._tasks: set[asyncio.Task[None]] = set()

    # From the test's thread.

    def start(self, port: int = 0) -> int:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(port), self._loop).result()
        return self.port

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        if self._log:
            self._log.close()

    def open_gate(self, name: str) -> None:
        self._loop.call_soon_threadsafe(lambda: self._gate(name).set())

    def wait_for(self, condition: Callable[[list[Record]], bool], seconds: float = 30) -> bool:
        with self.changed:
            return self.changed.wait_for(lambda: condition(self.records), seconds)

    def of(self, id: str) -> list[Record]:
        with self.changed:
            return [record for record in self.records if record["id"] == id]

    # On its own thread.

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    async def _listen(self, port: int) -> None:
        self._server = await asyncio.start_server(
            self._serve, "127.0.0.1", port, limit=HEAD_LIMIT, backlog=1024
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        assert self._server
        self._server.close()
        for gate in self._gates.values():
            gate.set()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _gate(self, name: str) -> asyncio.Event:
        return self._gates.setdefault(name, asyncio.Event())

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        connection = writer.get_extra_info("socket")
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            while await self._serve_one(reader, writer):
                pass
        except (Dropped, ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            with contextlib.suppress(Exception):
                writer.close()

    def _note(self, record: Record) -> None:
        with self.changed:
            self.changed.notify_all()
            if self._log:
                self._log.write(json.dumps(record) + "\n")

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError as error:
            if error.partial:
                self.problems.append(f"a request broke off in its head: {error.partial[:80]!r}")
            return False
        lines = head.decode("latin-1").split("\r\n")[:-2]
        method, target, version = lines[0].split(" ")
        fields = []
        for line in lines[1:]:
            name, _, value = line.partition(":")
            fields.append((name.lower(), value.strip()))
        body = await reader.readexactly(int(dict(fields).get("content-length", "0")))
        path, _, query = target.partition("?")
        exchange = Exchange(self, reader, writer, random.Random(self._rng.random()))
        return await exchange.run(f"{method} {version}", path, query, fields, body)


class Exchange:
    """One request and its answer."""

    def __init__(
        self,
        stub: StubProvider,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        rng: random.Random,
    ):
        self.stub, self.reader, self.writer, self.rng = stub, reader, writer, rng
        self.record = Record()
        self.plan = Plan()

    async def run(
        self, line: str, path: str, query: str, fields: list[tuple[str, str]], body: bytes
    ) -> bool:
        format = formats.FORMAT_OF_PATH.get(path)
        self.format = format or formats.CHAT
        if line != "POST HTTP/1.1" or format is None:
            self.stub.problems.append(f"a request that no vendor serves: {line} {path}")
            return await self._send_whole(404, b"{}")
        self.plan = plan = stub_plan.parse(body, self.rng)
        anthropic = format in (formats.MESSAGES, formats.COUNT_TOKENS)
        key = self.stub.anthropic_key if anthropic else self.stub.openai_key
        problems = stub_rules.check_head(format, fields, f"127.0.0.1:{self.stub.port}", key)
        request, more = stub_rules.check_body(format, body)
        problems += more
        self.limit = stub_rules.output_limit(format, request)
        self.choices = request.get("n") or 1 if format == formats.CHAT else 1
        self.record.update(
            id=plan.id,
            path=path,
            query=query,
            format=format,
            model=request.get("model"),
            stream=bool(request.get("stream")),
            limit=self.limit,
            choices=self.choices,
            mode=plan.mode,
            billed=None,
            told=False,
            ending="open",
            problems=problems,
            fields=dict(fields),
            request=request,
        )
        if format in formats.FREE:
            return await self._count(request)
        with self.stub.changed:
            self.record["number"] = len(self.stub.records)
            self.stub.records.append(self.record)
            self.stub.problems += [f"{plan.id}: {problem}" for problem in problems]
            self.stub.changed.notify_all()
        try:
            if plan.gate:
                await self._wait_at(plan.gate)
            go_on = await self._answer(request)
            self.record["ending"] = plan.mode
            return go_on and not plan.close
        except (Dropped, ConnectionError, asyncio.IncompleteReadError):
            self.record["ending"] = f"{plan.mode}, gateway gone"
            raise
        finally:
            self.stub._note(self.record)

    async def _wait_at(self, gate: str) -> None:
        with self.stub.changed:
            self.record["at_gate"] = True
            self.stub.changed.notify_all()
        await self.stub._gate(gate).wait()

    async def _count(self, request: dict[str, Any]) -> bool:
        """A free counter: nothing is billed, and the prompt's wish is for the request itself."""
        with self.stub.changed:
            self.record["number"] = len(self.stub.counted)
            self.stub.counted.append(self.record)
            self.stub.problems += [f"{self.plan.id}: {each}" for each in self.record["problems"]]
        if self.rng.random() < self.stub.counter_faults:
            status = self.rng.choice([200, 429, 500])
            return await self._send_whole(status, b'{"input_tokens": "many"}')
        self.plan.mode, self.plan.framing = "normal", "length"
        return await self._answer(request)

    def _bill(self) -> Bill:
        plan = self.plan
        assert plan.input is not None and plan.output is not None
        most = (self.limit or 0) * self.choices
        output = most if plan.output == -1 else min(plan.output * self.choices, most)
        bill = Bill(
            input=plan.input,
            cached_input=plan.cached,
            cache_write_5m=plan.write_5m,
            cache_write_1h=plan.write_1h,
            output=output,
            reasoning=min(plan.reasoning, output),
        )
        if plan.mode == "liar":
            bill.input, bill.output = bill.input * plan.times, most * plan.times
        if self.format == formats.EMBEDDINGS:
            bill = Bill(input=bill.input)
        return bill

    async def _answer(self, request: dict[str, Any]) -> bool:
        plan = self.plan
        if plan.mode == "error":
            more = plan.say
            if plan.tell_key:
                fields = self.record["fields"]
                more += " Wrong key: " + (fields.get("authorization") or fields.get("x-api-key", ""))
            body = formats.error(self.format, plan.status, plan.code, more)
            return await self._send_whole(plan.status, body)
        bill = self._bill()
        # A stream that fails before any output bills nothing, as far as the vendor is concerned.
        streamed = self.format in STREAMED and request.get("stream") is True
        fails_first = (
            streamed
            and plan.mode == "error_event"
            and plan.at <= formats.FRAMES_BEFORE_OUTPUT[self.format]
        )
        free = self.format in formats.FREE or fails_first
        self.record["billed"] = None if free else bill.tokens()
        self.record["tier"] = plan.tier
        if plan.mode == "silent":
            await self._wait_for_gateway_to_close()
        if plan.mode == "hang_up":
            raise Dropped
        if plan.mode == "garbage_head":
            await self._write(b"\x16\x03\x01 this is no HTTP\r\n\r\n")
            raise Dropped
        words = [f"word{i} " for i in range(plan.frames)]
        if plan.say:
            words[0] = plan.say + " "
        answer = formats.Answer(
            format=self.format,
            number=self.record["number"],
            model=str(request.get("model")) + "-2026-01-01",
            bill=bill,
            texts=[word + "x" * plan.pad for word in words],
            limit_reached=bill.output == (self.limit or 0) * self.choices,
            with_usage=plan.mode != "no_usage",
            negative=plan.mode == "odd_usage",
            include_usage=bool((request.get("stream_options") or {}).get("include_usage")),
            choices=self.choices,
            tier=plan.tier,
        )
        if streamed:
            return await self._send_stream(answer)
        return await self._send_json(answer)

    # Whole answers.

    async def _send_json(self, answer: formats.Answer) -> bool:
        body = formats.whole(answer)
        mode = self.plan.mode
        if mode == "garbage":
            return await self._send_whole(200, b'{"usage": {"prompt_tokens": [[[ \xff\x00')
        half = body[: len(body) // 2]
        if mode in ("cut", "reset", "stall"):
            await self._write(self._head(200, "application/json", len(body)) + half)
            await self._break_off()
        if mode == "lying_length_more":
            await self._write(self._head(200, "application/json", len(body) + 100) + body)
            raise Dropped
        if mode == "lying_length_less":
            await self._write(self._head(200, "application/json", len(body) - 20) + body)
            raise Dropped
        if mode == "both_lengths":
            head = self._head(200, "application/json", len(body))
            await self._write(head[:-2] + b"Transfer-Encoding: chunked\r\n\r\n" + body)
            raise Dropped
        self.record["told"] = answer.with_usage and not answer.negative
        if self.plan.framing == "length":
            return await self._send_whole(200, body)
        await self._write(self._head(200, "application/json", None))
        for piece in self._pieces(body):
            await self._write(self._framed(piece))
        await self._write(self._end())
        return self.plan.framing == "chunked"

    async def _send_whole(self, status: int, body: bytes) -> bool:
        await self._write(self._head(status, "application/json", len(body)) + body)
        return True

    # Streams.

    async def _send_stream(self, answer: formats.Answer) -> bool:
        plan, mode = self.plan, self.plan.mode
        frames = formats.stream(answer)
        if not plan.done and self.format == formats.CHAT:
            frames.pop()
        faulty = mode not in ("normal", "no_usage", "odd_usage", "liar")
        if faulty:
            frames = frames[: plan.at]
        if mode == "error_event":
            frames.append(formats.error_frame(self.format, plan.code))
        if mode == "garbage":
            frames.append(formats.Frame(b'data: {"choices": [[[ \xff\xfe\n\n\x00\x01: : :\n\n'))
        lying = mode in ("lying_length_more", "lying_length_less")
        if lying:
            total = sum(len(self._with_eol(frame.data)) for frame in frames)
            length = total + 100 if mode == "lying_length_more" else total - 10
            await self._write(self._head(200, "text/event-stream; charset=utf-8", length))
        else:
            await self._write(self._head(200, "text/event-stream; charset=utf-8", None))
        for i, frame in enumerate(frames):
            if plan.midgate and i == plan.at:
                await self._wait_at(plan.midgate)
            data = self._with_eol(frame.data)
            if not lying and self.rng.random() < 0.1:
                data = self._with_eol(b": keep-alive\n\n") + data
            if frame.usage and not answer.negative:
                self.record["told"] = True
            for piece in self._pieces(data):
                await self._write(piece if lying else self._framed(piece))
        if mode in ("cut", "reset", "stall"):
            await self._break_off()
        if lying:
            raise Dropped
        await self._write(self._end())
        return plan.framing == "chunked"

    def _with_eol(self, data: bytes) -> bytes:
        return data.replace(b"\n", b"\r\n") if self.plan.eol == "crlf" else data

    def _pieces(self, data: bytes) -> list[bytes]:
        """Cut at random bytes, as a network does."""
        if len(data) > 4096 or self.rng.random() < 0.5:
            return [data]
        cuts = sorted(self.rng.randrange(1, len(data)) for _ in range(self.rng.randint(1, 3)))
        return [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)]) if a < b]

    # The wire.

    def _head(self, status: int, type: str, length: int | None) -> bytes:
        lines = [f"HTTP/1.1 {status} Stubbed", f"Content-Type: {type}", "Server: stub"]
        if self.format in (formats.MESSAGES, formats.COUNT_TOKENS):
            lines += [f"request-id: req_{self.record['number']}"]
            lines += ["anthropic-organization-id: org_stub"]
        else:
            lines += [f"x-request-id: req_{self.record['number']}", "openai-organization: org_stub"]
            lines += ["x-ratelimit-remaining-requests: 999"]
        lines += ["Set-Cookie: __cf_bm=secret; path=/", 'Alt-Svc: h3=":443"']
        if length is not None:
            lines.append(f"Content-Length: {length}")
        elif self.plan.framing == "close":
            lines.append("Connection: close")
        else:
            lines.append("Transfer-Encoding: chunked")
        if self.plan.close and self.plan.framing != "close":
            lines.append("Connection: close")
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def _framed(self, data: bytes) -> bytes:
        if self.plan.framing == "close":
            return data
        return f"{len(data):x}\r\n".encode() + data + b"\r\n"

    def _end(self) -> bytes:
        return b"" if self.plan.framing == "close" else b"0\r\n\r\n"

    async def _write(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def _wait_for_gateway_to_close(self) -> None:
        while await self.reader.read(4096):
            pass
        raise Dropped

    async def _break_off(self) -> None:
        if self.plan.mode == "stall":
            await self._wait_for_gateway_to_close()
        if self.plan.mode == "reset":
            connection = self.writer.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.writer.transport.abort()
        raise Dropped


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--port", type=int, default=9900)
    parser.add_argument("--log", help="one JSON object a request")
    parser.add_argument("--openai-key", default="sk-stub-openai")
    parser.add_argument("--anthropic-key", default="sk-ant-stub")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    stub = StubProvider(options.openai_key, options.anthropic_key, options.seed, options.log)
    print(f"the stub provider listens on http://127.0.0.1:{stub.start(options.port)}")
    with contextlib.suppress(KeyboardInterrupt):
        threading.Event().wait()
    stub.stop()


if __name__ == "__main__":
    main()
