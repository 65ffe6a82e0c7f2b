"""One matter, one case: cases are merged and taken apart again (并案, 拆分; promise 8).

A merged case keeps its number, its history and its people; it closes with the outcome "merged" and
names its lead in ``merged_into``. The lead carries everybody's participations, the earliest deadline and
all blocks. Leads are never merged themselves: when one is, those merged into it follow it (``path``
remembers by which cases they came), and come back with it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import select

from intake import schema
from intake.case import Case, Merged, OpenCase
from intake.contracts import Block, Text
from intake.desk import Desk
from intake.lifecycle import OPEN, WITH_BUREAU, Outcome, State
from intake.matching.offers import pass_on, revive
from intake.people import Actor, may_see
from intake.references import InvalidReference, number_from
from intake.refusals import Refused
from intake.telling import tell_bureaus, tell_complainant
from intake.verbs.performing import written
from intake.verbs.ruling import bar

_KEPT = (
    *("state_since", "step", "answered_at", "paused_from"),
    *("attention", "attention_since", "attention_step"),
)
"""Columns that merging sets back, beside the state; the event of merging remembers them."""

_TOLD = ("pending", "to_post", "sent", "delivered")
"""States of a message that its reader has, or soon will have."""


@dataclass(frozen=True, slots=True)
class Merge:
    """并案: the case joins ``into``, which is handled for both from now on.

    ``into_version`` is the lead's version that the person saw, None does not mind.
    """

    name: ClassVar[str] = "merge"
    into: str  # the lead's reference
    reason: str
    into_version: int | None = None

    def act(self, case: OpenCase, actor: Actor, desk: Desk) -> State | None:
        reason, lead = written(self.reason, "reason_needed"), self._lead(case, actor, desk)
        row, followers, before = case.row, _followers(case, desk), lead.row.answer_due_at
        _count_pause(lead, desk)
        dues = _dues(lead, desk) | _dues(case, desk)
        told = {"into": lead.row.reference, "path": [lead.row.id], "reason": reason}
        kept = {name: _stored(getattr(row, name)) for name in _KEPT}
        seq = case.record(actor, "merged", **told, state=str(row.state), kept=kept)
        row.merged_into, row.outcome, row.closed_at = lead.row.id, Outcome.MERGED, desk.now
        row.attention = row.attention_since = row.paused_from = None
        case.lead = lead
        for other in (case, *followers):
            lead.merged[other.row.id] = Merged(other.row.id, other.row.number, other.row.received_at)
        lead.participations += case.participations
        case.participations = case.own()
        case.merged.clear()
        for other in followers:
            _point(other, lead, [*_path(other, desk), lead.row.id], actor)
        self._unite(case, lead, actor, reason, dues, before)
        _tell(case, lead, seq, desk)
        _rule(desk, case, lead, actor, "merged")
        pass_on(desk.connection, desk.store, row.id, lead.row.id)
        return State.CLOSED

    def _lead(self, case: OpenCase, actor: Actor, desk: Desk) -> OpenCase:
        """The lead, if the case may be merged into it."""
        try:
            lead = desk.take_number(number_from(self.into))
        except InvalidReference:
            raise Refused("no_lead") from None
        if lead is None or not _sees(actor, lead, desk):
            raise Refused("no_lead")
        if lead is case:
            raise Refused("into_itself")
        if lead.row.merged_into is not None:
            raise Refused("lead_merged")
        if lead.row.state not in OPEN:
            raise Refused("lead_closed")
        if self.into_version is not None and self.into_version != lead.row.version:
            raise Refused("changed")
        if {code for code in (lead.row.bureau, *lead.row.supporting) if code} & case.barred:
            raise Refused("lead_barred")
        return lead

    def _unite(
        self,
        case: OpenCase,
        lead: OpenCase,
        actor: Actor,
        reason: str,
        dues: Mapping[str, datetime],
        before: datetime,
    ) -> None:
        """Blocks and the earliest deadline hold for the lead; the clock cannot be gamed (promise 6)."""
        because = f"并案：{case.row.reference}", f"merged with {case.row.reference}"
        bar(lead, actor, [Block(code, Text(*because)) for code in sorted(case.barred - lead.barred)])
        lead.row.answer_due_at = min(dues.values())
        lead.record(
            actor,
            "merged",
            of=case.row.reference,
            reason=reason,
            dues={key: due.isoformat() for key, due in dues.items()},
            due_before=before.isoformat(),
            due_after=lead.row.answer_due_at.isoformat(),
        )


@dataclass(frozen=True, slots=True)
class Separate:
    """拆分: the case stands by itself again, where it stood when it was merged."""

    name: ClassVar[str] = "separate"
    reason: str

    def act(self, case: OpenCase, actor: Actor, desk: Desk) -> State | None:
        reason, lead, row = written(self.reason, "reason_needed"), case.lead, case.row
        if lead is None:
            raise Refused("not_merged")
        before = _last(desk, row.id, "merged", "path")
        followers = [other for other in _followers(lead, desk) if row.id in _path(other, desk)]
        leaving = {row.id, *(other.row.id for other in followers)}
        dues = {key: due for key, due in _dues(lead, desk).items() if key not in leaving}
        told = _told_the_answer(case, lead, leaving, desk)
        facts = {"answered": True} if told else {}
        seq = case.record(actor, "separated", of=lead.row.reference, reason=reason, **facts)
        row.merged_into = row.outcome = row.closed_at = None
        row.state = State(before["state"])
        for name in _KEPT:
            setattr(row, name, _restored(name, before["kept"][name]))
        case.lead = None
        _part_from(case, lead, leaving)
        for other in followers:
            path = _path(other, desk)
            _point(other, case, path[: path.index(row.id) + 1], actor)
        was, lead.row.answer_due_at = lead.row.answer_due_at, min(dues.values())
        lead.record(
            actor,
            "separated",
            **{"from": row.reference},
            reason=reason,
            dues={key: due.isoformat() for key, due in dues.items()},
            due_before=was.isoformat(),
            due_after=lead.row.answer_due_at.isoformat(),
        )
        revive(desk.connection, row.id)
        _rule(desk, case, lead, actor, "dismissed")
        _tell_apart(case, told, seq, desk)
        return None


def _sees(actor: Actor, case: OpenCase, desk: Desk) -> bool:
    row = case.row
    return may_see(actor, row.bureau, row.supporting, case.barred, desk.policies.directory)


def _count_pause(lead: OpenCase, desk: Desk) -> None:
    """What a waiting lead was paused for until now is its own: whoever joins now never waited for it."""
    row = lead.row
    if row.paused_from is not None:
        until = max(row.paused_from, min(desk.now, row.due_at) if row.due_at else desk.now)
        row.answer_due_at = desk.policies.chaser.resume(row.answer_due_at, row.paused_from, until)
        row.paused_from = until


def _part_from(case: OpenCase, lead: OpenCase, leaving: set[str]) -> None:
    """Everybody goes back to the case they complained in, or to its lead of then."""
    case.participations = [part for part in lead.participations if part.complaint_id in leaving]
    lead.participations = [part for part in lead.participations if part.complaint_id not in leaving]
    case.merged = {key: one for key, one in lead.merged.items() if key in leaving and key != case.row.id}
    lead.merged = {key: one for key, one in lead.merged.items() if key not in leaving}


def _followers(lead: OpenCase, desk: Desk) -> list[OpenCase]:
    """The cases merged into ``lead``, locked."""
    return [case for case in desk.take(sorted(lead.merged)) if case.row.merged_into == lead.row.id]


def _point(case: OpenCase, lead: OpenCase, path: list[str], actor: Actor) -> None:
    """A merged case follows its lead into another one, or back."""
    case.row.merged_into, case.lead = lead.row.id, lead
    case.record(actor, "repointed", into=lead.row.reference, path=path)


def _path(case: OpenCase, desk: Desk) -> list[str]:
    """The leads that a merged case came by, the present one last."""
    for event in reversed(case.new_events):
        if "path" in event.data:
            return list(event.data["path"])
    return list(_last(desk, case.row.id, "merged", "path", "repointed")["path"])


def _dues(lead: OpenCase, desk: Desk) -> dict[str, datetime]:
    """The answer's deadline of the case and of each merged into it, later by the pauses since then.

    Another urgency since then counts anew from each receipt.
    """
    row, chaser = lead.row, desk.policies.chaser
    if not lead.merged:
        return {row.id: row.answer_due_at}
    noted = _last(desk, row.id, "merged", "dues", "separated")
    after = datetime.fromisoformat(noted["due_after"])
    if row.answer_due_at == after:
        return {key: datetime.fromisoformat(due) for key, due in noted["dues"].items()}
    if row.answer_due_at > after:
        dues = {key: datetime.fromisoformat(due) for key, due in noted["dues"].items()}
        return {key: chaser.resume(due, after, row.answer_due_at) for key, due in dues.items()}
    received = {row.id: row.received_at} | {key: one.received_at for key, one in lead.merged.items()}
    counted = {key: chaser.answer_due(row.urgency, at) for key, at in received.items()}
    return {key: max(due, row.answer_due_at) for key, due in counted.items()}


def _last(desk: Desk, complaint_id: str, *wanted: str) -> dict[str, Any]:
    """What the latest event told that has the fact ``wanted[1]``; the other words are kinds of event."""
    kinds, fact = {wanted[0], *wanted[2:]}, wanted[1]
    case = desk.cases[complaint_id]
    for event in reversed(case.new_events):
        if event.kind in kinds and fact in event.data:
            return dict(event.data)
    e = schema.event.c
    query = select(e.data).where(e.complaint_id == complaint_id, e.kind.in_(kinds)).order_by(e.seq.desc())
    for told in desk.connection.execute(query).scalars():
        if fact in told:
            return dict(told)
    raise Refused("not_merged")


def _tell(case: OpenCase, lead: OpenCase, seq: int, desk: Desk) -> None:
    """Each hears once that the matter is handled together; and the answer, when there is one already."""
    row, answered = lead.row, lead.row.state is State.ANSWERED
    for part in case.participations:
        due = row.answer_due_at
        tell_complainant(case, part, "merged", seq, answered=answered, bureau=row.bureau, due_at=due)
    if not answered:
        return
    e = schema.event.c
    query = select(e.seq).where(e.complaint_id == lead.row.id, e.kind == "answered").order_by(e.seq.desc())
    answered_seq = desk.connection.execute(query.limit(1)).scalar_one()
    for part in lead.participations:
        if part.complaint_id in lead.merged:  # whom it was told before is not told twice: same dedupe key
            tell_complainant(lead, part, "answer", answered_seq, answer=row.answer, bureau=row.bureau)


def _told_the_answer(case: OpenCase, lead: OpenCase, leaving: Collection[str], desk: Desk) -> set[str]:
    """The parts of those who leave that the lead's answer was sent to, or waits to be."""
    o = schema.outbox.c
    theirs = [part.id for part in lead.participations if part.complaint_id in leaving]
    query = select(o.participation_id).where(o.complaint_id == lead.row.id, o.template == "answer")
    sent = query.where(o.participation_id.in_(theirs), o.state.in_(_TOLD))
    return set(desk.connection.execute(sent).scalars())


