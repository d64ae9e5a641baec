"""The document is OpenAPI 3.1, and whatever the `purser` command's suite has the REST API answer
fits it."""
import importlib.machinery
import importlib.util
import json
import pathlib
import sys
import unittest

import openapi_spec_validator

TESTS = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TESTS / "suites/lib"), str(TESTS / "api")]
import gateway  # noqa: E402
import validate_openapi  # noqa: E402
from recorder import Recorder  # noqa: E402

DOCUMENT = TESTS.parent / "docs/openapi.json"
LEAST_OPERATIONS = 25  # that the command's suite calls well


class Recorded(gateway.Gateway):
    """A gateway whose clients come through a recorder."""

    records = []
    recorder = None

    def start(self):
        super().start()
        self.recorder = Recorder(int(self.base_url.rpartition(":")[2]), self.records)
        self.base_url = self.recorder.url

    def stop(self, *arguments):
        if self.recorder:
            self.recorder.stop()
            self.recorder = None
        return super().stop(*arguments)


def command_suite():
    """tests/suites/command/run with recorded gateways."""
    file = str(TESTS / "suites/command/run")
    loader = importlib.machinery.SourceFileLoader("command_suite", file)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    plain, gateway.Gateway = gateway.Gateway, Recorded
    try:
        loader.exec_module(module)
    finally:
        gateway.Gateway = plain
    return unittest.defaultTestLoader.loadTestsFromModule(module)


class Document(unittest.TestCase):
    def test_the_document_is_openapi_3_1(self):
        document = json.loads(DOCUMENT.read_text())
        self.assertRegex(document["openapi"], r"^3\.1\.")
        openapi_spec_validator.validate(document)

    def test_what_the_gateway_answers_fits_it(self):
        result = unittest.TestResult()
        command_suite().run(result)
        for _, trace in result.errors + result.failures:
            self.fail(trace)
        document = validate_openapi.Document(DOCUMENT.read_text())
        problems, answered = [], set()
        for record in Recorded.records:
            found, operation = document.check(record)
            problems += found
            answered.add(operation)
        self.assertEqual(problems, [])
        self.assertGreaterEqual(len(answered - {None}), LEAST_OPERATIONS)
        self.assertTrue(any(record["status"] >= 400 for record in Recorded.records))


if __name__ == "__main__":
    unittest.main(verbosity=2)
