"""``/complain``: the form, and the slip with reference and code that follows it.

Nothing that somebody typed is ever lost to them: whatever goes wrong, the form comes back filled in.
"""

from __future__ import annotations

import logging
import re
from datetime import datetime
from secrets import token_urlsafe

from flask import Blueprint, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response

from channels import webform
from intake.columns import canonical_json
from intake.contracts import Receipt, StorageUnavailable, Submission
from web import errors
from web.citizen import memory
from web.citizen.entered import Entered
from web.citizen.pace import Pace
from web.citizen.uploads import ACCEPT, Taken, Uploads
from web.i18n import _, say
from web.security import countable_peer
from web.services import Services

log = logging.getLogger(__name__)

_KEY = re.compile(r"[A-Za-z0-9_-]{20,64}")
_SENDS, _WITHIN_SECONDS = 30, 600.0

Shown = str | Response | tuple[str, int, dict[str, str]]


class ComplainPages:
    """The form and what follows it."""

    def __init__(self, services: Services, uploads: Uploads) -> None:
        self._services = services
        self._uploads = uploads
        self._pace = Pace(_SENDS, _WITHIN_SECONDS)

    def register(self, pages: Blueprint) -> None:
        """Add the addresses to ``pages``."""
        pages.add_url_rule("/complain", view_func=self.form, endpoint="complain")
        pages.add_url_rule("/complain", view_func=self.send, endpoint="send", methods=["POST"])
        pages.add_url_rule("/complain/thanks", view_func=self.thanks, endpoint="thanks")
        pages.register_error_handler(CSRFError, self._unproven)

    def form(self) -> Shown:
        """The empty form."""
        return self._show(Entered(), Taken(), new_key())

    def send(self) -> Shown:
        """Check the form, make it durable, and lead on to the slip."""
        entered, key = Entered.of(request.form), posted_key()
        wrong = entered.errors(self._services.county)
        if not self._pace.allows(countable_peer()):
            notice = _(
                "Many complaints came from your network just now. Wait a few minutes, then send again."
            )
            return self._again(entered, key, notice, 429)
        try:
            taken = self._uploads.take(request.files.getlist("files"), request.form.getlist("kept"))
            if taken.problem:
                wrong["files"] = taken.problem
            if wrong:
                return self._show(entered, taken, key, wrong, status=422)
            receipt = self._accept(entered, taken, key)
        except StorageUnavailable as error:
            log.error("web: a complaint could not be stored: %s", error)
            notice = _("We cannot store anything just now. Your text is still here: send again in a minute.")
            return self._again(entered, key, notice, 503)
        if receipt.reference is not None and receipt.code is not None:
            now = self._services.clock()
            memory.remember_slip(receipt.reference, receipt.code, now)
            memory.remember_case(receipt.reference, receipt.code, now)
        return redirect(url_for("citizen.thanks"), 303)

    def thanks(self) -> Shown:
        """The slip: reference, code, and what happens by when."""
        slip = memory.remembered_slip(self._services.clock())
        if slip is None:
            return redirect(url_for("citizen.track"), 303)
        tracked = self._services.tracking.by_code(*slip)
        due = tracked.case.answer_due_at if tracked and tracked.case else None
        return render_template("citizen/thanks.html", reference=slip[0], code=slip[1], due=due)

    def _accept(self, entered: Entered, taken: Taken, key: str) -> Receipt:
        form = entered.form(self._services.county)
        return self._services.inbox.accept(to_send(form, key, self._services.clock(), taken))

    def _unproven(self, error: CSRFError) -> Shown:
        """The session has gone (cookies were cleared): the text comes back to be sent again."""
        if request.endpoint != "citizen.send":
            return errors.forgery(error)
        notice = _("This page was open for very long. Your text is still here: please send it again.")
        return self._again(Entered.of(request.form), posted_key(), notice, 400)

    def _again(self, entered: Entered, key: str, notice: str, status: int) -> Shown:
        """The form as it was filled in, with the files that are safe already."""
        kept = tuple(self._uploads.kept(request.form.getlist("kept")))
        return self._show(entered, Taken(kept), key, {}, notice=notice, status=status)

    def _show(
        self,
        entered: Entered,
        taken: Taken,
        key: str,
        wrong: dict[str, str] | None = None,
        *,
        notice: str = "",
        status: int = 200,
    ) -> Shown:
        shown = render_template(
            "citizen/complain.html",
            entered=entered,
            errors=wrong or {},
            notice=notice,
            key=key,
            kept=[(self._uploads.note(file), file.filename) for file in taken.files],
            accept=ACCEPT,
            bureau_options=[(code, say(name)) for code, name in self._services.county.bureaus],
            category_options=[(code, say(name)) for code, name in self._services.county.categories],
        )
        wait = {"Retry-After": str(errors.RETRY_AFTER_SECONDS)} if status in (429, 503) else {}
        return shown, status, wait


def to_send(form: webform.ComplaintForm, key: str, now: datetime, taken: Taken) -> Submission:
    """The submission of ``form``: the same one for a form sent twice, another for other words."""
    submission = webform.submission(form, key, now, taken.files)
    content = submission.raw + canonical_json([file.sha256 for file in taken.files]).encode()
    sent_as = memory.sending_key(key, content)
    return submission if sent_as == key else webform.submission(form, sent_as, now, taken.files)


def new_key() -> str:
    """A fresh idempotency key (128 bits), so that a form sent twice counts once."""
    return token_urlsafe(16)


def posted_key() -> str:
    """The form's idempotency key; a fresh one when somebody meddled with it."""
    key = request.form.get("key", "")
    return key if _KEY.fullmatch(key) else new_key()
