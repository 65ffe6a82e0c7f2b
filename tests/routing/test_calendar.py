"""Working days and hours: tables around the holidays of 2026, and laws that hold for any calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.contracts import Text
from routing.calendar import WorkingCalendar
from routing.china import DecreedDays, days_of_china
from tests.routing.samples import GAOYAO, HOURS, SHANGHAI, at, calendar, shown

# ---------------------------------------------------------------- 2026, as decreed


@pytest.mark.parametrize(
    ("received", "count", "due"),
    [
        # an ordinary week: the day of receipt does not count, whatever the hour
        ("2026-03-09 09:00", 1, "Tue 2026-03-10 17:30"),  # Mon
        ("2026-03-09 23:59", 1, "Tue 2026-03-10 17:30"),  # Mon, after hours: still Monday
        ("2026-03-10 00:01", 1, "Wed 2026-03-11 17:30"),  # Tue, before hours
        ("2026-03-13 16:00", 1, "Mon 2026-03-16 17:30"),  # Fri
        ("2026-03-14 10:00", 1, "Mon 2026-03-16 17:30"),  # Sat
        # New Year: Thu 1 – Sat 3 January off, Sun 4 worked
        ("2025-12-31 10:00", 1, "Sun 2026-01-04 17:30"),  # Wed
        # Spring Festival: Sat 14 February worked, Sun 15 – Mon 23 off, Sat 28 worked
        ("2026-02-13 10:00", 1, "Sat 2026-02-14 17:30"),  # Fri
        ("2026-02-13 10:00", 2, "Tue 2026-02-24 17:30"),  # Fri
        ("2026-02-20 10:00", 5, "Sat 2026-02-28 17:30"),  # Fri, in the holiday
        ("2026-02-27 10:00", 2, "Mon 2026-03-02 17:30"),  # Fri
        # Qingming: Sat 4 – Mon 6 April off
        ("2026-04-03 10:00", 1, "Tue 2026-04-07 17:30"),  # Fri
        # Labour Day: Fri 1 – Tue 5 May off, Sat 9 worked
        ("2026-04-30 10:00", 1, "Wed 2026-05-06 17:30"),  # Thu
        ("2026-05-08 10:00", 1, "Sat 2026-05-09 17:30"),  # Fri
        # Dragon Boat: Fri 19 – Sun 21 June off
        ("2026-06-18 10:00", 1, "Mon 2026-06-22 17:30"),  # Thu
        # Mid-Autumn: Fri 25 – Sun 27 September off. National Day: Thu 1 – Wed 7 October off,
        # Sun 20 September and Sat 10 October worked
        ("2026-09-18 10:00", 1, "Sun 2026-09-20 17:30"),  # Fri
        ("2026-09-24 10:00", 1, "Mon 2026-09-28 17:30"),  # Thu
        ("2026-09-30 10:00", 1, "Thu 2026-10-08 17:30"),  # Wed
        ("2026-09-30 10:00", 3, "Sat 2026-10-10 17:30"),  # Wed
        ("2026-09-28 10:00", 15, "Fri 2026-10-23 17:30"),  # Mon
    ],
)
def test_working_days_of_2026(received: str, count: int, due: str) -> None:
    assert shown(calendar().add_working_days(at(received), count)) == due


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [  # 09:00–12:00 and 14:30–17:30
        ("2026-03-09 09:00", 2, "Mon 2026-03-09 11:00"),
        ("2026-03-09 11:00", 1, "Mon 2026-03-09 12:00"),
        ("2026-03-09 11:00", 2, "Mon 2026-03-09 15:30"),
        ("2026-03-09 13:00", 1, "Mon 2026-03-09 15:30"),  # at lunch
        ("2026-03-09 06:00", 1, "Mon 2026-03-09 10:00"),  # before opening
        ("2026-03-09 09:00", 6, "Mon 2026-03-09 17:30"),  # a whole day: the evening, not next morning
        ("2026-03-09 17:00", 2, "Tue 2026-03-10 10:30"),
        ("2026-03-13 20:00", 2, "Mon 2026-03-16 11:00"),  # Fri, after closing
        ("2026-03-14 10:00", 6, "Mon 2026-03-16 17:30"),  # Sat
        ("2026-09-30 17:00", 2, "Thu 2026-10-08 10:30"),  # Wed before National Day
    ],
)
def test_working_hours(start: str, hours: int, end: str) -> None:
    assert shown(calendar().add_working_hours(at(start), hours)) == end


@pytest.mark.parametrize(
    ("end", "count", "morning"),
    [
        ("2026-10-15 17:30", 2, "Tue 2026-10-13 09:00"),  # Thu
        ("2026-10-12 17:30", 1, "Sat 2026-10-10 09:00"),  # Mon: the Saturday before is worked
        ("2026-10-09 17:30", 2, "Wed 2026-09-30 09:00"),  # Fri: over National Day
        ("2026-01-05 17:30", 2, "Wed 2025-12-31 09:00"),  # Mon: over New Year
    ],
)
def test_working_days_before(end: str, count: int, morning: str) -> None:
    assert shown(calendar().subtract_working_days(at(end), count)) == morning


def test_calendar_days_end_on_a_working_day() -> None:
    assert shown(calendar().add_calendar_days(at("2026-09-28 10:00"), 3)) == "Thu 2026-10-08 17:30"
    assert shown(calendar().add_calendar_days(at("2026-03-09 10:00"), 3)) == "Thu 2026-03-12 17:30"


def test_the_countys_file_agrees_with_the_library_for_2026() -> None:
    library = WorkingCalendar(SHANGHAI, HOURS)
    days = [date(2026, 1, 1) + timedelta(days=offset) for offset in range(365)]
    differing = [day for day in days if calendar().is_working_day(day) != library.is_working_day(day)]
    assert differing == []
    assert sum(map(calendar().is_working_day, days)) == 248  # 365 − 104 weekend days − 19 weekdays off + 6


def test_the_library_still_marks_decreed_years_as_we_expect() -> None:
    assert days_of_china(2025).decreed
    assert days_of_china(2026).decreed
    assert not days_of_china(2090).decreed
    assert days_of_china(2026).off[date(2026, 10, 1)] == Text("国庆节", "National Day")


@pytest.mark.parametrize(
    ("start", "end", "zh", "en"),
    [
        ("2026-03-09 10:00", "2026-03-11 17:30", "", ""),
        ("2026-03-13 10:00", "2026-03-16 17:30", "周末不计", "weekends not counted"),
        (
            "2026-09-30 10:00",
            "2026-10-08 17:30",
            "跳过10月1日–7日国庆节",
            "skipped 1–7 October (National Day)",
        ),
        (
            "2026-09-30 10:00",
            "2026-10-01 17:30",
            "跳过10月1日–7日国庆节",
            "skipped 1–7 October (National Day)",
        ),
        ("2026-10-07 10:00", "2026-10-08 17:30", "", ""),
        (
            "2026-09-24 10:00",
            "2026-10-12 17:30",
            "跳过9月25日–27日中秋节、10月1日–7日国庆节；计入10月10日国庆节调休上班",
            "skipped 25–27 September (Mid-Autumn Festival) and 1–7 October (National Day); "
            "counted 10 October (worked for National Day)",
        ),
    ],
)
def test_the_reason_names_the_days(start: str, end: str, zh: str, en: str) -> None:
    assert calendar().explain(at(start), at(end)) == Text(zh, en)


def test_a_year_without_decree_is_said_so() -> None:
    undecreed = WorkingCalendar(SHANGHAI, HOURS, lambda year: DecreedDays(decreed=year < 2090))
    start, end = at("2089-12-20 10:00"), at("2090-01-10 17:30")
    assert undecreed.undecreed_years(start, end) == (2090,)
    assert "2090年调休安排尚未公布" in undecreed.explain(start, end).zh
    assert "make-up days of 2090 are not decreed yet" in undecreed.explain(start, end).en
    assert undecreed.undecreed_years(start, at("2089-12-30 17:30")) == ()


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        calendar().add_working_days(datetime(2026, 3, 9, 10), 1)


@pytest.mark.parametrize("hours", [(), ((time(12), time(9)),), ((time(9), time(12)), (time(11), time(15)))])
def test_office_hours_must_make_sense(hours: tuple[tuple[time, time], ...]) -> None:
    with pytest.raises(ValueError, match="office hours"):
        WorkingCalendar(SHANGHAI, hours)


def test_summer_time_keeps_the_clock_on_the_wall() -> None:
    """Sun 29 March 2026 has 23 hours in Berlin; the office opens at nine all the same."""
    berlin = ZoneInfo("Europe/Berlin")
    office = WorkingCalendar(berlin, ((time(9), time(17)),), lambda year: DecreedDays())
    friday = datetime(2026, 3, 27, 15, tzinfo=berlin)
    assert office.add_working_hours(friday, 4) == datetime(2026, 3, 30, 11, tzinfo=berlin).astimezone(UTC)
    assert office.add_working_days(friday, 1) == datetime(2026, 3, 30, 15, 0, tzinfo=UTC)


def test_there_is_a_file_for_the_sample_county() -> None:
    assert (GAOYAO / "calendar.toml").is_file()


# ---------------------------------------------------------------- any calendar

DAYS = st.dates(date(2025, 12, 1), date(2028, 2, 1))
MOMENTS = st.datetimes(datetime(2025, 12, 1), datetime(2028, 2, 1), timezones=st.just(UTC))
NAME = Text("停工", "closure")


@st.composite
def calendars(draw: st.DrawFn) -> WorkingCalendar:
    """Any mix of days off and weekend days worked, and any office hours."""
    off = draw(st.sets(DAYS, max_size=60))
    work = draw(st.sets(DAYS, max_size=30)) - off
    minutes = sorted(draw(st.sets(st.integers(0, 1439), min_size=2, max_size=6)))
    clocks = [time(minute // 60, minute % 60) for minute in minutes]
    spans = list(zip(clocks[::2], clocks[1::2], strict=False))

    def days(year: int) -> DecreedDays:
        return DecreedDays(
            off={day: NAME for day in off if day.year == year},
            work={day: NAME for day in work if day.year == year},
        )

    return WorkingCalendar(SHANGHAI, spans, days)


def naive_after(office: WorkingCalendar, day: date, count: int, step: int = 1) -> date:
    while count:
        day += timedelta(days=step)
        count -= office.is_working_day(day)
    return day


def office_time(office: WorkingCalendar, start: datetime, end: datetime) -> timedelta:
    """Office time between two moments, day by day and span by span."""
    total = timedelta()
    day = office.day(start)
    while day <= office.day(end):
        for opens, closes in office.hours:
            span_start = datetime.combine(day, opens, office.zone).astimezone(UTC)
            span_end = datetime.combine(day, closes, office.zone).astimezone(UTC)
            if office.is_working_day(day):
                total += max(min(end, span_end) - max(start, span_start), timedelta())
        day += timedelta(days=1)
    return total


@given(calendars(), MOMENTS, st.integers(1, 300))
def test_days_are_those_counted_one_by_one(office: WorkingCalendar, start: datetime, count: int) -> None:
    day = office.day(start)
    due = office.add_working_days(start, count)
    assert office.day(due) == naive_after(office, day, count)
    assert office.is_working_day(office.day(due))
    assert due > start
    assert office.working_days_between(start, due) == count
    assert office.working_day_before(day, count) == naive_after(office, day, count, -1)


@given(calendars(), MOMENTS, st.integers(1, 300))
def test_subtracting_undoes_adding(office: WorkingCalendar, start: datetime, count: int) -> None:
    working = office.working_day_after(office.day(start), 0)
    assert office.working_day_before(office.working_day_after(working, count), count) == working
    assert office.working_day_before(working, 0) == working
    opening = office.subtract_working_days(office.add_working_days(start, count), count)
    assert opening <= office.opening(working) or office.working_days_between(opening, start) == 0


@given(calendars(), MOMENTS, MOMENTS, st.integers(1, 100), st.integers(0, 50))
def test_later_never_means_sooner(
    office: WorkingCalendar, one: datetime, other: datetime, count: int, more: int
) -> None:
    early, late = sorted((one, other))
    assert office.add_working_days(early, count) <= office.add_working_days(late, count + more)
    assert office.add_calendar_days(early, count) <= office.add_calendar_days(late, count + more)
    assert office.add_working_hours(early, count) <= office.add_working_hours(late, count + more)


@given(calendars(), MOMENTS, MOMENTS)
def test_office_time_is_that_of_all_spans_between(
    office: WorkingCalendar, one: datetime, other: datetime
) -> None:
    early, late = sorted((one, other))
    assert office.office_time(early, late) == office_time(office, early, late)
    assert office.office_time(late, early) == timedelta()


@given(calendars(), MOMENTS, st.integers(1, 1200))
def test_hours_are_office_time_and_nothing_else(
    office: WorkingCalendar, moment: datetime, quarters: int
) -> None:
    hours = quarters / 240  # a quarter of a minute up to five hours
    wanted = timedelta(hours=hours)
    end = office.add_working_hours(moment, hours)
    assert office_time(office, moment, end) == wanted
    assert office.is_working_day(office.day(end))
    start = office.subtract_working_hours(moment, hours)
    assert office_time(office, start, moment) == wanted
    assert office.is_working_day(office.day(start))
