"""``/staff/visits``: the front desk enters a visit and hands out the slip.

Sending twice is one visit; the page keeps what was typed when storage or the network is away.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from channels import visit
from channels.paper.slip import LARGE_PAPERS, PAPERS
from channels.visit import MAX_VISITORS, MOST_REPRESENTATIVES
from intake.contracts import StorageUnavailable
from intake.kiosks import Kiosks
from web.citizen.complain import new_key, posted_key
from web.errors import RETRY_AFTER_SECONDS
from web.i18n import gettext as _
from web.i18n import say
from web.services import Services
from web.staff import access
from web.staff.labels import DOCUMENTS
from web.visits.device import hand_over, short
from web.visits.documents import keyed_hash_of
from web.visits.entered import Entered, EnteredForms, Row
from web.visits.slip import Slips, VisitSlip

log = logging.getLogger(__name__)

SLIP_SHOWN = timedelta(hours=1)
"""How long whoever entered a visit may show its slip again: the code is the visitor's, not the office's."""


class VisitDesk:
    """The form, the slip, and the tablet that is handed over."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._forms = EnteredForms(keyed_hash_of(services), services.secret_key)
        self._slips = Slips(services)
        self._kiosks = Kiosks(services.store)

    def add_to(self, pages: Blueprint) -> None:
        """Register the views."""
        pages.add_url_rule("/staff/visits", "visit", self.form)
        pages.add_url_rule("/staff/visits", "enter_visit", self.send, methods=["POST"])
        pages.add_url_rule("/staff/visits/kiosk", "hand_over", self.hand_over, methods=["POST"])
        pages.add_url_rule("/staff/visits/kiosk/<name>/end", "end_kiosk", self.end_kiosk, methods=["POST"])
        pages.add_url_rule("/staff/visits/<submission_id>", "visit_slip", self.slip)
        pages.add_url_rule("/staff/visits/<submission_id>/slip.pdf", "visit_slip_pdf", self.pdf)

    def form(self) -> ResponseReturnValue:
        """The empty form."""
        return self._show(Entered(), new_key())

    def send(self) -> ResponseReturnValue:
        """Check the form, make it durable, and lead on to the slip."""
        services = self._services
        today = services.clock().astimezone(services.county.zone).date()
        entered = self._forms.of(request.form, tuple(request.form.getlist("needs")), today)
        if "add" in request.form:  # without JavaScript: the same page with one more row
            return self._show(_with_a_row(entered), posted_key())
        wrong = entered.errors(services.county)
        if wrong:
            return self._show(entered, posted_key(), wrong, status=422)
        form = entered.form(services.county, "desk")
        made = visit.submission(form, posted_key(), services.clock(), {"staff": access.actor().id})
        try:
            receipt = services.inbox.accept(made)
        except StorageUnavailable as error:
            log.error("visits: a visit could not be stored: %s", error)
            notice = _(
                "This could not be stored just now. What you entered is still here: try again in a minute."
            )
            return self._show(entered, posted_key(), notice=notice, status=503)
        return redirect(url_for("staff.visit_slip", submission_id=receipt.submission_id), 303)

    def slip(self, submission_id: str) -> ResponseReturnValue:
        """The slip on the screen, to print at once."""
        found = self._slip(submission_id)
        return render_template(
            "visits/slip.html",
            **self._slips.shown(found),
            submission_id=submission_id,
            papers=LARGE_PAPERS if found.reading.large_print else tuple(PAPERS),
            most=MOST_REPRESENTATIVES,
        )

    def pdf(self, submission_id: str) -> Response:
        """The slip for a printer: ``?paper=`` a5, a6 or receipt."""
        size = request.args.get("paper", "a5")
        if size not in PAPERS:
            abort(404)
        found = self._slip(submission_id)
        response = Response(self._slips.pdf(found, size), mimetype="application/pdf")
        response.headers["Content-Disposition"] = f'inline; filename="{found.reference}.pdf"'
        return response

    def hand_over(self) -> ResponseReturnValue:
        """Make this browser a kiosk: it is signed out, and from then on shows visitors their page."""
        response = redirect(url_for("kiosk.page"), 303)
        try:
            hand_over(response, self._services, access.actor().id or "")
        except StorageUnavailable:
            return self._show(Entered(), new_key(), notice=_not_now(), status=503)
        session.clear()
        return response

    def end_kiosk(self, name: str) -> ResponseReturnValue:
        """A tablet that was handed over is a kiosk no longer."""
        try:
            ended = self._kiosks.end(name, self._services.clock())
        except StorageUnavailable:
            return self._show(Entered(), new_key(), notice=_not_now(), status=503)
        if ended:
            flash(
                _("Tablet %(name)s was called back. It shows visitors nothing any more.", name=short(name)),
                "good",
            )
        else:
            flash(_("This tablet was no kiosk any more."), "notice")
        return redirect(url_for("staff.visit", _anchor="tablets"), 303)

    def _slip(self, submission_id: str) -> VisitSlip:
        services, who = self._services, access.actor()
        row = services.tracking.handed_in(visit.CHANNEL, submission_id)
        if row is None or row.envelope.get("staff") != who.id:
            abort(404)
        if services.clock() - row.received_at > SLIP_SHOWN:
            abort(404)
        raw = services.archive.raw(who, submission_id)
        if raw is None:
            abort(404)
        return self._slips.slip(row.reference, row.code, raw, row.received_at)

    def _show(
        self,
        entered: Entered,
        key: str,
        wrong: dict[str, str] | None = None,
        *,
        notice: str = "",
        status: int = 200,
    ) -> ResponseReturnValue:
        county = self._services.county
        shown = render_template(
            "visits/desk.html",
            entered=entered,
            errors=wrong or {},
            notice=notice,
            key=key,
            spare=Row(),
            note=lambda row: self._forms.notes.write(row.seen) if row.seen else "",
            documents=[(code, _(name)) for code, name in DOCUMENTS.items()],
            bureau_options=[(code, say(name)) for code, name in county.bureaus],
            category_options=[(code, say(name)) for code, name in county.categories],
            most_rows=MAX_VISITORS,
            most=MOST_REPRESENTATIVES,
            tablets=[(each, short(each.name)) for each in self._kiosks.all_open(self._services.clock())],
        )
        wait = {"Retry-After": str(RETRY_AFTER_SECONDS)} if status == 503 else {}
        return shown, status, wait


def _not_now() -> str:
    return _("This could not be stored just now. Please try again in a minute.")


def _with_a_row(entered: Entered) -> Entered:
    return replace(entered, rows=(*entered.rows, Row())[:MAX_VISITORS])
