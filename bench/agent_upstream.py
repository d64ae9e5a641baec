"""Anthropic's messages API, as far as the recorded agent workload needs it: answers each turn as a
stream, in the time and for the tokens that the recording has, and counts tokens for free."""

from __future__ import annotations

import http.server
import json
import re
import socketserver
import threading
import time
from typing import Any

from agent_workload import Recording, cost_nanos

MARKER = re.compile(rb"\[\[agent (\S+) turn (\d+)\]\]")
PIECES = 8


class AgentUpstream:
    """What `harness.Gateway` wants of a stub: `port`, and the keys it believes."""

    openai_key = "sk-stub-openai"
    anthropic_key = "sk-ant-stub"

    def __init__(self, recording: Recording, speed: float, counts: bool = True):
        self.recording, self.speed, self.counts = recording, speed, counts
        self.lock = threading.Lock()
        self.turns = 0
        self.counted = 0
        self.billed_nanos = 0
        self.truncated = 0
        self.changed_limit = 0
        self._server = _Server(self)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, upstream: AgentUpstream):
        self.upstream = upstream
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def log_message(self, *_: Any) -> None:
        pass

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        upstream = self.server.upstream
        turn = int(MARKER.findall(body)[-1][1])
        if self.path.startswith("/v1/messages/count_tokens"):
            with upstream.lock:
                upstream.counted += 1
            if not upstream.counts:
                return self.send_error(500)
            tokens = upstream.recording.turns[turn].context_tokens
            return self._answer("application/json", [json.dumps({"input_tokens": tokens}).encode()], 0)
        limit = int(json.loads(body)["max_tokens"])
        usage = upstream.recording.usage(turn, limit)
        with upstream.lock:
            upstream.turns += 1
            upstream.billed_nanos += cost_nanos(usage)
            upstream.truncated += usage["output_tokens"] == limit
            upstream.changed_limit += limit != upstream.recording.max_tokens
        seconds = upstream.recording.turns[turn].answer_seconds / upstream.speed
        self._answer("text/event-stream", _events(upstream.recording, usage), seconds)

    def _answer(self, kind: str, pieces: list[bytes], seconds: float) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in pieces:
            time.sleep(seconds / len(pieces))
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")


def _event(name: str, data: dict[str, Any]) -> bytes:
    return f"event: {name}\ndata: {json.dumps({'type': name, **data})}\n\n".encode()


def _events(recording: Recording, usage: dict[str, int]) -> list[bytes]:
    at_first = {
        **usage,
        "output_tokens": 1,
        "cache_creation": {
            "ephemeral_5m_input_tokens": usage["cache_creation_input_tokens"],
            "ephemeral_1h_input_tokens": 0,
        },
        "service_tier": "standard",
    }
    message = {
        "id": "msg_agent",
        "type": "message",
        "role": "assistant",
        "model": recording.model,
        "content": [],
        "stop_reason": None,
        "usage": at_first,
    }
    block = {"type": "text", "text": ""}
    delta = {"type": "text_delta", "text": "x" * (recording.answer_bytes // PIECES)}
    events = [_event("message_start", {"message": message})]
    events.append(_event("content_block_start", {"index": 0, "content_block": block}))
    events += [_event("content_block_delta", {"index": 0, "delta": delta})] * PIECES
    events.append(_event("content_block_stop", {"index": 0}))
    stop = {"stop_reason": "tool_use", "stop_sequence": None}
    events.append(
        _event("message_delta", {"delta": stop, "usage": {"output_tokens": usage["output_tokens"]}})
    )
    return events + [_event("message_stop", {})]
