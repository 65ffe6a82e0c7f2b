"""What the script says: lines with their values. You are here: script → [lines] → outbox → wording.

A line that speaks of a case carries all it needs; wording looks nothing up but names and dates.
"""

from __future__ import annotations

from typing import Any

from intake.conversation import Line, OwnCase


def line(template: str, case: OwnCase | None = None, **params: Any) -> Line:
    """A sentence, about ``case`` when there is one."""
    about = {"reference": case.reference} if case is not None else {}
    return Line(template, about | params, case.id if case is not None else None)


def status(case: OwnCase) -> Line:
    """How a case stands: one sentence a state."""
    params: dict[str, Any] = {"due_at": case.answer_due_at.isoformat(), "bureau": case.bureau or ""}
    if case.state in ("answered", "closed"):
        params |= {"answer": case.answer or "", "outcome": case.outcome or ""}
    return line(f"status_{case.state}", case, **params)


def question(key: str, case: OwnCase | None = None) -> Line:
    """A question of ours."""
    return line(f"ask_{key}", case)


def thanks(value: str, case: OwnCase) -> Line:
    """Thanks for a rating."""
    return line(f"thanks_{value}", case)
