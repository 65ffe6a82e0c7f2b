"""The letter desk: the scan beside the text, and what a person makes of it."""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import partial
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from channels.letter.prefill import text_of
from channels.letter.reading import submission
from channels.letter.secrecy import may_be_named
from intake.contracts import StorageUnavailable, StoredAttachment, Submission
from intake.ids import is_id
from intake.letters import LetterCutter, LetterDesk, LetterJoiner, LetterLists, LetterRefused, Taking
from intake.letters.desk import HELD, received_at
from intake.letters.listing import AT_THE_DESK, WholeLetter
from intake.people import Actor
from intake.references import reference_of
from web.errors import RETRY_AFTER_SECONDS
from web.i18n import gettext as _
from web.i18n import moment, say
from web.letters.entered import Entered, sources
from web.letters.held import is_mine
from web.letters.words import REASONS, reason_of
from web.services import Services
from web.staff import access

log = logging.getLogger(__name__)

MAX_PAGES_OUTLINED = 300
_STATUS = {"gone": 404, "stale": 409, "ended": 409, "taken": 409, "reading": 409}


class DeskPage:
    """One letter in front of one person."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._desk = LetterDesk(services.store, services.inbox, services.clock)
        self._cutter = LetterCutter(services.store, services.blobs, services.clock)
        self._joiner = LetterJoiner(services.store, services.clock)
        self._lists = LetterLists(services.store)

    def add_to(self, pages: Blueprint) -> None:
        """Register the views."""
        one = "/staff/letters/<letter_id>"
        pages.add_url_rule(one, "desk", self.show)
        pages.add_url_rule(f"{one}/done", "done", self.done)
        for name, view in (
            ("take", self.take),
            ("save", self.save),
            ("confirm", self.confirm),
            ("give_back", self.give_back),
            ("discard", self.discard),
            ("leave_out", self.leave_out),
            ("cut", self.cut),
            ("join", self.join),
        ):
            pages.add_url_rule(f"{one}/{name.replace('_', '-')}", name, view, methods=["POST"])

    # ------------------------------------------------------------ looking

    def show(self, letter_id: str) -> ResponseReturnValue:
        """The desk for whoever has the letter; for others who has it, or what became of it."""
        letter = self._letter(letter_id)
        if letter.row.state == "entered":
            return redirect(url_for("letters.done", letter_id=letter_id), 303)
        if letter.row.state in AT_THE_DESK and is_mine(letter.row, access.actor()):
            return self._page(letter, Entered.begun(letter, self._services.county))
        return self._closed(letter)

    def done(self, letter_id: str) -> ResponseReturnValue:
        """The slip: reference and code, and the next letter."""
        letter = self._letter(letter_id)
        slip = self._lists.slip(letter.row.submission_id) if letter.row.submission_id else None
        if slip is None:
            return redirect(url_for("letters.desk", letter_id=letter_id), 303)
        mine = (letter.row.ended_by or {}).get("id") == access.actor().id
        return render_template(
            "letters/done.html",
            letter=letter,
            reference=reference_of(slip.reserved_number),
            code=slip.reserved_code if mine else "",
            free=self._lists.free(self._services.clock()),
            registered=slip.complaint_id is not None,
        )

    # ------------------------------------------------------------ doing

    def take(self, letter_id: str) -> ResponseReturnValue:
        """This very letter."""
        try:
            self._desk.take(letter_id, access.actor())
        except LetterRefused as refused:
            flash(say(refused.text), "warn")
        return redirect(url_for("letters.desk", letter_id=letter_id), 303)

    def save(self, letter_id: str) -> ResponseReturnValue:
        """Keep the draft: asked by the page while somebody types, or by the button."""
        asked, entered = request.headers.get("X-Draft"), Entered.of(request.form)
        quiet = asked in ("yes", "check")
        try:
            self._desk.save(self._taking(letter_id), entered.draft())
        except LetterRefused as refused:
            if quiet:
                return {"wrong": say(refused.text)}, _STATUS.get(refused.code, 422)
            return self._again(letter_id, say(refused.text), _STATUS.get(refused.code, 422))
        except StorageUnavailable:
            sentence = _("This could not be stored just now. It is tried again.")
            return ({"wrong": sentence}, 503) if quiet else self._again(letter_id, sentence, 503)
        if quiet:
            kept: dict[str, Any] = {"saved": True, "title": entered.title()}
            return kept | (self._checked(letter_id, entered) if asked == "check" else {})
        flash(_("Saved. The letter stays with you."), "good")
        return redirect(url_for("letters.desk", letter_id=letter_id), 303)

    def _checked(self, letter_id: str, entered: Entered) -> dict[str, Any]:
        """What confirming would be refused for, so that the page can say it beforehand."""
        errors = entered.errors(self._services.county, self._letter(letter_id).row.scanned_at)
        return {"errors": errors, "telling": entered.telling}

    def leave_out(self, letter_id: str) -> ResponseReturnValue:
        """Take out of the text what tells who wrote it."""
        try:
            self._desk.save(self._taking(letter_id), Entered.of(request.form).without_the_writer().draft())
        except LetterRefused as refused:
            return self._again(letter_id, say(refused.text), _STATUS.get(refused.code, 422))
        flash(_("Left out. Marks stand where name, telephone, e-mail and address were."), "good")
        return redirect(url_for("letters.desk", letter_id=letter_id), 303)

    def confirm(self, letter_id: str) -> ResponseReturnValue:
        """The person stands for it: it becomes a submission."""
        letter, entered = self._letter(letter_id), Entered.of(request.form)
        county, who = self._services.county, access.actor()
        wrong = entered.errors(county, letter.row.scanned_at)
        held = is_mine(letter.row, who) and self._taking(letter_id).mark == letter.row.taken_mark
        if wrong and held and letter.row.state in AT_THE_DESK:
            return self._page(letter, entered, wrong), 422
        if wrong:  # a mended page would carry the mark, and the pages, of whoever has it now
            refused = LetterRefused("stale" if letter.row.state in AT_THE_DESK else "ended")
            return self._again(letter_id, say(refused.text), 409)
        compose = partial(_composed, entered=entered, services=self._services, who=who)
        try:
            self._desk.confirm(self._taking(letter_id), who, compose)
        except LetterRefused as refused:
            if refused.code == "not_taken":
                flash(say(refused.text), "warn")
                return redirect(url_for("letters.done", letter_id=letter_id), 303)
            return self._again(letter_id, say(refused.text), _STATUS.get(refused.code, 422))
        except StorageUnavailable:
            log.warning("letters: letter %s was not stored", letter_id)
            sentence = _("This could not be stored just now. Your text is still here: try again in a minute.")
            return self._again(letter_id, sentence, 503)
        return redirect(url_for("letters.done", letter_id=letter_id), 303)

    def give_back(self, letter_id: str) -> ResponseReturnValue:
        """Somebody else may have it, with what was typed."""
        taking = self._taking(letter_id)
        try:
            self._desk.save(taking, Entered.of(request.form).draft())
            self._desk.give_back(taking)
        except LetterRefused as refused:
            return self._again(letter_id, say(refused.text), _STATUS.get(refused.code, 422))
        flash(_("The letter is back in the list, with what you typed."), "good")
        return redirect(url_for("letters.queue"), 303)

    def discard(self, letter_id: str) -> ResponseReturnValue:
        """It is no complaint."""
        code, more = request.form.get("reason", ""), request.form.get("words", "").strip()[:400]
        reason = code if code in REASONS else ""
        try:
            if reason == "other" and not more:
                raise LetterRefused("reason_needed")
            self._desk.discard(
                self._taking(letter_id), access.actor(), f"{reason}: {more}" if more else reason
            )
        except LetterRefused as refused:
            return self._again(letter_id, say(refused.text), _STATUS.get(refused.code, 422))
        flash(_("The letter was not entered. The scan is kept under “Not entered”."), "good")
        return redirect(url_for("letters.queue"), 303)

    def cut(self, letter_id: str) -> ResponseReturnValue:
        """Two letters in one scan."""
        typed = request.form.get("page", "")
        page = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 5 else 0
        taking = self._taking(letter_id)
        try:
            self._desk.save(taking, Entered.of(request.form).draft())
            first = self._cutter.cut(taking, access.actor(), page)
        except LetterRefused as refused:
            return self._again(letter_id, say(refused.text), _STATUS.get(refused.code, 422))
        flash(_("Cut. This is the first letter; the second one waits in the list."), "good")
        return redirect(url_for("letters.desk", letter_id=first.letter_id), 303)

    def join(self, letter_id: str) -> ResponseReturnValue:
        """One letter in two scans: the other's pages follow."""
        other, entered = request.form.get("other", ""), Entered.of(request.form)
        taking = self._taking(letter_id)
        try:
            self._desk.save(taking, entered.draft())
            if not is_id(other):
                raise LetterRefused("bad_other")
            whole = self._joiner.join(
                taking, access.actor(), other, lambda letter: entered.continued(letter).draft()
            )
        except LetterRefused as refused:
            return self._again(letter_id, say(refused.text), _STATUS.get(refused.code, 422))
        flash(_("Put together: this is one letter now. Cut it to part the scans again."), "good")
        return redirect(url_for("letters.desk", letter_id=whole.letter_id), 303)

    # ------------------------------------------------------------ pages

    def _others(self, letter: WholeLetter) -> list[tuple[str, str]]:
        """Scans that may go on where this one ends, as choices."""
        rows = self._lists.joinable(letter.row.id, self._services.clock())
        return [
            (row.id, f"{row.filename} · {moment(row.scanned_at)} · " + _("%(n)s pages", n=row.pages or 0))
            for row in rows
        ]

    def _letter(self, letter_id: str) -> WholeLetter:
        found = self._lists.letter(letter_id) if is_id(letter_id) else None
        if found is None:
            abort(404)
        return found

    def _taking(self, letter_id: str) -> Taking:
        """What the page was opened with; a mark in other hands than its taker's proves nothing."""
        mine = is_mine(self._letter(letter_id).row, access.actor())
        return Taking(letter_id, request.form.get("mark", "")[:32] if mine else "")

    def _again(self, letter_id: str, notice: str, status: int) -> ResponseReturnValue:
        """The desk with the reason why not, and all that was typed."""
        letter = self._letter(letter_id)
        wait = {"Retry-After": str(RETRY_AFTER_SECONDS)} if status == 503 else {}
        mine = is_mine(letter.row, access.actor()) and letter.row.state in AT_THE_DESK
        if not mine and "text" not in request.form:
            flash(notice, "warn")
            return redirect(url_for("letters.desk", letter_id=letter_id), 303)
        entered = Entered.of(request.form)
        if "text" not in request.form:  # a small form of its own: what was typed lies in the draft
            entered = Entered.begun(letter, self._services.county)
        return self._page(letter, entered, notice=notice, mine=mine), status, wait

    def _page(
        self,
        letter: WholeLetter,
        entered: Entered,
        wrong: dict[str, str] | None = None,
        *,
        notice: str = "",
        mine: bool = True,
    ) -> str:
        county = self._services.county
        return render_template(
            "letters/desk.html",
            letter=letter,
            pages=letter.pages if mine else (),
            mark=letter.row.taken_mark if mine else request.form.get("mark", "")[:32],
            entered=entered,
            errors=wrong or {},
            notice=notice,
            mine=mine,
            outline=_outline(letter, entered) if mine else [],
            offered=replace(entered, subject="").title(),
            consent=may_be_named(text_of([page.lines for page in letter.pages])) if mine else "",
            telling=entered.telling,
            others=self._others(letter) if mine else [],
            found={field: letter.row.fields[name] for name, field in sources(letter).items()},
            note=letter.row.note,
            bureaus=[(code, say(name)) for code, name in county.bureaus],
            reasons=[(code, _(name)) for code, name in REASONS.items()],
            later_pages=[(str(page.number), str(page.number)) for page in letter.pages[1:]],
            held_seconds=int(HELD.total_seconds()),
            scanned_on=letter.row.scanned_at.astimezone(county.zone).date().isoformat(),
        )

    def _closed(self, letter: WholeLetter) -> str:
        now = self._services.clock()
        held = letter.row.taken_by is not None and (letter.row.taken_until or now) > now
        return render_template("letters/closed.html", letter=letter, held=held, reason_of=reason_of)


def _outline(letter: WholeLetter, entered: Entered) -> list[dict[str, Any]]:
    """What the page's script needs of every page: its lines, their places, how the desk began them."""
    return [
        {
            "page": page.number,
            "line": index,
            "text": line["text"],
            "without": entered.plain(line["text"]),
            "box": line["box"],
            "doubt": line["doubtful"],
        }
        for page in letter.pages[:MAX_PAGES_OUTLINED]
        for index, line in enumerate(page.lines)
    ]


def _composed(
    row: Any, files: tuple[StoredAttachment, ...], *, entered: Entered, services: Services, who: Actor
) -> Submission:
    """The submission of a letter, with who stands for it."""
    envelope = {
        "letter": row.id,
        "source": row.source,
        "scanned_at": row.scanned_at.isoformat(),
        "entered_by": who.signature(),
    }
    form = entered.form(services.county, row.pages or 0)
    begins = received_at(entered.received_on, row.scanned_at, services.county.zone)
    return submission(form, row.id, begins, files, envelope)
