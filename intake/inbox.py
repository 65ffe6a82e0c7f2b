"""The hot path: a submission is on disk before its sender hears so (promise 1), and only once (promise 2).

Many senders wait at once, so one thread commits all that are waiting in one transaction (group
commit) and each hears of its own. Nothing is parsed here.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, tzinfo
from functools import partial
from typing import Any, Protocol

from sqlalchemy import Connection, select, update
from sqlalchemy.exc import SQLAlchemyError

from intake import schema
from intake.arrivals import Arrivals
from intake.contracts import Receipt, StorageUnavailable, Submission
from intake.ids import new_code, new_id
from intake.references import number_of, reference_of
from intake.store import Store
from intake.vault import sealed

log = logging.getLogger(__name__)

MAX_BATCH = 256
MAX_BATCH_BYTES = 64 * 1024 * 1024

Outcome = Receipt | BaseException


class Loop(Protocol):
    """Where a sender waits: an asyncio loop, or another that runs callbacks in a thread of its own."""

    def call_soon_threadsafe(self, callback: Callable[..., object], *args: Any) -> object:
        """Have it called there; raises RuntimeError when the loop has gone."""
        ...


@dataclass(frozen=True, slots=True)
class _Waiting:
    """Somebody who waits for a commit; ``loop`` when they wait in that loop."""

    submission: Submission
    resolve: Callable[[Outcome], None]
    loop: Loop | None = None


class Inbox:
    """Takes submissions in. One per process; thread-safe."""

    def __init__(
        self, store: Store, *, zone: tzinfo = UTC, notify: Callable[[], None] = lambda: None
    ) -> None:
        self._store = store
        self._writer = _Writer(store, zone)
        self._notify = notify
        self._waiting: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="inbox", daemon=True)
        self._thread.start()

    def accept(self, submission: Submission, timeout: float = 30.0) -> Receipt:
        """Return when ``submission`` is durable; raises :class:`StorageUnavailable` when it is not.

        After a timeout the commit may still land: the dedupe key makes sending again safe.
        """
        result: Future[Receipt] = Future()
        self._put(_Waiting(submission, partial(_settle, result)))
        try:
            return result.result(timeout)
        except TimeoutError as error:
            raise StorageUnavailable("the database is too slow just now") from error

    def accept_together(
        self, submissions: Sequence[Submission], also: Callable[[Connection], None]
    ) -> list[Receipt]:
        """Make submissions durable together with something beside them, all or nothing.

        ``also`` writes in the same transaction (how far a bot's updates were read). One receipt each, in
        order; their order is kept when they are filed. Raises :class:`StorageUnavailable`, and whatever
        ``also`` raises.
        """
        try:
            with self._store.write(hurried=True) as connection:
                receipts = self._writer.write(connection, submissions) if submissions else []
                also(connection)
        except SQLAlchemyError as error:
            raise StorageUnavailable("the messages could not be stored just now") from error
        if receipts:
            self._notify()
        return receipts

    async def accept_async(self, submission: Submission) -> Receipt:
        """The same for a coroutine; its loop is woken once for a whole batch."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Receipt] = loop.create_future()
        self._put(_Waiting(submission, partial(_settle, future), loop))
        return await future

    def accept_soon(self, submission: Submission, tell: Callable[[Outcome], None], loop: Loop) -> None:
        """The same without waiting: ``tell`` hears the outcome in ``loop``, woken once for a whole batch."""
        self._put(_Waiting(submission, tell, loop))

    def close(self, timeout: float = 30.0) -> None:
        """Commit what is waiting, then stop; later submissions are refused as temporary failures."""
        self._closed = True
        self._waiting.put(None)
        self._thread.join(timeout)

    def _put(self, entry: _Waiting) -> None:
        if self._closed:
            raise StorageUnavailable("the service is stopping")
        self._waiting.put(entry)

    def _run(self) -> None:
        stopping = False
        while not stopping:
            batch, stopping = self._gather()
            if batch:
                self._commit(batch)

    def _gather(self) -> tuple[list[_Waiting], bool]:
        """All that wait now, at least one; True when the inbox is to close after them."""
        first = self._waiting.get()
        if first is None:
            return [], True
        batch, size = [first], len(first.submission.raw)
        while len(batch) < MAX_BATCH and size < MAX_BATCH_BYTES:
            try:
                entry = self._waiting.get_nowait()
            except queue.Empty:
                break
            if entry is None:
                return batch, True
            batch.append(entry)
            size += len(entry.submission.raw)
        return batch, False

    def _commit(self, batch: list[_Waiting]) -> None:
        try:
            receipts = self._written([entry.submission for entry in batch])
        except (StorageUnavailable, SQLAlchemyError, OSError) as error:
            self._commit_failed(batch, error)
            return
        except Exception as error:  # the thread must live; whoever waits hears a temporary failure
            log.exception("inbox: a batch could not be written")
            self._commit_failed(batch, error)
            return
        _tell(list(zip(batch, receipts, strict=True)))
        self._notify()

    def _written(self, submissions: Sequence[Submission]) -> list[Receipt]:
        """In one transaction; where nobody wants a reference the server does it in one turn."""
        several = any(entry.wants_reference for entry in submissions)
        with self._store.write(hurried=True) if several else self._store.write_once() as connection:
            return self._writer.write(connection, submissions)

    def _commit_failed(self, batch: list[_Waiting], error: Exception) -> None:
        """One message may spoil a batch: each is tried alone, unless the database itself is away."""
        if len(batch) > 1 and not isinstance(error, StorageUnavailable):
            for entry in batch:
                self._commit([entry])
            return
        log.error("inbox: %d message(s) not stored: %s", len(batch), type(error).__name__)
        refusal = StorageUnavailable("the message could not be stored just now")
        refusal.__cause__ = error
        _tell([(entry, refusal) for entry in batch])


def _settle(future: Future[Receipt] | asyncio.Future[Receipt], outcome: Outcome) -> None:
    if future.done():  # the sender gave up waiting; the message itself is safe
        return
    if isinstance(outcome, BaseException):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)


