"""What a list of cases asks for, as conditions on ``complaint``; and where its next page starts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement

from intake import schema
from intake.lifecycle import OPEN

c = schema.complaint.c


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """What a list asks for; empty means any. ``late`` and ``attention`` narrow to work."""

    states: tuple[str, ...] = ()
    bureau: str = ""
    channel: str = ""
    query: str = ""
    category: str = ""
    responsible: str = ""
    attention: bool = False
    attention_of: tuple[str, ...] = ()
    late_at: datetime | None = None
    open_only: bool = False
    companions: bool = False  # what may be one matter with another case


def conditions_of(wanted: CaseFilter) -> list[ColumnElement[bool]]:
    """All that must hold of a case for the list to have it."""
    equal = (
        (c.bureau, wanted.bureau),
        (c.channel, wanted.channel),
        (c.category, wanted.category),
        (c.responsible, wanted.responsible),
    )
    found: list[ColumnElement[bool]] = [column == value for column, value in equal if value]
    if len(wanted.states) == 1:
        found.append(c.state == wanted.states[0])
    elif wanted.states:
        found.append(c.state.in_(wanted.states))
    if wanted.attention or wanted.attention_of:
        found.append(c.attention.is_not(None))
    if wanted.attention_of:
        found.append(c.attention.in_(wanted.attention_of))
    if wanted.late_at is not None:
        found += [c.due_at < wanted.late_at, c.closed_at.is_(None), c.state.in_(sorted(OPEN))]
    if wanted.open_only:
        found.append(c.closed_at.is_(None))
    return found


def cursor_of(moment: datetime, number: int) -> str:
    """The cursor after a row with this date and number."""
    return f"{moment.isoformat()}~{number}"


def read_cursor(cursor: str) -> tuple[datetime, int] | None:
    """Where the last page ended; a cursor nobody gave out starts from the beginning."""
    moment, _, number = cursor.partition("~")
    try:
        at, below = datetime.fromisoformat(moment), int(number)
        if at.tzinfo is None or not 0 <= below < 2**63:
            return None
        return at.astimezone(UTC), below
    except (ValueError, OverflowError):  # the first and last hours of the calendar have no UTC
        return None
