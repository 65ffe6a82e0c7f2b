"""Who has a letter in front of them."""

from __future__ import annotations

from typing import Any

from intake.people import Actor


def is_mine(row: Any, who: Actor) -> bool:
    """Whether ``who`` took this letter and nobody after them."""
    return row.taken_by is not None and row.taken_by == who.id and bool(row.taken_mark)
