"""You are here: matter → deadline → *working calendar* → the moment something is due.

The rules are those of the Civil Code (民法典) art. 201–203, which offices follow for their own
time limits:

* counted in days, the day of receipt does not count, at whatever hour the message came;
* the last day ends when the office closes, and a last day that is off moves to the next working day;
* counted in hours, the count starts at the moment itself, or when the office next opens.

All moments go in aware and come out as aware UTC; days and hours are those of the office's zone.
Nothing here walks day by day: each year is one small table, made when first needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from intake.contracts import Text
from routing.calendar_year import Run, YearTable
from routing.china import DaysOfYear, days_of_china

Span = tuple[time, time]
"""From and until, on one day: ``(time(9), time(12))``."""

_NOTHING = timedelta()


class WorkingCalendar:
    """Working days and office hours of one office.

    ``hours`` are one or more spans in order, not overlapping, the same on every working day.
    """

    def __init__(
        self, zone: ZoneInfo, hours: Sequence[Span], days_of_year: DaysOfYear = days_of_china
    ) -> None:
        self.zone = zone
        self.hours = tuple(hours)
        self._days_of_year = days_of_year
        self._years: dict[int, YearTable] = {}
        self._spans = [(_since_midnight(start), _since_midnight(end)) for start, end in hours]
        edges = [edge for span in self._spans for edge in span]
        if not edges or edges != sorted(set(edges)):
            raise ValueError("office hours must be spans in order that do not overlap")
        self._length = sum((end - start for start, end in self._spans), _NOTHING)
        self._opens, self._closes = hours[0][0], hours[-1][1]
        # Thousands of cases share the same few days; all of them are at most about 2 MB.
        self._explained = lru_cache(4096)(self._explain)
        self._instant = lru_cache(2048)(self._to_instant)

    # ---- days

    def is_working_day(self, day: date) -> bool:
        """Whether the office works on ``day``."""
        return self._year(day.year).is_working(day)

    def working_day_after(self, day: date, count: int) -> date:
        """The ``count``-th working day after ``day``, which itself does not count.

        With 0 the first working day from ``day`` on.
        """
        table = self._year(day.year)
        wanted = table.worked_until(day) + count if count else table.worked_before(day) + 1
        year = day.year
        while wanted > table.total:
            wanted -= table.total
            year += 1
            table = self._year(year)
        return table.nth(wanted)

    def working_day_before(self, day: date, count: int) -> date:
        """The ``count``-th working day before ``day``; with 0 the last one up to ``day``."""
        table = self._year(day.year)
        wanted = table.worked_before(day) + 1 - count if count else table.worked_until(day)
        year = day.year
        while wanted < 1:
            year -= 1
            table = self._year(year)
            wanted += table.total
        return table.nth(wanted)

    def working_days_between(self, start: datetime, end: datetime) -> int:
        """How many working days count from ``start`` to ``end``: the first day not, the last one yes."""
        first, last = self.day(start), self.day(end)
        return self._count(first, last) if last > first else 0

    def _count(self, first: date, last: date) -> int:
        counted = -self._year(first.year).worked_until(first)
        for year in range(first.year, last.year):
            counted += self._year(year).total
        return counted + self._year(last.year).worked_until(last)

    def day(self, moment: datetime) -> date:
        """The office's date at ``moment``."""
        return self._local(moment).date()

    def next_morning(self, moment: datetime) -> datetime:
        """When the office opens next in a morning: today's, where that is still to come."""
        today = self.day(moment)
        before = moment < self.opening(today)
        return self.opening(self.working_day_after(today, 0 if before else 1))

    def opening(self, day: date) -> datetime:
        """When the office opens on ``day`` (working day or not)."""
        return self._instant(day, self._opens)

    def closing(self, day: date) -> datetime:
        """When the office closes on ``day`` (working day or not)."""
        return self._instant(day, self._closes)

    # ---- moments

    def add_working_days(self, start: datetime, count: int) -> datetime:
        """The close of the ``count``-th working day after the day of ``start`` (art. 201, 203)."""
        return self.closing(self.working_day_after(self.day(start), count))

    def subtract_working_days(self, end: datetime, count: int) -> datetime:
        """The opening of the ``count``-th working day before the day of ``end``.

        So a reminder "three working days before" is there when people come in that morning.
        """
        return self.opening(self.working_day_before(self.day(end), count))

    def add_calendar_days(self, start: datetime, count: int) -> datetime:
        """``count`` days on, weekends counted, then the close of that or the next working day."""
        last = self.day(start) + timedelta(days=count)
        return self.closing(self.working_day_after(last, 0))

    def add_working_hours(self, start: datetime, hours: float) -> datetime:
        """The moment when ``hours`` of office time have passed since ``start`` (art. 201)."""
        return self.add_office_time(start, timedelta(hours=hours))

    def subtract_working_hours(self, end: datetime, hours: float) -> datetime:
        """The moment from which ``hours`` of office time pass until ``end``."""
        return self.subtract_office_time(end, timedelta(hours=hours))

    def add_office_time(self, start: datetime, length: timedelta) -> datetime:
        """The moment when that much office time has passed; ``start`` itself when none has to."""
        if length <= _NOTHING:
            return start.astimezone(UTC)
        day, worked = self._clocked(start)
        days, into = divmod(length + (worked or _NOTHING), self._length)
        if not into:  # exactly a day's work: the evening, not the next morning
            days, into = days - 1, self._length
        if worked is None:
            days += 1
        return self._at(self.working_day_after(day, days), into)

    def subtract_office_time(self, end: datetime, length: timedelta) -> datetime:
        """The moment from which that much office time passes until ``end``."""
        if length <= _NOTHING:
            return end.astimezone(UTC)
        day, worked = self._clocked(end)
        days, back = divmod(length + (_NOTHING if worked is None else self._length - worked), self._length)
        if not back:  # exactly a day's work: that morning, not the evening before
            days, back = days - 1, self._length
        if worked is None:
            days += 1
        return self._at(self.working_day_before(day, days), self._length - back, leave=True)

    def office_time(self, start: datetime, end: datetime) -> timedelta:
        """How much office time passes from ``start`` to ``end``; nothing when ``end`` is earlier."""
        if end <= start:
            return _NOTHING
        (first, before), (last, until) = self._clocked(start), self._clocked(end)
        days = self._count(first, last)  # of which the last is not over, if it is one
        if until is not None:
            until -= self._length
        if before is not None:
            before -= self._length
        return days * self._length + (until or _NOTHING) - (before or _NOTHING)

    # ---- saying why

    def undecreed_years(self, start: datetime, end: datetime) -> tuple[int, ...]:
        """The years from ``start`` to ``end`` whose make-up days are not decreed yet."""
        return self._undecreed(self.day(start), self.day(end))

    def explain(self, start: datetime, end: datetime) -> Text:
        """Which days between the two did not count and why; empty when every day counted."""
        return self._explained(self.day(start), self.day(end))

    def _explain(self, first: date, last: date) -> Text:
        zh, en = [], []
        off, worked = self._runs(first, last)
        if off:
            zh.append("跳过" + "、".join(run.zh for run in off))
            en.append("skipped " + " and ".join(run.en for run in off))
        elif (last - first).days > self._count(first, last):
            zh.append("周末不计")
            en.append("weekends not counted")
        if worked:
            zh.append("计入" + "、".join(run.zh for run in worked))
            en.append("counted " + " and ".join(run.en for run in worked))
        for year in self._undecreed(first, last):
            zh.append(f"{year}年调休安排尚未公布，日期可能变动")
            en.append(f"make-up days of {year} are not decreed yet, so this may move")
        return Text("；".join(zh), "; ".join(en))

    def _runs(self, first: date, last: date) -> tuple[list[Run], list[Run]]:
        """Named days off, and make-up working days, after ``first`` up to ``last``."""
        off: list[Run] = []
        worked: list[Run] = []
        for year in range(first.year, last.year + 1):
            table = self._year(year)
            off += [run for run in table.off if run.first <= last and run.last > first]
            worked += [run for run in table.worked if first < run.first <= last]
        return off, worked

    def _undecreed(self, first: date, last: date) -> tuple[int, ...]:
        years = range(first.year, last.year + 1)
        return tuple(year for year in years if not self._year(year).decreed)

    # ---- within

    def _year(self, year: int) -> YearTable:
        table = self._years.get(year)
        if table is None:
            table = self._years[year] = YearTable(year, self._days_of_year(year))
        return table

    def _local(self, moment: datetime) -> datetime:
        if moment.tzinfo is None:
            raise ValueError("the moment has no time zone")
        return moment.astimezone(self.zone)

    def _clocked(self, moment: datetime) -> tuple[date, timedelta | None]:
        """The office's date, and how much of its office time has passed; None on a day off."""
        local = self._local(moment)
        day = local.date()
        if not self.is_working_day(day):
            return day, None
        clock = _since_midnight(local.time())
        return day, sum((min(clock, end) - start for start, end in self._spans if clock > start), _NOTHING)

    def _at(self, day: date, into: timedelta, *, leave: bool = False) -> datetime:
        """The moment on ``day`` when ``into`` of its office time has passed.

        At a break two moments fit: the break's start, or with ``leave`` its end.
        """
        for start, end in self._spans:
            clock = start + into
            if clock < end or (clock == end and not leave):
                break
            into -= end - start
        return self._to_instant(day, (datetime.min + clock).time())

    def _to_instant(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, self.zone).astimezone(UTC)


def _since_midnight(clock: time) -> timedelta:
    return timedelta(
        hours=clock.hour, minutes=clock.minute, seconds=clock.second, microseconds=clock.microsecond
    )
