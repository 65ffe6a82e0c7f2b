"""Files that still lie with a provider are fetched here: pictures of a message, the recording of a call.

You are here: filing → ``remote_file`` rows → [fetching] → attachment (→ ``transcript``).
claim (short transaction) → fetch and store (no transaction) → attachment and row in one transaction.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, select, update

from intake import schema
from intake.clock import Clock
from intake.contracts import Fetcher, FetchFailed, ReadAttachment, RemoteFile
from intake.desk import Desk, Policies
from intake.files.noting import note_files
from intake.files.storage import Storage
from intake.ids import new_id
from intake.people import SYSTEM
from intake.store import Store
from intake.transcripts import is_written_down
from intake.verbs import Miss, perform
from intake.work import PENDING, backoff, claim, put_back, still_ours

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
_STORAGE_AWAY = timedelta(seconds=30)
MAX_ATTEMPTS = 8  # with back-off from 10 s to 1 h: the best part of an hour


class FetchWorker:
    """Fetches what waits. As many as you like."""

    def __init__(
        self,
        store: Store,
        blobs: Storage,
        policies: Policies,
        fetchers: Mapping[str, Fetcher],
        clock: Clock,
        owner: str,
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._policies = policies
        self._fetchers = fetchers
        self._clock = clock
        self._owner = owner

    def work(self, limit: int = 4) -> int:
        """Fetch up to ``limit`` files; returns how many were taken (0: nothing waits).

        A file that cannot be stored here (OSError) or whose provider is away waits and is tried again.
        """
        rows = claim(self._store, schema.remote_file, self._owner, self._clock(), LEASE, limit, alone_after=2)
        for row in rows:
            self._fetch(row)
        return len(rows)

    def _fetch(self, row: Any) -> None:
        if row.attempts > MAX_ATTEMPTS:
            self._give_up(row, row.error or "the worker died")
            return
        fetcher = self._fetchers.get(row.channel)
        try:
            if fetcher is None:
                raise FetchFailed(f"no account for “{row.channel}” is set up here", permanent=True)
            file = fetcher.fetch(RemoteFile(row.source, row.filename, row.media_type))
        except FetchFailed as failed:
            self._fail(row, failed.reason, permanent=failed.permanent)
        except Exception as error:  # one file's surprise must not stop the others
            log.exception("fetching: a file of submission %s", row.submission_id)
            self._fail(row, type(error).__name__, permanent=False)
        else:
            self._take_in(row, file)

    def _take_in(self, row: Any, file: ReadAttachment) -> None:
        """A disk that is full or away is not the file's fault: it loses no attempt by it."""
        try:
            sha256 = self._blobs.put(file.content)  # durable before any row names it
        except OSError as error:
            log.error("fetching: files cannot be stored here: %s", type(error).__name__)
            due, why = self._clock() + _STORAGE_AWAY, f"storage: {type(error).__name__}"
            put_back(self._store, schema.remote_file, self._owner, [row.id], due, why, blameless=True)
            return
        self._keep(row, file, sha256)

    def _keep(self, row: Any, file: ReadAttachment, sha256: str) -> None:
        f = schema.remote_file
        with self._store.write() as connection:
            if row.id not in still_ours(connection, f, self._owner, [row.id]):
                return
            key = new_id()
            kept = {
                "id": key,
                "submission_id": row.submission_id,
                "filename": file.filename[:200],
                "media_type": file.media_type[:127],
                "size": len(file.content),
                "sha256": sha256,
            }
            connection.execute(schema.attachment.insert(), [kept])
            note_files(connection, self._store, [sha256], self._clock())
            ended = update(f).where(f.c.id == row.id)
            connection.execute(ended.values(state="done", owner=None, lease_until=None, error=None))
            is_spoken = file.media_type.startswith("audio/") and file.content
            if is_spoken and not is_written_down(connection, row.submission_id):
                self._let_transcribe(connection, row.submission_id, key)

    def _let_transcribe(self, connection: Connection, submission_id: str, attachment_id: str) -> None:
        waits = {
            "id": new_id(),
            "submission_id": submission_id,
            "attachment_id": attachment_id,
            "language": _language(connection, submission_id)[:8],
            "state": PENDING,
            "due_at": self._clock(),
            "attempts": 0,
        }
        connection.execute(schema.transcript.insert(), [waits])

    def _fail(self, row: Any, why: str, *, permanent: bool) -> None:
        if permanent or row.attempts >= MAX_ATTEMPTS:
            self._give_up(row, why)
            return
        due = self._clock() + backoff(row.attempts, first=10)
        put_back(self._store, schema.remote_file, self._owner, [row.id], due, why)

    def _give_up(self, row: Any, why: str) -> None:
        """Somebody must ask the complainant for the file."""
        f, s = schema.remote_file, schema.submission.c
        with self._store.write() as connection:
            if row.id not in still_ours(connection, f, self._owner, [row.id]):
                return
            ended = update(f).where(f.c.id == row.id)
            connection.execute(ended.values(state="parked", owner=None, lease_until=None, error=why[:2000]))
            case_id = connection.execute(select(s.complaint_id).where(s.id == row.submission_id)).scalar()
            if case_id is not None:
                desk = Desk(connection, self._store, self._policies, self._clock())
                [case] = desk.take([case_id])
                perform(desk, case, SYSTEM, Miss(row.submission_id, row.filename, why))
                desk.flush()


def _language(connection: Connection, submission_id: str) -> str:
    """What is spoken: what the channel knew (``language`` of the envelope), else the case's."""
    s, c = schema.submission.c, schema.complaint.c
    query = (
        select(s.envelope, c.language)
        .join_from(schema.submission, schema.complaint, s.complaint_id == c.id, isouter=True)
        .where(s.id == submission_id)
    )
    row = connection.execute(query).one()
    told = row.envelope.get("language") if isinstance(row.envelope, dict) else None
    return str(told or row.language or "zh-Hans")
