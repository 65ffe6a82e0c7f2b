"""A very small browser: one host, cookies, forms. It fills in the pages that citizens fill in."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.client import HTTPConnection, HTTPException
from http.cookies import SimpleCookie
from urllib.parse import urlsplit

_TIMEOUT = 30.0
_LONGEST = 4 * 1024 * 1024
_MOST_REDIRECTS = 5

File = tuple[str, str, bytes]
"""File name, media type, content."""


class PageRefused(Exception):
    """A page did not answer as a citizen's browser needs it."""


@dataclass(slots=True)
class Form:
    """A form on a page: where it posts to and what it carries already."""

    action: str
    values: dict[str, str] = field(default_factory=dict)


class Page(HTMLParser):
    """One answer: its forms and the texts of its definition lists (``<dd>``)."""

    def __init__(self, address: str, status: int, text: str) -> None:
        super().__init__()
        self.address = address
        self.status = status
        self.forms: list[Form] = []
        self.facts: list[str] = []
        self._inside: Form | None = None
        self._fact = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note forms, their inputs and where a fact begins."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = Form(given.get("action", ""))
            self.forms.append(self._inside)
        elif tag == "input" and self._inside is not None and given.get("type") == "hidden":
            self._inside.values[given.get("name", "")] = given.get("value", "")
        elif tag == "dd":
            self._fact = True
            self.facts.append("")

    def handle_endtag(self, tag: str) -> None:
        """Note where a form or a fact ends."""
        if tag == "form":
            self._inside = None
        elif tag == "dd":
            self._fact = False

    def handle_data(self, data: str) -> None:
        """Collect a fact's text."""
        if self._fact:
            self.facts[-1] += data.strip()

    def form(self, action: str) -> Form:
        """The form that posts to ``action``. Raises :class:`PageRefused` when the page has none."""
        for form in self.forms:
            if urlsplit(form.action).path == action:
                return form
        raise PageRefused(f"{self.address} (HTTP {self.status}) shows no form for {action}")


class Browser:
    """One person's browser. Not shared between threads."""

    def __init__(self, host: str, port: int, language: str) -> None:
        self._host, self._port = host, port
        self._language = "en" if language == "en" else "zh-CN"
        self._cookies: dict[str, str] = {}

    def get(self, address: str) -> Page:
        """Open a page, following redirects."""
        return self._open("GET", address, b"", {})

    def submit(self, form: Form, values: Mapping[str, str], files: Sequence[File] = ()) -> Page:
        """Post ``form`` with ``values`` beside what it carries (RFC 7578), and follow where it leads."""
        boundary = uuid.uuid4().hex
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in (form.values | dict(values)).items()
        ]
        for name, kind, content in files:
            head = f'Content-Disposition: form-data; name="files"; filename="{name}"\r\nContent-Type: {kind}'
            parts.append(f"--{boundary}\r\n{head}\r\n\r\n".encode() + content + b"\r\n")
        body = b"".join(parts) + f"--{boundary}--\r\n".encode()
        return self._open(
            "POST", form.action, body, {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        )

    def _open(self, method: str, address: str, body: bytes, headers: dict[str, str]) -> Page:
        for _ in range(_MOST_REDIRECTS):
            status, target, text = self._ask(method, address, body, headers)
            if status not in (301, 302, 303):
                if status in (429, 503):
                    raise PageRefused(f"{address} is too busy (HTTP {status})")
                return Page(address, status, text)
            split = urlsplit(target)
            address = split.path + (f"?{split.query}" if split.query else "")
            method, body, headers = "GET", b"", {}
        raise PageRefused(f"{address} leads in a circle")

    def _ask(self, method: str, address: str, body: bytes, headers: dict[str, str]) -> tuple[int, str, str]:
        sent = headers | {"Accept-Language": self._language, "Connection": "close"}
        if self._cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        connection = HTTPConnection(self._host, self._port, timeout=_TIMEOUT)
        try:
            connection.request(method, address, body or None, sent)
            answer = connection.getresponse()
            text = answer.read(_LONGEST).decode("utf-8", "replace")
        except (OSError, HTTPException) as error:
            raise PageRefused(f"{address} does not answer: {error}") from error
        finally:
            connection.close()
        for line in answer.headers.get_all("Set-Cookie") or ():
            self._cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        return answer.status, answer.headers.get("Location", ""), text
