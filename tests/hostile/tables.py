"""Reads requests.table and answers.table; README.md tells how they are written."""

from __future__ import annotations

import dataclasses
import pathlib
import re

HERE = pathlib.Path(__file__).resolve().parent
ENDINGS = ("stop", "wait", "end", "reset", "silence")
TOKEN = re.compile(rb"\\x([0-9a-f]{2})|\\(.)|\$\((.*?)\)", re.S)
ESCAPES = {b"r": b"\r", b"n": b"\n", b"t": b"\t", b"\\": b"\\"}


@dataclasses.dataclass
class Row:
    name: str
    columns: list[str]
    written: str  # its bytes, as the table has them

    @property
    def then(self) -> str:
        found = re.search(r"\$\((\w+)\)$", self.written)
        return found[1] if found and found[1] in ENDINGS else ""


def expand(text: bytes, macros: dict[str, bytes]) -> bytes:
    def one(found: re.Match[bytes]) -> bytes:
        byte, escape, inner = found.groups()
        if byte:
            return bytes([int(byte, 16)])
        if escape:
            return ESCAPES[escape]
        if inner.decode() in macros:
            return expand(macros[inner.decode()], macros)
        if inner.decode() in ENDINGS:
            return b""
        piece, _, count = inner.rpartition(b"*")
        return expand(piece, macros) * int(count)

    return TOKEN.sub(one, text)


def sizes(macros: dict[str, bytes], of: str) -> dict[str, bytes]:
    size = len(macros[of])
    macros["length"], macros["hex"] = b"%d" % size, b"%x" % size
    macros["sized"] = rb"Content-Length: $(length)\r\n"
    macros["chunked"] = rb"Transfer-Encoding: chunked\r\n\r\n"
    macros["chunks"] = rb"$(hex)\r\n$(%s)\r\n0\r\n\r\n" % of.encode()
    return macros


def request_bytes(row: Row, name: str, upstream: str, key: str) -> bytes:
    body = '{"model":"%s/gpt-4o-mini","user":"%s","max_tokens":16,' % (upstream, name)
    body += '"messages":[{"role":"user","content":"hi"}]}'
    who = rf"Authorization: Bearer {key}\r\nUser-Agent: {name}\r\nContent-Type: application/json\r\n"
    macros = {
        "path": b"POST /v1/chat/completions",
        "who": who.encode(),
        "post": rb"$(path) HTTP/1.1\r\nHost: x\r\n$(who)",
        "body": body.encode(),
    }
    return expand(row.written.encode(), sizes(macros, "body"))


NEXT = Row("next", [], r"$(post)$(sized)\r\n$(body)")


def answer_bytes(row: Row) -> bytes:
    usage = b'"usage":{"prompt_tokens":7,"completion_tokens":5}'
    last = b'data: {"choices":[],' + usage + b"}"
    head = rb"HTTP/1.1 200 OK\r\nContent-Type: "
    macros = {
        "ok": head + rb"application/json\r\n",
        "answer": b'{"id":"a","model":"gpt-4o-mini","choices":[],' + usage + b"}",
        "sse": head + rb"text/event-stream\r\n\r\n",
        "sse_chunked": head + rb"text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n",
        "event": rb'data: {"choices":[{"index":0,"delta":{"content":"hi"}}]}\n\n',
        "last": last + rb"\n\n",
        "done": rb"data: [DONE]\n\n",
        "usage_chunks": rb"%x\r\n$(last)\r\ne\r\n$(done)\r\n0\r\n\r\n" % (len(last) + 2),
    }
    return expand(row.written.encode(), sizes(macros, "answer"))


def read(file: str) -> list[Row]:
    rows = []
    columns = 2 if file == "requests.table" else 3
    for line in (HERE / file).read_text().splitlines():
        if line and not line.startswith("#"):
            name, *rest = line.split(" | ", columns + 1)
            rows.append(Row(name, rest[:-1], rest[-1]))
    assert len({row.name for row in rows}) == len(rows), "a name stands twice"
    return rows


def read_requests() -> list[Row]:
    return read("requests.table")


def read_answers() -> list[Row]:
    return read("answers.table")
