"""The person's end of a call: keys, words, sound and hanging up reach the call through here."""

from __future__ import annotations

import queue
import time
from dataclasses import dataclass, field

MOST_WAITING = 200

ANSWER, DECLINE, KEY, WORDS, SOUND, DESK, HANG_UP, MOVE = (
    "answer",
    "decline",
    "key",
    "words",
    "sound",
    "desk",
    "hang_up",
    "move",
)
KEYS = frozenset("0123456789*#")


class HungUp(Exception):
    """The call is over: somebody hung up."""


@dataclass(frozen=True, slots=True)
class Input:
    """One thing done at the telephone. ``frames`` for SOUND only."""

    kind: str
    value: str = ""
    frames: bytes = field(default=b"", repr=False)


class Line:
    """Thread-safe; bounded: who presses faster than the call can follow is not heard."""

    def __init__(self) -> None:
        self._inputs: queue.Queue[Input] = queue.Queue(MOST_WAITING)
        self._over = False

    def send(self, given: Input) -> bool:
        """Hand an input to the call; False when it is over or overwhelmed."""
        if self._over:
            return False
        if given.kind == HANG_UP:
            self._over = True
        try:
            self._inputs.put_nowait(given)
        except queue.Full:
            return given.kind == HANG_UP  # the call sees ``_over`` by itself
        return True

    @property
    def over(self) -> bool:
        """Whether the person has hung up."""
        return self._over

    def hear(self, seconds: float, *kinds: str) -> Input | None:
        """The next input of these kinds within ``seconds``; others are lost, as a key is outside a Gather.

        Raises :class:`HungUp` when the person hangs up meanwhile.
        """
        until = time.monotonic() + seconds
        while True:
            if self._over:
                raise HungUp
            left = until - time.monotonic()
            try:
                given = self._inputs.get(timeout=max(0.0, left)) if left > 0 else self._inputs.get_nowait()
            except queue.Empty:
                return None
            if given.kind == HANG_UP:
                raise HungUp
            if given.kind in kinds:
                return given

    def pause(self, seconds: float) -> None:
        """Let time pass. Raises :class:`HungUp`."""
        self.hear(seconds)
