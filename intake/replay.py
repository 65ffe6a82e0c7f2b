"""What a case's history adds up to, told from its events alone (promise 9).

The row in ``complaint`` is a convenience; the events are the truth. ``verify`` holds one against the
other, so that a row that was changed behind the verbs' back shows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from intake.lifecycle import WITH_BUREAU, State


@dataclass(slots=True)
class Replayed:
    """Where a case stands after its events."""

    state: str = State.TRIAGE
    bureau: str | None = None
    supporting: list[str] = field(default_factory=list)
    outcome: str | None = None
    answered_at: datetime | None = None
    closed_at: datetime | None = None
    no_answer_reason: str | None = None
    closed_by: str = ""
    answered_seq: int = 0
    barred: set[str] = field(default_factory=set)
    failed: str | None = None  # the last answer did not arrive, and nobody has attended to it
    received: datetime | None = None
    merged_into: str | None = None
    before_merging: str = ""  # the state


def replay(events: Iterable[Any]) -> Replayed:
    """Add up ``events``: rows with seq, at, kind, and actor and data as stored text."""
    case = Replayed()
    for event in events:
        step = _STEPS.get(event.kind)
        if step is not None:
            step(case, event, json.loads(event.data))
    return case


def _received(case: Replayed, event: Any, told: Mapping[str, Any]) -> None:
    case.received = datetime.fromisoformat(told["at"])


def _assigned(case: Replayed, event: Any, told: Mapping[str, Any]) -> None:
    case.state, case.bureau, case.supporting = State.ASSIGNED, told["bureau"], told["supporting"]


def _accepted(case: Replayed, event: Any, told: Mapping[str, Any]) -> None:
    case.state = State.IN_PROGRESS


def _return_granted(case: Replayed, event: Any, told: Mapping[str, Any]) -> None:
    case.state, case.bureau, case.supporting = State.TRIAGE, None, []


def _asked(case: Replayed, event: Any, told: Mapping[str, Any]) -> None:
    case.state = State.AWAITING


def _resumed(case: Replayed, event: Any, told: Mapping[str, Any]) -> None:
    if case.state == State.AWAITING:  # else the pause ended because the lead bureau was barred
        case.state = State.IN_PROGRESS


def _answered(case: Replayed, event: Any, told: Mapping[str, Any]) -> None:
    case.state, case.answered_at, case.answered_seq = State.ANSWERED, event.at, event.seq
    case.failed = None


def _closed(case: Replayed, event: Any, told: Mapping[str, Any]) -> None:
    case.state, case.closed_at, case.outcome = State.CLOSED, event.at, told["outcome"]
    case.no_answer_reason = told["no_answer_reason"]
    case.closed_by = json.loads(event.actor)["kind"]
    if case.no_answer_reason is not None:
        case.failed = None  # a leader put on the record why no answer could arrive


def _reopened(case: Replayed, event: Any, told: Mapping[str, Any]) -> None:
    case.outcome = case.closed_at = case.answered_at = case.no_answer_reason = case.failed = None
    if case.bureau is None or case.bureau in case.barred:
        case.state, case.bureau = State.TRIAGE, None
    else:
        case.state = State.ASSIGNED


def _barred(case: Replayed, event: Any, told: Mapping[str, Any]) -> None:
    case.barred.add(told["bureau"])
    case.supporting = [code for code in case.supporting if code not in case.barred]
    if case.bureau in case.barred:
        case.bureau = None
        if case.state in WITH_BUREAU or case.state == State.AWAITING:
            case.state = State.TRIAGE


def _undelivered(case: Replayed, event: Any, told: Mapping[str, Any]) -> None:
    if told["template"] == "answer":
        case.failed = told["outbox"]


def _attended(case: Replayed, event: Any, told: Mapping[str, Any]) -> None:
    case.failed = None


def _readdressed(case: Replayed, event: Any, told: Mapping[str, Any]) -> None:
    if "answer" in told["again"]:
        case.failed = None


def _merged(case: Replayed, event: Any, told: Mapping[str, Any]) -> None:
    if "path" in told:  # else it is the lead's side of it
        case.before_merging, case.state = case.state, State.CLOSED
        case.closed_at, case.outcome, case.merged_into = event.at, "merged", told["path"][-1]


def _repointed(case: Replayed, event: Any, told: Mapping[str, Any]) -> None:
    case.merged_into = told["path"][-1]


def _separated(case: Replayed, event: Any, told: Mapping[str, Any]) -> None:
    if "of" in told:
        case.state = case.before_merging
        case.closed_at = case.outcome = case.merged_into = None


_STEPS: Mapping[str, Callable[[Replayed, Any, Mapping[str, Any]], None]] = {
    "received": _received,
    "assigned": _assigned,
    "accepted": _accepted,
    "return_granted": _return_granted,
    "asked": _asked,
    "resumed": _resumed,
    "answered": _answered,
    "closed": _closed,
    "reopened": _reopened,
    "barred": _barred,
    "failed": _undelivered,
    "bounced": _undelivered,
    "attended": _attended,
    "readdressed": _readdressed,
    "merged": _merged,
    "repointed": _repointed,
    "separated": _separated,
}
"""Every other kind of event leaves the case where it stands."""
