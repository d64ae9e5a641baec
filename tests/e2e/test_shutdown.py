"""A graceful shutdown accepts nothing more, waits for what is under way up to a limit, and leaves
nothing `unconfirmed`."""

from __future__ import annotations

import asyncio
import signal
import unittest

from harness import ESTIMATED, UNCONFIRMED, Answer, Ask, Gateway, ask, wait_until
from stub_provider import StubProvider

STREAMS = 12


class Shutdown(unittest.TestCase):
    def setUp(self) -> None:
        self.stub = StubProvider()
        self.stub.start()
        self.addCleanup(self.stub.stop)

    def start(self, drain_seconds: int) -> None:
        self.gateway = Gateway(self.stub, f"shutdown_drain_seconds = {drain_seconds}")
        self.addCleanup(self.gateway.remove)
        self.gateway.start()
        self.gateway.add_team("engineering", "1000")
        self.ana = self.gateway.add_member("ana", "engineering", "100")

    async def under_way(self, plan: dict[str, object]) -> tuple[list[Answer], int]:
        """Streams and JSON under way when SIGTERM comes; their answers, and whether one more client
        is let in."""
        wanted = [Ask(f"s{i}", stream=i % 2 == 0, plan=plan) for i in range(STREAMS)]
        tasks = [asyncio.create_task(ask(self.gateway.port, self.ana.key, w)) for w in wanted]
        received = lambda all: len(all) == STREAMS
        self.assertTrue(await asyncio.to_thread(self.stub.wait_for, received))
        assert self.gateway.process
        self.gateway.process.send_signal(signal.SIGTERM)
        await asyncio.to_thread(wait_until, lambda: not self.accepts(), "the door to close")
        self.stub.open_gate("after-sigterm")
        answers = await asyncio.gather(*tasks)
        return answers, self.gateway.wait()

    def accepts(self) -> bool:
        import socket

        try:
            socket.create_connection(("127.0.0.1", self.gateway.port), timeout=5).close()
            return True
        except ConnectionError:
            return False

    def check_books(self) -> list[int]:
        self.gateway.verify()
        with self.gateway.books() as books:
            self.assertEqual(books.holds(), [])
            flags = [row["flags"] for row in books.usages()]
        self.assertEqual(len(flags), STREAMS)
        self.assertFalse(any(flag & UNCONFIRMED for flag in flags))
        return flags

    def test_what_is_under_way_is_finished(self) -> None:
        self.start(drain_seconds=30)
        answers, status = asyncio.run(self.under_way({"gate": "after-sigterm", "out": 5}))
        self.assertEqual(status, 0)
        self.assertEqual([a.status for a in answers], [200] * STREAMS)
        self.assertTrue(all(a.whole for a in answers))
        self.assertEqual(self.check_books(), [0] * STREAMS)
        print(f"shutdown: {STREAMS} under way, all finished, none unconfirmed")

    def test_what_does_not_end_is_cut_and_booked_in_full(self) -> None:
        self.start(drain_seconds=1)
        answers, status = asyncio.run(self.under_way({"mode": "stall", "at": 2}))
        self.assertEqual(status, 0)
        self.assertEqual(self.check_books(), [ESTIMATED] * STREAMS)
        told = [a.body for a in answers if a.status == 502 or b"error" in a.body]
        self.assertEqual([body for body in told if b"Purser was stopped" not in body], [])
        print(f"shutdown: {STREAMS} that never end, all booked in full, {len(told)} clients told")

    def test_the_next_start_finds_nothing_to_recover(self) -> None:
        self.start(drain_seconds=1)
        asyncio.run(self.under_way({"mode": "stall", "at": 2}))
        self.gateway.start()
        with self.gateway.books() as books:
            expired = books.db.execute("SELECT count(*) FROM audit WHERE action = 'hold.expire'")
            self.assertEqual(expired.fetchone()[0], 0)
        self.gateway.terminate()


if __name__ == "__main__":
    unittest.main()
