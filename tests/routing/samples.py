"""The sample county's schedule, and moments written as a clerk would."""

from __future__ import annotations

from datetime import UTC, datetime, time
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from routing.calendar import WorkingCalendar
from routing.chasing import Ladder
from routing.office import Office, load_office
from routing.schedule_file import load_calendar, load_chasing

GAOYAO = Path(__file__).parents[2] / "config" / "gaoyao"
SHANGHAI = ZoneInfo("Asia/Shanghai")
HOURS = ((time(9), time(12)), (time(14, 30), time(17, 30)))


@cache
def office() -> Office:
    return load_office(GAOYAO)


@cache
def calendar() -> WorkingCalendar:
    return load_calendar(GAOYAO / "calendar.toml", office())


@cache
def ladder() -> Ladder:
    return load_chasing(GAOYAO / "chasing.toml", calendar())


def at(written: str) -> datetime:
    """ "2026-10-15 17:30", office time, as UTC."""
    return datetime.fromisoformat(written).replace(tzinfo=SHANGHAI).astimezone(UTC)


def shown(moment: datetime | None) -> str:
    """UTC as "Thu 2026-10-15 17:30", office time."""
    assert moment is not None
    return moment.astimezone(SHANGHAI).strftime("%a %Y-%m-%d %H:%M")
