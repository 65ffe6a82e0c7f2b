"""Each look at who complained is on the record (promise 7)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from intake import schema
from intake.ids import new_id
from intake.people import Actor
from intake.store import Store


def record_look(store: Store, complaint_id: str, actor: Actor, what: str, now: datetime) -> None:
    """Write down that ``actor`` is shown who complained in one case; see :func:`record_looks`."""
    record_looks(store, [complaint_id], actor, what, now)


def record_looks(store: Store, complaint_ids: Iterable[str], actor: Actor, what: str, now: datetime) -> None:
    """Write down, before it is shown, that ``actor`` sees who complained in these cases.

    ``what`` says where (``page``, ``api`` …), at most 24 characters. Raises StorageUnavailable: then
    nothing may be shown.
    """
    signature = {**actor.signature(), "bureau": actor.bureau}
    rows = [
        {"id": new_id(), "complaint_id": key, "actor": signature, "what": what[:24], "at": now}
        for key in dict.fromkeys(complaint_ids)
    ]
    if rows:
        with store.write() as connection:
            connection.execute(schema.look.insert(), rows)
