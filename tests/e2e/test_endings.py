"""DESIGN, "After the answer": each way in which an exchange can end, with what is booked for it and
what the client sees.

    exact      the provider said what it billed: the cost is that, to the nano
    full       it may have billed and did not say: the cost is the hold, flagged `estimated`
    released   it billed nothing: the cost is 0, flagged `released`
"""

from __future__ import annotations

import asyncio
import sqlite3
import unittest
from typing import Any

from ai_client import key_fields, plain
from harness import (
    ESTIMATED, RELEASED, Answer, Ask, Connection, GatewayCase, ask, nanos, wait_until,
)  # fmt: skip
from independent_books import IndependentBooks

EXACT, FULL, RELEASE = "exact", "full", "released"
STREAMED = ("chat", "responses", "messages")
PRICES = IndependentBooks()


class EndingsCase(GatewayCase):
    booked_ways: dict[str, int]

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.booked_ways = {}
        cls.addClassCleanup(lambda: print(f"{cls.__name__}: {cls.booked_ways}"))

    def check_booking(self, id: str, way: str, ending: str = "", status: int = 0) -> sqlite3.Row:
        (record,) = self.stub.of(id)
        row = self.booked(id)
        flags = {EXACT: 0, FULL: ESTIMATED, RELEASE: RELEASED}[way]
        self.assertEqual(row["flags"], flags, f"{id}: flags")
        cost = {EXACT: PRICES.cost_of(record), FULL: row["hold_nanos"], RELEASE: 0}[way]
        self.assertEqual(row["cost_nanos"], cost, f"{id}: cost")
        self.assertLessEqual(row["cost_nanos"], row["hold_nanos"])
        if way == FULL:
            self.assertGreaterEqual(row["hold_nanos"], PRICES.cost_of(record))
        if ending:
            self.assertEqual(row["ending"], ending, f"{id}: ending")
        if status:
            self.assertEqual(row["status"], status, f"{id}: status")
        self.booked_ways[way] = self.booked_ways.get(way, 0) + 1
        return row

    def assert_stream_error(self, wanted: Ask, answer: Answer) -> None:
        """The mid-stream event that makes this format's SDK throw."""
        self.assertEqual(answer.status, 200)
        self.assertTrue(answer.whole, "the stream's framing must end well")
        name, data = answer.events()[-1]
        if wanted.format == "messages":
            self.assertEqual((name, data["type"]), ("error", "error"))
            self.assertEqual(data["error"]["type"], "api_error")
        elif wanted.format == "responses":
            self.assertEqual((name, data["type"]), ("response.failed", "response.failed"))
            self.assertTrue(data["response"]["error"]["message"])
        else:
            self.assertEqual(name, "")
            self.assertTrue(data["error"]["message"])


