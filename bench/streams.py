"""The memory of a stream that is open: so many at once, each stopped in the middle by the stub."""

from __future__ import annotations

import selectors
import socket
from typing import Any

from compare import REQUEST_BYTES
from load import Bench, body_of
from processes import BenchError

EVENTS = 10
WAIT_SECONDS = 60
END = b"\r\n0\r\n\r\n"


class Streams:
    def __init__(self, port: int, keys: list[str], count: int):
        body = body_of(REQUEST_BYTES, stream=True)
        self.sockets = []
        for i in range(count):
            opened = socket.create_connection(("127.0.0.1", port))
            opened.sendall(
                f"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                f"Authorization: Bearer {keys[i % len(keys)]}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
            )
            self.sockets.append(opened)

    def wait(self, enough: Any) -> None:
        """Until what each has received is `enough`."""
        received = {each: b"" for each in self.sockets}
        waiting = selectors.DefaultSelector()
        for each in self.sockets:
            waiting.register(each, selectors.EVENT_READ)
        while waiting.get_map():
            ready = waiting.select(WAIT_SECONDS)
            if not ready:
                raise BenchError("a stream stands still")
            for key, _ in ready:
                piece = key.fileobj.recv(65536)  # type: ignore[union-attr]
                received[key.fileobj] += piece  # type: ignore[index]
                if not piece:
                    raise BenchError("a stream was cut")
                if enough(received[key.fileobj]):  # type: ignore[index]
                    waiting.unregister(key.fileobj)

    def close(self) -> None:
        for each in self.sockets:
            each.close()


def run(bench: Bench, count: int) -> dict[str, Any]:
    keys = bench.workspace.keys.read_text().split()
    bench.workspace.stop()  # memory that earlier parts gave back would be used first
    bench.workspace.start()
    server = bench.workspace.running

    def memory_with(streams: int) -> int:
        bench.stub.hold(EVENTS)
        opened = Streams(server.port, keys, streams)
        try:
            opened.wait(lambda received: received.count(b"data: ") >= EVENTS)
            memory = server.memory_bytes()
            bench.stub.hold(0)
            opened.wait(lambda received: received.endswith(END))
            return memory
        finally:
            bench.stub.hold(0)
            opened.close()

    few = max(count // 10, 1)  # what the first ones need is not counted to each
    before = memory_with(few)
    after = memory_with(count)
    return {
        "streams": count,
        "stream_bytes_each": max(0, round((after - before) / (count - few))),
        "memory_bytes_with_streams": after,
    }
