"""Restore: a backup becomes the service again, all of it or nothing.

The file is read twice: first every name, size and checksum is proved without touching the database; then
all rows go in within one transaction. Files come before the rows that name them and the rows are committed
last, so a restore that is killed leaves a database without rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, inspect, select, text
from sqlalchemy.exc import DatabaseError

from intake.backup_format import HEAD, MANIFEST, BackupRefused, Columns, digest, plain_table, read_rows
from intake.backup_proof import BLOB, ROWS, Contents, open_archive, prove
from intake.files.storage import Storage
from intake.migrate import current, migrate
from intake.reindexing import index_all
from intake.store import Store

Progress = Callable[[str, int], None]
_SECRET_TEXT = re.compile(r"[!-~]{32,1024}")


def restore(
    store: Store,
    blobs: Storage,
    file: Path,
    *,
    keep_secret: Callable[[str], None],
    progress: Progress = lambda _name, _count: None,
) -> Contents:
    """Check ``file``, then fill the empty database and the blob store from it.

    ``keep_secret`` gets the key that signs cookies, when the backup holds one. Raises
    :class:`BackupRefused` (nothing changed in the database), StorageUnavailable or OSError.
    """
    with file.open("rb") as raw:
        contents = prove(raw)
        _prepare(store, contents)
        raw.seek(0)
        try:
            with store.write() as connection:
                _insist_on_empty(connection, store, contents)
                _load(connection, blobs, raw, contents, keep_secret, progress)
                index_all(connection, lambda count: progress("search", count))
        except DatabaseError as error:
            raise BackupRefused(f"The database does not take the rows of the backup: {error.orig}") from error
    migrate(store)
    return contents


# ---------------------------------------------------------------- second reading: filling


def _prepare(store: Store, contents: Contents) -> None:
    """Bring a database without tables to the revision of the backup; a migrated one must be there."""
    present = current(store)
    if present is None:
        migrate(store, contents.revision)
    elif present != contents.revision:
        raise BackupRefused(
            f"The database is at revision {present} and the backup at {contents.revision}; "
            "restore into a new, empty database and it will be brought up to date."
        )


def _insist_on_empty(connection: Connection, store: Store, contents: Contents) -> None:
    """No row may be there, and no other process may add one until we are done."""
    found = inspect(connection)
    tables = {
        name for name in found.get_table_names() if not name.startswith(("alembic_", "complaint_search"))
    }
    if tables != contents.tables.keys():
        raise BackupRefused("The tables in the backup are not those of its revision; use another copy.")
    for name, columns in contents.tables.items():
        if {column["name"] for column in found.get_columns(name)} != columns.keys():
            raise BackupRefused(f"The columns of “{name}” in the backup are not those of its revision.")
    if not store.is_sqlite:
        locked = ", ".join(f'"{name}"' for name in contents.tables)
        connection.execute(text(f"LOCK TABLE {locked} IN ACCESS EXCLUSIVE MODE"))
    for name, columns in contents.tables.items():
        if connection.execute(select(plain_table(name, columns)).limit(1)).first() is not None:
            raise BackupRefused(
                f"The database is not empty: there are rows in “{name}”. Restore into a new one by setting "
                "HUIYIN_DATA_DIR (or HUIYIN_DATABASE_URL) to a place where no service has run yet."
            )


def _load(
    connection: Connection,
    blobs: Storage,
    raw: IO[bytes],
    contents: Contents,
    keep_secret: Callable[[str], None],
    progress: Progress,
) -> None:
    loaded = dict.fromkeys(contents.tables, 0)
    for member in open_archive(raw):
        if member.name in (HEAD, MANIFEST):
            continue
        content = member.read()
        if blob := BLOB.fullmatch(member.name):
            if blobs.put(content) != blob[1]:
                raise BackupRefused("The backup changed while it was read; try again.")
            progress("blob", 1)
            continue
        if digest(content) != contents.members[member.name]["sha256"]:
            raise BackupRefused("The backup changed while it was read; try again.")
        if rows := ROWS.fullmatch(member.name):
            count = _insert(connection, rows[1], contents.tables[rows[1]], content)
            loaded[rows[1]] += count
            progress(rows[1], count)
        else:
            keep_secret(_secret(content))
    if loaded != contents.rows:
        raise BackupRefused("The backup does not hold as many rows as it says; use another copy.")


def _insert(connection: Connection, name: str, columns: Columns, content: bytes) -> int:
    insert = plain_table(name, columns).insert()
    batch: list[dict[str, Any]] = []
    count = 0
    for row in read_rows(content, columns):
        batch.append(row)
        count += 1
        if len(batch) == 1000:
            connection.execute(insert, batch)
            batch = []
    if batch:
        connection.execute(insert, batch)
    return count


def _secret(content: bytes) -> str:
    value = content.decode("ascii", "replace").strip()
    if not _SECRET_TEXT.fullmatch(value):
        raise BackupRefused("The signing key in the backup is damaged; use another copy.")
    return value
