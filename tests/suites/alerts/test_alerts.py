"""What people and machines receive, end to end: asserted on received messages alone."""
import concurrent.futures
import json
import pathlib
import signal
import sys
import threading
import unittest
from decimal import Decimal

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "lib"), str(HERE.parent / "channels")]
import validators  # noqa: E402
from form_browser import FormBrowser  # noqa: E402
from gateway import Gateway  # noqa: E402
from receivers import Mailbox, Sink  # noqa: E402
from waiting import WAIT_SECONDS, wait_until  # noqa: E402

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = {"model": "sandbox/large", "max_tokens": 16,
        "messages": [{"role": "user", "content": "Hello"}]}
ACCEPTED = (202, {}, b'{"status":"success","message":"Event processed"}')  # PagerDuty's answer
# Many clients in one process take turns; by default each would hold the others up for 5 ms.
sys.setswitchinterval(0.0005)


class AlertsCase(unittest.TestCase):
    def setUp(self):
        self.mailbox = Mailbox(None, "none")
        self.addCleanup(self.mailbox.close)
        self.sink = Sink()
        self.addCleanup(self.sink.close)
        self.pager = Sink()
        self.addCleanup(self.pager.close)
        self.pager.answer = ACCEPTED
        self.gateway = Gateway(config=f"""
[[channel]]
name = "mail"
kind = "email"
host = "127.0.0.1"
port = {self.mailbox.port}
security = "none"
from = "Purser <purser@example.org>"

[[channel]]
name = "hook"
kind = "webhook"
url = "{self.sink.url()}"
secret = "{SECRET}"
allow_private = true

[[channel]]
name = "pager"
kind = "pagerduty"
url = "{self.pager.url()}"
routing_key = "{validators.ROUTING_KEY}"
allow_private = true
""").__enter__()
        self.addCleanup(self.gateway.__exit__)
        self.key = self.gateway.people["mia@example.com"]["key"]

    def api(self, path, body, method="POST", key=None):
        status, _, answer = self.gateway.post(path, body, key or self.gateway.admin_key)
        self.assertIn(status, (200, 201), answer)
        return json.loads(answer)

    def done(self, *arguments, **options):
        ran = self.gateway.purser(*arguments, **options)
        self.assertEqual(ran.returncode, 0, f"{arguments}: {ran.stdout}{ran.stderr}")
        return json.loads(ran.stdout) if "--json" in arguments else ran.stdout

    def ask(self, key=None):
        return self.gateway.post("/v1/chat/completions", BODY, key or self.key)

    def cost(self):
        """What one request is billed at most, in USD."""
        estimate = self.api("/api/v1/estimate", {"path": "/v1/chat/completions", "request": BODY},
                            key=self.key)
        return Decimal(estimate["smallest_usd"])

    def set_cap(self, limit, *scope):
        return self.done("cap", "set", *scope, "--month", str(limit), "--json")["id"]

    def events(self, kind=None):
        return [each for each in self.sink.events(SECRET) if kind in (None, each["type"])]

    def crossed(self, scope, limit_version=None):
        percents = []
        for each in self.events("cap.threshold"):
            data = each["data"]
            if data["scope"] != scope:
                continue
            percents += data.get("crossed_percents", [data["percent"]])
        return sorted(percents)

    def mails(self):
        return self.mailbox.letters()

    def links_to(self, who, words):
        """The addresses in the newest mail to this person whose subject has these words."""
        wait_until(lambda: any(to == who and words in mail["subject"] for to, mail in self.mails()),
                 f"a mail to {who}: {words}")
        text = [mail.get_body(("plain",)).get_content() for to, mail in self.mails()
                if to == who and words in mail["subject"]][-1]
        return [line for line in text.splitlines() if line.startswith(self.gateway.base_url)]

    def admins_browser(self):
        secret = pathlib.Path(self.gateway.data_dir, "admin.sign-in").read_text().strip()
        return FormBrowser(self.gateway.base_url, secret)

    def spend_until_refused(self, key=None):
        for _ in range(2000):
            status, _, answer = self.ask(key)
            if status == 402:
                return answer
            self.assertEqual(status, 200, answer)
        self.fail("the cap was never reached")


