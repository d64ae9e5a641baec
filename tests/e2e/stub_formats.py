"""Answers in the vendors' own formats, as their API references describe them: whole, streamed,
and errors. A stream is a list of frames without their line ends' final form; `frames()` of each
format yields (bytes with \\n, carries_usage)."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

CHAT = "chat"
RESPONSES = "responses"
EMBEDDINGS = "embeddings"
MESSAGES = "messages"
COUNT_TOKENS = "count_tokens"  # Anthropic's free counter
INPUT_TOKENS = "input_tokens"  # OpenAI's
FREE = (COUNT_TOKENS, INPUT_TOKENS)

FORMAT_OF_PATH = {
    "/v1/chat/completions": CHAT,
    "/v1/responses": RESPONSES,
    "/v1/embeddings": EMBEDDINGS,
    "/v1/messages": MESSAGES,
    "/v1/messages/count_tokens": COUNT_TOKENS,
    "/v1/responses/input_tokens": INPUT_TOKENS,
}

# A failure within so many frames has produced nothing that a vendor would bill.
FRAMES_BEFORE_OUTPUT = {CHAT: 0, RESPONSES: 2, MESSAGES: 0}


@dataclasses.dataclass
class Bill:
    """Tokens as Purser's classes have them; no token is in two of them."""

    input: int = 0
    cached_input: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    output: int = 0
    reasoning: int = 0  # inside output

    def tokens(self) -> dict[str, int]:
        return {k: v for k, v in dataclasses.asdict(self).items() if k != "reasoning"}


@dataclasses.dataclass
class Answer:
    format: str
    number: int
    model: str
    bill: Bill
    texts: list[str]
    limit_reached: bool
    with_usage: bool = True
    negative: bool = False  # a usage that nobody can believe
    include_usage: bool = False  # chat streams
    choices: int = 1
    tier: str = "default"  # that OpenAI says it used


