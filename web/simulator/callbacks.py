"""Calls the service's own webhooks as the providers would: over real HTTP, with real signatures.

You are here: emulated provider → **callbacks** → ``/webhooks/…`` of this service. Signatures are made over the
public URL, the bytes go to the local one. Nothing but this service is ever called.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit, urlunsplit

from twilio.request_validator import RequestValidator

PATIENCE = 15.0  # seconds, as Twilio waits for an answer
MOST_ANSWER = 1024 * 1024  # bytes


class Unreachable(Exception):
    """The webhook did not answer, or its address is none of this service's."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the webhook said. ``url`` is the public address that was called."""

    status: int
    media_type: str
    body: bytes
    url: str


class Callbacks:
    """Knows where the service is, seen from outside and from here."""

    def __init__(self, public_url: str, local_url: str, twilio_token: str) -> None:
        self._public, self._local = public_url.rstrip("/"), local_url.rstrip("/")
        self._validator = RequestValidator(twilio_token)

    def public(self, path: str) -> str:
        """The address of ``path`` as a provider knows it."""
        return self._public + path

    def resolve(self, base: str, target: str) -> str:
        """``target`` as written in an answer from ``base``; relative addresses are allowed."""
        return urljoin(base, target.strip()) if target.strip() else base

    def twilio(self, url: str, fields: Mapping[str, str], method: str = "POST") -> Answer:
        """Send ``fields`` with ``X-Twilio-Signature``. Raises :class:`Unreachable`."""
        if method.upper() == "GET":
            url += ("&" if "?" in url else "?") + urlencode(fields)
            headers = {"X-Twilio-Signature": self._validator.compute_signature(url, {})}
            return self._call("GET", url, b"", headers)
        headers = {
            "X-Twilio-Signature": self._validator.compute_signature(url, dict(fields)),
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
        }
        return self._call("POST", url, urlencode(fields).encode(), headers)

    def telegram(self, url: str, update: Mapping[str, Any], secret: str) -> Answer:
        """Send one update with the secret that was set beside the address. Raises :class:`Unreachable`."""
        headers = {"Content-Type": "application/json"}
        if secret:
            headers["X-Telegram-Bot-Api-Secret-Token"] = secret
        return self._call("POST", url, json.dumps(update).encode(), headers)

    def is_ours(self, url: str) -> bool:
        """Whether ``url`` leads to this service."""
        return self._path(url) is not None

    def _path(self, url: str) -> str | None:
        """Path and query of an address of this service; None when it is anybody else's."""
        try:
            asked = urlsplit(url)
            ours = [urlsplit(base) for base in (self._public, self._local)]
        except ValueError:
            return None
        here: Sequence[tuple[str, str]] = [(base.scheme, base.netloc) for base in ours]
        if (asked.scheme, asked.netloc) not in here:
            return None
        return urlunsplit(("", "", asked.path or "/", asked.query, ""))

    def _call(self, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        path = self._path(url)
        if path is None or not path.isascii() or any(c.isspace() for c in path):
            raise Unreachable(f"{url[:200]} is no address of this service")
        local = urlsplit(self._local)
        connection = HTTPConnection(local.hostname or "127.0.0.1", local.port or 80, timeout=PATIENCE)
        try:
            connection.request(method, path, body or None, {"User-Agent": "huiyin-simulator", **headers})
            answer = connection.getresponse()
            media_type = (answer.getheader("Content-Type") or "").partition(";")[0].strip().lower()
            return Answer(answer.status, media_type, answer.read(MOST_ANSWER), url)
        except (OSError, HTTPException) as error:
            raise Unreachable(f"{url[:200]} does not answer ({type(error).__name__})") from error
        finally:
            connection.close()
