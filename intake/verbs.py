"""The verbs: the only sentences that change a case.

Each verb is a small frozen value; :func:`perform` holds it against the lifecycle table and the
firewall, lets it act, and moves the case. State, history and outbox rows are then written by the desk
in one transaction. To change a case from outside, use :class:`intake.office.Office`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

from sqlalchemy import select

from intake import schema
from intake.case import OpenCase, localized
from intake.contracts import Block, Text
from intake.contracts import Chase as ChaseStep
from intake.desk import Desk
from intake.lifecycle import LIFECYCLE, OFFICE, WITH_BUREAU, Feedback, Outcome, Role, State
from intake.people import Actor, may_see
from intake.refusals import Refused
from intake.telling import tell_bureaus, tell_complainant, tell_complainants

MAX_TEXT = 20_000
"""Characters of an answer, a question or a reason."""

STATE_NAMES = {
    State.TRIAGE: Text("待分拨", "waiting for triage"),
    State.ASSIGNED: Text("已交办", "assigned"),
    State.IN_PROGRESS: Text("办理中", "in progress"),
    State.AWAITING: Text("待补充", "waiting for the complainant"),
    State.ANSWERED: Text("已答复", "answered"),
    State.CLOSED: Text("已办结", "closed"),
}


STAGES = {
    State.TRIAGE: "route",
    State.ASSIGNED: "accept",
    State.IN_PROGRESS: "answer",
    State.AWAITING: "complete",
    State.ANSWERED: "check",
    State.CLOSED: "feedback",
}
"""What a case in each state waits for."""


class Verb(Protocol):
    """Something that can be said to a case."""

    name: ClassVar[str]

    def act(self, case: OpenCase, actor: Actor, desk: Desk) -> State | None:
        """Change the case; return the state to enter where the table's target does not fit."""
        ...


def perform(desk: Desk, case: OpenCase, actor: Actor, verb: Verb) -> None:
    """Say ``verb`` to ``case``; raises :class:`Refused` with nothing changed but in memory."""
    row, rule = case.row, LIFECYCLE[verb.name]
    visible = may_see(actor, row.bureau, row.supporting, case.barred, desk.policies.directory)
    if not visible:
        raise Refused("not_found")
    if actor.role not in rule.who:
        raise Refused("forbidden")
    if row.state not in rule.sources:
        name = STATE_NAMES[row.state]
        raise Refused("wrong_state", state_zh=name.zh, state_en=name.en)
    target = verb.act(case, actor, desk) or rule.target
    if target is not None and (target is not row.state or verb.name == "assign"):
        case.enter(target)


def _text(value: str, missing: str = "text_needed") -> str:
    """A text people wrote, trimmed; refused when empty or too long."""
    trimmed = value.strip()
    if not trimmed:
        raise Refused(missing)
    if len(trimmed) > MAX_TEXT:
        raise Refused("too_long", limit=MAX_TEXT)
    return trimmed


@dataclass(frozen=True, slots=True)
class Assign:
    """交办: ``bureau`` must answer from now on. The answer's deadline does not move (promise 6)."""

    name: ClassVar[str] = "assign"
    bureau: str
    supporting: tuple[str, ...] = ()
    reason: str = ""

    def act(self, case: OpenCase, actor: Actor, desk: Desk) -> None:
        row, directory = case.row, desk.policies.directory
        for code in (self.bureau, *self.supporting):
            if not directory.knows(code):
                raise Refused("unknown_bureau", bureau=code)
            if code in case.barred:
                name = directory.name(code)
                raise Refused("barred", name_zh=name.zh, name_en=name.en)
        row.bureau = self.bureau
        case.support_by([code for code in dict.fromkeys(self.supporting) if code != self.bureau])
        if actor.role is not Role.SYSTEM:
            row.routed_by, row.routed_rule = "person", None
            row.routed_reason = {"zh": self.reason or "人工交办", "en": self.reason or "Assigned by hand"}
        if row.attention == "returned":
            row.attention = row.attention_since = None
        seq = case.record(actor, "assigned", bureau=row.bureau, supporting=row.supporting, reason=self.reason)
        tell_bureaus(case, directory, "handler", "assignment", seq, due_at=row.answer_due_at)


