"""You are here: calendar → *the days China decrees* → working calendar.

The State Council decrees each November which days of the next year are off and which weekend days
are worked instead (调休). The ``holidays`` library has them once decreed; for later years it has
only the holidays of the law (全国年节及纪念日放假办法), without a single make-up day.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from intake.contracts import Text


@dataclass(frozen=True, slots=True)
class DecreedDays:
    """What departs from "Monday to Friday" in one year.

    ``off`` and ``work`` map a date to the occasion's name; weekend days need not be in ``off``.
    ``decreed`` is False while the make-up days of that year are not known.
    """

    off: Mapping[date, Text] = field(default_factory=dict)
    work: Mapping[date, Text] = field(default_factory=dict)
    decreed: bool = True


DaysOfYear = Callable[[int], DecreedDays]
"""Where a calendar gets a year's days from."""

MAKE_UP = Text("调休上班", "make-up working day")

_NAMES = {
    "元旦": Text("元旦", "New Year’s Day"),
    "农历除夕": Text("春节", "Spring Festival"),
    "春节": Text("春节", "Spring Festival"),
    "清明节": Text("清明节", "Qingming Festival"),
    "劳动节": Text("劳动节", "Labour Day"),
    "端午节": Text("端午节", "Dragon Boat Festival"),
    "中秋节": Text("中秋节", "Mid-Autumn Festival"),
    "国庆节": Text("国庆节", "National Day"),
}


def days_of_china(year: int) -> DecreedDays:
    """The days the library knows for ``year``, named after the holiday each belongs to."""
    # Imported only when a year is asked for that the office's own calendar does not have in full:
    # the import takes 0.3–0.9 s and 20–28 MB, which most processes never need.
    from holidays import country_holidays

    known = country_holidays("CN", years=year, expand=False, language="zh_CN")
    work = {day: MAKE_UP for day in known.weekend_workdays if day.year == year}
    off = {day: name for day, label in known.items() if day.year == year and (name := _name(label))}
    off |= {day: Text("", "") for day in known if day.year == year and day not in off}
    # December may already hold a day that the next year's decree moved there.
    decreed = any(day.month < 12 for day in work)
    return DecreedDays(off, work, decreed)


def _name(label: str) -> Text | None:
    """The holiday's own name; None for a day off that was moved there (休息日…)."""
    bare = label.partition("（")[0].partition(";")[0].strip()
    return None if bare == "休息日" else _NAMES.get(bare, Text(bare, bare))
