"""From raw bytes to a reading: outside any transaction, and never an exception that stops the queue."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from sqlalchemy import select

from intake import schema
from intake.contracts import (
    Automatic,
    Decision,
    Matter,
    ReadAttachment,
    Reader,
    Reading,
    Router,
    StoredAttachment,
    Text,
    UnreadableSubmission,
)
from intake.files.limits import MAX_FILES
from intake.files.storage import Storage
from intake.matching.texts import fingerprint
from intake.search import indexed
from intake.store import Store
from intake.vault import is_unreadable

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 5
"""A submission that took its worker down this often is not read again: a person looks at it."""


_UNREADABLE = Text(
    "来件无法读取，需要人工查看原件", "The message could not be read; a person must look at the original"
)
_AUTOMATIC = Text("自动发出的邮件，需要人工判断", "Sent by a machine; a person must judge it")


@dataclass(frozen=True, slots=True)
class Understood:
    """A claimed submission and what was understood of it.

    ``parked`` says why a person must look. ``proposal`` is where it would go as a new matter, and
    ``words`` what the search index takes of it: both are ready before anything is locked.
    """

    row: Any
    reading: Reading
    files: tuple[StoredAttachment, ...]
    parked: str | None
    proposal: Decision
    words: str
    known_by: str = ""  # the text's fingerprint; "" when it says too little to come "again"


def understand(
    store: Store, blobs: Storage, readers: Mapping[str, Reader], router: Router, rows: Sequence[Any]
) -> list[Understood]:
    """Read every claimed row. Raises OSError when a file could not be stored: trying again helps."""
    raw = schema.raw_message.c
    with store.read() as connection:
        query = select(raw.submission_id, raw.content).where(raw.submission_id.in_([r.id for r in rows]))
        contents = {row.submission_id: row.content for row in connection.execute(query)}
    read = [(row, *_read(readers, row, contents[row.id])) for row in rows]
    read = [(row, _bounded(reading, len(row.attachments)), parked) for row, reading, parked in read]
    kept = _keep(blobs, [file for _, reading, _ in read for file in reading.attachments])
    return [
        Understood(
            row,
            reading,
            _handed_in(row) + tuple(islice(kept, len(reading.attachments))),
            parked,
            _propose(router, row, reading, parked),
            indexed(f"{reading.subject}\n{reading.body}"),
            fingerprint(reading.body) if parked is None and reading.automatic is Automatic.NONE else "",
        )
        for row, reading, parked in read
    ]


def _bounded(reading: Reading, handed_in: int) -> Reading:
    """The reading with no more files than are filed of one submission.

    The others are told of as a problem; they stay in the raw message, which the staff can fetch. What the
    channel stored before handing in is in no raw message and is filed in any case.
    """
    room = max(0, MAX_FILES - handed_in)
    over = len(reading.attachments) - room
    if over <= 0:
        return reading
    left = f"{over} more file(s) than the {MAX_FILES} that are filed of one message; the original has them"
    return replace(reading, attachments=reading.attachments[:room], problems=(*reading.problems, left))


def _propose(router: Router, row: Any, reading: Reading, parked: str | None) -> Decision:
    """Where it would go as a new matter."""
    if parked is not None:
        return Decision(None, "none", None, _UNREADABLE)
    if reading.automatic in (Automatic.REPLY, Automatic.BOUNCE):
        return Decision(None, "none", None, _AUTOMATIC)
    return router.route(
        Matter(
            channel=row.channel,
            subject=reading.subject,
            body=reading.body,
            sender="" if reading.anonymous or not reading.contacts else reading.contacts[0].value,
            place=reading.place,
            category=reading.category,
            subject_bureau=reading.subject_bureau,
        )
    )


def _read(readers: Mapping[str, Reader], row: Any, raw: bytes) -> tuple[Reading, str | None]:
    """What the channel's reader makes of ``raw``, and why a person must look, if so."""
    if is_unreadable(raw) or is_unreadable(row.envelope):
        return Reading(), "the stored message does not open: it was changed, or its key is gone"
    if row.attempts > MAX_ATTEMPTS:
        reason = f"{row.attempts - 1} attempts to read this message failed: {row.error or 'worker died'}"
        return Reading(), reason
    try:
        return readers[row.channel](raw, row.envelope), None
    except UnreadableSubmission as error:
        return Reading(), str(error)
    except Exception as error:  # promise 3: whatever a message does to its reader, it becomes work
        log.exception("a %s submission could not be read: %s", row.channel, row.id)
        return Reading(), f"the reader failed: {type(error).__name__}"


def _handed_in(row: Any) -> tuple[StoredAttachment, ...]:
    """Files that the channel stored before handing the submission in."""
    return tuple(StoredAttachment(**entry) for entry in row.attachments)


def _keep(blobs: Storage, files: Sequence[ReadAttachment]) -> Iterator[StoredAttachment]:
    """Store the files of a whole batch together; the disk is waited for once, not once a file."""
    names = blobs.put_all([file.content for file in files])
    for file, name in zip(files, names, strict=True):
        yield StoredAttachment(file.filename, file.media_type, len(file.content), name)
