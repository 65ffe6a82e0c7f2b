"""You are here: case facts → *who must do what by when, and what happens if not* → ticker.

Everything follows from the facts alone: the same facts give the same plan, on any machine, after
any restart. Nothing but the facts named there can move a deadline (promise 6), and every open case
has a next moment (promise 4).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from intake.attention import Attention
from intake.contracts import CaseFacts, Chase, Plan, Text
from routing.calendar import WorkingCalendar
from routing.deadlines import DeadlineTable
from routing.duration import Duration
from routing.ladder import StageLadder, Timeline
from routing.reasons import chase_reason, plan_reason

STAGES = {  # state: (action, who is responsible for it)
    "triage": ("route", "office"),
    "assigned": ("accept", "bureau"),
    "in_progress": ("answer", "bureau"),
    "awaiting_complainant": ("complete", "complainant"),
    "answered": ("check", "office"),
    "closed": ("feedback", "complainant"),
}
_NOTHING_LEFT = Plan(
    "nobody", "none", None, None, Text("已办结，无需再办。", "Closed; nothing is left to do.")
)


@dataclass(frozen=True, slots=True)
class _Duty:
    """One thing somebody owes the case now: the ladder begins ``since``, at ``step``.

    The deadline is ``limit`` from ``counted_from``; ``limit`` is None when something else set it.
    """

    action: str
    responsible: str
    since: datetime
    step: int
    due: datetime
    counted_from: datetime
    limit: Duration | None


class Ladder:
    """The chaser: calendar, deadlines and ladders of one office. Implements ``Chaser``."""

    def __init__(
        self, calendar: WorkingCalendar, deadlines: DeadlineTable, ladders: Mapping[str, StageLadder]
    ) -> None:
        self.calendar = calendar
        self._deadlines = deadlines
        self._ladders = ladders

    def answer_due(self, urgency: str, received_at: datetime) -> datetime:
        """The answer deadline, counted from receipt whatever happens to the case later."""
        return self._deadlines.limit(urgency, "answer").deadline(self.calendar, received_at)

    def resume(self, answer_due_at: datetime, paused_from: datetime, now: datetime) -> datetime:
        """The answer deadline after a pause: later by the office time that was paused.

        Office time and not whole days, so that many short pauses gain nothing. A deadline already
        missed when the pause began stays missed by as much.
        """
        return self.calendar.add_office_time(answer_due_at, self.calendar.office_time(paused_from, now))

    def plan(self, facts: CaseFacts) -> Plan:
        """Who must do what by when. ValueError for a state the lifecycle does not have."""
        duties = self._duties(facts)
        if not duties:
            return _NOTHING_LEFT
        shown = duties[-1]  # what needs attention comes first on the screen
        earliest = min(duties, key=lambda duty: duty.due)
        return Plan(
            responsible=shown.responsible,
            action=shown.action,
            due_at=earliest.due,
            next_at=min(self._next_step(duty)[2] for duty in duties),
            because=plan_reason(
                self.calendar, earliest.action, earliest.counted_from, earliest.due, earliest.limit
            ),
        )

    def chase(self, facts: CaseFacts, now: datetime) -> Chase | None:
        """The step due at ``now``, of the ladder that has waited longest: its highest one by then."""
        duties = self._duties(facts)
        if not duties:
            return None
        waiting = [(duty, *self._next_step(duty)) for duty in duties]
        duty, timeline, first, next_at = min(waiting, key=lambda entry: entry[3])
        if next_at > now:
            return None
        index = timeline.first_after(now, first) - 1
        step = self._ladders[duty.action].step(index)
        return Chase(
            kind=step.kind,
            step=index + 1,
            to=step.to,
            reason=chase_reason(self.calendar, duty.action, step.kind, duty.due, now),
            skipped=index - first,
            attention=duty.action == "look",
        )

    # ---- what is owed

    def _duties(self, facts: CaseFacts) -> list[_Duty]:
        """The stage's duty, then the attention's; each only if there is one."""
        duties = []
        if facts.state != "closed" or (facts.feedback is None and facts.feedback_possible):
            duties.append(self._stage_duty(facts))
        if facts.attention_since is not None:
            since, limit = facts.attention_since, self._deadlines.limit(facts.urgency, "look")
            promised = self.calendar.next_morning(since) if facts.attention == Attention.CALL_BACK else None
            due = promised or limit.deadline(self.calendar, since)
            kept = None if promised else limit
            duties.append(_Duty("look", "office", since, facts.attention_step, due, since, kept))
        return duties

    def _stage_duty(self, facts: CaseFacts) -> _Duty:
        if facts.state not in STAGES:
            raise ValueError(f"unknown state {facts.state!r}")
        action, responsible = STAGES[facts.state]
        since, limit = facts.state_since, self._deadlines.limit(facts.urgency, action)
        if action == "answer":
            counted = self.answer_due(facts.urgency, facts.received_at)
            due = facts.answer_due_at or counted
            kept = limit if due == counted else None
            return _Duty(action, responsible, since, facts.step, due, facts.received_at, kept)
        due = limit.deadline(self.calendar, since)
        if action == "accept" and facts.answer_due_at is not None and facts.answer_due_at < due:
            # Whoever must answer sooner than they may accept has that long to accept.
            return _Duty(action, responsible, since, facts.step, facts.answer_due_at, since, None)
        return _Duty(action, responsible, since, facts.step, due, since, limit)

    def _next_step(self, duty: _Duty) -> tuple[Timeline, int, datetime]:
        """The first step not taken that falls after the duty began, and when that is."""
        timeline = self._ladders[duty.action].timeline(self.calendar, duty.due)
        index = timeline.first_after(duty.since, duty.step)
        return timeline, index, timeline.moment(index)
