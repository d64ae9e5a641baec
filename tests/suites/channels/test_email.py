"""E-mail: what a real SMTP server received, read by Python's own parser."""
import contextlib
import email
import email.header
import email.policy
import email.utils
import re
import socket
import threading
import time
import unittest

from receivers import Certificates, Mailbox
from sending import MESSAGE_ID, message, run, send

ANA = {"name": "Ana Müller", "address": "ana@example.org"}


class Email(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.certificates = Certificates()

    @classmethod
    def tearDownClass(cls):
        cls.certificates.close()

    def mailbox(self, security="starttls", **options):
        box = Mailbox(self.certificates, security, **options)
        self.addCleanup(box.close)
        return box

    def channel(self, box, security="starttls", **changes):
        return {"kind": "email", "host": "127.0.0.1", "port": box.port, "security": security,
                "from": "Purser <purser@example.org>", "allow_private": True,
                "ca_file": self.certificates.authority, **changes}

    def received(self, box):
        envelope, _ = box.mails[-1]
        raw = envelope.original_content
        for line in raw.split(b"\r\n"):
            self.assertLessEqual(len(line), 998, line)
            self.assertTrue(all(byte < 128 for byte in line), line)
        self.assertEqual(raw.replace(b"\r\n", b"").count(b"\n"), 0)
        mail = email.message_from_bytes(raw, policy=email.policy.default)
        self.assertEqual([part.defects for part in mail.walk()], [[]] * len(list(mail.walk())))
        return mail

    def test_starttls_with_auth_arrives_whole(self):
        box = self.mailbox(users={"purser": "s3cret word"})
        result = send(self.channel(box, user="purser", password="s3cret word"), message(), ANA)
        self.assertEqual(result, {"sent": True, "may_retry": False, "error": "",
                                  "retry_after_seconds": None})
        envelope, session = box.mails[0]
        self.assertIsNotNone(session.ssl)
        self.assertTrue(session.authenticated)
        self.assertEqual(box.logins, [("purser", "s3cret word")])
        self.assertEqual((envelope.mail_from, envelope.rcpt_tos),
                         ("purser@example.org", ["ana@example.org"]))
        mail = self.received(box)
        self.assertEqual(mail["subject"], "Research has spent 82 % of its cap for November")
        self.assertEqual(mail["from"].addresses[0].display_name, "Purser")
        self.assertEqual(mail["to"].addresses[0].display_name, "Ana Müller")
        self.assertEqual(mail["to"].addresses[0].addr_spec, "ana@example.org")
        self.assertEqual(mail["auto-submitted"], "auto-generated")
        self.assertEqual(mail["x-purser-message-id"], MESSAGE_ID)
        self.assertEqual(mail["x-purser-type"], "cap.threshold")
        self.assertIn(MESSAGE_ID, mail["message-id"])
        self.assertIsNotNone(email.utils.parsedate_to_datetime(mail["date"]).tzinfo)
        self.assertEqual(mail.get_content_type(), "multipart/alternative")
        self.assertEqual([part.get_content_type() for part in mail.iter_parts()],
                         ["text/plain", "text/html"])

    def test_implicit_tls(self):
        box = self.mailbox("tls")
        self.assertTrue(send(self.channel(box, "tls"), message(), ANA)["sent"])
        self.assertEqual(self.received(box)["x-purser-message-id"], MESSAGE_ID)

    def test_the_plain_part_reads_well_in_a_terminal(self):
        box = self.mailbox()
        send(self.channel(box), message(), ANA)
        text = self.received(box).get_body(("plain",)).get_content().replace("\r\n", "\n")
        lines = text.splitlines()
        self.assertEqual(lines[:2], ["Research has spent 82 % of its cap for November", "=" * 47])
        self.assertIn("Spent       USD 412.10 of 500.00 (82 %)\nCycle gone  77 %\n", text)
        self.assertIn("By user\n"
                      "  Ana Müller             USD 320.00   78 %\n"
                      "  Ben <ben@example.org>   USD 92.10   22 %\n", text)
        self.assertIn("Raise the cap:\nhttps://purser.example.org/raise?cap=1&by=2\n", text)
        for line in lines:
            self.assertTrue(len(line) <= 72 or line.startswith("https://"), line)

    def test_the_html_part_loads_nothing_and_has_one_button(self):
        box = self.mailbox()
        send(self.channel(box), message(), ANA)
        html = self.received(box).get_body(("html",)).get_content()
        self.assertIn("width=device-width", html)
        self.assertIn("Ben &lt;ben@example.org&gt;", html)
        for loaded in ("<img", "<link", "<script", "url(", "@import", "<style"):
            self.assertNotIn(loaded, html)
        self.assertEqual(re.findall(r'href="([^"]*)"', html),
                         ["https://purser.example.org/raise?cap=1&amp;by=2",
                          "https://purser.example.org/teams/research"])
        self.assertEqual(html.count("display:block;padding:14px"), 1)

    def test_no_name_can_write_a_header_or_a_tag(self):
        box = self.mailbox()
        evil = "Eve\r\nBcc: all@example.org\r\n\r\n<script>alert(1)</script>"
        what = message(title=evil, paragraphs=[evil, ".", "From here"],
                       facts=[{"label": evil, "value": evil}],
                       links=[{"text": evil, "url": "javascript:alert(1)"},
                              {"text": "x", "url": "https://e.org/\"><script>"}])
        send(self.channel(box), what, {"name": evil + '" \\ <x@y.z>', "address": "e@example.org"})
        mail = self.received(box)
        self.assertIsNone(mail["bcc"])
        self.assertEqual(box.mails[0][0].rcpt_tos, ["e@example.org"])
        self.assertEqual([each.addr_spec for each in mail["to"].addresses], ["e@example.org"])
        self.assertEqual(mail["subject"],
                         "Eve Bcc: all@example.org <script>alert(1)</script>")
        html = mail.get_body(("html",)).get_content()
        self.assertNotIn("<script", html)
        self.assertNotIn("javascript:", html)
        self.assertIn("\r\n.\r\n", mail.get_body(("plain",)).get_content())  # ends no mail

    def test_addresses_that_would_be_commands_are_not_sent(self):
        box = self.mailbox()
        for address in ("a@b\r\nRCPT TO:<x@y>", "a b@example.org", "a@b>, <c@d", "", "nobody"):
            result = send(self.channel(box), message(), {"name": "", "address": address})
            self.assertEqual((result["sent"], result["may_retry"]), (False, False), address)
        self.assertEqual(box.mails, [])

    def test_any_language_any_length(self):
        box = self.mailbox()
        title = "予算の上限に達しました：研究チーム " * 4 + "💸"
        send(self.channel(box), message(title=title, paragraphs=["Ünïcödé " * 400]),
             {"name": "山田 太郎 " * 6, "address": "yamada@example.org"})
        mail = self.received(box)
        self.assertEqual(mail["subject"], title)
        # Python's new parser puts a space between the encoded words of a name; its old one does not.
        raw_to = email.message_from_bytes(box.mails[0][0].original_content)["to"]
        self.assertEqual(str(email.header.make_header(email.header.decode_header(raw_to))),
                         ("山田 太郎 " * 6).strip() + " <yamada@example.org>")
        self.assertIn("Ünïcödé Ünïcödé", mail.get_body(("plain",)).get_content())
        raw = box.mails[0][0].original_content
        for line in raw.split(b"\r\n\r\n", 1)[0].split(b"\r\n"):
            self.assertLessEqual(len(line), 78, line)

    def test_a_repeat_is_recognised_by_its_ids(self):
        box = self.mailbox()
        run(self.channel(box), message(), ANA, times=2)
        self.assertEqual(len(box.mails), 2)
        ids = {email.message_from_bytes(envelope.original_content)["message-id"]
               for envelope, _ in box.mails}
        self.assertEqual(len(ids), 1)

    def test_a_certificate_of_somebody_else_is_not_believed(self):
        stranger = Certificates()
        self.addCleanup(stranger.close)
        for security in ("starttls", "tls"):
            box = self.mailbox(security)
            for changes in ({"ca_file": stranger.authority}, {"ca_file": ""}):
                result = send(self.channel(box, security, **changes), message(), ANA)
                self.assertFalse(result["sent"])
                self.assertTrue(result["may_retry"])
                self.assertIn("certificate", result["error"])
            self.assertEqual(box.mails, [])

    def test_nothing_is_sent_unencrypted_unless_asked(self):
        box = self.mailbox("none")
        result = send(self.channel(box), message(), ANA)
        self.assertEqual((result["sent"], result["may_retry"]), (False, False))
        self.assertIn("STARTTLS", result["error"])
        self.assertEqual(box.mails, [])
        self.assertTrue(send(self.channel(box, "none"), message(), ANA)["sent"])

    def test_a_wrong_password_is_final_and_not_shown(self):
        box = self.mailbox(users={"purser": "right"})
        result = send(self.channel(box, user="purser", password="wrong-one"), message(), ANA)
        self.assertEqual((result["sent"], result["may_retry"]), (False, False))
        self.assertIn("535", result["error"])
        self.assertNotIn("wrong-one", result["error"])

    def test_replies_of_4xx_may_be_tried_again_5xx_may_not(self):
        box = self.mailbox()
        for place in ("RCPT", "DATA"):
            for reply, may_retry in (("451 greylisted, come back", True),
                                     ("550 no such user here", False)):
                box.replies = {place: reply}
                result = send(self.channel(box), message(), ANA)
                self.assertEqual((result["sent"], result["may_retry"]), (False, may_retry))
                self.assertIn(reply[:3], result["error"])
        self.assertEqual(box.mails, [])

    def stubborn(self, replies):
        """A server that answers each line by its first word, and then says nothing more."""
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)

        def converse(client):
            client.sendall(replies.get("", b""))
            in_data = False
            for line in client.makefile("rb"):
                word = line.split()[0].decode() if line.strip() else ""
                if in_data and line != b".\r\n":
                    continue
                in_data = word == "DATA"
                client.sendall(replies.get(word, b""))

        def serve():
            client, _ = listener.accept()
            with client, contextlib.suppress(OSError):  # the sender may hang up
                converse(client)
        threading.Thread(target=serve, daemon=True).start()
        return {"kind": "email", "host": "127.0.0.1", "port": listener.getsockname()[1],
                "security": "none", "from": "p@example.org", "allow_private": True,
                "timeout_seconds": 1}

    WELL = {"": b"220 hello\r\n", "EHLO": b"250 hello\r\n", "MAIL": b"250 ok\r\n",
            "RCPT": b"250 ok\r\n", "DATA": b"354 go on\r\n", ".": b"250 taken\r\n"}

    def test_a_server_that_falls_silent_is_given_up_wherever_it_is(self):
        for place in self.WELL:
            began = time.monotonic()
            replies = {key: value for key, value in self.WELL.items() if key != place}
            result = send(self.stubborn(replies), message(), ANA)
            self.assertLess(time.monotonic() - began, 60)
            self.assertEqual((result["sent"], result["may_retry"]), (False, True), place)

    def test_a_mail_that_was_taken_is_sent_even_without_a_goodbye(self):
        began = time.monotonic()
        self.assertTrue(send(self.stubborn(self.WELL), message(), ANA)["sent"])
        self.assertLess(time.monotonic() - began, 60)

    def test_replies_without_bounds(self):
        replies = {**self.WELL, "EHLO": b"250-x\r\n" * 200_000}
        result = send(self.stubborn(replies), message(), ANA)
        self.assertEqual((result["sent"], result["may_retry"]), (False, True))

    def test_a_private_relay_only_where_allowed(self):
        box = self.mailbox()
        result = send(self.channel(box, allow_private=False), message(), ANA)
        self.assertEqual((result["sent"], result["may_retry"]), (False, False))
        self.assertIn("127.0.0.1", result["error"])


if __name__ == "__main__":
    unittest.main()
