"""Many rows in one INSERT, as text made once: for the hot path, where building statements costs most.

What is sent is what SQLAlchemy would send, values bound by the columns' own types; only the work of
putting the statement together for every batch is saved.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Column, Connection, CursorResult, Table

from intake.store import Store

Binder = Callable[[Any], Any]


def binders(store: Store, columns: Sequence[Column[Any]]) -> list[Binder | None]:
    """What makes each column's values what the driver takes; None where it takes them as they are."""
    dialect = store.engine.dialect
    return [column.type.dialect_impl(dialect).bind_processor(dialect) for column in columns]


class RowWriter:
    """Writes rows of some ``columns`` of a table; ``ending`` is SQL after the values."""

    def __init__(self, store: Store, table: Table, columns: Sequence[str], ending: str = "") -> None:
        self._head = f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES "
        mark = "?" if store.is_sqlite else "%s"
        self._row = f"({', '.join([mark] * len(columns))})"
        self._ending = f" {ending}"
        self._binders = binders(store, [table.c[name] for name in columns])
        self._texts: dict[int, str] = {}

    def write(self, connection: Connection, rows: Sequence[Sequence[Any]]) -> CursorResult[Any]:
        """Insert ``rows``, each with a value per column in order; at least one row."""
        text = self._texts.get(len(rows))
        if text is None:
            text = self._head + ", ".join([self._row] * len(rows)) + self._ending
            self._texts[len(rows)] = text
        values = [
            value if bind is None else bind(value)
            for row in rows
            for bind, value in zip(self._binders, row, strict=True)
        ]
        return connection.exec_driver_sql(text, tuple(values))
