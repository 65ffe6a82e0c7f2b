"""What the desk noted of a visit, in words. You are here: submission.details → *facts* → case page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from channels.visit import MOST_REPRESENTATIVES
from web.i18n import _

Fact = tuple[str, str]


def visit_facts(details: Mapping[str, Any] | None, *, names: bool) -> tuple[Fact, ...]:
    """What each noted thing is called, and what it says; ``names`` only once they are shown on purpose."""
    return tuple(_facts(details, names=names)) if details and "entered_at" in details else ()


def _facts(details: Mapping[str, Any], *, names: bool) -> Iterator[Fact]:
    kiosk = details["entered_at"] == "kiosk"
    yield _("How it was entered"), _("by the visitor, at the kiosk") if kiosk else _("by the front desk")
    if details.get("safety"):
        yield _("Danger"), _("The visitor says that somebody is in danger.")
    present = int(details.get("present", 0))
    if present > 1:
        many = _("%(count)s; at most %(most)s may speak for them", count=present, most=MOST_REPRESENTATIVES)
        yield _("People who came"), many if present > MOST_REPRESENTATIVES else str(present)
    if names and details.get("visitors"):
        if details.get("spokesman"):
            yield _("Spokesperson"), str(details["spokesman"])
        yield _("Entered by name"), str(details["visitors"])
    if details.get("interpreter"):
        yield _("Interpreter"), str(details["interpreter"])
    needs = [_need(need) for need in str(details.get("needs", "")).split(",") if need]
    if needs:
        yield _("Help needed"), "\n".join(needs)


def _need(need: str) -> str:
    known = {
        "wheelchair": _("Wheelchair, or cannot climb stairs"),
        "reading_aloud": _("Wants things read aloud"),
        "large_print": _("Letters in large print"),
        "child": _("Comes with a child, or is under age"),
        "elderly": _("Elderly, accompanied by somebody"),
    }
    return known.get(need, need)
