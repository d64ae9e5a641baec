"""`purser verify` recomputes what each usage cost, from its counts and the recorded price."""

from __future__ import annotations

import shutil
import sqlite3
import unittest

from harness import Ask, GatewayCase


class VerifyCosts(GatewayCase):
    def test_an_edited_row_is_found(self) -> None:
        price = {"provider": "openai", "model": "gpt-4o-mini", "input_usd_per_million": "7"}
        ids = []
        for round in range(2):
            for format in ("chat", "messages", "responses"):
                for stream in (False, True):
                    ids.append(self.next_id())
                    asked = Ask(ids[-1], format, stream=stream, plan={"out": 9})
                    self.assertEqual(self.run_ask(asked).status, 200)
                    self.booked(ids[-1])
            # The second round goes at a negotiated price, which has ended when it is checked.
            if round == 0:
                made = self.gateway.api("PUT", "/api/v1/prices", price)
        self.gateway.api("DELETE", f"/api/v1/prices/{made['id']}")
        # A model that the book itself does not have: its only price is the override.
        own = {"provider": "openai", "model": "own-model", "input_usd_per_million": "1"}
        own |= {"output_usd_per_million": "2", "context_window_tokens": 100_000}
        self.gateway.api("PUT", "/api/v1/prices", own)
        ids.append(self.next_id())
        asked = Ask(ids[-1], model="openai/own-model", limit=10, plan={"out": 9})
        self.assertEqual(self.run_ask(asked).status, 200)
        self.booked(ids[-1])
        self.assertEqual(self.gateway.terminate(), 0)
        with self.gateway.books() as books:
            versions = [usage["price_version"] for usage in books.usages()]
        self.assertEqual(sum("+" in version for version in versions), 2)
        report = self.gateway.verify()
        self.assertEqual(report["costs_checked"], len(ids))
        self.assertEqual((report["costs_not_metered"], report["costs_price_gone"]), (0, 0))

        copy = self.gateway.directory / "copy.db"
        shutil.copy(self.gateway.data / "ledger.db", copy)
        db = sqlite3.connect(copy)
        db.execute("UPDATE usages SET cached_input_tokens = 1000000 WHERE end_user = ?", (ids[7],))
        db.commit()
        db.close()
        done = self.gateway.command("verify", str(copy))
        self.assertEqual(done.returncode, 1)
        said = [line for line in done.stdout.splitlines() if "but its counts at the price of" in line]
        self.assertEqual(len(said), 1, done.stdout)


if __name__ == "__main__":
    unittest.main()
