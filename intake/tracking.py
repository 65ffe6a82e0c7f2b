"""What a citizen may see of their case: only with the code given to them, or the token sent to them.

Somebody else's case is never revealed: a wrong reference and a wrong code get the same answer, and
guessing is slowed down by the caller (``web``).
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection, select

from intake import schema
from intake.contracts import Json
from intake.dossiers import grouped
from intake.ids import is_id
from intake.own_story import Stories
from intake.references import InvalidReference, number_from, reference_of
from intake.store import Store
from intake.vault import vault_of
from intake.vault.names import address_hash, token_hash


@dataclass(frozen=True, slots=True)
class Tracked:
    """One complainant's view. ``case`` is None while the submission still waits to be registered."""

    case: Any | None
    participation: Any | None
    submissions: tuple[Any, ...] = ()
    events: tuple[Any, ...] = ()
    reserved_number: int | None = None


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A submission whose sender waited for reference and code."""

    reference: str
    code: str
    received_at: datetime
    envelope: Json


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
                select(s.id, s.reserved_number, s.reserved_code).where(s.reserved_number == number)
            ).first()
        if members or waiting is None:
            return None
        if not hmac.compare_digest(waiting.reserved_code.encode(), code.encode()):
            return None
        return Tracked(None, None, reserved_number=number)

    def by_token(self, token: str) -> Tracked | None:
        """The case of the token in a rating link or a reply address."""
        with self._store.read() as connection:
            p, hashed = schema.participation.c, token_hash(vault_of(connection), token)
            member = connection.execute(select(schema.participation).where(p.token_hash == hashed)).first()
            return _tracked(connection, member) if member is not None else None

    def handed_in(self, channel: str, submission_id: str) -> HandedIn | None:
        """What was given at once to who handed in a submission; only for whoever stood before them."""
        s = schema.submission.c
        query = select(s.envelope, s.received_at, s.reserved_number, s.reserved_code)
        query = query.where(s.id == submission_id, s.channel == channel, s.reserved_number.is_not(None))
        with self._store.read() as connection:
            row = connection.execute(query).first() if is_id(submission_id) else None
        if row is None:
            return None
        return HandedIn(
            reference_of(row.reserved_number), row.reserved_code, row.received_at, dict(row.envelope)
        )

    def of_contact(self, kind: str, value: str, limit: int = 10) -> tuple[Tracked, ...]:
        """The latest cases of the person known by a contact, newest first.

        Only for a channel that proves the contact: a call from that telephone, a chat's own id.
        """
        p, person = schema.participation.c, schema.complainant.c
        query = (
            select(schema.participation)
            .join_from(schema.participation, schema.complainant, p.complainant_id == person.id)
            .order_by(p.id.desc())
            .limit(limit)
        )
        with self._store.read() as connection:
            hashed = address_hash(vault_of(connection), value) or ""
            members = connection.execute(query.where(person.kind == kind, person.value_hash == hashed)).all()
            return tuple(_all_tracked(connection, members)) if members else ()


def _tracked(connection: Connection, member: Any) -> Tracked:
    return _all_tracked(connection, [member])[0]


def _all_tracked(connection: Connection, members: Sequence[Any]) -> list[Tracked]:
    """Each member's view, in order; one query a table."""
    keys = sorted({member.complaint_id for member in members})
    c = schema.complaint.c
    cases = {row.id: row for row in connection.execute(select(schema.complaint).where(c.id.in_(keys)))}
    above = {row.merged_into for row in cases.values() if row.merged_into}
    if above:
        leads = connection.execute(select(schema.complaint).where(c.id.in_(above)))
        cases |= {row.id: row for row in leads}
    written = grouped(connection, schema.submission, "complaint_id", keys, "id")
    stories = Stories(connection, members)
    return [
        Tracked(
            _as_followed(case := cases[member.complaint_id], cases.get(case.merged_into or ""), member),
            member,
            tuple(row for row in written.get(case.id, ()) if _is_theirs(row, member, case)),
            tuple(stories.of(member, case)),
            case.number,
        )
        for member in members
    ]


_OWN = ("id", "number", "subject", "channel", "received_at", "first_submission_id", "language", "merged_into")
"""What a merged case tells of itself; where it stands it has from its lead."""


def _as_followed(case: Any, lead: Any | None, member: Any) -> Any:
    """The case as its complainant follows it."""
    if lead is None:
        return case
    own = {name: getattr(case, name) for name in _OWN}
    return SimpleNamespace(**dict(lead._mapping) | own | {"feedback": member.feedback, "feedback_text": None})


def _is_theirs(row: Any, member: Any, case: Any) -> bool:
    """Whether this complainant wrote the submission; the first one is theirs while they are alone."""
    if row.author != "complainant" or row.part_of is not None:
        return False
    if row.from_kind == "web":  # written on the case's own page, under this participation
        return bool(row.from_address == member.id)
    if member.address:
        return bool(row.from_address == member.address)
    return bool(row.id == case.first_submission_id)
