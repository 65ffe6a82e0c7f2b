"""``/rate/<token>``: the three buttons behind the link in a closing message.

Opening the page never rates: mail scanners open every link. Pressing the same button twice is once.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for

from intake.lifecycle import State
from intake.references import reference_of
from intake.refusals import Refused
from intake.verbs import Rate
from web.citizen.complain import Shown
from web.citizen.timeline import feedback_words, given_rating
from web.i18n import _, say
from web.services import Services

_TOKEN_LENGTH = 24


class RatePages:
    """Rating by link."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def register(self, pages: Blueprint) -> None:
        """Add the address to ``pages``."""
        pages.add_url_rule("/rate/<token>", view_func=self.show, endpoint="rate")
        pages.add_url_rule("/rate/<token>", view_func=self.rate, endpoint="rated", methods=["POST"])

    def show(self, token: str) -> Shown:
        """The case in one line, and three buttons."""
        case = self._find(token)
        given = given_rating(case.feedback)
        return render_template(
            "citizen/rate.html",
            token=token,
            subject=case.subject[:80],
            reference=reference_of(case.number),
            closed=case.state == State.CLOSED,
            given=given,
            given_words=feedback_words(given) if given else "",
            text=case.feedback_text or "",
        )

    def rate(self, token: str) -> Shown:
        """Rate, and show the page again."""
        self._find(token)
        value, text = request.form.get("value", ""), request.form.get("text", "")
        try:
            self._services.office.by_token(token, Rate(value, text))
        except Refused as refusal:
            flash(say(refusal.text), "error")
        else:
            flash(_("Thank you for telling us."), "good")
        return redirect(url_for("citizen.rate", token=token), 303)

    def _find(self, token: str) -> Any:
        """The row of the token's case; 404 for a token that was never given out."""
        tracked = self._services.tracking.by_token(token) if len(token) <= _TOKEN_LENGTH * 2 else None
        if tracked is None or tracked.case is None:
            abort(404)
        return tracked.case
