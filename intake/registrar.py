"""The worker: turns submissions that wait into cases, a batch at a time.

claim (short transaction) → read (no transaction) → file (one transaction, if the lease is still ours).
A message that spoils its batch is tried alone; one that keeps failing is parked for a person.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from intake import schema
from intake.clock import Clock
from intake.contracts import Reader, StorageUnavailable
from intake.conversations import Talk, known_by_conversation, meet
from intake.desk import Desk, Policies
from intake.files.storage import Storage
from intake.filing import Filing
from intake.search import SearchIndex
from intake.store import Store
from intake.surroundings import Surroundings, look_around
from intake.understanding import Understood, understand
from intake.work import backoff, claim, put_back, still_ours

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=120)
BATCH = 64
_FEWEST, _MORE = 4, 1
_SHORT = 0.006
"""Seconds that others are kept waiting by one batch, roughly."""
ALONE_AFTER = 2
"""A message that was in hand when this many workers died, or failed this often, is read by itself."""
_SOON = timedelta(seconds=1)
_PATIENCE = timedelta(seconds=4)
"""So long a message is put off for one that it answers and that still waits itself."""
_ROUNDS = 4
"""How many links of a chain of answers within one batch are filed one after another."""
_STORAGE_AWAY = timedelta(seconds=30)


class Pace:
    """How many messages are filed in one transaction: fewer while somebody waits for it to end.

    SQLite has one writer. Who hands a message in waits on the line; who is registered does not.
    """

    def __init__(self) -> None:
        self.size = BATCH // 8

    def learn(self, filed: int, seconds: float, *, pressed: bool) -> None:
        """A transaction of ``filed`` messages took so long, and somebody waited for its end or did not."""
        if pressed and filed:
            self.size = max(_FEWEST, min(self.size, int(filed * _SHORT / max(seconds, 1e-4))))
        else:
            self.size = min(BATCH, self.size + _MORE)


class Registrar:
    """Registers what came in. As many as you like, in threads, processes or machines."""

    def __init__(
        self,
        store: Store,
        blobs: Storage,
        policies: Policies,
        readers: Mapping[str, Reader],
        clock: Clock,
        owner: str,
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._policies = policies
        self._readers = readers
        self._clock = clock
        self._owner = owner
        self._search = SearchIndex(store)
        self._pace = Pace()
        self.pressed = False
        """Whether the last look found as much as could be taken: more is waiting."""

    def work(self, limit: int = BATCH) -> int:
        """Handle up to ``limit`` waiting submissions; returns how many were taken (0: nothing waits).

        Fewer are taken while somebody waits to hand something in (:class:`Pace`).

        Raises :class:`StorageUnavailable` when the database is away; what was claimed comes back by
        itself when its lease ends.
        """
        limit = min(limit, self._pace.size)
        now = self._clock()
        rows = claim(self._store, schema.submission, self._owner, now, LEASE, limit, alone_after=ALONE_AFTER)
        self.pressed = len(rows) >= limit
        if rows:
            self._handle(rows)
        return len(rows)

    def _handle(self, rows: Sequence[Any]) -> None:
        try:
            batch = understand(self._store, self._blobs, self._readers, self._policies.router, rows)
            self._file([known_by_conversation(item, self._policies.way_back) for item in batch])
        except (StorageUnavailable, OSError) as error:
            log.warning("registrar: storage is away: %s", error)
            self._postpone(rows, f"storage: {type(error).__name__}", blameless=True)
        except Exception as error:  # promise 3: one bad message never stops the queue
            if len(rows) > 1:
                for row in rows:
                    self._handle([row])
                return
            log.exception("registrar: submission %s could not be filed", rows[0].id)
            detail = error.orig if isinstance(error, SQLAlchemyError) and hasattr(error, "orig") else error
            self._postpone(rows, f"{type(detail).__name__}")

    def _file(self, batch: Sequence[Understood]) -> None:
        """File what can be filed, then what answers it; the rest comes back soon, and blameless.

        Were waiting counted as an attempt, thousands of answers to each other would each be tried alone,
        in front of everybody who came later.
        """
        for _ in range(_ROUNDS):
            later = self._file_ready(batch)
            if not later or len(later) == len(batch):
                break
            batch = later
        ids, because = [item.row.id for item in later], "waits for the message it answers"
        due = self._clock() + _SOON
        put_back(self._store, schema.submission, self._owner, ids, due, because, blameless=True)

    def _file_ready(self, batch: Sequence[Understood]) -> list[Understood]:
        """File in one transaction all that waits for nothing; returns the others."""
        now = self._clock()
        with self._store.write() as connection:
            begun = time.monotonic()
            mine = still_ours(connection, schema.submission, self._owner, [item.row.id for item in batch])
            items = [item for item in batch if item.row.id in mine]
            spoken = items if self._policies.dialogue is not None else []
            talks = meet(connection, self._store, spoken, now)  # locked first: what is seen then is settled
            about = {case for talk in talks.values() for case in talk.talked_about()}
            around = look_around(connection, items, self._policies.directory, now, about)
            later = [item for item in items if _waits(item, talks.get(item.row.conversation), around)]
            ready = [item for item in items if item not in later]
            desk = Desk(connection, self._store, self._policies, now)
            Filing(desk, self._search, around, talks).file(ready)
            pressed = self._store.pressed()
        self._pace.learn(len(items), time.monotonic() - begun, pressed=pressed)
        return later

    def _postpone(self, rows: Sequence[Any], error: str, *, blameless: bool = False) -> None:
        """Try again later. A disk that is full is not the message's fault: however long, it is not parked."""
        due = self._clock() + (_STORAGE_AWAY if blameless else backoff(rows[0].attempts))
        ids = [row.id for row in rows]
        put_back(self._store, schema.submission, self._owner, ids, due, error, blameless=blameless)


def _waits(item: Understood, talk: Talk | None, around: Surroundings) -> bool:
    """Whether another submission must be filed first."""
    if talk is not None:
        return talk.waits(item.row.id)
    return around.waits_for_another(item) and _patient(item)


def _patient(item: Understood) -> bool:
    """Whether it was not put off for long yet; who came into a long queue was put off once."""
    return bool(item.row.due_at - item.row.received_at < _PATIENCE)
