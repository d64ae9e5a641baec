"""How the official clients take a refusal and a broken stream, with their default settings: a 402
is raised after one call, a 429 for holds is retried and succeeds, a stream that fails throws."""
import concurrent.futures
import json
import unittest
import urllib.request

from workspace import CLIENTS, Client, Workspace, wait_until  # first: it sets the path
from stub_provider import StubProvider

PATHS = {"chat": "/v1/chat/completions", "responses": "/v1/responses", "messages": "/v1/messages"}
LIMITS = {"chat": "max_completion_tokens", "responses": "max_output_tokens",
          "messages": "max_tokens"}
MODELS = {"chat": "gpt-5-mini", "responses": "gpt-5-mini", "messages": "claude-sonnet-5"}
FORMATS = {"chat": "openai_chat", "responses": "openai_responses", "messages": "anthropic_messages"}
HELD_TOKENS = 1000  # below 1,024, so that this is the request's smallest form too
DISTINCT = [(name, api) for name, apis in CLIENTS.items() for api in apis]


class Failures(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stub = StubProvider()
        cls.stub.start()
        cls.addClassCleanup(cls.stub.stop)
        base = f"http://127.0.0.1:{cls.stub.port}"
        cls.workspace = cls.enterClassContext(Workspace(
            f'[[provider]]\nname = "openai"\nbase_url = "{base}"\n'
            f'api_key = "{cls.stub.openai_key}"\n'
            f'[[provider]]\nname = "anthropic"\nbase_url = "{base}"\n'
            f'api_key = "{cls.stub.anthropic_key}"\n'))
        cls.keys = {name: cls.workspace.add_person(name) for name in CLIENTS}
        cls.clients = {
            name: cls.enterClassContext(Client(name, cls.workspace.base_url, cls.keys[name]))
            for name in CLIENTS}

    def setUp(self):
        for name in CLIENTS:
            self.workspace.set_cap(name, "100")

    def calls(self, api):
        """Requests of this format, sent on or refused."""
        return (self.workspace.refusals(format=FORMATS[api])
                + self.workspace.metric("purser_requests_total", format=FORMATS[api]))

    def test_a_402_is_raised_after_one_call(self):
        for name in CLIENTS:
            done = self.clients[name].run("say", CLIENTS[name][0], prompt="[[e2e id=spend]]")
            self.assertNotIn("error", done, name)
            self.workspace.settled_cap(self.keys[name])
            self.workspace.set_cap(name, "0.000001")
        for name, api in DISTINCT:
            for stream in (False, True):
                with self.subTest(client=name, api=api, stream=stream):
                    before, sent = self.calls(api), len(self.stub.records)
                    error = self.clients[name].run("say", api, stream, prompt="Hello")["error"]
                    self.assertEqual(error["status"], 402, error)
                    self.assertIn(f"{name} has spent", error["message"])
                    self.assertIn("resets on", error["message"])
                    self.assertFalse(error["retried"])
                    self.assertEqual(self.calls(api) - before, 1)
                    self.assertEqual(len(self.stub.records), sent)

    def hold_all_room(self, name, api):
        """A stream that holds this person's whole room until its gate opens; (gate, thread)."""
        key, gate = self.keys[name], f"{name}-{api}"
        prompt = f"[[e2e id={gate} midgate={gate} at=2 in=10 out=10]]"
        said = {"input": prompt} if api == "responses" else {
            "messages": [{"role": "user", "content": prompt}]}
        body = {"model": MODELS[api], "stream": True, LIMITS[api]: HELD_TOKENS, **said}
        request = urllib.request.Request(
            self.workspace.base_url + PATHS[api], json.dumps(body).encode(),
            headers={"Authorization": "Bearer " + key, "Content-Type": "application/json"})
        stream = urllib.request.urlopen(request, timeout=60)
        cap = wait_until(lambda: (cap := self.workspace.cap(key))["held"] > 0 and cap, "the hold")
        # Room for this hold and half of another; the smallest form alone would fit.
        limit = cap["spent"] + cap["held"] * 3 // 2
        self.workspace.set_cap(name, f"{limit // 10**9}.{limit % 10**9:09d}")
        return gate, stream

    def test_a_429_for_holds_is_retried_and_succeeds(self):
        for name, api in DISTINCT:
            with self.subTest(client=name, api=api):
                self.workspace.settled_cap(self.keys[name])
                self.workspace.set_cap(name, "100")
                gate, stream = self.hold_all_room(name, api)
                with stream, concurrent.futures.ThreadPoolExecutor(1) as pool:
                    refused = self.workspace.refusals(format=FORMATS[api])
                    prompt = f"[[e2e id=waits-{gate} in=10 out=10]]"
                    answer = pool.submit(self.clients[name].run, "say", api, prompt=prompt,
                                         limit=HELD_TOKENS)
                    wait_until(lambda: answer.done()
                               or self.workspace.refusals(format=FORMATS[api]) > refused,
                               "the refusal")
                    self.assertFalse(answer.done(), "it was not refused first")
                    self.stub.open_gate(gate)
                    stream.read()
                    self.assertIn("word0", answer.result().get("text", answer.result()))
                self.assertEqual(self.workspace.refusals(format=FORMATS[api]) - refused, 1)
                self.assertEqual(len(self.stub.of(f"waits-{gate}")), 1)

    def test_a_stream_that_fails_throws(self):
        for mode in ("cut", "reset", "error_event"):
            for name, api in DISTINCT:
                with self.subTest(client=name, api=api, mode=mode):
                    prompt = f"[[e2e id={mode}-{name}-{api} mode={mode} at=4]]"
                    answer = self.clients[name].run("say", api, True, prompt=prompt)
                    self.assertIn("error", answer)
                    self.assertEqual(len(self.stub.of(f"{mode}-{name}-{api}")), 1)
                    self.assertEqual(self.stub.problems, [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
