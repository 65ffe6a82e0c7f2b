"""How far away a moment is, in words: “due in 3 hours”, “2 days late”."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Blueprint

from intake.clock import Clock
from web.i18n import gettext as _
from web.i18n import ngettext

_DAYS_FROM = timedelta(hours=48)
_SOON = timedelta(hours=24)


def span(length: timedelta) -> str:
    """A length of time by its largest fitting unit: minutes, hours up to two days, then days."""
    if length >= _DAYS_FROM:
        return ngettext("%(num)s day", "%(num)s days", length.days)
    hours = int(length.total_seconds() // 3600)
    if hours:
        return ngettext("%(num)s hour", "%(num)s hours", hours)
    return ngettext("%(num)s minute", "%(num)s minutes", max(1, int(length.total_seconds() // 60)))


def due_words(due_at: datetime, now: datetime) -> str:
    """“due in …” or “… late”."""
    if due_at < now:
        return _("%(span)s late", span=span(now - due_at))
    return _("due in %(span)s", span=span(due_at - now))


def due_tone(due_at: datetime, now: datetime) -> str:
    """How pressing it is: late, soon or calm."""
    if due_at < now:
        return "late"
    return "soon" if due_at - now < _SOON else "calm"


def install(pages: Blueprint, clock: Clock) -> None:
    """Hand the words to the templates, with this server's clock."""

    def words() -> dict[str, object]:
        now = clock()
        return {
            "due_words": lambda moment: due_words(moment, now),
            "due_tone": lambda moment: due_tone(moment, now),
            "ago": lambda moment: _("%(span)s ago", span=span(now - moment)),
        }

    pages.context_processor(words)
