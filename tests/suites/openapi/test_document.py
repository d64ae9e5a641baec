"""The document is OpenAPI 3.1, and an answer that does not fit it is found. That the gateway's answers
do fit is held by the suites that ask for them (../lib/run-recorded) and by tests/api/check-document."""
import json
import os
import pathlib
import sys
import tempfile
import unittest
from unittest import mock

import openapi_spec_validator

TESTS = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TESTS / "api"), str(TESTS / "suites/lib")]
import api_answers  # noqa: E402
import validate_openapi  # noqa: E402

DOCUMENT = (TESTS.parent / "docs/openapi.json").read_text()
JSON = "application/json"
LABEL = {"id": "lbl_" + "0" * 26, "name": "support", "created_at": "2026-11-23T15:00:00Z"}
ERROR = {"error": {"code": "not_found", "message": "There is no such label."}}


def kept(*answers):
    """What a harness's recording of these answers holds."""
    with tempfile.TemporaryDirectory() as place:
        file = pathlib.Path(place, "answers")
        with mock.patch.dict(os.environ, PURSER_API_RECORD=str(file)):
            for answer in answers:
                api_answers.keep(*answer)
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


class Document(unittest.TestCase):
    def problems(self, status, body, content_type=JSON, path="/api/v1/labels/support", method="GET"):
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        (record,) = kept((method, path, status, content_type, text))
        return validate_openapi.Document(DOCUMENT).check(record)[0]

    def test_it_is_openapi_3_1(self):
        document = json.loads(DOCUMENT)
        self.assertRegex(document["openapi"], r"^3\.1\.")
        openapi_spec_validator.validate(document)

    def test_what_fits_passes(self):
        self.assertEqual(self.problems(200, LABEL), [])
        self.assertEqual(self.problems(200, LABEL, JSON + "; charset=utf-8"), [])
        self.assertEqual(self.problems(404, ERROR), [])
        self.assertEqual(self.problems(404, ERROR, path="/api/v1/nonsense?a=b"), [])
        self.assertEqual(self.problems(405, ERROR, method="PUT"), [])

    def test_what_does_not_fit_is_named(self):
        named = "GET /api/v1/labels/{label} "
        nameless = {name: LABEL[name] for name in ("id", "created_at")}
        cases = [
            (self.problems(200, nameless), named + "200: the body: 'name' is a required property"),
            (self.problems(200, {**LABEL, "colour": 1}), "('colour' was unexpected)"),
            (self.problems(200, {**LABEL, "name": 1}), named + "200: name: 1 is not of type"),
            (self.problems(404, {"error": "no"}), named + "404: error: 'no' is not of type"),
            (self.problems(200, b"<html>"), named + "200: the body: '<html>' is not of type"),
            (self.problems(200, b""), named + "200: the body: '' is not of type"),
            (self.problems(418, ERROR), named + "418: the status is not documented"),
            (self.problems(201, LABEL), named + "201: the status is not documented"),
            (self.problems(200, LABEL, "text/html"), "content type is text/html, not " + JSON),
            (self.problems(200, LABEL, None), "content type is None, not " + JSON),
            (self.problems(200, {}, path="/api/v1/nonsense"),
             "GET /api/v1/nonsense 200: the operation is not documented"),
            (self.problems(404, {}, path="/api/v1/nonsense"), "'error' is a required property"),
        ]
        for found, wanted in cases:
            with self.subTest(wanted):
                self.assertEqual(len(found), 1, found)
                self.assertIn(wanted, found[0])

    def test_only_the_rest_apis_answers_are_kept(self):
        answers = [("GET", path, 200, JSON, b"{}")
                   for path in ("/v1/models", "/metrics", "/api/v1/me?a=b", "/api/v2/me")]
        self.assertEqual([record["path"] for record in kept(*answers)], ["/api/v1/me", "/api/v2/me"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