def dumps(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def _prompt(bill: Bill) -> int:
    return bill.input + bill.cached_input + bill.cache_write_5m + bill.cache_write_1h


def usage(answer: Answer) -> dict[str, Any]:
    bill = answer.bill
    sign = -1 if answer.negative else 1
    if answer.format == CHAT:
        return {
            "prompt_tokens": _prompt(bill),
            "completion_tokens": sign * bill.output,
            "total_tokens": _prompt(bill) + sign * bill.output,
            "prompt_tokens_details": {"cached_tokens": bill.cached_input, "audio_tokens": 0},
            "completion_tokens_details": {
                "reasoning_tokens": bill.reasoning,
                "audio_tokens": 0,
                "accepted_prediction_tokens": 0,
                "rejected_prediction_tokens": 0,
            },
        }
    if answer.format == RESPONSES:
        return {
            "input_tokens": _prompt(bill),
            "input_tokens_details": {"cached_tokens": bill.cached_input},
            "output_tokens": sign * bill.output,
            "output_tokens_details": {"reasoning_tokens": bill.reasoning},
            "total_tokens": _prompt(bill) + sign * bill.output,
        }
    if answer.format == EMBEDDINGS:
        return {"prompt_tokens": sign * _prompt(bill), "total_tokens": sign * _prompt(bill)}
    return {
        "input_tokens": bill.input,
        "cache_creation_input_tokens": bill.cache_write_5m + bill.cache_write_1h,
        "cache_read_input_tokens": bill.cached_input,
        "cache_creation": {
            "ephemeral_5m_input_tokens": bill.cache_write_5m,
            "ephemeral_1h_input_tokens": bill.cache_write_1h,
        },
        "output_tokens": sign * bill.output,
        "service_tier": "standard",
    }


def whole(answer: Answer) -> bytes:
    text = "".join(answer.texts)
    body: dict[str, Any]
    if answer.format == CHAT:
        finish = "length" if answer.limit_reached else "stop"
        message: Any = {"role": "assistant", "content": text, "refusal": None, "annotations": []}
        body = {
            "id": f"chatcmpl-{answer.number}",
            "object": "chat.completion",
            "created": 1795435200,
            "model": answer.model,
            "choices": [
                {"index": i, "message": message, "logprobs": None, "finish_reason": finish}
                for i in range(answer.choices)
            ],
            "usage": usage(answer),
            "service_tier": answer.tier,
            "system_fingerprint": None,
        }
    elif answer.format == RESPONSES:
        body = _response(answer, "incomplete" if answer.limit_reached else "completed", text)
    elif answer.format == EMBEDDINGS:
        body = {
            "object": "list",
            "data": [{"object": "embedding", "index": 0, "embedding": [0.25, -0.5]}],
            "model": answer.model,
            "usage": usage(answer),
        }
    elif answer.format == COUNT_TOKENS:
        return dumps({"input_tokens": _prompt(answer.bill)})
    elif answer.format == INPUT_TOKENS:
        return dumps({"object": "response.input_tokens", "input_tokens": _prompt(answer.bill)})
    else:
        body = {
            "id": f"msg_{answer.number}",
            "type": "message",
            "role": "assistant",
            "model": answer.model,
            "content": [{"type": "text", "text": text}],
            "stop_reason": "max_tokens" if answer.limit_reached else "end_turn",
            "stop_sequence": None,
            "usage": usage(answer),
        }
    if not answer.with_usage:
        del body["usage"]
    return dumps(body)


def _response(answer: Answer, status: str, text: str) -> dict[str, Any]:
    done = status in ("completed", "incomplete")
    item = {
        "id": f"msg_{answer.number}",
        "type": "message",
        "status": status,
        "role": "assistant",
        "content": [{"type": "output_text", "text": text, "annotations": [], "logprobs": []}],
    }
    reason = {"reason": "max_output_tokens"} if status == "incomplete" else None
    return {
        "id": f"resp_{answer.number}",
        "object": "response",
        "created_at": 1795435200,
        "status": status,
        "background": False,
        "error": None,
        "incomplete_details": reason,
        "model": answer.model,
        "output": [item] if done else [],
        "parallel_tool_calls": True,
        "service_tier": answer.tier,
        "usage": usage(answer) if done else None,
    }


@dataclasses.dataclass
class Frame:
    data: bytes  # ends in a blank line; all line ends are \n
    usage: bool = False  # whoever has read it knows the bill
    last: bool = False


def _event(name: str, body: Any) -> bytes:
    return b"event: " + name.encode() + b"\ndata: " + dumps(body) + b"\n\n"


def stream(answer: Answer) -> list[Frame]:
    if answer.format == CHAT:
        return _chat_stream(answer)
    if answer.format == RESPONSES:
        return _responses_stream(answer)
    return _messages_stream(answer)


def _chat_stream(answer: Answer) -> list[Frame]:
    def chunk(choices: list[Any], counts: Any = None) -> bytes:
        body: dict[str, Any] = {
            "id": f"chatcmpl-{answer.number}",
            "object": "chat.completion.chunk",
            "created": 1795435200,
            "model": answer.model,
            "service_tier": answer.tier,
            "system_fingerprint": None,
            "choices": choices,
        }
        if answer.include_usage:
            body["usage"] = counts
        return b"data: " + dumps(body) + b"\n\n"

    def choice(delta: Any, finish: Any = None) -> Any:
        return [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]

    frames = [Frame(chunk(choice({"role": "assistant", "content": "", "refusal": None})))]
    frames += [Frame(chunk(choice({"content": text}))) for text in answer.texts]
    finish = "length" if answer.limit_reached else "stop"
    frames.append(Frame(chunk(choice({}, finish))))
    if answer.include_usage and answer.with_usage:
        frames.append(Frame(chunk([], usage(answer)), usage=True))
    frames.append(Frame(b"data: [DONE]\n\n", last=True))
    return frames


def _responses_stream(answer: Answer) -> list[Frame]:
    frames: list[Frame] = []

    def event(name: str, body: dict[str, Any], **marks: bool) -> None:
        body = {"type": name, "sequence_number": len(frames), **body}
        frames.append(Frame(_event(name, body), **marks))

    text = "".join(answer.texts)
    where = {"item_id": f"msg_{answer.number}", "output_index": 0, "content_index": 0}
    status = "incomplete" if answer.limit_reached else "completed"
    final = _response(answer, status, text)
    if not answer.with_usage:
        del final["usage"]
    item = {"id": f"msg_{answer.number}", "type": "message", "role": "assistant"}
    part = {"type": "output_text", "annotations": [], "logprobs": []}
    event("response.created", {"response": _response(answer, "in_progress", "")})
    event("response.in_progress", {"response": _response(answer, "in_progress", "")})
    started = {**item, "status": "in_progress", "content": []}
    event("response.output_item.added", {"output_index": 0, "item": started})
    event("response.content_part.added", {**where, "part": {**part, "text": ""}})
    for delta in answer.texts:
        event("response.output_text.delta", {**where, "delta": delta, "logprobs": []})
    event("response.output_text.done", {**where, "text": text, "logprobs": []})
    event("response.content_part.done", {**where, "part": {**part, "text": text}})
    event("response.output_item.done", {"output_index": 0, "item": final["output"][0]})
    event(f"response.{status}", {"response": final}, usage=answer.with_usage, last=True)
    return frames


def _messages_stream(answer: Answer) -> list[Frame]:
    counts = usage(answer)
    start: dict[str, Any] = {
        "id": f"msg_{answer.number}",
        "type": "message",
        "role": "assistant",
        "model": answer.model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {**counts, "output_tokens": 1},
    }
    if not answer.with_usage:
        del start["usage"]
    frames = [Frame(_event("message_start", {"type": "message_start", "message": start}))]
    block = {
        "type": "content_block_start",
        "index": 0,
        "content_block": {"type": "text", "text": ""},
    }
    frames.append(Frame(_event("content_block_start", block)))
    frames.append(Frame(_event("ping", {"type": "ping"})))
    for text in answer.texts:
        delta = {"type": "text_delta", "text": text}
        body = {"type": "content_block_delta", "index": 0, "delta": delta}
        frames.append(Frame(_event("content_block_delta", body)))
    stop = {"type": "content_block_stop", "index": 0}
    frames.append(Frame(_event("content_block_stop", stop)))
    reason = "max_tokens" if answer.limit_reached else "end_turn"
    end: dict[str, Any] = {
        "type": "message_delta",
        "delta": {"stop_reason": reason, "stop_sequence": None},
    }
    if answer.with_usage:
        end["usage"] = {
            k: v for k, v in counts.items() if k not in ("cache_creation", "service_tier")
        }
    frames.append(Frame(_event("message_delta", end)))
    frames.append(
        Frame(_event("message_stop", {"type": "message_stop"}), usage=answer.with_usage, last=True)
    )
    return frames


_ANTHROPIC_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    529: "overloaded_error",
}
_OPENAI_TYPES = {
    400: ("invalid_request_error", None),
    401: ("invalid_request_error", "invalid_api_key"),
    403: ("permission_error", None),
    404: ("invalid_request_error", "model_not_found"),
    429: ("requests", "rate_limit_exceeded"),
    503: ("server_error", "server_is_overloaded"),
}


