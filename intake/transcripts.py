"""The words of recordings: asked of the engines there are, one after another, and written into the case.

You are here: fetched recording → [transcripts] → verb ``Transcribe``.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select, update

from intake import schema
from intake.clock import Clock
from intake.contracts import FetchFailed, Transcriber, Transcript
from intake.desk import Desk, Policies
from intake.files.storage import Storage
from intake.ids import new_id
from intake.people import SYSTEM
from intake.store import Store
from intake.verbs import MAX_TEXT, Transcribe, perform
from intake.work import PENDING, backoff, claim, put_back, still_ours

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=15)
MAX_ATTEMPTS = 6
STAFF = "staff"
"""The engine of a correction by hand; no machine overwrites it."""


class Transcripts:
    """Writes down what was said. Thread-safe."""

    def __init__(self, store: Store, policies: Policies, clock: Clock) -> None:
        self._store = store
        self._policies = policies
        self._clock = clock

    def record(self, submission_id: str, attachment_id: str | None, text: str, engine: str) -> bool:
        """The words of a recording came in; False when there is no such one or staff wrote it down.

        ``attachment_id`` None: the words were quicker than the recording itself.
        """
        with self._store.write() as connection:
            return self.write(connection, submission_id, attachment_id, text, engine)

    def write(
        self, connection: Connection, submission_id: str, attachment_id: str | None, text: str, engine: str
    ) -> bool:
        """The same within a transaction."""
        s, t, now = schema.submission.c, schema.transcript, self._clock()
        ours = select(s.complaint_id).where(s.id == submission_id, s.state != PENDING)
        found = connection.execute(ours).first()
        if found is None or not text.strip():
            return False
        if attachment_id is None and is_written_down(connection, submission_id):
            return False
        if attachment_id is not None:
            row = {"id": new_id(), "submission_id": submission_id, "attachment_id": attachment_id}
            fresh = row | {"language": "", "state": PENDING, "due_at": now, "attempts": 0}
            connection.execute(self._store.insert_new(t), [fresh])
        last = select(t.c.engine).where(t.c.attachment_id == attachment_id).with_for_update()
        if connection.execute(last).scalar() == STAFF:
            return False
        words = text.strip()[:MAX_TEXT]
        if found.complaint_id is None:  # said about the service itself
            body = update(schema.submission).where(s.id == submission_id).values(body=words)
            connection.execute(body)
            _done(connection, attachment_id, engine)
            return True
        desk = Desk(connection, self._store, self._policies, now)
        [case] = desk.take([found.complaint_id])
        perform(desk, case, SYSTEM, Transcribe(submission_id, words, engine))
        desk.flush()
        return True


class TranscriptWorker:
    """Asks the engines for what still waits. As many as you like."""

    def __init__(
        self,
        store: Store,
        blobs: Storage,
        transcripts: Transcripts,
        transcribers: Sequence[Transcriber],
        clock: Clock,
        owner: str,
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._transcripts = transcripts
        self._transcribers = transcribers
        self._clock = clock
        self._owner = owner

    def work(self, limit: int = 2) -> int:
        """Write down up to ``limit`` recordings; returns how many were taken."""
        rows = claim(self._store, schema.transcript, self._owner, self._clock(), LEASE, limit, alone_after=2)
        for row in rows:
            self._write_down(row)
        return len(rows)

    def _write_down(self, row: Any) -> None:
        if row.attempts > MAX_ATTEMPTS:
            self._park(row, row.error or "the worker died")
            return
        try:
            said = self._listen(row)
        except FetchFailed as failed:
            self._fail(row, failed.reason, permanent=failed.permanent)
            return
        except Exception as error:  # an engine's surprise must not stop the others
            log.exception("transcripts: recording of submission %s failed", row.submission_id)
            self._fail(row, type(error).__name__, permanent=False)
            return
        with self._store.write() as connection:
            if row.id not in still_ours(connection, schema.transcript, self._owner, [row.id]):
                return
            if said is None or not self._transcripts.write(
                connection, row.submission_id, row.attachment_id, said.text, said.engine
            ):
                _done(connection, row.attachment_id, None)

    def _listen(self, row: Any) -> Transcript | None:
        a = schema.attachment
        with self._store.read() as connection:
            file = connection.execute(select(a).where(a.c.id == row.attachment_id)).one()
        recording = self._blobs.get(file.sha256)
        for engine in self._transcribers:
            said = engine.transcribe(recording, file.media_type, row.language)
            if said is not None:
                return said
        return None

    def _fail(self, row: Any, why: str, *, permanent: bool) -> None:
        if permanent or row.attempts >= MAX_ATTEMPTS:
            self._park(row, why)
            return
        due: datetime = self._clock() + backoff(row.attempts, first=30)
        put_back(self._store, schema.transcript, self._owner, [row.id], due, why)

    def _park(self, row: Any, why: str) -> None:
        """Nobody writes it down; the recording itself is there, and its submission says so."""
        t = schema.transcript
        with self._store.write() as connection:
            if row.id in still_ours(connection, t, self._owner, [row.id]):
                ended = update(t).where(t.c.id == row.id)
                connection.execute(
                    ended.values(state="parked", owner=None, lease_until=None, error=why[:2000])
                )


def is_written_down(connection: Connection, submission_id: str) -> bool:
    """Whether somebody wrote down what a submission says before its recording was here."""
    s, e = schema.submission.c, schema.event.c
    told = (
        select(e.data)
        .join_from(schema.event, schema.submission, e.complaint_id == s.complaint_id)
        .where(s.id == submission_id, e.kind == "transcribed")
    )
    return any(d.get("submission") == submission_id for d in connection.execute(told).scalars())


def _done(connection: Connection, attachment_id: str | None, engine: str | None) -> None:
    t = schema.transcript
    ended = update(t).where(t.c.attachment_id == attachment_id)
    connection.execute(ended.values(state="done", owner=None, lease_until=None, engine=engine, error=None))
