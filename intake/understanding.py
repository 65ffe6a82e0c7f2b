"""From raw bytes to a reading: outside any transaction, and never an exception that stops the queue."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from intake import schema
from intake.blobs import BlobStore
from intake.contracts import ReadAttachment, Reader, Reading, StoredAttachment, UnreadableSubmission
from intake.store import Store

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 5
"""A submission that took its worker down this often is not read again: a person looks at it."""


@dataclass(frozen=True, slots=True)
class Understood:
    """A claimed submission and what was understood of it; ``parked`` says why a person must look."""

    row: Any
    reading: Reading
    files: tuple[StoredAttachment, ...]
    parked: str | None = None


def understand(
    store: Store, blobs: BlobStore, readers: Mapping[str, Reader], rows: Sequence[Any]
) -> list[Understood]:
    """Read every claimed row. Raises OSError when a file could not be stored: trying again helps."""
    raw = schema.raw_message.c
    with store.read() as connection:
        query = select(raw.submission_id, raw.content).where(raw.submission_id.in_([r.id for r in rows]))
        contents = {key: bytes(content) for key, content in connection.execute(query)}
    return [_understand(blobs, readers, row, contents[row.id]) for row in rows]


def _understand(blobs: BlobStore, readers: Mapping[str, Reader], row: Any, raw: bytes) -> Understood:
    reading, parked = Reading(), None
    if row.attempts > MAX_ATTEMPTS:
        parked = f"{row.attempts - 1} attempts to read this message failed: {row.error or 'worker died'}"
    else:
        try:
            reading = readers[row.channel](raw, row.envelope)
        except UnreadableSubmission as error:
            parked = str(error)
        except Exception as error:  # promise 3: whatever a message does to its reader, it becomes work
            log.exception("a %s submission could not be read: %s", row.channel, row.id)
            parked = f"the reader failed: {type(error).__name__}"
    stored = tuple(StoredAttachment(**entry) for entry in row.attachments)
    return Understood(row, reading, stored + _keep(blobs, reading.attachments), parked)


def _keep(blobs: BlobStore, files: Sequence[ReadAttachment]) -> tuple[StoredAttachment, ...]:
    return tuple(
        StoredAttachment(file.filename, file.media_type, len(file.content), blobs.put(file.content))
        for file in files
    )
