"""What must hold for stored files: each attachment is there and is what its name says (promise 1)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Column, Connection, select

from intake import schema
from intake.contracts import Text
from intake.files.storage import Storage
from intake.findings import Finding, Report
from intake.store import Store

BATCH = 500
_YOUNG = timedelta(hours=1)
"""A file this young may belong to a message that is just being stored."""
MAX_ORPHANS = 1000
_PIECE = 1024 * 1024
_NAMED_IN = (
    schema.attachment.c.sha256,
    schema.inspection.c.preview_sha256,
    schema.letter_file.c.sha256,
    schema.letter_page.c.sha256,
)
"""Every column that names a stored file; an inspection's own key names none, it only speaks of one."""


def check_files(store: Store, blobs: Storage, report: Report, now: datetime, *, deep: bool) -> None:
    """Check every attachment's file, then list the files that nothing refers to."""
    a, last = schema.attachment.c, ""
    while True:
        with store.read() as connection:
            query = select(a.id, a.sha256, a.size, a.filename).where(a.id > last).order_by(a.id).limit(BATCH)
            rows = connection.execute(query).all()
        if not rows:
            break
        for row in rows:
            report.add(_file(blobs, row.id, row.sha256, row.size, deep=deep))
        report.count("attachments", len(rows))
        last = rows[-1].id
    waiting = _waiting(store)
    for key, sha256, size in waiting:
        report.add(_file(blobs, key, sha256, size, deep=deep))
    _list_orphans(store, blobs, report, now, {sha256 for _, sha256, _ in waiting})


def _file(blobs: Storage, key: str, sha256: str, size: int, *, deep: bool) -> Iterator[Finding]:
    try:
        found = blobs.size(sha256)
        sound = found == size and (not deep or _digest(blobs, sha256) == sha256)
    except FileNotFoundError:
        yield Finding(1, key, Text(f"附件文件 {sha256} 不见了", f"the attachment's file {sha256} is gone"))
        return
    except OSError:
        yield Finding(
            1, key, Text(f"附件文件 {sha256} 读不到", f"the attachment's file {sha256} cannot be read")
        )
        return
    if not sound:
        yield Finding(1, key, Text(f"附件文件 {sha256} 已损坏", f"the attachment's file {sha256} is damaged"))


def _digest(blobs: Storage, name: str) -> str:
    digest = hashlib.sha256()
    with blobs.open(name) as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def _waiting(store: Store) -> Sequence[tuple[str, str, int]]:
    """Files of submissions that are not filed yet: key, name, size."""
    s = schema.submission.c
    with store.read() as connection:
        rows: Sequence[Any] = connection.execute(
            select(s.id, s.attachments).where(s.state == "pending", s.attachments != [])
        ).all()
    return [(row.id, file["sha256"], file["size"]) for row in rows for file in row.attachments]


def _list_orphans(store: Store, blobs: Storage, report: Report, now: datetime, waiting: set[str]) -> None:
    names = blobs.names()
    while some := list(islice(names, BATCH)):
        with store.read() as connection:
            known = {name for column in _NAMED_IN for name in _among(connection, column, some)}
        for name in some:
            if name in known or name in waiting or not _is_old(blobs, name, now):
                continue
            report.count("orphans")
            if len(report.orphans) < MAX_ORPHANS:
                report.orphans.append(name)


def _among(connection: Connection, column: Column[Any], names: Sequence[str]) -> Sequence[str]:
    return connection.execute(select(column).where(column.in_(names))).scalars().all()


def _is_old(blobs: Storage, name: str, now: datetime) -> bool:
    try:
        return now - blobs.modified(name) > _YOUNG
    except OSError:  # tidied up meanwhile
        return False
