"""A clock that stands still until a test moves it; it fits wherever ``intake.clock.Clock`` is asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

MONDAY_MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""Monday 2 March 2026, 09:00 in Gaoyao: a working day far from any holiday."""


class SetClock:
    """Says the time it was set to, as an aware UTC datetime."""

    def __init__(self, now: datetime = MONDAY_MORNING) -> None:
        self._now = now
        self.set(now)

    def __call__(self) -> datetime:
        return self._now

    def set(self, now: datetime) -> None:
        """Move to ``now``, forwards or back; raise ValueError when it has no time zone."""
        if now.tzinfo is None:
            raise ValueError(f"a clock is set to an aware time, not to {now.isoformat()}")
        self._now = now.astimezone(UTC)

    def advance(
        self,
        by: timedelta = timedelta(),
        *,
        days: float = 0,
        hours: float = 0,
        minutes: float = 0,
        seconds: float = 0,
    ) -> datetime:
        """Move on by the sum of the arguments; return the new time."""
        self._now += by + timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        return self._now
