"""What one person may read of one case: the dossier with everything taken out that is not for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

from intake.archive import Dossier
from intake.contracts import Directory, Text
from intake.identity import known_traces, may_know_complainant, may_read_original, redact, without_traces
from intake.lifecycle import OFFICE, Role
from intake.people import Actor
from intake.references import reference_of
from intake.work import PENDING
from web.i18n import say
from web.staff.labels import called
from web.staff.shown_files import ShownFile, shown_file
from web.staff.timeline import DELIVERIES, Line, line
from web.visits.facts import visit_facts


@dataclass(frozen=True, slots=True)
class Person:
    """One complainant. ``contacts`` are (kind, value, verified); ``reference`` is theirs in a merged case."""

    name: str
    channel: str
    anonymous: bool
    confidential: bool
    contacts: tuple[tuple[str, str, bool], ...]
    documents: tuple[tuple[str, str], ...] = ()
    """Kind and last four of what the desk was shown; for the office alone."""
    large_print: bool = False
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """One submission of the case."""

    row: Any
    subject: str
    body: str
    quoted: str
    files: Sequence[ShownFile]
    awaited: Sequence[tuple[str, bool, str]] = ()
    """Files that are not here: name, whether they still may come, why not."""
    transcript: Any | None = None
    """The row of ``transcript`` whose words ``body`` is, or will be."""
    original: bool = False
    """Whether the message may be opened as it came."""
    facts: Sequence[tuple[str, str]] = ()
    """What the desk noted of a visit: what it is called, what it says."""


@dataclass(frozen=True, slots=True)
class Word:
    """One message: its row, its address where it may be shown, what the carrier said, its words."""

    row: Any
    address: str
    note: str
    text: str = ""
    """Only for the office: what a citizen was told carries keys to their case, which are left out."""


@dataclass(frozen=True, slots=True)
class Together:
    """A case that was merged into this one. ``channels`` are those on which its people are answered."""

    case: Any
    reference: str
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CaseView:
    """Everything the template shows. ``people`` is empty until they are shown on purpose."""

    case: Any
    reference: str
    subject: str
    office: bool
    may_know: bool
    shown: bool
    secret: bool
    nameless: bool
    people: tuple[Person, ...]
    complainants: int
    pieces: tuple[Piece, ...]
    lines: tuple[Line, ...]
    outbox: Sequence[Word]
    barred: Sequence[tuple[str, str]]
    bureau: str
    supporting: tuple[str, ...]
    routing_reason: str
    plan_reason: str
    looks: Sequence[Any] = field(default_factory=tuple)
    merged: tuple[Together, ...] = ()
    lead: Any | None = None
    """The row of the case that this one was merged into."""


def view_of(
    dossier: Dossier,
    actor: Actor,
    directory: Directory,
    *,
    shown: bool = False,
    looks: Sequence[Any] = (),
    scans: bool = False,
) -> CaseView:
    """The dossier as ``actor`` may read it; ``shown`` asks for the complainants too.

    ``scans``: files are handed out only after a virus scanner looked at them.
    """
    case, parts = dossier.case, dossier.participations
    knows = may_know_complainant(actor, parts)
    shown = shown and knows
    traces = known_traces(parts, chain.from_iterable(dossier.contacts.values()), dossier.submissions)
    office = actor.role in OFFICE | {Role.DESK}
    keys = {key for part in parts for key in (part.code, part.token) if key}

    def clean(text: str | None) -> str:
        """What people wrote, without their names for those who may never know them."""
        return (text or "") if knows else redact(text or "", traces)

    def veil(text: str | None) -> str:
        """What machines wrote of addresses, without them until they are shown on purpose."""
        return (text or "") if shown else redact(text or "", traces)

    def sent(row: Any) -> str:
        """The words a citizen got, without the keys that rate and follow the case in their name."""
        return redact(veil(row.text), keys) if office and row.role == "complainant" else ""

    def told(event: Any) -> Line:
        found = line(event, directory, event.data if knows else without_traces(event.data, traces))
        return replace(found, said=(veil if event.kind in DELIVERIES else clean)(found.said))

    pieces = tuple(
        Piece(
            row,
            clean(row.subject),
            clean(row.body),
            clean(row.quoted),
            [
                shown_file(file, clean(file.filename), dossier.inspections.get(file.sha256), scans=scans)
                for file in dossier.attachments[row.id]
            ],
            [
                (clean(file.filename), file.state == PENDING, veil(file.error))
                for file in dossier.remote.get(row.id, ())
                if file.state != "done"
            ],
            next(iter(dossier.transcripts.get(row.id, ())), None),
            may_read_original(actor, row.channel, parts),
            visit_facts(row.details, names=shown) if knows else (),
        )
        for row in dossier.submissions
    )
    return CaseView(
        case=case,
        reference=reference_of(case.number),
        subject=clean(case.subject),
        office=office,
        may_know=knows,
        shown=shown,
        secret=any(part.confidential or (part.anonymous and part.address) for part in parts),
        nameless=not parts or all(part.anonymous for part in parts),
        people=tuple(_person(part, dossier, office=office) for part in parts) if shown else (),
        complainants=len(parts),
        pieces=pieces,
        lines=tuple(told(event) for event in reversed(dossier.events)),
        outbox=[
            Word(row, row.address if shown or row.role != "complainant" else "", veil(row.error), sent(row))
            for row in dossier.outbox
            if office or row.role != "office"
        ],
        barred=[(say(directory.name(b.bureau)), _localized(b.reason)) for b in dossier.barred if office],
        bureau=say(directory.name(case.bureau)) if case.bureau else "",
        supporting=tuple(say(directory.name(code)) for code in case.supporting),
        routing_reason=_localized(case.routed_reason),
        plan_reason=_localized(case.plan_reason),
        looks=looks,
        merged=tuple(_together(row, parts) for row in dossier.merged),
        lead=dossier.lead,
    )


def _together(row: Any, parts: Sequence[Any]) -> Together:
    channels = tuple(part.channel for part in parts if part.complaint_id == row.id)
    return Together(row, reference_of(row.number), channels)


def _person(part: Any, dossier: Dossier, *, office: bool) -> Person:
    contacts = [(c.kind, c.value, c.verified) for c in dossier.contacts.get(part.complainant_id, [])]
    if part.address and part.address not in [value for _kind, value, _verified in contacts]:
        contacts.insert(0, (part.channel, part.address, False))
    seen = dossier.documents.get(part.complainant_id, ()) if office else ()
    numbers = {row.id: row.number for row in (dossier.case, *dossier.merged)} if dossier.merged else {}
    number = numbers.get(part.complaint_id)
    return Person(
        part.name,
        part.channel,
        part.anonymous,
        part.confidential,
        tuple(contacts),
        tuple((called("document", row.kind), row.last4) for row in seen),
        part.large_print,
        reference_of(number) if number is not None else "",
    )


def _localized(value: Any) -> str:
    return say(Text(str(value.get("zh", "")), str(value.get("en", "")))) if value else ""
