"""What one client can send and should not: endless and slow heads, bodies that never end, chunks of every
bad kind, JSON as deep as it goes. Each is refused with a code of its own, by a limit that has a
counter, and the gateway answers afterwards as before."""

from __future__ import annotations

import json
import unittest

from abuse_case import AbuseCase
from abuse_clients import MEBIBYTE, Memory, RawClient, Told, chunk, head, in_parallel
from harness import Ask, wait_until

CLIENTS = 100
PATHS = ("/v1/chat/completions", "/v1/responses", "/v1/embeddings", "/v1/messages")
CHUNKED = "Transfer-Encoding: chunked\r\n"


class Heads(AbuseCase):
    settings = "[limits]\nhead_timeout_seconds = 0.5\n"

    def test_floods_of_fields(self) -> None:
        key = self.ana.key
        floods = {
            "a long field": (431, head(key, more="X-Long: " + "x" * 40_000 + "\r\n")),
            "a field without an end": (431, head(key)[:-2] + b"X-Long: " + b"x" * MEBIBYTE),
            "many fields": (431, head(key, more="".join(f"X-{i}: y\r\n" for i in range(200)))),
            "fields without an end": (431, head(key)[:-2] + b"X: y\r\n" * 100_000),
            "a long target": (414, head(key, "/v1/" + "x" * 20_000)),
            "a target without an end": (414, b"POST /" + b"x" * MEBIBYTE),
            "empty lines": (400, b"\r\n" * 100_000),
            "folded fields": (400, head(key, more="X: y\r\n" + " z\r\n" * 50)),
        }
        names = ("head_too_large", "too_many_fields", "target_too_long", "bad_request")
        before = {name: self.crossed(name) for name in names}
        for name, (status, data) in floods.items():
            with self.subTest(flood=name):
                for told in in_parallel(CLIENTS // 4, lambda _: self.tell(data)):
                    self.check(told, status)
        for name in names:
            self.assertGreaterEqual(self.crossed(name) - before[name], CLIENTS // 4, name)
        self.assertLess(self.memory.grown_bytes(), 32 * MEBIBYTE)

    def test_slow_heads(self) -> None:
        """Begun and never ended, or a byte at a time: both have the time that a head has."""
        whole = head(self.ana.key)

        def stopped(number: int) -> Told:
            with RawClient(self.gateway.port) as client:
                client.send(whole[: 1 + number % (len(whole) - 1)])
                return client.read(until_closed=True)

        def trickled(_: int) -> Told:
            with RawClient(self.gateway.port) as client:
                client.trickle((whole[i : i + 1] for i in range(len(whole) - 1)), 0.02)
                return client.read(until_closed=True)

        before = self.crossed("head_timeout")
        for told in in_parallel(CLIENTS, stopped) + in_parallel(CLIENTS, trickled):
            self.check(told, 408, "head_timeout")
            self.assertTrue(told.closed)
        self.assertEqual(self.crossed("head_timeout") - before, 2 * CLIENTS)


class Bodies(AbuseCase):
    settings = f"""
[limits]
body_bytes = {4 * MEBIBYTE}
buffered_bytes = {32 * MEBIBYTE}
body_idle_timeout_seconds = 0.5
body_total_timeout_seconds = 1.5
"""

    def test_slow_bodies(self) -> None:
        """One that stops has the time between two reads; one that trickles that of a whole body."""
        body = Ask(self.next_id()).body()

        def stopped(number: int) -> Told:
            more = CHUNKED if number % 2 else f"Content-Length: {len(body)}\r\n"
            path = "/api/v1/estimate" if number % 3 == 0 else PATHS[0]
            with RawClient(self.gateway.port) as client:
                client.send(head(self.ana.key, path, more) + (b"5\r\n" if number % 2 else body[:10]))
                return client.read(until_closed=True)

        def trickled(number: int) -> Told:
            more = CHUNKED if number % 2 else "Content-Length: 100000\r\n"
            pieces = (b"1\r\nx\r\n" if number % 2 else b"x" for _ in range(100_000))
            with RawClient(self.gateway.port) as client:
                client.send(head(self.ana.key, PATHS[number % 4], more))
                client.trickle(pieces, 0.05)
                return client.read(until_closed=True)

        before = self.crossed("body_timeout")
        told = in_parallel(48, stopped) + in_parallel(48, trickled)
        for each in told:
            self.check(each, 408, "body_timeout")
            self.assertTrue(each.closed)
        self.assertEqual(self.crossed("body_timeout") - before, len(told))

    def test_bodies_that_are_too_large(self) -> None:
        limit = 4 * MEBIBYTE
        said = head(self.ana.key, more=f"Content-Length: {limit + 1}\r\n")
        self.check(self.tell(said), 413, "body_too_large")
        self.check(self.tell(head(self.ana.key, more=f"Content-Length: {10**12}\r\n")), 413)
        self.check(self.tell(head(self.ana.key, more=f"Content-Length: {10**40}\r\n")), 400)
        pieces = chunk(b"x" * 65536) * (limit // 65536 + 1)
        told = self.tell(head(self.ana.key, more=CHUNKED) + pieces)
        self.check(told, 413, "body_too_large")
        self.check(self.tell(head(self.ana.key, "/api/v1/users", f"Content-Length: {limit + 1}\r\n")), 413)

    def test_chunks(self) -> None:
        start = head(self.ana.key, more=CHUNKED)
        body = Ask(self.next_id(), filler="x" * 50_000).body()
        tiny = b"".join(chunk(body[i : i + 1]) for i in range(len(body)))
        self.check(self.tell(start + tiny + b"0\r\n\r\n"), 200)
        cases = {
            "a size with many zeros": b"0" * 100_000 + b"5\r\nhello\r\n0\r\n\r\n",
            "a size without an end": b"5" * MEBIBYTE,
            "a long extension": chunk(b"hello", b";" + b"x" * 5000),
            "extensions on every chunk": chunk(b"x", b";" + b"y" * 200) * 10_000,
            "an extension without an end": b"5;" + b"x" * MEBIBYTE,
            "trailers without an end": b"0\r\n" + b"X: y\r\n" * 100_000,
            "a long trailer": b"0\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
            "no size": b"\r\n" * 1000,
            "a negative size": b"-5\r\nhello\r\n",
        }
        for name, data in cases.items():
            with self.subTest(chunks=name):
                self.check(self.tell(start + data), 400, "bad_framing")
        for size in (b"FFFFFFFFFFFFFFFF\r\n", b"7FFFFFFFFFFFFFFF\r\n", b"1" + b"0" * 16 + b"\r\n"):
            told = self.tell(start + size + b"x" * 65536)
            self.assertIn(told.status, (400, 408, 413), size)
            self.assertTrue(told.whole)


class Json(AbuseCase):
    settings = f"[limits]\nbody_bytes = {4 * MEBIBYTE}\nbuffered_bytes = {32 * MEBIBYTE}\n"
    DEEP = 100_000

    def bombs(self) -> dict[str, bytes]:
        deep = self.DEEP
        wide = 4 * MEBIBYTE - 100
        inside = b'{"model":"gpt-4o-mini","messages":%s,"input":%s,"max_tokens":1}'
        arrays, objects = b"[" * deep + b"]" * deep, b'{"a":' * deep + b"1" + b"}" * deep
        keys = b",".join(b'"%d":1' % i for i in range(200_000))
        return {
            "arrays": arrays,
            "arrays without an end": b"[" * deep,
            "as many as fit": b"[" * wide,
            "objects": objects,
            "objects without an end": b'{"a":' * deep,
            "inside a request": inside % (arrays, arrays),
            "objects inside a request": inside % (objects, objects),
            "in turns": b'[{"a":' * (deep // 2) + b"1" + b"}]" * (deep // 2),
            "many values": b"[" + b"1," * (wide // 2) + b"1]",
            "many keys": b"{" + keys + b"}",
            "the same key": b"{" + b'"model":"x",' * 100_000 + b'"model":"x"}',
            "a long number": b'{"n":' + b"1" * MEBIBYTE + b"}",
            "a string of quotes": b'{"a":"' + b'\\"' * (wide // 2 - 100),
            "lone surrogates": b'{"a":"' + b"\\ud800" * 500_000 + b'"}',
        }

    def test_bombs(self) -> None:
        for name, bomb in self.bombs().items():
            for path in PATHS + ("/v1/messages/count_tokens",):
                with self.subTest(bomb=name, path=path):
                    self.check(self.post(bomb, path), 400)
            with self.subTest(bomb=name, path="/api/v1/estimate"):
                wrapped = b'{"path":"/v1/chat/completions","request":' + bomb + b"}"
                self.check(self.post(wrapped[: 4 * MEBIBYTE], "/api/v1/estimate"), 400)


class Paused(AbuseCase):
    """While a cap is paused, a request is refused before anyone has looked at its body."""

    def test_what_is_no_json_is_refused_all_the_same(self) -> None:
        bodies = (b"no JSON at all", b"[" * 100_000, b"\xff\xfe\x00", b"{}", b"", b'{"model":"no-such"}')
        for path in PATHS:
            for body in bodies:
                with self.subTest(path=path, body=body[:20]):
                    self.check(self.post(body, path, self.paused.key), 402, "budget_exceeded")
                    other = self.post(body, path)  # the same, where it is read
                    self.assertNotIn(other.status, (200, 402), "this body says nothing of parsing")

    def loop(self, key: str) -> None:
        """16 clients that retry 200 times each, and are refused each time."""

        def one(_: int) -> int:
            with RawClient(self.gateway.port) as client:
                refused = 0
                for _ in range(200):
                    body = Ask("retry", limit=1000).body()
                    client.received = b""
                    client.send(head(key, more=f"Content-Length: {len(body)}\r\n") + body)
                    refused += client.read().status == 402
                return refused

        self.assertEqual(in_parallel(16, one), [200] * 16)

    def test_a_loop_of_retries_for_spend_commits_nothing(self) -> None:
        """On a cap that is not paused: only who came before the first refusal asks the ledger. And the
        next request after a raise is granted."""
        commands = lambda: self.metric("purser_store_commands_total")
        poor = self.gateway.add_member("poor", "engineering", "0.0001")
        self.held()
        before, sent = commands(), len(self.stub.records)
        self.loop(poor.key)
        self.assertLessEqual(commands() - before, 16 + 1)  # and the alert that one of them causes
        self.assertEqual(len(self.stub.records), sent)
        for limit, status in (("1", 200), ("0.0001", 402), ("2", 200)):
            self.gateway.set_cap("user", poor.email, limit)
            self.check(self.post(Ask(self.next_id(), limit=1000).body(), key=poor.key), status)

    def test_a_loop_of_retries_writes_nothing_and_sends_nothing(self) -> None:
        self.held()  # nothing is under way any more
        before, sent = self.sequence(), len(self.stub.records)
        self.loop(self.paused.key)
        self.assertEqual(self.sequence(), before)
        self.assertEqual(len(self.stub.records), sent)
        self.assertLess(self.memory.grown_bytes(), 32 * MEBIBYTE)


if __name__ == "__main__":
    unittest.main()
