"""Slows down guessing: so many tries for one name and from one peer within a window, for all processes alike.

Tries are kept in ``login_attempt`` beside those of staff, under names that no account can have, and
dropped with them (``Accounts.forget_attempts``).
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from intake import schema
from intake.clock import Clock
from intake.ids import new_id
from intake.store import Store

WINDOW = timedelta(minutes=15)


class Throttle:
    """Counts tries of one ``kind``, e.g. "track". Thread-safe."""

    def __init__(self, store: Store, clock: Clock, kind: str, *, per_name: int, per_peer: int) -> None:
        self._store = store
        self._clock = clock
        self._kind = kind
        self._per_name = per_name
        self._per_peer = per_peer

    def attempt(self, name: str, peer: str | None) -> str | None:
        """Note a try before it is made; returns its key, or None when there were too many already.

        ``peer`` None means that peers cannot be told apart: then only the name counts. Raises
        StorageUnavailable.
        """
        now, c = self._clock(), schema.login_attempt.c
        by_name = f"{self._kind}:{name}"[:64]
        by_peer = f"{self._kind}:{peer or '?'}"[:64]
        recent = (c.at > now - WINDOW, c.succeeded.is_(False))
        count = select(func.count()).select_from(schema.login_attempt)
        with self._store.write() as connection:
            if connection.execute(count.where(c.username == by_name, *recent)).scalar_one() >= self._per_name:
                return None
            from_peer = connection.execute(count.where(c.peer == by_peer, *recent)).scalar_one()
            if peer is not None and from_peer >= self._per_peer:
                return None
            row = {"id": new_id(), "username": by_name, "peer": by_peer, "at": now, "succeeded": False}
            connection.execute(schema.login_attempt.insert(), row)
            return str(row["id"])

    def forgive(self, key: str) -> None:
        """The try was right: it does not count."""
        with self._store.write() as connection:
            connection.execute(schema.login_attempt.delete().where(schema.login_attempt.c.id == key))
