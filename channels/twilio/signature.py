"""Whether a call really comes from Twilio: the header X-Twilio-Signature.

You are here: call → **signature** → fields. Twilio signs the address it calls followed by the sorted form
fields (HMAC-SHA1 with the account's token, base64). The address is ours by configuration, with its port
and without: Twilio is not consistent about it, and the official validator allows both.

What does not match is refused, or with ``mode="log"`` only written down; in both cases the log says what
would have matched, once a minute at most. See https://www.twilio.com/docs/usage/security
"""

from __future__ import annotations

import base64
import hmac
import logging
import threading
import time
from collections.abc import Callable
from urllib.parse import SplitResult, urlsplit

from channels.twilio.account import TwilioAccount
from channels.twilio.diagnosis import explain
from channels.twilio.webhook import Call, Fields

log = logging.getLogger(__name__)

QUIET_FOR = 60.0  # seconds between two lines of the log
_PORTS = {"http": 80, "https": 443}


class Signatures:
    """Checks calls against one account. Thread-safe.

    ``mode`` "check" refuses what does not match, "log" lets it through and warns: for finding out behind a
    new proxy what Twilio signs. Never leave it on: anybody can then write in anybody's name.
    """

    def __init__(
        self, account: TwilioAccount, mode: str = "check", monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        if mode not in ("check", "log"):
            raise ValueError(f"signatures are checked (“check”) or only logged (“log”), not {mode!r}")
        self._account = account
        self._key = account.token.encode()
        self._bases = bases(account.public_url)
        self._lenient = mode == "log"
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._silent_until = float("-inf")
        self._uncounted = 0

    def admit(self, call: Call, fields: Fields) -> bool:
        """Whether to go on with ``call``: it is signed, or signatures are only logged."""
        if self.signed(call.target, fields, call.signature):
            return True
        self._warn(call, fields)
        return self._lenient

    def signed(self, target: str, fields: Fields, signature: str) -> bool:
        """Whether ``signature`` is Twilio's over our address, ``target`` (path and query) and ``fields``."""
        claimed = signature.encode("utf-8", "replace")
        tail = target.encode("utf-8", "replace") + joined(fields)
        matches = False
        for base in self._bases:  # all of them, so that the time taken tells nothing
            matches |= hmac.compare_digest(_sign(self._key, base + tail), claimed)
        return matches

    def sign(self, target: str, fields: Fields) -> str:
        """The signature that Twilio would send: for what plays Twilio's part."""
        return _sign(self._key, self._bases[0] + target.encode() + joined(fields)).decode()

    def _warn(self, call: Call, fields: Fields) -> None:
        now = self._monotonic()
        with self._lock:
            self._uncounted += 1
            if now < self._silent_until:
                return
            self._silent_until = now + QUIET_FOR
            count, self._uncounted = self._uncounted, 0
        log.warning(
            "twilio: %d call(s) %s since the last such line: %s",
            count,
            "ACCEPTED WITHOUT A VALID SIGNATURE (HUIYIN_TWILIO_SIGNATURES=log)"
            if self._lenient
            else "refused",
            explain(self._account, call, fields, self._probe),
        )

    def _probe(self, address: str, fields: Fields, signature: str) -> bool:
        made = _sign(self._key, address.encode("utf-8", "replace") + joined(fields))
        return hmac.compare_digest(made, signature.encode("utf-8", "replace"))


def joined(fields: Fields) -> bytes:
    """Names and values as they are signed: sorted by name then value, each pair once."""
    return "".join([name + value for name, value in sorted(set(fields))]).encode("utf-8", "replace")


def bases(public_url: str) -> tuple[bytes, ...]:
    """``public_url`` without a port and with one: both are signed over by Twilio, now and then."""
    parts = urlsplit(public_url)
    host = with_brackets(parts)
    path = parts.path.rstrip("/")
    port = parts.port or _PORTS.get(parts.scheme, 80)
    return (
        f"{parts.scheme}://{host}{path}".encode(),
        f"{parts.scheme}://{host}:{port}{path}".encode(),
    )


def with_brackets(parts: SplitResult) -> str:
    """The host as it stands in an address, without its port and without what signs in."""
    host = parts.netloc.rpartition("@")[2]
    return host[: host.index("]") + 1] if host.startswith("[") else host.partition(":")[0]


def _sign(key: bytes, text: bytes) -> bytes:
    return base64.b64encode(hmac.digest(key, text, "sha1"))
