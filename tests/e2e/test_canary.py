"""The secrets canary: each key, each text of a client and each answer is unique, and none of them is found,
in any encoding, in what Purser wrote or tells: logs, database, WAL, backups, metrics, audit, explain.

Passwords: the product knows none yet. In their place stand the text of a TLS key file, and a password
that somebody put into a provider's URL."""

from __future__ import annotations

import asyncio
import json
import stat
import subprocess
import unittest
from typing import Any

from ai_client import PATHS
from canary_run import OTHERS_KEY, PROVIDER_KEYS, STREAMED, CanaryCase
from canary_search import Canaries, files_under, forms_of
from harness import Ask, Gateway, ask, wait_until


class EverythingOnce(CanaryCase):
    def test_none_is_found_anywhere(self) -> None:
        self.everything()
        self.backup("backup-1.db")
        self.reload()
        self.assertGreater(len(self.requests), 100)
        surfaces = self.surfaces()
        self.check(surfaces)
        self.check(self.places())
        gated = [self.content.ask(self.id(), format, plan={"gate": "never"}) for format in STREAMED]
        asyncio.run(self.killed_with(gated))
        after_kill = files_under(self.gateway.directory)
        self.assertGreater(len(after_kill["data/ledger.db-wal"]), 0, "the WAL is gone")
        self.check(after_kill)
        self.gateway.start()
        self.answered()
        self.backup("backup-2.db")
        self.check(self.surfaces())
        self.assertEqual(self.gateway.terminate(), 0)
        places = self.places()
        self.check(places)
        self.check_told()
        self.check_upstream()
        self.check_modes()
        searched = sum(map(len, [*surfaces.values(), *after_kill.values(), *places.values()]))
        count = f"{len(self.canaries.texts)} canaries, {len(self.told)} answers"
        print(f"canary: {count}, {searched:,} bytes searched")

    async def killed_with(self, wanted: list[Ask]) -> None:
        tasks = [asyncio.create_task(ask(self.gateway.port, self.ana.key, each)) for each in wanted]
        at_gate = lambda all: sum(record.get("at_gate", False) for record in all) == len(wanted)
        self.assertTrue(await asyncio.to_thread(self.openai.wait_for, at_gate))
        self.gateway.kill()
        await asyncio.gather(*tasks)

    def check_told(self) -> None:
        """What a client was told may repeat its own words, and never a provider's key."""
        self.assertEqual(self.canaries.find(self.told, PROVIDER_KEYS), [])

    def check_upstream(self) -> None:
        """No provider saw a key of Purser's."""
        for stub in (self.openai, self.compatible):
            self.assertEqual([p for p in stub.problems if "key" in p], [])
            sent = {"what went upstream": json.dumps(stub.records + stub.counted).encode()}
            self.assertEqual(self.canaries.find(sent, self.own_keys()), [])

    def check_modes(self) -> None:
        for name in ("admin.key", "secret.key"):
            mode = stat.S_IMODE((self.gateway.data / name).stat().st_mode)
            self.assertEqual(mode, 0o600, name)
        self.assertEqual(stat.S_IMODE(self.gateway.data.stat().st_mode), 0o700)


