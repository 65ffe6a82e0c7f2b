"""The case page: reads the dossier, offers the verbs, says them to the office, shows what came of it."""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from intake.archive import Dossier
from intake.contracts import StorageUnavailable
from intake.lifecycle import LIFECYCLE, OFFICE, Feedback, Outcome
from intake.looks import looks_at, record_look
from intake.matching.offers import Offers
from intake.people import Actor
from intake.references import parse_reference, reference_of
from intake.refusals import Refused
from web.errors import RETRY_AFTER_SECONDS
from web.i18n import gettext as _
from web.i18n import say
from web.services import Services
from web.staff import access
from web.staff.case_view import view_of
from web.staff.labels import FEEDBACK, OUTCOMES, URGENCIES, WAYS, called
from web.staff.verb_forms import BY_VERB, Typed, VerbForm, is_main, offered, said_already

log = logging.getLogger(__name__)

DOUBLE_CLICK = timedelta(seconds=30)
_STATUS = {"not_found": 404, "forbidden": 403, "changed": 409, "wrong_state": 409}
_RATINGS = {value: FEEDBACK[value] for value in FEEDBACK if value != Feedback.SILENT}


class CasePage:
    """One case."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._offers = Offers(services.store, services.clock)

    def add_to(self, pages: Blueprint) -> None:
        """Register the views."""
        pages.add_url_rule("/staff/cases/<reference>", "case", self.show)
        pages.add_url_rule("/staff/cases/<reference>/look", "look", self.look, methods=["POST"])
        pages.add_url_rule(
            "/staff/cases/<reference>/different", "different", self.different, methods=["POST"]
        )
        pages.add_url_rule("/staff/cases/<reference>/<verb>", "perform", self.perform, methods=["POST"])

    def show(self, reference: str) -> ResponseReturnValue:
        """The page as it stands."""
        return self._page(self._dossier(reference))

    def look(self, reference: str) -> ResponseReturnValue:
        """Show who complained; the look is on disk before anything is shown (promise 7)."""
        dossier, who = self._dossier(reference), access.actor()
        if not view_of(dossier, who, self._services.directory).may_know:
            abort(404)
        now = self._services.clock()
        record_look(self._services.store, dossier.case.id, who, "complainant", now)
        return self._page(dossier, shown=True)

    def different(self, reference: str) -> ResponseReturnValue:
        """Two cases that look alike are not the same: they are not offered again."""
        try:
            self._offers.dismiss(access.actor(), reference, request.form.get("other", "")[:64])
        except Refused:
            abort(404)
        flash(_("Noted: not the same matter."), "good")
        return redirect(url_for("staff.case", reference=reference), 303)

    def perform(self, reference: str, verb: str) -> ResponseReturnValue:
        """Say a verb; then back to the page, or the page with the reason why not."""
        form, who = BY_VERB.get(verb), access.actor()
        if form is None:
            abort(404)
        try:
            version = _version(request.form.get("version", ""))
            self._services.office.perform(reference, who, form.make(request.form), version)
        except Refused as refused:
            return self._refused(reference, form, refused)
        except StorageUnavailable:
            log.warning("staff: %s on %s was not stored", verb, reference)
            sentence = _("This could not be stored just now. Your text is still here: try again in a minute.")
            page = self._page(self._dossier(reference), Typed(verb, request.form, sentence))
            return page, 503, {"Retry-After": str(RETRY_AFTER_SECONDS)}
        return self._done(reference, form)

    def _refused(self, reference: str, form: VerbForm, refused: Refused) -> ResponseReturnValue:
        dossier = self._dossier(reference)
        if refused.code == "changed":  # by the same hand, with the same words: the form was sent twice
            since = self._services.clock() - DOUBLE_CLICK
            recent = [event for event in dossier.events if event.at >= since]
            if said_already(form, request.form, access.actor(), recent):
                return self._done(reference, form)
        page = self._page(dossier, Typed(form.verb, request.form, say(refused.text)))
        return page, _STATUS.get(refused.code, 422)

    def _done(self, reference: str, form: VerbForm) -> ResponseReturnValue:
        if self._services.archive.dossier(access.actor(), reference) is None:  # it left this bureau's hands
            flash(_("Done: %(what)s. The case is no longer with you.", what=_(form.label)), "good")
            return redirect(access.home(), 303)
        flash(_("Done: %(what)s.", what=_(form.label)), "good")
        if form.verb == "merge":  # work goes on there
            reference = parse_reference(request.form.get("into", ""))
        return redirect(url_for("staff.case", reference=reference), 303)

    def _dossier(self, reference: str) -> Dossier:
        found = self._services.archive.dossier(access.actor(), reference)
        if found is None:
            abort(404)
        return found

    def _page(self, dossier: Dossier, typed: Typed | None = None, *, shown: bool = False) -> str:
        who, services = access.actor(), self._services
        looks = looks_at(services.store, dossier.case.id) if who.role in OFFICE else ()
        forms = list(offered(dossier.case, who, services.directory))
        return render_template(
            "staff/case.html",
            view=view_of(dossier, who, services.directory, shown=shown, looks=looks, scans=services.scans),
            forms=forms,
            typed=typed if typed is not None else Typed(""),
            orphan=_orphan(typed, forms),
            is_main=is_main,
            offers=self._offers.of(who, dossier.case.id) if dossier.case.closed_at is None else [],
            may_merge=who.role in LIFECYCLE["merge"].who,
            sees=partial(self._sees, who),
            reference_of=reference_of,
            may_transcribe=who.role in LIFECYCLE["transcribe"].who,
            choices=self._choices(dossier, who),
            empty=MultiDict(),
        )

    def _sees(self, who: Actor, case: object) -> bool:
        """Whether the other case of a merging may be opened, and so be named."""
        number = getattr(case, "number", None)
        return number is not None and self._services.archive.dossier(who, reference_of(number)) is not None

    def _choices(self, dossier: Dossier, who: Actor) -> dict[str, list[tuple[str, str]]]:
        """What each kind of field offers; a barred bureau is not among the bureaus."""
        county, barred = self._services.county, {row.bureau for row in dossier.barred}
        return {
            "bureau": [(code, say(name)) for code, name in county.bureaus if code not in barred],
            "category": [(code, say(name)) for code, name in county.categories],
            "outcome": [(str(code), _(OUTCOMES[code])) for code in Outcome if code != Outcome.MERGED],
            "urgency": [(code, _(name)) for code, name in URGENCIES.items()],
            "member": [
                (part.id, f"{n} · {called('channel', part.channel) or '–'}")
                for n, part in enumerate(dossier.participations, 1)
            ],
            "way": [(code, _(name)) for code, name in WAYS.items()],
            "rating": [(code, _(name)) for code, name in _RATINGS.items()],
        }


def _orphan(typed: Typed | None, forms: list[VerbForm]) -> VerbForm | None:
    """The form that was sent but is no longer offered: what was typed into it is shown all the same."""
    if typed is None or not typed.verb or typed.verb in {form.verb for form in forms}:
        return None
    return BY_VERB[typed.verb]


def _version(text: str) -> int:
    """The version the person saw; a form without one fits no case."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
