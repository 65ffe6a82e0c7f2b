"""Tablets that the desk handed over to visitors: until when each is a kiosk, and ending that before.

You are here: "Hand over this tablet" → [kiosks] → every page the tablet asks for. A tablet is a row of
``bookmark``: since when as ``value`` (Unix seconds), who handed it over as ``owner``, until when as
``lease_until``. It tells tablets apart, never visitors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select, update

from intake import schema
from intake.store import Store

_PREFIX = "kiosk:"
_REMEMBERED = timedelta(days=2)
_MOST_SHOWN = 100
_b = schema.bookmark.c


@dataclass(frozen=True, slots=True)
class Kiosk:
    """One tablet. ``by`` is the name of who handed it over, "" when that account is gone."""

    name: str
    by: str
    since: datetime
    until: datetime


class Kiosks:
    """Which tablets are kiosks now. Thread-safe; of many processes too; raises StorageUnavailable."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def hand_over(self, name: str, staff_id: str, now: datetime, length: timedelta) -> None:
        """Let the tablet ``name`` be a kiosk until ``now + length``; those of days ago are forgotten."""
        row = {"name": _PREFIX + name, "value": int(now.timestamp()), "owner": staff_id}
        over = _b.name.startswith(_PREFIX), _b.lease_until < now - _REMEMBERED
        with self._store.write() as connection:
            connection.execute(delete(schema.bookmark).where(*over))
            connection.execute(schema.bookmark.insert(), [row | {"lease_until": now + length}])

    def is_open(self, name: str, now: datetime) -> bool:
        """Whether the tablet is a kiosk still."""
        query = select(_b.lease_until).where(_b.name == _PREFIX + name)
        with self._store.read() as connection:
            until = connection.execute(query).scalar()
        return until is not None and until > now

    def all_open(self, now: datetime) -> Sequence[Kiosk]:
        """Tablets that are kiosks now, the last one handed over first."""
        staff = schema.staff.c
        query = (
            select(schema.bookmark, staff.name.label("by"))
            .join_from(schema.bookmark, schema.staff, staff.id == _b.owner, isouter=True)
            .where(_b.name.startswith(_PREFIX), _b.lease_until > now)
            .order_by(_b.value.desc(), _b.name)
            .limit(_MOST_SHOWN)
        )
        with self._store.read() as connection:
            rows = connection.execute(query).all()
        return [
            Kiosk(
                row.name.removeprefix(_PREFIX),
                row.by or "",
                datetime.fromtimestamp(row.value, UTC),
                row.lease_until,
            )
            for row in rows
        ]

    def end(self, name: str, now: datetime) -> bool:
        """The tablet is a kiosk no longer; False when it was none any more."""
        ours = update(schema.bookmark).where(_b.name == _PREFIX + name, _b.lease_until > now)
        with self._store.write() as connection:
            return connection.execute(ours.values(lease_until=now)).rowcount > 0
