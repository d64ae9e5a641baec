"""How much memory clients can make Purser take, and how many connections: bodies by the hundred, idle and
half-open connections by the thousand, readers that do not read. Measured as the most that was resident
(VmHWM), against the configured limits and an allowance that is said beside each."""

from __future__ import annotations

import asyncio
import threading
import unittest

from abuse_case import AbuseCase
from abuse_clients import MEBIBYTE, RawClient, Told, head, in_parallel, with_length
from ai_client import Connection, dumps, key_fields
from harness import Ask, usd, wait_until

BODY = 4 * MEBIBYTE
BUFFERED = 32 * MEBIBYTE
HOLDS = 64  # of one key, holds_per_key


class Bodies(AbuseCase):
    """The limit counts what was read of bodies. The allowance is for what stands beside them: while one
    grows it is there twice, and each of two threads may parse one (up to four times its size)."""

    ALLOWED = BUFFERED + BUFFERED // 2 + 2 * 4 * BODY
    provider = "idle_timeout_seconds = 4"  # of a provider that stalls

    def setUp(self) -> None:
        """In a process that has parsed nothing large before: memory that it kept would hide what comes."""
        self.assertEqual(self.gateway.terminate(), 0)
        self.gateway.start()
        super().setUp()

    def large(self) -> bytes:
        wanted = Ask(self.next_id(), limit=1)
        return wanted.body()[:-1] + b" " * (BODY - len(wanted.body())) + b"}"

    def all_at_once(self, count: int, data: bytes) -> tuple[list[Told], int]:
        """Each sends all but the last byte; then what was resident is looked at; then the last."""
        ready, go = threading.Barrier(count + 1), threading.Event()

        def one(_: int) -> Told:
            with RawClient(self.gateway.port) as client:
                sent = client.send(data[:-1])
                ready.wait()
                go.wait()
                if sent:
                    client.send(data[-1:])
                return client.read()

        grown: list[int] = []

        def look() -> None:
            ready.wait()
            grown.append(self.memory.grown_bytes())
            go.set()

        looking = threading.Thread(target=look)
        looking.start()
        told = in_parallel(count, one)
        looking.join()
        return told, grown[0]

    def check_all(self, told: list[Told], allowed: set[int]) -> dict[int, int]:
        counts: dict[int, int] = {}
        for each in told:
            self.assertTrue(each.whole, each.head + each.body[:200])
            self.assertIn(each.status, allowed, each.body[:300])
            counts[each.status] = counts.get(each.status, 0) + 1
        return counts

    def test_large_bodies_of_one_key(self) -> None:
        before = self.crossed("buffered_full")
        told, grown = self.all_at_once(100, with_length(self.ana.key, self.large()))
        counts = self.check_all(told, {200, 402, 413, 429, 503})
        self.assertGreater(self.crossed("buffered_full"), before)
        self.assertGreater(counts[503], 0)
        self.assertLess(self.memory.grown_bytes(), self.ALLOWED)
        print(f"abuse: 100 bodies of {BODY:,}: {counts}, {self.memory.grown_bytes():,} bytes grown")

    def test_large_bodies_of_nobody(self) -> None:
        """Without a key nothing of a body is kept, on any path."""
        for path in ("/v1/chat/completions", "/v1/messages"):
            told, _ = self.all_at_once(100, with_length("psr_nobody", self.large(), path))
            self.check_all(told, {401})
        self.assertLess(self.memory.grown_bytes(), BUFFERED // 2)

    def test_large_bodies_of_nobody_for_the_api(self) -> None:
        told, _ = self.all_at_once(100, with_length("psr_nobody", self.large(), "/api/v1/users"))
        self.check_all(told, {401})

    def test_large_answers_of_one_key(self) -> None:
        """A provider's answers are held back until their usage is read: they count as well."""
        plan = {"pad": BODY, "frames": 4, "mode": "stall", "out": 1}

        async def all_at_once() -> None:
            connections = []
            for number in range(HOLDS // 2):
                connection = Connection(self.gateway.port)
                body = Ask(f"answer-{number}", limit=1, plan=plan).body()
                fields = {"Content-Type": "application/json", **key_fields(self.ana.key, "chat")}
                await connection.send("POST", "/v1/chat/completions", fields, body)
                connections.append(connection)
            for connection in connections:  # the most is remembered, whenever it was
                # Kept back until it stalls, or, beyond what may be kept, passed on and cut there.
                self.assertIn((await connection.receive()).status, (200, 502))
                connection.close()

        asyncio.run(all_at_once())
        # What grows piece by piece may have room for twice what has come of it.
        self.assertLess(self.memory.grown_bytes(), self.ALLOWED + BUFFERED)


class Parsing(AbuseCase):
    """What is made of a body beside it: a million values at most, of some 90 bytes, on each thread."""

    BODY = 32 * MEBIBYTE
    BUFFERED = 128 * MEBIBYTE
    settings = f"[limits]\nbody_bytes = {BODY}\nbuffered_bytes = {BUFFERED}\n"
    ALLOWED = BUFFERED + 2 * 100 * MEBIBYTE

    def test_bodies_that_are_much_to_parse(self) -> None:
        body = b'{"x":[' + b"1," * (self.BODY // 2 - 10) + b"1]}"
        for path in ("/v1/chat/completions", "/v1/messages"):
            in_parallel(4, lambda _: self.check(self.post(body, path), 400))
        self.assertLess(self.memory.grown_bytes(), self.ALLOWED)


class Connections(AbuseCase):
    IDLE = 2000
    settings = "[limits]\nhead_timeout_seconds = 60\n"

    def test_2000_idle_connections(self) -> None:
        """New ones, ones that had an answer and stay, and ones that wait in the middle of a head."""
        self.memory.forget()
        connected = [self.client() for _ in range(self.IDLE)]
        wait_until(lambda: self.metric("purser_connections_open") >= self.IDLE, "all to be accepted")
        self.assertEqual(self.run_ask(Ask(self.next_id())).status, 200)
        idle = self.memory.grown_bytes()
        for client in connected:
            client.send(head(self.ana.key, "/v1/models", method="GET"))
        for client in connected:
            self.check(client.read(), 200)
        self.assertEqual(self.run_ask(Ask(self.next_id(), stream=True)).status, 200)
        for client in connected:
            client.send(head(self.ana.key)[:-2] + b"X-Long: " + b"x" * 32_000)
        self.assertEqual(self.run_ask(Ask(self.next_id())).status, 200)
        grown = self.memory.grown_bytes()
        print(f"abuse: {self.IDLE} connections: {idle:,} bytes idle, {grown:,} with half a head of 32 KB")
        # A head (32 KB), as much again while the buffer grows, and the connection.
        self.assertLess(grown, self.IDLE * 80_000)
        for client in connected:
            client.close()
        wait_until(lambda: self.metric("purser_connections_open") < 10, "all to be closed")


class TooManyConnections(AbuseCase):
    LIMIT = 40
    settings = f"[limits]\nconnections = {LIMIT}\n"

    def test_one_more_is_refused_and_a_place_that_is_given_up_is_taken(self) -> None:
        own = self.client()  # asks for metrics while no other gets in

        def opened() -> int:
            own.received = b""
            own.send(head("", "/metrics", method="GET"))
            text = own.read().body.decode()
            return int(text.split("\npurser_connections_open ")[1].split("\n")[0])

        wait_until(lambda: opened() == 1, "earlier connections to be gone")
        inside = [self.client() for _ in range(self.LIMIT - 1)]
        wait_until(lambda: opened() == self.LIMIT, "all places to be taken")
        for _ in range(self.LIMIT * 3):
            with RawClient(self.gateway.port) as client:
                told = client.read(until_closed=True)
                self.check(told, 503, "too_many_connections")
                self.assertIn(b"retry-after: 1", told.head.lower())
                self.assertTrue(told.closed)
        self.assertEqual(opened(), self.LIMIT)
        inside[0].send(head(self.ana.key, "/v1/models", method="GET"))
        self.check(inside[0].read(), 200)
        for client in inside:
            client.close()
        wait_until(lambda: opened() == 1, "their places to be free")
        self.assertGreaterEqual(self.crossed("connections"), self.LIMIT * 3)


class SlowReaders(AbuseCase):
    settings = "[limits]\nwrite_timeout_seconds = 0.5\n"
    READERS = 16

    def test_who_does_not_read_is_dropped_and_booked(self) -> None:
        """Streams and whole answers of 8 MB; the provider's end is read all the same, and billed."""
        before, readers, wanted = self.crossed("write_timeout"), [], []
        for number in range(self.READERS):
            plan = {"pad": MEBIBYTE, "frames": 8, "out": 5, "framing": "chunked"}
            each = Ask(self.next_id(), limit=10, stream=number % 2 == 0, plan=plan)
            reader = self.client(receive_bytes=4096)
            reader.send(with_length(self.ana.key, each.body()))
            readers.append(reader)
            wanted.append(each)
        dropped = lambda: self.crossed("write_timeout") - before == self.READERS
        wait_until(dropped, "all readers to be dropped")
        for each in wanted:
            self.assertEqual(self.booked(each.id)["output_tokens"], 5)
        for reader in readers:
            self.assertTrue(reader.read(until_closed=True).closed)


if __name__ == "__main__":
    unittest.main()
