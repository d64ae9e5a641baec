"""Clients that mean no good: blocking sockets, each on a thread of its own, that send what they like and
still read what they are told."""

from __future__ import annotations

import concurrent.futures
import contextlib
import dataclasses
import pathlib
import resource
import select
import socket
from typing import Any, Callable, Iterable

from harness import WAIT_SECONDS

MEBIBYTE = 1 << 20


@dataclasses.dataclass
class Told:
    status: int = 0  # 0: closed without a word
    head: bytes = b""
    body: bytes = b""
    whole: bool = False  # as long as its head says
    closed: bool = False  # and after it nothing comes any more


class RawClient:
    def __init__(self, port: int, receive_bytes: int = 0):
        self.socket = socket.socket()
        if receive_bytes:  # a reader that takes little
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        self.socket.settimeout(WAIT_SECONDS)
        self.socket.connect(("127.0.0.1", port))
        self.received = b""

    def __enter__(self) -> "RawClient":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.socket.close()

    def has_answer(self, seconds: float = 0) -> bool:
        """Something came, or the connection ended; waits for it, at most so long."""
        poll = select.poll()  # select() takes no descriptor above 1,023
        poll.register(self.socket, select.POLLIN)
        return bool(poll.poll(seconds * 1000))

    def send(self, data: bytes) -> bool:
        """False: it was answered, or cut off, before all had been sent."""
        view = memoryview(data)
        while view:
            if self.has_answer():
                return False
            with contextlib.suppress(TimeoutError):
                try:
                    view = view[self.socket.send(view[:65536]) :]
                except (BrokenPipeError, ConnectionResetError):
                    return False
        return True

    def trickle(self, pieces: Iterable[bytes], every: float) -> None:
        """Piece by piece, each when nothing has come for so long; ends with an answer."""
        for piece in pieces:
            if self.has_answer(every) or not self.send(piece):
                return

    def read(self, until_closed: bool = False) -> Told:
        told = Told()
        while not told.whole or until_closed:
            try:
                data = self.socket.recv(65536)
            except ConnectionResetError:
                data = b""
            if not data:
                told.closed = True
                break
            self.received += data
            self._parse(told)
        self._parse(told)
        return told

    def _parse(self, told: Told) -> None:
        told.head, found, rest = self.received.partition(b"\r\n\r\n")
        if not found:
            return
        told.status = int(told.head.split(b" ", 2)[1])
        if told.status == 100:
            self.received = rest
            return self._parse(told)
        fields = dict(
            line.lower().split(b": ", 1) for line in told.head.split(b"\r\n")[1:] if b": " in line
        )
        if b"chunked" in fields.get(b"transfer-encoding", b""):
            told.body, told.whole = rest, rest.endswith(b"0\r\n\r\n")
            return
        length = int(fields.get(b"content-length", b"0"))
        told.body, told.whole = rest[:length], len(rest) >= length


def in_parallel(count: int, work: Callable[[int], Any]) -> list[Any]:
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        return list(pool.map(work, range(count)))


def head(key: str, path: str = "/v1/chat/completions", more: str = "", method: str = "POST") -> bytes:
    fields = f"Host: purser\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n"
    return f"{method} {path} HTTP/1.1\r\n{fields}{more}\r\n".encode()


def with_length(key: str, body: bytes, path: str = "/v1/chat/completions") -> bytes:
    return head(key, path, f"Content-Length: {len(body)}\r\n") + body


def chunk(data: bytes, extension: bytes = b"") -> bytes:
    return f"{len(data):x}".encode() + extension + b"\r\n" + data + b"\r\n"


class Memory:
    """The most that a process has had resident since it was told to forget."""

    def __init__(self, pid: int):
        self.place = pathlib.Path(f"/proc/{pid}")
        self.before = 0

    def forget(self) -> None:
        (self.place / "clear_refs").write_text("5")
        self.before = self._bytes("VmRSS")

    def grown_bytes(self) -> int:
        return self._bytes("VmHWM") - self.before

    def _bytes(self, name: str) -> int:
        for line in (self.place / "status").read_text().splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1]) * 1024
        raise AssertionError(f"{self.place}/status says nothing of {name}")


def allow_descriptors(count: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(count, hard), hard))
    assert hard >= count, f"needs {count} open files, and may have {hard}"