class WholeAnswers(EndingsCase):
    def test_what_was_billed_is_booked_to_the_nano(self) -> None:
        counts = {"in": 1234, "cached": 77, "out": 150, "reasoning": 40}
        for format in ("chat", "responses", "messages", "embeddings"):
            for framing in ("length", "chunked", "close"):
                plan: dict[str, Any] = {**counts, "framing": framing}
                extra = {}
                if format == "messages":
                    plan |= {"w5": 31, "w1h": 13}
                    extra["cache_control"] = {"type": "ephemeral", "ttl": "1h"}
                wanted = Ask(self.next_id(), format, plan=plan, extra=extra, filler="x" * 2000)
                before = self.least_remaining()
                answer = self.run_ask(wanted)
                with self.subTest(format=format, framing=framing):
                    self.assertEqual(answer.status, 200, answer.body)
                    row = self.check_booking(wanted.id, EXACT, "complete", 200)
                    cost = nanos(answer.fields["x-purser-cost-usd"])
                    self.assertEqual(cost, row["cost_nanos"])
                    left = nanos(answer.fields["x-purser-remaining-usd"])
                    self.assertEqual(left, before - cost)
                    self.assertTrue(answer.fields["x-purser-request-id"].startswith("req_"))
                    self.assertEqual(row["input_tokens"], 1234)
                    cached, output = (0, 0) if format == "embeddings" else (77, 150)
                    self.assertEqual(row["cached_input_tokens"], cached)
                    self.assertEqual(row["output_tokens"], output)

    def least_remaining(self) -> int:
        self.held()
        caps = self.gateway.me(self.ana.key)["caps"]
        return min(nanos(cap["remaining_usd"]) for cap in caps)

    def test_the_tier_that_the_answer_had_is_billed(self) -> None:
        for format in ("chat", "responses"):
            for stream in (False, True):
                plan = {"in": 900, "cached": 60, "out": 70, "tier": "priority"}
                wanted = Ask(self.next_id(), format, stream=stream, plan=plan, filler="x" * 3000)
                self.assertEqual(self.run_ask(wanted).status, 200)
                row = self.check_booking(wanted.id, EXACT, "complete", 200)
                self.assertEqual(row["service_tier"], "priority")
                (record,) = self.stub.of(wanted.id)
                standard = PRICES.cost(format, record["model"], record["billed"])
                self.assertGreater(row["cost_nanos"], standard)

    def test_a_tier_that_the_book_does_not_price_is_booked_in_full(self) -> None:
        wanted = Ask(self.next_id(), plan={"tier": "scale"})
        self.assertEqual(self.run_ask(wanted).status, 200)
        row = self.booked(wanted.id)
        self.assertEqual(row["cost_nanos"], row["hold_nanos"])
        self.assertTrue(row["flags"] & ESTIMATED)
        # Seen: counted, and told in the audit trail, once.
        self.assertEqual(self.run_ask(Ask(self.next_id(), plan={"tier": "scale"})).status, 200)
        found = self.gateway.api("GET", "/api/v1/audit?action=usage.unpriced")["items"]
        self.assertEqual([entry["target"] for entry in found], ["price/openai/gpt-4o-mini"])
        self.assertIn("settled at its hold", found[0]["reason"])

    def test_each_choice_is_billed(self) -> None:
        wanted = Ask(self.next_id(), plan={"out": -1}, extra={"n": 3}, limit=100)
        self.assertEqual(self.run_ask(wanted).status, 200)
        self.assertEqual(self.check_booking(wanted.id, EXACT)["output_tokens"], 300)

    def test_broken_answers_are_booked_in_full(self) -> None:
        cases = [
            ("no_usage", 200, "no_usage"),
            ("odd_usage", 200, "no_usage"),
            ("garbage", 200, "no_usage"),
            ("cut", 502, "cut"),
            ("reset", 502, ""),
            ("lying_length_more", 502, "cut"),
            ("lying_length_less", 200, "no_usage"),
            ("both_lengths", 502, "bad_answer"),
            ("garbage_head", 502, "bad_answer"),
            ("hang_up", 504, "no_answer"),
        ]
        for format in ("chat", "responses", "messages", "embeddings"):
            for mode, status, ending in cases:
                wanted = Ask(self.next_id(), format, plan={"mode": mode})
                answer = self.run_ask(wanted)
                with self.subTest(format=format, mode=mode):
                    if mode == "reset":  # what had come before it may be lost with it
                        self.assertIn(answer.status, (502, 504))
                    else:
                        self.assertEqual(answer.status, status)
                    self.assertTrue(answer.whole)
                    self.check_booking(wanted.id, FULL, ending, answer.status)
                    if answer.status >= 500:
                        self.assertIn("counted in full", answer.json()["error"]["message"])

    def test_errors_release_or_book_in_full(self) -> None:
        released = [400, 403, 404, 413, 422, 429, 503, 529]
        for format in ("chat", "responses", "messages"):
            anthropic = format == "messages"
            for status in released + [408, 499, 500, 502, 504, 520]:
                code = "overloaded_error" if anthropic and status == 503 else ""
                wanted = Ask(self.next_id(), format, plan={"mode": "error", "status": status})
                if code:
                    wanted.plan["code"] = code
                answer = self.run_ask(wanted)
                with self.subTest(format=format, status=status):
                    self.assertEqual(answer.status, status, "the provider's own error passes")
                    self.assertIn("error", answer.json())
                    way = RELEASE if status in released else FULL
                    self.check_booking(wanted.id, way, "provider_error", status)

    def test_a_provider_that_refuses_our_key_is_not_the_clients_fault(self) -> None:
        for format in ("chat", "responses", "messages"):
            wanted = Ask(self.next_id(), format, plan={"mode": "error", "status": 401})
            answer = self.run_ask(wanted)
            with self.subTest(format=format):
                self.assertEqual(answer.status, 502, answer.body)
                self.assertEqual(answer.fields["x-should-retry"], "false")
                self.assertIn("the key that Purser has", answer.json()["error"]["message"])
                self.check_booking(wanted.id, RELEASE, "provider_key_refused", 401)

    def test_a_503_that_does_not_say_why_is_booked_in_full(self) -> None:
        plan = {"mode": "error", "status": 503, "code": "internal_error"}
        wanted = Ask(self.next_id(), "messages", plan=plan)
        self.assertEqual(self.run_ask(wanted).status, 503)
        self.check_booking(wanted.id, FULL, "provider_error")

    def test_nothing_is_booked_for_counting_tokens(self) -> None:
        wanted = Ask(self.next_id(), "count_tokens", plan={"in": 321})
        answer = self.run_ask(wanted)
        self.assertEqual((answer.status, answer.json()), (200, {"input_tokens": 321}))
        with self.gateway.books() as books:
            self.assertIsNone(books.usage_of(wanted.id))

    def test_an_answer_too_large_to_hold_back_is_booked_in_full(self) -> None:
        plan = {"frames": 3, "pad": 12_000_000, "framing": "chunked"}
        wanted = Ask(self.next_id(), plan=plan)
        answer = self.run_ask(wanted)
        self.assertEqual((answer.status, answer.whole), (200, True))
        self.assertGreater(len(answer.body), 36_000_000)
        self.assertNotIn("x-purser-cost-usd", answer.fields)
        self.assertEqual(answer.json()["object"], "chat.completion")
        self.check_booking(wanted.id, FULL, "too_large_to_meter")

    def test_a_client_that_leaves_before_its_answer_is_booked_exactly(self) -> None:
        for reset in (False, True):
            wanted = Ask(self.next_id(), plan={"out": 20, "gate": f"leave-{reset}"})
            asyncio.run(self.leave(wanted, reset))
            self.stub.open_gate(f"leave-{reset}")
            self.check_booking(wanted.id, EXACT)

    async def leave(self, wanted: Ask, reset: bool) -> None:
        connection = Connection(self.gateway.port)
        fields = {"Content-Type": "application/json", **key_fields(self.ana.key, wanted.format)}
        await connection.send("POST", wanted.path, fields, wanted.body())
        received = asyncio.to_thread(self.stub.wait_for, lambda all: bool(self.stub.of(wanted.id)))
        self.assertTrue(await received)
        connection.close(reset)


