"""Looks for secrets in bytes: as they are, in the encodings that a log, a database or an API could give
them, and cut short. A canary is a text made for one run, so that wherever it is found it has leaked.

    canaries = Canaries()
    canaries.add("prompt", canaries.text())
    canaries.find({"the log": data})  # [Finding]

16 bytes of a canary in one piece count as found. What a compression or a hash makes of one is not seen.
"""

from __future__ import annotations

import base64
import dataclasses
import json
import pathlib
import secrets
import urllib.parse

LEAST_BYTES = 16


@dataclasses.dataclass(frozen=True)
class Finding:
    canary: str
    form: str
    place: str
    at: int
    found: bytes

    def __str__(self) -> str:
        return f"{self.canary} ({self.form}) stands in {self.place} at {self.at}: {self.found!r}"


@dataclasses.dataclass(frozen=True)
class Form:
    """One way in which a canary can be written; `least` bytes of it are 16 of the canary."""

    name: str
    data: bytes
    least: int

    def blocks(self) -> list[int]:
        """Where to begin: any `least` bytes of the data hold one of these blocks whole."""
        size = self.block_bytes
        return list(range(0, len(self.data) - size + 1, size))

    @property
    def block_bytes(self) -> int:
        return self.least // 2

    def around(self, start: int, haystack: bytes, at: int) -> tuple[int, int]:
        """The block at `start` was found at `at`: from where to where the two agree."""
        left = right = 0
        while left < min(start, at) and self.data[start - left - 1] == haystack[at - left - 1]:
            left += 1
        most = min(len(self.data) - start, len(haystack) - at)
        while right < most and self.data[start + right] == haystack[at + right]:
            right += 1
        return at - left, at + right


def _base64(data: bytes, shift: int, urlsafe: bool) -> bytes:
    """What of base64 depends on the canary alone, where `shift` bytes stand before it."""
    encode = base64.urlsafe_b64encode if urlsafe else base64.b64encode
    whole = len(data) - (len(data) + shift) % 3
    return encode(b"\0" * shift + data[:whole])[(0, 2, 3)[shift] :]


def forms_of(text: str) -> list[Form]:
    raw = text.encode()
    escaped = json.dumps(text, ensure_ascii=False)[1:-1].encode()
    ascii = json.dumps(text)[1:-1]
    found = [
        Form("as it is", raw, LEAST_BYTES),
        Form("JSON-escaped", escaped, LEAST_BYTES),
        Form("JSON-escaped to ASCII", ascii.encode(), LEAST_BYTES),
        Form("JSON-escaped twice", json.dumps(ascii)[1:-1].encode(), LEAST_BYTES),
        Form("URL-encoded", urllib.parse.quote(text, safe="").encode(), LEAST_BYTES),
        Form("form-encoded", urllib.parse.quote_plus(text).encode(), LEAST_BYTES),
        Form("URL-encoded throughout", "".join(f"%{b:02X}" for b in raw).encode(), 3 * LEAST_BYTES),
        Form("hex", raw.hex().encode(), 2 * LEAST_BYTES),
        Form("upper-case hex", raw.hex().upper().encode(), 2 * LEAST_BYTES),
        Form("UTF-16", text.encode("utf-16-le"), 2 * LEAST_BYTES),
    ]
    for shift in range(3):
        for urlsafe in (False, True):
            found.append(Form("base64", _base64(raw, shift, urlsafe), 20))
    different = {form.data: form for form in reversed(found)}
    return [form for form in found if different[form.data] is form]


class Canaries:
    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self._forms: dict[str, list[Form]] = {}

    @staticmethod
    def word(prefix: str = "") -> str:
        return prefix + secrets.token_hex(20)

    @staticmethod
    def text() -> str:
        """With all that some encoding writes in another way."""
        one, two, three = (secrets.token_hex(10) for _ in range(3))
        return f'{one} "{two}"\n\\/+&<é {three}'

    def add(self, name: str, text: str) -> str:
        assert len(text.encode()) >= 2 * LEAST_BYTES and name not in self.texts
        self.texts[name] = text
        self._forms[name] = forms_of(text)
        return text

    def find(self, places: dict[str, bytes], names: set[str] | None = None) -> list[Finding]:
        """The first finding of each canary in each place and form; `names` looks for some alone."""
        found = []
        for name, forms in self._forms.items():
            if names is not None and name not in names:
                continue
            for place, data in places.items():
                for form in forms:
                    at = self._find_form(form, data)
                    if at:
                        found.append(Finding(name, form.name, place, at[0], data[at[0] : at[1]]))
        return found

    @staticmethod
    def _find_form(form: Form, data: bytes) -> tuple[int, int] | None:
        for start in form.blocks():
            block = form.data[start : start + form.block_bytes]
            at = data.find(block)
            while at >= 0:
                begin, end = form.around(start, data, at)
                if end - begin >= form.least:
                    return begin, end
                at = data.find(block, at + 1)
        return None


def files_under(folder: pathlib.Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def files_open_in(pid: int) -> dict[str, bytes]:
    """Regular files that a process has open; those without a name any more, too."""
    found = {}
    for entry in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        if entry.is_file():
            found[f"open file {entry.readlink()}"] = entry.read_bytes()
    return found
