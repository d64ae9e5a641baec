#!/usr/bin/env python3
"""A team from its first request to its pause to its raise, and what everybody heard of it.

Runs a gateway of its own on the sandbox, with a real mail server, a webhook that verifies
signatures, and a stand-in for PagerDuty; all of it is gone afterwards. `scripts/demo-alerts` is
the way to start it.
"""
import argparse
import json
import pathlib
import sys
import textwrap

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "lib"), str(HERE.parent / "channels")]
import validators  # noqa: E402
from form_browser import FormBrowser  # noqa: E402
from gateway import Gateway  # noqa: E402
from receivers import Mailbox, Sink  # noqa: E402
from waiting import wait_until  # noqa: E402

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MOST_REQUESTS = 500
ADMIN, LEAD, MEMBER, FREELANCE = (
    "ada@example.com", "noor@example.com", "kim@example.com", "ben@example.com")
REASON = "the launch is on Friday"
TEAM_LIMIT_USD, FREELANCE_LIMIT_USD = "2", "0.60"


def config(mailbox, hook, pager):
    return f"""
[[channel]]
name = "mail"
kind = "email"
host = "127.0.0.1"
port = {mailbox.port}
security = "none"
from = "Purser <purser@example.org>"

[[channel]]
name = "books"
kind = "webhook"
url = "{hook.url()}"
secret = "{SECRET}"
allow_private = true

[[channel]]
name = "pager"
kind = "pagerduty"
url = "{pager.url()}"
routing_key = "{validators.ROUTING_KEY}"
allow_private = true
"""


def prompt(model, about):
    """A request that costs some cents: a long document, and a question about it."""
    document = "The launch is on Friday; the plan has forty pages. " * 1400
    return {"model": model, "max_tokens": 40, "messages": [
        {"role": "user", "content": document + about}]}


class Story:
    def __init__(self, say):
        self.say = say
        self.mailbox, self.hook, self.pager = Mailbox(None, "none"), Sink(), Sink()
        self.pager.answer = (202, {}, b'{"status":"success","message":"Event processed"}')
        self.gateway = Gateway(config=config(self.mailbox, self.hook, self.pager))
        self.keys = {}
        self.cap = ""

    def __enter__(self):
        self.gateway.__enter__()
        self.keys[ADMIN] = self.gateway.admin_key
        return self

    def __exit__(self, *_):
        self.gateway.__exit__()
        for receiver in (self.mailbox, self.hook, self.pager):
            receiver.close()

    def purser(self, *arguments, who=ADMIN):
        """What the command prints; with --json, the object."""
        ran = self.gateway.purser(*arguments, key=self.keys[who])
        if ran.returncode != 0:
            raise RuntimeError(f"purser {' '.join(arguments)}: {ran.stderr}")
        return json.loads(ran.stdout) if "--json" in arguments else ran.stdout

    def mails_to(self, who, words=""):
        return [mail for to, mail in self.mailbox.letters()
                if to == who and words in mail["subject"]]

    def ask(self, who, model, about):
        status, _, answer = self.gateway.post("/v1/chat/completions", prompt(model, about),
                                              self.keys[who])
        return status, json.loads(answer)

    def make_the_team(self):
        self.purser("team", "add", "launch")
        for who, name in ((LEAD, "Noor Haddad"), (MEMBER, "Kim Sato"), (FREELANCE, "Ben Ortiz")):
            self.purser("user", "add", who, "--name", name, "--team", "launch")
            self.keys[who] = self.purser("key", "create", who, "--json")["key"]
        self.purser("cap", "set", "--user", FREELANCE, "--month", FREELANCE_LIMIT_USD)
        members = self.purser("membership", "list", "--user", LEAD, "--json")["items"]
        self.purser("membership", "set", members[0]["id"], "--lead")
        self.cap = self.purser("cap", "set", "--team", "launch", "--month", TEAM_LIMIT_USD,
                               "--json")["id"]

    def team_cap(self):
        return json.loads(self.gateway.get(f"/api/v1/caps/{self.cap}", self.keys[ADMIN])[2])

    def work_until(self, percent):
        """Kim and Ben work, three requests to one, until the team has spent so much."""
        for number in range(MOST_REQUESTS):
            cap = self.team_cap()
            if float(cap["spent_usd"]) >= float(cap["limit_usd"]) * percent / 100:
                self.say(f"   {number} requests later: ${float(cap['spent_usd']):.2f} of "
                         f"${float(cap['limit_usd']):.2f}")
                return None
            who = FREELANCE if number % 4 == 3 else MEMBER
            model = "sandbox/small" if number % 8 == 0 else "sandbox/large"
            status, answer = self.ask(who, model, f" Summarise page {number}.")
            if status == 402:
                return answer
            if status != 200:
                raise RuntimeError(f"{status}: {answer}")
        raise RuntimeError(f"{MOST_REQUESTS} requests did not spend {percent} %")

    def say_mail(self, who, words):
        """Waits for the mail with these words, and says so."""
        wait_until(lambda: self.mails_to(who, words), f"a mail to {who}: {words}")
        self.say(f"   a mail to {who}: {self.mails_to(who, words)[-1]['subject']}")

    def cross(self, percent):
        self.work_until(percent)
        for who in (LEAD, ADMIN):  # the mail says what was spent then: 52 % as well as 50 %
            self.say_mail(who, f"Team launch has spent {percent // 10}")

    def pause(self):
        refusal = self.work_until(100)
        if refusal is None:
            refusal = self.ask(MEMBER, "sandbox/large", " One more.")[1]
        self.say(f"   Kim's request is refused: {refusal['error']['message']}")
        for who in (LEAD, ADMIN):
            self.say_mail(who, "Team launch is paused")
        status = self.purser("status", who=MEMBER)
        self.say("   Kim's `purser status`:\n" + textwrap.indent(status.strip(), "      "))

    def ask_for_a_raise(self):
        self.purser("raise", "ask", "--limit", "3", REASON, who=MEMBER)
        self.say_mail(ADMIN, "asks to raise")

    def raise_by_the_page(self):
        """What a browser would do: open the mail's link, press the page's one button."""
        secret = pathlib.Path(self.gateway.data_dir, "admin.sign-in").read_text().strip()
        browser = FormBrowser(self.gateway.base_url, secret)
        text = self.mails_to(ADMIN, "asks to raise")[-1].get_body(("plain",)).get_content()
        link = next(line for line in text.splitlines() if "/raise/" in line)
        self.say(f"   Ada opens {link}")
        page = browser.open(link)
        status, after = browser.press(page, reason="good luck")
        if status != 200:
            raise RuntimeError(f"the page answered {status}: {after}")
        status, answer = self.ask(MEMBER, "sandbox/large", " And now?")
        if status != 200:
            raise RuntimeError(f"refused after the raise: {answer}")
        cap = self.team_cap()
        self.say(f"   one button: the limit is ${float(cap['limit_usd']):.2f} for this cycle, and "
                 "Kim's next request is granted")
        self.say_mail(MEMBER, "was granted")
        wait_until(lambda: self.events("cap.pause_ended"), "the end of the pause")
        wait_until(lambda: len(self.pages()) == 2, "the end of the incident")
        wait_until(lambda: not self.purser("alerts", "waiting", "--json")["items"],
                      "the last messages")

    def events(self, kind=""):
        return [each for each in self.hook.events(SECRET) if each["type"].startswith(kind)]

    def pages(self):
        return [validators.pagerduty(body) for _, _, body in list(self.pager.requests)]

    def received(self):
        """What everybody got, in the order in which it came."""
        people = {}
        for who in (ADMIN, LEAD, MEMBER, FREELANCE):
            inbox = self.purser("inbox", "list", "--json", who=who)["items"]
            people[who] = {
                "mails": [{"subject": mail["subject"],
                           "text": mail.get_body(("plain",)).get_content()}
                          for mail in self.mails_to(who)],
                "inbox": [item["title"] for item in reversed(inbox)]}
        return {"people": people, "webhook": self.events(), "pagerduty": self.pages(),
                "alerts_failed": self.purser("alerts", "failed", "--json")["items"]}


