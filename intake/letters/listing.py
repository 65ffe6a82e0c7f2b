"""What is in the letters' queue: lists for the page, one letter with its pages and files.

You are here: ``letter`` → [listing] → the pages of the letter desk.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select

from intake import schema
from intake.store import Store
from intake.work import PENDING

AT_THE_DESK = ("waiting", "unreadable")
"""States in which a person has to enter it."""
LISTS: Mapping[str, tuple[str, ...]] = {
    "desk": AT_THE_DESK,
    "reading": (PENDING,),
    "entered": ("entered",),
    "discarded": ("discarded",),
}
_OPEN = ("desk", "reading")
COUNT_LIMIT = 1000
_L = schema.letter.c


@dataclass(frozen=True, slots=True)
class LetterPage:
    """Rows of a list, and where the next page begins ("" when this is the last)."""

    rows: Sequence[Any]
    next_cursor: str = ""


@dataclass(frozen=True, slots=True)
class WholeLetter:
    """One letter: its row, its files in order, its pages in order (some may be missing)."""

    row: Any
    files: Sequence[Any]
    pages: Sequence[Any]


class LetterLists:
    """Reads the queue. Thread-safe."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def page(self, which: str, cursor: str = "", limit: int = 50) -> LetterPage:
        """A list: open letters the oldest first, ended ones the newest first; ``cursor`` is a letter's id."""
        columns = [c for c in _L if c.name not in ("draft", "fields")]
        files = select(func.count()).where(schema.letter_file.c.letter_id == _L.id).scalar_subquery()
        name = (
            select(schema.letter_file.c.filename)
            .where(schema.letter_file.c.letter_id == _L.id, schema.letter_file.c.position == 0)
            .scalar_subquery()
        )
        query: Select[Any] = (
            select(*columns, files.label("files"), name.label("filename"), schema.staff.c.name.label("taker"))
            .join_from(schema.letter, schema.staff, schema.staff.c.id == _L.taken_by, isouter=True)
            .where(_L.state.in_(LISTS[which]))
            .limit(limit + 1)
        )
        if which in _OPEN:
            query = query.order_by(_L.id)
            query = query.where(_L.id > cursor) if cursor else query
        else:
            query = query.order_by(_L.id.desc())
            query = query.where(_L.id < cursor) if cursor else query
        with self._store.read() as connection:
            rows = connection.execute(query).all()
        return LetterPage(rows[:limit], rows[limit - 1].id if len(rows) > limit else "")

    def counts(self) -> dict[str, int]:
        """How many letters wait to be entered and to be read; counted up to ``COUNT_LIMIT``."""
        found = {}
        with self._store.read() as connection:
            for which in _OPEN:
                some = select(_L.id).where(_L.state.in_(LISTS[which])).limit(COUNT_LIMIT).subquery()
                found[which] = int(connection.execute(select(func.count()).select_from(some)).scalar_one())
        return found

    def free(self, now: datetime) -> int:
        """How many letters nobody is working on."""
        open_to_all = or_(_L.taken_until.is_(None), _L.taken_until < now)
        some = select(_L.id).where(_L.state.in_(AT_THE_DESK), open_to_all).limit(COUNT_LIMIT).subquery()
        with self._store.read() as connection:
            return int(connection.execute(select(func.count()).select_from(some)).scalar_one())

    def letter(self, letter_id: str) -> WholeLetter | None:
        """One letter with all that belongs to it."""
        f, p = schema.letter_file, schema.letter_page
        with self._store.read() as connection:
            row = connection.execute(
                select(schema.letter, schema.staff.c.name.label("taker"))
                .join_from(schema.letter, schema.staff, schema.staff.c.id == _L.taken_by, isouter=True)
                .where(_L.id == letter_id)
            ).first()
            if row is None:
                return None
            files = connection.execute(select(f).where(f.c.letter_id == letter_id).order_by(f.c.position))
            pages = connection.execute(select(p).where(p.c.letter_id == letter_id).order_by(p.c.number))
            return WholeLetter(row, files.all(), pages.all())

    def joinable(self, letter_id: str, now: datetime, limit: int = 30) -> Sequence[Any]:
        """Letters that nobody has and that may go on where this one ends: ``id``, ``filename``, ``pages``,
        ``scanned_at``; those scanned nearest after it first."""
        mine = select(_L.scanned_at).where(_L.id == letter_id).scalar_subquery()
        f = schema.letter_file.c
        name = select(f.filename).where(f.letter_id == _L.id, f.position == 0).scalar_subquery()
        free = or_(_L.taken_until.is_(None), _L.taken_until < now)
        found: list[Any] = []
        query = select(_L.id, _L.pages, _L.scanned_at, name.label("filename"))
        query = query.where(_L.state.in_(AT_THE_DESK), free, _L.id != letter_id).limit(limit)
        with self._store.read() as connection:
            for side in (
                query.where(_L.scanned_at >= mine).order_by(_L.scanned_at, _L.id),
                query.where(_L.scanned_at < mine).order_by(_L.scanned_at.desc(), _L.id.desc()),
            ):
                found += connection.execute(side).all()
        return found[:limit]

    def picture(self, letter_id: str, number: int) -> Any | None:
        """The row of one page."""
        p = schema.letter_page.c
        query = select(schema.letter_page).where(p.letter_id == letter_id, p.number == number)
        with self._store.read() as connection:
            return connection.execute(query).first()

    def turned_page(self, submission_id: str, sha256: str, number: int) -> Any | None:
        """The row of the upright picture of page ``number`` of a letter's file that lay turned.

        None where it lay upright, was not read, or nobody knows which page of the letter it is.
        """
        f, p, i = schema.letter_file.c, schema.letter_page.c, schema.inspection.c
        files = (
            select(f.letter_id, f.sha256, i.pages, _L.pages.label("of_all"))
            .join_from(schema.letter, schema.letter_file, f.letter_id == _L.id)
            .join(schema.inspection, i.sha256 == f.sha256, isouter=True)
            .where(_L.submission_id == submission_id)
            .order_by(f.position)
        )
        with self._store.read() as connection:
            rows = connection.execute(files).all()
            before = 0
            for row in rows:
                pages = 1 if len(rows) == row.of_all else row.of_all if len(rows) == 1 else row.pages
                if row.sha256 == sha256 and 0 < number <= (pages or 1):
                    wanted = select(schema.letter_page).where(
                        p.letter_id == row.letter_id, p.number == before + number, p.turn != 0
                    )
                    return connection.execute(wanted).first()
                if pages is None:
                    return None
                before += pages
        return None

    def file(self, letter_id: str, position: int) -> Any | None:
        """The row of one file, as it came."""
        f = schema.letter_file.c
        query = select(schema.letter_file).where(f.letter_id == letter_id, f.position == position)
        with self._store.read() as connection:
            return connection.execute(query).first()

    def slip(self, submission_id: str) -> Any | None:
        """What an entered letter got: ``reserved_number``, ``reserved_code``, ``complaint_id``."""
        s = schema.submission.c
        query = select(s.reserved_number, s.reserved_code, s.complaint_id).where(s.id == submission_id)
        with self._store.read() as connection:
            return connection.execute(query).first()
