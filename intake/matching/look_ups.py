"""What the index knows around a submission: a bounded number of rows a question, however large the archive.

All questions about who can be reached where stand here, in :func:`reached_alike`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Select, TextClause, bindparam, select, text

from intake import schema
from intake.matching.sketching import Sketch, unpacked

NEWEST = 20
"""Rows of one band that are looked at: ten thousand copies of a form letter cost no more than twenty."""
_PEOPLE = 20
"""Others with the same contact whose cases are looked at."""
_CASES = 10
"""Latest cases of each of them."""

_l, _k, _c = schema.likeness.c, schema.sketch.c, schema.complaint.c


def meeting(
    connection: Connection, bands: Collection[int], since: datetime | None, but: str
) -> dict[str, set[int]]:
    """The newest submissions in each of ``bands``, by submission the bands where they meet.

    ``since`` None looks at all times; ``but`` is the submission itself.
    """
    if not bands:
        return {}
    asked: dict[str, Any] = {f"band{n}": band for n, band in enumerate(sorted(bands))}
    if since is not None:
        asked["since"] = since
    rows = connection.execute(_lanes(len(bands), since is not None), asked)
    found: dict[str, set[int]] = {}
    for row in rows:
        if row.submission_id != but:
            found.setdefault(row.submission_id, set()).add(row.band)
    return found


@lru_cache(maxsize=128)
def _lanes(bands: int, dated: bool) -> TextClause:
    """The newest rows of so many bands, each found by itself: as text, for putting the statement together
    anew took longer than the answer."""
    dates = " AND at >= :since" if dated else ""
    each = (
        f"SELECT * FROM (SELECT submission_id, band FROM likeness WHERE band = :band{n}{dates} "
        f"ORDER BY at DESC LIMIT {NEWEST}) AS lane{n}"
        for n in range(bands)
    )
    lanes = text(" UNION ALL ".join(each))
    return lanes.bindparams(bindparam("since", type_=_l.at.type)) if dated else lanes


def sketches(connection: Connection, submission_ids: Collection[str]) -> dict[str, Sketch]:
    """Their sketches; a text too short has none."""
    if not submission_ids:
        return {}
    rows = connection.execute(select(_k.submission_id, _k.minima).where(_k.submission_id.in_(submission_ids)))
    return {row.submission_id: unpacked(bytes(row.minima)) for row in rows}


def reached_alike(connection: Connection, complaint_id: str) -> dict[str, bool]:
    """Cases of others, and of the same people, who can be reached where those of this case can.

    By case, whether the contact is verified on one side. Web addresses and postal ones do not count:
    many share them.
    """
    p, mine, theirs = schema.participation.c, schema.contact.alias("mine"), schema.contact.alias("theirs")
    same = (mine.c.kind == theirs.c.kind) & (mine.c.value_hash == theirs.c.value_hash)
    people = (
        select(theirs.c.complainant_id, mine.c.verified, theirs.c.verified.label("also"))
        .join_from(schema.participation, mine, mine.c.complainant_id == p.complainant_id)
        .join(theirs, same)
        .where(p.complaint_id == complaint_id, mine.c.kind.in_(("phone", "email", "telegram", "whatsapp")))
        .limit(_PEOPLE)
    )
    known: dict[str, bool] = {}
    for row in connection.execute(people):
        known[row.complainant_id] = known.get(row.complainant_id, False) or bool(row.verified or row.also)
    found: dict[str, bool] = {}
    for person, verified in sorted(known.items()):
        latest = select(p.complaint_id).where(p.complainant_id == person).order_by(p.id.desc()).limit(_CASES)
        for key in connection.execute(latest).scalars():
            found[key] = found.get(key, False) or verified
    found.pop(complaint_id, None)
    return found


def cases(connection: Connection, ids: Collection[str]) -> dict[str, Any]:
    """Rows of ``complaint`` by id."""
    if not ids:
        return {}
    return {row.id: row for row in connection.execute(_wanted(ids))}


def _wanted(ids: Collection[str]) -> Select[Any]:
    return select(
        *(_c.id, _c.number, _c.state, _c.merged_into, _c.channel, _c.bureau, _c.category, _c.received_at),
        _c.first_submission_id,
    ).where(_c.id.in_(ids))


def cases_of(connection: Connection, submission_ids: Collection[str]) -> dict[str, str]:
    """The case of each submission."""
    s = schema.submission.c
    rows = connection.execute(select(s.id, s.complaint_id).where(s.id.in_(submission_ids)))
    return {row.id: row.complaint_id for row in rows if row.complaint_id}


def ruled(connection: Connection, younger: str, older: Sequence[str]) -> set[str]:
    """Which of ``older`` were offered, merged or dismissed with ``younger`` already."""
    t = schema.companion.c
    query = select(t.other_id).where(t.complaint_id == younger, t.other_id.in_(older))
    return set(connection.execute(query).scalars())
