"""What messages are sent to: an SMTP server, and a web server that can misbehave."""
import asyncio
import email
import email.policy
import http.server
import logging
import pathlib
import ssl
import subprocess
import tempfile
import threading

from aiosmtpd.smtp import SMTP, AuthResult
from standardwebhooks.webhooks import Webhook

logging.getLogger("mail.log").setLevel(logging.CRITICAL)  # refused handshakes are on purpose


class Certificates:
    """An authority of our own, and a certificate for 127.0.0.1 that it signed."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory()
        folder = pathlib.Path(self._folder.name)
        self.authority, self.certificate, self.key = (
            str(folder / name) for name in ("authority.pem", "server.pem", "server.key"))
        openssl = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
        authority_key = str(folder / "authority.key")
        self._run([*openssl, "-subj", "/CN=Test authority", "-keyout", authority_key,
                   "-out", self.authority])
        self._run([*openssl, "-subj", "/CN=Test server", "-keyout", self.key, "-out",
                   self.certificate, "-CA", self.authority, "-CAkey", authority_key,
                   "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost",
                   "-addext", "basicConstraints=critical,CA:FALSE"])

    @staticmethod
    def _run(command):
        subprocess.run(command, check=True, capture_output=True)

    def context(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context

    def close(self):
        self._folder.cleanup()


class Mailbox:
    """An SMTP server; what it took stands in `mails`, as (envelope, session) pairs."""

    def __init__(self, certificates, security, users=None):
        self.mails = []
        self.replies = {}  # "RCPT" or "DATA": what to answer instead of 250
        self.users = users or {}
        self.logins = []
        context = certificates.context() if certificates else None
        implicit = context if security == "tls" else None
        options = {"auth_required": bool(users), "auth_require_tls": security == "starttls",
                   "authenticator": self._authenticate, "enable_SMTPUTF8": True,
                   "tls_context": context if security == "starttls" else None,
                   "require_starttls": security == "starttls"}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        started = asyncio.run_coroutine_threadsafe(
            self._start(lambda: SMTP(self, loop=self._loop, **options), implicit), self._loop)
        self._server = started.result(30)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _start(self, factory, context):
        return await self._loop.create_server(factory, "127.0.0.1", 0, ssl=context)

    def _authenticate(self, server, session, envelope, mechanism, data):
        login = (data.login.decode(), data.password.decode())
        self.logins.append(login)
        # Not `handled`: the server itself answers 535.
        return AuthResult(success=self.users.get(login[0]) == login[1], handled=False,
                          auth_data=login)

    async def handle_RCPT(self, server, session, envelope, address, options):
        if "RCPT" in self.replies:
            return self.replies["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if "DATA" in self.replies:
            return self.replies["DATA"]
        self.mails.append((envelope, session))
        return "250 OK"

    def letters(self):
        """What it took, read: (recipient, message) pairs."""
        return [(envelope.rcpt_tos[0], email.message_from_bytes(
            envelope.content, policy=email.policy.default)) for envelope, _ in list(self.mails)]

    def close(self):
        self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(30)
        self._loop.close()


class Sink(http.server.ThreadingHTTPServer):
    """Keeps every request; answers as `answer` says: (status, headers, body) or a function that
    gets the handler and does what it likes."""
    daemon_threads = True

    def __init__(self, certificates=None):
        super().__init__(("127.0.0.1", 0), SinkHandler)
        self.requests = []
        self.answer = (200, {}, b"ok")
        self.stopping = threading.Event()
        self.scheme = "http"
        if certificates:
            self.scheme = "https"
            self.socket = certificates.context().wrap_socket(self.socket, server_side=True)
        self.port = self.server_address[1]
        self._thread = threading.Thread(target=self.serve_forever, daemon=True)
        self._thread.start()

    def url(self, path="/hook", host="127.0.0.1"):
        return f"{self.scheme}://{host}:{self.port}{path}"

    def events(self, secret):
        """What came as a signed webhook, each signature verified, each id once."""
        found = {}
        for _, headers, body in list(self.requests):
            names = {name.lower(): value for name, value in headers.items()}
            payload = Webhook(secret).verify(body, names)
            found.setdefault(names["webhook-id"], payload)
        return list(found.values())

    def handle_error(self, request, client_address):
        pass  # clients that hang up are what some tests are about

    def close(self):
        self.stopping.set()
        self.shutdown()
        self.server_close()
        self._thread.join(30)


class SinkHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.requests.append((self.path, dict(self.headers.items()), body))
        if callable(self.server.answer):
            self.close_connection = True
            self.server.answer(self)
            return
        status, headers, answer = self.server.answer
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def do_GET(self):
        self.server.requests.append((self.path, dict(self.headers.items()), b""))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format, *arguments):  # noqa: A002
        pass
