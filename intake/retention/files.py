"""Letting go of files that nobody refers to any more."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import Connection, delete, select

from intake import schema
from intake.files.storage import Storage
from intake.store import Store

YOUNG = timedelta(hours=1)
"""A file this young may belong to a message that is just being stored."""


def forget_files(store: Store, blobs: Storage, names: Collection[str]) -> int:
    """Remove those of ``names`` (SHA-256) that no row names; returns how many were removed.

    A file that came in again within the last hour stays: its row may be on its way.
    """
    if not names:
        return 0
    with store.write() as connection:
        free = set(names) - _named(connection, names)
        known = schema.inspection.c.sha256.in_(free)
        connection.execute(delete(schema.inspection).where(known))
    return sum(blobs.discard(name, YOUNG) for name in sorted(free))


def with_previews(connection: Connection, names: Collection[str]) -> set[str]:
    """``names`` (SHA-256) and the pictures that were made of them to be shown."""
    i = schema.inspection.c
    made = select(i.preview_sha256).where(i.sha256.in_(names), i.preview_sha256.is_not(None))
    return set(names) | set(connection.execute(made).scalars())


def _named(connection: Connection, names: Collection[str]) -> set[str]:
    """Those that an attachment, a letter or a message in the queue refers to."""
    found: set[str] = set()
    for table in (schema.attachment, schema.letter_file, schema.letter_page):
        found |= set(connection.execute(select(table.c.sha256).where(table.c.sha256.in_(names))).scalars())
    i, s = schema.inspection.c, schema.submission.c
    shown = select(i.preview_sha256).where(i.preview_sha256.in_(names), i.sha256.not_in(names))
    found |= {name for name in connection.execute(shown).scalars() if name}
    kept = select(i.preview_sha256).where(i.sha256.in_(found), i.preview_sha256.is_not(None))
    found |= {name for name in connection.execute(kept).scalars() if name}
    waiting = select(s.attachments).where(s.state == "pending", s.attachments != [])
    return found | {file["sha256"] for files in connection.execute(waiting).scalars() for file in files}
