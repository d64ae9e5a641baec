"""What a vendor would hold against a request, and what must never reach one. Each rule broken is
one sentence; a correct gateway breaks none."""

from __future__ import annotations

import json
from typing import Any

import stub_formats as formats

HOP_BY_HOP = {
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection",
    "te", "trailer", "transfer-encoding", "upgrade", "expect",
}  # fmt: skip
NEVER = {"cookie", "forwarded", "via", "openai-organization", "openai-project"}
LIMIT_FIELDS = {
    formats.CHAT: ("max_completion_tokens", "max_tokens"),
    formats.RESPONSES: ("max_output_tokens",),
    formats.MESSAGES: ("max_tokens",),
}


class DuplicateKey(ValueError):
    pass


def strict_json(body: bytes) -> Any:
    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in items]
        if len(set(keys)) != len(keys):
            raise DuplicateKey(f"a key stands twice among {keys}")
        return dict(items)

    return json.loads(body, object_pairs_hook=pairs)


def output_limit(format: str, request: dict[str, Any]) -> int | None:
    for name in LIMIT_FIELDS.get(format, ()):
        if isinstance(request.get(name), int):
            return request[name]
    return None


def check_head(format: str, fields: list[tuple[str, str]], host: str, key: str) -> list[str]:
    problems = []
    names = [name for name, _ in fields]
    values = dict(fields)
    for name in sorted(set(names)):
        if name in HOP_BY_HOP or name in NEVER:
            problems.append(f"the field {name} was forwarded")
        if name.startswith(("x-purser", "x-forwarded")):
            problems.append(f"the field {name} was forwarded")
    for name in ("host", "content-length", "content-type", "accept-encoding"):
        if names.count(name) != 1:
            problems.append(f"the field {name} stands {names.count(name)} times")
    if values.get("host") != host:
        problems.append(f"Host is {values.get('host')!r}, not {host!r}")
    if values.get("accept-encoding") != "identity":
        problems.append("the answer may be compressed, and could not be metered then")
    anthropic = format in (formats.MESSAGES, formats.COUNT_TOKENS)
    expected = {"x-api-key": key} if anthropic else {"authorization": f"Bearer {key}"}
    for name in ("authorization", "x-api-key"):
        if values.get(name) != expected.get(name):
            problems.append(f"{name} is not the provider's own key")
    if any("psr_" in value for value in values.values()):
        problems.append("a Purser key was sent to the provider")
    return problems


def check_body(format: str, body: bytes) -> tuple[dict[str, Any], list[str]]:
    problems = []
    try:
        request = strict_json(body)
    except ValueError as error:
        return {}, [f"the body is not strict JSON: {error}"]
    if b"psr_" in body:
        problems.append("a Purser key stands in the body")
    if format in LIMIT_FIELDS:
        limit = output_limit(format, request)
        if limit is None or limit < 1:
            problems.append(f"no output limit was written: {limit!r}")
        present = [name for name in LIMIT_FIELDS[format] if request.get(name) is not None]
        if len({request[name] for name in present}) > 1:
            problems.append(f"two output limits that differ: {present}")
        tier = "standard_only" if format == formats.MESSAGES else "default"
        if request.get("service_tier") != tier:
            problems.append(f"service_tier is {request.get('service_tier')!r}, not {tier!r}")
    if format == formats.CHAT and request.get("stream"):
        if request.get("stream_options", {}).get("include_usage") is not True:
            problems.append("stream_options.include_usage was not written")
    if "/" in str(request.get("model", "")):
        problems.append(f"the provider's name was not cut off the model: {request['model']}")
    return request, problems