class Misplaced(CanaryCase):
    """Keys where a slip of a client or of an operator may put them."""

    def check_key_in(self, fields: dict[str, str], query: str = "", **extra: Any) -> None:
        for format in STREAMED:
            body = self.content.ask(self.id(), format, extra=extra).body()
            self.send_raw("POST", PATHS[format] + query, {**self.fields(format), **fields}, body)
        self.check(self.surfaces())
        self.assertEqual(self.gateway.terminate(), 0)  # and nothing more is written
        self.check(self.places())
        sent = {"what went upstream": json.dumps(self.openai.records).encode()}
        self.assertEqual(self.canaries.find(sent, self.own_keys()), [])

    def test_a_key_as_a_task(self) -> None:
        self.check_key_in({"x-purser-task": self.ana.key})

    def test_a_key_as_a_beta(self) -> None:
        self.check_key_in({"anthropic-beta": self.ana.key})

    def test_a_key_as_a_project(self) -> None:
        self.check_key_in({"x-purser-project": self.ana.key})

    def test_a_key_in_the_query_beside_a_header(self) -> None:
        self.check_key_in({}, "?key=" + self.ana.key)

    def test_a_key_as_a_model(self) -> None:
        self.check_key_in({}, model=self.ana.key)

    def test_a_provider_s_key_in_any_answer(self) -> None:
        for status in (400, 403, 500):
            plan = {"mode": "error", "status": status, "tell_key": 1}
            for format in STREAMED:
                self.send_any(format, plan=plan)
        self.assertEqual(self.canaries.find(self.told, PROVIDER_KEYS), [])

    def test_a_password_in_a_url(self) -> None:
        password = self.canaries.add("a password", Canaries.word())
        sound = self.gateway.config.read_text()
        self.gateway.config.write_text(sound.replace("http://", f"http://user:{password}@"))
        self.hang_up("the old configuration stays", 1)
        self.check({"the log": self.gateway.log_text().encode()})

    def test_a_key_of_tls(self) -> None:
        """With TLS on, through a reload that works and one whose key file is broken."""
        folder = self.gateway.directory
        key, certificate = folder / "tls-key.pem", folder / "tls-certificate.pem"
        self.make_certificate(str(key), str(certificate))
        self.canaries.add("the TLS key", "".join(key.read_text().splitlines()[1:-1]))
        files = f'certificate_file = "{certificate.name}"\nkey_file = "{key.name}"'
        self.assertEqual(self.gateway.terminate(), 0)
        sound = self.gateway.config.read_text()
        self.gateway.config.write_text(sound.replace("[log]", f"[tls]\n{files}\n[log]"))
        self.gateway.start()
        self.hang_up("were read again", 1)
        self.backup("backup.db")
        whole = key.read_text()
        for number, broken in enumerate((whole[:-40], whole.replace("KEY", "KEG"), "\n" + whole[30:])):
            key.write_text(broken)
            self.hang_up("the old configuration stays", number + 1)
        self.gateway.kill()
        places = self.places()
        del places[key.name]
        self.check(places)

    @staticmethod
    def make_certificate(key: str, certificate: str) -> None:
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
        command += ["-nodes", "-days", "2", "-subj", "/CN=localhost"]
        command += ["-keyout", key, "-out", certificate]
        subprocess.run(command, check=True, capture_output=True)


class TheSearchItself(CanaryCase):
    """A search that finds nothing has to be one that could have."""

    def test_a_canary_planted_through_the_api_is_found(self) -> None:
        planted = self.canaries.add("a label", Canaries.word("label"))
        self.gateway.api("POST", "/api/v1/labels", {"name": planted})
        self.send(200, "chat", fields={"x-purser-label": planted})
        self.backup("backup.db")
        found = {(each.canary, each.place) for each in self.find({**self.places(), **self.surfaces()})}
        for place in ("data/ledger.db-wal", "backup.db", "GET /api/v1/audit?limit=1000", "purser audit"):
            self.assertIn(("a label", place), found)
        with self.assertRaises(AssertionError):
            self.check(self.places())
        # In the log, by a model's name.
        model = self.canaries.add("a model", Canaries.word("model"))
        self.send(402, "chat", model="openai/" + model)
        said = lambda: model in self.gateway.log_text()
        wait_until(said, "the log to name the model")
        found = {(each.canary, each.place) for each in self.find(self.places())}
        self.assertIn(("a model", "serve.log"), found)

    def test_every_encoding_and_16_bytes_of_it(self) -> None:
        canaries = Canaries()
        for text in (canaries.text(), canaries.word("sk-")):
            canaries = Canaries()
            canaries.add("planted", text)
            for form in forms_of(text):
                size = form.least
                for start in range(len(form.data) - size + 1):
                    piece = form.data[start : start + size]
                    found = canaries.find({"file": b"\0before" + piece + b"\0after"})
                    self.assertTrue(found, f"{form.name}, from byte {start}")
        self.assertEqual(canaries.find({"file": text[3:18].encode()}), [], "15 bytes may be chance")

    def test_every_kept_key_is_where_it_is_said_to_be(self) -> None:
        found = {(each.canary, each.place) for each in self.canaries.find(self.places())}
        for place in ((OTHERS_KEY, "purser.toml"), ("anthropic's key", "anthropic.key")):
            self.assertIn(place, found)
        self.assertIn(("the manage key", "data/admin.key"), found)


if __name__ == "__main__":
    unittest.main()
