"""Keeps what the REST API answered to a suite, so that run-recorded can hold each answer against
docs/openapi.json. Python's standard library only: the harnesses of all suites use it.

    keep(method, path, status, content_type, body)   # after each answer that a harness reads itself
    with Recorder(base_url) as recorder:             # in front of a gateway, for a program's calls
        run_program(PURSER_URL=recorder.url)

$PURSER_API_RECORD names the file; without it nothing is kept.
"""

from __future__ import annotations

import http.client
import http.server
import json
import os
import threading
import urllib.parse

PATIENCE_SECONDS = 120
NOT_PASSED_ON = ("connection", "transfer-encoding", "content-length", "keep-alive")


def keep(method: str, path: str, status: int, content_type: str | None, body: bytes) -> None:
    """Appends one answer, as tests/api/validate_openapi.py takes it; a path that is not the REST
    API's is left out. A body that is no JSON stands as text, which fits no schema of the document."""
    file = os.environ.get("PURSER_API_RECORD")
    path = path.partition("?")[0]
    if not file or not path.startswith("/api/"):
        return
    try:
        value = json.loads(body)
    except ValueError:
        value = body.decode(errors="replace")
    answer = {"method": method, "path": path, "status": status, "content_type": content_type}
    line = json.dumps({**answer, "body": value}) + "\n"
    # One write to the file's end, since threads and processes of a suite share it.
    with open(file, "ab", buffering=0) as record:
        record.write(line.encode())


class Recorder(http.server.ThreadingHTTPServer):
    """A reverse proxy that keeps what passes. It passes answers on whole, so it is for no streams."""

    daemon_threads = True

    def __init__(self, base_url: str):
        super().__init__(("127.0.0.1", 0), Handler)
        self.gateway = urllib.parse.urlsplit(base_url).netloc
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> Recorder:
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Recorder

    def pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        gateway = http.client.HTTPConnection(self.server.gateway, timeout=PATIENCE_SECONDS)
        try:
            gateway.request(self.command, self.path, body, dict(self.headers))
            answer = gateway.getresponse()
            text = answer.read()
        finally:
            gateway.close()
        keep(self.command, self.path, answer.status, answer.getheader("Content-Type"), text)
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in NOT_PASSED_ON:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = pass_on

    def log_message(self, *_: object) -> None:
        pass
