"""Each file that gets a row is noted for inspection, in the same transaction.

You are here: filing and fetching → [noting] → ``inspection`` rows → inspection.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, literal, or_, select, update

from intake import schema
from intake.files.limits import Verdict
from intake.store import Store
from intake.work import PENDING

_AT_ONCE = 1000


def note_files(connection: Connection, store: Store, names: Sequence[str], now: datetime) -> None:
    """Let files be inspected, by their SHA-256; one that is known is not looked at again.

    A file known to carry a virus is taken up again, so that this case's people are told as well.
    """
    i = schema.inspection.c
    fresh = {"verdict": Verdict.UNKNOWN, "state": PENDING, "due_at": now, "attempts": 0}
    rows: list[dict[str, Any]] = [{"sha256": name, **fresh} for name in sorted(set(names))]
    if not rows:
        return
    connection.execute(store.insert_new(schema.inspection), rows)
    known = update(schema.inspection).where(i.sha256.in_([row["sha256"] for row in rows]))
    known = known.where(i.verdict == Verdict.INFECTED, i.state != PENDING)
    connection.execute(known.values(state=PENDING, due_at=now, attempts=0))


def note_older_files(store: Store, now: datetime) -> int:
    """Note files that were here before they were inspected at all; returns how many, 0 when all are noted."""
    a, i = schema.attachment.c, schema.inspection.c
    missing = (
        select(a.sha256, literal(""), literal(PENDING), literal(now, i.due_at.type), literal(0))
        .where(~select(i.sha256).where(i.sha256 == a.sha256).exists())
        .distinct()
        .limit(_AT_ONCE)
    )
    with store.read() as connection:
        if connection.execute(missing.limit(1)).first() is None:
            return 0
    columns = ["sha256", "verdict", "state", "due_at", "attempts"]
    insert = schema.inspection.insert().from_select(columns, missing)
    with store.write() as connection:
        return connection.execute(insert).rowcount


def scan_the_unscanned(store: Store, now: datetime) -> int:
    """A scanner was added: what was inspected without one is taken up again; returns how many."""
    i = schema.inspection.c
    unscanned = [i.scanned_by.is_(None), i.state == "done", or_(i.reason.is_(None), i.reason != "lost")]
    with store.read() as connection:
        if connection.execute(select(i.sha256).where(*unscanned).limit(1)).first() is None:
            return 0
    with store.write() as connection:
        again = update(schema.inspection).where(*unscanned)
        return connection.execute(again.values(state=PENDING, due_at=now, attempts=0)).rowcount
