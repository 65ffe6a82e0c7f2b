"""Who looked at who complained, and when (promise 7): kept beside the case, never changed."""

from __future__ import annotations

from collections.abc import Sequence
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
    row = {"id": new_id(), "complaint_id": complaint_id, "actor": actor.signature(), "what": what, "at": now}
    with store.write() as connection:
        connection.execute(schema.look.insert(), row)


def looks_at(store: Store, complaint_id: str) -> Sequence[Any]:
    """The last looks at a case, newest first: rows with ``actor``, ``what``, ``at``."""
    c = schema.look.c
    query = select(schema.look).where(c.complaint_id == complaint_id).order_by(c.id.desc()).limit(MAX_SHOWN)
    with store.read() as connection:
        return connection.execute(query).all()
