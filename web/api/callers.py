"""Who calls, in which language, and how often: bearer tokens (RFC 6750), languages, a pace."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from flask import request

from intake.accounts import Accounts
from intake.contracts import Text
from intake.people import Actor
from web.api.errors import ApiError, bad_parameter

_CHALLENGE = 'Bearer realm="huiyin"'
_LONGEST_TOKEN = 200


def caller(accounts: Accounts) -> Actor:
    """Whoever holds the request's bearer token; 401 (RFC 6750 §3) when nobody does."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        sentence = Text(
            "请在 Authorization 头中提供令牌：Bearer <令牌>。",
            "Send a token in the header “Authorization: Bearer <token>”.",
        )
        raise ApiError(401, "token_needed", sentence, headers={"WWW-Authenticate": _CHALLENGE})
    token = token.strip()
    actor = accounts.bearer(token) if len(token) <= _LONGEST_TOKEN else None
    if actor is None:
        raise ApiError(
            401,
            "invalid_token",
            Text(
                "令牌无效或已作废，请向管理员索取新令牌。",
                "The token is not valid or was revoked; ask the administrator for a new one.",
            ),
            headers={"WWW-Authenticate": f'{_CHALLENGE}, error="invalid_token"'},
        )
    return actor


def language() -> str:
    """``zh`` or ``en``: what ``?lang=`` says, else the browser's wish, else Chinese."""
    asked = request.args.get("lang", "").lower()
    if asked[:2] in ("zh", "en"):
        return asked[:2]
    return request.accept_languages.best_match(["zh", "en"], default="zh") or "zh"


def check_language() -> None:
    """Refuse a ``lang`` that is neither Chinese nor English."""
    asked = request.args.get("lang", "")
    if asked and asked.lower()[:2] not in ("zh", "en"):
        raise bad_parameter("lang", "lang 只能是 zh 或 en。", "“lang” must be “zh” or “en”.")


def spoken(text: Text) -> str:
    """The text in the request's language."""
    return text.en if language() == "en" else text.zh


class Pace:
    """A token bucket per caller, so that one runaway script does not slow everybody down.

    ``rate`` requests per second in the long run, ``burst`` at once. In memory, per process.
    """

    def __init__(
        self, rate: float = 100.0, burst: float = 300.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, who: str) -> None:
        """Count one request of ``who``; raises 429 when it was one too many."""
        now = self._clock()
        with self._lock:
            left, at = self._buckets.pop(who, (self._burst, now))
            left = min(self._burst, left + (now - at) * self._rate)
            self._buckets[who] = (left - 1 if left >= 1 else left, now)
            if len(self._buckets) > 10_000:
                self._buckets.popitem(last=False)
        if left < 1:
            sentence = Text("请求过于频繁，请一秒后再试。", "Too many requests; try again in a second.")
            raise ApiError(429, "too_many_requests", sentence, headers={"Retry-After": "1"})
