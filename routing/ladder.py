"""You are here: a stage's deadline → *the steps of its ladder* → when to chase, whom, how hard.

A ladder is a row of steps around the deadline; the last one repeats. Each step has a number from
0, repeats keep counting, so a case needs to remember one number only and nothing can be done twice.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime

from routing.calendar import WorkingCalendar
from routing.duration import Duration

KINDS = ("remind", "urge", "escalate", "supervise", "lapse")
LEVELS = ("handler", "leader", "office", "office_leader", "complainant")


@dataclass(frozen=True, slots=True)
class Step:
    """One rung: ``at`` is before (negative) or after the deadline; ``to`` are levels."""

    at: Duration
    kind: str
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StageLadder:
    """The steps of one stage, in order; the last repeats ``every`` so long until someone acts."""

    steps: tuple[Step, ...]
    every: Duration

    def step(self, index: int) -> Step:
        """The step of that number; beyond the last it is the last again."""
        return self.steps[min(index, len(self.steps) - 1)]

    def timeline(self, calendar: WorkingCalendar, due: datetime) -> Timeline:
        """The ladder laid against one deadline."""
        return Timeline(self, calendar, due)


class Timeline:
    """When each step of a ladder falls for one deadline: never earlier than the step before it."""

    def __init__(self, ladder: StageLadder, calendar: WorkingCalendar, due: datetime) -> None:
        self._ladder = ladder
        self._calendar = calendar
        self._due = due
        self._written: list[datetime] = []  # of the steps that were asked for so far

    def moment(self, index: int) -> datetime:
        """When step ``index`` is due."""
        steps = self._ladder.steps
        for step in steps[len(self._written) : index + 1]:
            moment = step.at.moment(self._calendar, self._due)
            # In mixed units "-4wh" may fall before "-1wd": then both are due at the later moment.
            self._written.append(max(moment, self._written[-1]) if self._written else moment)
        if index < len(steps):
            return self._written[index]
        return self._ladder.every.times(index - len(steps) + 1).moment(self._calendar, self._written[-1])

    def first_after(self, moment: datetime, index: int) -> int:
        """The first step, from ``index`` on, that is due later than ``moment``.

        Steps are passed over in leaps, so a service that slept for a year wakes up at once.
        """
        leap = 1
        low = index
        while self.moment(low + leap - 1) <= moment:
            low += leap
            leap *= 2
        return low + bisect_right(range(leap - 1), moment, key=lambda more: self.moment(low + more))
