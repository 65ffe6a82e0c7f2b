"""The cases of the people who write: all that a conversation may speak of, and nobody else's.

You are here: registrar → filing → [own cases] → dialogue.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, or_, select, tuple_, union_all

from intake import schema
from intake.case import OpenCase
from intake.contracts import Directory
from intake.conversation import OwnCase
from intake.lifecycle import State
from intake.vault import vault_of
from intake.vault.names import address_hash

LATEST = 10
_MOST_TOLD = 4_000
"""Characters of an answer that a status line repeats; the answer itself went out in full."""

_LATEST_OF_ONE = (
    "SELECT complainant_id, complaint_id, id FROM participation "
    f"WHERE complainant_id = {{mark}} ORDER BY id DESC LIMIT {LATEST}"
)
_p, _c = schema.participation.c, schema.complaint.c


def latest_cases(
    connection: Connection, people: Collection[str], numbers: Collection[int], keys: Collection[str]
) -> dict[str, list[str]]:
    """By complainant, the ids of their own cases, newest first.

    The latest :data:`LATEST` of each, and those of ``numbers`` and ``keys`` that are theirs: two queries.
    """
    if not people:
        return {}
    wanted = sorted(people)
    # as text: putting such a statement together anew for every batch costs more than asking it
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    each = _LATEST_OF_ONE.format(mark=mark)
    asked = " UNION ALL ".join(f"SELECT * FROM ({each}) AS p{n}" for n in range(len(wanted)))
    rows = {tuple(row) for row in connection.exec_driver_sql(asked, tuple(wanted))}
    if numbers or keys:
        theirs = select(_p.complainant_id, _p.complaint_id, _p.id).join_from(
            schema.participation, schema.complaint, _p.complaint_id == _c.id
        )
        named = or_(_c.number.in_(numbers), _c.id.in_(keys))
        rows |= {tuple(row) for row in connection.execute(theirs.where(named, _p.complainant_id.in_(wanted)))}
    found: dict[str, list[str]] = {}
    for person, case, _ in sorted(rows, key=lambda row: row[2], reverse=True):
        found.setdefault(person, []).append(case)
    return found


def as_own(case: OpenCase, person: str) -> OwnCase:
    """A case on the desk as its complainant may know it: a merged one stands where its lead does."""
    own, row = case.row, case.leading.row
    part = case.part_of(person)
    several = len(case.leading.participations) > 1
    return OwnCase(
        id=own.id,
        reference=own.reference,
        state=str(row.state),
        received_at=own.received_at,
        answer_due_at=row.answer_due_at,
        closed_at=row.closed_at,
        outcome=row.outcome,
        feedback=part.feedback if part and several else row.feedback,
        bureau=row.bureau,
        answer=row.answer,
        asked_at=row.paused_from if row.state is State.AWAITING else None,
        confidential=bool(part and part.confidential),
        anonymous=bool(part and part.anonymous),
    )


def told_of(case: OpenCase, directory: Directory) -> dict[str, Any]:
    """The values of a sentence about a case, frozen when it is said: times in ISO 8601."""
    row = case.leading.row
    name = directory.name(row.bureau) if row.bureau else None
    return {
        "reference": case.row.reference,
        "state": str(row.state),
        "received_at": case.row.received_at.isoformat(),
        "due_at": row.answer_due_at.isoformat(),
        "closed_at": row.closed_at.isoformat() if row.closed_at else None,
        "outcome": row.outcome,
        "answer": (row.answer or "")[:_MOST_TOLD],
        "bureau_zh": name.zh if name else "",
        "bureau_en": name.en if name else "",
    }


def unrouted(cases: Sequence[OpenCase]) -> list[OpenCase]:
    """Cases that nothing and nobody has sent anywhere yet."""
    return [case for case in cases if case.row.state is State.TRIAGE and case.row.routed_by == "none"]


def written_in(connection: Connection, complaint_ids: Sequence[str]) -> dict[str, list[str]]:
    """What complainants wrote in each case, oldest first, at most twenty messages of each."""
    if not complaint_ids:
        return {}
    s = schema.submission.c
    few = [
        select(
            select(s.id, s.complaint_id, s.subject, s.body)
            .where(s.complaint_id == key, s.author == "complainant")
            .order_by(s.id)
            .limit(20)
            .subquery()
        )
        for key in complaint_ids
    ]
    found: dict[str, list[str]] = {}
    for row in sorted(connection.execute(union_all(*few)), key=lambda row: row.id):
        found.setdefault(row.complaint_id, []).append(f"{row.subject or ''}\n{row.body or ''}".strip())
    return found


def people_of(connection: Connection, contacts: Collection[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """The complainants known by these contacts (kind, value)."""
    c, vault = schema.complainant.c, vault_of(connection)
    asked = {(kind, address_hash(vault, value)): (kind, value) for kind, value in contacts if value}
    query = select(c.kind, c.value_hash, c.id).where(tuple_(c.kind, c.value_hash).in_(sorted(asked)))
    return {asked[row.kind, row.value_hash]: row.id for row in connection.execute(query)}
