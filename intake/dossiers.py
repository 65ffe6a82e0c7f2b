"""All of one case, gathered from every table, with one query per table however many cases are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, select

from intake import schema
from intake.references import number_from

_MOST_ASKED = 5_000


@dataclass(frozen=True, slots=True)
class Dossier:
    """All of one case, for its page and for the API."""

    case: Any
    submissions: Sequence[Any]
    attachments: dict[str, list[Any]]
    events: Sequence[Any]
    outbox: Sequence[Any]
    participations: Sequence[Any]
    contacts: dict[str, list[Any]]
    barred: Sequence[Any]
    remote: dict[str, list[Any]] = field(default_factory=dict)
    """Files that are not here yet, or never will be, by submission."""
    transcripts: dict[str, list[Any]] = field(default_factory=dict)
    """Rows of ``transcript`` by submission."""
    inspections: dict[str, Any] = field(default_factory=dict)
    """Rows of ``inspection`` by the file's SHA-256."""
    documents: dict[str, list[Any]] = field(default_factory=dict)
    """Identity documents that the desk was shown, by complainant."""
    merged: Sequence[Any] = ()
    """The cases that were merged into this one, whose people and words are among the others here."""
    lead: Any | None = None
    """The case that this one was merged into."""


def dossier_of(connection: Connection, case: Any, barred: Sequence[Any]) -> Dossier:
    """The dossier of one case (a row), whose blocks are known already."""
    return dossiers_of(connection, [case], {case.id: list(barred)})[0]


def dossiers_of(
    connection: Connection, cases: Sequence[Any], barred: dict[str, list[Any]] | None = None
) -> list[Dossier]:
    """The dossiers of rows of ``complaint``, in their order."""
    ids = [case.id for case in cases]
    merged = grouped(connection, schema.complaint, "merged_into", ids, "id")
    leads = grouped(connection, schema.complaint, "id", [c.merged_into for c in cases if c.merged_into], "id")
    whole = {key: [key, *(row.id for row in merged.get(key, ()))] for key in ids}
    all_ids = list(dict.fromkeys(each for keys in whole.values() for each in keys))
    every = _together(grouped(connection, schema.submission, "complaint_id", all_ids, "id"), whole)
    for rows in every.values():
        rows.sort(key=lambda row: row.id)
    submissions = {key: [row for row in rows if row.part_of is None] for key, rows in every.items()}
    sent = [row.id for rows in submissions.values() for row in rows]
    files, remote, transcripts = (
        grouped(connection, table, "submission_id", sent, "id")
        for table in (schema.attachment, schema.remote_file, schema.transcript)
    )
    names = sorted({file.sha256 for rows in files.values() for file in rows})
    inspected = grouped(connection, schema.inspection, "sha256", names, "sha256")
    events = grouped(connection, schema.event, "complaint_id", ids, "seq")
    outbox = grouped(connection, schema.outbox, "complaint_id", ids, "id")
    parts = _together(grouped(connection, schema.participation, "complaint_id", all_ids, "id"), whole)
    people = [row.complainant_id for rows in parts.values() for row in rows]
    contacts = grouped(connection, schema.contact, "complainant_id", people, "id")
    documents = grouped(connection, schema.identity_document, "complainant_id", people, "kind")
    if barred is None:
        barred = grouped(connection, schema.block, "complaint_id", ids, "bureau")
    return [
        Dossier(
            case,
            submissions.get(case.id, []),
            {row.id: files.get(row.id, []) for row in submissions.get(case.id, [])},
            events.get(case.id, []),
            outbox.get(case.id, []),
            parts.get(case.id, []),
            {row.complainant_id: contacts.get(row.complainant_id, []) for row in parts.get(case.id, [])},
            barred.get(case.id, []),
            {row.id: remote.get(row.id, []) for row in submissions.get(case.id, [])},
            {row.id: transcripts.get(row.id, []) for row in submissions.get(case.id, [])},
            {name: rows[0] for name, rows in inspected.items()},
            {row.complainant_id: documents.get(row.complainant_id, []) for row in parts.get(case.id, [])},
            merged.get(case.id, []),
            next(iter(leads.get(case.merged_into, [])), None),
        )
        for case in cases
    ]


def as_seen_by(connection: Connection, bureau: str | None, dossiers: Sequence[Dossier]) -> list[Dossier]:
    """The dossiers without what their histories tell of cases that ``bureau`` is barred from (promise 7).

    A case that a bureau handled may have been merged into one that is about it.
    """
    named = {other for one in dossiers for event in one.events if (other := _other(event))}
    if bureau is None or not named:
        return list(dossiers)
    b, c = schema.block.c, schema.complaint.c
    secret = select(c.number).join(schema.block, b.complaint_id == c.id)
    secret = secret.where(b.bureau == bureau, c.number.in_(named))
    barred = set(connection.execute(secret).scalars())
    return [
        replace(one, events=[event for event in one.events if _other(event) not in barred])
        for one in dossiers
    ]


def _other(event: Any) -> int | None:
    """The number of the other case that an event of merging or separating names."""
    if event.kind not in ("merged", "repointed", "separated"):
        return None
    told = event.data
    return number_from(str(told.get("into") or told.get("of") or told["from"]))


def _together(rows: dict[str, list[Any]], whole: dict[str, list[str]]) -> dict[str, list[Any]]:
    """Rows by case, with those of the cases merged into it after its own."""
    return {key: [row for each in keys for row in rows.get(each, [])] for key, keys in whole.items()}


def grouped(
    connection: Connection, table: Any, key: str, values: Sequence[str], order: str
) -> dict[str, list[Any]]:
    """Rows of ``table`` by ``key``, each group in ``order``; databases bound the length of a list."""
    found: dict[str, list[Any]] = {}
    for start in range(0, len(values), _MOST_ASKED):
        asked = table.c[key].in_(values[start : start + _MOST_ASKED])
        for row in connection.execute(select(table).where(asked).order_by(table.c[order])):
            found.setdefault(getattr(row, key), []).append(row)
    return found
