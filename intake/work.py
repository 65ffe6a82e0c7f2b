"""Work is data: rows that wait, are claimed for the length of a lease, and are finished or put back.

A claim is one short transaction; the work itself happens outside it; what finishes only counts while
the lease is still ours. A worker that dies leaves its rows to be claimed again when the lease ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Connection, Table, or_, select, update

from intake.store import Store

PENDING = "pending"
FARTHEST = timedelta(hours=5)
"""Nothing is put off or leased for longer: what is due later was dated by a clock that ran ahead."""


def key_of(table: Table) -> Column[str]:
    """The one column that names a piece of work: ``id``, or what else the table's primary key is."""
    [column] = table.primary_key.columns
    return column


def claim(
    store: Store,
    table: Table,
    owner: str,
    now: datetime,
    lease: timedelta,
    limit: int,
    *,
    alone_after: int | None = None,
) -> list[Any]:
    """Take up to ``limit`` due rows of ``table``, oldest first; returns the whole rows.

    ``attempts`` is raised here, before the work, so that work which kills its worker is counted. A row
    that was tried ``alone_after`` times is taken by itself, after all others that are due: if it is the
    one that kills, its neighbours neither die with it again nor get the blame.
    """
    c, key = table.c, key_of(table)
    astray = now + FARTHEST
    free = or_(c.lease_until.is_(None), c.lease_until < now, c.lease_until > astray)
    due = select(key).where(c.state == PENDING, or_(c.due_at <= now, c.due_at > astray), free)
    with store.read() as connection:  # an idle worker only looks, it does not queue for the write lock
        if connection.execute(due.limit(1)).first() is None:
            return []
    oldest = due.add_columns(c.attempts).order_by(c.due_at, key).limit(limit)
    oldest = oldest.with_for_update(skip_locked=True)
    with store.write() as connection:
        found = connection.execute(oldest).all()
        chosen = [row[0] for row in found if alone_after is None or row.attempts < alone_after]
        if not found:
            return []
        taken = (
            update(table)
            .where(key.in_(chosen or [found[0][0]]))
            .values(owner=owner, lease_until=now + lease, attempts=c.attempts + 1)
            .returning(*c)
        )
        return sorted(connection.execute(taken), key=lambda row: str(row._mapping[key]))


def still_ours(connection: Connection, table: Table, owner: str, ids: Sequence[str]) -> set[str]:
    """Which of ``ids`` are still claimed by ``owner``; locks them until the transaction ends."""
    c, key = table.c, key_of(table)
    query = select(key).where(key.in_(ids), c.owner == owner, c.state == PENDING).with_for_update()
    return set(connection.execute(query).scalars())


def put_back(
    store: Store,
    table: Table,
    owner: str,
    ids: Sequence[str],
    due_at: datetime,
    error: str,
    *,
    blameless: bool = False,
) -> None:
    """Give claimed work back, to be tried again at ``due_at``; ``blameless`` work loses no attempt."""
    if not ids:
        return
    c, key = table.c, key_of(table)
    with store.write() as connection:
        connection.execute(
            update(table)
            .where(key.in_(ids), c.owner == owner, c.state == PENDING)
            .values(
                owner=None,
                lease_until=None,
                due_at=due_at,
                error=error[:2000],
                attempts=c.attempts - 1 if blameless else c.attempts,
            )
        )


def backoff(attempts: int, *, first: float = 5.0, longest: float = 3600.0) -> timedelta:
    """How long to wait before the next attempt: doubling from ``first`` up to ``longest`` seconds."""
    return timedelta(seconds=min(longest, first * 2.0 ** max(0, attempts - 1)))


def not_later(moment: datetime, now: datetime) -> datetime:
    """``moment``, or the last one that a row may wait for; whoever claims it then looks again."""
    return min(moment, now + FARTHEST - timedelta(minutes=30))
