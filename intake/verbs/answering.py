"""Towards the complainant: questions, answers, closing and reopening (补充, 答复, 办结, 重办)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy import select

from intake import schema
from intake.case import OpenCase
from intake.desk import Desk
from intake.lifecycle import OFFICE, Feedback, Outcome, State
from intake.matching.offers import lapse, revive
from intake.people import Actor
from intake.refusals import Refused
from intake.telling import tell_bureaus, tell_complainants
from intake.verbs.pausing import end_pause
from intake.verbs.performing import written


@dataclass(frozen=True, slots=True)
class Ask:
    """补充: ask the complainant for more; the only pause of the clock, within a limit."""

    name: ClassVar[str] = "ask"
    question: str

    def act(self, case: OpenCase, actor: Actor, desk: Desk) -> None:
        question = written(self.question)
        seq = case.record(actor, "asked", question=question)
        case.row.paused_from = desk.now
        tell_complainants(case, "question", seq, question=question)


@dataclass(frozen=True, slots=True)
class Answer:
    """答复: what the complainant is told; it goes out at once, the office checks it after."""

    name: ClassVar[str] = "answer"
    text: str

    def act(self, case: OpenCase, actor: Actor, desk: Desk) -> None:
        row = case.row
        if row.state is State.TRIAGE and actor.role not in OFFICE:
            raise Refused("forbidden")
        answer = written(self.text)
        end_pause(case, actor, desk, "answered")
        row.answer, row.answered_at = answer, desk.now
        if row.attention in ("returned", "undelivered"):
            row.attention = row.attention_since = None
        seq = case.record(actor, "answered", text=answer, bureau=row.bureau)
        tell_complainants(case, "answer", seq, answer=answer, bureau=row.bureau)


@dataclass(frozen=True, slots=True)
class Close:
    """办结: only after the answer has reached everybody who complained (promise 5)."""

    name: ClassVar[str] = "close"
    outcome: str

    def act(self, case: OpenCase, actor: Actor, desk: Desk) -> None:
        _demand_delivery(case, desk)
        _close(case, actor, desk, self.outcome, None)


@dataclass(frozen=True, slots=True)
class CloseUnanswered:
    """Close with a recorded reason why no answer could be delivered, approved by a leader."""

    name: ClassVar[str] = "close_unanswered"
    outcome: str
    reason: str

    def act(self, case: OpenCase, actor: Actor, desk: Desk) -> None:
        end_pause(case, actor, desk, "closed")
        _close(case, actor, desk, self.outcome, written(self.reason, "reason_needed"))


def _close(case: OpenCase, actor: Actor, desk: Desk, outcome: str, reason: str | None) -> None:
    row = case.row
    if outcome == Outcome.MERGED:
        raise Refused("merge_instead")
    if outcome not in set(Outcome):
        raise Refused("bad_outcome", outcome=outcome)
    row.outcome, row.closed_at, row.no_answer_reason = outcome, desk.now, reason
    row.attention = row.attention_since = None
    _forget_ratings(case)
    lapse(desk.connection, row.id)
    seq = case.record(actor, "closed", outcome=outcome, no_answer_reason=reason)
    if reason is None:
        tell_complainants(case, "feedback", seq, outcome=outcome)
    else:
        row.feedback = Feedback.SILENT  # nobody can be asked
        if outcome == Outcome.WITHDRAWN:
            tell_complainants(case, "taken_back", seq)


def _forget_ratings(case: OpenCase) -> None:
    """What was said of an earlier answer stays in the history."""
    case.row.feedback = case.row.feedback_text = None
    for part in case.participations:
        part.feedback = None


def _demand_delivery(case: OpenCase, desk: Desk) -> None:
    """Refuse unless the last answer was delivered to every complainant."""
    out = schema.outbox
    query = (
        select(out.c.participation_id, out.c.state, out.c.channel)
        .where(out.c.complaint_id == case.row.id, out.c.template == "answer")
        .order_by(out.c.id)
    )
    ringing = desk.policies.ringing
    last = {  # the latest wins; a telephone that rings has told nobody anything
        row.participation_id: "pending" if row.state == "sent" and row.channel in ringing else row.state
        for row in desk.connection.execute(query)
    }
    states = {last.get(part.id, "missing") for part in case.participations} or {"missing"}
    if "pending" in states:
        raise Refused("sending")
    if not states <= {"sent", "delivered"}:
        raise Refused("undelivered")


@dataclass(frozen=True, slots=True)
class Reopen:
    """重办: back to the bureau, or to triage when none had it. The clock was never stopped."""

    name: ClassVar[str] = "reopen"
    reason: str

    def act(self, case: OpenCase, actor: Actor, desk: Desk) -> State | None:
        row, reason = case.row, written(self.reason, "reason_needed")
        seq = case.record(actor, "reopened", reason=reason, outcome=row.outcome, feedback=row.feedback)
        row.outcome = row.closed_at = row.answered_at = row.no_answer_reason = None
        row.attention = row.attention_since = None
        _forget_ratings(case)
        revive(desk.connection, row.id)
        tell_complainants(case, "reopened", seq)
        if row.bureau is None or row.bureau in case.barred:
            row.bureau = None
            return State.TRIAGE
        tell_bureaus(case, desk.policies.directory, "handler", "assignment", seq, due_at=row.answer_due_at)
        return None
