"""What clerks see of possible companions, and their "not the same" (promise 8).

You are here: ``companion`` rows offered by the worker → [offers] → the case page. Only the office is shown
them: a bureau would learn of cases that it may not see.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, or_, select, update

from intake import schema
from intake.clock import Clock
from intake.contracts import Text
from intake.lifecycle import OFFICE
from intake.people import Actor
from intake.references import InvalidReference, number_from, reference_of
from intake.refusals import Refused
from intake.store import Store

OFFERED, LAPSED, DISMISSED = "offered", "lapsed", "dismissed"
MOST_SHOWN = 10

_t, _c = schema.companion.c, schema.complaint.c


@dataclass(frozen=True, slots=True)
class Offer:
    """Another case that may be the same matter. ``younger`` True: it is the one that would be merged."""

    case: Any
    younger: bool
    subject: str
    body: str
    reasons: tuple[Text, ...]
    score: int

    @property
    def reference(self) -> str:
        """The other case's."""
        return reference_of(self.case.number)


class Offers:
    """Reads what was offered, and takes "not the same". Thread-safe."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def of(self, actor: Actor, complaint_id: str) -> list[Offer]:
        """What is offered with a case, the likeliest first; nothing to anybody but the office."""
        if actor.role not in OFFICE or actor.bureau is not None:
            return []
        with self._store.read() as connection:
            return _offers(connection, complaint_id)

    def dismiss(self, actor: Actor, reference: str, other: str) -> None:
        """They are not the same: never offered again. Raises :class:`Refused`."""
        if actor.role not in OFFICE or actor.bureau is not None:
            raise Refused("forbidden")
        try:
            numbers = {number_from(reference), number_from(other)}
        except InvalidReference:
            raise Refused("not_found") from None
        with self._store.write() as connection:
            ids = sorted(connection.execute(select(_c.id).where(_c.number.in_(numbers))).scalars())
            if len(ids) != 2:
                raise Refused("not_found")
            pair = and_(_t.complaint_id == ids[1], _t.other_id == ids[0], _t.state == OFFERED)
            ruling = {"state": DISMISSED, "ruled_by": actor.signature(), "ruled_at": self._clock()}
            connection.execute(update(schema.companion).where(pair).values(ruling))


def _offers(connection: Connection, complaint_id: str) -> list[Offer]:
    found: list[Any] = []
    for mine, theirs in ((_t.complaint_id, _t.other_id), (_t.other_id, _t.complaint_id)):
        query = select(theirs.label("key"), _t.reasons, _t.likeness).where(mine == complaint_id)
        query = query.where(_t.state == OFFERED).order_by(_t.likeness.desc()).limit(MOST_SHOWN)
        found += connection.execute(query).all()
    keys = [row.key for row in found]
    rows = connection.execute(select(schema.complaint).where(_c.id.in_(keys), _c.closed_at.is_(None)))
    cases = {row.id: row for row in rows}
    s = schema.submission.c
    first = select(s.id, s.subject, s.body).where(
        s.id.in_([case.first_submission_id for case in cases.values()])
    )
    said = {row.id: row for row in connection.execute(first)}
    offers = []
    for row in sorted(found, key=lambda row: -int(row.likeness)):
        case = cases.get(row.key)
        if case is None:
            continue
        words = said.get(case.first_submission_id)
        reasons = tuple(Text(reason["zh"], reason["en"]) for reason in row.reasons)
        subject, body = (words.subject or "", words.body or "") if words is not None else ("", "")
        offers.append(Offer(case, case.id > complaint_id, subject, body, reasons, int(row.likeness)))
    return offers[:MOST_SHOWN]


def lapse(connection: Connection, complaint_id: str) -> None:
    """A case closed: what was offered with it waits no more, so that lists stay as short as the work is."""
    _turn(connection, complaint_id, OFFERED, LAPSED)


def revive(connection: Connection, complaint_id: str) -> None:
    """A case is open again, and so is the question."""
    _turn(connection, complaint_id, LAPSED, OFFERED)


def _turn(connection: Connection, complaint_id: str, before: str, after: str) -> None:
    mine = or_(_t.complaint_id == complaint_id, _t.other_id == complaint_id)
    connection.execute(update(schema.companion).where(mine, _t.state == before).values(state=after))


def pass_on(connection: Connection, store: Store, merged: str, lead: str) -> None:
    """What was offered with a merged case is offered with its lead, unless that was ruled on before."""
    mine = or_(_t.complaint_id == merged, _t.other_id == merged)
    rows = connection.execute(select(schema.companion).where(mine, _t.state == OFFERED)).all()
    new = []
    for row in rows:
        other = row.other_id if row.complaint_id == merged else row.complaint_id
        if other != lead:
            pair = {"complaint_id": max(other, lead), "other_id": min(other, lead)}
            new.append(dict(row._mapping) | pair)
    if new:
        connection.execute(store.insert_new(schema.companion), new)
    lapse(connection, merged)
