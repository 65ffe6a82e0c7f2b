"""When the telephone is answered and when it may ring, as a clerk could check it."""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest

from routing.calendar import WorkingCalendar
from routing.telephone_hours import TelephoneHours

ZONE = ZoneInfo("Asia/Shanghai")
HOURS = TelephoneHours(
    WorkingCalendar(ZONE, ((time(9), time(12)), (time(14, 30), time(17, 30)))), time(9, 30), time(19)
)


def at(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-03-02 08:59", False),  # Monday
        ("2026-03-02 09:00", True),
        ("2026-03-02 11:59", True),
        ("2026-03-02 12:00", False),
        ("2026-03-02 15:00", True),
        ("2026-03-02 17:30", False),
        ("2026-03-01 10:00", False),  # Sunday
    ],
)
def test_office_hours(moment: str, is_open: bool) -> None:
    assert HOURS.open_at(at(moment)) is is_open


@pytest.mark.parametrize(
    ("moment", "call"),
    [
        ("2026-03-02 09:00", "2026-03-02 09:30"),  # Monday, before the first decent moment
        ("2026-03-02 09:30", "2026-03-02 09:30"),
        ("2026-03-02 13:00", "2026-03-02 13:00"),  # people have lunch, but pick up
        ("2026-03-02 18:59", "2026-03-02 18:59"),
        ("2026-03-02 19:00", "2026-03-03 09:30"),
        ("2026-03-06 23:00", "2026-03-09 09:30"),  # Friday night → Monday
        ("2026-03-08 10:00", "2026-03-09 09:30"),  # Sunday
    ],
)
def test_decent_hours(moment: str, call: str) -> None:
    assert HOURS.next_call(at(moment)) == at(call)


def test_the_next_working_morning() -> None:
    assert HOURS.next_morning(at("2026-03-02 00:30")) == at("2026-03-02 09:00")  # Monday, after midnight
    assert HOURS.next_morning(at("2026-03-02 09:00")) == at("2026-03-03 09:00")
    assert HOURS.next_morning(at("2026-03-01 08:00")) == at("2026-03-02 09:00")  # Sunday
    assert HOURS.next_morning(at("2026-03-06 20:00")) == at("2026-03-09 09:00")