def _tell(outcomes: Sequence[tuple[_Waiting, Outcome]]) -> None:
    by_loop: dict[Loop | None, list[tuple[_Waiting, Outcome]]] = {}
    for entry, outcome in outcomes:
        by_loop.setdefault(entry.loop, []).append((entry, outcome))
    for loop, group in by_loop.items():
        if loop is None:
            _resolve(group)
            continue
        try:
            loop.call_soon_threadsafe(_resolve, group)
        except RuntimeError:  # the loop has gone, and its senders with it
            log.info("inbox: %d sender(s) left before their receipt", len(group))


def _resolve(group: Sequence[tuple[_Waiting, Outcome]]) -> None:
    for entry, outcome in group:
        entry.resolve(outcome)


class _Writer:
    """Writes a batch of submissions in one transaction."""

    def __init__(self, store: Store, zone: tzinfo) -> None:
        self._store = store
        self._zone = zone  # of the office, whose year stands in the reference
        self._arrivals = Arrivals(store)

    def write(self, connection: Connection, batch: Sequence[Submission]) -> list[Receipt]:
        """Insert what is new; one receipt an entry, in order."""
        unique = {entry.dedupe_key: entry for entry in batch}
        keys = {key: new_id() for key in unique}  # in order: people's messages are filed by their keys
        # in one order, so that two machines that take the same messages never wait for each other
        inserted = self._arrivals.write(connection, [(keys[key], unique[key]) for key in sorted(unique)])
        fresh = {key: entry for key, entry in unique.items() if keys[key] in inserted}
        known = _known(connection, [key for key in unique if key not in fresh])
        wanting = [(keys[key], entry) for key, entry in fresh.items() if entry.wants_reference]
        reserved = _reserve(connection, self._store, wanting, self._zone)
        receipts, seen = [], set()
        for entry in batch:
            key = entry.dedupe_key
            if key in known:
                receipts.append(known[key])
                continue
            reference, code = reserved.get(keys[key], (None, None))
            receipts.append(Receipt(keys[key], key in seen, reference, code))
            seen.add(key)
        return receipts


def _known(connection: Connection, dedupe_keys: list[str]) -> dict[str, Receipt]:
    if not dedupe_keys:
        return {}
    c = schema.submission.c
    query = select(c.dedupe_key, c.id, c.reserved_number, c.reserved_code).where(
        c.dedupe_key.in_(dedupe_keys)
    )
    return {
        key: Receipt(id_, True, None if number is None else reference_of(number), code)
        for key, id_, number, code in connection.execute(query)
    }


def _reserve(
    connection: Connection, store: Store, wanting: list[tuple[str, Submission]], zone: tzinfo
) -> dict[str, tuple[str, str]]:
    """Give a reference and a code to those whose senders wait on the line."""
    reserved = {}
    for key, entry in wanting:
        year = entry.received_at.astimezone(zone).year
        number, code = take_numbers(connection, store, year, 1)[0], new_code()
        connection.execute(
            update(schema.submission)
            .where(schema.submission.c.id == key)
            .values(reserved_number=number, reserved_code=sealed(key, code))
        )
        reserved[key] = (reference_of(number), code)
    return reserved


def take_numbers(connection: Connection, store: Store, year: int, count: int) -> list[int]:
    """The next ``count`` case numbers of ``year``."""
    year %= 100
    name, c = f"serial-{year:02d}", schema.counter.c
    raise_by = update(schema.counter).where(c.name == name).values(value=c.value + count).returning(c.value)
    last = connection.execute(raise_by).scalar()
    if last is None:
        connection.execute(store.insert_new(schema.counter), [{"name": name, "value": 0}])
        last = connection.execute(raise_by).scalar_one()
    return [number_of(year, serial) for serial in range(last - count + 1, last + 1)]


def give_back_numbers(connection: Connection, year: int, count: int) -> None:
    """Undo the end of :func:`take_numbers`, in the same transaction: nobody took a number since."""
    c = schema.counter.c
    lower = update(schema.counter).where(c.name == f"serial-{year % 100:02d}")
    connection.execute(lower.values(value=c.value - count))