class Streams(EndingsCase):
    def test_what_was_billed_is_booked_to_the_nano(self) -> None:
        for format in STREAMED:
            for eol in ("lf", "crlf"):
                for framing in ("chunked", "close"):
                    plan = {"in": 555, "cached": 44, "out": 33, "eol": eol, "framing": framing}
                    wanted = Ask(self.next_id(), format, stream=True, plan=plan, filler="y" * 999)
                    answer = self.run_ask(wanted)
                    with self.subTest(format=format, eol=eol, framing=framing):
                        self.assertEqual(answer.status, 200, answer.body)
                        self.assertTrue(answer.whole)
                        self.check_booking(wanted.id, EXACT, "complete", 200)
                        self.assertIn(b"word2", answer.body)

    def test_a_chat_stream_with_usage_but_without_done(self) -> None:
        wanted = Ask(self.next_id(), stream=True, plan={"out": 9, "done": 0})
        self.run_ask(wanted)
        self.check_booking(wanted.id, EXACT)

    def test_broken_streams_are_booked_in_full_and_told(self) -> None:
        cases = ["cut", "reset", "garbage", "lying_length_more", "lying_length_less"]
        for format in STREAMED:
            for mode in cases:
                plan = {"mode": mode, "at": 3}
                wanted = Ask(self.next_id(), format, stream=True, plan=plan)
                answer = self.run_ask(wanted)
                with self.subTest(format=format, mode=mode):
                    self.check_booking(wanted.id, FULL)
                    if mode == "reset" and answer.status != 200:
                        self.assertIn(answer.status, (502, 504))
                    else:
                        self.assert_stream_error(wanted, answer)

    def test_a_stream_that_breaks_before_its_first_event_is_a_502(self) -> None:
        for format in STREAMED:
            wanted = Ask(self.next_id(), format, stream=True, plan={"mode": "cut", "at": 0})
            answer = self.run_ask(wanted)
            with self.subTest(format=format):
                self.assertEqual(answer.status, 502)
                self.check_booking(wanted.id, FULL, "cut")

    def test_a_stream_without_usage_is_booked_in_full(self) -> None:
        for format in STREAMED:
            for mode in ("no_usage", "odd_usage"):
                wanted = Ask(self.next_id(), format, stream=True, plan={"mode": mode})
                answer = self.run_ask(wanted)
                with self.subTest(format=format, mode=mode):
                    self.assertTrue(answer.whole)
                    self.check_booking(wanted.id, FULL, "no_usage", 200)

    def test_a_failure_before_any_output_releases_where_it_says_so(self) -> None:
        codes = {
            "chat": "rate_limit_exceeded",
            "responses": "rate_limit_exceeded",
            "messages": "overloaded_error",
        }
        for format in STREAMED:
            for at, way in ((0, RELEASE), (5, FULL)):
                plan = {"mode": "error_event", "at": at, "code": codes[format]}
                wanted = Ask(self.next_id(), format, stream=True, plan=plan)
                answer = self.run_ask(wanted)
                with self.subTest(format=format, at=at):
                    self.check_booking(wanted.id, way, "provider_error")
                    self.assertIn(codes[format].encode(), answer.body, "its own event passes")
                    name = {"messages": "error", "responses": "response.failed"}.get(format)
                    ends = [n == name if name else "error" in d for n, d in answer.events()]
                    ends = [end for end in ends if end]
                    self.assertEqual(len(ends), 1, "one error is enough")

    def test_a_failure_that_may_have_billed_is_booked_in_full(self) -> None:
        for format in STREAMED:
            code = "api_error" if format == "messages" else "server_error"
            plan = {"mode": "error_event", "at": 0, "code": code}
            wanted = Ask(self.next_id(), format, stream=True, plan=plan)
            self.run_ask(wanted)
            with self.subTest(format=format):
                self.check_booking(wanted.id, FULL, "provider_error")

    def test_a_client_that_leaves_is_drained_for(self) -> None:
        for format in STREAMED:
            gate = f"drain-{format}"
            # More than sockets hold, so that the gateway notices while the stream goes on.
            plan = {"out": 77, "midgate": gate, "at": 2, "frames": 40, "pad": 100_000}
            wanted = Ask(self.next_id(), format, stream=True, plan=plan)
            self.run_ask(wanted, vanish_after=1)
            self.stub.open_gate(gate)
            with self.subTest(format=format):
                self.check_booking(wanted.id, EXACT, "client_gone_drained")


