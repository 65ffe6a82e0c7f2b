"""The bot's updates: kept until they are confirmed, fetched by long polling or carried to the webhook."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from typing import Any

from web.simulator.callbacks import Callbacks, Unreachable
from web.simulator.crew import Crew

log = logging.getLogger(__name__)

MOST_WAITING = 1000
LONGEST_POLL = 2.0  # seconds; Telegram allows 50, but each poll holds a thread, and Ctrl-C waits for it
MOST_TRIES = 5


class Conflict(Exception):
    """Another poller took over, or a webhook is set; says which."""


class Updates:
    """Thread-safe. Update ids grow with the clock, so that an offset kept elsewhere outlives a restart."""

    def __init__(self, callbacks: Callbacks, crew: Crew) -> None:
        self._callbacks, self._crew = callbacks, crew
        self._changed = threading.Condition()
        self._waiting: list[dict[str, Any]] = []
        self._last = 0
        self._poller = 0
        self.webhook, self.secret, self.failure = "", "", ""

    def add(self, kind: str, content: Mapping[str, Any]) -> None:
        """A new update; the oldest is lost when nobody fetches any."""
        with self._changed:
            self._last = max(self._last + 1, int(time.time()))
            update = {"update_id": self._last, kind: dict(content)}
            self._waiting = [*self._waiting, update][-MOST_WAITING:]
            self._changed.notify_all()
        if self.webhook:
            self._carry(update, 1)

    @property
    def pending(self) -> int:
        """How many are not confirmed yet."""
        with self._changed:
            return len(self._waiting)

    def fetch(self, offset: int, limit: int, seconds: float, kinds: list[str] | None) -> list[dict[str, Any]]:
        """Updates from ``offset`` on, which confirms those before it; waits when there is none.

        A negative ``offset`` counts from the end. Raises :class:`Conflict`.
        """
        if self.webhook:
            raise Conflict("can't use getUpdates method while webhook is active; use deleteWebhook")
        until = time.monotonic() + min(max(seconds, 0.0), LONGEST_POLL)
        with self._changed:
            self._poller += 1
            me = self._poller
            self._changed.notify_all()
            while True:
                found = self._from(offset, kinds)[: min(max(limit, 1), 100)]
                left = until - time.monotonic()
                if found or left <= 0:
                    return found
                self._changed.wait(left)
                if self._poller != me:
                    raise Conflict("terminated by other getUpdates request")

    def _from(self, offset: int, kinds: list[str] | None) -> list[dict[str, Any]]:
        if offset < 0:
            self._waiting = self._waiting[offset:]
        elif offset > 0:
            self._waiting = [update for update in self._waiting if update["update_id"] >= offset]
        return [update for update in self._waiting if not kinds or set(update) & set(kinds)]

    def set_webhook(self, url: str, secret: str, *, drop: bool) -> None:
        """From now on updates are carried to ``url``; "" to let them be fetched again."""
        with self._changed:
            self.webhook, self.secret, self.failure = url, secret, ""
            waiting = [] if drop else list(self._waiting)
            self._waiting = waiting
        for update in waiting if url else ():
            self._carry(update, 1)

    def _carry(self, update: dict[str, Any], attempt: int) -> None:
        def call() -> None:
            if not self.webhook:
                return
            try:
                answer = self._callbacks.telegram(self.webhook, update, self.secret)
                failure = "" if answer.status < 300 else f"Wrong response from the webhook: {answer.status}"
            except Unreachable as error:
                failure = str(error)
            if not failure:
                with self._changed:
                    self._waiting = [u for u in self._waiting if u["update_id"] != update["update_id"]]
                return
            self.failure = failure
            log.warning("simulator: %s", failure)
            if attempt < MOST_TRIES:
                self._carry(update, attempt + 1)

        self._crew.soon(call, 0.0 if attempt == 1 else 2.0**attempt)
