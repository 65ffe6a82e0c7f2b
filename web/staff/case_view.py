"""What one person may read of one case: the dossier with everything taken out that is not for them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
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
    veils = _Veils.over(dossier, actor, shown=shown)
    office = veils.office
    return CaseView(
        case=case,
        reference=reference_of(case.number),
        subject=veils.written(case.subject),
        office=office,
        may_know=veils.knows,
        shown=veils.shown,
        secret=any(part.confidential or (part.anonymous and part.address) for part in parts),
        nameless=not parts or all(part.anonymous for part in parts),
        people=tuple(_person(part, dossier, office=office) for part in parts) if veils.shown else (),
        complainants=len(parts),
        pieces=tuple(_piece(row, dossier, actor, veils, scans=scans) for row in dossier.submissions),
        lines=tuple(_line(event, directory, veils) for event in reversed(dossier.events)),
        outbox=[_word(row, veils) for row in dossier.outbox if office or row.role != "office"],
        barred=[(say(directory.name(b.bureau)), _localized(b.reason)) for b in dossier.barred if office],
        bureau=say(directory.name(case.bureau)) if case.bureau else "",
        supporting=tuple(say(directory.name(code)) for code in case.supporting),
        routing_reason=_localized(case.routed_reason),
        plan_reason=_localized(case.plan_reason),
        looks=looks,
        merged=tuple(_together(row, parts) for row in dossier.merged),
        lead=dossier.lead,
    )


@dataclass(frozen=True, slots=True)
class _Veils:
    """What is left out of a text for one reader: who may know who complained, and asked to be shown it."""

    traces: Collection[str]
    keys: frozenset[str]
    office: bool
    knows: bool
    shown: bool

    @classmethod
    def over(cls, dossier: Dossier, actor: Actor, *, shown: bool) -> _Veils:
        parts = dossier.participations
        knows = may_know_complainant(actor, parts)
        return cls(
            known_traces(parts, chain.from_iterable(dossier.contacts.values()), dossier.submissions),
            frozenset(key for part in parts for key in (part.code, part.token) if key),
            actor.role in OFFICE | {Role.DESK},
            knows,
            shown and knows,
        )

    def written(self, text: str | None) -> str:
        """What people wrote, without their names for those who may never know them."""
        return (text or "") if self.knows else redact(text or "", self.traces)

    def noted(self, text: str | None) -> str:
        """What machines wrote of addresses, without them until they are shown on purpose."""
        return (text or "") if self.shown else redact(text or "", self.traces)

    def told(self, text: str | None) -> str:
        """What a citizen was told, without the keys that rate and follow the case in their name."""
        return redact(self.noted(text), self.keys)


def _piece(row: Any, dossier: Dossier, actor: Actor, veils: _Veils, *, scans: bool) -> Piece:
    files = [
        shown_file(file, veils.written(file.filename), dossier.inspections.get(file.sha256), scans=scans)
        for file in dossier.attachments[row.id]
    ]
    coming = [
        (veils.written(file.filename), file.state == PENDING, veils.noted(file.error))
        for file in dossier.remote.get(row.id, ())
        if file.state != "done"
    ]
    return Piece(
        row,
        veils.written(row.subject),
        veils.written(row.body),
        veils.written(row.quoted),
        files,
        coming,
        next(iter(dossier.transcripts.get(row.id, ())), None),
        may_read_original(actor, row.channel, dossier.participations),
        visit_facts(row.details, names=veils.shown) if veils.knows else (),
    )


def _line(event: Any, directory: Directory, veils: _Veils) -> Line:
    found = line(event, directory, event.data if veils.knows else without_traces(event.data, veils.traces))
    said = veils.noted if event.kind in DELIVERIES else veils.written
    return replace(found, said=said(found.said))


def _word(row: Any, veils: _Veils) -> Word:
    address = row.address if veils.shown or row.role != "complainant" else ""
    text = veils.told(row.text) if veils.office and row.role == "complainant" else ""
    return Word(row, address, veils.noted(row.error), text)


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
