"""A keep-alive upstream on Python's own HTTP server: writes one line for each request it sees."""

import http.server
import sys

ANSWER = (
    b'{"id":"a","model":"gpt-4o-mini","choices":[],'
    b'"usage":{"prompt_tokens":7,"completion_tokens":5}}'
)


def see(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 20

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        see("seen", self.headers.get("User-Agent") or "-", self.command)
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER)

    do_POST = do_GET = answer

    def send_error(self, code: int, *more: object) -> None:  # what it could not read
        see("malformed", code, "-")
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 256

    def handle_error(self, *_: object) -> None:
        pass


server = Server(("127.0.0.1", 0), Handler)
see("port", server.server_address[1], "-")
server.serve_forever()
