"""A case as its complainant reads it: what happened, in plain words and in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from intake.contracts import Directory
from intake.lifecycle import Feedback, Outcome, State
from intake.tracking import Tracked
from web.i18n import _, say


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline; ``said`` is what somebody wrote."""

    at: datetime
    title: str
    said: str = ""
    files: tuple[str, ...] = ()


def timeline(tracked: Tracked, directory: Directory) -> list[Entry]:
    """Everything the complainant may see of the case, oldest first."""
    case: Any = tracked.case
    entries = [
        Entry(row.at, _title(row.kind, row.data, directory), _said(row, case.answer))
        for row in tracked.events
    ]
    first = case.first_submission_id
    for row in tracked.submissions:
        files = tuple(file["filename"] for file in row.attachments)
        if row.id != first:
            entries.append(Entry(row.received_at, _("You added something"), row.body or "", files))
    return sorted(entries, key=lambda entry: entry.at)


def own_words(tracked: Tracked) -> Entry | None:
    """The complaint itself, when this complainant wrote it."""
    case: Any = tracked.case
    for row in tracked.submissions:
        if row.id == case.first_submission_id:
            files = tuple(file["filename"] for file in row.attachments)
            return Entry(row.received_at, row.subject or "", row.body or "", files)
    return None


def state_words(state: str) -> tuple[str, str]:
    """Where a case stands, as a tag's text and kind."""
    return {
        State.TRIAGE: (_("Being looked at"), "calm"),
        State.ASSIGNED: (_("Handed to a bureau"), "calm"),
        State.IN_PROGRESS: (_("In progress"), "calm"),
        State.AWAITING: (_("Waiting for you"), "warn"),
        State.ANSWERED: (_("Answered"), "good"),
        State.CLOSED: (_("Case closed"), "quiet"),
    }[State(state)]


def outcome_words(outcome: str) -> str:
    """How a case ended."""
    return {
        Outcome.RESOLVED: _("The matter was solved."),
        Outcome.EXPLAINED: _("The matter was explained."),
        Outcome.UNFOUNDED: _("The complaint was found not to be justified."),
        Outcome.NOT_ACCEPTED: _("The complaint could not be taken up."),
        Outcome.WITHDRAWN: _("The complaint was withdrawn."),
        Outcome.MERGED: _("The complaint was joined with another one about the same matter."),
    }[Outcome(outcome)]


def feedback_words(value: str) -> str:
    """What somebody said of the answer."""
    return {
        Feedback.SATISFIED: _("Satisfied"),
        Feedback.BASICALLY_SATISFIED: _("Basically satisfied"),
        Feedback.DISSATISFIED: _("Dissatisfied"),
        Feedback.SILENT: _("Not rated"),
    }[Feedback(value)]


def given_rating(value: str | None) -> str:
    """The button that was pressed, or "" for silence."""
    return value if value and value != Feedback.SILENT else ""


def pending_question(tracked: Tracked) -> str:
    """The question that waits for the complainant, or ""."""
    if tracked.case is None or tracked.case.state != State.AWAITING:
        return ""
    asked = [row.data.get("question", "") for row in tracked.events if row.kind == "asked"]
    return str(asked[-1]) if asked else ""


def _title(kind: str, values: Mapping[str, Any], directory: Directory) -> str:
    bureau = say(directory.name(values["bureau"])) if values.get("bureau") else ""
    match kind:
        case "received":
            return _("We received your complaint")
        case "assigned":
            return _("Handed to: %(bureau)s", bureau=bureau)
        case "accepted" if bureau:
            return _("%(bureau)s has taken it up", bureau=bureau)
        case "accepted":
            return _("It has been taken up")
        case "asked":
            return _("A question for you")
        case "resumed":
            return _("Work goes on")
        case "answered" if bureau:
            return _("%(bureau)s has answered", bureau=bureau)
        case "answered":
            return _("We have answered")
        case "closed":
            return _("It is closed: %(outcome)s", outcome=outcome_words(values["outcome"]))
        case "merged":
            return _("It is handled together with others about the same matter")
        case "separated":
            return _("It is handled by itself again")
        case "reopened":
            return _("Opened again")
        case "rated":
            return _("Rated: %(rating)s", rating=feedback_words(values["value"]))
        case _:
            return kind


def _said(row: Any, answer: str | None) -> str:
    """What was written; not the answer that stands, which the page shows by itself."""
    field = {"asked": "question", "answered": "text", "rated": "text"}.get(row.kind)
    words = str(row.data.get(field) or "") if field else ""
    return "" if row.kind == "answered" and words == answer else words
