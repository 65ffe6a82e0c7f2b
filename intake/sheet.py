"""What one batch writes down of its submissions, gathered while it is filed and written at the end.

You are here: filing → [sheet] → database. One statement a table, however long the batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from intake import schema
from intake.case import OpenCase
from intake.contracts import StoredAttachment
from intake.desk import outbox_row
from intake.files.limits import MAX_FILES
from intake.files.noting import note_files
from intake.ids import new_id
from intake.search import PARTS, SearchIndex, slot
from intake.store import Store
from intake.understanding import Understood
from intake.vault import sealed, vault_of

_s = schema.submission.c
_DONE = (
    schema.submission.update()
    .where(_s.id == bindparam("b_id"))
    .values(
        {
            name: bindparam(name)
            for name in (
                *("state", "owner", "lease_until", "complaint_id", "author", "from_name", "from_kind"),
                *("from_address", "subject", "body", "quoted", "automatic", "problems", "became", "part_of"),
                "details",
            )
        }
    )
)
_PUT_OFF = (
    schema.submission.update()
    .where(_s.id == bindparam("b_id"))
    .values(
        owner=None,
        lease_until=None,
        due_at=bindparam("b_due"),
        became="held",
        attempts=_s.attempts - 1,  # waiting is nobody's failure
    )
)


class Sheet:
    """Collects; nothing is written before :meth:`write`."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._finished: list[dict[str, Any]] = []
        self._matching: list[dict[str, Any]] = []
        self._files: list[dict[str, Any]] = []
        self._remote: list[dict[str, Any]] = []
        self._texts: list[tuple[int, str]] = []
        self._put_off: list[dict[str, Any]] = []
        self._released: list[str] = []
        self._lines: list[dict[str, Any]] = []
        self._unfetched: set[str] = set()

    def finish(
        self,
        item: Understood,
        complaint_id: str | None,
        author: str,
        became: str,
        part_of: str | None = None,
        repeats: str = "",
    ) -> None:
        """The submission is filed. Files of an album's later parts go to its first, ``part_of``.

        ``repeats`` is what finds a new matter when the same person says it again.
        """
        self._finished.append(_filed(item, complaint_id, author, became, part_of))
        if became == "matter" and author == "complainant":
            self._matching.append(_to_match(item, repeats, self.now))
        home = part_of or item.row.id
        self._files += [_file(home, file) for file in item.files]
        self._remote += _to_fetch(item, home, self.now, refused=item.row.id in self._unfetched)

    def leave_files(self, submission_id: str) -> None:
        """The files of this submission, not finished yet, are noted and not fetched."""
        self._unfetched.add(submission_id)

    def index(self, case: OpenCase, part: int, words: str) -> None:
        """Let search find the case by ``words``."""
        if part < PARTS:  # ten thousand messages to one case would burst the index
            self._texts.append((slot(case.row.number, part), words))

    def put_off(self, submission_id: str, due_at: datetime) -> None:
        """The submission is not filed yet; it comes back at ``due_at``."""
        self._put_off.append({"b_id": submission_id, "b_due": due_at})

    def release(self, submission_id: str) -> None:
        """A submission that was put off is due now."""
        self._released.append(submission_id)

    def say(self, row: dict[str, Any]) -> None:
        """A row of the outbox that belongs to no verb."""
        self._lines.append(row)

    def write(self, connection: Connection, store: Store, search: SearchIndex) -> None:
        """Write everything; the cases must be there already."""
        for statement, rows in (
            (_DONE, self._finished),
            (_PUT_OFF, self._put_off),
            (schema.matching.insert(), self._matching),
            (schema.attachment.insert(), self._files),
            (schema.remote_file.insert(), self._remote),
            (schema.outbox.insert(), [outbox_row(vault_of(connection), row) for row in self._lines]),
        ):
            if rows:
                connection.execute(statement, rows)
        note_files(connection, store, [file["sha256"] for file in self._files], self.now)
        self._release(connection, self._released)
        search.add(connection, self._texts)

    def _release(self, connection: Connection, ids: Sequence[str]) -> None:
        """Whoever holds one of them right now hears of it from the conversation, which we have locked."""
        if ids:
            waiting = select(_s.id).where(_s.id.in_(ids), _s.state == "pending")
            free = list(connection.execute(waiting.with_for_update(skip_locked=True)).scalars())
            due = schema.submission.update().where(_s.id.in_(free))
            connection.execute(due.values(due_at=self.now))


def _filed(
    item: Understood, complaint_id: str | None, author: str, became: str, part_of: str | None
) -> dict[str, Any]:
    reading = item.reading
    first = reading.contacts[0] if reading.contacts else None
    return {
        "b_id": item.row.id,
        "state": "parked" if item.parked is not None else "done",
        "owner": None,
        "lease_until": None,
        "complaint_id": complaint_id,
        "author": author,
        "from_name": sealed(item.row.id, reading.sender_name[:200]),
        "from_kind": first.kind if first else None,
        "from_address": sealed(item.row.id, first.value) if first else None,
        "subject": reading.subject[:500],
        "body": reading.body,
        "quoted": sealed(item.row.id, reading.quoted),
        "automatic": str(reading.automatic),
        "problems": list(reading.problems) + ([item.parked] if item.parked else []),
        "became": became,
        "part_of": part_of,
        "details": sealed(item.row.id, dict(reading.details) or None),
    }


def _to_match(item: Understood, repeats: str, now: datetime) -> dict[str, Any]:
    return {
        "id": item.row.id,
        "repeats": repeats or None,
        "place": item.reading.place[:200] or None,
        "state": "pending",
        "due_at": now,
        "attempts": 0,
    }


def _to_fetch(item: Understood, home: str, now: datetime, *, refused: bool) -> list[dict[str, Any]]:
    """Rows of the files that still lie with a provider; those over a limit are noted with the reason."""
    room = max(0, MAX_FILES - len(item.files))
    rows = []
    for n, file in enumerate(item.reading.remote):
        left = "too many files within an hour" if refused else None
        if left is None and n >= room:
            left = "too many files in one message"
        rows.append(
            {
                "id": new_id(),
                "submission_id": home,
                "channel": item.row.channel,
                "source": file.source,
                "filename": file.filename[:200],
                "media_type": file.media_type[:127],
                "state": "parked" if left else "pending",
                "error": left,
                "due_at": now,
                "attempts": 0,
            }
        )
    return rows


def _file(submission_id: str, file: StoredAttachment) -> dict[str, Any]:
    return {
        "id": new_id(),
        "submission_id": submission_id,
        "filename": file.filename,
        "media_type": file.media_type,
        "size": file.size,
        "sha256": file.sha256,
    }
