"""From rows to JSON. What a bureau may not know is left out here: who an anonymous complainant is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import Any
from urllib.parse import quote

from intake.archive import Dossier
from intake.contracts import Directory
from intake.identity import known_traces, may_know_complainant, redact, without_traces
from intake.people import Actor, sees_everything
from intake.references import reference_of

Shape = dict[str, Any]
Hidden = Collection[str] | None
"""Names and addresses that must not be read; None where it is not hidden who complained."""


def rfc3339(at: datetime | None) -> str | None:
    """``2026-03-02T01:00:00Z`` (RFC 3339, UTC)."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at is not None else None


def hides_identity(actor: Actor, dossier: Dossier) -> bool:
    """Whether ``actor`` must not learn who complained."""
    return not may_know_complainant(actor, dossier.participations)


def shows_identity(actor: Actor, dossier: Dossier) -> bool:
    """Whether the complaint as ``actor`` gets it tells who complained, so that the look is logged."""
    if hides_identity(actor, dossier):
        return False
    return bool(dossier.participations) or any(s.from_name or s.from_address for s in dossier.submissions)


class Presenter:
    """Presents cases to one caller in one language (``zh`` or ``en``)."""

    def __init__(self, actor: Actor, language: str, directory: Directory) -> None:
        self._actor = actor
        self._language = language
        self._directory = directory

    def complaint(self, dossier: Dossier) -> Shape:
        """The schema ``Complaint``."""
        case, hidden = dossier.case, self._hidden(dossier)
        first = next((s for s in dossier.submissions if s.id == case.first_submission_id), None)
        reference = reference_of(case.number)
        return {
            "reference": reference,
            "version": case.version,
            "state": case.state,
            "outcome": case.outcome,
            "channel": case.channel,
            "language": case.language,
            "subject": _told(case.subject, hidden),
            "body": _told(first.body, hidden) if first is not None else "",
            "complainant": self._complainant(dossier, first, hidden),
            "bureau": self._bureau(case.bureau),
            "supporting": [self._bureau(code) for code in case.supporting],
            "category": case.category,
            "urgency": case.urgency,
            "routing": {
                "by": case.routed_by,
                "rule": case.routed_rule,
                "reason": case.routed_reason.get(self._language, ""),
            },
            **self._standing(case, hidden),
            "submissions": [
                self.submission(row, dossier.attachments.get(row.id, ()), hidden)
                for row in dossier.submissions
            ],
            "events": [self._event(row, hidden) for row in dossier.events],
            "merged_into": reference_of(dossier.lead.number)
            if dossier.lead is not None and sees_everything(self._actor)
            else None,
            "merged": [reference_of(row.number) for row in dossier.merged],
            "links": {"self": f"/api/v1/complaints/{quote(reference)}"},
        }

    def _hidden(self, dossier: Dossier) -> Hidden:
        if not hides_identity(self._actor, dossier):
            return None
        contacts = chain.from_iterable(dossier.contacts.values())
        return known_traces(dossier.participations, contacts, dossier.submissions)

    def _standing(self, case: Any, hidden: Hidden) -> Shape:
        """When what is due, and what became of it."""
        said = _told(case.feedback_text, hidden)
        rated = {"value": case.feedback, "text": said} if case.feedback else None
        return {
            "received_at": rfc3339(case.received_at),
            "due_at": rfc3339(case.answer_due_at),
            "answered_at": rfc3339(case.answered_at),
            "closed_at": rfc3339(case.closed_at),
            "answer": redact(case.answer, hidden or ()) if case.answer is not None else None,
            "no_answer_reason": redact(case.no_answer_reason, hidden or ())
            if case.no_answer_reason is not None
            else None,
            "feedback": rated,
            "responsible": case.responsible,
            "action": case.action,
            "action_due_at": rfc3339(case.due_at),
            "next_at": rfc3339(case.next_at),
            "attention": case.attention,
        }

    def submission(self, row: Any, files: Sequence[Any], hidden: Hidden) -> Shape:
        """The schema ``Submission``; ``hidden`` keeps back whose it is, unless a bureau wrote it."""
        masked = hidden is not None and row.author != "bureau"
        return {
            "id": row.id,
            "channel": row.channel,
            "external_id": "" if masked else row.external_id,  # a Message-ID may name its writer's machine
            "received_at": rfc3339(row.received_at),
            "state": row.state,
            "from": {
                "name": "" if masked else row.from_name or "",
                "address": "" if masked else row.from_address or "",
            },
            "subject": _told(row.subject, hidden),
            "body": _told(row.body, hidden),
            "quoted": _told(row.quoted, hidden),
            "author": row.author,
            "problems": row.problems or [],
            "attachments": [_file(file, hidden) for file in files]
            if row.complaint_id
            else list(row.attachments),
        }

    def listed_submission(self, row: Any, files: Sequence[Any], hidden: Hidden) -> Shape:
        """The schema ``ListedSubmission``; ``row`` carries its case's number."""
        number = row.case_number
        reference = reference_of(number) if number is not None else None
        return {**self.submission(row, files, hidden), "reference": reference}

    def _bureau(self, code: str | None) -> Shape:
        if code is None:
            return {"code": None, "name": None}
        name = self._directory.name(code)
        return {"code": code, "name": name.en if self._language == "en" else name.zh}

    def _complainant(self, dossier: Dossier, first: Any, hidden: Hidden) -> Shape:
        part = dossier.participations[0] if dossier.participations else None
        name = part.name if part is not None else (first.from_name or "" if first is not None else "")
        contacts = dossier.contacts.get(part.complainant_id, []) if part is not None else []
        return {
            "name": "" if hidden is not None else name,
            "anonymous": part.anonymous if part is not None else not name,
            "contacts": []
            if hidden is not None
            else [{"kind": c.kind, "value": c.value, "verified": c.verified} for c in contacts],
        }

    @staticmethod
    def _event(row: Any, hidden: Hidden) -> Shape:
        return {
            "seq": row.seq,
            "at": rfc3339(row.at),
            "actor": {key: row.actor.get(key, "") for key in ("kind", "id", "name")},
            "kind": row.kind,
            "data": row.data if hidden is None else without_traces(row.data, hidden),
            "hash": row.hash,
        }


def _told(text: str | None, hidden: Hidden) -> str:
    """What people wrote, without the names and addresses that are hidden."""
    return redact(text or "", hidden or ())


def _file(row: Any, hidden: Hidden) -> Shape:
    name = _told(row.filename, hidden)
    return {"filename": name, "media_type": row.media_type, "size": row.size, "sha256": row.sha256}
