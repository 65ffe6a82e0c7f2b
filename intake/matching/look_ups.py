"""What the index knows around a submission: a bounded number of rows a question, however large the archive.

All questions about who can be reached where stand here, in :func:`reached_alike`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, TextClause, and_, bindparam, or_, select, text

from intake import schema
from intake.matching.sketching import Sketch, unpacked

NEWEST = 20
"""Rows of one band that are looked at: ten thousand copies of a form letter cost no more than twenty."""
_PEOPLE = 20
"""Others with the same contact whose cases are looked at."""
_CASES = 10
"""Latest cases of each of them."""

_NUMBERS = ("phone", "whatsapp")
"""Kinds of contact whose values are telephone numbers."""

_l, _k, _c = schema.likeness.c, schema.sketch.c, schema.complaint.c


def meeting(
    connection: Connection, bands: Collection[int], since: datetime | None, but: str
) -> dict[str, set[int]]:
    """The newest submissions in each of ``bands``, by submission the bands where they meet.

    ``since`` None looks at all times; ``but`` is the submission itself.
    """
    if not bands:
        return {}
    if connection.dialect.name == "postgresql":
        query = _LATERAL[since is not None]
        known = dict[str, Any](bands=sorted(bands))
    else:
        query = _lanes(len(bands), since is not None)
        known = dict[str, Any]((f"b{n}", band) for n, band in enumerate(sorted(bands)))
    found: dict[str, set[int]] = {}
    for key, band in connection.execute(query, known if since is None else known | {"since": since}):
        if key != but:
            found.setdefault(key, set()).add(band)
    return found


_SINCE = bindparam("since", type_=_l.at.type)
_LANE = "SELECT submission_id, band FROM likeness WHERE band = {band}{since} ORDER BY at DESC LIMIT {newest}"


@cache
def _lanes(count: int, since: bool) -> TextClause:
    """So many lanes, each by index; written out, for building it anew costs more than asking it."""
    later = " AND at >= :since" if since else ""
    lanes = (_LANE.format(band=f":b{n}", since=later, newest=NEWEST) for n in range(count))
    query = text(" UNION ALL ".join(f"SELECT * FROM ({lane})" for lane in lanes))
    return query.bindparams(_SINCE) if since else query


def _lateral(since: bool) -> TextClause:
    """The same for PostgreSQL, which would plan each lane of a union by itself."""
    lane = _LANE.format(band="b.band", since=" AND at >= :since" if since else "", newest=NEWEST)
    bands = "unnest(CAST(:bands AS bigint[])) AS b (band)"
    query = text(f"SELECT found.submission_id, b.band FROM {bands} CROSS JOIN LATERAL ({lane}) AS found")
    return query.bindparams(_SINCE) if since else query


_LATERAL = (_lateral(False), _lateral(True))


def sketches(connection: Connection, submission_ids: Collection[str]) -> dict[str, Sketch]:
    """Their sketches; a text too short has none."""
    if not submission_ids:
        return {}
    rows = connection.execute(select(_k.submission_id, _k.minima).where(_k.submission_id.in_(submission_ids)))
    drawn = ((row.submission_id, unpacked(bytes(row.minima))) for row in rows)
    return {key: sketch for key, sketch in drawn if sketch is not None}


def reached_alike(connection: Connection, complaint_id: str) -> dict[str, bool]:
    """Cases of others, and of the same people, who can be reached where those of this case can.

    By case, whether the contact is verified on one side. One number by text and by WhatsApp is one. Web
    addresses and postal ones do not count: many share them.
    """
    p, mine, theirs = schema.participation.c, schema.contact.alias("mine"), schema.contact.alias("theirs")
    alike = and_(mine.c.kind.in_(_NUMBERS), theirs.c.kind.in_(_NUMBERS))
    same = (mine.c.value_hash == theirs.c.value_hash) & or_(mine.c.kind == theirs.c.kind, alike)
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
