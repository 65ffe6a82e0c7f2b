"""The clock that tests set."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from intake.clock import Clock
from tests.support.clock import MONDAY_MORNING, SetClock


def test_it_stands_until_it_is_moved(clock: SetClock) -> None:
    asked: Clock = clock
    assert asked() == asked() == MONDAY_MORNING
    assert clock.advance(timedelta(hours=1), days=2, minutes=3) == datetime(2026, 3, 4, 2, 3, tzinfo=UTC)
    assert asked() == datetime(2026, 3, 4, 2, 3, tzinfo=UTC)


def test_it_speaks_utc_whatever_it_was_set_to(clock: SetClock) -> None:
    clock.set(datetime(2026, 5, 1, 8, 30, tzinfo=timezone(timedelta(hours=8))))
    assert clock().isoformat() == "2026-05-01T00:30:00+00:00"


def test_a_time_without_a_zone_is_refused(clock: SetClock) -> None:
    with pytest.raises(ValueError, match="aware"):
        clock.set(datetime(2026, 5, 1, 8, 30))
