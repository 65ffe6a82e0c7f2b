"""One batch: its file, what came out of the printer, what went to the post."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from intake.contracts import StorageUnavailable
from intake.ids import is_id
from intake.people import Actor
from intake.print_lists import PrintLists
from intake.references import reference_of
from intake.refusals import Refused
from web.i18n import gettext as _
from web.i18n import say
from web.printing.envelopes import in_order, places, together
from web.printing.labels import STATES
from web.printing.sheets import ENVELOPE_NAMES, Paper
from web.services import Services
from web.staff import access

PAGE = 50
_CAME_OUT = ("printed", "posted", "came_back")
_NUMBER = "number-"
"""Fields of registered numbers are called so, with the letter's id behind."""


class BatchPage:
    """``/staff/printing/batches/…``."""

    def __init__(self, services: Services) -> None:
        self._queue, self._lists = services.print_queue, PrintLists(services.store)
        self._paper, self._zone = Paper(services.county), services.county.zone

    def add_to(self, pages: Blueprint) -> None:
        """Register the views."""
        pages.add_url_rule("/staff/printing/batches", "batches", self.history)
        one = "/staff/printing/batches/<batch_id>"
        pages.add_url_rule(one, "batch", self.show)
        pages.add_url_rule(f"{one}/file", "file", self.file, methods=["POST"])
        pages.add_url_rule(f"{one}/printed", "printed", self.printed, methods=["POST"])
        pages.add_url_rule(f"{one}/posted", "posted", self.posted, methods=["POST"])

    def history(self) -> ResponseReturnValue:
        """All batches, newest first."""
        asked = request.args.get("before", "")
        rows = self._lists.history(access.actor(), asked if is_id(asked) else "", PAGE)
        older = url_for("printing.batches", before=rows[-1].id) if len(rows) == PAGE else None
        return render_template("printing/batches.html", rows=rows, older=older, first=not asked)

    def show(self, batch_id: str) -> ResponseReturnValue:
        """The batch as it stands."""
        return self._page(self._batch(batch_id))

    def file(self, batch_id: str) -> ResponseReturnValue:
        """The letters as one PDF; from the second time on each page says that it is a reprint."""
        batch, who = self._batch(batch_id), access.actor()
        letters = self._lists.letters(who, batch_id)
        if not letters or self._paper.troubles(letters, batch.envelope):
            return self._page(
                batch, _("An address of this batch does not fit the window: correct it first.")
            ), 409
        seen = request.form.get("seen", "")
        try:
            file = self._queue.fetch(batch_id, who, int(seen) if seen.isascii() and seen.isdigit() else -1)
        except StorageUnavailable:
            return self._page(batch, _not_now()), 503
        if file is None:
            sentence = _(
                "The file has just been made. If it did not arrive, make it again: its pages say “Reprint”."
            )
            return self._page(self._batch(batch_id), sentence), 409
        name = f"letters-{batch.made_at.astimezone(self._zone):%Y%m%d}-{batch_id[-4:]}-{file.fetched}.pdf"
        answer = Response(self._paper.pdf(file), mimetype="application/pdf")
        answer.headers.set("Content-Disposition", "attachment", filename=name)
        return answer

    def printed(self, batch_id: str) -> ResponseReturnValue:
        """All came out well, or all but the ticked ones, or none."""
        batch, who = self._batch(batch_id), access.actor()
        spoiled = set(request.form.getlist("spoiled"))
        if request.form.get("how") == "none":
            spoiled = {row.outbox_id for row in self._lists.letters(who, batch_id)}
        try:
            good = self._queue.printed(batch_id, who, spoiled)
        except StorageUnavailable:
            return self._page(batch, _not_now()), 503
        others = " " + _("The others wait again.") if spoiled else ""
        flash(_("Noted. Printed: %(n)s.", n=good) + others, "good")
        if not self._lists.letters(who, batch_id):
            return redirect(url_for("printing.queue"), 303)
        return redirect(url_for("printing.batch", batch_id=batch_id), 303)

    def posted(self, batch_id: str) -> ResponseReturnValue:
        """All of them, or only those with a number, went to the post."""
        batch, who, form = self._batch(batch_id), access.actor(), request.form
        ids = [row.outbox_id for row in self._lists.letters(who, batch_id) if row.state == "printed"]
        numbers = self._numbers(who, batch_id)
        if not ids:
            flash(_("No letter of this file waits for the post any more."), "notice")
            return redirect(url_for("printing.batch", batch_id=batch_id), 303)
        if form.get("how") != "all":
            ids = [key for key in ids if numbers[key]]
        if not ids:
            return self._page(batch, _none_numbered(), numbers, form.get("on", "")), 422
        try:
            count = self._queue.posted(ids, who, form.get("on", ""), numbers)
        except Refused as refused:
            return self._page(batch, say(refused.text), numbers, form.get("on", "")), 422
        except StorageUnavailable:
            return self._page(batch, _not_now(), numbers, form.get("on", "")), 503
        flash(_("Noted. Posted: %(n)s.", n=count), "good")
        return redirect(url_for("printing.batch", batch_id=batch_id), 303)

    def _numbers(self, who: Actor, batch_id: str) -> dict[str, str]:
        """The registered number of each printed letter: its own field's, else that of its envelope."""
        typed = {
            key.removeprefix(_NUMBER): value.strip()[:60]
            for key, value in request.form.items()
            if key.startswith(_NUMBER)
        }
        printed = [row for row in self._lists.letters(who, batch_id) if row.state == "printed"]
        return {key: typed.get(key) or typed.get(place.lead, "") for key, place in places(printed).items()}

    def _batch(self, batch_id: str) -> Any:
        batch = self._lists.batch(access.actor(), batch_id) if is_id(batch_id) else None
        if batch is None:
            abort(404)
        return batch

    def _page(self, batch: Any, error: str = "", numbers: dict[str, str] | None = None, on: str = "") -> str:
        rows = in_order(self._lists.letters(access.actor(), batch.id))
        return render_template(
            "printing/batch.html",
            batch=batch,
            rows=rows,
            troubles={key: say(text) for key, text in self._paper.troubles(rows, batch.envelope).items()},
            printing=[row for row in rows if row.state == "printing"],
            printed=together([row for row in rows if row.state == "printed"]),
            came_out=sum(row.state in _CAME_OUT for row in rows),
            places=places(rows),
            states=STATES,
            envelope=_(ENVELOPE_NAMES.get(batch.envelope, batch.envelope)),
            error=error,
            numbers=numbers or {},
            on=on or self._queue.today().isoformat(),
            today=self._queue.today().isoformat(),
            reference_of=reference_of,
        )


def _none_numbered() -> str:
    return _(
        "No letter has a number, so none was marked as posted. For ordinary mail press “Posted: all of them”."
    )


def _not_now() -> str:
    return _("This could not be stored just now. Please try again in a minute.")
