"""How a target is reached: which addresses, which answers, how long, how much."""
import pathlib
import socket
import tempfile
import time
import unittest

from receivers import Certificates, Sink
from sending import BINARIES, message, run, send

NAMES = str(BINARIES / "libpurser-channels-names.so")
SECRETS = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]


class Reaching(unittest.TestCase):
    def setUp(self):
        self.sink = Sink()
        self.addCleanup(self.sink.close)

    def channel(self, **changes):
        return {"kind": "webhook", "url": self.sink.url(), "secrets": SECRETS,
                "allow_private": True, **changes}


class Answers(Reaching):
    def judged(self, status, headers=None):
        self.sink.answer = (status, headers or {}, b"because")
        return send(self.channel(), message())

    def test_each_status_is_classified(self):
        for status, expected in ((200, (True, False)), (201, (True, False)), (204, (True, False)),
                                 (301, (False, False)), (400, (False, False)),
                                 (401, (False, False)), (403, (False, False)),
                                 (404, (False, False)), (408, (False, True)),
                                 (410, (False, False)), (425, (False, True)),
                                 (429, (False, True)), (500, (False, True)), (502, (False, True)),
                                 (503, (False, True)), (504, (False, True))):
            result = self.judged(status)
            self.assertEqual((result["sent"], result["may_retry"]), expected, status)
            if not result["sent"]:
                self.assertIn(str(status), result["error"])

    def test_retry_after_is_honoured_and_bounded(self):
        for value, seconds in (("120", 120), ("0", 0), ("99999999999999999999", 86400),
                               ("Wed, 21 Oct 2015 07:28:00 GMT", 0), ("soon", None), ("-5", None),
                               ("", None), ("Fri, 31 Dec 9999 23:59:59 GMT", 86400)):
            result = self.judged(429, {"retry-after": value})
            self.assertEqual(result["retry_after_seconds"], seconds, value)
        self.assertIsNone(self.judged(400, {"retry-after": "120"})["retry_after_seconds"])

    def test_redirects_are_not_followed(self):
        other = Sink()
        self.addCleanup(other.close)
        for status in (301, 302, 303, 307, 308):
            result = self.judged(status, {"location": other.url()})
            self.assertEqual((result["sent"], result["may_retry"]), (False, False))
            self.assertIn("redirect", result["error"])
        self.assertEqual(other.requests, [])

    def test_the_answer_is_quoted_short_and_on_one_line(self):
        self.sink.answer = (400, {}, b"no\r\nsuch \x1b[31mhook\xff " + b"x" * 3000)
        error = send(self.channel(), message())["error"]
        self.assertIn("no  such  [31mhook\ufffd", error)
        self.assertLess(len(error), 400)


