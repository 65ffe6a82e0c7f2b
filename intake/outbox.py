"""The way out: messages that wait for their channel, with retry, back-off and dead letters.

::

    pending → sent → delivered
       │        └──→ bounced        (a report came back later)
       ├──→ failed                  (the channel said: never)
       └──→ dead                    (given up after ``MAX_ATTEMPTS``)
    suppressed                      (kept on the record, never sent)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from intake import schema
from intake.contracts import Delivery
from intake.desk import Desk, Policies
from intake.people import SYSTEM
from intake.store import Store
from intake.verbs import Deliver, perform
from intake.work import backoff, claim, put_back, still_ours

LEASE = timedelta(seconds=180)
MAX_ATTEMPTS = 12  # with back-off from 30 s to 4 h: a bit more than one day
_ON_THE_RECORD = frozenset({"answer"})
"""Templates whose delivery is an event of the case; failures always are."""


@dataclass(frozen=True, slots=True)
class Letter:
    """An outbox row with what is needed to word and address it."""

    row: Any
    case: Any
    participation: Any | None
    thread: tuple[str, ...]


class Outbox:
    """What the postman asks of intake. Thread-safe."""

    def __init__(self, store: Store, policies: Policies, owner: str) -> None:
        self._store = store
        self._policies = policies
        self._owner = owner

    def claim(self, now: datetime, limit: int) -> list[Letter]:
        """Take up to ``limit`` due messages with the facts around them."""
        rows = claim(self._store, schema.outbox, self._owner, now, LEASE, limit)
        if not rows:
            return []
        cases = {row.complaint_id for row in rows}
        parts = {row.participation_id for row in rows if row.participation_id}
        with self._store.read() as connection:
            c, p, o = schema.complaint.c, schema.participation.c, schema.outbox.c
            found = {r.id: r for r in connection.execute(select(schema.complaint).where(c.id.in_(cases)))}
            members = {
                r.id: r for r in connection.execute(select(schema.participation).where(p.id.in_(parts)))
            }
            earlier = connection.execute(
                select(o.id, o.complaint_id, o.address)
                .where(o.complaint_id.in_(cases), o.sent_at.is_not(None))
                .order_by(o.id)
            ).all()
            incoming = self._incoming(connection, [found[key].first_submission_id for key in found])
        return [
            Letter(
                row,
                found[row.complaint_id],
                members.get(row.participation_id),
                _thread(row, found[row.complaint_id], earlier, incoming),
            )
            for row in rows
        ]

    def sent(self, row: Any, delivery: Delivery, subject: str, text: str, now: datetime) -> None:
        """The channel took the message; ``final`` means that it reached the person."""
        state = "delivered" if delivery.final else "sent"
        values = {"provider_id": delivery.provider_id, "sent_at": now, "subject": subject, "text": text}
        self._finish(row, state, now, delivery.note, values, tell=row.template in _ON_THE_RECORD)

    def failed(self, row: Any, reason: str, *, permanent: bool, now: datetime) -> None:
        """The channel refused: for good, or for now (then it is tried again later)."""
        if not permanent and row.attempts < MAX_ATTEMPTS:
            wait = backoff(row.attempts, first=30, longest=4 * 3600)
            put_back(self._store, schema.outbox, self._owner, [row.id], now + wait, reason)
            return
        self._finish(row, "failed" if permanent else "dead", now, reason, {}, tell=True)

    def _finish(
        self, row: Any, state: str, now: datetime, note: str, values: dict[str, Any], *, tell: bool
    ) -> None:
        with self._store.write() as connection:
            if not still_ours(connection, schema.outbox, self._owner, [row.id]):
                return
            connection.execute(
                update(schema.outbox)
                .where(schema.outbox.c.id == row.id)
                .values(state=state, owner=None, lease_until=None, error=note or None, **values)
            )
            if tell:
                desk = Desk(connection, self._store, self._policies, now)
                status = "failed" if state in ("failed", "dead") else state
                for case in desk.take([row.complaint_id]):
                    perform(desk, case, SYSTEM, Deliver(row.id, row.template, row.role, status, note))
                desk.flush()

    @staticmethod
    def _incoming(connection: Any, submissions: Sequence[str]) -> dict[str, Any]:
        c = schema.submission.c
        query = select(c.id, c.complaint_id, c.channel, c.external_id, c.from_address).where(
            c.id.in_(submissions)
        )
        return {row.complaint_id: row for row in connection.execute(query)}


def _thread(row: Any, case: Any, earlier: Sequence[Any], incoming: dict[str, Any]) -> tuple[str, ...]:
    """Ids of the messages this one continues, for this address: theirs first, then ours.

    Ours stand as bare outbox ids; the channel makes its own ids of them.
    """
    first = incoming.get(case.id)
    theirs = [first.external_id] if first and first.channel == row.channel == "email" else []
    same = first is not None and first.from_address == row.address
    ours = [sent.id for sent in earlier if sent.complaint_id == case.id and sent.address == row.address]
    return (*(theirs if same else ()), *ours)
