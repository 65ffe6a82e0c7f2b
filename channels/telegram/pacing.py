"""Telegram's limits, kept before it has to say so: about 30 messages a second, and one a second to a chat.

Source: core.telegram.org/bots/faq, “My bot is hitting limits”; short bursts in one chat are allowed.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

PER_SECOND = 28.0
CHAT_PER_SECOND = 1.0
CHAT_BURST = 3.0
_MOST_CHATS = 10_000


class Pace:
    """Two token buckets, one for all and one for each chat. Thread-safe; ``now`` is a monotonic clock."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._all = (PER_SECOND, now())
        self._chats: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_for_chat(self, chat: str) -> float:
        """Seconds until this chat may hear one more message; 0 takes the place."""
        with self._lock:
            self._chats[chat], wait = _draw(
                self._chats.pop(chat, (CHAT_BURST, self._now())), CHAT_BURST, CHAT_PER_SECOND, self._now()
            )
            while len(self._chats) > _MOST_CHATS:
                self._chats.popitem(last=False)
            return wait

    def wait_for_all(self) -> float:
        """Seconds until any message may leave; 0 takes the place."""
        with self._lock:
            self._all, wait = _draw(self._all, PER_SECOND, PER_SECOND, self._now())
            return wait

    def hold(self, chat: str, seconds: float) -> None:
        """Telegram asked for a rest: this chat's next message waits so long."""
        with self._lock:
            self._chats[chat] = (1.0 - seconds * CHAT_PER_SECOND, self._now())
            self._chats.move_to_end(chat)


def _draw(
    bucket: tuple[float, float], size: float, rate: float, now: float
) -> tuple[tuple[float, float], float]:
    """``bucket`` (tokens, when) after taking one, and the wait until there is one (then none is taken)."""
    tokens, since = bucket
    tokens = min(size, tokens + (now - since) * rate)
    if tokens < 1.0 - 1e-9:
        return (tokens, now), (1.0 - tokens) / rate
    return (tokens - 1.0, now), 0.0
