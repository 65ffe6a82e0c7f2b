"""``/track``: a complainant follows their case with reference and code, and speaks to it.

Every change is posted and answered by a redirect, so that a reload repeats nothing. A wrong reference
and a wrong code get the same sentence, and guessing is slowed down.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from channels import webform
from channels.webform import MAX_TEXT, ComplaintForm
from intake.lifecycle import State
from intake.references import InvalidReference, parse_reference, reference_of
from intake.refusals import Refused
from intake.throttle import Throttle
from intake.tracking import Tracked
from intake.verbs import Rate, Withdraw
from web.citizen import memory, timeline
from web.citizen.complain import Shown, new_key, posted_key, to_send
from web.citizen.pace import Pace
from web.citizen.uploads import ACCEPT, Taken, Uploads
from web.errors import page
from web.i18n import _, language, number, say
from web.security import countable_peer
from web.services import Services

_GUESSES_PER_REFERENCE, _GUESSES_PER_PEER = 10, 40
_ADDITIONS, _WITHIN_SECONDS = 30, 600.0


class TrackPages:
    """The page of one's own case."""

    def __init__(self, services: Services, uploads: Uploads) -> None:
        self._services = services
        self._uploads = uploads
        self._pace = Pace(_ADDITIONS, _WITHIN_SECONDS)
        self._throttle = Throttle(
            services.store,
            services.clock,
            "track",
            per_name=_GUESSES_PER_REFERENCE,
            per_peer=_GUESSES_PER_PEER,
        )

    def register(self, pages: Blueprint) -> None:
        """Add the addresses to ``pages``."""
        pages.add_url_rule("/track", view_func=self.show, endpoint="track")
        pages.add_url_rule("/track", view_func=self.open, endpoint="open", methods=["POST"])
        for name, view in (
            ("add", self.add),
            ("rate_case", self.rate),
            ("withdraw", self.withdraw),
            ("leave", self.leave),
        ):
            address = f"/track/{name.partition('_')[0]}"
            pages.add_url_rule(address, view_func=view, endpoint=name, methods=["POST"])
            pages.add_url_rule(address, view_func=self.back, endpoint=f"{name}_back")

    def show(self) -> Shown:
        """The open case, or the form that asks for reference and code."""
        asked, opened = request.args.get("reference", ""), memory.remembered_case(self._services.clock())
        if opened is None or (asked and _canonical(asked) != opened[0]):
            return self._ask(asked)
        tracked = self._services.tracking.by_code(*opened)
        if tracked is None:
            return self._ask(opened[0])
        return self._case(tracked)

    def open(self) -> Shown:
        """Check reference and code."""
        reference, code = request.form.get("reference", ""), request.form.get("code", "")
        wrong = {}
        if not reference.strip():
            wrong["reference"] = _("Enter your reference, for example 26-000001-9.")
        if not code.strip():
            wrong["code"] = _("Enter the 6-digit code that you got with it.")
        if wrong:
            return self._ask(reference, wrong)
        canonical = _canonical(reference)
        attempt = self._throttle.attempt(canonical or "unreadable", countable_peer())
        if attempt is None:
            return page(429)
        tracked = self._services.tracking.by_code(canonical, _digits(code)) if canonical else None
        if tracked is None:
            return self._ask(
                reference, {"reference": _("Reference and code do not fit together. Check both.")}
            )
        self._throttle.forgive(attempt)
        memory.remember_case(canonical, _digits(code), self._services.clock())
        return redirect(url_for("citizen.track"), 303)

    def add(self) -> Shown:
        """Something more for the case, also the answer to a question: a submission that joins it."""
        tracked = self._opened()
        if tracked is None or tracked.participation is None:
            return self._gone()
        text = request.form.get("text", "")
        if not self._pace.allows(countable_peer()):
            wrong = {"text": _("That was a little too fast. Wait a few minutes, then send again.")}
            taken = Taken(tuple(self._uploads.kept(request.form.getlist("kept"))))
        else:
            taken = self._uploads.take(request.files.getlist("files"), request.form.getlist("kept"))
            wrong = _addition_errors(text, taken)
        if wrong:
            return self._case(tracked, wrong, text, taken)
        form = replace(_from(tracked.participation), text=text.strip() or _("(files only)"))
        self._services.inbox.accept(to_send(form, posted_key(), self._services.clock(), taken))
        flash(_("Thank you, we have it. It will appear here in a moment."), "good")
        return redirect(url_for("citizen.track"), 303)

    def rate(self) -> Shown:
        """What the complainant says of the answer."""
        value, text = request.form.get("value", ""), request.form.get("text", "")
        return self._say(
            lambda token: self._services.office.by_token(token, Rate(value, text)), _thanks(value)
        )

    def withdraw(self) -> Shown:
        """The complainant no longer wants it."""
        reason = webform.cleaned(ComplaintForm(request.form.get("reason", ""))).text
        return self._say(
            lambda token: self._services.office.by_token(token, Withdraw(reason)),
            _("We have noted that you take the complaint back. The office will close it."),
        )

    def leave(self) -> Shown:
        """Forget the case on this computer."""
        memory.forget()
        flash(_("This computer no longer knows your case."), "good")
        return redirect(url_for("citizen.track"), 303)

    def back(self) -> Shown:
        """Somebody reloaded the address of a form: the case's page is meant."""
        return redirect(url_for("citizen.track"), 303)

    def _say(self, verb: Callable[[str], object], thanks: str) -> Shown:
        tracked = self._opened()
        if tracked is None or tracked.participation is None:
            return self._gone()
        try:
            verb(tracked.participation.token)
        except Refused as refusal:
            flash(say(refusal.text), "error")
        else:
            flash(thanks, "good")
        return redirect(url_for("citizen.track"), 303)

    def _opened(self) -> Tracked | None:
        opened = memory.remembered_case(self._services.clock())
        return self._services.tracking.by_code(*opened) if opened else None

    def _gone(self) -> Shown:
        """The case is no longer open in this browser; what was typed comes back to be copied."""
        text = request.form.get("text", "")
        notice = _("Please open your case again with reference and code.")
        return (
            render_template("citizen/track.html", reference="", errors={}, notice=notice, text=text),
            403,
            {},
        )

    def _ask(self, reference: str, wrong: dict[str, str] | None = None) -> Shown:
        shown = render_template("citizen/track.html", reference=reference[:64], errors=wrong or {})
        return shown, 422 if wrong else 200, {}

    def _case(
        self,
        tracked: Tracked,
        wrong: dict[str, str] | None = None,
        text: str = "",
        taken: Taken | None = None,
    ) -> Shown:
        if tracked.case is None:
            reference = reference_of(tracked.reserved_number or 0)
            return render_template("citizen/waiting.html", reference=reference)
        directory, case = self._services.directory, tracked.case
        shown = render_template(
            "citizen/case.html",
            case=case,
            reference=reference_of(case.number),
            state=timeline.state_words(case.state),
            open=case.state != State.CLOSED,
            bureau=directory.name(case.bureau) if case.bureau else None,
            entries=timeline.timeline(tracked, directory),
            own=timeline.own_words(tracked),
            question=timeline.pending_question(tracked),
            outcome=timeline.outcome_words(case.outcome) if case.outcome else "",
            given=timeline.given_rating(case.feedback),
            given_words=timeline.feedback_words(case.feedback) if case.feedback else "",
            errors=wrong or {},
            text=text,
            kept=[(self._uploads.note(f), f.filename) for f in (taken.files if taken else ())],
            key=posted_key() if wrong else new_key(),
            accept=ACCEPT,
        )
        return shown, 422 if wrong else 200, {}


