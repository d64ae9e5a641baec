"""What passes through the gateway unchanged, what is written or taken out, and what is refused
before money is spoken of."""

from __future__ import annotations

import asyncio
import json
import unittest
from typing import Any

from ai_client import Answer, plain
from harness import Ask, GatewayCase, nanos


class PassageCase(GatewayCase):
    def plain(self, method: str, path: str, **more: Any) -> Answer:
        return asyncio.run(plain(self.gateway.port, method, path, **more))


class Fields(PassageCase):
    def test_what_must_not_reach_a_provider_does_not(self) -> None:
        """The stub complains of each of these; see stub_rules.py."""
        fields = {
            "Connection": "keep-alive, X-Secret",
            "Keep-Alive": "timeout=5",
            "TE": "trailers",
            "X-Secret": "1",
            "Cookie": "session=1",
            "OpenAI-Organization": "org-1",
            "OpenAI-Project": "proj-1",
            "X-Purser-Clamp": "off",
            "X-Purser-Task": "ticket-1",
            "X-Forwarded-For": "10.0.0.1",
            "Accept-Encoding": "gzip, deflate, br, zstd",
        }
        for format in ("chat", "responses", "messages", "embeddings"):
            wanted = Ask(self.next_id(), format)
            answer = self.run_ask(wanted, fields=fields)
            with self.subTest(format=format):
                self.assertEqual(answer.status, 200, answer.body)
                (record,) = self.stub.of(wanted.id)
                self.assertEqual(record["problems"], [])
                self.assertNotIn("x-secret", record["fields"])

    def test_both_headers_of_a_key_are_replaced(self) -> None:
        wanted = Ask(self.next_id())
        fields = {"x-api-key": self.ana.key}
        self.assertEqual(self.run_ask(wanted, fields=fields).status, 200)
        self.assertEqual(self.stub.of(wanted.id)[0]["problems"], [])

    def test_betas_queries_and_sdk_headers_pass(self) -> None:
        wanted = Ask(self.next_id(), "messages")
        fields = {
            "anthropic-beta": "claude-code-20250219,interleaved-thinking-2025-05-14",
            "X-Stainless-Lang": "js",
            "User-Agent": "claude-cli/2.1.197",
        }
        self.assertEqual(self.run_ask(wanted, fields=fields).status, 200)
        record = self.stub.of(wanted.id)[0]
        for name, value in fields.items():
            self.assertEqual(record["fields"][name.lower()], value)
        self.assertEqual(record["fields"]["anthropic-version"], "2023-06-01")

        body = Ask(self.next_id(), "messages").request()
        answer = self.plain("POST", "/v1/messages?beta=true", key=self.ana.key, body=body)
        self.assertEqual(answer.status, 200, answer.body)
        self.assertEqual(self.stub.records[-1]["query"], "beta=true")

    def test_what_the_client_is_told(self) -> None:
        answer = self.run_ask(Ask(self.next_id()))
        self.assertIn("x-request-id", answer.fields)
        self.assertIn("x-ratelimit-remaining-requests", answer.fields)
        self.assertEqual(answer.fields["x-purser-provider"], "openai")
        for name in ("set-cookie", "openai-organization", "alt-svc", "server"):
            self.assertNotIn(name, answer.fields, "the provider's own affair")

    def test_unknown_fields_and_odd_bytes_pass(self) -> None:
        extra = {"temperature": 0.30000000000000004, "seed": 9007199254740993, "logit_bias": {}}
        wanted = Ask(self.next_id(), extra={**extra, "a_new_field": ["ü", "\U0001f600"]})
        self.assertEqual(self.run_ask(wanted).status, 200)
        request = self.stub.of(wanted.id)[0]["request"]
        for name, value in wanted.extra.items():
            self.assertEqual(request[name], value)


class Usage(PassageCase):
    def test_the_usage_of_a_chat_stream_is_hidden_unless_asked_for(self) -> None:
        for eol in ("lf", "crlf"):
            hidden = Ask(self.next_id(), stream=True, plan={"eol": eol, "out": 5})
            answer = self.run_ask(hidden)
            self.assertNotIn(b"usage", answer.body)
            self.assertEqual(answer.events()[-1][1], "[DONE]")
            self.assertTrue(all(d == "[DONE]" or d["choices"] for _, d in answer.events()))
            asked = {"stream_options": {"include_usage": True}}
            shown = Ask(self.next_id(), stream=True, plan={"eol": eol, "out": 5}, extra=asked)
            answer = self.run_ask(shown)
            chunks = [data for _, data in answer.events()][:-1]
            self.assertEqual([c["usage"] for c in chunks[:-1]], [None] * (len(chunks) - 1))
            self.assertEqual(chunks[-1]["choices"], [])
            self.assertEqual(chunks[-1]["usage"]["completion_tokens"], 5)
            declined = {"stream_options": {"include_usage": False}}
            wanted = Ask(self.next_id(), stream=True, plan={"eol": eol}, extra=declined)
            self.assertNotIn(b"usage", self.run_ask(wanted).body)

    def test_streams_of_other_formats_pass_byte_for_byte(self) -> None:
        for format in ("responses", "messages"):
            wanted = Ask(self.next_id(), format, stream=True, plan={"out": 5})
            names = [name for name, _ in self.run_ask(wanted).events()]
            self.assertEqual(len(names), len(set(names)) + 2, f"three deltas: {names}")

    def test_the_cost_comment_of_a_stream(self) -> None:
        bo = self.gateway.add_member("bo", "engineering", "5", cost_comment_in_streams=True)
        for format in ("chat", "responses", "messages"):
            wanted = Ask(self.next_id(), format, stream=True, plan={"out": 12})
            body = self.run_ask(wanted, bo.key).body
            with self.subTest(format=format):
                self.assertEqual(body.count(b": x-purser-cost-usd: "), 1)
                cost = body.split(b": x-purser-cost-usd: ")[1].split(b"\n")[0].decode()
                self.assertEqual(nanos(cost), self.booked(wanted.id)["cost_nanos"])
        self.assertNotIn(b"x-purser-cost", self.run_ask(Ask(self.next_id(), stream=True)).body)


