"""Talk that became no case: help, greetings, questions how it stands; and what is remembered of who talked.

You are here: keeper → [talks]. Cases take along what belongs to them; this is what no case holds. It is of no
use when it is old, but it names a number and keeps what somebody said. It has an age of its own, shorter
than that of cases. Whoever said STOP is remembered, so that nobody writes to them again.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, func, select, update

from intake import schema
from intake.retention.erasing import erase_submissions, forget_caseless, forget_recipients
from intake.vault import vault_of
from intake.vault.names import address_hash

_T, _C, _S, _O = schema.conversation.c, schema.phone_call.c, schema.submission.c, schema.outbox.c
_RAW = schema.raw_message.c


def count_talks(connection: Connection, before: datetime) -> int:
    """How many messages, since before that moment, became no case and still have something to lose."""
    return int(connection.execute(select(func.count()).where(_is_old(before))).scalar_one())


def erase_talks(connection: Connection, before: datetime, limit: int) -> tuple[int, set[str]]:
    """Blank up to ``limit`` such messages with our replies; returns how many, and their files (SHA-256)."""
    query = select(_S.id).where(_is_old(before)).order_by(_S.id).limit(limit)
    ids = list(connection.execute(query.with_for_update(skip_locked=True)).scalars())
    if not ids:
        return 0, set()
    parts = select(_S.id).where(_S.part_of.in_(ids), _S.complaint_id.is_(None))
    people = _talkers(connection, ids)
    files = erase_submissions(connection, ids + list(connection.execute(parts).scalars()))
    _blank_replies(connection, ids)
    forget_caseless(connection, people)
    return len(ids), files


def _talkers(connection: Connection, submissions: list[str]) -> list[str]:
    """Who wrote them, as far as it is known."""
    c, vault = schema.complainant.c, vault_of(connection)
    query = select(_S.from_address).where(_S.id.in_(submissions), _S.from_address.is_not(None))
    hashes = {address_hash(vault, address) for address in connection.execute(query).scalars() if address}
    return list(
        connection.execute(select(c.id).where(c.value_hash.in_(sorted(filter(None, hashes))))).scalars()
    )


def _blank_replies(connection: Connection, submissions: list[str]) -> None:
    """What we said to such messages; a reply that speaks of a case is that case's, and goes with it."""
    keys = [f"talk:{key}" for key in submissions]
    query = select(_O.id).where(_O.dedupe_key.in_(keys), _O.complaint_id.is_(None))
    replies = list(connection.execute(query).scalars())
    said = update(schema.outbox).where(_O.id.in_(replies))
    connection.execute(said.values(subject=None, text=None, params={}, provider_id=None, error=None))
    connection.execute(said.where(_O.state == "pending").values(state="suppressed"))
    forget_recipients(connection, replies)


def forget_talkers(connection: Connection, before: datetime) -> int:
    """Forget calls that began, and conversations in which nothing was said, since before that moment.

    Returns how many were forgotten.
    """
    calls = delete(schema.phone_call).where(_C.started_at < before)
    silent = and_(
        _T.complaint_id.is_(None),
        _T.held_id.is_(None),
        _T.stopped_at.is_(None),
        func.coalesce(_T.heard_at, _T.asked_at) < before,
    )
    talks = delete(schema.conversation).where(silent)
    return sum(max(connection.execute(each).rowcount, 0) for each in (calls, talks))


def _is_old(before: datetime) -> ColumnElement[bool]:
    """Received before that moment, filed as talk, and not blanked yet."""
    whole = select(_RAW.submission_id).where(_RAW.submission_id == _S.id).exists()
    filed = and_(_S.complaint_id.is_(None), _S.became == "talk", _S.state != "pending")
    return and_(filed, _S.received_at < before, whole)
