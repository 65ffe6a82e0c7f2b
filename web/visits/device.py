"""Which browser is a kiosk: one that the desk handed over today. It tells tablets apart, never visitors."""

from __future__ import annotations

from datetime import timedelta
from secrets import token_hex

from flask import request
from itsdangerous import BadData, URLSafeSerializer
from werkzeug.wrappers import Response

from intake.kiosks import Kiosks
from web.services import Services

COOKIE = "huiyin_kiosk"
FOR = timedelta(hours=12)
"""A working day: a tablet that was lost, or taken along, is a kiosk no longer the next morning."""
_SHOWN = 4


def hand_over(response: Response, services: Services, staff_id: str) -> None:
    """Let the browser that gets ``response`` be a kiosk until the evening, or until somebody ends it.

    Raises :class:`intake.contracts.StorageUnavailable`.
    """
    now, name = services.clock(), token_hex(9).upper()
    Kiosks(services.store).hand_over(name, staff_id, now, FOR)
    response.set_cookie(
        COOKIE,
        str(_signer(services).dumps([name, int(now.timestamp())])),
        max_age=int(FOR.total_seconds()),
        path="/kiosk",
        httponly=True,
        samesite="Strict",
        secure=services.secure_cookies,
    )


def device(services: Services) -> str | None:
    """The name of the kiosk that asks; None for any other browser, and for one that was ended."""
    try:
        name, since = _signer(services).loads(request.cookies.get(COOKIE, "")[:500])
    except (BadData, ValueError, TypeError):
        return None
    now = services.clock()
    fresh = isinstance(since, int) and now.timestamp() - since <= FOR.total_seconds()
    return str(name) if fresh and Kiosks(services.store).is_open(str(name), now) else None


def short(name: str) -> str:
    """How a tablet is called on its screen and in the desk's list."""
    return name[:_SHOWN]


def _signer(services: Services) -> URLSafeSerializer:
    return URLSafeSerializer(services.secret_key, salt="kiosk")
