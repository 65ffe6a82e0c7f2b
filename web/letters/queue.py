"""The list of letters, with how far each was read; and the upload of scans."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from channels.letter.scans import ACCEPT, HEAD, kind_of
from channels.reading import clean
from intake.contracts import StorageUnavailable
from intake.ids import is_id
from intake.letters import LetterDesk, LetterIntake, LetterLists, LetterRefused, Scan, TooMuch
from intake.letters.arriving import MAX_FILE_BYTES
from intake.letters.listing import LISTS
from web.errors import RETRY_AFTER_SECONDS
from web.i18n import gettext as _
from web.i18n import say
from web.letters.words import TABS, reason_of
from web.services import Services
from web.staff import access

log = logging.getLogger(__name__)

PAGE = 50


class Queue:
    """What came in and what became of it."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._lists = LetterLists(services.store)
        self._intake = LetterIntake(services.store, services.blobs, services.county.zone)
        self._desk = LetterDesk(services.store, services.inbox, services.clock)

    def add_to(self, pages: Blueprint) -> None:
        """Register the views."""
        pages.add_url_rule("/staff/letters", "queue", self.show, strict_slashes=False)
        pages.add_url_rule("/staff/letters", "upload", self.upload, methods=["POST"], strict_slashes=False)
        pages.add_url_rule("/staff/letters/next", "take_next", self.take_next, methods=["POST"])
        pages.add_url_rule(
            "/staff/letters/<letter_id>/bring-back", "bring_back", self.bring_back, methods=["POST"]
        )

    def show(self) -> ResponseReturnValue:
        """A list; the first when none is asked for."""
        return self._page()

    def upload(self) -> ResponseReturnValue:
        """Take scans in: all files are one letter, or each is one."""
        files = [
            file for name in ("files", "photos") for file in request.files.getlist(name) if file.filename
        ]
        if not files:
            return self._page(_("Choose the scan first."), 422)
        each = request.form.get("letters") == "each"
        groups = [[file] for file in files] if each else [files]
        taken, twice = 0, 0
        try:
            for group in groups:
                refused = next((wrong for file in group if (wrong := _wrong(file))), "")
                if refused:
                    return self._page(_before(taken, refused), 422)
                letter = self._intake.take_in(_scans(group), "upload", self._services.clock())
                taken, twice = taken + 1, twice + letter.duplicate
        except TooMuch:
            return self._page(_("Too many files for one letter. Upload it as one PDF."), 422)
        except StorageUnavailable as away:
            log.error("letters: an upload could not be stored: %s", away)
            sentence = _("This could not be stored just now. Choose the scan again in a minute.")
            page = self._page(_before(taken, sentence), 503)
            return *page, {"Retry-After": str(RETRY_AFTER_SECONDS)}
        _thank(taken - twice, twice)
        return redirect(url_for("letters.queue"), 303)

    def take_next(self) -> ResponseReturnValue:
        """The next letter, in front of this person."""
        taking = self._desk.take_next(access.actor())
        if taking is None:
            flash(_("No letter waits. Well done."), "good")
            return redirect(url_for("letters.queue"), 303)
        return redirect(url_for("letters.desk", letter_id=taking.letter_id), 303)

    def bring_back(self, letter_id: str) -> ResponseReturnValue:
        """A discarded letter waits again."""
        try:
            self._desk.bring_back(letter_id)
        except LetterRefused as refused:
            flash(say(refused.text), "warn")
        else:
            flash(_("The letter waits at the desk again."), "good")
        return redirect(url_for("letters.queue"), 303)

    def _page(self, wrong: str = "", status: int = 200) -> tuple[str, int]:
        which = request.args.get("list", "desk")
        if which not in LISTS:
            abort(404)
        asked = request.args.get("cursor", "")
        page = self._lists.page(which, asked if is_id(asked) else "", PAGE)
        counts, now = self._lists.counts(), self._services.clock()
        older = url_for("letters.queue", list=which, cursor=page.next_cursor) if page.next_cursor else None
        shown = render_template(
            "letters/queue.html",
            which=which,
            tabs=TABS,
            rows=page.rows,
            counts=counts,
            free=self._lists.free(now),
            older=older,
            first=not asked,
            accept=ACCEPT,
            errors={"files": wrong} if wrong else {},
            now=now,
            reason_of=reason_of,
            going=bool(counts["reading"]),
        )
        return shown, status


def _wrong(file: FileStorage) -> str:
    """Why a file is not taken, "" when it is."""
    name = clean.filename(file.filename or "", "scan")
    head = file.stream.read(HEAD)
    file.stream.seek(0, 2)
    size = file.stream.tell()
    file.stream.seek(0)
    if kind_of(head) is None:
        return _("“%(name)s” is no scan. Use PDF, TIFF, JPEG, PNG or HEIC.", name=name)
    if size > MAX_FILE_BYTES:
        return _("“%(name)s” is too large. Scan it at a lower resolution.", name=name)
    return ""


def _scans(files: list[FileStorage]) -> Iterator[Scan]:
    for file in files:
        content = file.stream.read()
        kind = kind_of(content[:HEAD])
        if kind is not None:
            name = clean.filename(file.filename or "", f"scan.{kind.extension}")
            yield Scan(name, kind.media_type, content)


def _before(taken: int, wrong: str) -> str:
    """The sentence of an error; letters before it are in, which must be said."""
    return _("%(count)s were taken in before that.", count=taken) + " " + wrong if taken else wrong


def _thank(new: int, twice: int) -> None:
    if new == 1:
        flash(_("The letter is here and is being read."), "good")
    elif new:
        flash(_("%(count)s letters are here and are being read.", count=new), "good")
    if twice:
        flash(_("%(count)s had been scanned before and is not entered twice.", count=twice), "notice")
