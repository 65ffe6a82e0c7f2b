"""Another address for a complainant: what did not arrive goes out once more (改地址, 改渠道)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import Connection, and_, or_, select, update

from intake import schema
from intake.case import OpenCase, Participation
from intake.contracts import Contact
from intake.desk import Desk
from intake.lifecycle import State
from intake.people import Actor
from intake.refusals import Refused
from intake.telling import tell_again
from intake.vault import sealed, vault_of
from intake.vault.names import address_hash

_WRITTEN = {
    "postal": re.compile(r"(?s).{6,500}"),
    "email": re.compile(r"[^\s@]{1,64}@[^\s@]{3,250}"),
    "phone": re.compile(r"\+[1-9][0-9]{6,14}"),
    "web": re.compile(r""),
}
"""The kinds of address that staff can enter, and how each looks."""
_LOST = ("bounced", "failed", "dead")
_SAID_AGAIN = frozenset({"acknowledgement", "answer", "separated", "taken_back"})
_WHILE_WAITING = frozenset({"question", "question_reminder"})


@dataclass(frozen=True, slots=True)
class Readdress:
    """Word goes to another address from now on; history keeps the channel, never the address.

    What waits goes to the new address, a letter that was printed but not posted is printed anew, and what
    came back or failed is said once more. Said twice, it is done once.
    """

    name: ClassVar[str] = "readdress"
    participation_id: str
    kind: str  # postal, email, phone, web
    value: str

    def act(self, case: OpenCase, actor: Actor, desk: Desk) -> None:
        part = next((p for p in case.participations if p.id == self.participation_id), None)
        if part is None:
            raise Refused("no_complainant")
        value = self._canonical()
        channel = desk.policies.way_back(Contact(self.kind, value))
        if not channel:
            raise Refused("unreachable")
        moved = (channel, value) != (part.channel, part.address)
        part.channel, part.address = channel, value
        lost = _lost(case, part, desk)
        if moved:
            lost += _follow(part, desk)
        if not moved and not lost:
            return  # the same button pressed twice
        again = sorted({row.template for row in lost})
        seq = case.record(actor, "readdressed", participation=part.id, channel=channel, again=again)
        for row in lost:
            tell_again(case, part, row, seq)
        if case.row.attention == "undelivered" and lost:
            case.row.attention = case.row.attention_since = None

    def _canonical(self) -> str:
        lines = [" ".join(line.split()) for line in self.value.splitlines()]
        value = "\n".join(line for line in lines if line)
        if self.kind == "email":
            value = value.lower()
        elif self.kind == "phone":
            value = re.sub(r"[ ().-]", "", value)
        shape = _WRITTEN.get(self.kind)
        if shape is None or not shape.fullmatch(value):
            raise Refused("bad_address")
        return value


def _lost(case: OpenCase, part: Participation, desk: Desk) -> list[Any]:
    """The last message of each kind that matters still, where it never arrived."""
    o = schema.outbox.c
    matters = _SAID_AGAIN | (_WHILE_WAITING if case.row.state is State.AWAITING else frozenset())
    query = (
        select(schema.outbox)
        .where(o.participation_id == part.id, o.role == "complainant", o.template.in_(matters))
        .where(
            or_(o.template != "answer", o.complaint_id == case.row.id)
        )  # of another case it answers no more
        .order_by(o.id)
    )
    newest = {row.template: row for row in desk.connection.execute(query)}
    return [row for row in newest.values() if row.state in _LOST]


def _follow(part: Participation, desk: Desk) -> list[Any]:
    """Lead what has not left the house yet to the new address; returns what must be said anew for it."""
    o, p, connection = schema.outbox.c, schema.printout.c, desk.connection
    theirs = and_(o.participation_id == part.id, o.role == "complainant", o.state == "pending")
    # What a postman holds just now leaves as he took it, but a letter's address is read when it is printed.
    free = or_(o.owner.is_(None), o.channel == part.channel)
    waiting = list(connection.execute(select(o.id).where(theirs, free).with_for_update()).scalars())
    _lead(connection, waiting, part)
    query = (
        select(schema.outbox)
        .join_from(schema.printout, schema.outbox, p.outbox_id == o.id)
        .where(o.participation_id == part.id, p.state.in_(("waiting", "printing", "printed")))
        .order_by(o.id)
        .with_for_update()
    )
    letters = connection.execute(query).all()
    return _put_back(part, letters, desk) if letters else []


def _lead(connection: Connection, outbox_ids: Sequence[str], part: Participation) -> None:
    """Write the part's channel and address over those of messages."""
    o, hashed = schema.outbox, address_hash(vault_of(connection), part.address)
    for key in outbox_ids:
        said = update(o).where(o.c.id == key)
        there = {"channel": part.channel, "address": sealed(key, part.address), "address_hash": hashed}
        connection.execute(said.values(**there))


def _put_back(part: Participation, letters: Sequence[Any], desk: Desk) -> list[Any]:
    """Letters that nobody posted yet are printed with the new address, or not at all."""
    ids, connection = [row.id for row in letters], desk.connection
    queued = update(schema.printout).where(schema.printout.c.outbox_id.in_(ids))
    said = update(schema.outbox).where(schema.outbox.c.id.in_(ids))
    if part.channel == "letter":
        connection.execute(queued.values(state="waiting", batch_id=None))
        _lead(connection, ids, part)
        return []
    connection.execute(queued.values(state="cancelled", batch_id=None))
    connection.execute(said.values(state="suppressed"))
    return list(letters)