class Patience(EndingsCase):
    """What is too slow, with time-outs of a second."""

    settings = "[limits]\nwrite_timeout_seconds = 1"
    provider = "first_byte_timeout_seconds = 1\nidle_timeout_seconds = 1"

    def test_a_provider_that_never_answers_is_a_504(self) -> None:
        for format, stream in (("chat", False), ("messages", True)):
            wanted = Ask(self.next_id(), format, stream=stream, plan={"mode": "silent"})
            answer = self.run_ask(wanted)
            self.assertEqual(answer.status, 504)
            self.check_booking(wanted.id, FULL, "no_answer", 504)

    def test_an_answer_that_stalls(self) -> None:
        whole = Ask(self.next_id(), plan={"mode": "stall"})
        self.assertEqual(self.run_ask(whole).status, 502)
        self.check_booking(whole.id, FULL, "stalled")

        async def all_streams() -> list[Answer]:
            return await asyncio.gather(*(ask(self.gateway.port, self.ana.key, w) for w in wanted))

        plan = {"mode": "stall", "at": 3}
        wanted = [Ask(self.next_id(), f, stream=True, plan=plan) for f in STREAMED]
        for each, answer in zip(wanted, asyncio.run(all_streams())):
            with self.subTest(format=each.format):
                self.assert_stream_error(each, answer)
                self.check_booking(each.id, FULL, "stalled")

    def test_a_slow_reader_is_dropped_and_its_stream_drained(self) -> None:
        plan = {"out": 99, "frames": 400, "pad": 65_536}
        wanted = Ask(self.next_id(), stream=True, plan=plan)

        async def never_read() -> None:
            connection = Connection(self.gateway.port)
            fields = {"Content-Type": "application/json", **key_fields(self.ana.key, "chat")}
            await connection.send("POST", wanted.path, fields, wanted.body())
            assert connection.writer
            connection.writer.transport.pause_reading()  # type: ignore[attr-defined]
            done = lambda all: any(r["id"] == wanted.id and r["ending"] != "open" for r in all)
            self.assertTrue(await asyncio.to_thread(self.stub.wait_for, done))
            connection.close(reset=True)

        asyncio.run(never_read())
        self.check_booking(wanted.id, EXACT, "client_gone_drained")