def _tell_apart(case: OpenCase, told: Collection[str], seq: int, desk: Desk) -> None:
    """Each hears once that theirs is open again; and whoever has to do it now, that it is back."""
    row = case.row
    stands = row.state is State.ANSWERED  # their own answer, of before it was merged
    for part in case.participations:
        tell_complainant(
            case,
            part,
            "separated",
            seq,
            answered=part.id in told,
            stands=stands,
            late=row.answer_due_at <= desk.now,
            bureau=row.bureau,
            due_at=row.answer_due_at,
        )
    if row.state in WITH_BUREAU:
        tell_bureaus(case, desk.policies.directory, "handler", "assignment", seq, due_at=row.answer_due_at)


def _rule(desk: Desk, case: OpenCase, lead: OpenCase, actor: Actor, state: str) -> None:
    """What was offered as one matter, or not, is decided now."""
    t = schema.companion
    younger, older = max(case.row.id, lead.row.id), min(case.row.id, lead.row.id)
    pair = (t.c.complaint_id == younger, t.c.other_id == older)
    ruled = {"state": state, "ruled_by": actor.signature(), "ruled_at": desk.now}
    row = {"complaint_id": younger, "other_id": older, "reasons": [], "likeness": 0, "found_at": desk.now}
    if not desk.connection.execute(t.update().where(*pair).values(ruled)).rowcount:
        desk.connection.execute(desk.store.insert_new(t), [row | ruled])


def _stored(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _restored(name: str, value: Any) -> Any:
    times = Case.__dataclass_fields__[name].type
    return datetime.fromisoformat(value) if value is not None and "datetime" in str(times) else value
