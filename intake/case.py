"""A case in memory: its columns, what was recorded since it was opened, and what must go out.

Only verbs change a case, and only the desk (``intake.desk``) writes it down.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from intake.attention import gravity
from intake.contracts import Block, CaseFacts, Chaser, Json, Plan, Text
from intake.history import GENESIS, Event, link
from intake.lifecycle import State
from intake.people import Actor
from intake.references import reference_of


@dataclass(slots=True)
class Participation:
    """One complainant's part in a case: where word goes and what proves it is them."""

    id: str
    complaint_id: str
    complainant_id: str
    channel: str
    address: str
    name: str
    language: str
    anonymous: bool
    confidential: bool
    code: str
    token: str
    large_print: bool = False
    feedback: str | None = None  # what this person said of the answer


@dataclass(slots=True)
class Case:
    """One row of ``complaint`` with its people and blocks; see ``schema`` for the columns."""

    id: str
    number: int
    state: State
    channel: str
    language: str
    subject: str
    first_submission_id: str
    received_at: datetime
    state_since: datetime
    answer_due_at: datetime
    category: str = ""
    urgency: str = "ordinary"
    bureau: str | None = None
    supporting: list[str] = field(default_factory=list)
    routed_by: str = "none"
    routed_rule: str | None = None
    routed_reason: Json = field(default_factory=dict)
    version: int = 0
    outcome: str | None = None
    paused_from: datetime | None = None
    answered_at: datetime | None = None
    closed_at: datetime | None = None
    answer: str | None = None
    no_answer_reason: str | None = None
    feedback: str | None = None
    feedback_text: str | None = None
    responsible: str = "office"
    action: str = "route"
    due_at: datetime | None = None
    next_at: datetime | None = None
    plan_reason: Json = field(default_factory=dict)
    step: int = 0
    attention: str | None = None
    attention_since: datetime | None = None
    attention_step: int = 0
    merged_into: str | None = None
    anonymised_at: datetime | None = None
    last_seq: int = 0
    last_hash: str = GENESIS

    @property
    def reference(self) -> str:
        """What people say aloud."""
        return reference_of(self.number)


_ELSEWHERE = Plan(
    "nobody",
    "none",
    None,
    None,
    Text("已并案，由主件一并办理", "Merged: the lead case is handled for all"),
)

COLUMNS = tuple(column.name for column in fields(Case))
"""Every column of ``complaint``, in the order of :class:`Case`."""


@dataclass(frozen=True, slots=True)
class Merged:
    """What a lead case knows of one that was merged into it (并案)."""

    id: str
    number: int
    received_at: datetime


@dataclass(slots=True)
class OpenCase:
    """A case on the desk: the row, the people, and all that is to be written with it.

    A lead's ``participations`` hold those of the cases merged into it too, so that whatever is said to
    everybody who complained reaches all; each carries the ``complaint_id`` of its own case. ``lead`` is
    set on a merged case: what happens to that one calls for attention there.
    """

    row: Case
    now: datetime
    is_new: bool = False
    participations: list[Participation] = field(default_factory=list)
    barred: set[str] = field(default_factory=set)
    support_changed: bool = False
    before: dict[str, Any] = field(default_factory=dict)  # the columns as they were taken out
    new_events: list[Event] = field(default_factory=list)
    new_blocks: list[Block] = field(default_factory=list)
    new_outbox: list[dict[str, Any]] = field(default_factory=list)
    merged: dict[str, Merged] = field(default_factory=dict)  # by id
    lead: OpenCase | None = None
    stirred: bool = False  # something changed that no event of this case tells

    @property
    def leading(self) -> OpenCase:
        """The case that is handled: the lead of a merged one, else this one."""
        return self.lead or self

    @property
    def received_first(self) -> datetime:
        """When the first of all that were merged here came in: from then the clock runs."""
        return min([self.row.received_at, *(one.received_at for one in self.merged.values())])

    def own(self) -> list[Participation]:
        """Who complained in this very case."""
        return [part for part in self.participations if part.complaint_id == self.row.id]

    def part_of(self, complainant_id: str) -> Participation | None:
        """This person's part: in this very case before one that was merged into it."""
        theirs = [part for part in self.participations if part.complainant_id == complainant_id]
        theirs.sort(key=lambda part: part.complaint_id != self.row.id)
        return theirs[0] if theirs else None

    def record(self, actor: Actor, kind: str, **data: Any) -> int:
        """Append one event to the history and return its seq."""
        row = self.row
        seq, signature = row.last_seq + 1, actor.signature()
        row.last_hash = link(row.last_hash, row.id, seq, self.now, signature, kind, data)
        row.last_seq = seq
        self.new_events.append(Event(row.id, seq, self.now, signature, kind, data, row.last_hash))
        return seq

    def support_by(self, bureaus: list[str]) -> None:
        """Set the supporting bureaus (协办)."""
        self.support_changed = self.support_changed or bureaus != self.row.supporting
        self.row.supporting = bureaus

    def enter(self, state: State) -> None:
        """Stand in ``state`` from now on; the ladder of its stage starts at its foot."""
        self.row.state = state
        self.row.state_since = self.now
        self.row.step = 0

    def call_attention(self, why: str) -> None:
        """Put the case on the office's list until somebody attends to it.

        A message more, or one that did not arrive, hides no graver reason: who looks into that sees the
        whole case.
        """
        if self.row.attention is None:
            self.row.attention_since, self.row.attention_step = self.now, 0
        if gravity(why) >= gravity(self.row.attention):
            self.row.attention = why

    def facts(self) -> CaseFacts:
        """What the chaser plans from."""
        row = self.row
        return CaseFacts(
            state=row.state,
            urgency=row.urgency,
            received_at=row.received_at,
            state_since=row.state_since,
            answer_due_at=row.answer_due_at,
            step=row.step,
            attention_since=row.attention_since,
            attention_step=row.attention_step,
            attention=row.attention,
            feedback=row.feedback,
            feedback_possible=any(p.channel for p in self.participations),
        )

    def replan(self, chaser: Chaser) -> None:
        """Write down who must do what by when (promise 4)."""
        row = self.row
        plan = chaser.plan(self.facts()) if row.merged_into is None else _ELSEWHERE
        row.responsible, row.action = plan.responsible, plan.action
        row.due_at, row.next_at = plan.due_at, plan.next_at
        row.plan_reason = localized(plan.because)


def localized(text: Text) -> Json:
    """A :class:`Text` as JSON."""
    return {"zh": text.zh, "en": text.en}
