"""Numbers of identity cards that nobody has: their place 990000 was never given out."""

from __future__ import annotations


def check_digit(seventeen: str) -> str:
    """ISO 7064 MOD 11-2 as GB 11643 writes it out: weights 2^(18-i) mod 11, and a table."""
    total = sum(int(digit) * (2 ** (17 - place) % 11) for place, digit in enumerate(seventeen))
    return "10X98765432"[total % 11]


def card(seventeen: str = "99000019900307123") -> str:
    """A whole number."""
    return seventeen + check_digit(seventeen)
