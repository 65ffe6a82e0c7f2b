"""Pictures of pages and scans as they came: for the person in front of the letter, and with a look for
others.

Who wrote a letter stands on its picture. Before it is entered only its taker sees it; afterwards whoever may
know who complained, and each look is logged first (promise 7).
"""

from __future__ import annotations

from flask import Blueprint, Response, abort, make_response

from intake.ids import is_id
from intake.letters import LetterLists
from intake.letters.listing import AT_THE_DESK
from intake.looks import has_looked, record_look
from web.letters.held import is_mine
from web.services import Services
from web.staff import access
from web.staff.files import guarded, handed_out

LOOK = "letter"
_PICTURES = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"RIFF", "image/webp"))


class Scans:
    """Files of letters."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._lists = LetterLists(services.store)

    def add_to(self, pages: Blueprint) -> None:
        """Register the views."""
        pages.add_url_rule(
            "/staff/letters/<letter_id>/pages/<int(max=99999):number>", "picture", self.picture
        )
        pages.add_url_rule("/staff/letters/<letter_id>/files/<int(max=99999):position>", "file", self.file)

    def picture(self, letter_id: str, number: int) -> Response:
        """One page, upright."""
        self._check(letter_id)
        row = self._lists.picture(letter_id, number)
        if row is None:
            abort(404)
        try:
            content = self._services.blobs.get(row.sha256)
        except FileNotFoundError:
            abort(404)
        kinds = (kind for start, kind in _PICTURES if content.startswith(start))
        response = make_response(content)
        response.mimetype = next(kinds, "application/octet-stream")
        guarded(response, f"page-{number}", inline=True)
        response.headers["Cache-Control"] = "private, max-age=600"  # turned back to again and again
        return response

    def file(self, letter_id: str, position: int) -> Response:
        """A file as it came, only ever handed out: what is in it is anybody's."""
        self._check(letter_id)
        row = self._lists.file(letter_id, position)
        if row is None:
            abort(404)
        try:
            file = self._services.blobs.open(row.sha256)
        except FileNotFoundError:
            abort(404)
        response = handed_out(file, "application/octet-stream")
        return guarded(response, row.filename)

    def _check(self, letter_id: str) -> None:
        """Let through who may see it; nobody else hears whether it is there."""
        found = self._lists.letter(letter_id) if is_id(letter_id) else None
        if found is None:
            abort(404)
        row, who, services = found.row, access.actor(), self._services
        if row.state in AT_THE_DESK:
            if not is_mine(row, who):
                abort(404)
            return
        slip = self._lists.slip(row.submission_id) if row.submission_id else None
        if slip is None or slip.complaint_id is None or not services.archive.may_know(who, slip.complaint_id):
            abort(404)
        now = services.clock()
        if not has_looked(services.store, slip.complaint_id, who, LOOK, row.ended_at):
            record_look(services.store, slip.complaint_id, who, LOOK, now)
