"""Keys made by the application: time-ordered UUIDs (RFC 9562, version 7) as 32 hex digits."""

from __future__ import annotations

import base64
import os
import secrets
import threading
import time

_NOISE_BITS = 74
_turn = threading.Lock()
_last = (0, 0)  # milliseconds and noise of the key made last


def new_id() -> str:
    """A new key: 48 bits of Unix milliseconds, then 74 random bits; sorts by time of making.

    Keys that one process makes within a millisecond sort in the order they were made too (RFC 9562,
    6.2, method 2): each goes on from the one before by a random step of 60 bits, so that knowing one
    does not help to guess another.
    """
    global _last
    noise = int.from_bytes(os.urandom(10), "big")
    with _turn:
        moment = time.time_ns() // 1_000_000
        if moment > _last[0]:
            noise >>= 80 - _NOISE_BITS
        else:  # the same millisecond, or a clock that was set back
            moment, noise = _last[0], _last[1] + 1 + (noise >> 20)
            if noise >> _NOISE_BITS:
                moment, noise = moment + 1, noise & ((1 << 60) - 1)
        _last = (moment, noise)
    high, low = noise >> 62, noise & ((1 << 62) - 1)
    value = (moment << 80) | (0x7 << 76) | (high << 64) | (0b10 << 62) | low
    return f"{value:032x}"


def is_id(text: str) -> bool:
    """Whether ``text`` has the form of a key made here."""
    return len(text) == 32 and all(c in "0123456789abcdef" for c in text)


def new_token() -> str:
    """An unguessable lower-case word (120 bits) for reply addresses and rating links."""
    return base64.b32encode(os.urandom(15)).decode("ascii").lower()  # survives servers that fold case


def new_code() -> str:
    """The 6-digit code that is given to the complainant together with the reference."""
    return f"{secrets.randbelow(1_000_000):06d}"
