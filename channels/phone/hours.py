"""When the office can be spoken to, and when people may be called. Who knows the calendar tells us."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Hours(Protocol):
    """The office's hours, and the decent hours for calls out. All moments are aware UTC."""

    def open_at(self, moment: datetime) -> bool:
        """Whether somebody is in the office."""
        ...

    def next_morning(self, moment: datetime) -> datetime:
        """When the office opens next in a morning: today's, where that is still to come."""
        ...

    def next_call(self, moment: datetime) -> datetime:
        """The first moment from ``moment`` on at which calling somebody is decent."""
        ...


def may_call(hours: Hours, moment: datetime) -> bool:
    """Whether people may be called at ``moment``."""
    return hours.next_call(moment) <= moment
