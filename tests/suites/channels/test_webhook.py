"""Signed webhooks: the official library of Standard Webhooks verifies what was received."""
import base64
import datetime
import json
import os
import pathlib
import re
import subprocess
import unittest

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from receivers import Sink
from sending import MESSAGE_ID, message, run, send

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OLD_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
OTHER_SECRET = "whsec_" + "AAAA" * 8


class SignedWebhooks(unittest.TestCase):
    def setUp(self):
        self.sink = Sink()
        self.addCleanup(self.sink.close)
        self.channel = {"kind": "webhook", "url": self.sink.url(), "secrets": [SECRET],
                        "allow_private": True}

    def verify(self, secret, request):
        _, headers, body = request
        return Webhook(secret).verify(body, {key.lower(): value for key, value in headers.items()})

    def test_it_verifies_and_carries_type_time_and_data(self):
        self.assertEqual(send(self.channel, message())["sent"], True)
        [request] = self.sink.requests
        self.assertEqual(self.verify(SECRET, request), {
            "type": "cap.threshold", "timestamp": "2026-11-18T11:06:40.123456789Z",
            "data": {"cap": "cap_1", "spent_usd": "412.10"}})
        self.assertEqual(request[1]["Content-Type"], "application/json")
        self.assertEqual(request[1]["webhook-id"], MESSAGE_ID)

    def test_another_secret_or_another_byte_does_not_verify(self):
        send(self.channel, message())
        path, headers, body = self.sink.requests[0]
        with self.assertRaises(WebhookVerificationError):
            self.verify(OTHER_SECRET, (path, headers, body))
        with self.assertRaises(WebhookVerificationError):
            self.verify(SECRET, (path, headers, body + b" "))

    def test_while_secrets_are_rotated_both_verify(self):
        self.channel["secrets"] = [SECRET, OLD_SECRET]
        send(self.channel, message())
        for secret in (SECRET, OLD_SECRET):
            self.assertEqual(self.verify(secret, self.sink.requests[0])["type"], "cap.threshold")
        with self.assertRaises(WebhookVerificationError):
            self.verify(OTHER_SECRET, self.sink.requests[0])

    def test_a_repeat_carries_the_same_id_and_bytes(self):
        self.assertEqual([each["sent"] for each in run(self.channel, message(), times=2)],
                         [True, True])
        first, second = self.sink.requests
        self.assertEqual(first[1]["webhook-id"], second[1]["webhook-id"])
        self.assertEqual(first[2], second[2])

    def test_text_of_any_kind_survives(self):
        data = {"name": "Zoë \U0001f4b8 \"quoted\" \\ <b>", "big": 12345678901234567890}
        send(self.channel, message(data=json.dumps(data, ensure_ascii=False)))
        self.assertEqual(self.verify(SECRET, self.sink.requests[0])["data"], data)


class Documented(SignedWebhooks):
    """The lines that docs/ALERTS.md gives to receivers say the same as the official library."""

    def setUp(self):
        super().setUp()
        text = (pathlib.Path(__file__).resolve().parents[3] / "docs/ALERTS.md").read_text()
        self.python = re.search(r"```python\n(.*?)```", text, re.S)[1]
        self.node = re.search(r"```js\n(.*?)```", text, re.S)[1]

    def verify(self, secret, request):
        path, headers, body = request
        lower = {key.lower(): value for key, value in headers.items()}
        scope = {}
        exec(self.python, scope)  # our own documentation
        by_python = scope["is_from_purser"](secret, lower, body)
        script = self.node + """
            const [secret, headers, body] = JSON.parse(require("node:fs").readFileSync(0));
            console.log(isFromPurser(secret, headers, Buffer.from(body, "base64")));"""
        ran = subprocess.run([os.environ["PURSER_NODE"], "-e", script], text=True, check=True,
                             capture_output=True, input=json.dumps(
                                 [secret, lower, base64.b64encode(body).decode()]))
        self.assertEqual(ran.stdout.strip(), "true" if by_python else "false")
        if not by_python:
            raise WebhookVerificationError("not from Purser")
        return super().verify(secret, request)

    def test_what_is_old_is_refused(self):
        send(self.channel, message())
        path, headers, body = self.sink.requests[0]
        long_ago = str(int(headers["webhook-timestamp"]) - 301)
        signature = Webhook(SECRET).sign(
            headers["webhook-id"],
            datetime.datetime.fromtimestamp(int(long_ago), datetime.timezone.utc), body.decode())
        with self.assertRaises(WebhookVerificationError):
            self.verify(SECRET, (path, {**headers, "webhook-timestamp": long_ago,
                                        "webhook-signature": signature}, body))


if __name__ == "__main__":
    unittest.main()
