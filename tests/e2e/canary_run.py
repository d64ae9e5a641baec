"""One run of the secrets canary: a gateway with unique keys and its log at its most verbose, traffic with
unique content through all endpoints, and all places in which any of it could be found afterwards."""

from __future__ import annotations

import asyncio
import itertools
import json
import signal
import unittest
from typing import Any

from ai_client import PATHS, Connection, dumps, key_fields, plain
from canary_requests import Content
from canary_search import Canaries, Finding, files_open_in, files_under
from harness import Answer, Ask, Gateway, Member, ask, wait_until
from stub_provider import StubProvider

STREAMED = ("chat", "responses", "messages")
OTHERS_KEY = "the compatible provider's key"
PROVIDER_KEYS = {"openai's key", "anthropic's key", OTHERS_KEY}
# Where a key stands because the operator or Purser put it there, documented in SECURITY.md.
KEPT = {
    "purser.toml": {OTHERS_KEY},
    "anthropic.key": {"anthropic's key"},
    "data/admin.key": {"the manage key"},
}


class CanaryCase(unittest.TestCase):
    def setUp(self) -> None:
        self.canaries = Canaries()
        self.content = Content(self.canaries)
        add, word = self.canaries.add, self.canaries.word
        keys = add("openai's key", word("sk-proj-")), add("anthropic's key", word("sk-ant-"))
        self.openai = self.stub(*keys)
        self.compatible = self.stub(add(OTHERS_KEY, word("sk-or-")), "")
        self.gateway = self.make_gateway()
        self.numbers = itertools.count()
        self.told: dict[str, bytes] = {}  # to clients: theirs may stand in it, a provider's key may not
        self.requests: list[str] = []
        self.gateway.start()
        self.fill()

    # The parts.

    def stub(self, openai_key: str, anthropic_key: str) -> StubProvider:
        stub = StubProvider(openai_key, anthropic_key)
        stub.start()
        self.addCleanup(stub.stop)
        return stub

    def make_gateway(self) -> Gateway:
        """A key by the environment, one by a file, one in the configuration itself."""
        gateway = Gateway(self.openai)
        self.addCleanup(gateway.remove)
        texts = self.canaries.texts
        file = gateway.directory / "anthropic.key"
        file.write_text(texts["anthropic's key"] + "\n")
        base, other = (f"http://127.0.0.1:{each.port}" for each in (self.openai, self.compatible))
        gateway.config.write_text(
            'port = 0\nthreads = 2\ncommand_log = true\n[log]\nlevel = "debug"\n'
            f'[[provider]]\nname = "openai"\nbase_url = "{base}"\napi_key_env = "CANARY_KEY"\n'
            f'[[provider]]\nname = "anthropic"\nbase_url = "{base}"\napi_key_file = "{file.name}"\n'
            f'[[provider]]\nname = "other"\nkind = "openai-compatible"\nbase_url = "{other}"\n'
            f'api_key = "{texts[OTHERS_KEY]}"\nprice_as = "openai"\n'
        )
        gateway.environment["CANARY_KEY"] = texts["openai's key"]
        return gateway

    def fill(self) -> None:
        self.canaries.add("the manage key", self.gateway.admin_key)
        secret = (self.gateway.data / "secret.key").read_bytes().strip()
        self.canaries.add("the secret that hashes keys", secret.decode("latin-1"))
        self.gateway.add_team("engineering", "1000")
        self.ana = self.member("ana", "100")
        self.paused, self.poor = self.member("pat", "0"), self.member("pia", "0.000001")
        second = {"kind": "manage", "user": "admin@example.com"}
        self.made = self.gateway.api("POST", "/api/v1/keys", second)
        self.canaries.add("a second manage key", self.made["key"])
        done = self.gateway.command("key", "create", "--user", self.ana.email, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.canaries.add("a key made by the command", json.loads(done.stdout)["key"])
        people = "name,email,team,cap_usd\nIvo,ivo@example.com,engineering,5\n"
        wanted = {"csv": people, "make_keys": True}
        (row,) = self.gateway.api("POST", "/api/v1/import", wanted)["rows"]
        self.canaries.add("an imported person's key", row["key"])

    def member(self, name: str, cap: str) -> Member:
        member = self.gateway.add_member(name, "engineering", cap)
        self.canaries.add(f"{name}'s key", member.key)
        return member

    def id(self) -> str:
        return f"canary-{next(self.numbers)}"

    # Traffic.

    def keep(self, what: str, answer: Answer) -> Answer:
        fields = "\n".join(f"{name}: {value}" for name, value in answer.fields.items())
        self.told[f"the answer to {what}, {len(self.told)}"] = fields.encode() + b"\n\n" + answer.body
        if "x-purser-request-id" in answer.fields:
            self.requests.append(answer.fields["x-purser-request-id"])
        return answer

    def send(self, status: int, format: str, key: str = "", fields: Any = None, **more: Any) -> Answer:
        wanted = self.content.ask(self.id(), format, **more)
        answer = asyncio.run(ask(self.gateway.port, key or self.ana.key, wanted, fields))
        self.assertEqual(answer.status, status, f"{format} {more}: {answer.body[:300]!r}")
        return self.keep(f"{format} {more.get('plan', '')}", answer)

    def send_raw(
        self, method: str, path: str, fields: dict[str, str], body: bytes = b"", status: int = 0
    ) -> Answer:
        async def go() -> Answer:
            connection = Connection(self.gateway.port)
            await connection.send(method, path, fields, body)
            answer = await connection.receive()
            connection.close()
            return answer

        answer = asyncio.run(go())
        if status:
            self.assertEqual(answer.status, status, f"{method} {path}: {answer.body[:300]!r}")
        return self.keep(f"{method} {path[:20]}", answer)

    def answered(self) -> None:
        for format in PATHS:
            self.send(200, format)
            if format in STREAMED:
                self.send(200, format, stream=True)
        for stream in (False, True):
            self.send(200, "chat", model="other/gpt-4o-mini", stream=stream)
        self.send(200, "chat", fields={"x-purser-task": "a task"})

    def refused(self) -> None:
        for format in STREAMED + ("embeddings",):
            self.send(402, format, self.paused.key)
            self.send(404, format, model="no-such/model")
            self.send(402, format, model="anthropic/x" if format == "messages" else "openai/x")
            self.send(402, format, self.poor.key)
        odd = {"service_tier": "flex", "background": True, "n": "x", "stream": "?"}
        for field, value in odd.items():
            self.send_any("chat", extra={field: value})
            self.send_any("messages", extra={field: value})
        # A type that Purser does not know is named in the refusal, and what goes by it is not.
        for format in STREAMED:
            tool = {"type": "oracle", "name": self.content.tool}
            self.send_any(format, extra={"tools": [tool]})
            self.send_any(format, extra={"tool_choice": self.content.prompt})
            body = self.content.ask(self.id(), format).body()
            twice = body.replace(b'"model"', b'"mod\\u0065l":1,"model"')
            for broken in (body[:-1], body + b"}", body[:200], twice):
                self.send_raw("POST", PATHS[format], self.fields(format), broken, 400)

    def send_any(self, format: str, **more: Any) -> None:
        wanted = self.content.ask(self.id(), format, **more)
        self.keep(f"{format} {more}", asyncio.run(ask(self.gateway.port, self.ana.key, wanted)))

    def fields(self, format: str, key: str = "") -> dict[str, str]:
        return {"Content-Type": "application/json", **key_fields(key or self.ana.key, format)}

    def failed(self) -> None:
        """By the provider, in each way that the stub knows; a 401 repeats the provider's key."""
        for format in STREAMED + ("embeddings",):
            plan = {"mode": "error", "status": 401, "tell_key": 1}
            self.send(502, format, plan=plan)
            for status in (400, 429, 500):
                self.send(status, format, plan={"mode": "error", "status": status})
        self.send(502, "chat", model="other/gpt-4o-mini", plan=plan)
        modes = ["no_usage", "odd_usage", "cut", "reset", "garbage", "garbage_head", "hang_up"]
        for mode in modes + ["lying_length_more", "lying_length_less", "both_lengths", "error_event"]:
            for format in STREAMED:
                for stream in (False, True):
                    self.send_any(format, stream=stream, plan={"mode": mode})

    def misplaced(self) -> None:
        """Keys and texts where they do not belong."""
        keys = [self.ana.key, self.gateway.admin_key, self.made["key"]]
        body = self.content.ask(self.id(), "chat").body()
        for key in keys:
            for name, value in (
                ("Authorization", key), ("Authorization", "Basic " + key), ("api-key", key),
                ("x-goog-api-key", key), ("Cookie", "key=" + key), ("openai-organization", key),
                ("x-api-key", key[:-1]), ("Authorization", "Bearer " + key[:-2]),
                ("Authorization", f"Bearer {key}, {key}"), ("x-api-key", key + "0"),
            ):  # fmt: skip
                self.send_raw("POST", PATHS["chat"], {name: value}, body)
                self.send_raw("GET", "/v1/models", {name: value})
                self.send_raw("GET", "/api/v1/me", {name: value})
            chat = f"/v1/{key}/chat/completions"
            for path in (f"/{key}", chat, f"/v1/models/{key}", f"/v1/models?key={key}"):
                self.send_raw("GET", path, {})
                self.send_raw("POST", path, self.fields("chat"), body)
            self.send_raw("POST", f"/v1/chat/completions?key={key}", {}, body, 401)
            admin = {"Authorization": "Bearer " + self.gateway.admin_key}
            for path in ("requests/", "keys/", "users/", "audit?action=", "me?key=", "usage?by="):
                self.send_raw("GET", "/api/v1/" + path + key, admin)
            explained = self.gateway.command("explain", key)
            self.told[f"explain {len(self.told)}"] = (explained.stdout + explained.stderr).encode()
        large = {"Authorization": "Bearer " + self.ana.key, "X-Filler": self.content.tool * 1000}
        self.send_raw("POST", PATHS["chat"], large, b"", 431)
        self.send_raw("POST", "/v1/" + self.ana.key * 200, {}, b"", 414)
        self.send_raw("GET", "/ bad\x01" + self.ana.key, {}, b"", 400)
        odd = {**self.fields("chat"), "Transfer-Encoding": "x"}
        self.send_raw("POST", PATHS["chat"], odd, body, 400)

    def administered(self) -> None:
        for format in PATHS:
            request = self.content.ask(self.id(), format).request()
            body = {"path": PATHS[format], "request": request}
            fields = self.fields("chat")
            self.send_raw("POST", "/api/v1/estimate", fields, dumps(body))
            self.send_raw("POST", "/api/v1/estimate", fields, dumps(body)[:-5], 400)
        self.gateway.api("POST", f"/api/v1/keys/{self.made['id']}/revoke")
        revoked = {"Authorization": "Bearer " + self.made["key"]}
        self.send_raw("GET", "/api/v1/users", revoked, status=401)
        other = self.gateway.add_member("zoe", "engineering", "1")
        self.canaries.add("zoe's key", other.key)
        self.gateway.api("POST", f"/api/v1/users/{other.email}/deactivate")
        self.send(401, "chat", other.key)

    def everything(self) -> None:
        self.answered()
        self.refused()
        self.failed()
        self.misplaced()
        self.administered()

    def reload(self) -> None:
        """SIGHUP with a sound configuration, and with some that are not, key and all."""
        sound = self.gateway.config.read_text()
        key = self.canaries.texts[OTHERS_KEY]
        broken = [
            sound.replace(f'"{key}"', key),  # not TOML
            sound.replace(f'"{key}"', f'["{key}"]'),
            sound.replace(f'"{key}"', f'"{key} é"'),
            sound.replace(f'api_key = "{key}"', f'api_key = "{key}"\napi_kee = "{key}"'),
        ]
        for number, text in enumerate(broken):
            self.gateway.config.write_text(text)
            self.hang_up("the old configuration stays", number + 1)
            checked = self.gateway.command("check-config", "--config", str(self.gateway.config))
            self.assertEqual(checked.returncode, 1, checked.stdout)
            self.told[f"check-config {number}"] = (checked.stdout + checked.stderr).encode()
        self.gateway.config.write_text(sound)
        self.hang_up("were read again", 1)

    def hang_up(self, words: str, times: int) -> None:
        assert self.gateway.process
        self.gateway.process.send_signal(signal.SIGHUP)
        wait_until(lambda: self.gateway.log_text().count(words) >= times, f"the log to say: {words}")

    # The search.

    def places(self) -> dict[str, bytes]:
        found = files_under(self.gateway.directory)
        if self.gateway.process:
            found |= files_open_in(self.gateway.process.pid)
        return found

    def surfaces(self) -> dict[str, bytes]:
        """What Purser tells an admin, an operator, or anyone who asks about a request."""
        found = {}

        def get(path: str, key: str) -> None:
            answer = asyncio.run(plain(self.gateway.port, "GET", path, key))
            found[f"GET {path}"] = answer.body + repr(answer.fields).encode()

        for path in ("/metrics", "/healthz", "/readyz", "/", "/v1/models"):
            get(path, "")
        listed = ("audit?limit=1000", "keys", "users", "usage?by=model", "settings", "unconfirmed")
        for path in listed + ("memberships", "caps", "stops", "prices?limit=1000", "overspends", "clock"):
            get("/api/v1/" + path, self.gateway.admin_key)
        get("/api/v1/me", self.ana.key)
        get("/api/v1/me/tasks", self.ana.key)
        for request in self.requests:
            get(f"/api/v1/requests/{request}", self.gateway.admin_key)
        for words in (("explain", self.requests[0]), ("audit", "list"), ("key", "list"), ("user", "list")):
            done = self.gateway.command(*words)
            found["purser " + words[0]] = (done.stdout + done.stderr).encode()
        return found

    def find(self, places: dict[str, bytes]) -> list[Finding]:
        return [f for f in self.canaries.find(places) if f.canary not in KEPT.get(f.place, set())]

    def check(self, places: dict[str, bytes]) -> None:
        found = self.find(places)
        if found:
            self.fail("found, where no secret may stand:\n" + "\n".join(map(str, found[:20])))

    def own_keys(self) -> set[str]:
        return {name for name, text in self.canaries.texts.items() if text.startswith("psr_")}

    def backup(self, name: str) -> None:
        file = self.gateway.directory / name
        done = self.gateway.command("backup", str(file), "--data-dir", str(self.gateway.data))
        self.assertEqual(done.returncode, 0, done.stderr)
