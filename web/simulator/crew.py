"""Hands for what happens a little later: a status report, an update, a mail. Bounded in number and in waiting."""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable

log = logging.getLogger(__name__)

HANDS = 4
MOST_WAITING = 1000


class Crew:
    """A few daemon threads, started by the first job. What does not fit is refused, never queued without end."""

    def __init__(self, hands: int = HANDS, most: int = MOST_WAITING) -> None:
        self._hands, self._most = hands, most
        self._jobs: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._threads: list[threading.Thread] = []

    def soon(self, job: Callable[[], None], after: float = 0.0) -> bool:
        """Do ``job`` in ``after`` seconds; False when too much is waiting already."""
        with self._changed:
            if len(self._jobs) >= self._most:
                log.warning("simulator: too much is waiting; one job was left out")
                return False
            heapq.heappush(self._jobs, (time.monotonic() + after, next(self._order), job))
            if len(self._threads) < self._hands:
                thread = threading.Thread(target=self._work, name="simulator", daemon=True)
                self._threads.append(thread)
                thread.start()
            self._changed.notify()
        return True

    def _work(self) -> None:
        while True:
            job = self._next()
            try:
                job()
            except Exception:  # one job that fails must not stop the others
                log.exception("simulator: a job failed")

    def _next(self) -> Callable[[], None]:
        with self._changed:
            while True:
                if not self._jobs:
                    self._changed.wait()
                    continue
                wait = self._jobs[0][0] - time.monotonic()
                if wait <= 0:
                    return heapq.heappop(self._jobs)[2]
                self._changed.wait(wait)
