"""Who may know who complained, and how a text is told without it (promise 7)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from typing import Any

from sqlalchemy import Connection, Table, and_, or_, select

from intake import schema
from intake.contracts import Json
from intake.lifecycle import BUREAU, Role
from intake.people import Actor, sees_everything
from intake.search import is_beginning, words
from intake.store import Store

HIDDEN = "＊＊＊"
_SHORTEST = 2
"""Characters of a name or contact worth hiding; a single one would blacken innocent words."""
_OFFICE_FORMS = frozenset({"visit"})
"""Channels whose raw message is a form of the office, with more in it than the complainant said."""


def may_know_complainant(actor: Actor, participations: Sequence[Any]) -> bool:
    """Whether ``actor`` may ever be shown who complained; each look is logged all the same.

    The office may. A bureau may when everybody who complained agreed to be known; a case whose
    sender left no trace counts as anonymous.
    """
    if sees_everything(actor):
        return True
    return bool(participations) and not any(p.anonymous or p.confidential for p in participations)


def may_read_original(actor: Actor, channel: str, participations: Sequence[Any]) -> bool:
    """Whether ``actor`` may open a message as it came, once they may see its case.

    The form of a visit carries what the desk noted of identity documents, which no bureau needs: they read
    the visit's words and facts on the case page.
    """
    if channel in _OFFICE_FORMS and actor.role in BUREAU:
        return False
    return may_know_complainant(actor, participations)


def known_traces(
    participations: Sequence[Any], contacts: Iterable[Any], submissions: Iterable[Any]
) -> set[str]:
    """Names and addresses by which the complainants could be recognised, as they wrote them."""
    traces = {part.name for part in participations} | {part.address for part in participations}
    traces |= {contact.value for contact in contacts}
    for row in submissions:
        if row.author != "bureau":
            traces |= {row.from_name or "", row.from_address or "", *_named(row.details)}
    traces |= {trace.removeprefix("+86") for trace in traces}  # a number as people write it at home
    return {trace.strip() for trace in traces if len(trace.strip()) >= _SHORTEST}


def _named(details: Any) -> list[str]:
    """Who came along without leaving a way to reach them; their names stand with the submission alone."""
    return str((details or {}).get("visitors", "")).split("\n")


def redact(text: str, traces: Iterable[str]) -> str:
    """``text`` without the traces, in whatever case they are written. Linear in the text."""
    longest_first = sorted(set(traces), key=len, reverse=True)
    if not longest_first or not text:
        return text
    return re.sub("|".join(map(re.escape, longest_first)), HIDDEN, text, flags=re.IGNORECASE)


_WRITTEN = frozenset(
    {"text", "question", "reason", "note", "why", "no_answer_reason", "correction", "filename"}
)
"""Facts of an event that people wrote or named; all others are codes, keys and times."""
_OF_THE_POST = frozenset({"remark", "registered"})
"""What the desk noted of a letter's way: where somebody moved to, a number that the post knows them by."""


def without_traces(facts: Json, traces: Collection[str]) -> dict[str, Any]:
    """An event's facts as those may read them who may not know who complained."""
    told = {key: _veiled(value, traces) if key in _WRITTEN else value for key, value in facts.items()}
    hidden = _OF_THE_POST | ({"note"} if facts.get("role") == "complainant" else set())
    return told | {key: "" for key in hidden if told.get(key)}  # a bounce's note quotes the address


def _veiled(value: Any, traces: Collection[str]) -> Any:
    """A fact, which may be missing or stand in two languages."""
    if isinstance(value, Mapping):
        return {key: _veiled(inner, traces) for key, inner in value.items()}
    return redact(value, traces) if isinstance(value, str) else value


def betrays(asked: Set[str], traces: Iterable[str]) -> bool:
    """Whether one of the index words ``asked``, or what it may begin, belongs to a trace: to find it would
    tell whose it is."""
    beginnings = tuple(filter(is_beginning, asked))
    return any(
        word in asked or (bool(beginnings) and word.startswith(beginnings))
        for trace in traces
        for word in words(trace)
    )


def subjects(store: Store, actor: Actor, cases: Sequence[Any]) -> dict[str, str]:
    """The subjects of ``cases`` (rows) by id, as ``actor`` may read them in a list."""
    plain = {case.id: str(case.subject) for case in cases}
    if sees_everything(actor) or not plain:
        return plain
    with store.read() as connection:
        hidden = hidden_traces(connection, plain)
    return {key: redact(subject, hidden.get(key, ())) for key, subject in plain.items()}


def hidden_traces(connection: Connection, complaint_ids: Collection[str]) -> dict[str, set[str]]:
    """The cases whose complainants no bureau may know, by id, each with the traces they left."""
    matters = one_matter(connection, complaint_ids)
    every = sorted({key for keys in matters.values() for key in keys})
    rows = _by(connection, schema.participation, "complaint_id", every)
    parts = {key: [part for each in keys for part in rows.get(each, [])] for key, keys in matters.items()}
    secret = [key for key in complaint_ids if not may_know_complainant(_ANY_BUREAU, parts[key])]
    people = [part.complainant_id for key in secret for part in parts[key]]
    contacts = _by(connection, schema.contact, "complainant_id", people)
    hidden = sorted({each for key in secret for each in matters[key]})
    senders = _by(connection, schema.submission, "complaint_id", hidden)
    found = {}
    for key in secret:
        known = [contact for part in parts[key] for contact in contacts.get(part.complainant_id, [])]
        wrote = [row for each in matters[key] for row in senders.get(each, [])]
        found[key] = known_traces(parts[key], known, wrote)
    return found


def one_matter(connection: Connection, complaint_ids: Collection[str]) -> dict[str, list[str]]:
    """Each case with all that were merged with it, itself first: what one hides, all hide."""
    c = schema.complaint.c
    asked = or_(and_(c.id.in_(complaint_ids), c.merged_into.is_not(None)), c.merged_into.in_(complaint_ids))
    rows = connection.execute(select(c.id, c.merged_into).where(asked)).all() if complaint_ids else []
    leads = {row.id: row.merged_into for row in rows}
    above = {lead for lead in leads.values() if lead not in complaint_ids}
    if above:
        more = connection.execute(select(c.id, c.merged_into).where(c.merged_into.in_(above)))
        leads |= {row.id: row.merged_into for row in more}
    members: dict[str, list[str]] = {}
    for key, lead in sorted(leads.items()):
        members.setdefault(lead, [lead]).append(key)
    return {
        key: [key, *(each for each in members.get(leads.get(key, key), []) if each != key)]
        for key in complaint_ids
    }


_ANY_BUREAU = Actor(Role.HANDLER, bureau="any")


_LIGHT = ("complaint_id", "complainant_id", "name", "address", "anonymous", "confidential", "value")
_LIGHT_OF_A_SUBMISSION = ("complaint_id", "author", "from_name", "from_address", "details")


def _by(connection: Connection, table: Table, key: str, values: Sequence[str]) -> dict[str, list[Any]]:
    names = _LIGHT_OF_A_SUBMISSION if table is schema.submission else _LIGHT
    columns = [table.c[name] for name in names if name in table.c]
    found: dict[str, list[Any]] = {}
    for row in connection.execute(select(*columns).where(table.c[key].in_(values))):
        found.setdefault(getattr(row, key), []).append(row)
    return found
