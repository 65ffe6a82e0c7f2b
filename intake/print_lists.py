"""What the print queue shows: letters that wait, batches at hand, and which letter a returned one is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, exists, func, or_, select

from intake import schema
from intake.people import Actor
from intake.print_queue import PRINTERS
from intake.references import InvalidReference, number_from
from intake.refusals import Refused
from intake.store import Store

MOST_SHOWN = 500
_p, _b, _o, _c, _m = (
    schema.printout.c,
    schema.print_batch.c,
    schema.outbox.c,
    schema.complaint.c,
    schema.participation.c,
)


class PrintLists:
    """Reads for the office and the front desk; anybody else is refused. Thread-safe."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def waiting(self, actor: Actor) -> Sequence[Any]:
        """Letters that wait, oldest first: what is known of each, with recipient, address and ``pages``."""
        return self._rows(actor, _LETTERS.where(_p.state == "waiting").order_by(_p.outbox_id))

    def letters(self, actor: Actor, batch_id: str) -> Sequence[Any]:
        """The letters of a batch in the order in which they are printed."""
        return self._rows(actor, _LETTERS.where(_p.batch_id == batch_id).order_by(_p.outbox_id))

    def letter(self, actor: Actor, outbox_id: str) -> Any | None:
        """One letter, or None."""
        found = self._rows(actor, _LETTERS.where(_p.outbox_id == outbox_id))
        return found[0] if found else None

    def batch(self, actor: Actor, batch_id: str) -> Any | None:
        """A row of ``print_batch``, or None."""
        found = self._rows(actor, select(schema.print_batch).where(_b.id == batch_id))
        return found[0] if found else None

    def open_batches(self, actor: Actor) -> Sequence[Any]:
        """Batches with letters that are not posted yet, oldest first, with ``left`` of them."""
        at_hand = _p.state.in_(("printing", "printed"))
        query = (
            select(schema.print_batch, func.count().label("left"))
            .join_from(schema.print_batch, schema.printout, _p.batch_id == _b.id)
            .where(at_hand)
            .group_by(*schema.print_batch.c)
            .order_by(_b.id)
        )
        return self._rows(actor, query)

    def history(self, actor: Actor, before: str = "", limit: int = 50) -> Sequence[Any]:
        """Batches, newest first; ``before`` is the id of the last one of the page before."""
        query = select(schema.print_batch).order_by(_b.id.desc()).limit(limit)
        return self._rows(actor, query.where(_b.id < before) if before else query)

    def out(self, actor: Actor, wanted: str) -> Sequence[Any]:
        """Posted letters of a reference, or of the postal service's number; newest first."""
        number = wanted.strip().upper()[:60]
        known = [func.upper(_p.registered) == number] if number else []
        try:
            known.append(_c.number == number_from(wanted.strip()))
        except InvalidReference:
            if not known:
                return []
        query = _LETTERS.where(_p.state == "posted", or_(*known)).order_by(_p.outbox_id.desc())
        return self._rows(actor, query)

    def returned(self, actor: Actor) -> Sequence[Any]:
        """Letters that came back and whose case still calls the office for it, newest first."""
        later = schema.outbox.alias()
        said_again = exists().where(
            later.c.participation_id == _o.participation_id,
            later.c.template == _o.template,
            later.c.id > _o.id,
        )
        query = _LETTERS.where(_p.state == "came_back", _c.attention == "undelivered", ~said_again)
        return self._rows(actor, query.order_by(_p.came_back_on.desc(), _p.outbox_id.desc()))

    def of_case(self, complaint_id: str) -> Sequence[Any]:
        """The rows of ``printout`` of one case."""
        query = select(schema.printout).where(_p.complaint_id == complaint_id).order_by(_p.outbox_id)
        with self._store.read() as connection:
            return connection.execute(query).all()

    def _rows(self, actor: Actor, query: Select[Any]) -> Sequence[Any]:
        if actor.role not in PRINTERS or actor.bureau is not None:
            raise Refused("forbidden")
        with self._store.read() as connection:
            return connection.execute(query.limit(MOST_SHOWN) if query._limit_clause is None else query).all()


_LETTERS = (
    select(
        *(_p.outbox_id, _p.state, _p.queued_at, _p.pages, _p.copies, _p.batch_id, _p.complaint_id),
        *(_p.posted_on, _p.registered, _p.came_back_on, _p.came_back_why),
        *(_o.id, _o.name, _o.address, _o.language, _o.template, _o.participation_id),
        *(_m.large_print, _c.number),
    )
    .join_from(schema.printout, schema.outbox, _p.outbox_id == _o.id)
    .join(schema.participation, _m.id == _o.participation_id, isouter=True)
    .join(schema.complaint, _c.id == _p.complaint_id, isouter=True)
)
