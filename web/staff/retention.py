"""What will soon be erased by age: a preview for those who answer for it. Erasing itself is the clock's."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from intake.retention.keeper import Preview
from web.services import Services

AHEAD = timedelta(days=30)
_SHOWN = 200


class Retention:
    """The list of what grows too old."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def add_to(self, pages: Blueprint) -> None:
        """Register the view."""
        pages.add_url_rule("/staff/retention", "retention", self.preview)

    def preview(self) -> ResponseReturnValue:
        """What the next thirty days will erase, the oldest first."""
        keeper = self._services.keeper
        soon = keeper.preview(AHEAD, _SHOWN) if keeper is not None else Preview(None, 0, ())
        years = round(keeper.after / timedelta(days=365.25)) if keeper and keeper.after else 0
        return render_template(
            "staff/retention.html",
            soon=soon,
            years=years,
            days=AHEAD.days,
            talk_days=keeper.talk_after.days if keeper and keeper.talk_after else 0,
            directory=self._services.directory,
        )
