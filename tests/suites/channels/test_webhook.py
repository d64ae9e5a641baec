"""Signed webhooks: the official library of Standard Webhooks verifies what was received."""
import json
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


if __name__ == "__main__":
    unittest.main()