class Crossing(AlertsCase):
    def test_each_threshold_is_told_once_under_200_clients(self):
        limit = self.cost() * 600
        self.set_cap(limit, "--team", "marketing")
        refused = threading.Event()

        def client(_):
            while not refused.is_set():
                status, _, answer = self.ask()
                if status == 402:
                    refused.set()
                elif status not in (200, 429):
                    return f"{status}: {answer}"
            return None

        with concurrent.futures.ThreadPoolExecutor(200) as clients:
            self.assertEqual([each for each in clients.map(client, range(200)) if each], [])
        wait_until(lambda: 100 in self.crossed("team"), "the alert that the team is paused")
        wait_until(lambda: self.done("alerts", "waiting", "--json")["items"] == [], "the last ones")
        self.assertEqual(self.crossed("team"), [50, 80, 100])
        for _ in range(20):
            self.assertEqual(self.ask()[0], 402)
        mails = [(to, mail) for to, mail in self.mails() if "Team marketing" in mail["subject"]]
        paused = [to for to, mail in mails if "is paused" in mail["subject"]]
        self.assertEqual(paused, ["ada@example.com"])
        mail = next(mail for _, mail in mails if "is paused" in mail["subject"])
        plain = mail.get_body(("plain",)).get_content()
        self.assertIn("By user", plain)
        self.assertIn("Mia Chen", plain)
        self.assertIn("sandbox/large", plain)
        self.assertIn('purser cap raise --team "marketing" --month', " ".join(plain.split()))

    def test_the_user_hears_and_finds_it_in_the_inbox(self):
        self.set_cap(self.cost() * 25, "--user", "mia@example.com")
        self.spend_until_refused()
        wait_until(lambda: any(to == "mia@example.com" and "is paused" in mail["subject"]
                             for to, mail in self.mails()), "the mail to the user")
        inbox = self.done("inbox", "list", "--json", key=self.key)["items"]
        self.assertIn("is paused", inbox[0]["title"])
        self.assertEqual(inbox[0]["severity"], "critical")
        self.done("inbox", "read", key=self.key)
        unread = self.done("inbox", "list", "--unread", "--json", key=self.key)["items"]
        self.assertEqual([each for each in unread if each in inbox], [])

    def spend_to(self, cap, percent):
        """Asks until so much of the cap is spent."""
        for _ in range(2000):
            self.assertEqual(self.ask()[0], 200)
            answer = self.gateway.get(f"/api/v1/caps/{cap}", self.gateway.admin_key)[2]
            now = json.loads(answer)
            if Decimal(now["spent_usd"]) * 100 >= Decimal(now["limit_usd"]) * percent:
                return
        self.fail(f"{percent} % were never spent")

    def test_a_request_that_is_too_large_for_the_rest_says_nothing_about_the_cap(self):
        cap = self.set_cap(self.cost() * 25, "--user", "mia@example.com")
        self.spend_to(cap, 80)
        large = {**BODY, "max_tokens": 60_000}
        for _ in range(5):
            self.assertEqual(self.gateway.post("/v1/chat/completions", large, self.key,
                                               {"x-purser-clamp": "off"})[0], 402)
        self.assertEqual(self.ask()[0], 200)
        wait_until(lambda: 80 in self.crossed("user"), "the alert at 80 %")
        wait_until(lambda: self.done("alerts", "waiting", "--json")["items"] == [], "the last ones")
        self.assertEqual(self.crossed("user"), [50, 80])

    def test_a_crash_right_after_a_crossing_loses_and_doubles_nothing(self):
        cap = self.set_cap(self.cost() * 25, "--user", "mia@example.com")
        for percent in (50, 80):
            self.spend_to(cap, percent)
            self.gateway.stop(signal.SIGKILL)
            self.gateway.start()
            wait_until(lambda: percent in self.crossed("user"), f"the alert at {percent} %")
        wait_until(lambda: self.done("alerts", "waiting", "--json")["items"] == [], "the last ones")
        self.assertEqual(self.crossed("user"), [50, 80])

    def test_thresholds_of_ones_own(self):
        self.done("thresholds", "20", "--team", "marketing")
        cap = self.set_cap(self.cost() * 100, "--team", "marketing")
        shown = json.loads(self.gateway.get(f"/api/v1/caps/{cap}", self.gateway.admin_key)[2])
        self.assertEqual(shown["thresholds"], [20, 100])
        self.spend_until_refused()
        wait_until(lambda: 100 in self.crossed("team"), "the alerts")
        self.assertEqual(self.crossed("team"), [20, 100])
        refused = self.gateway.purser("thresholds", "33")
        self.assertEqual(refused.returncode, 2)
        self.assertIn("multiples of 5", refused.stderr)


