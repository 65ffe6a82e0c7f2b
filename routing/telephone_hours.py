"""You are here: working calendar → *when the telephone is answered, when it may ring* → the phone channel."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from routing.calendar import WorkingCalendar


class TelephoneHours:
    """Office hours for calls in, decent hours of working days for calls out."""

    def __init__(self, calendar: WorkingCalendar, call_from: time, call_until: time) -> None:
        self._calendar = calendar
        self._from = call_from
        self._until = call_until

    def open_at(self, moment: datetime) -> bool:
        """Whether the office is open at ``moment``."""
        local = moment.astimezone(self._calendar.zone)
        if not self._calendar.is_working_day(local.date()):
            return False
        return any(start <= local.time() < end for start, end in self._calendar.hours)

    def next_morning(self, moment: datetime) -> datetime:
        """When the office opens next in a morning: today's, where that is still to come."""
        today = self._calendar.day(moment)
        before = moment < self._calendar.opening(today)
        day = self._calendar.working_day_after(today, 0 if before else 1)
        return self._calendar.opening(day)

    def next_call(self, moment: datetime) -> datetime:
        """The first moment from ``moment`` on at which calling somebody is decent, in UTC."""
        local = moment.astimezone(self._calendar.zone)
        day = local.date()
        if self._calendar.is_working_day(day) and local.time() < self._until:
            return moment if local.time() >= self._from else self._on(day)
        return self._on(self._calendar.working_day_after(day + timedelta(days=1), 0))

    def _on(self, day: date) -> datetime:
        return datetime.combine(day, self._from, self._calendar.zone).astimezone(UTC)
