"""What waits to be printed, oldest first; making a file of it; an address that must be mended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from intake.contracts import StorageUnavailable
from intake.ids import is_id
from intake.looks import record_look
from intake.print_lists import PrintLists
from intake.print_queue import MOST_GATHERED
from intake.references import reference_of
from intake.refusals import Refused
from intake.verbs import Readdress
from web.i18n import gettext as _
from web.i18n import say
from web.printing.envelopes import in_order, places
from web.printing.sheets import ENVELOPE_NAMES, Paper
from web.services import Services
from web.staff import access
from web.staff.labels import CAME_BACK, WAYS

_JUST_NOW = timedelta(seconds=30)
_SIZES = ("", "large", "usual")


class QueuePage:
    """``/staff/printing``."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._queue, self._lists = services.print_queue, PrintLists(services.store)
        self._paper = Paper(services.county)

    def add_to(self, pages: Blueprint) -> None:
        """Register the views."""
        pages.add_url_rule("/staff/printing", "queue", self.show)
        pages.add_url_rule("/staff/printing/gather", "gather", self.gather, methods=["POST"])
        one = "/staff/printing/letters/<outbox_id>"
        pages.add_url_rule(one, "letter", self.letter, methods=["POST"])
        pages.add_url_rule(f"{one}/address", "readdress", self.readdress, methods=["POST"])
        pages.add_url_rule(f"{one}/cancel", "cancel", self.cancel, methods=["POST"])

    def show(self) -> ResponseReturnValue:
        """The queue as it stands."""
        who, envelope = access.actor(), self._paper.envelope(request.args.get("envelope", ""))
        rows = in_order(self._lists.waiting(who))
        troubles = self._paper.troubles(rows, envelope)
        return render_template(
            "printing/queue.html",
            rows=rows,
            places=places(rows),
            troubles={key: say(text) for key, text in troubles.items()},
            ready=len(rows) - len(troubles),
            large=sum(bool(row.large_print) for row in rows),
            most=MOST_GATHERED,
            open_batches=self._lists.open_batches(who),
            back=self._lists.returned(who),
            envelopes=ENVELOPE_NAMES,
            envelope=envelope,
            reasons=CAME_BACK,
            today=self._queue.today().isoformat(),
            wanted="",
            why=request.args.get("why") if request.args.get("why") in CAME_BACK else "",
            reference_of=reference_of,
        )

    def gather(self) -> ResponseReturnValue:
        """Make a batch of what waits and fits; then to its page."""
        who, envelope = access.actor(), self._paper.envelope(request.form.get("envelope", ""))
        rows = _of_size(self._lists.waiting(who), request.form.get("size", ""))
        troubles = self._paper.troubles(rows, envelope)
        ready = [row.outbox_id for row in rows if row.outbox_id not in troubles]
        try:
            batch = self._queue.gather(who, ready, envelope)
        except StorageUnavailable:
            return _later()
        batch = batch or self._just_made()
        if batch is None:
            flash(_("Nothing waits that can be printed. Somebody may have gathered it just now."), "notice")
            return redirect(url_for("printing.queue"), 303)
        return redirect(url_for("printing.batch", batch_id=batch), 303)

    def _just_made(self) -> str | None:
        """The batch that the first half of a double click made."""
        who, since = access.actor(), self._services.clock() - _JUST_NOW
        for batch in self._lists.history(who, limit=1):
            if batch.made_at >= since and batch.made_by["id"] == who.id:
                return str(batch.id)
        return None

    # ------------------------------------------------------------ one letter

    def letter(self, outbox_id: str) -> ResponseReturnValue:
        """Where a letter goes; that somebody looked is on disk before it is shown (promise 7)."""
        return self._shown(self._row(outbox_id))

    def readdress(self, outbox_id: str) -> ResponseReturnValue:
        """Another address, or another way, for whom the letter is for."""
        row, form = self._row(outbox_id), request.form
        verb = Readdress(row.participation_id or "", form.get("kind", ""), form.get("value", "")[:600])
        try:
            self._services.office.perform(reference_of(row.number), access.actor(), verb)
        except Refused as refused:
            return self._shown(row, say(refused.text), form.get("kind", ""), form.get("value", "")), 422
        except StorageUnavailable:
            return _later()
        flash(_("Done. Word goes to the new address; what came back goes out once more."), "good")
        return redirect(url_for("printing.queue"), 303)

    def cancel(self, outbox_id: str) -> ResponseReturnValue:
        """Take a letter out of the queue."""
        row = self._row(outbox_id)
        try:
            gone = self._queue.cancel(outbox_id, access.actor(), request.form.get("reason", ""))
        except Refused as refused:
            return self._shown(row, say(refused.text)), 422
        except StorageUnavailable:
            return _later()
        flash(
            _("The letter was taken out of the queue.") if gone else _("The letter waits no longer."),
            "notice",
        )
        return redirect(url_for("printing.queue"), 303)

    def _row(self, outbox_id: str) -> Any:
        row = self._lists.letter(access.actor(), outbox_id) if is_id(outbox_id) else None
        if row is None or row.number is None:
            abort(404)
        return row

    def _shown(self, row: Any, error: str = "", kind: str = "postal", typed: str | None = None) -> str:
        record_look(self._services.store, row.complaint_id, access.actor(), "address", self._services.clock())
        found = self._paper.trouble(row, self._paper.envelope(""))
        return render_template(
            "printing/letter.html",
            row=row,
            reference=reference_of(row.number),
            trouble=say(found) if found else "",
            error=error,
            kinds=[(key, _(name)) for key, name in WAYS.items()],
            kind=kind,
            typed=row.address if typed is None else typed,
        )


def _of_size(rows: Sequence[Any], size: str) -> list[Any]:
    if size not in _SIZES or not size:
        return list(rows)
    return [row for row in rows if bool(row.large_print) == (size == "large")]


def _later() -> ResponseReturnValue:
    flash(_("This could not be stored just now. Please try again in a minute."), "error")
    return redirect(url_for("printing.queue"), 303)
