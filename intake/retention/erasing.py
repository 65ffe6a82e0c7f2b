"""Erasing who complained and what they wrote, of some cases, within one transaction.

What stays: the case's number, dates, bureau, category, outcome and rating, and its history without words.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, and_, bindparam, delete, exists, select, update

from intake import schema
from intake.case import OpenCase
from intake.desk import Desk
from intake.ids import new_code, new_id, new_token
from intake.people import SYSTEM
from intake.retention.files import with_previews
from intake.retention.texts import ERASED, without_words
from intake.search import SearchIndex
from intake.vault import Vault, sealed, vault_of
from intake.vault.names import token_hash

_s, _p, _o, _e = schema.submission.c, schema.participation.c, schema.outbox.c, schema.event.c


def erase(desk: Desk, cases: Sequence[OpenCase]) -> set[str]:
    """Erase the people and the words of ``cases``; returns the files (SHA-256) that they referred to.

    The caller flushes the desk and, once that is committed, lets go of files that nobody refers to.
    """
    connection, ids = desk.connection, [case.row.id for case in cases]
    sent = _submissions(connection, ids)
    files = _files(connection, sent)
    _forget_beside(connection, ids, sent)
    _blank_submissions(connection, sent)
    _blank_outbox(connection, ids)
    _forget_people(desk, cases)
    SearchIndex.behind(connection).remove(connection, [case.row.number for case in cases])
    for case in cases:
        _blank_history(connection, case)
        row = case.row
        row.subject = ""
        row.answer = ERASED if row.answer else row.answer
        row.feedback_text = None
        row.no_answer_reason = ERASED if row.no_answer_reason else row.no_answer_reason
        row.anonymised_at = desk.now
    return files


def erase_submissions(connection: Connection, submissions: Sequence[str]) -> set[str]:
    """Erase messages that belong to no case; returns the files (SHA-256) that they referred to.

    Their rows stay, so that a message that a provider sends once more is still known.
    """
    files = _files(connection, submissions)
    _forget_beside(connection, [], submissions)
    _blank_submissions(connection, submissions)
    return files


def _submissions(connection: Connection, cases: Sequence[str]) -> list[str]:
    """All that was filed there, with the further pictures of its albums."""
    filed = list(connection.execute(select(_s.id).where(_s.complaint_id.in_(cases))).scalars())
    parts = select(_s.id).where(_s.part_of.in_(filed), _s.complaint_id.is_(None))
    return filed + list(connection.execute(parts).scalars())


def _files(connection: Connection, submissions: Sequence[str]) -> set[str]:
    """All that the submissions and the letters behind them show or keep."""
    a, lf, lp, letter = schema.attachment.c, schema.letter_file.c, schema.letter_page.c, schema.letter.c
    found = set(connection.execute(select(a.sha256).where(a.submission_id.in_(submissions))).scalars())
    letters = select(letter.id).where(letter.submission_id.in_(submissions))
    for column, owner in ((lf.sha256, lf.letter_id), (lp.sha256, lp.letter_id)):
        found |= set(connection.execute(select(column).where(owner.in_(letters))).scalars())
    return with_previews(connection, found)


def _forget_beside(connection: Connection, cases: Sequence[str], submissions: Sequence[str]) -> None:
    """Rows that hold nothing but what people sent, and what was made of it."""
    letter = schema.letter.c
    letters = select(letter.id).where(letter.submission_id.in_(submissions))
    for table in (schema.letter_page, schema.letter_file):
        connection.execute(delete(table).where(table.c.letter_id.in_(letters)))
    connection.execute(delete(schema.letter).where(letter.submission_id.in_(submissions)))
    beside: tuple[Table, ...] = (
        *(schema.transcript, schema.attachment, schema.remote_file, schema.raw_message),
        *(schema.likeness, schema.sketch),
    )
    for table in beside:
        connection.execute(delete(table).where(table.c.submission_id.in_(submissions)))
    connection.execute(delete(schema.matching).where(schema.matching.c.id.in_(submissions)))
    k, talk, call = schema.companion.c, schema.conversation, schema.phone_call
    connection.execute(delete(schema.companion).where(k.complaint_id.in_(cases) | k.other_id.in_(cases)))
    connection.execute(delete(schema.printout).where(schema.printout.c.complaint_id.in_(cases)))
    held = update(talk).where(talk.c.held_id.in_(submissions))
    connection.execute(held.values(held_id=None, held_until=None))
    connection.execute(delete(talk).where(talk.c.complaint_id.in_(cases), talk.c.stopped_at.is_(None)))
    connection.execute(update(talk).where(talk.c.complaint_id.in_(cases)).values(complaint_id=None))
    theirs = select(_o.id).where(_o.complaint_id.in_(cases))
    connection.execute(delete(call).where(call.c.outbox_id.in_(theirs)))


def _blank_submissions(connection: Connection, submissions: Sequence[str]) -> None:
    nobody: dict[str, Any] = {
        **dict.fromkeys(("from_name", "from_kind", "from_address", "details", "reserved_code"), None),
        **dict.fromkeys(("conversation", "conversation_hash"), None),
        **{"subject": "", "body": ERASED, "attachments": [], "problems": []},
    }
    sealed_away: dict[str, Any] = {"quoted": bindparam("v_quoted"), "envelope": bindparam("v_envelope")}
    blank = update(schema.submission).where(_s.id == bindparam("b_id"))
    rows = [
        {"b_id": key, "v_quoted": sealed(key, ""), "v_envelope": sealed(key, {}), "v_external": key}
        for key in submissions
    ]
    if rows:
        values = nobody | sealed_away | {"external_id": bindparam("v_external")}
        connection.execute(blank.values(**values), rows)


def _blank_outbox(connection: Connection, cases: Sequence[str]) -> None:
    """What complainants were told; word to bureaus names none of them, but repeats what they wrote."""
    told = update(schema.outbox).where(_o.complaint_id.in_(cases))
    connection.execute(told.values(subject=None, text=None, params={}, provider_id=None, error=None))
    connection.execute(told.where(_o.state == "pending").values(state="suppressed"))
    theirs = select(_o.id).where(_o.complaint_id.in_(cases), _o.role == "complainant")
    forget_recipients(connection, list(connection.execute(theirs).scalars()))


def forget_recipients(connection: Connection, messages: Sequence[str]) -> None:
    """Take name and address off messages of the outbox."""
    rows = [{"b_id": key, "v_address": sealed(key, ""), "v_name": sealed(key, "")} for key in messages]
    if rows:
        nobody = update(schema.outbox).where(_o.id == bindparam("b_id"))
        values: dict[str, Any] = {
            "address": bindparam("v_address"),
            "name": bindparam("v_name"),
            "address_hash": None,
        }
        connection.execute(nobody.values(**values), rows)


def _forget_people(desk: Desk, cases: Sequence[OpenCase]) -> None:
    """Each part is nobody's from now on; who has no other case is forgotten altogether."""
    connection, ids = desk.connection, [case.row.id for case in cases]
    rows = connection.execute(select(_p.id, _p.complainant_id).where(_p.complaint_id.in_(ids))).all()
    if not rows:
        return
    strangers = {row.id: _stranger(desk.now) for row in rows}
    connection.execute(schema.complainant.insert(), list(strangers.values()))
    vault = vault_of(connection)
    connection.execute(_NOBODY, [_nobody(row.id, strangers[row.id]["id"], vault) for row in rows])
    forget_caseless(connection, sorted({row.complainant_id for row in rows}))