def error(format: str, status: int, code: str, more: str = "") -> bytes:
    message = f"The stub was asked for a {status}.{more}"
    if format in (MESSAGES, COUNT_TOKENS):
        kind = code or _ANTHROPIC_TYPES.get(status, "api_error")
        return dumps(
            {
                "type": "error",
                "error": {"type": kind, "message": message},
                "request_id": "req_stub",
            }
        )
    kind, vendor_code = _OPENAI_TYPES.get(status, ("server_error", None))
    body = {
        "message": message,
        "type": kind,
        "param": None,
        "code": code or vendor_code,
    }
    return dumps({"error": body})


def error_frame(format: str, code: str) -> Frame:
    """A stream that fails, as the vendor says it."""
    body: dict[str, Any]
    if format == MESSAGES:
        kind = code or "overloaded_error"
        body = {"type": "error", "error": {"type": kind, "message": "Overloaded"}}
        return Frame(_event("error", body))
    if format == RESPONSES:
        failed: dict[str, Any] = {
            "id": "resp_failed",
            "object": "response",
            "status": "failed",
            "error": {"code": code or "server_error", "message": "The stub fails."},
            "output": [],
            "usage": None,
        }
        body = {"type": "response.failed", "sequence_number": 9, "response": failed}
        return Frame(_event("response.failed", body))
    body = {
        "message": "The stub fails.",
        "type": "server_error",
        "param": None,
        "code": code or None,
    }
    return Frame(b"data: " + dumps({"error": body}) + b"\n\n")
