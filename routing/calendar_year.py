"""You are here: working calendar → *one year of it*, as a table that answers in constant time."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from intake.contracts import Text
from routing.china import DecreedDays

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Run:
    """Days in a row with one name, as people write them: 10月1日–7日国庆节."""

    first: date
    last: date
    zh: str
    en: str


class YearTable:
    """The working days of one year.

    Some 2 KB: for each day how many working days were before it, and the list of working days.
    """

    def __init__(self, year: int, days: DecreedDays) -> None:
        self.decreed = days.decreed
        self._start = date(year, 1, 1).toordinal()
        length = date(year, 12, 31).toordinal() - self._start + 1
        self._before = array("H", [0])
        self._working = array("H")
        for offset in range(length):
            day = date.fromordinal(self._start + offset)
            if day in days.work or (day.weekday() < 5 and day not in days.off):
                self._working.append(offset)
            self._before.append(len(self._working))
        self.total = len(self._working)
        self.off = tuple(self._named_runs(days))
        self.worked = tuple(_run(day, day, [days.work[day]]) for day in sorted(days.work))

    def is_working(self, day: date) -> bool:
        """Whether ``day``, of this year, is worked."""
        offset = day.toordinal() - self._start
        return self._before[offset + 1] > self._before[offset]

    def worked_before(self, day: date) -> int:
        """Working days of the year before ``day``."""
        return self._before[day.toordinal() - self._start]

    def worked_until(self, day: date) -> int:
        """Working days of the year up to ``day``, itself counted if it is one."""
        return self._before[day.toordinal() - self._start + 1]

    def nth(self, number: int) -> date:
        """The year's ``number``-th working day, from 1."""
        return date.fromordinal(self._start + self._working[number - 1])

    def _named_runs(self, days: DecreedDays) -> Iterable[Run]:
        """Stretches off around each named day, the weekends beside it included."""
        pending = sorted(day for day, name in days.off.items() if name.zh and day not in days.work)
        while pending:
            first = last = pending[0]
            while self._is_off(first - _DAY):
                first -= _DAY
            while self._is_off(last + _DAY):
                last += _DAY
            inside = [day for day in pending if day <= last]
            pending = pending[len(inside) :]
            yield _run(first, last, [days.off[day] for day in inside])

    def _is_off(self, day: date) -> bool:
        offset = day.toordinal() - self._start
        return 0 <= offset < len(self._before) - 1 and not self.is_working(day)


def _run(first: date, last: date, names: Iterable[Text]) -> Run:
    zh, en = f"{first.month}月{first.day}日", f"{first.day} {MONTHS[first.month - 1]}"
    if last.month != first.month:
        zh, en = f"{zh}–{last.month}月{last.day}日", f"{en} – {last.day} {MONTHS[last.month - 1]}"
    elif last != first:
        zh, en = f"{zh}–{last.day}日", f"{first.day}–{last.day} {MONTHS[first.month - 1]}"
    unique = list(dict.fromkeys(names))
    zh += "、".join(name.zh for name in unique)
    en += f" ({' and '.join(name.en for name in unique)})"
    return Run(first, last, zh, en)
