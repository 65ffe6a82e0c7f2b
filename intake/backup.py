"""Backup: the whole service in one file, taken from one moment while the service runs.

Memory stays at a few megabytes however large the database is. The file appears under its name only when
it is whole and on disk.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from sqlalchemy import Connection, select

from intake.backup_format import (
    CHUNK,
    FORMAT,
    HEAD,
    KEYS,
    LARGEST,
    MANIFEST,
    SECRET,
    BackupRefused,
    Columns,
    columns_of,
    digest,
    plain_table,
    write_end,
    write_member,
    write_row,
)
from intake.disk import sync
from intake.files.storage import Storage
from intake.ids import new_id
from intake.migrate import current, head
from intake.schema import attachment, metadata
from intake.store import Store

Progress = Callable[[str, int], None]
"""Told a table's name, or ``blob``, and how many rows or files of it were written just now."""

_COMPRESSION = 3  # gzip: nearly as small as 6 for text, and twice as quick


@dataclass(slots=True)
class BackupReport:
    """What went into the file: rows per table, files, and the names of files that could not."""

    rows: dict[str, int] = field(default_factory=dict)
    blobs: int = 0
    size: int = 0  # bytes of the file
    lost: list[str] = field(default_factory=list)  # named by a row, but missing or damaged on disk


def backup(
    store: Store,
    blobs: Storage,
    file: Path,
    *,
    now: datetime,
    secret: str | None = None,
    keys: str | None = None,
    replace: bool = False,
    progress: Progress = lambda _name, _count: None,
) -> BackupReport:
    """Write everything to ``file`` (mode 0600), under its name only when it is whole and on disk.

    A file that is there is refused, also one that came meanwhile, or with ``replace`` replaced at the end.

    ``secret`` is the key that signs cookies and ``keys`` the content of the file of keys that opens what
    is sealed, None when they are not to be kept in the file. Raises
    :class:`BackupRefused` when the schema is not this code's, OSError when the file cannot be written.
    """
    if not replace and os.path.lexists(file):
        raise _there_already(file)
    if current(store) != head():
        raise BackupRefused(
            f"The database is at revision {current(store) or 'none'} and this version writes {head()}; "
            "run “huiyin migrate” first, or make the backup with the version that wrote the database."
        )
    draft = file.with_name(f".{file.name}.{new_id()[-8:]}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as raw:
            with gzip.GzipFile("", "wb", _COMPRESSION, raw) as out:
                report = _Writer(cast(IO[bytes], out), progress).write(store, blobs, now, (secret, keys))
            raw.flush()
            os.fsync(raw.fileno())
        if replace:
            draft.replace(file)
        else:
            _name(draft, file)
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()
    sync(file.parent)
    report.size = file.stat().st_size
    return report


def _name(draft: Path, file: Path) -> None:
    """Give the whole backup its name; of two at once the second is refused."""
    try:
        os.link(draft, file)
    except FileExistsError:
        raise _there_already(file) from None
    except OSError:  # a disk that knows no second names: FAT, some network shares
        if os.path.lexists(file):
            raise _there_already(file) from None
        draft.replace(file)


def _there_already(file: Path) -> BackupRefused:
    return BackupRefused(
        f"{file} is there already and was not touched; choose another name, or say --force to replace it."
    )


class _Writer:
    """Writes one archive."""

    def __init__(self, out: IO[bytes], progress: Progress) -> None:
        self._out = out
        self._progress = progress
        self._report = BackupReport()
        self._members: dict[str, dict[str, Any]] = {}

    def write(
        self, store: Store, blobs: Storage, now: datetime, secrets: tuple[str | None, str | None]
    ) -> BackupReport:
        tables = {table.name: columns_of(table) for table in metadata.sorted_tables}
        self._member(
            HEAD,
            _json({"format": FORMAT, "revision": head(), "made_at": now.isoformat(), "tables": tables}),
        )
        with store.read() as connection:
            if not store.is_sqlite:
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            for name, columns in tables.items():
                self._table(connection, name, columns)
            self._find_lost(connection, blobs)
        for name, secret in zip((SECRET, KEYS), secrets, strict=True):
            if secret is not None:
                self._member(name, secret.encode("ascii"))
        names = self._blobs(blobs)
        manifest = {
            "rows": self._report.rows,
            "members": self._members,
            "blobs": {"count": self._report.blobs, "names_sha256": names},
        }
        content = _json(manifest)
        write_member(self._out, MANIFEST, len(content), iter([content]))
        write_end(self._out)
        return self._report

    def _member(self, name: str, content: bytes) -> None:
        self._members[name] = {"size": len(content), "sha256": digest(content)}
        write_member(self._out, name, len(content), iter([content]))

    def _table(self, connection: Connection, name: str, columns: Columns) -> None:
        self._report.rows[name] = 0
        for serial, (count, content) in enumerate(_chunks(_rows(connection, name, columns)), 1):
            self._member(f"table/{name}/{serial:08d}.rows", content)
            self._report.rows[name] += count
            self._progress(name, count)

    def _find_lost(self, connection: Connection, blobs: Storage) -> None:
        """Rows may name files that somebody removed; better known now than at the restore."""
        query = select(attachment.c.sha256).distinct().order_by(attachment.c.sha256)
        for (name,) in connection.execute(query.execution_options(yield_per=1000)):
            try:
                blobs.size(name)
            except FileNotFoundError:
                self._report.lost.append(name)

    def _blobs(self, blobs: Storage) -> str:
        """Every file there is: rows of our moment name only files written before it."""
        names = hashlib.sha256()
        for name in blobs.names():
            with blobs.open(name) as file:
                size = file.seek(0, os.SEEK_END)
                if size > LARGEST or _digest(file) != name:
                    self._report.lost.append(name)
                    continue
                file.seek(0)
                write_member(self._out, f"blob/{name}", size, _pieces(file))
            names.update(name.encode())
            self._report.blobs += 1
            self._progress("blob", 1)
        return names.hexdigest()


def _rows(connection: Connection, name: str, columns: Columns) -> Iterator[bytes]:
    source = plain_table(name, columns)
    query = select(source).order_by(*(source.c[key.name] for key in metadata.tables[name].primary_key))
    few = "bytes" in columns.values()  # of raw messages, which may be large, only some are in memory
    result = connection.execute(query.execution_options(yield_per=16 if few else 400))
    for row in result.mappings():
        yield write_row(dict(row), columns)


def _chunks(rows: Iterator[bytes]) -> Iterator[tuple[int, bytes]]:
    """Rows joined to members: how many, and the content."""
    waiting: list[bytes] = []
    size = 0
    for row in rows:
        waiting.append(row)
        size += len(row)
        if size >= CHUNK:
            yield len(waiting), b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield len(waiting), b"".join(waiting)


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8")


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(256 * 1024):
        yield piece


def _digest(file: BinaryIO) -> str:
    file.seek(0)
    found = hashlib.sha256()
    for piece in _pieces(file):
        found.update(piece)
    return found.hexdigest()
