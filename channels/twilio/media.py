"""Brings pictures and recordings here from Twilio. You are here: remote file → **fetcher** → attachment.

Twilio answers with a redirect to where the file lies, signed for a short time. Our credentials go with the
first call only, and only to Twilio's API or the server that was set in its place.
"""

from __future__ import annotations

import base64
import re
import time
from urllib.parse import SplitResult

from channels.reading import clean
from channels.twilio.account import TwilioAccount
from channels.twilio.client import API, API_HOST
from channels.twilio.safe_http import (
    Got,
    Limits,
    Resolve,
    checked_addresses,
    get,
    leads_to,
    origin,
    resolve,
    split,
)
from intake.contracts import FetchFailed, ReadAttachment, RemoteFile
from intake.files.kinds import kind_of, named

MOST_REDIRECTS = 5
_DOTS = re.compile(r"(?:^|/)(?:\.|%2e){1,2}(?:/|$)", re.IGNORECASE)
_FINAL = frozenset({400, 405, 406, 410, 451})


class TwilioFetcher:
    """Implements :class:`intake.contracts.Fetcher` for the media of messages and for recordings."""

    def __init__(
        self, account: TwilioAccount, limits: Limits | None = None, resolve: Resolve = resolve
    ) -> None:
        self._account = account
        self._limits = limits or Limits()
        self._resolve = resolve
        self._own = origin(split(account.base_url)) if account.base_url else None

    def fetch(self, file: RemoteFile) -> ReadAttachment:
        """The file, its kind told by its content; raises :class:`FetchFailed`."""
        content = self.content(file.source)
        if not content:
            raise FetchFailed("the file is empty", permanent=True)
        kind = kind_of(content)
        if not kind:
            raise FetchFailed(
                "this kind of file is not kept: only pictures, sound, film and papers", permanent=True
            )
        return ReadAttachment(named(clean.filename(file.filename, "file"), kind), kind, content)

    def content(self, source: str) -> bytes:
        """What lies at ``source``, an address of the account's own API."""
        until = time.monotonic() + self._limits.seconds
        url = split(self._first(source))
        headers = {"Authorization": self._credentials()}
        for _ in range(MOST_REDIRECTS + 1):
            self._acceptable(url)
            addresses = checked_addresses(url, self._own, self._resolve)
            got = get(addresses, url, headers, self._limits, until)
            if not got.location:
                return _judged(got)
            url, headers = leads_to(url, got.location), {}
        raise FetchFailed("the file's address leads on and on", permanent=True)

    def _first(self, source: str) -> str:
        """Where the first call goes: Twilio's API, or the server in its place; nowhere else."""
        url = split(source)
        account = self._account
        at_twilio = origin(url) == ("https", API_HOST, 443) and url.username is None
        if at_twilio and account.base_url:
            source = account.base_url + source[len(API) :] if source.startswith(API + "/") else ""
            at_twilio = False
        own = bool(account.base_url) and source.startswith(account.base_url + "/")
        if not (at_twilio or own) or _DOTS.search(split(source).path):
            raise FetchFailed("the file does not lie with Twilio, and is not fetched", permanent=True)
        return source

    def _acceptable(self, url: SplitResult) -> None:
        if url.username is not None or not url.hostname:
            raise FetchFailed("the file's address is not one", permanent=True)
        if url.scheme != "https" and origin(url) != self._own:
            raise FetchFailed("the file would travel unprotected", permanent=True)

    def _credentials(self) -> str:
        pair = f"{self._account.sid}:{self._account.token}"
        return "Basic " + base64.b64encode(pair.encode()).decode()


def _judged(got: Got) -> bytes:
    if got.status == 200:
        return got.content
    # 404 too may pass: the notice sometimes is here before the file
    raise FetchFailed(f"the file's server answered {got.status}", permanent=got.status in _FINAL)