class Bounds(Reaching):
    def timed(self, answer, timeout_seconds=1.0):
        self.sink.answer = answer
        began = time.monotonic()
        result = send(self.channel(timeout_seconds=timeout_seconds), message())
        # Far from what waiting for the end would take; how near to the timeout, nobody asks.
        self.assertLess(time.monotonic() - began, 60)
        return result

    def test_an_answer_that_never_comes(self):
        result = self.timed(lambda handler: self.sink.stopping.wait(300))
        self.assertEqual((result["sent"], result["may_retry"]), (False, True))

    def test_a_head_that_never_ends(self):
        def drip(handler):
            handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
            while not self.sink.stopping.wait(0.05):
                handler.wfile.write(b"x-more: and more\r\n")
        self.timed(drip)

    def test_a_head_without_bounds(self):
        def flood(handler):
            handler.wfile.write(b"HTTP/1.1 500 No\r\n")
            while not self.sink.stopping.is_set():
                handler.wfile.write(b"x-more: and more and more\r\n" * 100)
        result = self.timed(flood, 300)
        self.assertEqual((result["sent"], result["may_retry"]), (False, True))

    def test_a_body_without_bounds_ends_at_once_and_counts_as_its_status(self):
        for status, sent in ((200, True), (500, False)):
            def flood(handler, status=status):
                handler.send_response(status)
                handler.end_headers()
                while not self.sink.stopping.is_set():
                    handler.wfile.write(b"x" * 65536)
            self.assertEqual(self.timed(flood, 300)["sent"], sent)

    def test_a_body_that_drips_counts_as_its_status(self):
        def drip(handler):
            handler.send_response(200)
            handler.end_headers()
            while not self.sink.stopping.wait(0.05):
                handler.wfile.write(b"x")
        self.assertTrue(self.timed(drip)["sent"])

    def test_a_name_that_is_never_resolved(self):
        began = time.monotonic()
        result = send(self.channel(url="http://hang.test/", timeout_seconds=1), message(),
                      environment={"LD_PRELOAD": NAMES})
        self.assertLess(time.monotonic() - began, 60)
        self.assertEqual((result["sent"], result["may_retry"]), (False, True))

    def test_nobody_listens(self):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            result = send(self.channel(url=f"http://127.0.0.1:{closed.getsockname()[1]}/"),
                          message())
        self.assertEqual((result["sent"], result["may_retry"]), (False, True))

    def test_a_connection_that_breaks_off(self):
        self.sink.answer = lambda handler: handler.connection.shutdown(socket.SHUT_RDWR)
        result = send(self.channel(), message())
        self.assertEqual((result["sent"], result["may_retry"]), (False, True))

    def test_only_http_and_https(self):
        for url in ("file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "smtp://x/"):
            result = send(self.channel(url=url), message())
            self.assertFalse(result["sent"], url)
            self.assertIn("not supported or disabled", result["error"], url)


class Addresses(Reaching):
    def refused(self, url, environment=None):
        result = send(self.channel(url=url, allow_private=False), message(),
                      environment=environment)
        self.assertEqual((result["sent"], result["may_retry"]), (False, False), url)
        self.assertIn("not a public address", result["error"], url)
        self.assertEqual(self.sink.requests, [])

    def test_every_spelling_of_this_machine_is_refused(self):
        for host in ("127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1",
                     "0.0.0.0", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]",
                     "169.254.169.254", "10.0.0.1", "[fe80::1]", "[fd00:ec2::254]"):
            self.refused(self.sink.url(host=host))

    def test_where_allowed_it_arrives(self):
        self.assertTrue(send(self.channel(url=self.sink.url(host="localhost")), message())["sent"])

    def rebinding(self, answers):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.lookups = pathlib.Path(folder.name) / "lookups"
        return {"LD_PRELOAD": NAMES,
                "PURSER_TEST_ANSWERS": answers, "PURSER_TEST_LOOKUPS": str(self.lookups)}

    def test_a_name_that_resolves_inside_is_refused(self):
        self.refused(self.sink.url(host="rebind.test"), self.rebinding("127.0.0.1"))
        self.assertEqual(self.lookups.read_text().split(), ["rebind.test"])

    def test_a_name_that_turns_inside_between_two_look_ups_is_refused(self):
        # The first answer is public, and nobody there listens; the second is this machine.
        results = run(self.channel(url=self.sink.url(host="rebind.test"), allow_private=False,
                                   timeout_seconds=1), message(), times=2,
                      environment=self.rebinding("192.12.69.1;127.0.0.1"))
        self.assertEqual([each["sent"] for each in results], [False, False])
        self.assertIn("127.0.0.1, which is not a public address", results[1]["error"])
        self.assertEqual(len(self.lookups.read_text().split()), 2)
        self.assertEqual(self.sink.requests, [])

    def test_one_answer_that_holds_both_reaches_the_public_one_only(self):
        result = send(self.channel(url=self.sink.url(host="rebind.test"), allow_private=False,
                                   timeout_seconds=1), message(),
                      environment=self.rebinding("192.12.69.1,127.0.0.1"))
        self.assertFalse(result["sent"])
        self.assertEqual(self.sink.requests, [])

    def test_proxies_of_the_environment_are_not_used(self):
        proxy = Sink()
        self.addCleanup(proxy.close)
        environment = {name: proxy.url("") for name in
                       ("http_proxy", "https_proxy", "all_proxy", "ALL_PROXY", "HTTPS_PROXY")}
        self.assertTrue(send(self.channel(), message(), environment=environment)["sent"])
        self.assertEqual(proxy.requests, [])
        self.assertEqual(len(self.sink.requests), 1)


class Https(unittest.TestCase):
    def test_certificates_are_verified(self):
        certificates, stranger = Certificates(), Certificates()
        sink = Sink(certificates)
        for each in (sink, certificates, stranger):
            self.addCleanup(each.close)
        channel = {"kind": "webhook", "url": sink.url(), "secrets": SECRETS, "allow_private": True}
        for authority in ("", stranger.authority):
            result = send({**channel, "ca_file": authority}, message())
            self.assertEqual((result["sent"], result["may_retry"]), (False, True))
            self.assertIn("certificate", result["error"])
        self.assertEqual(sink.requests, [])
        self.assertTrue(send({**channel, "ca_file": certificates.authority}, message())["sent"])


if __name__ == "__main__":
    unittest.main()
