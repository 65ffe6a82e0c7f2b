"""One person's browser over a real socket: keeps cookies, follows redirects, fills in the forms of a page.

It reads pages as ``tests.web.browser`` does; a cookie marked Secure goes back all the same, as if TLS ended
in front of the service.
"""

from __future__ import annotations

import http.client
import re
from collections.abc import Mapping
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urljoin, urlsplit

from werkzeug.datastructures import MultiDict

from tests.web.browser import Page

_MOST_REDIRECTS = 5


def handed_out(page: str) -> tuple[str, str]:
    """The one reference and the code that the text of a slip shows."""
    [reference] = set(re.findall(r"\d\d-\d{6}-\d", page))
    return reference, re.findall(r"(?<![\d-])\d{6}(?![\d-])", page)[0]


class HttpBrowser:
    """Looks at ``127.0.0.1:port``. ``status``, ``path`` and ``content`` are those of the present page."""

    def __init__(self, port: int, language: str = "en") -> None:
        self._port = port
        self._language = language
        self._cookies: dict[str, str] = {}
        self.status, self.path, self.content = 0, "/", b""

    def get(self, path: str) -> str:
        """Open a page; returns what it says."""
        self._request("GET", path)
        return self.text

    def send(self, action: str, values: Mapping[str, str] | None = None) -> str:
        """Fill ``values`` into the form of the present page that posts to ``action``, and send it."""
        filled = self.form(action)
        for name, value in (values or {}).items():
            filled[name] = value
        self._request("POST", action, urlencode(list(filled.items(multi=True))))
        return self.text

    def sign_in(self, name: str, password: str) -> None:
        """As staff do."""
        self.get("/staff/login")
        self.send("/staff/login", {"username": name, "password": password})
        assert (self.status, "/staff/login" in self.path) == (200, False), self.text

    def track(self, reference: str, code: str) -> str:
        """What somebody reads who opens a case with reference and code, in a browser that knows nothing."""
        self._cookies.clear()
        self.get("/track")
        return self.send("/track", {"reference": reference, "code": code})

    def form(self, action: str) -> MultiDict[str, str]:
        """The fields of a form as the page filled them in; one without an address posts to its own page."""
        found = self._read().forms
        here = "" if action == urlsplit(self.path).path and action not in found else action
        assert here in found, f"{self.path} ({self.status}) offers no {action}:\n{self.text}"
        return MultiDict(found[here])

    @property
    def forms(self) -> set[str]:
        """Where the forms of the present page post to."""
        return set(self._read().forms)

    @property
    def html(self) -> str:
        """The present page."""
        return self.content.decode()

    @property
    def text(self) -> str:
        """What the present page says, spaces joined; "" for a file."""
        return " ".join(" ".join(self._read().words).split())

    def _read(self) -> Page:
        page = Page()
        if not self.content.startswith(b"%PDF"):
            page.feed(self.html)
        return page

    def _request(self, method: str, path: str, body: str | None = None) -> None:
        for _ in range(_MOST_REDIRECTS):
            answer = self._once(method, path, body)
            if answer is None:
                return
            method, path, body = "GET", answer, None
        raise AssertionError(f"redirected too often: {path}")

    def _once(self, method: str, path: str, body: str | None) -> str | None:
        """One exchange; where it leads on to."""
        headers = {"Accept-Language": self._language}
        if self._cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        caller = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        try:
            caller.request(method, path, body, headers)
            answer = caller.getresponse()
            self.status, self.path, self.content = answer.status, path, answer.read()
        finally:
            caller.close()
        for line in answer.headers.get_all("Set-Cookie") or ():
            self._cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        if answer.status not in (301, 302, 303, 307, 308):
            return None
        found = urlsplit(urljoin(path, str(answer.headers["Location"])))
        return found.path + (f"?{found.query}" if found.query else "")
