"""Finding what is old enough, and having it erased: a preview first, then a few cases a transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from intake import schema
from intake.clock import Clock
from intake.desk import Desk, Policies
from intake.files.storage import Storage
from intake.references import reference_of
from intake.retention.erasing import erase
from intake.retention.files import forget_files
from intake.retention.journal import Entry, Journal
from intake.retention.letters import count_letters, erase_letters
from intake.retention.talks import count_talks, erase_talks, forget_talkers
from intake.retention.wiping import overwriting, wipe_behind
from intake.store import Store

BATCH = 20
"""Cases a transaction: nobody waits long for the database meanwhile."""
_WIPED_EVERY = timedelta(hours=20)

Erase = Callable[[Connection, datetime, int], tuple[int, set[str]]]
"""Erases at most so many of before a moment; returns how many, and their files."""

_c = schema.complaint.c
_lead = schema.complaint.alias("lead")


@dataclass(frozen=True, slots=True)
class Old:
    """A case that is, or soon will be, old enough."""

    reference: str
    closed_at: datetime
    bureau: str | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be erased at a moment: how many cases, and the oldest. ``before`` None: nothing ever.

    ``letters`` were set aside at the letter desk and belong to no case; ``talks`` are messages that became
    none, of before ``talks_before``.
    """

    before: datetime | None
    cases: int
    oldest: tuple[Old, ...]
    letters: int = 0
    talks: int = 0
    talks_before: datetime | None = None


class Keeper:
    """Keeps what the county's rule keeps, and erases the rest. ``after`` None keeps everything."""

    def __init__(
        self,
        store: Store,
        blobs: Storage,
        policies: Policies,
        clock: Clock,
        after: timedelta | None,
        beside: Callable[[datetime], None] = lambda _before: None,
        talk_after: timedelta | None = None,
        journal: Journal | None = None,
    ) -> None:
        """``beside`` lets go of what older than a moment lies outside database and storage.

        ``talk_after`` is the age of talk that became no case; None: the same as that of cases. ``journal``
        keeps which files are to be let go of, for the run after one that was killed.
        """
        self._store = store
        self._blobs = blobs
        self._policies = policies
        self._clock = clock
        self.after = after
        self.talk_after = after if talk_after is None or after is None else talk_after
        self._beside = beside
        self._journal = journal
        self._unwiped = False
        self._wiped_at: datetime | None = None

    def preview(self, ahead: timedelta = timedelta(), limit: int = 50) -> Preview:
        """What a run ``ahead`` of now would erase; nothing is changed."""
        if self.after is None or self.talk_after is None:
            return Preview(None, 0, ())
        before = self._clock() + ahead - self.after
        talked = self._clock() + ahead - self.talk_after
        with self._store.read() as connection:
            count = connection.execute(select(func.count()).where(_is_old(before))).scalar_one()
            query = select(_c.number, _c.closed_at, _c.bureau).where(_is_old(before))
            rows = connection.execute(query.order_by(_c.closed_at).limit(limit)).all()
            letters = count_letters(connection, before)
            talks = count_talks(connection, talked)
        oldest = tuple(Old(reference_of(row.number), row.closed_at, row.bureau) for row in rows)
        return Preview(before, count, oldest, letters, talks, talked)

    def run(self, most: int = 1_000_000) -> int:
        """Erase what is old enough, at most so many cases; returns how many.

        Letters set aside of that age go as well; talk that became no case, at its own age.

        What a run that was killed had still to remove is removed first.
        """
        self._finish()
        done = 0
        while done < most:
            some = self._erase_some(min(BATCH, most - done))
            if not some:
                break
            done += some
        besides = self._erase_beside_cases(erase_letters, self.after)
        besides += self._erase_beside_cases(erase_talks, self.talk_after)
        if self.after is not None and self.talk_after is not None:
            with overwriting(self._store) as connection:
                forget_talkers(connection, self._clock() - self.talk_after)
            self._beside(self._clock() - self.after)
        self._wipe_behind(bool(done or besides))
        return done

    def _wipe_behind(self, erased: bool) -> None:
        """Overwrite what was erased; at most once a day, for it goes through the whole index."""
        self._unwiped |= erased
        now = self._clock()
        if self._unwiped and (self._wiped_at is None or now - self._wiped_at >= _WIPED_EVERY):
            wipe_behind(self._store)
            self._unwiped, self._wiped_at = False, now

    def _erase_some(self, limit: int) -> int:
        if self.after is None:
            return 0
        now = self._clock()
        with self._letting_go() as note:
            with overwriting(self._store) as connection:
                ids = _oldest(connection, now - self.after, limit)
                if not ids:
                    return 0
                desk = Desk(connection, self._store, self._policies, now)
                files = erase(desk, desk.take(ids))
                desk.flush()
                note(files)
            forget_files(self._store, self._blobs, files)
        return len(ids)

    def _erase_beside_cases(self, erase: Erase, age: timedelta | None) -> int:
        """All of that age that belongs to no case, some in a transaction; returns how many."""
        done, some = 0, 1
        while age is not None and some:
            with self._letting_go() as note:
                with overwriting(self._store) as connection:
                    some, files = erase(connection, self._clock() - age, BATCH)
                    note(files)
                forget_files(self._store, self._blobs, files)
            done += some
        return done

    @contextmanager
    def _letting_go(self) -> Iterator[Callable[[set[str]], None]]:
        """Gives what notes the files on disk before the rows go; the note is struck when all went well."""
        entries: list[Entry] = []

        def note(files: set[str]) -> None:
            if self._journal is not None and (entry := self._journal.note(files)):
                entries.append(entry)

        try:
            yield note
            for entry in entries:
                entry.strike()
        finally:
            for entry in entries:
                entry.release()

    def _finish(self) -> None:
        for entry in self._journal.left() if self._journal is not None else ():
            try:
                forget_files(self._store, self._blobs, entry.names)
                entry.strike()
            finally:
                entry.release()


def _oldest(connection: Connection, before: datetime, limit: int) -> list[str]:
    query = select(_c.id).where(_is_old(before)).order_by(_c.closed_at).limit(limit)
    return list(connection.execute(query.with_for_update(skip_locked=True)).scalars())


def _is_old(before: datetime) -> ColumnElement[bool]:
    """Closed before that moment, and nobody is called to it. What was merged waits for its lead (并案).

    While somebody is called to the lead, the people of the merged ones are still to be reached.
    """
    free = or_(_lead.c.anonymised_at.is_not(None), _lead.c.attention.is_(None))
    lead = select(_lead.c.id).where(_lead.c.id == _c.merged_into, _lead.c.closed_at < before, free)
    return and_(
        _c.closed_at < before,
        _c.anonymised_at.is_(None),
        _c.attention.is_(None),
        or_(_c.merged_into.is_(None), lead.exists()),
    )
