"""Slack, Teams and PagerDuty: received by sinks that refuse what the vendor would."""
import unittest

import validators
from receivers import Sink
from sending import message, run, send


def monstrous():
    """More of everything, and larger, than any vendor takes."""
    name = "&<>\"'\\`*_[x](https://evil.example) \U0001f4b8\r\n\x00<!channel> " * 8
    return message(
        title=name * 5, type="cap.threshold",
        paragraphs=[name * 10] * 60,
        facts=[{"label": f"{number} {name * 3}", "value": name * 5} for number in range(40)],
        breakdowns=[{"title": name, "parts": [
            {"name": f"{number} {name}", "amount": "USD 1.00", "percent": 1}
            for number in range(100)]} for _ in range(8)],
        links=[{"text": name, "url": f"https://purser.example.org/{number}"}
               for number in range(40)])


class Vendors(unittest.TestCase):
    def setUp(self):
        self.sink = Sink()
        self.addCleanup(self.sink.close)

    def sent(self, kind, what, answer=(200, {}, b"ok"), **settings):
        self.sink.answer = answer
        result = send({"kind": kind, "url": self.sink.url(), "allow_private": True, **settings},
                      what)
        self.assertEqual(result["error"], "")
        self.assertTrue(result["sent"])
        return self.sink.requests[-1][2]


class Slack(Vendors):
    def test_a_message_has_its_parts(self):
        whole = validators.slack(self.sent("slack", message()))
        self.assertEqual([block["type"] for block in whole["blocks"]],
                         ["header", "section", "section", "section", "section", "actions",
                          "context"])
        self.assertEqual(whole["blocks"][0]["text"]["text"],
                         "Research has spent 82 % of its cap for November")
        self.assertTrue(whole["text"].startswith("Research has spent 82 %"))
        self.assertIn({"type": "mrkdwn", "verbatim": True,
                       "text": "*Spent*\nUSD 412.10 of 500.00 (82 %)"},
                      whole["blocks"][3]["fields"])
        self.assertEqual(whole["blocks"][4]["text"]["text"],
                         "*By user*\n• Ana Müller: USD 320.00 (78 %)\n"
                         "• Ben &lt;ben@example.org&gt;: USD 92.10 (22 %)")
        first, second = whole["blocks"][5]["elements"]
        self.assertEqual((first["text"]["text"], first["url"], first["style"]),
                         ("Raise the cap", "https://purser.example.org/raise?cap=1&by=2",
                          "primary"))
        self.assertNotIn("style", second)

    def test_the_largest_message_keeps_its_buttons_and_all_limits(self):
        whole = validators.slack(self.sent("slack", monstrous()))
        kinds = [block["type"] for block in whole["blocks"]]
        self.assertEqual(kinds[-2:], ["actions", "context"])
        self.assertEqual(sum("fields" in block for block in whole["blocks"]), 4)

    def test_the_smallest_message(self):
        validators.slack(self.sent("slack", message(
            title="", paragraphs=["", "   "], facts=[{"label": "", "value": ""}], links=[
                {"text": "", "url": "https://e.org"}],
            breakdowns=[{"title": "", "parts": []}])))

    def test_whatever_does_not_say_ok_is_not_slack(self):
        for answer in ((200, {}, b"<html>Sign in</html>"), (204, {}, b"")):
            self.sink.answer = answer
            result = send({"kind": "slack", "url": self.sink.url(), "allow_private": True},
                          message())
            self.assertEqual((result["sent"], result["may_retry"]), (False, False))
            self.assertIn("is not slack", result["error"])


class Teams(Vendors):
    def test_a_message_has_its_parts(self):
        card = validators.teams(self.sent("teams", message(), (202, {}, b"")))
        self.assertEqual([block["type"] for block in card["body"]],
                         ["TextBlock", "TextBlock", "TextBlock", "FactSet", "TextBlock", "FactSet",
                          "TextBlock"])
        self.assertEqual(card["body"][0]["text"], "Research has spent 82 % of its cap for November")
        self.assertEqual(card["body"][0]["color"], "Warning")
        self.assertEqual(card["body"][3]["facts"][0],
                         {"title": "Spent", "value": "USD 412.10 of 500.00 (82 %)"})
        self.assertEqual(card["body"][5]["facts"][0],
                         {"title": "Ana Müller", "value": "USD 320.00 (78 %)"})
        self.assertEqual(card["actions"], [
            {"type": "Action.OpenUrl", "title": "Raise the cap", "style": "positive",
             "url": "https://purser.example.org/raise?cap=1&by=2"},
            {"type": "Action.OpenUrl", "title": "See the team",
             "url": "https://purser.example.org/teams/research"}])

    def test_the_largest_message_fits_and_keeps_its_buttons(self):
        card = validators.teams(self.sent("teams", monstrous(), (202, {}, b"")))
        self.assertEqual(len(card["actions"]), 6)

    def test_the_smallest_message(self):
        validators.teams(self.sent("teams", message(
            title="", paragraphs=["", " "], facts=[], links=[],
            breakdowns=[{"title": "", "parts": []}]), (202, {}, b"")))


class PagerDuty(Vendors):
    ACCEPTED = (202, {}, b'{"status":"success","message":"Event processed"}')

    def event(self, what):
        return validators.pagerduty(self.sent("pagerduty", what, self.ACCEPTED,
                                              routing_key=validators.ROUTING_KEY))

    def test_a_pause_triggers_and_its_end_resolves_the_same_alert(self):
        began = self.event(message(pause_key="cap_1.2026-11.3", severity="critical"))
        self.assertEqual((began["event_action"], began["dedup_key"], began["routing_key"]),
                         ("trigger", "cap_1.2026-11.3", validators.ROUTING_KEY))
        self.assertEqual(began["payload"]["severity"], "critical")
        self.assertEqual(began["payload"]["custom_details"]["Spent"],
                         "USD 412.10 of 500.00 (82 %)")
        self.assertEqual(began["payload"]["custom_details"]["By user"]["Ana Müller"],
                         "USD 320.00 (78 %)")
        self.assertEqual(began["links"][0], {"href": "https://purser.example.org/raise?cap=1&by=2",
                                             "text": "Raise the cap"})
        ended = self.event(message(pause_key="cap_1.2026-11.3", pause_ended=True))
        self.assertEqual((ended["event_action"], ended["dedup_key"]),
                         ("resolve", "cap_1.2026-11.3"))

    def test_a_repeat_is_the_same_event(self):
        what = message(pause_key="cap_1.2026-11.3")
        self.sink.answer = self.ACCEPTED
        run({"kind": "pagerduty", "url": self.sink.url(), "allow_private": True,
             "routing_key": validators.ROUTING_KEY}, what, times=2)
        self.assertEqual(self.sink.requests[0][2], self.sink.requests[1][2])

    def test_the_largest_message_fits(self):
        self.event({**monstrous(), "pause_key": "k" * 400})

    def test_what_is_no_pause_is_not_sent(self):
        result = send({"kind": "pagerduty", "url": self.sink.url(), "allow_private": True,
                       "routing_key": validators.ROUTING_KEY}, message())
        self.assertEqual((result["sent"], result["may_retry"]), (False, False))
        self.assertEqual(self.sink.requests, [])

    def test_only_202_is_taken_for_pagerduty(self):
        self.sink.answer = (200, {}, b"ok")
        result = send({"kind": "pagerduty", "url": self.sink.url(), "allow_private": True,
                       "routing_key": validators.ROUTING_KEY}, message(pause_key="k"))
        self.assertFalse(result["sent"])


if __name__ == "__main__":
    unittest.main()
