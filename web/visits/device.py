"""Which browser is a kiosk: one that the desk handed over today. It tells tablets apart, never visitors."""

from __future__ import annotations

from datetime import timedelta
from secrets import token_urlsafe

from flask import request
from itsdangerous import BadData, URLSafeSerializer
from werkzeug.wrappers import Response

from web.services import Services

COOKIE = "huiyin_kiosk"
FOR = timedelta(hours=12)
"""A working day: a tablet that was lost, or taken along, is a kiosk no longer the next morning."""


def hand_over(response: Response, services: Services) -> None:
    """Let the browser that gets ``response`` be a kiosk until the evening."""
    since = int(services.clock().timestamp())
    response.set_cookie(
        COOKIE,
        str(_signer(services).dumps([token_urlsafe(9), since])),
        max_age=int(FOR.total_seconds()),
        path="/kiosk",
        httponly=True,
        samesite="Strict",
        secure=services.secure_cookies,
    )


def device(services: Services) -> str | None:
    """The name of the kiosk that asks; None for any other browser."""
    try:
        name, since = _signer(services).loads(request.cookies.get(COOKIE, "")[:500])
    except (BadData, ValueError, TypeError):
        return None
    fresh = isinstance(since, int) and services.clock().timestamp() - since <= FOR.total_seconds()
    return str(name) if fresh else None


def _signer(services: Services) -> URLSafeSerializer:
    return URLSafeSerializer(services.secret_key, salt="kiosk")
