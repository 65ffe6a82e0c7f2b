"""What a citizen may see of their case: only with the code given to them, or the token sent to them.

Somebody else's case is never revealed: a wrong reference and a wrong code get the same answer, and
guessing is slowed down by the caller (``web``).
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from intake import schema
from intake.references import InvalidReference, number_from
from intake.store import Store


@dataclass(frozen=True, slots=True)
class Tracked:
    """One complainant's view. ``case`` is None while the submission still waits to be registered."""

    case: Any | None
    participation: Any | None
    submissions: tuple[Any, ...] = ()
    events: tuple[Any, ...] = ()
    reserved_number: int | None = None


_SHOWN = ("received", "assigned", "accepted", "asked", "resumed", "answered", "closed", "reopened", "rated")
"""Events a complainant sees; what colleagues noted and whom the ladder reminded is not among them."""


class Tracking:
    """Looks cases up for citizens. Thread-safe."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def by_code(self, reference: str, code: str) -> Tracked | None:
        """The case of a reference, if ``code`` (6 digits) is one of its complainants'."""
        try:
            number = number_from(reference)
        except InvalidReference:
            return None
        code = code.strip()
        p, c, s = schema.participation.c, schema.complaint.c, schema.submission.c
        with self._store.read() as connection:
            members = connection.execute(
                select(schema.participation)
                .join_from(schema.participation, schema.complaint, p.complaint_id == c.id)
                .where(c.number == number)
            ).all()
            for member in members:
                if hmac.compare_digest(member.code.encode(), code.encode()):
                    return _tracked(connection, member)
            waiting = connection.execute(
                select(s.reserved_number, s.reserved_code).where(s.reserved_number == number)
            ).first()
        if members or waiting is None:
            return None
        if not hmac.compare_digest(waiting.reserved_code.encode(), code.encode()):
            return None
        return Tracked(None, None, reserved_number=number)

    def by_token(self, token: str) -> Tracked | None:
        """The case of the token in a rating link or a reply address."""
        with self._store.read() as connection:
            p = schema.participation.c
            member = connection.execute(select(schema.participation).where(p.token == token)).first()
            return _tracked(connection, member) if member is not None else None


def _tracked(connection: Any, member: Any) -> Tracked:
    c, s, e = schema.complaint.c, schema.submission.c, schema.event.c
    case = connection.execute(select(schema.complaint).where(c.id == member.complaint_id)).one()
    submissions = connection.execute(
        select(schema.submission).where(s.complaint_id == case.id).order_by(s.id)
    ).all()
    own = tuple(row for row in submissions if _is_theirs(row, member, case))
    events = connection.execute(
        select(schema.event).where(e.complaint_id == case.id, e.kind.in_(_SHOWN)).order_by(e.seq)
    ).all()
    return Tracked(case, member, own, tuple(events), case.number)


def _is_theirs(row: Any, member: Any, case: Any) -> bool:
    """Whether this complainant wrote the submission; the first one is theirs while they are alone."""
    if row.author != "complainant":
        return False
    if row.from_kind == "web":  # written on the case's own page, under this participation
        return bool(row.from_address == member.id)
    if member.address:
        return bool(row.from_address == member.address)
    return bool(row.id == case.first_submission_id)