def tell(say, received, full):
    for who, got in received["people"].items():
        say(f"\n{who}: {len(got['mails'])} mails, {len(got['inbox'])} entries in the inbox")
        for mail in got["mails"]:
            say(f"   {mail['subject']}")
            if full:
                say(textwrap.indent(mail["text"].strip(), "      | ", lambda _: True) + "\n")
    say(f"\nThe webhook: {len(received['webhook'])} events, every signature verified")
    for event in received["webhook"]:
        cap = event["data"].get("name", "")
        say(f"   {event['type']:18} {cap}")
    say("\nPagerDuty:")
    for page in received["pagerduty"]:
        summary = page.get("payload", {}).get("summary", "")
        say(f"   {page['event_action']:8} {page['dedup_key']}  {summary}")


CHAPTERS = (
    (f"A team begins: Noor leads Kim and Ben; together they may spend ${TEAM_LIMIT_USD} this month, "
     f"Ben ${FREELANCE_LIMIT_USD} of it", Story.make_the_team),
    ("Half is spent", lambda story: story.cross(50)),
    ("It is getting tight", lambda story: story.cross(80)),
    ("The cap is reached: the team is paused", Story.pause),
    ("Kim asks for a raise", Story.ask_for_a_raise),
    ("Ada raises it with one click", Story.raise_by_the_page),
)


def main():
    parser = argparse.ArgumentParser(prog="demo-alerts")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    stream = sys.stderr if options.json else sys.stdout

    def say(text):
        print(text, file=stream, flush=True)

    with Story(say) as story:
        for number, (title, act) in enumerate(CHAPTERS, 1):
            say(f"\n{number}. {title}")
            act(story)
        received = story.received()
        say("\nWhat each received, from the first to the last:")
        tell(say, received, options.full)
    if options.json:
        print(json.dumps(received, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
