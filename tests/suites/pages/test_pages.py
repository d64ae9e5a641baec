"""Purser's own pages in a real browser (Debian's Chromium): the first admin's one-time secret, the
one click from a mail's link to the member's next granted request, asking, and what a mail scanner,
another site or a stolen look at the page can do: nothing."""
import http.client
import http.server
import json
import pathlib
import shutil
import sys
import threading
import unittest
import urllib.parse
from decimal import Decimal

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from gateway import Gateway  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

PASSWORD = "correct horse battery"
PATIENCE_MS = 30_000
ASK = {"model": "sandbox/small", "messages": [{"role": "user", "content": "Hello"}]}


class Pages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway().__enter__()
        cls.addClassCleanup(cls.gateway.__exit__)
        cls.playwright = sync_playwright().start()
        cls.addClassCleanup(cls.playwright.stop)
        # As root (in a container) Chromium's own sandbox does not start.
        chromium = shutil.which("chromium")
        assert chromium, "there is no chromium: apt-get install chromium (scripts/test does)"
        cls.browser = cls.playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox"])
        cls.addClassCleanup(cls.browser.close)
        cls.base = cls.gateway.base_url
        cls.first_secret = pathlib.Path(cls.gateway.data_dir, "admin.sign-in").read_text().strip()
        cls.admin = cls.signed_in(cls.first_secret)

    # A browser of its own for each person.

    @classmethod
    def context(cls, **more):
        context = cls.browser.new_context(**more)
        context.set_default_timeout(PATIENCE_MS)
        cls.addClassCleanup(context.close)
        return context

    @classmethod
    def signed_in(cls, secret, **more):
        context = cls.context(**more)
        page = context.new_page()
        page.goto(f"{cls.base}/sign-in/secret#{secret}")
        assert "psi_" not in page.url, page.url
        page.get_by_label("New password").fill(PASSWORD)
        page.get_by_label("The same again").fill(PASSWORD)
        page.get_by_role("button", name="Set password and sign in").click()
        page.wait_for_url(f"{cls.base}/")
        return context

    def secret_of(self, email):
        made = self.gateway.purser("sign-in-secret", email, "--json")
        self.assertEqual(made.returncode, 0, made.stderr)
        return json.loads(made.stdout)["secret"]

    def member(self, email):
        return self.signed_in(self.secret_of(email))

    def watched(self, context):
        """A page whose complaints (a blocked script or style, say) end the test."""
        page = context.new_page()
        complaints = []
        page.on("console", lambda message: complaints.append(message.text)
                if not message.text.startswith("Failed to load resource") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        self.addCleanup(lambda: self.assertEqual(complaints, []))
        return page

    # The gateway, past the pages.

    def cap_of(self, email):
        status, _, text = self.gateway.get(
            f"/api/v1/caps?scope=user&name={urllib.parse.quote(email)}", self.gateway.admin_key)
        self.assertEqual(status, 200, text)
        return json.loads(text)["items"][0]

    def set_cap(self, email, usd):
        ran = self.gateway.purser("cap", "set", "--user", email, "--month", usd)
        self.assertEqual(ran.returncode, 0, ran.stderr)

    def ask(self, email):
        return self.gateway.post("/v1/chat/completions", ASK, self.gateway.people[email]["key"])[0]

    def raw(self, method, path, headers=None, body=None):
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(self.base).netloc, timeout=60)
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer, text

    def cookie(self, context):
        return next(c for c in context.cookies() if c["name"] == "purser_session")

    def press_raise(self, page):
        page.get_by_role("button", name="Raise the limit").click()
        page.get_by_role("heading", name="The limit is raised").wait_for()

    # The tests.

    def test_the_first_admins_secret_is_good_once(self):
        page = self.watched(self.context())
        page.goto(f"{self.base}/sign-in/secret#{self.first_secret}")
        page.get_by_label("New password").fill("another password")
        page.get_by_label("The same again").fill("a slip of the hand")
        page.get_by_role("button", name="Set password and sign in").click()
        page.get_by_text("are not the same").wait_for()
        secret = page.get_by_label("One-time secret")
        self.assertEqual(secret.input_value(), self.first_secret)  # it may stand nowhere else
        page.get_by_label("New password").fill("another password")
        page.get_by_label("The same again").fill("another password")
        with page.expect_response(lambda one: one.request.method == "POST") as answer:
            page.get_by_role("button", name="Set password and sign in").click()
        self.assertEqual(answer.value.status, 401)
        self.assertIn("used already", page.get_by_role("alert").inner_text())

    def test_the_cookie_is_out_of_reach(self):
        cookie = self.cookie(self.admin)
        self.assertTrue(cookie["httpOnly"])
        self.assertEqual((cookie["sameSite"], cookie["path"]), ("Lax", "/"))
        page = self.admin.new_page()
        page.goto(self.base)
        self.assertNotIn("purser_session", page.content())

    def test_from_the_mails_link_to_the_next_granted_request(self):
        email = "sam@example.com"
        self.set_cap(email, "0.000001")
        self.assertEqual(self.ask(email), 402)
        page = self.watched(self.admin)
        page.goto(f"{self.base}/raise/{self.cap_of(email)['id']}")  # the link
        self.press_raise(page)  # the button
        self.assertEqual(self.ask(email), 200)
        self.assertEqual(self.cap_of(email)["base_limit_usd"], "0.000001")

    def test_the_case_shows_usage_pace_breakdown_amounts_and_exposure(self):
        email = "leo@example.com"
        made = self.gateway.purser("user", "add", email, "--name", "Leo", "--team", "marketing",
                                   "--month", "60")
        self.assertEqual(made.returncode, 0, made.stderr)
        key = json.loads(self.gateway.purser("key", "create", email, "--json").stdout)["key"]
        self.assertEqual(self.gateway.post("/v1/chat/completions", ASK, key)[0], 200)
        exposure = Decimal(
            json.loads(self.gateway.purser("exposure", "--json").stdout)["exposure_usd"])
        page = self.watched(self.admin)
        page.goto(f"{self.base}/raise/{self.cap_of(email)['id']}")
        text = page.locator("main").inner_text()
        self.assertIn("of the month is gone: behind pace.", text)
        self.assertIn("Expected by the end of the cycle:", text)
        page.get_by_text("Who consumed what").click()
        self.assertIn("sandbox/small", page.locator("main").inner_text())
        labels = [one.inner_text() for one in
                  page.locator("label:has(input[name=amount])").all()]
        self.assertEqual([one.split()[0] for one in labels], ["$70.00", "$80.00", "$90.00",
                                                              "Another"])
        for label, more in zip(labels, (10, 20, 30)):
            self.assertIn(f"${exposure:.2f} → ${exposure + more:.2f}", label)
        # A free amount, once it is chosen.
        page.get_by_label("Another limit in USD:", exact=True).check()
        page.get_by_label("Another limit in USD", exact=True).fill("61.50")
        page.get_by_role("button", name="Raise the limit").click()
        page.get_by_role("heading", name="The limit is raised").wait_for()
        self.assertEqual(self.cap_of(email)["limit_usd"], "61.5")

    def test_who_is_not_signed_in_gets_there_all_the_same(self):
        email = "mia@example.com"
        path = f"{self.base}/raise/{self.cap_of(email)['id']}"
        page = self.watched(self.context())
        page.goto(path)
        page.get_by_label("E-mail address").fill("ada@example.com")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name="Raise the limit").wait_for()
        self.assertEqual(page.url, path)

    def test_a_member_asks_and_an_admin_grants(self):
        email = "ines@example.com"
        self.set_cap(email, "0.000001")
        self.assertEqual(self.ask(email), 402)
        cap = self.cap_of(email)["id"]
        page = self.watched(self.member(email))
        page.goto(f"{self.base}/raise/{cap}")
        self.assertEqual(page.get_by_role("button", name="Raise the limit").count(), 0)
        page.get_by_role("link", name="Ask for a raise").click()
        page.get_by_label("What do you need it for?").fill("<b>the</b> trade fair")
        page.get_by_label("The limit that you need").fill("30")
        page.get_by_role("button", name="Ask for a raise").click()
        page.get_by_role("heading", name="Your request is on its way").wait_for()

        page = self.watched(self.admin)
        page.goto(self.base)
        page.get_by_role("link", name="Ines Okafor").click()
        page.get_by_text("<b>the</b> trade fair").wait_for()
        asked = page.locator("input[name=amount][value='30']")
        self.assertFalse(asked.is_checked())  # thousands of times what it was
        asked.check()
        # A slip loses nothing of what was filled in.
        page.locator("input[name=amount][value=other]").check()
        page.get_by_label("Another limit in USD", exact=True).fill("a lot")
        page.locator("input[name=reason]").fill("good luck")
        page.get_by_role("button", name="Grant").click()
        page.get_by_text("“a lot” is no amount in USD").wait_for()
        self.assertEqual(page.locator("input[name=reason]").input_value(), "good luck")
        page.get_by_label("Another limit in USD", exact=True).fill("")
        page.locator("input[name=amount][value='30']").check()
        page.get_by_role("button", name="Grant").click()
        page.get_by_role("heading", name="The limit is raised").wait_for()
        self.assertEqual(self.cap_of(email)["limit_usd"], "30")
        self.assertEqual(self.ask(email), 200)

    def test_the_start_says_what_refuses_ones_requests(self):
        email = "mia@example.com"
        stopped = self.gateway.purser("stop", "--user", email, "--reason", "a lost laptop")
        self.assertEqual(stopped.returncode, 0, stopped.stderr)
        page = self.watched(self.member(email))
        page.goto(self.base)
        page.get_by_text("is stopped (a lost laptop)").wait_for()
        self.gateway.purser("resume", "--user", email)
        page.goto(self.base)
        self.assertEqual(page.get_by_text("Your AI requests are refused").count(), 0)

    def test_what_opens_links_changes_nothing(self):
        cap = self.cap_of("mia@example.com")
        cookie = "purser_session=" + self.cookie(self.admin)["value"]
        for headers in ({}, {"Cookie": cookie}):
            for method in ("GET", "HEAD"):
                for path in (f"/raise/{cap['id']}", f"/raise/{cap['id']}?amount=99&until=for_good",
                             f"/ask/{cap['id']}?reason=x", "/", "/sign-in"):
                    answer, text = self.raw(method, path, headers)
                    self.assertLess(answer.status, 400, (method, path))
                    self.assertEqual(text == b"", method == "HEAD" or answer.status == 303)
        self.assertEqual(self.cap_of("mia@example.com"), cap)

    def test_another_site_changes_nothing(self):
        cap = self.cap_of("mia@example.com")
        form = (f'<form method="post" action="{self.base}/raise/{cap["id"]}">'
                '<input name="amount" value="other"><input name="other_usd" value="9999">'
                '<input name="until" value="for_good"></form><script>document.forms[0].submit()</script>')

        class Evil(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(form.encode())

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Evil)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        for host in ("127.0.0.1", "localhost"):  # the same site, and another
            page = self.admin.new_page()
            page.goto(f"http://{host}:{server.server_address[1]}/")
            page.wait_for_url(f"{self.base}/raise/**")
            self.assertNotIn("The limit is raised", page.content())
        self.assertEqual(self.cap_of("mia@example.com"), cap)

    def test_the_cookie_makes_no_ai_requests(self):
        headers = {"Cookie": "purser_session=" + self.cookie(self.admin)["value"],
                   "Content-Type": "application/json"}
        answer, _ = self.raw("POST", "/v1/chat/completions", headers, '{"model":"sandbox/small"}')
        self.assertEqual(answer.status, 401)

    def test_a_phone_at_night_shows_it_whole(self):
        page = self.watched(self.context(storage_state=self.admin.storage_state(),
                                         color_scheme="dark",
                                         viewport={"width": 340, "height": 640}))
        for path in ("/", f"/raise/{self.cap_of('mia@example.com')['id']}", "/ask"):
            page.goto(self.base + path)
            wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
            self.assertFalse(wide, path)
            for field in page.locator("input:not([type=hidden]), textarea").all():
                self.assertNotEqual(field.evaluate("e => e.labels.length + (e.ariaLabel || '').length"),
                                    0)

    def test_signing_out_ends_it(self):
        page = self.watched(self.member("mia@example.com"))
        page.goto(self.base)
        page.get_by_role("button", name="Sign out").click()
        page.get_by_role("button", name="Sign in").wait_for()
        page.goto(self.base)
        page.get_by_role("button", name="Sign in").wait_for()

    def test_nothing_of_it_is_in_the_log(self):
        log = self.gateway.log_text()
        for secret in (self.first_secret, self.cookie(self.admin)["value"], PASSWORD):
            self.assertNotIn(secret, log)
