"""A scan comes in: its files durable first, then the row that names them; the same scan twice is one letter.

You are here: scanner folder or upload → [arriving] → ``letter`` pending.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo

from sqlalchemy import select

from intake import schema
from intake.contracts import StorageUnavailable, StoredAttachment
from intake.files.storage import Storage
from intake.ids import new_id
from intake.store import Store
from intake.vault import sealed
from intake.work import PENDING

MAX_FILES = 200
"""Files of one letter: pictures of single pages."""
MAX_FILE_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Scan:
    """One file of a letter. ``media_type`` is told by its content; ``filename`` is clean."""

    filename: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Taken:
    """The promise that a letter is on disk; a scan that was here before gets its letter again."""

    letter_id: str
    duplicate: bool


class TooMuch(ValueError):
    """More files than one letter may have, or none."""


class LetterIntake:
    """Takes letters in. Thread-safe; of many processes too."""

    def __init__(self, store: Store, blobs: Storage, zone: tzinfo) -> None:
        self._store = store
        self._blobs = blobs
        self._zone = zone

    def take_in(self, scans: Iterable[Scan], source: str, scanned_at: datetime) -> Taken:
        """Make a letter of ``scans``, in this order; they are stored one by one, so a generator may bring
        them.

        ``source`` is folder or upload. Raises :class:`TooMuch` and :class:`StorageUnavailable`; after either
        the same scan may be sent again.
        """
        files: list[StoredAttachment] = []
        for scan in scans:
            if len(files) == MAX_FILES:
                raise TooMuch(f"a letter has at most {MAX_FILES} files")
            try:
                sha256 = self._blobs.put(scan.content)
            except OSError as error:
                raise StorageUnavailable("the scan could not be stored just now") from error
            files.append(StoredAttachment(scan.filename, scan.media_type, len(scan.content), sha256))
        if not files:
            raise TooMuch("a letter has at least one file")
        return self._keep(files, source, scanned_at)

    def _keep(self, files: list[StoredAttachment], source: str, scanned_at: datetime) -> Taken:
        key, mark = new_id(), dedupe_key([file.sha256 for file in files])
        row = {
            "id": key,
            "source": source,
            "dedupe_key": mark,
            "scanned_at": scanned_at,
            "received_on": scanned_at.astimezone(self._zone).date().isoformat(),
            "pages_read": 0,
            "state": PENDING,
            "due_at": scanned_at,
            "attempts": 0,
            "fields": sealed(key, {}),
            "draft": sealed(key, {}),
        }
        with self._store.write() as connection:
            connection.execute(self._store.insert_new(schema.letter), [row])
            stands = select(schema.letter.c.id).where(schema.letter.c.dedupe_key == mark)
            known: str = connection.execute(stands).scalar_one()
            if known == key:
                connection.execute(schema.letter_file.insert(), file_rows(key, files))
            return Taken(known, duplicate=known != key)


def dedupe_key(digests: Iterable[str]) -> str:
    """What makes a letter the same one: the contents of its files, in order."""
    return hashlib.sha256("\0".join(("letter", *digests)).encode()).hexdigest()


def file_rows(letter_id: str, files: Iterable[StoredAttachment]) -> list[dict[str, object]]:
    """The rows of ``letter_file``."""
    return [
        {
            "id": new_id(),
            "letter_id": letter_id,
            "position": position,
            "filename": file.filename,
            "media_type": file.media_type,
            "size": file.size,
            "sha256": file.sha256,
        }
        for position, file in enumerate(files)
    ]