class Paging(AlertsCase):
    def pages(self):
        return [validators.pagerduty(body) for _, _, body in list(self.pager.requests)]

    def test_an_incident_opens_with_the_pause_and_is_over_with_it(self):
        self.pager.answer = (429, {"Retry-After": "1"}, b'{"status":"throttle exceeded"}')
        cap = self.set_cap(self.cost() * 25, "--user", "mia@example.com")
        self.spend_until_refused()
        wait_until(self.pages, "the first try")
        self.pager.answer = ACCEPTED
        wait_until(lambda: self.done("alerts", "waiting", "--json")["items"] == [], "the next one")
        tries = self.pages()
        self.assertGreaterEqual(len(tries), 2)
        self.assertEqual([each for each in tries if each != tries[0]], [])  # the same event
        self.assertEqual(tries[0]["event_action"], "trigger")
        self.assertIn("Mia Chen is paused", tries[0]["payload"]["summary"])
        self.assertEqual(tries[0]["links"][0]["href"], f"{self.gateway.base_url}/raise/{cap}")
        self.done("cap", "raise", "--user", "mia@example.com", "--month", "5")
        wait_until(lambda: len(self.pages()) > len(tries), "the end")
        wait_until(lambda: self.done("alerts", "waiting", "--json")["items"] == [], "the last ones")
        after = self.pages()[len(tries):]
        self.assertEqual([(each["event_action"], each["dedup_key"]) for each in after],
                         [("resolve", tries[0]["dedup_key"])])


class Survival(AlertsCase):
    def test_a_crash_between_sending_and_marking_sends_again_with_the_same_id(self):
        arrived = threading.Event()

        def hang(handler):
            arrived.set()
            handler.server.stopping.wait(WAIT_SECONDS)

        self.sink.answer = hang
        self.set_cap(self.cost() * 25, "--user", "mia@example.com")
        self.spend_until_refused()
        self.assertTrue(arrived.wait(WAIT_SECONDS))
        self.gateway.stop(signal.SIGKILL)
        first = {headers["webhook-id"] for _, headers, _ in list(self.sink.requests)}
        self.sink.answer = (200, {}, b"ok")
        self.gateway.start()
        wait_until(lambda: 100 in self.crossed("user"), "what was on its way when the process died")
        self.assertTrue(first)
        for wanted in first:
            times = [1 for _, headers, _ in list(self.sink.requests)
                     if headers["webhook-id"] == wanted]
            self.assertGreaterEqual(len(times), 2)
        self.assertEqual(self.crossed("user"), [50, 80, 100])

    def test_a_receiver_that_was_down_gets_it_and_a_refusal_is_seen(self):
        self.sink.answer = (503, {}, b"later")
        self.mailbox.replies["RCPT"] = "550 no such mailbox"
        self.set_cap(self.cost() * 25, "--user", "mia@example.com")
        self.spend_until_refused()
        wait_until(lambda: self.done("alerts", "failed", "--json")["items"], "the failed mail")
        self.assertIn("550", self.done("alerts", "failed"))
        self.sink.answer = (200, {}, b"ok")
        wait_until(lambda: 100 in self.crossed("user"), "the second try")
        self.assertEqual(self.crossed("user"), [50, 80, 100])
        del self.mailbox.replies["RCPT"]
        self.done("alerts", "retry", "--reason", "the mailbox is there now")
        wait_until(lambda: any(to == "mia@example.com" for to, _ in self.mails()), "the mail")
        wait_until(lambda: not self.done("alerts", "failed", "--json")["items"], "none failed")

    def test_a_channel_is_tested(self):
        self.done("alerts", "test", "hook")
        self.assertEqual([each["data"] for each in self.events()
                          if each["data"].get("sample")], [{"sample": True}])
        self.done("alerts", "test", "mail")
        self.assertEqual([to for to, mail in self.mails() if "sample" in mail["subject"]],
                         ["ada@example.com"])
        self.sink.answer = (404, {}, b"")
        failed = self.gateway.purser("alerts", "test", "hook")
        self.assertEqual(failed.returncode, 1)
        self.assertIn("no channel \"fax\"", self.gateway.purser("alerts", "test", "fax").stderr)


