"""Whether the clock may be believed when something is to be erased for ever.

You are here: the clock's job → [steady] → keeper. A machine whose clock jumps a year ahead would find a
year's cases old enough, and what is erased does not come back. So after a leap, and after a long silence,
which looks the same, nothing is erased for a day: long enough for people to see that every deadline has gone
mad.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, select, update

from intake import schema
from intake.store import Store

LEAP = timedelta(days=3)
"""Further than this between two looks is a leap; a machine may be off over a weekend."""
BACK = timedelta(hours=1)
"""Time servers correct a clock by less."""
REST = timedelta(days=1)
"""After a leap nothing is erased for so long."""

_SEEN, _LEAPT = "retention: clock seen", "retention: clock leapt"
_b = schema.bookmark.c


def is_steady(store: Store, now: datetime) -> bool:
    """Note what time it is, and say whether it came there by itself. Of many processes too."""
    with store.write() as connection:
        rows = [{"name": n, "value": 0, "owner": None, "lease_until": None} for n in (_SEEN, _LEAPT)]
        connection.execute(store.insert_new(schema.bookmark), rows)
        seen, leapt = _moment(connection, _SEEN), _moment(connection, _LEAPT)
        if not -BACK <= now - seen <= LEAP:
            leapt = now
            _note(connection, _LEAPT, now)
        _note(connection, _SEEN, now)
        return now - leapt >= REST


def _moment(connection: Connection, name: str) -> datetime:
    query = select(_b.value).where(_b.name == name).with_for_update()
    return datetime.fromtimestamp(connection.execute(query).scalar_one(), UTC)


def _note(connection: Connection, name: str, now: datetime) -> None:
    told = update(schema.bookmark).where(_b.name == name)
    connection.execute(told.values(value=int(now.timestamp())))