def forget_caseless(connection: Connection, people: Sequence[str]) -> None:
    """Forget those of ``people`` who have no case at all."""
    c = schema.complainant.c
    elsewhere = exists().where(and_(_p.complainant_id == c.id))
    gone = list(connection.execute(select(c.id).where(c.id.in_(people), ~elsewhere)).scalars())
    for table in (schema.contact, schema.identity_document):
        connection.execute(delete(table).where(table.c.complainant_id.in_(gone)))
    connection.execute(delete(schema.complainant).where(c.id.in_(gone)))


_NOBODY = (
    update(schema.participation)
    .where(_p.id == bindparam("b_id"))
    .values(
        {
            name: bindparam(f"v_{name}")
            for name in ("complainant_id", "address", "name", "code", "token", "token_hash")
        }
        | {"channel": "", "name_hash": None}
    )
)


def _nobody(part: str, stranger: str, vault: Vault) -> dict[str, Any]:
    """What a part is made: no name, no address, and a code and a token that nobody was given."""
    token = new_token()
    return {
        "b_id": part,
        "v_complainant_id": stranger,
        "v_address": sealed(part, ""),
        "v_name": sealed(part, ""),
        "v_code": sealed(part, new_code()),
        "v_token": sealed(part, token),
        "v_token_hash": token_hash(vault, token),
    }


def _stranger(now: datetime) -> dict[str, Any]:
    key = new_id()
    return {"id": key, "name": sealed(key, ""), "kind": None, "value": None, "created_at": now}


def _blank_history(connection: Connection, case: OpenCase) -> None:
    """Take the words out of the events, and name those events in one that stands at the end."""
    query = select(_e.seq, _e.kind, _e.data).where(_e.complaint_id == case.row.id).order_by(_e.seq)
    erased: list[int] = []
    for event in connection.execute(query).all():
        blank = without_words(event.kind, event.data)
        if blank != event.data:
            erased.append(event.seq)
            changed = update(schema.event).where(_e.complaint_id == case.row.id, _e.seq == event.seq)
            connection.execute(changed.values(data=blank))
    case.record(SYSTEM, "anonymised", erased=erased)
