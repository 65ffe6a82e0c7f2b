"""Promise 8 over the whole database: who complained in a case stays in it, and both sides know of a merge.

What one case must hold for itself stands in ``case_checks``; here one is held against another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, select

from intake import schema
from intake.contracts import Text
from intake.findings import Finding
from intake.references import reference_of

_BATCH = 400
_c, _e, _s = schema.complaint.c, schema.event.c, schema.submission.c
_o, _p = schema.outbox.c, schema.participation.c


def check_matters(connection: Connection) -> Iterator[Finding]:
    """Promise 8: nobody's part and nobody's complaint stands in a case that is not theirs."""
    elsewhere = (
        select(_c.number)
        .join_from(schema.complaint, schema.outbox, _o.complaint_id == _c.id)
        .join(schema.participation, _p.id == _o.participation_id)
        .where(_o.template == "acknowledgement", _p.complaint_id != _o.complaint_id)
        .distinct()
    )
    for (number,) in connection.execute(elsewhere):
        said = Text("在此件中投诉的人被移到了别的件", "somebody who complained here is in another case")
        yield Finding(8, reference_of(number), said)
    moved = (
        select(_c.number)
        .join_from(schema.complaint, schema.submission, _s.id == _c.first_submission_id)
        .where(_s.complaint_id.is_distinct_from(_c.id))
    )
    for (number,) in connection.execute(moved):
        said = Text("此件的第一件来件属于别的件", "the message that it began with is another case's")
        yield Finding(8, reference_of(number), said)
    query = select(_c.id, _c.number, _c.merged_into).where(_c.merged_into.is_not(None))
    merged = connection.execute(query.order_by(_c.id)).all()
    for start in range(0, len(merged), _BATCH):
        yield from _both_sides(connection, merged[start : start + _BATCH])


def _both_sides(connection: Connection, merged: Sequence[Any]) -> Iterator[Finding]:
    """A lead's history names each case that was merged into it, or the one by which it came."""
    came_by = _last_but_one(connection, [row.id for row in merged])
    numbers = _numbers(connection, set(came_by.values()))
    known: dict[str, set[str]] = {}
    query = select(_e.complaint_id, _e.data).where(_e.kind == "merged")
    for row in connection.execute(query.where(_e.complaint_id.in_({row.merged_into for row in merged}))):
        known.setdefault(row.complaint_id, set()).add(str(row.data.get("of", "")))
    for row in merged:
        number = numbers.get(came_by.get(row.id, row.id), row.number)
        if reference_of(number) not in known.get(row.merged_into, ()):
            said = Text(
                "主件的历史里没有这次并案", "the history of the case that leads it knows nothing of it"
            )
            yield Finding(8, reference_of(row.number), said)


def _last_but_one(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    """Of cases that followed a lead into another one, the lead by which they came."""
    query = select(_e.complaint_id, _e.data).where(_e.kind.in_(("merged", "repointed")))
    found: dict[str, list[str]] = {}
    for row in connection.execute(query.where(_e.complaint_id.in_(ids)).order_by(_e.seq)):
        if row.data.get("path"):
            found[row.complaint_id] = row.data["path"]
    return {key: path[-2] for key, path in found.items() if len(path) > 1}


def _numbers(connection: Connection, ids: set[str]) -> dict[str, int]:
    rows = connection.execute(select(_c.id, _c.number).where(_c.id.in_(ids)))
    return {row.id: row.number for row in rows}
