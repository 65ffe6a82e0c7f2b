"""What a backup file looks like: a tar in gzip whose members come in a fixed order.

::

    head.json                     format, schema revision, every table with its columns
    table/<name>/<00000001>.rows  rows, some megabytes a member, in the order that keys need
    secret.key                    only when the key that signs cookies lives in the data folder
    keys.json                     the keys of what is sealed, only when they live in the data folder
    blob/<sha256>                 attachments by content
    manifest.json                 size and SHA-256 of every member above; of blobs, how many and which

A row is one line of JSON, an object of column to value. Times are ISO 8601 in UTC; JSON columns are the
text as stored, so that the hash chain holds. Of a binary column the line tells the length and the bytes
follow the line. Nothing depends on the kind of database: a backup of SQLite restores into PostgreSQL.

Headers are read one by one, as plain files with short ASCII names (POSIX.1-1988 ustar) and nothing else:
no links, no folders, no extended headers whose length somebody else chose.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Any

from sqlalchemy import BigInteger, Boolean, LargeBinary, Table, column, table
from sqlalchemy import Text as SqlText
from sqlalchemy.sql.expression import TableClause

from intake.columns import Json, Utc
from intake.vault.column import Sealed

FORMAT = 1
HEAD, SECRET, KEYS, MANIFEST = "head.json", "secret.key", "keys.json", "manifest.json"
CHUNK = 4 * 1024 * 1024
"""A member of rows is closed when it has grown to this size, in bytes."""
LARGEST = 512 * 1024 * 1024
"""No member may be larger: bytes."""

_BLOCK = tarfile.BLOCKSIZE
_KINDS: Mapping[str, Any] = {
    "text": SqlText(),
    "int": BigInteger(),
    "bool": Boolean(),
    "time": Utc(),
    "bytes": LargeBinary(),
}
Columns = Mapping[str, str]
"""Column name to kind: text, int, bool, time or bytes."""


class BackupRefused(Exception):
    """The file is no good backup, or the database cannot take it. One sentence says why and what to do."""


# ---------------------------------------------------------------- tables and rows


def columns_of(source: Table) -> Columns:
    """The columns of a table of ``intake.schema``, each with its kind."""
    return {entry.name: _kind(entry.type) for entry in source.columns}


def _kind(type_: Any) -> str:
    if isinstance(type_, Utc):
        return "time"
    if isinstance(type_, Json):
        return "text"
    if isinstance(type_, Sealed):  # as it stands: the keys go beside it
        return "bytes" if type_.kind == "bytes" else "text"
    return {str: "text", int: "int", bool: "bool", bytes: "bytes"}[type_.python_type]


def plain_table(name: str, columns: Columns) -> TableClause:
    """A table of these columns as the database holds them: JSON stays text."""
    return table(name, *(column(key, _KINDS[kind]) for key, kind in columns.items()))


def write_row(row: Mapping[str, Any], columns: Columns) -> bytes:
    """One row as a line, and the bytes of its binary columns after it."""
    line: dict[str, Any] = {}
    tail = []
    for key, kind in columns.items():
        value = row[key]
        if value is not None and kind == "time":
            value = value.astimezone(UTC).replace(tzinfo=None).isoformat()
        elif value is not None and kind == "bytes":
            tail.append(bytes(value))
            value = len(value)
        line[key] = value
    text = json.dumps(line, ensure_ascii=False, separators=(",", ":"))
    return b"".join([text.encode("utf-8"), b"\n", *tail])


def read_rows(content: bytes, columns: Columns) -> Iterator[dict[str, Any]]:
    """The rows of one member. Raises :class:`BackupRefused` for anything but rows of these columns."""
    at = 0
    while at < len(content):
        end = content.find(b"\n", at)
        if end < 0:
            raise BackupRefused("The backup holds a row that breaks off; use another backup.")
        try:
            line = json.loads(content[at:end])
        except (ValueError, RecursionError) as error:
            raise BackupRefused("The backup holds a row that is not JSON; use another backup.") from error
        if not isinstance(line, dict) or line.keys() != columns.keys():
            raise BackupRefused("The backup holds a row with other columns than it says; use another backup.")
        at = end + 1
        for key, kind in columns.items():
            if line[key] is None:
                continue
            if kind == "bytes":
                length = _expect(int, line[key], key)
                if not 0 <= length <= len(content) - at:
                    raise BackupRefused("The backup holds a message that breaks off; use another backup.")
                line[key] = content[at : at + length]
                at += length
            else:
                line[key] = _value(line[key], kind, key)
        yield line


def _value(value: Any, kind: str, key: str) -> Any:
    if kind == "time":
        try:
            return datetime.fromisoformat(_expect(str, value, key)).replace(tzinfo=UTC)
        except ValueError as error:
            raise BackupRefused(
                f"The backup holds “{value}” as time in “{key}”; use another backup."
            ) from error
    return _expect({"text": str, "int": int, "bool": bool}[kind], value, key)


def _expect(type_: type, value: Any, key: str) -> Any:
    if type(value) is not type_:
        raise BackupRefused(f"The backup holds a value of the wrong kind in “{key}”; use another backup.")
    return value


# ---------------------------------------------------------------- members


@dataclass(frozen=True, slots=True)
class Member:
    """One file inside the archive; ``content`` gives its bytes once, in pieces."""

    name: str
    size: int
    content: Iterator[bytes]

    def read(self) -> bytes:
        """All of it at once."""
        return b"".join(self.content)


def digest(content: bytes) -> str:
    """SHA-256 as 64 hex digits."""
    return hashlib.sha256(content).hexdigest()


def write_member(out: IO[bytes], name: str, size: int, content: Iterator[bytes]) -> None:
    """Append one member; ``content`` must give exactly ``size`` bytes."""
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    out.write(entry.tobuf(tarfile.USTAR_FORMAT))
    written = 0
    for piece in content:
        out.write(piece)
        written += len(piece)
    if written != size:
        raise OSError(f"{name} changed while it was read")
    out.write(bytes(-size % _BLOCK))


def write_end(out: IO[bytes]) -> None:
    """Two empty blocks close a tar."""
    out.write(bytes(2 * _BLOCK))


def read_members(source: IO[bytes]) -> Iterator[Member]:
    """The members in their order. Whoever iterates need not read one before going on to the next.

    Raises :class:`BackupRefused` for a broken gzip or tar and for anything but plain files.
    """
    while (member := _next(source)) is not None:
        yield member
        for _ in member.content:
            continue


def _next(source: IO[bytes]) -> Member | None:
    block = _exactly(source, _BLOCK)
    if not any(block):
        return None
    try:
        entry = tarfile.TarInfo.frombuf(block, "ascii", "strict")
    except (tarfile.HeaderError, ValueError) as error:
        raise BackupRefused("The file is not a backup of Huiyin, or it is damaged.") from error
    if entry.type != tarfile.REGTYPE or not 0 <= entry.size <= LARGEST:
        raise BackupRefused(f"The backup holds “{entry.name[:80]}”, which no backup of Huiyin holds.")
    return Member(entry.name, entry.size, _pieces(source, entry.size))


def _pieces(source: IO[bytes], size: int) -> Iterator[bytes]:
    left = size
    while left:
        piece = _read(source, min(left, 256 * 1024))
        left -= len(piece)
        yield piece
    _exactly(source, -size % _BLOCK)


def _exactly(source: IO[bytes], size: int) -> bytes:
    content = b""
    while len(content) < size:
        content += _read(source, size - len(content))
    return content


def _read(source: IO[bytes], size: int) -> bytes:
    """Up to ``size`` bytes, at least one."""
    try:
        piece = source.read(size)
    except gzip.BadGzipFile as error:
        raise BackupRefused("The file is not a backup of Huiyin, or it is damaged.") from error
    except (EOFError, zlib.error, OSError) as error:
        raise BackupRefused(f"The backup cannot be read to its end ({error}); use another copy.") from error
    if not piece:
        raise BackupRefused("The backup breaks off before its end; use another copy.")
    return piece
