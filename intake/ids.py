"""Keys made by the application: time-ordered UUIDs (RFC 9562, version 7) as 32 hex digits."""

from __future__ import annotations

import base64
import os
import secrets
import time


def new_id() -> str:
    """A new key: 48 bits of Unix milliseconds, then 74 random bits; sorts by time of making."""
    moment = time.time_ns() // 1_000_000
    noise = int.from_bytes(os.urandom(10), "big")
    high = noise >> 68  # 12 bits
    low = noise & ((1 << 62) - 1)
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
