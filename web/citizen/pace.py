"""How often one peer may do something, kept in memory: a soft brake on floods, never a lock on people."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable

_MAX_PEERS = 10_000


class Pace:
    """At most ``times`` within ``seconds`` for each peer. Thread-safe, bounded in memory."""

    def __init__(self, times: int, seconds: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._times = times
        self._seconds = seconds
        self._monotonic = monotonic
        self._seen: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def allows(self, who: str | None) -> bool:
        """Count one more for ``who``; False when that is too often. None is never too often."""
        if who is None:
            return True
        now = self._monotonic()
        with self._lock:
            times = self._seen.setdefault(who, deque())
            self._seen.move_to_end(who)
            while times and times[0] <= now - self._seconds:
                times.popleft()
            while len(self._seen) > _MAX_PEERS:
                self._seen.popitem(last=False)
            if len(times) >= self._times:
                return False
            times.append(now)
            return True
