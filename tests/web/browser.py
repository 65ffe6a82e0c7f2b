"""A small browser over Flask's test client: keeps cookies, reads forms off pages and fills them in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from io import BytesIO
from typing import Any

from flask import Flask
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

PEER = "203.0.113.7"

File = tuple[str, bytes]
Values = Mapping[str, str | list[File]]


class Page(HTMLParser):
    """Collects forms (address → fields as a browser would post them) and the page's text."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, MultiDict[str, str]] = {}
        self.ids: list[str] = []
        self.words: list[str] = []
        self._form: MultiDict[str, str] | None = None
        self._area = self._select = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        a = {name: value or "" for name, value in attributes}
        if "id" in a:
            self.ids.append(a["id"])
        if tag == "form":
            self._form = self.forms.setdefault(a.get("action", ""), MultiDict())
        elif self._form is None:
            return
        elif tag == "input" and a.get("type") not in ("file", "submit"):
            if a.get("type") not in ("radio", "checkbox") or "checked" in a:
                self._form.add(a["name"], a.get("value", ""))
        elif tag == "textarea":
            self._area = a["name"]
            self._form[self._area] = ""
        elif tag == "select":
            self._select = a["name"]
            self._form[self._select] = ""
        elif tag == "option" and "selected" in a:
            self._form[self._select] = a.get("value", "")

    def handle_data(self, text: str) -> None:
        if self._area and self._form is not None:
            self._form[self._area] += text.removeprefix("\n") if not self._form[self._area] else text
        self.words.append(text)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""
        elif tag == "form":
            self._form = None


class Browser:
    """One person's browser. ``language`` is what it asks for."""

    def __init__(self, app: Flask, language: str = "en", peer: str = PEER) -> None:
        self.client = app.test_client()
        self._headers = {"Accept-Language": language}
        self._peer = {"REMOTE_ADDR": peer}
        self.answer: TestResponse = self.get("/")

    def get(self, path: str, **options: Any) -> TestResponse:
        """Open a page, following redirects."""
        self.answer = self.client.get(
            path, headers=self._headers, environ_base=self._peer, follow_redirects=True, **options
        )
        return self.answer

    def send(self, action: str, values: Values | None = None, *, follow: bool = True) -> TestResponse:
        """Fill ``values`` into the form of the present page that posts to ``action``, and send it."""
        filled = MultiDict(self.form(action))
        for name, value in (values or {}).items():
            if isinstance(value, str):
                filled[name] = value
        return self.post(action, list(_flat(filled, values or {})), follow=follow)

    def post(self, path: str, pairs: list[tuple[str, Any]], *, follow: bool = True) -> TestResponse:
        """Post ``pairs`` as they are."""
        self.answer = self.client.post(
            path,
            data=MultiDict(pairs),
            headers=self._headers,
            environ_base=self._peer,
            content_type="multipart/form-data",
            follow_redirects=follow,
        )
        return self.answer

    def form(self, action: str) -> MultiDict[str, str]:
        """The fields of the form of the present page that posts to ``action``."""
        return self._read().forms[action]

    @property
    def forms(self) -> set[str]:
        """Where the forms of the present page post to."""
        return set(self._read().forms)

    @property
    def text(self) -> str:
        """What the present page says, spaces joined."""
        return " ".join(" ".join(self._read().words).split())

    @property
    def ids(self) -> list[str]:
        """Every id of the present page, in order."""
        return self._read().ids

    def _read(self) -> Page:
        page = Page()
        page.feed(self.answer.text)
        return page


def _flat(filled: MultiDict[str, str], values: Values) -> Iterator[tuple[str, Any]]:
    yield from filled.items(multi=True)
    for name, files in values.items():
        if not isinstance(files, str):
            for filename, content in files:
                yield name, (BytesIO(content), filename)
