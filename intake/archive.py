"""Reading: lists and pages of cases. Every list walks an index from its newest end and stops early."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select

from intake import schema
from intake.case_filter import CaseFilter as CaseFilter
from intake.case_filter import conditions_of, cursor_of, read_cursor
from intake.contracts import Directory
from intake.dossiers import Dossier as Dossier
from intake.dossiers import as_seen_by, dossier_of, dossiers_of, grouped
from intake.identity import (
    betrays,
    hidden_traces,
    may_know_complainant,
    may_read_original,
    one_matter,
    redact,
)
from intake.lifecycle import OPEN
from intake.people import Actor, may_see, sees_everything
from intake.person_search import numbers_of_person
from intake.references import InvalidReference, number_from, number_without_check
from intake.search import SearchIndex, words
from intake.store import Store
from intake.visibility import barred_for, visible_to

MAX_PAGE = 200
_SEARCH_ROUNDS = 10
_COUNT_LIMIT = 1000
"""Counts on a page stop here ("1000+"), so that they never cost more than this many index rows."""

c = schema.complaint.c


@dataclass(frozen=True, slots=True)
class Page:
    """Rows and where the next page starts (None: this was the last).

    ``by_person`` are ids of those cases that were found by a whole name, number or address: whoever asked
    learns that this person complained, so it is a look (promise 7).
    """

    rows: Sequence[Any]
    next_cursor: int | str | None
    by_person: tuple[str, ...] = ()


class Archive:
    """Reads cases for people who may see them. Thread-safe."""

    def __init__(self, store: Store, directory: Directory) -> None:
        self._store = store
        self._directory = directory
        self._search = SearchIndex(store)

    # ------------------------------------------------------------ lists

    def cases(self, actor: Actor, wanted: CaseFilter, cursor: int | None = None, limit: int = 50) -> Page:
        """Cases that ``actor`` may see, newest first; ``cursor`` is the last page's ``next_cursor``."""
        limit = max(1, min(limit, MAX_PAGE))
        conditions = [*self._visible(actor), *conditions_of(wanted)]
        with self._store.read() as connection:
            named: set[int] = set()
            if wanted.query:
                rows, more, named = self._found(connection, actor, conditions, wanted.query, cursor, limit)
            else:
                rows = self._newest(connection, actor, conditions, cursor, limit + 1)
                more = rows[limit - 1].number if len(rows) > limit else None
        return Page(rows[:limit], more, tuple(row.id for row in rows[:limit] if row.number in named))

    def _newest(
        self,
        connection: Connection,
        actor: Actor,
        conditions: Sequence[ColumnElement[bool]],
        cursor: int | None,
        limit: int,
    ) -> list[Any]:
        """The newest cases that fulfil ``conditions``.

        A bureau's people get theirs from an index per bureau and one for what it supports: asked in one
        query, the database would walk the archive until enough of a small bureau's cases have passed.
        """
        s, every = schema.support.c, select(schema.complaint).where(*conditions)
        lanes = [(every, c.number)]
        if actor.bureau is not None:
            own = sorted(self._directory.family(actor.bureau))
            supported = every.join(schema.support, s.complaint_id == c.id)
            lanes = [(every.where(c.bureau == code), c.number) for code in own]
            lanes += [(supported.where(s.bureau == code), s.number) for code in own]
        found: dict[int, Any] = {}
        for lane, number in lanes:
            query = lane.order_by(number.desc()).limit(limit)
            rows = connection.execute(query if cursor is None else query.where(number < cursor))
            found |= {row.number: row for row in rows}
        return [found[n] for n in sorted(found, reverse=True)[:limit]]

    def _found(
        self,
        connection: Connection,
        actor: Actor,
        conditions: Sequence[ColumnElement[bool]],
        query: str,
        cursor: int | None,
        limit: int,
    ) -> tuple[list[Any], int | None, set[int]]:
        try:
            numbers = [number_from(query)]
            return list(connection.execute(_by_number(numbers, conditions))), None, set()
        except InvalidReference:
            rows: list[Any] = []
        if cursor is None and (number := number_without_check(query)) is not None:
            rows = list(connection.execute(_by_number([number], conditions)))
            if rows:
                return rows, None, set()
        asked = set(words(query)) if actor.bureau is not None else set()
        below, named = cursor, set[int]()
        for _ in range(_SEARCH_ROUNDS):
            theirs = numbers_of_person(connection, query, below, MAX_PAGE)
            named |= set(theirs)
            numbers = self._search.find(connection, query, below, MAX_PAGE)
            numbers = sorted({*numbers, *theirs}, reverse=True)[:MAX_PAGE]
            if not numbers:
                return rows, None, named
            found = connection.execute(_by_number(numbers, conditions)).all()
            if asked:  # whoever must not read a name must not find it either
                secret = hidden_traces(connection, [row.id for row in found])
                found = [
                    row
                    for row in found
                    if not betrays(asked, secret.get(row.id, ()))
                    and not (row.number in theirs and row.id in secret)
                ]
            rows += found
            if len(rows) > limit:
                return rows[:limit], rows[limit - 1].number, named
            below = numbers[-1]
        return rows, below, named

    def worklist(self, actor: Actor, wanted: CaseFilter, cursor: str = "", limit: int = 50) -> Page:
        """Work in the order it should be done; ``cursor`` is the last page's ``next_cursor``.

        Open cases stand by due date, what is due first stands first; cases that call for attention
        stand by how long they have done so, closed ones among them. Each state is walked by its own
        index and only as far as the page needs.
        """
        limit = max(1, min(limit, MAX_PAGE))
        key = c.attention_since if wanted.attention or wanted.attention_of else c.due_at
        after = read_cursor(cursor)
        rows: dict[int, Any] = {}
        with self._store.read() as connection:
            for lane in self._lanes(connection, actor, wanted):
                query = lane.order_by(key, c.number)
                if after is not None:
                    query = query.where(or_(key > after[0], and_(key == after[0], c.number > after[1])))
                rows |= {row.number: row for row in connection.execute(query.limit(limit + 1))}
        due = sorted(rows.values(), key=lambda row: (getattr(row, key.name), row.number))
        last = due[limit - 1] if len(due) > limit else None
        return Page(due[:limit], cursor_of(getattr(last, key.name), last.number) if last else None)

    def leads(self, actor: Actor, rows: Sequence[Any]) -> dict[str, int]:
        """The numbers of the leads of merged cases by the leads' ids, of those that ``actor`` may see."""
        wanted = sorted({row.merged_into for row in rows if row.merged_into})
        if not wanted:
            return {}
        query = select(c.id, c.number).where(c.id.in_(wanted), *self._visible(actor))
        with self._store.read() as connection:
            return {row.id: row.number for row in connection.execute(query)}

    def count(self, actor: Actor, wanted: CaseFilter) -> int:
        """How many cases a list has, up to 1000."""
        with self._store.read() as connection:
            some = [
                lane.with_only_columns(c.id).limit(_COUNT_LIMIT)
                for lane in self._lanes(connection, actor, wanted)
            ]
            if actor.bureau is None:  # these lanes never share a case, so the database can count
                counted = [select(func.count()).select_from(each.subquery()) for each in some]
                return min(sum(connection.execute(each).scalar_one() for each in counted), _COUNT_LIMIT)
            found = {key for each in some for key in connection.execute(each).scalars()}
        return min(len(found), _COUNT_LIMIT)

    def _lanes(self, connection: Connection, actor: Actor, wanted: CaseFilter) -> list[Select[Any]]:
        """Queries that together have all cases of a work list, each along an index of its own.

        Open work is walked state by state; a bureau's people walk their own bureau's states and what it
        supports, so that the county's other open cases cost them nothing.
        """
        every = select(schema.complaint)
        if wanted.attention or wanted.attention_of:
            return [every.where(*self._visible(actor), *conditions_of(wanted))]
        if wanted.companions:
            t = schema.companion.c
            offered = select(t.complaint_id).where(t.state == "offered")
            return [every.where(c.id.in_(offered), c.closed_at.is_(None), *self._visible(actor))]
        states = wanted.states or tuple(sorted(OPEN))
        waiting = every.where(*conditions_of(wanted), c.closed_at.is_(None))
        if actor.bureau is None or sees_everything(actor):
            visible = waiting.where(*self._visible(actor))
            return [visible.where(c.state == state) for state in states]
        s, own = schema.support.c, sorted(self._directory.family(actor.bureau))
        waiting = waiting.where(~barred_for(actor))
        led = [waiting.where(c.bureau == code, c.state == state) for code in own for state in states]
        helped = waiting.join(schema.support, s.complaint_id == c.id).where(c.state.in_(states))
        helping = connection.execute(select(s.bureau).where(s.bureau.in_(own)).distinct()).scalars()
        return led + [helped.where(s.bureau == code) for code in helping]

    def submissions(
        self,
        actor: Actor,
        channel: str = "",
        external_id: str = "",
        state: str = "",
        cursor: str = "",
        limit: int = 50,
    ) -> Page:
        """Submissions of cases that ``actor`` may see, newest first; a row carries ``case_number``.

        What still waits has no case (None) and is seen by the office only.
        """
        s = schema.submission.c
        query = (
            select(schema.submission, c.number.label("case_number"))
            .join_from(
                schema.submission, schema.complaint, s.complaint_id == schema.complaint.c.id, isouter=True
            )
            .order_by(s.id.desc())
        )
        limit = max(1, min(limit, MAX_PAGE))
        asked = ((s.channel, channel), (s.external_id, external_id), (s.state, state))
        query = query.where(*(column == value for column, value in asked if value), *self._visible(actor))
        query = query.where(s.part_of.is_(None))  # an album's further pictures stand with its first
        if cursor:
            query = query.where(s.id < cursor)
        with self._store.read() as connection:
            rows = connection.execute(query.limit(limit + 1)).all()
        return Page(rows[:limit], rows[limit - 1].id if len(rows) > limit else None)

    def around(self, rows: Sequence[Any]) -> tuple[dict[str, list[Any]], dict[str, set[str]]]:
        """Attachments by submission, and ``hidden_traces``, of rows that :meth:`submissions` gave."""
        cases = sorted({row.complaint_id for row in rows if row.complaint_id})
        with self._store.read() as connection:
            files = grouped(connection, schema.attachment, "submission_id", [row.id for row in rows], "id")
            return files, hidden_traces(connection, cases)

    # ------------------------------------------------------------ one case

    def dossier(self, actor: Actor, reference: str) -> Dossier | None:
        """Everything about one case, or None when there is none that ``actor`` may see."""
        try:
            number = number_from(reference)
        except InvalidReference:
            return None
        with self._store.read() as connection:
            case = connection.execute(select(schema.complaint).where(c.number == number)).first()
            if case is None:
                return None
            b = schema.block
            barred = connection.execute(select(b).where(b.c.complaint_id == case.id)).all()
            codes = {row.bureau for row in barred}
            if not may_see(actor, case.bureau, case.supporting, codes, self._directory):
                return None
            return as_seen_by(connection, actor.bureau, [dossier_of(connection, case, barred)])[0]

    def dossiers(self, actor: Actor, rows: Sequence[Any]) -> list[Dossier]:
        """Dossiers of rows that a list of ``actor`` returned, with one query per table."""
        with self._store.read() as connection:
            return as_seen_by(connection, actor.bureau, dossiers_of(connection, rows))

    def raw(self, actor: Actor, submission_id: str) -> bytes | None:
        """The raw message of a submission, for those who see its case and may know who wrote it.

        What the desk noted of identity documents stays with the office: a bureau gets no visit's form.
        """
        s, r = schema.submission.c, schema.raw_message.c
        query = (
            select(r.content, c.number, s.channel)
            .join_from(schema.raw_message, schema.submission, r.submission_id == s.id)
            .join(schema.complaint, c.id == s.complaint_id, isouter=True)
            .where(s.id == submission_id)
        )
        p = schema.participation
        with self._store.read() as connection:
            row = connection.execute(query).first()
            if row is None:
                return None
            found = connection.execute(select(c.id).where(c.number == row.number)).scalars().all()
            matter = [key for keys in one_matter(connection, found).values() for key in keys]
            parts = connection.execute(select(p).where(p.c.complaint_id.in_(matter))).all()
        if not self._reaches(actor, row.number) or not may_read_original(actor, row.channel, parts):
            return None
        return bytes(row.content)

    def may_know(self, actor: Actor, complaint_id: str) -> bool:
        """Whether ``actor`` may be shown who complained in a case that they may see."""
        p = schema.participation
        with self._store.read() as connection:
            matter = one_matter(connection, [complaint_id])[complaint_id]
            parts = connection.execute(select(p).where(p.c.complaint_id.in_(matter))).all()
        return may_know_complainant(actor, parts)

    def complaint_of(self, submission_id: str) -> str | None:
        """The id of the case that a submission belongs to."""
        s = schema.submission.c
        with self._store.read() as connection:
            return connection.execute(select(s.complaint_id).where(s.id == submission_id)).scalar()

    def attachment(self, actor: Actor, attachment_id: str) -> tuple[Any, str] | None:
        """An attachment's row and the name it has for ``actor``, for those who see its case.

        The row carries what is known of the file too: ``verdict told_kind preview_sha256 scanned_by`` (None
        while nobody looked) beside its own columns.
        """
        a, s, i = schema.attachment, schema.submission.c, schema.inspection.c
        told = (i.verdict, i.media_type.label("told_kind"), i.preview_sha256, i.scanned_by)
        query = (
            select(a, c.number, s.complaint_id, s.channel, *told)
            .join_from(a, schema.submission, a.c.submission_id == s.id)
            .join(schema.inspection, i.sha256 == a.c.sha256, isouter=True)
            .join(schema.complaint, c.id == s.complaint_id, isouter=True)
            .where(a.c.id == attachment_id)
        )
        with self._store.read() as connection:
            row = connection.execute(query).first()
            if row is None or not self._reaches(actor, row.number):
                return None
            secret = {} if sees_everything(actor) else hidden_traces(connection, [row.complaint_id])
        return row, redact(row.filename, secret.get(row.complaint_id, ()))

    def _reaches(self, actor: Actor, number: int | None) -> bool:
        if number is None:
            return sees_everything(actor)
        with self._store.read() as connection:
            lead = select(c.merged_into).where(c.number == number).scalar_subquery()
            query = select(c.id).where(or_(c.number == number, c.id == lead), *self._visible(actor))
            return connection.execute(query).first() is not None

    def _visible(self, actor: Actor) -> list[ColumnElement[bool]]:
        return visible_to(actor, self._directory)


def _by_number(numbers: Sequence[int], conditions: Sequence[ColumnElement[bool]]) -> Select[Any]:
    query = select(schema.complaint).where(c.number.in_(numbers), *conditions)
    return query.order_by(c.number.desc())