class Drains(EndingsCase):
    settings = "[gateway]\ndrains = 1"

    def test_they_are_bounded_in_number(self) -> None:
        """While one stream is drained, a second client that leaves has its hold settled in full."""
        # More than sockets hold comes before the gate, so that the gateway sees its client gone.
        plan = {"out": 5, "midgate": "later", "at": 80, "frames": 100, "pad": 100_000}
        drained = Ask(self.next_id(), stream=True, plan=plan)
        self.run_ask(drained, vanish_after=1)
        wait_until(lambda: self.open_drains() == 1, "the drain to begin")
        second = Ask(self.next_id(), stream=True, plan=plan)
        self.run_ask(second, vanish_after=1)
        self.check_booking(second.id, FULL, "client_gone")
        self.assertEqual(self.open_drains(), 1)
        self.stub.open_gate("later")
        self.check_booking(drained.id, EXACT, "client_gone_drained")

    def open_drains(self) -> int:
        text = asyncio.run(plain(self.gateway.port, "GET", "/metrics")).body.decode()
        (line,) = [l for l in text.splitlines() if l.startswith("purser_drains_open ")]
        return int(float(line.split()[1]))


class Unreachable(EndingsCase):
    more = (
        '[[provider]]\nname = "nobody"\nkind = "openai-compatible"\n'
        'base_url = "http://127.0.0.1:1"\nprice_as = "openai"\n'
    )

    def test_a_provider_that_refuses_connections_releases(self) -> None:
        wanted = Ask(self.next_id(), model="nobody/gpt-4o-mini")
        answer = self.run_ask(wanted)
        self.assertEqual(answer.status, 502)
        self.assertIn("Nothing was billed", answer.json()["error"]["message"])
        row = self.booked(wanted.id)
        self.assertEqual((row["cost_nanos"], row["flags"]), (0, RELEASED))
        self.assertEqual(row["ending"], "connect")
        self.assertEqual(self.stub.of(wanted.id), [])
        self.booked_ways[RELEASE] = 1


if __name__ == "__main__":
    unittest.main()
