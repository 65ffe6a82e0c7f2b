"""The only pause of the clock, and its end (promise 6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from intake.case import OpenCase
from intake.desk import Desk
from intake.people import Actor


@dataclass(frozen=True, slots=True)
class Resume:
    """The pause ends: the complainant answered, or the limit ran out."""

    name: ClassVar[str] = "resume"
    reason: str = ""

    def act(self, case: OpenCase, actor: Actor, desk: Desk) -> None:
        end_pause(case, actor, desk, self.reason)


def end_pause(case: OpenCase, actor: Actor, desk: Desk, reason: str) -> None:
    row = case.row
    if row.paused_from is None:
        return
    before = row.answer_due_at
    until = min(desk.now, row.due_at) if row.due_at else desk.now  # never longer than the limit (promise 6)
    row.answer_due_at = desk.policies.chaser.resume(before, row.paused_from, until)
    case.record(
        actor,
        "resumed",
        reason=reason,
        paused_from=row.paused_from.isoformat(),
        due_before=before.isoformat(),
        due_after=row.answer_due_at.isoformat(),
    )
    row.paused_from = None
