"""A clock that leaps erases nothing: what is erased does not come back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from intake.retention.steady import is_steady
from intake.store import Store
from tests.support.worked import County

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def ticking(store: Store, since: datetime, hours: int) -> bool:
    """The clock's job looks every hour; what it heard last."""
    return [is_steady(store, since + HOUR * n) for n in range(hours + 1)][-1]


def test_the_first_day_nothing_is_known_of_the_clock(county: County) -> None:
    assert not ticking(county.store, NOON, 23)
    assert ticking(county.store, NOON + DAY, 1)


@pytest.mark.parametrize(
    ("leap", "steady"),
    [
        (timedelta(minutes=-10), True),  # a time server corrects it
        (timedelta(hours=-2), False),
        (timedelta(days=2), True),  # off over a weekend
        (timedelta(days=4), False),
        (timedelta(days=365), False),
    ],
)
def test_a_leap_holds_up_erasing_for_a_day(county: County, leap: timedelta, steady: bool) -> None:
    assert ticking(county.store, NOON, 25)
    then = NOON + HOUR * 25 + leap
    assert is_steady(county.store, then) is steady
    assert is_steady(county.store, then + HOUR) is steady, "nor an hour later"
    assert ticking(county.store, then + HOUR * 2, 24)


def test_a_year_ahead_and_back_again_is_two_leaps(county: County) -> None:
    assert ticking(county.store, NOON, 25)
    assert not ticking(county.store, NOON + timedelta(days=400), 5)
    assert not ticking(county.store, NOON + HOUR * 30, 5)
    assert ticking(county.store, NOON + HOUR * 36, 24)