class Attribution(PassageCase):
    @classmethod
    def fill(cls) -> None:
        super().fill()
        api = cls.gateway.api
        api("POST", "/api/v1/projects", {"name": "apollo", "teams": ["engineering"]})
        cls.gateway.add_team("marketing")
        api("POST", "/api/v1/projects", {"name": "launch", "teams": ["marketing"]})
        api("POST", "/api/v1/labels", {"name": "support-automation"})

    def test_projects_labels_and_tasks_are_booked(self) -> None:
        fields = {
            "x-purser-project": "apollo",
            "x-purser-label": "support-automation",
            "x-purser-task": "ticket-4711",
        }
        wanted = Ask(self.next_id(), extra={"metadata": {"ticket": "4711"}})
        answer = self.run_ask(wanted, fields=fields)
        self.assertEqual(answer.status, 200, answer.body)
        row = self.booked(wanted.id)
        zero = bytes(16)
        self.assertTrue(zero not in (row["project"], row["label"], row["task"]))
        self.assertEqual(row["task_name"], "ticket-4711")
        self.assertEqual(json.loads(row["metadata"]), {"ticket": "4711"})
        self.assertEqual(row["end_user"], wanted.id)
        (task,) = self.gateway.api("GET", "/api/v1/me/tasks", key=self.ana.key)["items"]
        self.assertEqual((task["name"], task["requests"]), ("ticket-4711", 1))
        self.assertEqual(nanos(task["cost_usd"]), row["cost_nanos"])
        request = answer.fields["x-purser-request-id"]
        shown = self.gateway.api("GET", f"/api/v1/requests/{request}", key=self.ana.key)
        self.assertEqual(nanos(shown["cost_usd"]), row["cost_nanos"])

    def test_what_does_not_exist_is_refused_with_what_does(self) -> None:
        cases = [
            ({"x-purser-project": "zeus"}, "unknown_project", "apollo"),
            ({"x-purser-project": "launch"}, "unknown_project", "apollo"),
            ({"x-purser-label": "nonsense"}, "unknown_label", "support-automation"),
        ]
        for fields, code, named in cases:
            wanted = Ask(self.next_id())
            answer = self.run_ask(wanted, fields=fields)
            self.assertEqual(answer.status, 400)
            self.assertEqual(answer.json()["purser"]["code"], code)
            self.assertIn(named, answer.json()["error"]["message"])
            self.assertEqual(self.stub.of(wanted.id), [])

    def test_a_task_s_name_has_a_limit(self) -> None:
        answer = self.run_ask(Ask(self.next_id()), fields={"x-purser-task": "x" * 129})
        self.assertEqual(answer.json()["purser"]["code"], "task_too_long")


class Door(PassageCase):
    def test_other_paths_are_refused_with_what_is_served(self) -> None:
        cases = [
            ("POST", "/v1/files", 404),
            ("POST", "/v1/chat/completions/", 404),
            ("GET", "/v1/chat/completions", 405),
            ("DELETE", "/v1/models", 405),
            ("GET", "/nonsense", 404),
        ]
        for method, path, status in cases:
            answer = self.plain(method, path, key=self.ana.key, body=None)
            with self.subTest(path=path):
                self.assertEqual(answer.status, status)
                self.assertIn("/v1/chat/completions", answer.json()["error"]["message"])

    def test_the_root_answers(self) -> None:
        self.assertEqual(self.plain("GET", "/").status, 200)
        ready = self.plain("GET", "/readyz")
        self.assertEqual((ready.status, ready.json()), (200, {"ready": True}))

    def test_what_changes_the_bill_is_refused(self) -> None:
        cases: list[tuple[str, dict[str, Any]]] = [
            ("chat", {"service_tier": "priority"}),
            ("chat", {"web_search_options": {}}),
            ("chat", {"prediction": {"type": "content", "content": "x"}}),
            ("responses", {"background": True}),
            ("responses", {"tools": [{"type": "code_interpreter", "container": {"type": "auto"}}]}),
            ("messages", {"mcp_servers": [{"type": "url", "url": "https://x", "name": "x"}]}),
        ]
        for format, extra in cases:
            wanted = Ask(self.next_id(), format, extra=extra)
            answer = self.run_ask(wanted)
            with self.subTest(extra=extra):
                self.assertEqual(answer.status, 400, answer.body)
                self.assertEqual(self.stub.of(wanted.id), [])

    def test_bodies_that_two_readers_would_read_differently(self) -> None:
        good = Ask(self.next_id()).body()
        bodies = [
            good[:-1] + b',"max_completion_tokens":9999999}',
            good[:-1] + b',"\\u006dodel":"gpt-4o"}',
            good + b"{}",
            good[:-1],
            b"\xef\xbb\xbf" + good,
            b"[]",
            b"",
        ]
        from ai_client import Connection, key_fields

        async def send(body: bytes) -> Answer:
            connection = Connection(self.gateway.port)
            fields = {"Content-Type": "application/json", **key_fields(self.ana.key, "chat")}
            await connection.send("POST", "/v1/chat/completions", fields, body)
            answer = await connection.receive()
            connection.close()
            return answer

        before = len(self.stub.records)
        for body in bodies:
            with self.subTest(body=body[:40]):
                self.assertEqual(asyncio.run(send(body)).status, 400)
        self.assertEqual(len(self.stub.records), before)


if __name__ == "__main__":
    unittest.main()
