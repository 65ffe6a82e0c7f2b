"""Who looked at who complained, and when (promise 7): kept beside the case, never changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from intake import schema
from intake.ids import new_id
from intake.people import Actor
from intake.store import Store

MAX_SHOWN = 200


def record_look(store: Store, complaint_id: str, actor: Actor, what: str, now: datetime) -> None:
    """Write down that ``actor`` is about to be shown ``what`` (complainant, raw …) of a case.

    Call it before showing: when it raises StorageUnavailable, nothing may be shown.
    """
    record_looks(store, [complaint_id], actor, what, now)


def record_looks(store: Store, complaint_ids: Iterable[str], actor: Actor, what: str, now: datetime) -> None:
    """The same for many cases in one transaction; a case named twice is one look."""
    rows = [
        {"id": new_id(), "complaint_id": key, "actor": actor.signature(), "what": what[:24], "at": now}
        for key in dict.fromkeys(complaint_ids)
    ]
    if rows:
        with store.write() as connection:
            connection.execute(schema.look.insert(), rows)


def has_looked(store: Store, complaint_id: str, actor: Actor, what: str, since: datetime) -> bool:
    """Whether it is written down that ``actor`` was shown ``what`` at or after ``since``."""
    c = schema.look.c
    query = select(c.actor).where(c.complaint_id == complaint_id, c.what == what[:24], c.at >= since)
    with store.read() as connection:
        return actor.signature() in connection.execute(query).scalars().all()


def looks_at(store: Store, complaint_id: str) -> Sequence[Any]:
    """The last looks at a case, newest first: rows with ``actor``, ``what``, ``at``."""
    c = schema.look.c
    query = select(schema.look).where(c.complaint_id == complaint_id).order_by(c.id.desc()).limit(MAX_SHOWN)
    with store.read() as connection:
        return connection.execute(query).all()
