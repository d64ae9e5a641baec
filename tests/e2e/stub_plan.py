"""What the stub provider is to do with one request.

The client writes it into its prompt, so that no header has to pass the gateway:

    [[e2e id=r17 mode=cut at=2 in=00012 out=30 framing=chunked eol=crlf]]

`id` is the request's mark in the stub's record and (as `user`) in Purser's books. Numbers may have
leading zeros, so that a count can be changed without changing the prompt's length.
"""

from __future__ import annotations

import dataclasses
import random
import re

DIRECTIVE = re.compile(rb"\[\[e2e ([^\]]*)\]\]")

# Faults, by the side effects that the vendor's own books would show.
MODES = (
    "normal",
    "no_usage",  # a whole answer that does not say what it cost
    "odd_usage",  # a usage that cannot be believed (negative counts)
    "cut",  # closed in mid-answer
    "reset",  # RST in mid-answer
    "stall",  # sends no more, keeps the connection open
    "garbage",  # bytes that are no answer of this format, in a well-framed 200
    "garbage_head",  # bytes that are no HTTP
    "lying_length_more",  # Content-Length above what comes
    "lying_length_less",  # Content-Length below what comes
    "both_lengths",  # Content-Length and Transfer-Encoding together
    "silent",  # reads the request and never answers
    "hang_up",  # reads the request and closes
    "error",  # an error answer with `status` (and `code`)
    "error_event",  # a stream that fails: before any output where at=0
    "liar",  # bills `times` what the request's limits allow
)


@dataclasses.dataclass
class Plan:
    id: str = ""
    mode: str = "normal"
    input: int | None = None  # tokens at the full rate
    cached: int = 0
    write_5m: int = 0
    write_1h: int = 0
    output: int | None = None  # None: a seeded number; -1: exactly the limit that was written
    reasoning: int = 0
    at: int = 2  # frames (of a stream) that leave before the fault
    status: int = 500
    code: str = ""
    times: int = 3
    gate: str = ""  # waits before the answer's head until the test opens it
    midgate: str = ""  # waits after `at` frames
    framing: str = "chunked"  # of streams: chunked or close; of JSON also length
    eol: str = "lf"
    pad: int = 0  # bytes of text in each delta
    frames: int = 3  # deltas of text
    done: bool = True  # whether a chat stream ends with [DONE]
    close: bool = False  # Connection: close after the answer
    say: str = ""  # stands in the answer (a word of text first)
    tier: str = "default"  # the service tier that an answer of OpenAI's says it had
    tell_key: bool = False  # an error repeats the key that the request came with


_NAMES = {"in": "input", "out": "output", "w5": "write_5m", "w1h": "write_1h"}
_INTEGERS = {f.name for f in dataclasses.fields(Plan) if f.type in ("int", "int | None")}
_BOOLEANS = {f.name for f in dataclasses.fields(Plan) if f.type == "bool"}


def parse(body: bytes, rng: random.Random) -> Plan:
    """The last directive of the body; without one, a plain answer of random size."""
    plan = Plan()
    found = DIRECTIVE.findall(body)
    for word in found[-1].decode().split() if found else []:
        name, _, value = word.partition("=")
        name = _NAMES.get(name, name)
        if not hasattr(plan, name):
            raise ValueError(f"the stub knows no {name!r}")
        if name in _INTEGERS:
            setattr(plan, name, int(value))
        elif name in _BOOLEANS:
            setattr(plan, name, value == "1")
        else:
            setattr(plan, name, value)
    if plan.mode not in MODES:
        raise ValueError(f"the stub knows no mode {plan.mode!r}")
    if plan.input is None:
        plan.input = max(1, len(body) // 5)
    if plan.output is None:
        plan.output = rng.randint(1, 40)
    return plan
