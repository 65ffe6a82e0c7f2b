"""A letter came back: found by its reference or the postal service's number, one Enter each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from intake.contracts import StorageUnavailable
from intake.print_lists import PrintLists
from intake.references import reference_of
from intake.refusals import Refused
from web.i18n import gettext as _
from web.i18n import say
from web.printing.envelopes import posted_together
from web.services import Services
from web.staff import access
from web.staff.labels import CAME_BACK

_IN_A_LINK = re.compile(r"[?&]reference=([0-9-]{5,16})")
"""A scanner reads the square code on the letter as the address of the tracking page."""


class Returns:
    """``/staff/printing/returned``."""

    def __init__(self, services: Services) -> None:
        self._queue, self._lists = services.print_queue, PrintLists(services.store)

    def add_to(self, pages: Blueprint) -> None:
        """Register the view."""
        pages.add_url_rule("/staff/printing/returned", "returned", self.take_back, methods=["POST"])

    def take_back(self) -> ResponseReturnValue:
        """Note every letter of the envelope; where several envelopes of a case are out, ask which one."""
        form, who = request.form, access.actor()
        wanted = form.get("wanted", "").strip()[:300]
        link = _IN_A_LINK.search(wanted)
        found = self._lists.out(who, link[1] if link else wanted)
        out = posted_together(found)
        chosen = [letters for letters in out if form.get("letter") in [row.outbox_id for row in letters]]
        if len(chosen or out) > 1:
            return self._ask(out)
        if not out:
            return self._ask(
                [], _("No posted letter has this reference or number: %(what)s", what=wanted)
            ), 422
        [letters] = chosen or out
        on, why = form.get("on", ""), form.get("why", "")
        try:
            for row in letters:
                self._queue.came_back(row.outbox_id, who, on, why, form.get("note", ""))
        except Refused as refused:
            return self._ask(out, say(refused.text)), 422
        except StorageUnavailable:
            return self._ask(out, _("This could not be stored just now. Please try again in a minute.")), 503
        reference = reference_of(letters[0].number)
        flash(
            _("%(reference)s came back. It stands below until its address is mended.", reference=reference),
            "good",
        )
        return redirect(url_for("printing.queue", why=why, _anchor="returned"), 303)

    def _ask(self, found: Sequence[Sequence[Any]], error: str = "") -> str:
        return render_template(
            "printing/returned.html",
            found=found,
            error=error,
            typed=request.form,
            today=self._queue.today().isoformat(),
            reasons=CAME_BACK,
            reference_of=reference_of,
        )
