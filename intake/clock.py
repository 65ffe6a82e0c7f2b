"""What time it is: UTC, aware, to the microsecond; passed as an argument so that tests can set it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""A function that returns the present moment as an aware UTC datetime."""


def system_clock() -> datetime:
    """The machine's wall clock."""
    return datetime.now(UTC)


def shifted_clock(offset: timedelta) -> Clock:
    """The wall clock moved by ``offset``: for rehearsals of deadlines, never for real service."""
    return lambda: datetime.now(UTC) + offset
