"""What the browser remembers between pages: the case a citizen opened and the slip they were given.

It lies in the signed session cookie, for two hours, so that a reload and later forms work without the
code in any address. Nothing here grants more than reference and code do.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from flask import session

SECONDS = timedelta(hours=2).total_seconds()
_CASE, _SLIP, _SENT = "case", "slip", "sent"
_SENT_KEPT = 5


def remember_case(reference: str, code: str, now: datetime) -> None:
    """The browser may open this case from now on."""
    session[_CASE] = [reference, code, int(now.timestamp())]


def remembered_case(now: datetime) -> tuple[str, str] | None:
    """Reference and code of the open case."""
    return _fresh(_CASE, now)


def remember_slip(reference: str, code: str, now: datetime) -> None:
    """What the page after sending shows, also when it is reloaded."""
    session[_SLIP] = [reference, code, int(now.timestamp())]


def remembered_slip(now: datetime) -> tuple[str, str] | None:
    """Reference and code of the complaint that was just sent."""
    return _fresh(_SLIP, now)


def forget() -> None:
    """Leave nothing behind on a shared computer."""
    for key in (_CASE, _SLIP, _SENT):
        session.pop(key, None)


def sending_key(key: str, content: bytes) -> str:
    """The idempotency key to send under: the page's own, unless other content went out under it before.

    Sending the same form twice is one complaint; going back and writing something else is another.
    """
    digest = hashlib.sha256(content).hexdigest()[:16]
    sent: dict[str, str] = dict(session.get(_SENT, {}))
    if sent.get(key, digest) != digest:
        return f"{key}-{digest}"
    sent.pop(key, None)
    session[_SENT] = dict([*sent.items(), (key, digest)][-_SENT_KEPT:])
    return key


def _fresh(name: str, now: datetime) -> tuple[str, str] | None:
    match session.get(name):
        case [str(reference), str(code), int(since)] if now.timestamp() - since <= SECONDS:
            return reference, code
        case _:
            return None
