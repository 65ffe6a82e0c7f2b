"""You are here: chasing.toml → *"15wd", "2wh", "-3wd"* → deadlines and ladder.

Units: ``wh`` working hours, ``wd`` working days, ``d`` calendar days.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from intake.contracts import Text
from routing.calendar import WorkingCalendar

_WRITTEN = re.compile(r"([+-]?)([0-9]{1,3})(wh|wd|d)")
_UNITS = {
    "wh": (Text("个工作小时", "working hour")),
    "wd": (Text("个工作日", "working day")),
    "d": (Text("天", "day")),
}


@dataclass(frozen=True, slots=True)
class Duration:
    """A number of working hours, working days or calendar days; negative means before."""

    amount: int
    unit: str

    @classmethod
    def parse(cls, written: str) -> Duration:
        """Read "15wd", "+1wd", "-3d" or "0"; raise ValueError for anything else."""
        if written == "0":
            return cls(0, "wd")
        match = _WRITTEN.fullmatch(written)
        if match is None:
            raise ValueError(f"not a duration: {written!r}")
        sign, digits, unit = match.groups()
        return cls(-int(digits) if sign == "-" else int(digits), unit)

    def deadline(self, calendar: WorkingCalendar, start: datetime) -> datetime:
        """When a time limit of this length ends that starts at ``start``: days end at closing time."""
        if self.unit == "wh":
            return calendar.add_working_hours(start, self.amount)
        if self.unit == "wd":
            return calendar.add_working_days(start, self.amount)
        return calendar.add_calendar_days(start, self.amount)

    def moment(self, calendar: WorkingCalendar, origin: datetime) -> datetime:
        """When to act this long before or after ``origin``: days begin at opening time.

        Word of a missed deadline should lie on the desk in the morning, not arrive as people leave.
        """
        if not self.amount:
            return origin
        if self.unit == "wh":
            if self.amount > 0:
                return calendar.add_working_hours(origin, self.amount)
            return calendar.subtract_working_hours(origin, -self.amount)
        day = calendar.day(origin)
        if self.unit == "d":
            return calendar.opening(day + timedelta(days=self.amount))
        if self.amount > 0:
            return calendar.opening(calendar.working_day_after(day, self.amount))
        return calendar.opening(calendar.working_day_before(day, -self.amount))

    def times(self, count: int) -> Duration:
        """``count`` of these in a row."""
        return Duration(self.amount * count, self.unit)

    def nominal_hours(self) -> int:
        """A rough length, to see whether a ladder is written in order."""
        return self.amount * {"wh": 1, "wd": 24, "d": 24}[self.unit]

    def text(self) -> Text:
        """ "15个工作日", "15 working days"."""
        unit = _UNITS[self.unit]
        return Text(f"{self.amount}{unit.zh}", f"{self.amount} {unit.en}{'' if self.amount == 1 else 's'}")