@dataclass(frozen=True, slots=True)
class Accept:
    """受理: the bureau takes the case up."""

    name: ClassVar[str] = "accept"

    def act(self, case: OpenCase, actor: Actor, desk: Desk) -> None:
        seq = case.record(actor, "accepted", bureau=case.row.bureau)
        tell_complainants(case, "accepted", seq, bureau=case.row.bureau)


@dataclass(frozen=True, slots=True)
class Return:
    """退回: the bureau says it is not competent. It stays answerable until the office rules."""

    name: ClassVar[str] = "return"
    reason: str

    def act(self, case: OpenCase, actor: Actor, desk: Desk) -> None:
        if case.row.attention == "returned":
            raise Refused("return_pending")
        reason = _text(self.reason, "reason_needed")
        seq = case.record(actor, "returned", bureau=case.row.bureau, reason=reason)
        case.call_attention("returned")
        tell_bureaus(case, desk.policies.directory, "office", "returned", seq, reason=reason)


@dataclass(frozen=True, slots=True)
class GrantReturn:
    """The office agrees: the case goes back to triage, its clock still running."""

    name: ClassVar[str] = "grant_return"
    reason: str = ""

    def act(self, case: OpenCase, actor: Actor, desk: Desk) -> None:
        _close_return(case)
        case.record(actor, "return_granted", bureau=case.row.bureau, reason=self.reason)
        case.row.bureau = None
        case.support_by([])


@dataclass(frozen=True, slots=True)
class RefuseReturn:
    """The office disagrees: the bureau must answer."""

    name: ClassVar[str] = "refuse_return"
    reason: str

    def act(self, case: OpenCase, actor: Actor, desk: Desk) -> None:
        reason = _text(self.reason, "reason_needed")
        _close_return(case)
        seq = case.record(actor, "return_refused", bureau=case.row.bureau, reason=reason)
        tell_bureaus(case, desk.policies.directory, "handler", "return_refused", seq, reason=reason)


def _close_return(case: OpenCase) -> None:
    if case.row.attention != "returned":
        raise Refused("not_returned")
    case.row.attention = case.row.attention_since = None


@dataclass(frozen=True, slots=True)
class Ask:
    """补充: ask the complainant for more; the only pause of the clock, within a limit."""

    name: ClassVar[str] = "ask"
    question: str

    def act(self, case: OpenCase, actor: Actor, desk: Desk) -> None:
        question = _text(self.question)
        seq = case.record(actor, "asked", question=question)
        case.row.paused_from = desk.now
        tell_complainants(case, "question", seq, question=question)


@dataclass(frozen=True, slots=True)
class Resume:
    """The pause ends: the complainant answered, or the limit ran out."""

    name: ClassVar[str] = "resume"
    reason: str = ""

    def act(self, case: OpenCase, actor: Actor, desk: Desk) -> None:
        _end_pause(case, actor, desk, self.reason)


def _end_pause(case: OpenCase, actor: Actor, desk: Desk, reason: str) -> None:
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


@dataclass(frozen=True, slots=True)
class Answer:
    """答复: what the complainant is told; it goes out at once, the office checks it after."""

    name: ClassVar[str] = "answer"
    text: str

    def act(self, case: OpenCase, actor: Actor, desk: Desk) -> None:
        row = case.row
        if row.state is State.TRIAGE and actor.role not in OFFICE:
            raise Refused("forbidden")
        answer = _text(self.text)
        _end_pause(case, actor, desk, "answered")
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
        _end_pause(case, actor, desk, "closed")
        _close(case, actor, desk, self.outcome, _text(self.reason, "reason_needed"))