class Raising(AlertsCase):
    def test_refused_raised_granted_a_hundred_times_in_a_storm(self):
        cost = self.cost()
        limit = cost * 25
        cap = self.set_cap(limit, "--user", "mia@example.com")
        self.spend_until_refused()
        browser = self.admins_browser()
        link = self.links_to("ada@example.com", "is paused")[0]
        over = threading.Event()

        def by_command():
            self.done("cap", "raise", "--user", "mia@example.com", "--month", str(limit))

        def by_api():
            self.api(f"/api/v1/caps/{cap}/raise", {"limit_usd": str(limit)})

        def by_page():
            status, page = browser.press(browser.open(link), amount="other", other_usd=str(limit))
            self.assertEqual(status, 200, page)

        def storm():
            count = 0
            while not over.wait(0.002):  # for the raiser to have a turn in this process
                count += self.ask(self.other)[0] == 402
            return count

        # The same person's other key: refused as the first is, without pause.
        self.other = self.done("key", "create", "mia@example.com", "--json")["key"]
        self.done("cap", "set", "--key", self.done("status", "--json", key=self.other)["key"]["id"],
                  "--month", "0")
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            storms = [pool.submit(storm) for _ in range(2)]
            try:
                for number in range(100):
                    limit += cost / 2  # room for one more: a request is billed less than half
                    (by_command, by_api, by_page)[number % 3]()
                    status, _, answer = self.ask()
                    self.assertEqual(status, 200, f"raise {number}: {answer}")
                    self.spend_until_refused()
            finally:
                over.set()
            self.assertGreater(min(each.result() for each in storms), 0)

    def test_a_request_reaches_who_may_grant_it_and_the_answer_who_asked(self):
        self.set_cap(self.cost() * 25, "--user", "mia@example.com")
        self.spend_until_refused()
        asked = self.done("raise", "ask", "the launch is on Friday", "--json", key=self.key)
        wait_until(lambda: any(to == "ada@example.com" and "asks to raise" in mail["subject"]
                             for to, mail in self.mails()), "the mail to the admin")
        # From the mail: the link shows, the button grants.
        browser = self.admins_browser()
        link = self.links_to("ada@example.com", "asks to raise")[0]
        page = browser.open(link)
        self.assertIn("the launch is on Friday", page)
        self.assertEqual(self.ask()[0], 402)
        status, page = browser.press(page, amount="other", other_usd="5", reason="good luck")
        self.assertEqual(status, 200, page)
        self.assertEqual(self.ask()[0], 200)
        self.assertEqual(self.done("raise", "show", asked["id"], "--json")["word"], "good luck")
        wait_until(lambda: any(to == "mia@example.com" and "was granted" in mail["subject"]
                             for to, mail in self.mails()), "the answer to the asker")
        wait_until(lambda: self.events("cap.pause_ended"), "the end of the pause")
        kinds = {each["type"] for each in self.events()}
        self.assertLessEqual({"raise.asked", "raise.decided", "cap.limit_changed"}, kinds)

    def test_the_red_button_is_told(self):
        self.done("stop", "--team", "marketing", "--reason", "a leak")
        self.assertEqual(self.ask()[0], 402)
        self.done("resume", "--team", "marketing")
        self.assertEqual(self.ask()[0], 200)
        wait_until(lambda: self.events("scope.resumed"), "both events")
        self.assertEqual(self.events("scope.stopped")[0]["data"]["reason"], "a leak")


if __name__ == "__main__":
    unittest.main()
