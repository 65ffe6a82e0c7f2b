"""The promises, counted over a database with plain queries of the tests' own.

``huiyin verify`` does so for the operator; tests that would trust it alone would be blind where it is.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import func, select

from intake import schema
from intake.history import broken_at
from intake.store import Store

_REACHED = ("sent", "delivered")


def broken_promises(store: Store) -> list[str]:
    """One sentence for each broken promise; [] for a sound database."""
    with store.read() as connection:
        cases = connection.execute(select(schema.complaint)).all()
        events = connection.execute(
            select(schema.event).order_by(schema.event.c.complaint_id, schema.event.c.seq)
        ).all()
        outbox = connection.execute(select(schema.outbox)).all()
        submissions = connection.execute(select(schema.submission)).all()
        barred = {(row.complaint_id, row.bureau) for row in connection.execute(select(schema.block)).all()}
        raw = set(connection.execute(select(schema.raw_message.c.submission_id)).scalars())
        people = connection.execute(
            select(schema.participation.c.id, schema.participation.c.complaint_id)
        ).all()
    chains: dict[str, list[Any]] = {}
    for event in events:
        chains.setdefault(event.complaint_id, []).append(event)
    found = [f"submission {row.id} has no raw message" for row in submissions if row.id not in raw]
    found += [
        f"submission {row.id} is {row.state} without a case"
        for row in submissions
        if row.state != "pending" and row.complaint_id is None and row.became != "talk"
    ]
    known = {case.id: case for case in cases}
    for case in cases:
        own = {person.id for person in people if person.complaint_id == case.id}
        lead = known.get(case.merged_into, case)
        said = [row for row in outbox if row.complaint_id == case.id]
        if lead is not case:  # its people are answered for it by its lead
            said += [row for row in outbox if row.complaint_id == lead.id and row.participation_id in own]
        found += _about(case, lead, chains.get(case.id, []), said)
        found += [
            f"{case.number}: {case.bureau} is barred and holds it"
            for key in [(case.id, case.bureau)]
            if key in barred
        ]
    return found


def _about(case: Any, lead: Any, events: list[Any], outbox: list[Any]) -> list[str]:
    """``lead`` is the case itself, unless it was merged; ``outbox`` is what was said to its people."""
    found = []
    if (case.merged_into is None) != (case.outcome != "merged") or lead.merged_into is not None:
        found.append(f"{case.number}: merged into nothing that leads")
    at = broken_at(events, case.last_seq, case.last_hash)
    if at is not None:
        found.append(f"{case.number}: its history is broken at {at}")
    if case.closed_at is None and (case.due_at is None or case.next_at is None or case.action == "none"):
        found.append(f"{case.number}: open, and nobody has to do anything")
    if case.bureau is None and case.responsible == "bureau":
        found.append(f"{case.number}: a bureau is responsible, but none is named")
    acknowledged = Counter(row.participation_id for row in outbox if row.template == "acknowledgement")
    found += [
        f"{case.number}: {count} acknowledgements to one person"
        for count in acknowledged.values()
        if count > 1
    ]
    answered = any(row.template == "answer" and row.state in _REACHED for row in outbox)
    excused = lead.no_answer_reason or lead.attention
    if case.closed_at is not None and lead.closed_at is not None and not (answered or excused):
        found.append(f"{case.number}: closed without an answer")
    return found


def count(store: Store, table: Any, *conditions: Any) -> int:
    """How many rows of ``table`` fulfil ``conditions``."""
    with store.read() as connection:
        found: int = connection.execute(
            select(func.count()).select_from(table).where(*conditions)
        ).scalar_one()
        return found