def _thanks(value: str) -> str:
    if value == "dissatisfied":
        return _("Thank you for telling us. The office will look at your case again.")
    return _("Thank you for telling us.")


def _addition_errors(text: str, taken: Taken) -> dict[str, str]:
    wrong = {}
    if not text.strip() and not taken.files and not taken.problem:
        wrong["text"] = _("Write something, or choose a file.")
    if len(text) > MAX_TEXT:
        limit = number(MAX_TEXT)
        wrong["text"] = _(
            "That is very long: at most %(limit)s characters. Attach the rest as a file.", limit=limit
        )
    if taken.problem:
        wrong["files"] = taken.problem
    return wrong


def _from(member: Any) -> ComplaintForm:
    """A form that joins this complainant's case, under the address they are known by there."""
    return ComplaintForm(
        text="",
        name="" if member.anonymous else member.name,
        email=member.address if member.channel == "email" else "",
        anonymous=member.anonymous,
        confidential=member.confidential,
        language=language(),
        token=member.token,
        member=member.id,
    )


def _canonical(reference: str) -> str:
    try:
        return parse_reference(reference)
    except InvalidReference:
        return ""


def _digits(code: str) -> str:
    """The code as it was meant: without spaces, full-width digits as plain ones."""
    return "".join(str(int(c)) for c in code[:64] if c.isdecimal())
