"""The simulator's telephone rings at night too; real ones do not."""

from __future__ import annotations

from datetime import UTC, datetime

from channels.phone.hours import may_call
from config.telephone import AtAnyHour

_NIGHT = datetime(2026, 9, 7, 17, 0, tzinfo=UTC)  # one o'clock in the morning in the county
_MORNING = datetime(2026, 9, 8, 0, 30, tzinfo=UTC)


class _Decent:
    """An office that sleeps."""

    def open_at(self, moment: datetime) -> bool:
        return moment >= _MORNING

    def next_morning(self, moment: datetime) -> datetime:
        return _MORNING

    def next_call(self, moment: datetime) -> datetime:
        return max(moment, _MORNING)


def test_only_the_ringing_is_different() -> None:
    hours = AtAnyHour(_Decent())
    assert not may_call(_Decent(), _NIGHT)
    assert may_call(hours, _NIGHT)
    assert (hours.open_at(_NIGHT), hours.next_morning(_NIGHT)) == (False, _MORNING)