def _close(case: OpenCase, actor: Actor, desk: Desk, outcome: str, reason: str | None) -> None:
    row = case.row
    if outcome not in set(Outcome):
        raise Refused("bad_outcome", outcome=outcome)
    row.outcome, row.closed_at, row.no_answer_reason = outcome, desk.now, reason
    row.attention = row.attention_since = None
    row.feedback = row.feedback_text = None
    seq = case.record(actor, "closed", outcome=outcome, no_answer_reason=reason)
    if reason is None:
        tell_complainants(case, "feedback", seq, outcome=outcome)
    else:
        row.feedback = Feedback.SILENT  # nobody can be asked


def _demand_delivery(case: OpenCase, desk: Desk) -> None:
    """Refuse unless the last answer was delivered to every complainant."""
    out = schema.outbox
    query = (
        select(out.c.participation_id, out.c.state)
        .where(out.c.complaint_id == case.row.id, out.c.template == "answer")
        .order_by(out.c.id)
    )
    last = {row.participation_id: row.state for row in desk.connection.execute(query)}  # the latest wins
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
        row, reason = case.row, _text(self.reason, "reason_needed")
        seq = case.record(actor, "reopened", reason=reason, outcome=row.outcome, feedback=row.feedback)
        row.outcome = row.closed_at = row.answered_at = row.no_answer_reason = None
        row.feedback = row.feedback_text = row.attention = row.attention_since = None
        tell_complainants(case, "reopened", seq)
        if row.bureau is None or row.bureau in case.barred:
            row.bureau = None
            return State.TRIAGE
        tell_bureaus(case, desk.policies.directory, "handler", "assignment", seq, due_at=row.answer_due_at)
        return None


@dataclass(frozen=True, slots=True)
class Classify:
    """Set the category or the urgency; the answer's deadline follows, still counted from receipt."""

    name: ClassVar[str] = "classify"
    category: str = ""
    urgency: str = ""

    def act(self, case: OpenCase, actor: Actor, desk: Desk) -> None:
        row = case.row
        if self.urgency and self.urgency not in ("urgent", "ordinary", "complex"):
            raise Refused("bad_urgency", value=self.urgency)
        before = row.answer_due_at
        if self.urgency and self.urgency != row.urgency:
            chaser = desk.policies.chaser
            granted = chaser.answer_due(row.urgency, row.received_at)
            row.urgency = self.urgency
            due = chaser.answer_due(row.urgency, row.received_at)
            row.answer_due_at = chaser.resume(due, granted, before)  # keeps the office time of pauses
            row.step = 0  # the reminders before the new date are still to come
        row.category = self.category or row.category
        case.record(
            actor,
            "classified",
            category=row.category,
            urgency=row.urgency,
            due_before=before.isoformat(),
            due_after=row.answer_due_at.isoformat(),
        )


@dataclass(frozen=True, slots=True)
class Bar:
    """回避: the bureau and its subordinates may not handle, find or hear of this case."""

    name: ClassVar[str] = "bar"
    bureau: str
    reason: str

    def act(self, case: OpenCase, actor: Actor, desk: Desk) -> State | None:
        row, directory = case.row, desk.policies.directory
        if not directory.knows(self.bureau):
            raise Refused("unknown_bureau", bureau=self.bureau)
        reason = _text(self.reason, "reason_needed")
        family = directory.family(self.bureau)
        bar(case, actor, [Block(code, Text(reason, reason)) for code in sorted(family)])
        case.support_by([code for code in row.supporting if code not in case.barred])
        if row.bureau in case.barred:
            row.bureau = None
            if row.state in WITH_BUREAU or row.state is State.AWAITING:
                _end_pause(case, actor, desk, "barred")
                return State.TRIAGE
        return None


def bar(case: OpenCase, actor: Actor, blocks: list[Block]) -> None:
    """Put blocks on the record; those already there are left as they are."""
    for block in blocks:
        if block.bureau not in case.barred:
            case.barred.add(block.bureau)
            case.new_blocks.append(block)
            case.record(actor, "barred", bureau=block.bureau, reason=localized(block.reason))


