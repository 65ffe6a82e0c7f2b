"""What was erased must not lie on in the file: SQLite only strikes out what it deletes.

::

    erasing transaction, freed pages overwritten → index merged, struck-out words left behind
        → pages that became free before, filled and freed again → log emptied

PostgreSQL's vacuum frees dead rows and overwrites them in its own time (docs/operating.md).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

from intake.store import Store

log = logging.getLogger(__name__)

_PAGES = 200
"""Index pages merged in a transaction: nobody waits long for the database meanwhile."""
_STEPS = 100_000
_PATIENCE_MS = 500


@contextmanager
def overwriting(store: Store) -> Iterator[Connection]:
    """One transaction (:meth:`Store.write`) whose deleted and replaced content is overwritten with zeros."""
    with store.write() as connection:
        if not store.is_sqlite:
            yield connection
            return
        connection.exec_driver_sql("PRAGMA secure_delete=ON")
        try:
            yield connection
        finally:
            connection.exec_driver_sql("PRAGMA secure_delete=FAST")


def wipe_behind(store: Store) -> None:
    """After an erasing: leave no struck-out word in SQLite's index, and nothing in free pages and the log."""
    if not store.is_sqlite:
        return
    _merge_index(store)
    _fill_free_pages(store)
    _empty_log(store)


def _merge_index(store: Store) -> None:
    pages = -_PAGES  # the first call begins a merge of all, the others go on with it
    for _ in range(_STEPS):
        with overwriting(store) as connection:
            if not _merge(connection, pages):
                break
        pages = _PAGES


def _merge(connection: Connection, pages: int) -> bool:
    """One step of the merge; returns whether it found anything to do (SQLite: FTS5, “merge”)."""

    def changes() -> int:
        return int(connection.execute(text("SELECT total_changes()")).scalar_one())

    before = changes()
    command = text("INSERT INTO complaint_search (complaint_search, rank) VALUES ('merge', :pages)")
    connection.execute(command, {"pages": pages})
    return changes() - before >= 2


def _fill_free_pages(store: Store) -> None:
    """Pages that were freed by an everyday change keep what stood in them: write zeros there."""
    with overwriting(store) as connection:
        connection.execute(text("DROP TABLE IF EXISTS wiping"))  # of a run that was killed
        connection.execute(text("CREATE TABLE wiping (zeros BLOB NOT NULL)"))
        size = int(connection.execute(text("PRAGMA page_size")).scalar_one())
    for _ in range(_STEPS):
        with overwriting(store) as connection:
            free = int(connection.execute(text("PRAGMA freelist_count")).scalar_one())
            if free == 0:
                break
            zeros = {"length": min(free, _PAGES) * (size - 4)}  # each overflow page begins with 4 bytes
            connection.execute(text("INSERT INTO wiping (zeros) VALUES (zeroblob(:length))"), zeros)
    with store.write() as connection:
        connection.execute(text("DROP TABLE wiping"))


def _empty_log(store: Store) -> None:
    connection = store.engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={_PATIENCE_MS}")
        [busy, *_] = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        cursor.execute("PRAGMA busy_timeout=15000")
        if busy:
            log.info("retention: the write-ahead log is in use and is overwritten bit by bit")
    finally:
        connection.close()
