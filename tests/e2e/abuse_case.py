"""What the tests of abuse share: a gateway with small limits, and the proof after each test that it
serves, holds nothing, and keeps nothing of what was sent."""

from __future__ import annotations

import json
import re
import urllib.request

from abuse_clients import MEBIBYTE, Memory, RawClient, Told, allow_descriptors, with_length
from harness import Ask, GatewayCase, wait_until

# Every limit that is a wait is short, and every other small enough to be crossed.
LIMITS = f"""
[limits]
body_bytes = {4 * MEBIBYTE}
buffered_bytes = {32 * MEBIBYTE}
"""


class AbuseCase(GatewayCase):
    settings = LIMITS

    @classmethod
    def setUpClass(cls) -> None:
        allow_descriptors(6000)  # inherited by the gateway
        super().setUpClass()

    @classmethod
    def fill(cls) -> None:
        super().fill()
        cls.paused = cls.gateway.add_member("pat", "engineering", "0")

    def setUp(self) -> None:
        assert self.gateway.process
        self.pid = self.gateway.process.pid
        self.memory = Memory(self.pid)
        self.assertEqual(self.run_ask(Ask(self.next_id())).status, 200)
        self.memory.forget()

    def tearDown(self) -> None:
        """It lives, answers, holds nothing and has nothing buffered."""
        assert self.gateway.process
        self.assertIsNone(self.gateway.process.poll(), "the gateway has died")
        self.assertEqual(self.run_ask(Ask(self.next_id())).status, 200)
        super().tearDown()
        wait_until(lambda: self.metric("purser_buffered_bytes") == 0, "the last body to be let go")
        wait_until(lambda: self.metric("purser_exchanges_open") == 0, "the last exchange to end")
        self.assertEqual(self.metric("purser_http_handler_failures_total"), 0)

    def metrics(self) -> dict[str, float]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.gateway.port}/metrics") as answer:
            text = answer.read().decode()
        return {m[1]: float(m[2]) for m in re.finditer(r"^(purser_\S+) (\S+)$", text, re.M)}

    def metric(self, name: str) -> float:
        return self.metrics()[name]

    def crossed(self, limit: str) -> int:
        return int(self.metric(f'purser_http_limits_crossed_total{{limit="{limit}"}}'))

    def client(self, receive_bytes: int = 0) -> RawClient:
        client = RawClient(self.gateway.port, receive_bytes)
        self.addCleanup(client.close)
        return client

    def tell(self, data: bytes) -> Told:
        """Sends all that is taken, and reads the answer."""
        with RawClient(self.gateway.port) as client:
            client.send(data)
            return client.read()

    def post(self, body: bytes, path: str = "/v1/chat/completions", key: str = "") -> Told:
        return self.tell(with_length(key or self.ana.key, body, path))

    def check(self, told: Told, status: int, code: str = "") -> None:
        """An answer that is whole, and says why."""
        self.assertEqual(told.status, status, told.head + told.body[:300])
        self.assertTrue(told.whole, told)
        if code:
            answer = json.loads(told.body)
            said = answer.get("purser", answer.get("error"))
            self.assertEqual(said["code"], code, answer)
