"""Routing once more, when what was added later tells where a case belongs or whom it is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from intake.case import OpenCase, localized
from intake.contracts import Decision, Matter
from intake.desk import Desk
from intake.lifecycle import State
from intake.people import SYSTEM, Actor
from intake.verbs.handing import Assign
from intake.verbs.performing import perform
from intake.verbs.ruling import shut_out

MOST_READ = 20_000
"""Characters that routing reads of all that was written in a case."""


def record_route(case: OpenCase, actor: Actor, decision: Decision) -> None:
    """Put on the record where the case goes and why (promise 10)."""
    case.record(
        actor,
        "routed",
        bureau=decision.bureau,
        by=decision.by,
        rule=decision.rule,
        reason=localized(decision.reason),
        category=decision.category,
        urgency=decision.urgency,
        about=list(decision.subject_bureaus),
    )


def assign_as_decided(desk: Desk, case: OpenCase, decision: Decision) -> None:
    """Hand the case to the bureau that routing chose, if any; barred ones do not help either."""
    if decision.bureau is not None:
        supporting = tuple(code for code in decision.supporting if code not in case.barred)
        perform(desk, case, SYSTEM, Assign(decision.bureau, supporting))


@dataclass(frozen=True, slots=True)
class Reroute:
    """What a second look at the words decided; a barred bureau loses the case at once (promise 7)."""

    name: ClassVar[str] = "reroute"
    decision: Decision

    def act(self, case: OpenCase, actor: Actor, desk: Desk) -> State | None:
        row, decision = case.row, self.decision
        back = shut_out(desk, case, actor, list(decision.blocks))
        if not _is_open_question(case) and back is not State.TRIAGE:
            return back
        record_route(case, actor, decision)
        row.category = decision.category or row.category
        row.routed_by, row.routed_rule = decision.by, decision.rule
        row.routed_reason = localized(decision.reason)
        if decision.urgency != row.urgency and _is_open_question(case):
            row.urgency = decision.urgency
            row.answer_due_at = desk.policies.chaser.answer_due(decision.urgency, case.received_first)
        return back


def route_again(desk: Desk, case: OpenCase, said: str, *, sender: str = "", place: str = "") -> None:
    """Route by all that was ``said`` in the case. Only what nobody decided yet is decided anew."""
    row = case.row
    if row.state is State.CLOSED:
        return
    matter = Matter(
        channel=row.channel,
        subject=row.subject,
        body=said[:MOST_READ],
        sender=sender,
        place=place,
        barred=tuple(sorted(case.barred)),
    )
    decision = desk.policies.router.route(matter)
    new = {block.bureau for block in decision.blocks} - case.barred
    if not new and not (_is_open_question(case) and decision.bureau):
        return
    perform(desk, case, SYSTEM, Reroute(decision))
    if row.state is State.TRIAGE and decision.bureau not in case.barred:
        assign_as_decided(desk, case, decision)


def _is_open_question(case: OpenCase) -> bool:
    """Whether neither a rule nor a person has said yet where the case goes."""
    return case.row.state is State.TRIAGE and case.row.routed_by == "none"
