"""How many letters wait, for the numbers in the navigation: read from an index, and only when it is shown."""

from __future__ import annotations

from sqlalchemy import Column, Table, func, select

from intake import schema
from web.services import Services

MOST = 99
"""Counted up to one more than this; the page then says "99+"."""
_QUEUES: dict[str, tuple[Table, Column[str], tuple[str, ...]]] = {
    "letters": (schema.letter, schema.letter.c.state, ("waiting", "unreadable")),
    "printing": (schema.printout, schema.printout.c.state, ("waiting",)),
}


class Waiting:
    """Says of ``letters`` (to be entered) and ``printing`` (to be sent) how many wait for a person."""

    def __init__(self, services: Services) -> None:
        self._store = services.store

    def __call__(self) -> dict[str, str]:
        """Each as it is shown; "" for none."""
        with self._store.read() as connection:
            found = {}
            for name, (table, state, words) in _QUEUES.items():
                some = select(state).select_from(table).where(state.in_(words)).limit(MOST + 1).subquery()
                count = connection.execute(select(func.count()).select_from(some)).scalar_one()
                found[name] = f"{MOST}+" if count > MOST else str(count or "")
        return found
