"""Filling the search index from what is in the database: after a restore, or when its shape changed."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, select

from intake import schema
from intake.search import PARTS, SearchIndex, indexed, slot

_BATCH = 500


def index_all(connection: Connection, progress: Callable[[int], None] = lambda count: None) -> None:
    """Index what ``intake.filing`` indexed: subject and body of every submission.

    ``progress`` is told how many texts were indexed since it was told last.
    """
    search, c, s = SearchIndex.behind(connection), schema.complaint.c, schema.submission.c
    query = (
        select(c.number, (s.id == c.first_submission_id).label("first"), s.subject, s.body)
        .join_from(schema.submission, schema.complaint, s.complaint_id == c.id)
        .order_by(s.complaint_id, s.id)
    )
    batch: list[tuple[int, str]] = []
    number, part = 0, 0
    for row in connection.execute(query.execution_options(yield_per=200)):
        part = part + 1 if row.number == number else 1
        number = row.number
        if part >= PARTS and not row.first:
            continue
        content = indexed(f"{row.subject or ''}\n{row.body or ''}")
        batch.append((slot(number, 0 if row.first else part), content))
        if len(batch) == _BATCH:
            search.add(connection, batch)
            progress(len(batch))
            batch = []
    search.add(connection, batch)
    progress(len(batch))
