"""The telephone exchange: everything that a call may need, built once and handed in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Protocol

from channels.phone.hours import Hours
from channels.twilio.statuses import Deliveries
from intake.calls import Calls
from intake.clock import Clock
from intake.contracts import Text
from intake.inbox import Inbox
from intake.office import Office
from intake.throttle import Throttle
from intake.tracking import Tracked


class Cases(Protocol):
    """What a caller may know of cases (``intake.tracking.Tracking``)."""

    def by_code(self, reference: str, code: str) -> Tracked | None:
        """The case of a reference, if ``code`` is one of its complainants'."""
        ...

    def of_contact(self, kind: str, value: str, limit: int = 10) -> tuple[Tracked, ...]:
        """The cases of the person known by that contact, newest first."""
        ...


Dictated = Callable[[str, str, str], bool]
"""Takes a recording's id, its words and who wrote them down; False when nothing is known of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """``person`` is the office's own telephone, "" for none; ``number`` ours, for calling it.

    ``answer_due`` says by when an ordinary complaint of now is answered. ``texts`` says whether a number
    may take text messages. ``dictated`` None: nobody takes transcripts.
    """

    calls: Calls
    inbox: Inbox
    office: Office
    cases: Cases
    throttle: Throttle
    reports: Deliveries
    hours: Hours
    clock: Clock
    zone: tzinfo
    name: Text
    person: str
    number: str
    public_url: str
    answer_due: Callable[[datetime], datetime]
    texts: Callable[[str], bool]
    dictated: Dictated | None = None
