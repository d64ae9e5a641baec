"""A reverse proxy that keeps what the REST API answered: {"method", "path", "status", "body"}, as
tests/api/validate_openapi.py takes it. Answers are passed on whole, so it is for no streams."""
import http.client
import http.server
import json
import threading

NOT_PASSED_ON = ("connection", "transfer-encoding", "content-length", "keep-alive")


class Recorder(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port, records):
        """In front of the gateway on this port; `records` takes what it answers."""
        super().__init__(("127.0.0.1", 0), Handler)
        self.gateway_port, self.records = port, records
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def stop(self):
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def pass_on(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        gateway = http.client.HTTPConnection("127.0.0.1", self.server.gateway_port, timeout=120)
        try:
            gateway.request(self.command, self.path, body, dict(self.headers))
            answer = gateway.getresponse()
            text = answer.read()
        finally:
            gateway.close()
        path = self.path.partition("?")[0]
        if path.startswith("/api/v1/"):
            self.server.records.append({"method": self.command, "path": path,
                                        "status": answer.status, "body": json.loads(text)})
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in NOT_PASSED_ON:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = pass_on

    def log_message(self, *_):
        pass
