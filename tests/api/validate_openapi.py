#!/usr/bin/env python3
"""Validates recorded answers of the REST API against docs/openapi.json.

    validate_openapi.py RECORD... [--document docs/openapi.json] [--require-all]

A record is a file of JSON lines, each {"method", "path", "status", "body"}; the path without its
query. An answer fails where its operation or its status is not documented, or where its body does
not fit the schema. The answers to what is not an operation (an unknown path, a method that is not
served) must be the error shape. --require-all also fails where an operation never answered well.
Needs `jsonschema` (from PyPI, for tests only).
"""
import argparse
import json
import pathlib
import re
import sys

import jsonschema

ERROR = {"$ref": "#/components/schemas/Error"}


class Document:
    def __init__(self, text):
        self.document = json.loads(text)
        self.operations = []
        for path, methods in self.document["paths"].items():
            pattern = re.compile("^" + re.sub(r"\\{[^/]*?\\}", "[^/]+", re.escape(path)) + "$")
            for method, operation in methods.items():
                self.operations.append((method.upper(), path, pattern, operation))
        # A path without parameters is the better match: /caps/reallocate before /caps/{cap}.
        self.operations.sort(key=lambda one: one[1].count("{"))
        self.validators = {}

    def find(self, method, path):
        for one in self.operations:
            if one[0] == method and one[2].match(path):
                return one
        return None

    def resolve(self, node):
        while "$ref" in node:
            place = self.document
            for part in node["$ref"].lstrip("#/").split("/"):
                place = place[part]
            node = place
        return node

    def problems(self, schema, body):
        key = json.dumps(schema, sort_keys=True)
        if key not in self.validators:
            whole = dict(schema, components=self.document["components"])
            self.validators[key] = jsonschema.Draft202012Validator(whole)
        errors = self.validators[key].iter_errors(body)
        return [f"{'/'.join(map(str, e.path)) or 'the body'}: {e.message[:300]}" for e in errors]

    def check(self, record):
        """The problems of one answer, and the operation that it belongs to."""
        status, body = str(record["status"]), record["body"]
        found = self.find(record["method"], record["path"])
        if found is None:
            if status not in ("401", "404", "405"):
                return [f"{record['method']} {record['path']} is not documented"], None
            return self.problems(ERROR, body), None
        name = f"{found[0]} {found[1]}"
        response = found[3]["responses"].get(status)
        if response is None:
            return [f"{name}: status {status} is not documented"], None
        schema = self.resolve(response)["content"]["application/json"]["schema"]
        well = name if status.startswith("2") else None
        return [f"{name} {status}: {one}" for one in self.problems(schema, body)], well


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("records", nargs="+")
    parser.add_argument("--document", default=root / "docs" / "openapi.json", type=pathlib.Path)
    parser.add_argument("--require-all", action="store_true")
    arguments = parser.parse_args()
    document = Document(arguments.document.read_text())
    problems, answered, count = [], set(), 0
    for name in arguments.records:
        for number, line in enumerate(pathlib.Path(name).read_text().splitlines(), 1):
            found, operation = document.check(json.loads(line))
            problems += [f"{name}:{number}: {one}" for one in found]
            answered.add(operation)
            count += 1
    if arguments.require_all:
        for method, path, _, _ in document.operations:
            if f"{method} {path}" not in answered:
                problems.append(f"{method} {path} never answered well")
    for problem in problems[:50]:
        print(problem, file=sys.stderr)
    print(f"{count} answers of {len(answered - {None})} operations, {len(problems)} problems")
    return 1 if problems or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
