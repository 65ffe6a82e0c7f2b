"""What must hold for stored files: each attachment is there and is what its name says (promise 1)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import select

from intake import schema
from intake.blobs import BlobStore
from intake.contracts import Text
from intake.findings import Finding, Report
from intake.store import Store

BATCH = 500
_YOUNG = timedelta(hours=1)
"""A file this young may belong to a message that is just being stored."""
MAX_ORPHANS = 1000
_PIECE = 1024 * 1024


def check_files(store: Store, blobs: BlobStore, report: Report, now: datetime, *, deep: bool) -> None:
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


def _file(blobs: BlobStore, key: str, sha256: str, size: int, *, deep: bool) -> Iterator[Finding]:
    try:
        path = blobs.path(sha256)
        found = path.stat().st_size
    except OSError:
        yield Finding(1, key, Text(f"附件文件 {sha256} 不见了", f"the attachment's file {sha256} is gone"))
        return
    sound = found == size
    if sound and deep:
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
        sound = digest.hexdigest() == sha256
    if not sound:
        yield Finding(1, key, Text(f"附件文件 {sha256} 已损坏", f"the attachment's file {sha256} is damaged"))


def _waiting(store: Store) -> Sequence[tuple[str, str, int]]:
    """Files of submissions that are not filed yet: key, name, size."""
    s = schema.submission.c
    with store.read() as connection:
        rows: Sequence[Any] = connection.execute(
            select(s.id, s.attachments).where(s.state == "pending", s.attachments != [])
        ).all()
    return [(row.id, file["sha256"], file["size"]) for row in rows for file in row.attachments]


def _list_orphans(store: Store, blobs: BlobStore, report: Report, now: datetime, waiting: set[str]) -> None:
    a, names = schema.attachment.c, blobs.names()
    while some := list(islice(names, BATCH)):
        with store.read() as connection:
            known = set(connection.execute(select(a.sha256).where(a.sha256.in_(some))).scalars())
        for name in some:
            if name in known or name in waiting or not _is_old(blobs, name, now):
                continue
            report.count("orphans")
            if len(report.orphans) < MAX_ORPHANS:
                report.orphans.append(name)


def _is_old(blobs: BlobStore, name: str, now: datetime) -> bool:
    try:
        return now.timestamp() - blobs.path(name).stat().st_mtime > _YOUNG.total_seconds()
    except OSError:  # tidied up meanwhile, or no name of ours
        return False
