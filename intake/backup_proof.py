"""Proving a backup before anything is touched: every name, size, checksum and the order of its members."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any, cast

from intake.backup_format import (
    FORMAT,
    HEAD,
    KEYS,
    MANIFEST,
    SECRET,
    BackupRefused,
    Columns,
    Member,
    digest,
    read_members,
)
from intake.migrate import head, revisions

ROWS = re.compile(r"table/([a-z_]{1,40})/(\d{8})\.rows")
BLOB = re.compile(r"blob/([0-9a-f]{64})")
_LARGEST_JSON = 64 * 1024 * 1024
_KINDS = {"text", "int", "bool", "time", "bytes"}
_NOT_OURS = "The file is not a backup of Huiyin, or it is damaged; use another copy."


@dataclass(frozen=True, slots=True)
class Contents:
    """A backup whose every byte was checked."""

    revision: str
    made_at: str
    tables: Mapping[str, Columns]
    rows: Mapping[str, int]
    members: Mapping[str, Mapping[str, Any]]
    blobs: int


def prove(raw: IO[bytes]) -> Contents:
    """Read the whole file and prove it. Raises :class:`BackupRefused` in one sentence."""
    members = open_archive(raw)
    first = next(members, None)
    if first is None or first.name != HEAD:
        raise BackupRefused(_NOT_OURS)
    head_content = _small(first)
    revision, made_at, tables = _read_head(head_content)
    seen = {HEAD: {"size": len(head_content), "sha256": digest(head_content)}}
    order = _Order(tables)
    blobs, names = 0, hashlib.sha256()
    for member in members:
        if member.name == MANIFEST:
            manifest = _json_object(_small(member))
            break
        order.take(member.name)
        found = hashlib.sha256()
        for piece in member.content:
            found.update(piece)
        if blob := BLOB.fullmatch(member.name):
            if found.hexdigest() != blob[1]:
                raise BackupRefused(
                    f"The attachment {blob[1][:12]}… in the backup is damaged; use another copy."
                )
            names.update(blob[1].encode())
            blobs += 1
        else:
            seen[member.name] = {"size": member.size, "sha256": found.hexdigest()}
    else:
        raise BackupRefused("The backup breaks off before its end; use another copy.")
    if next(members, None) is not None:
        raise BackupRefused("The backup goes on after its end; somebody changed it, so use another copy.")
    if manifest.get("members") != seen:
        raise BackupRefused("The backup does not match its own checksums; it was damaged or changed.")
    if manifest.get("blobs") != {"count": blobs, "names_sha256": names.hexdigest()}:
        raise BackupRefused("The backup lacks attachments it should hold; use another copy.")
    rows = manifest.get("rows")
    if not isinstance(rows, dict) or rows.keys() != tables.keys():
        raise BackupRefused(_NOT_OURS)
    return Contents(revision, made_at, tables, rows, seen, blobs)


def open_archive(raw: IO[bytes]) -> Iterator[Member]:
    """The members of a backup, from the beginning of ``raw``."""
    return read_members(cast(IO[bytes], gzip.GzipFile(fileobj=raw, mode="rb")))


class _Order:
    """Members come as ``intake.backup`` writes them: tables in key order, the secrets, the files by once."""

    def __init__(self, tables: Mapping[str, Columns]) -> None:
        self._rank = {name: rank for rank, name in enumerate(tables)}
        self._last: tuple[int, int] = (-1, 0)

    def take(self, name: str) -> None:
        if rows := ROWS.fullmatch(name):
            rank, serial = self._rank.get(rows[1], -1), int(rows[2])
            follows = rank == self._last[0] and serial == self._last[1] + 1
            known = rank >= 0 and (follows or (rank > self._last[0] and serial == 1))
        elif name in (SECRET, KEYS):
            rank = len(self._rank) + (name == KEYS)
            serial, known = 0, self._last[0] < rank
        else:
            rank, serial, known = len(self._rank) + 2, 0, BLOB.fullmatch(name) is not None
            known = known and self._last[0] <= rank
        if not known:
            raise BackupRefused(f"The backup holds “{name[:80]}”, which no backup of Huiyin holds there.")
        self._last = (rank, serial)


def _read_head(content: bytes) -> tuple[str, str, dict[str, Columns]]:
    read = _json_object(content)
    if read.get("format") != FORMAT:
        raise BackupRefused(
            f"The backup is of format {str(read.get('format'))[:20]} and this version reads {FORMAT}; "
            "restore it with the version that made it."
        )
    revision, tables = read.get("revision"), read.get("tables")
    if revision not in revisions():
        raise BackupRefused(
            f"The backup is of schema revision {str(revision)[:20]}, which this version (at {head()}) does "
            "not know; restore it with the version that made it, or a newer one."
        )
    good = isinstance(tables, dict) and all(
        isinstance(columns, dict) and all(kind in _KINDS for kind in map(str, columns.values()))
        for columns in tables.values()
    )
    if not good or not isinstance(tables, dict):
        raise BackupRefused(_NOT_OURS)
    return str(revision), str(read.get("made_at")), tables


def _small(member: Member) -> bytes:
    if member.size > _LARGEST_JSON:
        raise BackupRefused(_NOT_OURS)
    return member.read()


def _json_object(content: bytes) -> dict[str, Any]:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BackupRefused(_NOT_OURS) from error
    if not isinstance(value, dict):
        raise BackupRefused(_NOT_OURS)
    return value
