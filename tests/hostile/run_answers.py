"""Gives each row of answers.table to the release binary as a provider's answer, byte by byte as it
stands: what the client is told and what is booked must be what the table says, nothing may stay
held, and the next request on the same pool of connections must get its own answer."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import http.client
import json
import pathlib
import socket
import struct
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

import tables  # noqa: E402
from harness import ESTIMATED, RELEASED, Gateway, wait_until  # noqa: E402

PROVIDER = "first_byte_timeout_seconds = 2\nidle_timeout_seconds = 2\n"
PATIENCE_SECONDS = 60


class RawStub:
    """Answers a request whose `user` is a row's name with that row, any other with its own name."""

    openai_key, anthropic_key = "sk-stub", "sk-ant-stub"

    def __init__(self, rows: list[tables.Row]):
        self.rows = {row.name: row for row in rows}
        self.seen: dict[str, int] = {}
        self.port = 0
        self.loop = asyncio.new_event_loop()
        ready = threading.Event()
        threading.Thread(target=self.run, args=(ready,), daemon=True).start()
        ready.wait()

    def run(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self.loop)
        server = self.loop.run_until_complete(asyncio.start_server(self.serve, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        self.loop.run_forever()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while await self.answer(reader, writer):
                pass
        writer.close()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
        user = json.loads(await reader.readexactly(length))["user"]
        self.seen[user] = self.seen.get(user, 0) + 1
        row = None if user.startswith("next-") else self.rows.get(user.partition(".")[2])
        if row is None:
            own = {"id": user, "choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 5}}
            body = json.dumps(own).encode()
            head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
            writer.write(head % len(body) + body)
            await writer.drain()
            return True
        writer.write(tables.answer_bytes(row))
        await writer.drain()
        if row.then == "silence":
            await reader.read(1)  # until the gateway closes
        if row.then == "reset":
            linger = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            writer.transport.abort()
        return row.then == ""


class Run:
    def __init__(self, rounds: int):
        self.rows = tables.read_answers()
        self.rounds = rounds
        self.failures: list[str] = []
        self.stub = RawStub(self.rows)
        # One thread has one pool of connections, which all requests share.
        self.gateway = Gateway(self.stub, "", PROVIDER)
        text = self.gateway.config.read_text()
        self.gateway.config.write_text(text.replace("threads = 2", "threads = 1"))
        self.gateway.start()
        self.gateway.add_team("engineering", "1000")
        self.key = self.gateway.add_member("ana", "engineering", "100").key

    def ask(self, user: str, stream: bool) -> tuple[int, bytes, bool]:
        """Status, body, and whether it ended as its framing says."""
        request = {"model": "gpt-4o-mini", "user": user, "max_tokens": 16, "stream": stream}
        request["messages"] = [{"role": "user", "content": "hi"}]
        if stream:
            request["stream_options"] = {"include_usage": True}
        connection = http.client.HTTPConnection("127.0.0.1", self.gateway.port, timeout=PATIENCE_SECONDS)
        fields = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        try:
            connection.request("POST", "/v1/chat/completions", json.dumps(request), fields)
            response = connection.getresponse()
            self.check_fields(user, response)
            try:
                return response.status, response.read(), True
            except http.client.IncompleteRead as error:
                return response.status, error.partial, False
        finally:
            connection.close()

    def check_fields(self, user: str, response: http.client.HTTPResponse) -> None:
        for name in ("set-cookie", "server", "location", "content-encoding"):
            if response.getheader(name):
                self.failures.append(f"{user}: the provider's field {name} was passed on")
        if response.getheader("x-purser-cost-usd") == "0" and user.endswith("must_not_pass"):
            self.failures.append(f"{user}: the provider wrote Purser's own field")

    def check(self, row: tables.Row, number: int) -> None:
        kind, wanted = row.columns[1].split(" ")
        user = f"{number}.{row.name}"
        status, body, whole = self.ask(user, kind == "stream")
        found = str(status)
        if kind == "stream":
            ours = b"upstream_failed" in body
            told = b'"error"' in body
            found = "error" if ours else "told" if told else "whole" if b"[DONE]" in body else found
        if found not in wanted.split(",") or not whole:
            self.failures.append(f"{user}: answered {found} (whole: {whole}), not {wanted}: {body[:200]!r}")
        booked = self.booked(user)
        if booked != row.columns[2]:
            self.failures.append(f"{user}: booked {booked}, not {row.columns[2]}")
        self.check_next(f"next-{user}")
        if self.stub.seen.get(user) != 1:
            self.failures.append(f"{user}: sent upstream {self.stub.seen.get(user)} times")

    def check_next(self, user: str) -> None:
        status, body, _ = self.ask(user, False)
        if status != 200 or json.loads(body).get("id") != user:
            self.failures.append(f"{user}: got what is not its own: {status} {body[:200]!r}")
        if self.booked(user) != "exact":
            self.failures.append(f"{user}: booked {self.booked(user)}, not exact")

    def booked(self, user: str) -> str:
        with self.gateway.books() as books:
            wait_until(lambda: books.usage_of(user) is not None, f"the usage of {user}")
            row = books.usage_of(user)
        assert row is not None
        flags, cost = row["flags"], row["cost_nanos"]
        if flags == ESTIMATED and cost == row["hold_nanos"]:
            return "full"
        if flags == RELEASED and cost == 0:
            return "release"
        if flags == 0 and (row["input_tokens"], row["output_tokens"]) == (7, 5):
            return "exact"
        return f"{cost} of {row['hold_nanos']} with flags {flags}"

    def all(self) -> None:
        for number in range(self.rounds):
            for row in self.rows:
                try:
                    self.check(row, number)
                except (AssertionError, OSError, http.client.HTTPException, ValueError) as error:
                    self.failures.append(f"{row.name}: {error!r}")
        with self.gateway.books() as books:
            wait_until(lambda: not books.holds(), "the last hold to be settled")
            held = sum(account.held for account in books.accounts())
            self.usages = len(books.usages())
        if held:
            self.failures.append(f"{held} nanos are still held")
        if self.usages != 2 * len(self.rows) * self.rounds:
            self.failures.append(f"there are {self.usages} usages for {len(self.rows)} rows")
        if self.gateway.terminate() != 0:
            self.failures.append("purser did not end well")
        self.gateway.verify()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=1)
    run = Run(parser.parse_args().rounds)
    try:
        run.all()
    finally:
        run.gateway.remove()
    for failure in run.failures:
        print(failure[:600])
    print(
        f"hostile answers: {len(run.rows)} rows x {run.rounds}, each with a next request on its pool; "
        f"{run.usages} usages, nothing held; {len(run.failures)} failures"
    )
    sys.exit(1 if run.failures else 0)


if __name__ == "__main__":
    main()
