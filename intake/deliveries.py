"""What carriers report of messages that were handed to them: sent, delivered, failed.

::

    pending → sent → delivered
       │        └──→ bounced
       └──→ failed

Reports come late, twice and out of order; a message only ever moves forwards, unless a report says that
it must be sent again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from intake import schema
from intake.clock import Clock
from intake.contracts import Json
from intake.desk import Desk, Policies
from intake.notes import without_addresses
from intake.outbox import MAX_ATTEMPTS
from intake.people import SYSTEM, Actor
from intake.store import Store
from intake.verbs import Deliver, Redirect, Verb, perform
from intake.work import PENDING, backoff, not_later

_RANK: Mapping[str, int] = {PENDING: 0, "sent": 1}
"""How far a message is; every other state is an end."""
_END = 9
_TOLD = frozenset({"answer"})
"""Templates whose arrival is an event of the case."""


class Deliveries:
    """Takes carriers' reports in. Thread-safe."""

    def __init__(self, store: Store, policies: Policies, clock: Clock) -> None:
        self._store = store
        self._policies = policies
        self._clock = clock

    def report(
        self,
        outbox_id: str | None,
        provider_id: str,
        status: str,
        note: str = "",
        *,
        permanent: bool = True,
        again_at: datetime | None = None,
        other_way: str = "",
    ) -> bool:
        """Note ``status`` ("sent", "delivered" or "failed") of one message; True when there is such a one.

        A failure with ``again_at`` or ``other_way``, or one that is not ``permanent``, makes the message
        wait to be sent again. Raises ValueError for another status, StorageUnavailable to try again.
        """
        if status not in ("sent", "delivered", "failed"):
            raise ValueError(f"“{status}” is no status of a delivery")
        with self._store.write() as connection:
            row = _find(connection, outbox_id, provider_id)
            if row is None:
                return False
            note = without_addresses(note, row.address)
            if _of_an_earlier_try(row, provider_id, status):
                return True
            if _RANK.get(row.state, _END) >= _RANK.get(status, _END):
                self._complete(connection, row, provider_id)
                return True
            verb = self._move(connection, row, provider_id, status, note, permanent, again_at, other_way)
            if verb is not None and row.complaint_id is not None:
                self._tell(connection, row.complaint_id, SYSTEM, verb)
            return True

    def posted(self, connection: Connection, outbox_id: str, actor: Actor, facts: Json) -> None:
        """Note, within the caller's transaction, that ``actor`` gave a letter to the post: it counts as told.

        ``facts`` go on the record: the day, the postal service's number.
        """
        self._by_hand(connection, outbox_id, actor, ("pending", "sent"), "delivered", facts)

    def came_back(self, connection: Connection, outbox_id: str, actor: Actor, facts: Json) -> None:
        """Note, within the caller's transaction, that the post returned a letter: somebody must see to it."""
        self._by_hand(connection, outbox_id, actor, ("sent", "delivered"), "bounced", facts)

    def _by_hand(
        self,
        connection: Connection,
        outbox_id: str,
        actor: Actor,
        before: tuple[str, ...],
        state: str,
        facts: Json,
    ) -> None:
        row = _find(connection, outbox_id, "")
        if row is None or row.state not in before:
            return
        now, o = self._clock(), schema.outbox
        values = {"state": state, "owner": None, "lease_until": None, "sent_at": row.sent_at or now}
        connection.execute(o.update().where(o.c.id == row.id).values(**values))
        self._tell(
            connection, row.complaint_id, actor, Deliver(row.id, row.template, row.role, state, "", facts)
        )

    def _tell(self, connection: Connection, complaint_id: str, actor: Actor, verb: Verb) -> None:
        desk = Desk(connection, self._store, self._policies, self._clock())
        [case] = desk.take([complaint_id])
        perform(desk, case, actor, verb)
        desk.flush()

    def _move(
        self,
        connection: Connection,
        row: Any,
        provider_id: str,
        status: str,
        note: str,
        permanent: bool,
        again_at: datetime | None,
        other_way: str,
    ) -> Verb | None:
        now = self._clock()
        values: dict[str, Any] = {"owner": None, "lease_until": None, "error": note[:2000] or None}
        verb: Verb | None = None
        if status != "failed":
            values |= {"state": status, "provider_id": provider_id or row.provider_id}
            values["sent_at"] = row.sent_at or now
            if row.template in _TOLD:
                verb = Deliver(row.id, row.template, row.role, status, note)
        elif again_at is not None:
            values |= {"provider_id": provider_id or row.provider_id}
            values |= {"state": PENDING, "due_at": not_later(again_at, now)}
            values["attempts"] = max(0, row.attempts - 1)
        elif other_way and other_way != row.channel and row.attempts < MAX_ATTEMPTS:
            values |= {"provider_id": provider_id or row.provider_id}
            values |= {"state": PENDING, "due_at": now, "channel": other_way}
            verb = Redirect(row.id, row.participation_id, other_way, note)
        elif not permanent and row.attempts < MAX_ATTEMPTS:
            values |= {"provider_id": provider_id or row.provider_id}
            values |= {"state": PENDING, "due_at": now + backoff(row.attempts, first=30, longest=4 * 3600)}
        else:
            ended = "failed" if row.state == PENDING else "bounced"
            values |= {"state": ended, "provider_id": provider_id or row.provider_id}
            verb = Deliver(row.id, row.template, row.role, ended, note)
        o = schema.outbox
        connection.execute(o.update().where(o.c.id == row.id).values(**values))
        return verb

    @staticmethod
    def _complete(connection: Connection, row: Any, provider_id: str) -> None:
        """A report that comes too late may still name the carrier's id, which later ones are found by."""
        o = schema.outbox
        if provider_id and row.provider_id is None and row.state != PENDING:
            connection.execute(o.update().where(o.c.id == row.id).values(provider_id=provider_id))


def _of_an_earlier_try(row: Any, provider_id: str, status: str) -> bool:
    """Whether this is old news: of a try that failed and was reported, while the message is sent again.

    A message that waits keeps the carrier's id of the try that failed; one that was sent, the last id, and
    those of its other parts in the postman's note.
    """
    if not provider_id or status == "delivered":
        return False
    if row.state == PENDING:
        return bool(provider_id == row.provider_id)
    known = (row.provider_id or "", row.error or "")
    recorded = row.state == "sent" and row.text is not None and row.provider_id is not None
    return recorded and not any(provider_id in name for name in known)


def _find(connection: Connection, outbox_id: str | None, provider_id: str) -> Any:
    o = schema.outbox
    for column, value in ((o.c.id, outbox_id), (o.c.provider_id, provider_id)):
        if value:
            found = connection.execute(select(o).where(column == value).limit(1).with_for_update()).first()
            if found is not None:
                return found
    return None
