"""How far something was read, and who alone reads on: a bot's updates, a provider's lists."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, or_, select, update

from intake import schema
from intake.store import Store

_b = schema.bookmark.c


class Bookmarks:
    """Named places with a lease each. Thread-safe."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def take(self, name: str, owner: str, now: datetime, lease: timedelta) -> int | None:
        """Where to read on (0 at first) when the lease is ours until ``now + lease``; None when another's."""
        with self._store.write() as connection:
            rows = [{"name": name, "value": 0, "owner": None, "lease_until": None}]
            connection.execute(self._store.insert_new(schema.bookmark), rows)
            ours = or_(_b.owner.is_(None), _b.owner == owner, _b.lease_until < now)
            taken = update(schema.bookmark).where(_b.name == name, ours)
            values = taken.values(owner=owner, lease_until=now + lease).returning(_b.value)
            return connection.execute(values).scalar()

    def renew(self, name: str, owner: str, now: datetime, lease: timedelta) -> bool:
        """Keep the lease; False when it is another's by now."""
        with self._store.write() as connection:
            kept = update(schema.bookmark).where(_b.name == name, _b.owner == owner)
            return connection.execute(kept.values(lease_until=now + lease)).rowcount > 0

    def release(self, name: str, owner: str) -> None:
        """Let another read on at once."""
        with self._store.write() as connection:
            ours = update(schema.bookmark).where(_b.name == name, _b.owner == owner)
            connection.execute(ours.values(owner=None, lease_until=None))

    def value(self, name: str) -> int:
        """How far it was read; 0 when never."""
        with self._store.read() as connection:
            return connection.execute(select(_b.value).where(_b.name == name)).scalar() or 0

    @staticmethod
    def set(connection: Connection, name: str, owner: str, value: int) -> None:
        """Move the bookmark forwards inside the transaction that stores what was read.

        Raises :class:`NotOurs` when somebody else reads by now: the transaction must not commit.
        """
        moved = update(schema.bookmark).where(_b.name == name, _b.owner == owner, _b.value <= value)
        if not connection.execute(moved.values(value=value)).rowcount:
            raise NotOurs(f"another process reads “{name}”, or is further than {value}")


class NotOurs(Exception):
    """The lease was lost; whoever has it reads on. Nothing of this reading may be stored."""
