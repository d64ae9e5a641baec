#!/usr/bin/env python3
"""Validates recorded answers of the REST API against docs/openapi.json.

    validate_openapi.py RECORD... [--document docs/openapi.json] [--require-all]

A record is a file of JSON lines, each {"method", "path", "status", "content_type", "body"}; the path
without its query. An answer fails where its operation, its status or its content type is not
documented, or where its body does not fit the schema. The answers to what is not an operation (an
unknown path, a method that is not served) must be the error shape. --require-all also fails where an
operation never answered well. A record without answers fails, since its recording must be broken.
Needs `jsonschema` (from PyPI, for tests only).
"""
import argparse
import collections
import json
import pathlib
import re
import sys

import jsonschema

ERROR = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}
MOST_SHOWN = 50


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

    def problems(self, response, record):
        """What is wrong with the answer, held against what the document says of its status."""
        content, found = response["content"], record["content_type"]
        media = (found or "").partition(";")[0].strip().lower()
        if media not in content:
            return [f"its content type is {found}, not {' or '.join(content)}"]
        schema, body = content[media]["schema"], record["body"]
        key = json.dumps(schema, sort_keys=True)
        if key not in self.validators:
            whole = dict(schema, components=self.document["components"])
            self.validators[key] = jsonschema.Draft202012Validator(whole)
        errors = self.validators[key].iter_errors(body)
        return [f"{'/'.join(map(str, e.path)) or 'the body'}: {e.message[:300]}" for e in errors]

    def check(self, record):
        """The problems of one answer, and the operation that it belongs to."""
        status = str(record["status"])
        found = self.find(record["method"], record["path"])
        if found is None:
            name = f"{record['method']} {record['path']}"
            if status not in ("401", "404", "405"):
                return [f"{name} {status}: the operation is not documented"], None
            return [f"{name} {status}: {one}" for one in self.problems(ERROR, record)], None
        name = f"{found[0]} {found[1]}"
        response = found[3]["responses"].get(status)
        if response is None:
            return [f"{name} {status}: the status is not documented"], None
        well = name if status.startswith("2") else None
        found = self.problems(self.resolve(response), record)
        return [f"{name} {status}: {one}" for one in found], well


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("records", nargs="+")
    parser.add_argument("--document", default=root / "docs" / "openapi.json", type=pathlib.Path)
    parser.add_argument("--require-all", action="store_true")
    arguments = parser.parse_args()
    document = Document(arguments.document.read_text())
    seen, answered = collections.defaultdict(list), set()  # each problem once, with its answers
    for file in map(pathlib.Path, arguments.records):
        count, operations, wrong = 0, set(), 0
        for count, line in enumerate(file.read_text().splitlines(), 1):
            record = json.loads(line)
            found, operation = document.check(record)
            operations.add(operation)
            wrong += bool(found)
            for problem in found:
                seen[problem].append(f"{file}:{count}, {record['method']} {record['path']}")
        answered |= operations - {None}
        print(f"{file.stem}: {count} answers of the REST API, of {len(operations - {None})} "
              f"operations; {wrong} do not fit {arguments.document.name}")
        if count == 0:
            seen["no answer was recorded"].append(str(file))
    if arguments.require_all:
        for method, path, _, _ in document.operations:
            if f"{method} {path}" not in answered:
                seen[f"{method} {path} never answered well"] = []
    for problem, answers in list(seen.items())[:MOST_SHOWN]:
        more = f", and {len(answers) - 1} more" if len(answers) > 1 else ""
        print(problem + (f" ({answers[0]}{more})" if answers else ""), file=sys.stderr)
    return 1 if seen else 0


if __name__ == "__main__":
    sys.exit(main())
