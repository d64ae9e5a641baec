"""A browser as plain as can be, for many requests in a row: it keeps the cookie, says where a form
comes from, and sends the fields of the form that a page shows. What needs a real one is in the
suite `pages`."""
import html.parser
import http.client
import json
import urllib.parse

PASSWORD = "correct horse battery"


class _Fields(html.parser.HTMLParser):
    """The values that a form would send as it stands."""

    def __init__(self):
        super().__init__()
        self.action, self.values = "", {}

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if tag == "form" and not self.action:
            self.action = found.get("action", "")
        if tag != "input" or "name" not in found:
            return
        if found.get("type") == "radio" and "checked" not in found:
            return
        self.values[found["name"]] = found.get("value", "")


class FormBrowser:
    def __init__(self, base_url, secret):
        """Signed in with a one-time secret."""
        self.base_url, self.cookie = base_url, ""
        answer, body = self._send("POST", "/api/v1/sign-in", "application/json",
                                  json.dumps({"secret": secret, "new_password": PASSWORD}))
        assert answer.status == 200, body
        self.cookie = answer.getheader("Set-Cookie").split(";")[0]

    def open(self, url):
        """The page's text."""
        answer, body = self._send("GET", urllib.parse.urlsplit(url)._replace(
            scheme="", netloc="").geturl())
        assert answer.status == 200, body
        return body

    def press(self, page, **filled):
        """Sends the page's form with these fields filled in: (status, text)."""
        fields = _Fields()
        fields.feed(page)
        answer, body = self._send("POST", fields.action, "application/x-www-form-urlencoded",
                                  urllib.parse.urlencode({**fields.values, **filled}))
        return answer.status, body

    def _send(self, method, path, content_type="", body=None):
        headers = {"Sec-Fetch-Site": "same-origin" if method == "POST" else "none"}
        if content_type:
            headers["Content-Type"] = content_type
        if self.cookie:
            headers["Cookie"] = self.cookie
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(self.base_url).netloc,
                                                timeout=60)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer, text