@dataclass(frozen=True, slots=True)
class Attend:
    """Somebody looked at what called for attention, and says what was done."""

    name: ClassVar[str] = "attend"
    note: str = ""

    def act(self, case: OpenCase, actor: Actor, desk: Desk) -> None:
        case.record(actor, "attended", what=case.row.attention, note=self.note)
        case.row.attention = case.row.attention_since = None


@dataclass(frozen=True, slots=True)
class Note:
    """备注: for colleagues only; never sent out, never resets a clock."""

    name: ClassVar[str] = "note"
    text: str

    def act(self, case: OpenCase, actor: Actor, desk: Desk) -> None:
        case.record(actor, "noted", text=_text(self.text))


@dataclass(frozen=True, slots=True)
class Add:
    """补充: a further submission joined the case. ``human`` False: stored and shown, nothing more."""

    name: ClassVar[str] = "add"
    submission_id: str
    channel: str
    author: str
    human: bool = True
    because: str = ""

    def act(self, case: OpenCase, actor: Actor, desk: Desk) -> State | None:
        row = case.row
        case.record(
            actor,
            "added",
            submission=self.submission_id,
            channel=self.channel,
            author=self.author,
            because=self.because,
        )
        if not self.human:
            return None
        if row.state is State.AWAITING and self.author == "complainant":
            _end_pause(case, actor, desk, "supplemented")
            return State.IN_PROGRESS
        if row.state in (State.ANSWERED, State.CLOSED) or self.author == "bureau":
            case.call_attention("message")
        return None


@dataclass(frozen=True, slots=True)
class Withdraw:
    """撤回: the complainant no longer wants it; a clerk answers and closes."""

    name: ClassVar[str] = "withdraw"
    reason: str = ""

    def act(self, case: OpenCase, actor: Actor, desk: Desk) -> None:
        case.record(actor, "withdrawn", reason=self.reason[:MAX_TEXT])
        case.call_attention("withdrawn")


@dataclass(frozen=True, slots=True)
class Rate:
    """评价: what the complainant says of the answer. Dissatisfied goes on the office's list."""

    name: ClassVar[str] = "rate"
    value: str
    text: str = ""

    def act(self, case: OpenCase, actor: Actor, desk: Desk) -> None:
        row = case.row
        if self.value not in set(Feedback) - {Feedback.SILENT}:
            raise Refused("bad_feedback", value=self.value)
        if (row.feedback, row.feedback_text or "") == (self.value, self.text.strip()):
            return  # the same button pressed twice
        row.feedback, row.feedback_text = self.value, self.text.strip()[:MAX_TEXT] or None
        seq = case.record(actor, "rated", value=row.feedback, text=row.feedback_text)
        if row.feedback == Feedback.DISSATISFIED:
            case.call_attention("dissatisfied")
            tell_bureaus(case, desk.policies.directory, "office", "dissatisfied", seq)


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
                _end_pause(case, actor, desk, "lapsed")
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
                    stage=stage,
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
    """The postman's word on an outgoing message: delivered, failed for good, or bounced."""

    name: ClassVar[str] = "deliver"
    outbox_id: str
    template: str
    role: str
    status: str  # sent, delivered, failed, bounced
    note: str = ""

    def act(self, case: OpenCase, actor: Actor, desk: Desk) -> None:
        case.record(
            actor,
            self.status,
            outbox=self.outbox_id,
            template=self.template,
            role=self.role,
            note=self.note[:500],
        )
        if self.status in ("failed", "bounced"):
            case.call_attention("undelivered")


def acknowledge(case: OpenCase, seq: int, *, quiet: bool) -> None:
    """Give everybody who complained the reference; ``quiet`` keeps it on the record unsent."""
    for part in case.participations:
        tell_complainant(case, part, "acknowledgement", seq, "suppressed" if quiet else "pending")
