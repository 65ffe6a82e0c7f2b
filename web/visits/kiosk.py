"""``/kiosk``: visitors enter their matter themselves, on a tablet of the office.

The page never navigates while somebody uses it: its script sends the form and shows the slip in place, so
that no address, no history and no cookie knows a visitor. Forgetting needs a script; without one the page
asks people to the desk. A form from another site cannot carry the header that is asked for here.
"""

from __future__ import annotations

import logging

from flask import Blueprint, Response, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue

from channels import visit
from intake.contracts import StorageUnavailable
from web.citizen.complain import posted_key
from web.citizen.pace import Pace
from web.errors import RETRY_AFTER_SECONDS
from web.i18n import _, say
from web.services import Services
from web.visits.device import device, short
from web.visits.documents import keyed_hash_of
from web.visits.entered import Entered, EnteredForms
from web.visits.slip import Slips

log = logging.getLogger(__name__)

_SENDS, _WITHIN_SECONDS = 30, 600.0
"""For each tablet: many more than people can type, far fewer than a machine would."""
_HEADER = "X-Huiyin-Kiosk"
_FIELDS = (
    *("text", "place", "when", "bureau", "about", "identity", "present", "interpreter", "safety", "key"),
    *("name-0", "phone-0", "email-0", "postal-0", "answer-0", "language"),
)


def blueprint(services: Services) -> Blueprint:
    """The page and what it sends to."""
    pages = Blueprint("kiosk", __name__)
    Kiosk(services).register(pages)
    return pages


class Kiosk:
    """The visitors' own form."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._forms = EnteredForms(keyed_hash_of(services), services.secret_key)
        self._slips = Slips(services)
        self._pace = Pace(_SENDS, _WITHIN_SECONDS)

    def register(self, pages: Blueprint) -> None:
        """Add the addresses to ``pages``."""
        pages.add_url_rule("/kiosk", "page", self.page)
        pages.add_url_rule("/kiosk", "send", self.send, methods=["POST"])

    def page(self) -> ResponseReturnValue:
        """The steps, all on one page; or where to go, on a browser that nobody handed over."""
        who = device(self._services)
        if who is None:
            return render_template("visits/kiosk_closed.html"), 403
        county = self._services.county
        return render_template(
            "visits/kiosk.html",
            entered=Entered(),
            errors={},
            tablet=short(who),
            bureau_options=[(code, say(name)) for code, name in county.bureaus],
        )

    def send(self) -> ResponseReturnValue:
        """``{"slip": html}``, or ``{"errors": {field: sentence}}``, or ``{"notice": sentence}``."""
        who = device(self._services)
        if who is None or request.headers.get(_HEADER) != "1":
            return _answer(403, notice=_("This tablet is no longer switched on. Please go to the desk."))
        if not self._pace.allows(who):
            return _answer(429, notice=_("That was very much at once. Please go to the desk."))
        services = self._services
        today = services.clock().astimezone(services.county.zone).date()
        given = {name: request.form[name] for name in _FIELDS if name in request.form}
        entered = self._forms.of(given, tuple(request.form.getlist("needs")), today)
        wrong = entered.errors(services.county)
        if wrong:
            return _answer(422, errors=wrong)
        form, now = entered.form(services.county, "kiosk"), services.clock()
        made = visit.submission(form, posted_key(), now)
        try:
            receipt = services.inbox.accept(made)
        except StorageUnavailable as error:
            log.error("kiosk: a visit could not be stored: %s", error)
            return _answer(503, notice=_("We cannot store anything just now. Please try again in a minute."))
        found = self._slips.slip(str(receipt.reference), str(receipt.code), made.raw, now)
        return _answer(200, slip=render_template("visits/_slip.html", **self._slips.shown(found)))


def _answer(status: int, **said: object) -> Response:
    response = make_response(jsonify(said), status)
    if status in (429, 503):
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response
