"""Refusals for spend: their status, headers and words; what pauses and what does not; and that none
of them reaches the provider."""

from __future__ import annotations

import asyncio
import unittest
from typing import Any

from ai_client import plain
from harness import NANOS, Answer, Ask, GatewayCase, Refused, ask, nanos, usd
from independent_books import IndependentBooks

FORMATS = ("chat", "responses", "embeddings", "messages")


class RefusalCase(GatewayCase):
    def tearDown(self) -> None:
        super().tearDown()
        refused = {id for id in self.refused}
        reached = [record["id"] for record in self.stub.records if record["id"] in refused]
        self.assertEqual(reached, [], "a refused request reached the provider")

    def setUp(self) -> None:
        self.refused: list[str] = []

    def refuse(self, wanted: Ask, key: str, status: int, code: str, **more: Any) -> Answer:
        answer = self.run_ask(wanted, key, **more)
        self.assertEqual(answer.status, status, answer.body)
        self.assertEqual(answer.json()["purser"]["code"], code)
        self.refused.append(wanted.id)
        return answer

    def member(self, name: str, cap: str, **key: Any) -> Any:
        return self.gateway.add_member(name, "engineering", cap, **key)


class ForSpend(RefusalCase):
    def check_402(self, format: str, answer: Answer, who: str) -> dict[str, Any]:
        body = answer.json()
        error, details = body["error"], body["purser"]
        if format == "messages":
            self.assertEqual((body["type"], error["type"]), ("error", "billing_error"))
        else:
            self.assertEqual(error["type"], "insufficient_quota")
            self.assertEqual(error["code"], details["code"])
        self.assertEqual(answer.fields["x-should-retry"], "false")
        self.assertNotIn("retry-after", answer.fields)
        self.assertEqual(answer.fields["content-type"], "application/json")
        self.assertTrue(answer.fields["x-purser-request-id"].startswith("req_"))
        first = error["message"][:120]
        self.assertIn(who, first, "who")
        self.assertIn("USD", first, "how much")
        self.assertIn("resets on", first, f"when: {error['message']}")
        for field in ("scope", "limit_usd", "spent_usd", "held_usd", "remaining_usd", "resets_at"):
            self.assertIn(field, details)
        self.assertTrue(details["resets_at"].endswith("Z"))
        self.assertIn("resets_at_local", details)
        self.assertEqual(details["ask_url"], "https://example.com/raise")
        self.assertEqual(details["request_id"], answer.fields["x-purser-request-id"])
        return details

    def test_too_large_for_what_is_left(self) -> None:
        tiny = self.member("tiny", "0.000001")
        for format in FORMATS:
            wanted = Ask(self.next_id(), format, filler="z" * 3000)
            answer = self.refuse(wanted, tiny.key, 402, "budget_exceeded")
            with self.subTest(format=format):
                details = self.check_402(format, answer, "tiny")
                room = nanos(details["limit_usd"]) - nanos(details["spent_usd"])
                self.assertGreater(nanos(details["needed_usd"]), room)
                self.assertIn("would_fit", details)
        caps = self.gateway.me(tiny.key)["caps"]
        self.assertFalse(any(cap["paused"] for cap in caps), "too large a request pauses nobody")

    def test_a_paused_cap_and_a_raise(self) -> None:
        bea = self.member("bea", "0.01")
        spend = Ask(self.next_id(), "chat", limit=16_000, plan={"out": -1})
        # 0.01 USD buys 16,666 output tokens: what the prompt leaves is within the pause margin.
        answer = self.run_ask(spend, bea.key, fields={"x-purser-clamp": "off"})
        self.assertEqual(answer.status, 200, answer.body)
        self.pay_down(bea.key)
        caps = {cap["scope"]: cap for cap in self.gateway.me(bea.key)["caps"]}
        self.assertTrue(caps["user"]["paused"])
        self.assertFalse(caps["team"]["paused"])
        for format in FORMATS:
            answer = self.refuse(Ask(self.next_id(), format), bea.key, 402, "budget_exceeded")
            details = self.check_402(format, answer, "bea")
            self.assertEqual(details["scope"], "user")
        # What cannot be read is refused all the same: a paused cap's bodies are not parsed.
        unreadable = Ask(self.next_id(), extra={"service_tier": "nonsense"})
        self.refuse(unreadable, bea.key, 402, "budget_exceeded")
        cap = caps["user"]["id"]
        self.gateway.api(
            "POST", f"/api/v1/caps/{cap}/raise", {"limit_usd": "1", "reason": "needed"}
        )
        passes = Ask(self.next_id())
        self.assertEqual(self.run_ask(passes, bea.key).status, 200, "the next request passes")

    def pay_down(self, key: str) -> None:
        """Spends until the user's cap is paused."""
        for _ in range(50):
            cap = next(c for c in self.gateway.me(key)["caps"] if c["scope"] == "user")
            if cap["paused"]:
                return
            fields = {"x-purser-clamp": "off"}
            one = Ask(self.next_id(), plan={"out": -1}, limit=1)
            left = nanos(cap["remaining_usd"]) - nanos(self.bound(one, key))
            one.limit = max(1, left // 600)  # nanos of one output token
            self.assertEqual(self.run_ask(one, key, fields=fields).status, 200)
            self.held()
        self.fail("the cap is not paused after 50 requests")

    def bound(self, wanted: Ask, key: str) -> str:
        return str(self.gateway.estimate(key, wanted)["bound_usd"])

    def test_counting_tokens_passes_under_a_paused_cap(self) -> None:
        cy = self.member("cy", "0")
        answer = self.run_ask(Ask(self.next_id(), "count_tokens", plan={"in": 5}), cy.key)
        self.assertEqual(answer.status, 200)

    def test_no_retry_mends_a_stop(self) -> None:
        dan = self.member("dan", "5")
        stop = {"scope": "user", "name": dan.email, "reason": "a lost laptop"}
        self.gateway.api("POST", "/api/v1/stop", stop)
        for format in FORMATS:
            answer = self.refuse(Ask(self.next_id(), format), dan.key, 402, "stopped")
            self.assertEqual(answer.fields["x-should-retry"], "false")
            self.assertIn("a lost laptop", answer.json()["error"]["message"])
        self.gateway.api("POST", "/api/v1/resume", {"scope": "user", "name": dan.email})
        self.assertEqual(self.run_ask(Ask(self.next_id()), dan.key).status, 200)

    def test_codex_and_keys_with_a_status_of_their_own(self) -> None:
        fay = self.member("fay", "0.000001")
        codex = {"originator": "codex_cli_rs"}
        answer = self.refuse(
            Ask(self.next_id(), "responses"), fay.key, 429, "budget_exceeded", fields=codex
        )
        error = answer.json()["error"]
        self.assertEqual(error["type"], "usage_limit_reached")
        self.assertGreater(error["resets_at"], 1_700_000_000)
        gus = self.member("gus", "0.000001", refusal_status=429)
        self.refuse(Ask(self.next_id()), gus.key, 429, "budget_exceeded")

    def test_a_model_without_a_price(self) -> None:
        answer = self.run_ask(Ask(self.next_id(), model="openai/no-such-model"))
        self.assertEqual(answer.status, 402)
        self.assertEqual(answer.json()["purser"]["code"], "no_price")

    def test_refusals_of_a_paused_cap_write_nothing(self) -> None:
        hal = self.member("hal", "0")
        self.refuse(Ask(self.next_id()), hal.key, 402, "budget_exceeded")
        before = self.sequence()
        for _ in range(20):
            self.refuse(Ask(self.next_id()), hal.key, 402, "budget_exceeded")
        self.assertEqual(self.sequence(), before)


class SeveralCaps(RefusalCase):
    def test_all_that_refuse_are_named_and_the_tightest_binds(self) -> None:
        self.gateway.add_team("poor", "0.000002")
        eve = self.gateway.add_member("eve", "poor", "100")
        self.gateway.set_cap("user", eve.email, "0.000003", period="week")
        self.gateway.set_cap("workspace", "", "0.000001", period="year")
        answer = self.refuse(Ask(self.next_id()), eve.key, 402, "budget_exceeded")
        details = answer.json()["purser"]
        found = [(details["scope"], details["period"])]
        found += sorted((each["scope"], each["period"]) for each in details["also_refused_by"])
        expected = [("workspace", "year"), ("team", "month"), ("user", "week")]
        self.assertEqual(found, expected)


class HoldsInTheWay(RefusalCase):
    settings = "[gateway]\nholds_per_key = 3"

    def test_a_429_that_says_when_to_come_back(self) -> None:
        ida = self.member("ida", "0.001")
        # Each can cost 0.0006 and a little; both fit, but not at once.
        off = {"x-purser-clamp": "off"}

        async def both() -> tuple[Answer, Answer, Answer]:
            first = Ask(self.next_id(), limit=1000, plan={"gate": "ida", "out": 1})
            running = asyncio.create_task(ask(self.gateway.port, ida.key, first, fields=off))
            received = lambda all: bool(self.stub.of(first.id))
            self.assertTrue(await asyncio.to_thread(self.stub.wait_for, received))
            second = Ask(self.next_id(), limit=1000)
            self.refused.append(second.id)
            refused = await ask(self.gateway.port, ida.key, second, fields=off)
            self.stub.open_gate("ida")
            answered = await running
            await asyncio.to_thread(self.held)
            third = Ask(self.next_id(), limit=1000, plan={"out": 1})
            return answered, refused, await ask(self.gateway.port, ida.key, third, fields=off)

        answered, refused, later = asyncio.run(both())
        self.assertEqual((answered.status, later.status), (200, 200))
        self.assertEqual(refused.status, 429, refused.body)
        self.assertEqual(refused.json()["error"]["type"], "rate_limit_error")
        self.assertEqual(refused.json()["purser"]["code"], "holds_in_the_way")
        self.assertIn(int(refused.fields["retry-after"]), range(1, 6))
        self.assertNotIn("x-should-retry", refused.fields)

    def test_a_402_names_the_cap_that_no_wait_helps_with(self) -> None:
        """Not the one with less left only while another's hold is in the way."""
        jo = self.member("jo", "10")
        eve = self.member("eve", "0.00001")
        first = Ask(self.next_id(), limit=1000, plan={"gate": "jo", "out": 1})
        bound = nanos(self.gateway.estimate(jo.key, first)["bound_usd"])
        spent = self.spent_by_all()
        cap = self.gateway.set_cap("workspace", "", usd(spent + bound + 1000), period="year")
        self.addCleanup(self.gateway.api, "DELETE", f"/api/v1/caps/{cap['id']}")

        async def both() -> Answer:
            running = asyncio.create_task(ask(self.gateway.port, jo.key, first))
            received = lambda all: bool(self.stub.of(first.id))
            self.assertTrue(await asyncio.to_thread(self.stub.wait_for, received))
            second = Ask(self.next_id())
            self.refused.append(second.id)
            refused = await ask(self.gateway.port, eve.key, second)
            self.stub.open_gate("jo")
            self.assertEqual((await running).status, 200)
            return refused

        refused = asyncio.run(both())
        self.assertEqual(refused.status, 402, refused.body)
        details = refused.json()["purser"]
        self.assertEqual((details["scope"], details["name"]), ("user", "eve"))
        (other,) = details["also_refused_by"]
        self.assertEqual(other["scope"], "workspace")
        self.assertLess(nanos(other["remaining_usd"]), nanos(details["remaining_usd"]))

    def spent_by_all(self) -> int:
        with self.gateway.books() as books:
            return sum(row["total_nanos"] for row in books.usages())

    def test_as_many_at_once_as_a_key_may_have(self) -> None:
        kim = self.member("kim", "10")

        async def four() -> list[Answer]:
            wanted = [Ask(self.next_id(), plan={"gate": "kim"}) for _ in range(3)]
            tasks = [asyncio.create_task(ask(self.gateway.port, kim.key, w)) for w in wanted]
            received = lambda all: all_of(self.stub, wanted)
            self.assertTrue(await asyncio.to_thread(self.stub.wait_for, received))
            fourth = await ask(self.gateway.port, kim.key, Ask(self.next_id()))
            self.stub.open_gate("kim")
            return [fourth, *await asyncio.gather(*tasks)]

        def all_of(stub: Any, wanted: list[Ask]) -> bool:
            return all(stub.of(each.id) for each in wanted)

        answers = asyncio.run(four())
        self.assertEqual([a.status for a in answers], [429, 200, 200, 200])
        self.assertEqual(answers[0].json()["purser"]["code"], "too_many_requests_of_key")

    def test_the_share_leaves_room_for_others(self) -> None:
        """One request asks for far more than an eighth of what is left: others still fit beside it."""
        leo = self.member("leo", "0.08")

        async def beside() -> list[Answer]:
            first = Ask(self.next_id(), limit=16_000, plan={"gate": "leo", "out": 1})
            task = asyncio.create_task(ask(self.gateway.port, leo.key, first))
            received = lambda all: bool(self.stub.of(first.id))
            self.assertTrue(await asyncio.to_thread(self.stub.wait_for, received))
            with self.gateway.books() as books:
                (hold,) = [h for h in books.holds() if h["end_user"] == first.id]
                held = hold["amount_nanos"]
            self.assertLessEqual(held, NANOS * 8 // 100)
            second = await ask(self.gateway.port, leo.key, Ask(self.next_id(), limit=16_000))
            self.stub.open_gate("leo")
            return [await task, second]

        self.assertEqual([a.status for a in asyncio.run(beside())], [200, 200])


class Keys(RefusalCase):
    def test_a_revoked_key_is_refused_on_the_next_request(self) -> None:
        mo = self.member("mo", "5")
        self.assertEqual(self.run_ask(Ask(self.next_id()), mo.key).status, 200)
        self.gateway.api("POST", f"/api/v1/keys/{mo.key_id}/revoke")
        wanted = Ask(self.next_id())
        answer = self.run_ask(wanted, mo.key)
        self.assertEqual(answer.status, 401, answer.body)
        self.refused.append(wanted.id)

    def test_a_revoked_key_learns_and_reaches_nothing(self) -> None:
        """Also by what holds no money: it was cached, and no reserve would tell."""
        kim = self.member("kim", "5")
        self.assertEqual(self.run_ask(Ask(self.next_id()), kim.key).status, 200)
        self.gateway.api("POST", f"/api/v1/keys/{kim.key_id}/revoke")
        sent = len(self.stub.records)
        wanted = Ask(self.next_id(), "messages")
        for method, path, body in (
            ("POST", "/v1/messages/count_tokens", wanted.request()),
            ("POST", "/v1/chat/completions", {"no": "request"}),
            ("GET", "/v1/models", None),
        ):
            answer = asyncio.run(plain(self.gateway.port, method, path, kim.key, body))
            self.assertEqual(answer.status, 401, (path, answer.body))
        self.assertEqual(len(self.stub.records), sent)

    def test_a_deactivated_user_is_refused_on_the_next_request(self) -> None:
        ned = self.member("ned", "5")
        self.assertEqual(self.run_ask(Ask(self.next_id()), ned.key).status, 200)
        self.gateway.api("POST", f"/api/v1/users/{ned.email}/deactivate")
        wanted = Ask(self.next_id())
        self.assertEqual(self.run_ask(wanted, ned.key).status, 401)
        self.refused.append(wanted.id)

    def test_no_key_an_unknown_one_and_one_that_administers(self) -> None:
        for key, status in (("psr_" + "x" * 46, 401), (self.gateway.admin_key, 403)):
            wanted = Ask(self.next_id())
            self.assertEqual(self.run_ask(wanted, key).status, status)
            self.refused.append(wanted.id)
        with self.assertRaises(Refused) as refused:
            self.gateway.api("GET", "/api/v1/users", key=self.ana.key)
        self.assertEqual(refused.exception.status, 403)


class Clamped(RefusalCase):
    def test_the_output_limit_is_lowered_and_told(self) -> None:
        for number, format in enumerate(("chat", "responses", "messages")):
            ora = self.member(f"ora{number}", "0.05")
            wanted = Ask(self.next_id(), format, limit=16_000, plan={"out": -1})
            answer = self.run_ask(wanted, ora.key)
            with self.subTest(format=format):
                self.assertEqual(answer.status, 200, answer.body)
                (record,) = self.stub.of(wanted.id)
                self.assertLess(record["limit"], 16_000)
                self.assertGreaterEqual(record["limit"], 1024)
                told = f"output={record['limit']}"
                self.assertEqual(answer.fields["x-purser-clamped"], told)
                row = self.booked(wanted.id)
                self.assertLessEqual(row["cost_nanos"], row["hold_nanos"])
                smallest = nanos(self.gateway.estimate(self.ana.key, wanted)["smallest_usd"])
                self.assertLessEqual(row["hold_nanos"], max(smallest, nanos("0.05") // 8))

    def test_clamping_can_be_declined(self) -> None:
        pia = self.member("pia", "0.05")
        wanted = Ask(self.next_id(), "messages", limit=16_000)  # up to 0.08
        off = {"x-purser-clamp": "off"}
        self.refuse(wanted, pia.key, 402, "budget_exceeded", fields=off)
        fits = Ask(self.next_id(), "messages", limit=9_000, plan={"out": -1})  # up to 0.045
        answer = self.run_ask(fits, pia.key, fields=off)
        self.assertEqual(answer.status, 200, answer.body)
        self.assertNotIn("x-purser-clamped", answer.fields)
        self.assertEqual(self.stub.of(fits.id)[0]["limit"], 9_000)

    def test_without_a_limit_the_model_s_own_is_written(self) -> None:
        wanted = Ask(self.next_id(), limit=None)
        self.assertEqual(self.run_ask(wanted).status, 200)
        self.assertEqual(self.stub.of(wanted.id)[0]["limit"], 16_384)


class Bounds(GatewayCase):
    def test_the_hold_is_what_the_documented_bound_says(self) -> None:
        """The bound by our own reading of docs/METERING.md, and an answer billed at exactly it."""
        prices = IndependentBooks()
        for format in FORMATS:
            wanted = Ask(self.next_id(), format, filler=" ".join(['ü\n"quoted"'] * 20))
            wanted = wanted.at_the_bound()
            estimate = self.gateway.estimate(self.ana.key, wanted)
            with self.subTest(format=format):
                self.assertEqual(estimate["input_tokens_at_most"], wanted.input_bound())
                answer = self.run_ask(wanted)
                self.assertEqual(answer.status, 200, answer.body)
                row = self.booked(wanted.id)
                self.assertEqual(row["cost_nanos"], row["hold_nanos"])
                self.assertEqual(row["cost_nanos"], prices.cost_of(self.stub.of(wanted.id)[0]))
                self.assertEqual(row["flags"], 0)
                self.assertEqual(usd(row["hold_nanos"]), usd(nanos(estimate["bound_usd"])))

    def test_a_known_prefix_tightens_the_bound(self) -> None:
        """What was billed for the first turn, and the bytes of what is new."""
        for format in ("chat", "messages"):
            first = Ask(self.next_id(), format, plan={"in": 90}, filler="long ago " * 2000)
            self.assertEqual(self.run_ask(first).status, 200)
            self.held()
            second = Ask(self.next_id(), format)
            messages = first.request()["messages"] + [{"role": "assistant", "content": "Yes?"}]
            messages += [{"role": "user", "content": second.prompt()}]
            second.extra = {"messages": messages}
            added = second.input_bound() - first.input_bound()
            estimate = self.gateway.estimate(self.ana.key, second)
            with self.subTest(format=format):
                self.assertEqual(estimate["input_tokens_at_most"], 90 + added)
                self.assertEqual(self.run_ask(second).status, 200)
                bound = nanos(estimate["bound_usd"])
                self.assertEqual(self.booked(second.id)["hold_nanos"], bound)

    def test_the_free_counter_is_asked_before_anything_is_lowered(self) -> None:
        """Long text of few tokens: by its bytes it would not fit, by the count it does."""
        for format in ("responses", "messages"):
            deb = self.gateway.add_member(f"deb-{format}", "engineering", "0.02")
            counter = len(self.stub.counted)
            plan = {"in": 900, "out": 5}
            wanted = Ask(self.next_id(), format, 300, plan=plan, filler="long " * 20_000)
            self.assertGreater(wanted.input_bound() * 400, nanos("0.02"))
            answer = self.run_ask(wanted, deb.key)
            with self.subTest(format=format):
                self.assertEqual(answer.status, 200, answer.body)
                self.assertNotIn("x-purser-clamped", answer.fields)
                self.assertEqual(len(self.stub.counted), counter + 1)
                self.assertLess(self.booked(wanted.id)["hold_nanos"], nanos("0.02"))

    def test_an_earlier_response_counts_by_what_it_was_and_for_its_owner_only(self) -> None:
        first = Ask(self.next_id(), "responses", plan={"in": 70, "out": 30})
        id = self.run_ask(first).json()["id"]
        self.held()
        second = Ask(self.next_id(), "responses", extra={"previous_response_id": id})
        self.assertEqual(self.run_ask(second).status, 200)
        hold = self.booked(second.id)["hold_nanos"]
        book = IndependentBooks()
        billed = dict.fromkeys(("cached_input", "cache_write_5m", "cache_write_1h"), 0)
        tokens = second.input_bound() + 100
        most = book.cost("responses", "gpt-4.1-mini", {**billed, "input": tokens, "output": 200})
        # The id itself stands among the bytes that reach the model.
        self.assertGreaterEqual(hold, most)
        self.assertLess(hold, most + 100 * 400)
        bob = self.gateway.add_member("bob", "engineering", "5")
        theirs = Ask(self.next_id(), "responses", extra={"previous_response_id": id})
        answer = self.run_ask(theirs, bob.key)
        self.assertEqual(answer.status, 403)
        self.assertEqual(answer.json()["purser"]["code"], "not_yours")
        self.assertEqual(self.stub.of(theirs.id), [])


if __name__ == "__main__":
    unittest.main()
