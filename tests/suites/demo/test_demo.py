"""scripts/demo-alerts, run as it stands: its story, and what each person received."""
import json
import os
import pathlib
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
TIMEOUT_SECONDS = 900


class Demo(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        ran = subprocess.run([ROOT / "scripts/demo-alerts", "--yes", "--json"], text=True,
                             capture_output=True, timeout=TIMEOUT_SECONDS, check=False,
                             env=dict(os.environ))
        if ran.returncode != 0:
            raise AssertionError(ran.stdout + ran.stderr)
        cls.story = ran.stderr
        cls.received = json.loads(ran.stdout)

    def mails(self, who):
        return self.received["people"][who]["mails"]

    def subjects(self, who, words):
        return [mail["subject"] for mail in self.mails(who) if words in mail["subject"]]

    def test_who_pays_and_who_leads_hear_of_the_team_at_each_threshold_once(self):
        for who in ("ada@example.com", "noor@example.com"):
            for words in ("Team launch has spent 5", "Team launch has spent 8",
                          "Team launch is paused"):
                self.assertEqual(len(self.subjects(who, words)), 1, (who, words))
        for who in ("kim@example.com", "ben@example.com"):
            self.assertEqual(self.subjects(who, "Team launch has spent"), [])

    def test_each_hears_of_their_own_cap(self):
        self.assertEqual(len(self.subjects("ben@example.com", "Ben Ortiz has spent")), 2)
        self.assertEqual(self.subjects("kim@example.com", "Ben Ortiz has spent"), [])

    def test_a_key_is_news_to_its_holder_alone(self):
        self.assertEqual(self.subjects("kim@example.com", "A key was made"),
                         ["A key was made for kim@example.com"])
        self.assertEqual(self.subjects("noor@example.com", "A key was made"),
                         ["A key was made for noor@example.com"])

    def test_the_pause_says_who_consumed_what_and_links_to_the_raise(self):
        paused = [mail["text"] for mail in self.mails("ada@example.com")
                  if "is paused" in mail["subject"]]
        for words in ("By user", "Kim Sato", "Ben Ortiz", "By model", "sandbox/large", "/raise/cap_"):
            self.assertIn(words, paused[0])

    def test_the_asking_and_the_answer_are_told(self):
        self.assertEqual(len(self.subjects("ada@example.com", "asks to raise")), 1)
        granted = [mail["text"] for mail in self.mails("kim@example.com")
                   if "was granted" in mail["subject"]]
        self.assertIn("good luck", granted[0])

    def test_every_mail_is_in_the_inbox(self):
        for who, got in self.received["people"].items():
            self.assertEqual(sorted(mail["subject"] for mail in got["mails"]),
                             sorted(got["inbox"]), who)

    def test_the_webhook_has_the_whole_story_and_the_pager_the_pause(self):
        kinds = [event["type"] for event in self.received["webhook"]]
        for kind in ("key.made", "cap.threshold", "raise.asked", "raise.decided",
                     "cap.limit_changed", "cap.pause_ended"):
            self.assertIn(kind, kinds)
        began, ended = self.received["pagerduty"]
        self.assertEqual((began["event_action"], ended["event_action"]), ("trigger", "resolve"))
        self.assertEqual(began["dedup_key"], ended["dedup_key"])
        self.assertEqual(self.received["alerts_failed"], [])

    def test_it_is_told_as_it_goes(self):
        for words in ("Half is spent", "Kim's request is refused: Team launch has",
                      "team launch  has spent its month cap of 2.00", "next request is granted",
                      "every signature verified"):
            self.assertIn(words, self.story)


if __name__ == "__main__":
    unittest.main()
