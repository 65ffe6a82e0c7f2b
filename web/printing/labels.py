"""What codes of the print queue are called. English stands here, the Chinese in ``printing.po``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask import Blueprint

from web.i18n import day
from web.i18n import gettext as _
from web.staff.labels import CAME_BACK, N_

STATES: Mapping[str, str] = {
    "waiting": N_("waits to be printed"),
    "printing": N_("in a file"),
    "printed": N_("printed"),
    "posted": N_("posted"),
    "came_back": N_("came back"),
    "cancelled": N_("not needed any more"),
}


def why_words(stored: str | None) -> str:
    """Why a letter came back, as the queue keeps it: a code, and what the envelope said."""
    code, _colon, remark = (stored or "").partition(": ")
    said = _(CAME_BACK[code]) if code in CAME_BACK else code
    return f"{said} · {remark}" if remark else said


def iso_day(text: str | None) -> str:
    """A stored day as people write it."""
    return day(date.fromisoformat(text)) if text else ""


def choices_of(table: Mapping[str, str]) -> list[tuple[str, str]]:
    """A table of codes for a list to choose from."""
    return [(code, _(name)) for code, name in table.items()]


def install(pages: Blueprint) -> None:
    """Hand the words to the templates."""
    pages.context_processor(lambda: {"why_words": why_words, "choices_of": choices_of})
    pages.add_app_template_filter(iso_day, "iso_day")
