"""What the service itself says: the ladder's steps, the postman's reports, the acknowledgement."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from sqlalchemy import select

from intake import schema
from intake.case import OpenCase, localized
from intake.contracts import Chase as ChaseStep
from intake.contracts import Json
from intake.desk import Desk
from intake.lifecycle import STAGES, Feedback, State
from intake.people import Actor
from intake.telling import tell_bureaus, tell_complainant, tell_complainants
from intake.verbs.pausing import end_pause


@dataclass(frozen=True, slots=True)
class Chase:
    """催办 / 督办: one step of the ladder, taken by the ticker."""

    name: ClassVar[str] = "chase"
    step: ChaseStep

    def act(self, case: OpenCase, actor: Actor, desk: Desk) -> State | None:
        row, step = case.row, self.step
        stage = "look" if step.attention else STAGES[row.state]
        seq = case.record(
            actor,
            "chased",
            step=step.kind,
            stage=stage,
            to=list(step.to),
            reason=localized(step.reason),
            skipped=step.skipped,
            due_at=row.due_at.isoformat() if row.due_at else None,
        )
        if step.attention:
            row.attention_step = step.step
        else:
            row.step = step.step
        if step.kind == "lapse":
            if row.state is State.AWAITING:
                end_pause(case, actor, desk, "lapsed")
                return State.IN_PROGRESS
            row.feedback = Feedback.SILENT
            return None
        for level in step.to:
            if level == "complainant":
                _remind_complainants(case, desk, seq)
            else:
                tell_bureaus(
                    case,
                    desk.policies.directory,
                    level,
                    "chase",
                    seq,
                    kind=step.kind,
                    stage=(row.attention or stage) if step.attention else stage,
                    reason=localized(step.reason),
                    due_at=row.due_at,
                )
        return None


def _remind_complainants(case: OpenCase, desk: Desk, seq: int) -> None:
    if case.row.state is State.CLOSED:
        tell_complainants(case, "feedback_reminder", seq)
        return
    asked = schema.event
    query = (
        select(asked.c.data)
        .where(asked.c.complaint_id == case.row.id, asked.c.kind == "asked")
        .order_by(asked.c.seq.desc())
        .limit(1)
    )
    last = desk.connection.execute(query).scalar() or {}
    tell_complainants(case, "question_reminder", seq, question=last.get("question", ""))


@dataclass(frozen=True, slots=True)
class Deliver:
    """The postman's word on an outgoing message: delivered, failed for good, or bounced.

    What people report of a letter on paper carries ``facts``: the day it was posted, why it came back.
    """

    name: ClassVar[str] = "deliver"
    outbox_id: str
    template: str
    role: str
    status: str  # sent, delivered, failed, bounced; of letters also printed, withheld
    note: str = ""
    facts: Json = field(default_factory=dict)

    def act(self, case: OpenCase, actor: Actor, desk: Desk) -> None:
        case.record(
            actor,
            self.status,
            outbox=self.outbox_id,
            template=self.template,
            role=self.role,
            note=self.note[:500],
            **self.facts,
        )
        if self.status in ("failed", "bounced") and self.template != "talk":
            case.call_attention(
                "undelivered"
            )  # a reply in a conversation is no answer: whoever asked asks again


@dataclass(frozen=True, slots=True)
class Redirect:
    """A complainant is reached by another channel from now on: a text does not reach a landline."""

    name: ClassVar[str] = "redirect"
    outbox_id: str
    participation_id: str | None
    channel: str
    note: str = ""

    def act(self, case: OpenCase, actor: Actor, desk: Desk) -> None:
        for part in case.participations:
            if part.id == self.participation_id:
                part.channel = self.channel
        case.record(actor, "redirected", outbox=self.outbox_id, channel=self.channel, note=self.note[:500])


@dataclass(frozen=True, slots=True)
class Miss:
    """A file that the complainant sent could not be fetched: somebody must ask for it again."""

    name: ClassVar[str] = "miss"
    submission_id: str
    filename: str
    why: str

    def act(self, case: OpenCase, actor: Actor, desk: Desk) -> None:
        case.record(
            actor,
            "unfetched",
            submission=self.submission_id,
            filename=self.filename[:200],
            why=self.why[:500],
        )
        case.call_attention("unfetched")


def acknowledge(case: OpenCase, seq: int, *, quiet: bool, ask: str = "") -> None:
    """Give everybody who complained the reference; ``quiet`` keeps it on the record unsent.

    ``ask`` is the dialogue's question that travels with it.
    """
    params = {"ask": ask} if ask else {}
    for part in case.participations:
        tell_complainant(case, part, "acknowledgement", seq, "suppressed" if quiet else "pending", **params)
