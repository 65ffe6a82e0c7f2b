"""Files as they came: handed out so that nothing in them can run in the reader's browser."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import PurePath
from typing import Any, BinaryIO
from urllib.parse import quote

from flask import Blueprint, Response, abort, make_response, request
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.wsgi import wrap_file

from intake.files.limits import Verdict
from intake.files.previews import MEDIA_TYPE, picture
from intake.letters import LetterLists
from intake.looks import has_looked, record_look
from intake.people import Actor
from web.services import Services
from web.staff import access
from web.staff.shown_files import is_handed_out, kind_shown, player_of

SANDBOX = "default-src 'none'; sandbox"
_ONE_LISTENING = timedelta(hours=1)
MAX_SHOWN_BYTES = 2 * 1024 * 1024
_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f"\\/:*?<>|;%\u2028\u2029\u202a-\u202e\u2066-\u2069]')


def content_disposition(filename: str, *, inline: bool = False) -> str:
    """The header for a name that anybody may have chosen (RFC 6266, RFC 8187)."""
    cleaned = filename.encode("utf-8", "replace").decode("utf-8")
    name = _UNSAFE.sub("_", cleaned)[-150:].strip(" .") or "file"
    plain = name.encode("ascii", "replace").decode("ascii").replace("?", "_")
    kind = "inline" if inline else "attachment"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def guarded(response: Response, filename: str, *, inline: bool = False) -> Response:
    """``response`` with the headers that keep a hostile file harmless."""
    headers: Mapping[str, str] = {
        "Content-Disposition": content_disposition(filename, inline=inline),
        "Content-Security-Policy": SANDBOX,
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
    response.headers.update(headers)
    return response


def handed_out(file: BinaryIO, media_type: str) -> Response:
    """A stored file, or the part of it that was asked for (RFC 9110, 14.2): players jump about.

    It is read while it is sent, wherever it lies, and closed with the response.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    response = Response(wrap_file(request.environ, file), mimetype=media_type, direct_passthrough=True)
    response.content_length = size
    try:
        response.make_conditional(request.environ, accept_ranges=True, complete_length=size)
    except RequestedRangeNotSatisfiable:
        file.close()
        raise
    return response


class Files:
    """Raw messages and attachments, for those who see their case."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._letters = LetterLists(services.store)

    def add_to(self, pages: Blueprint) -> None:
        """Register the views."""
        pages.add_url_rule("/staff/submissions/<submission_id>/raw", "raw", self.raw)
        pages.add_url_rule("/staff/attachments/<attachment_id>", "attachment", self.attachment)
        pages.add_url_rule(
            "/staff/attachments/<attachment_id>/pages/<int(max=99999):number>", "preview", self.preview
        )

    def raw(self, submission_id: str) -> Response:
        """The message as it came; ``?view=1`` shows it as plain text. The look is logged first."""
        who, services = access.actor(), self._services
        content = services.archive.raw(who, submission_id)
        if content is None:
            abort(404)
        complaint_id = services.archive.complaint_of(submission_id)
        if complaint_id is not None:
            record_look(services.store, complaint_id, who, "raw", services.clock())
        if request.args.get("view"):
            response = make_response(content[:MAX_SHOWN_BYTES].decode("utf-8", "replace"))
            response.mimetype = "text/plain"
            return guarded(response, "message.txt", inline=True)
        response = make_response(content)
        response.mimetype = "application/octet-stream"
        return guarded(response, f"{submission_id}.eml")

    def attachment(self, attachment_id: str) -> Response:
        """A file somebody sent: sounds and films are played, all else is only handed out."""
        who, services = access.actor(), self._services
        found = services.archive.attachment(who, attachment_id)
        if found is None:
            abort(404)
        row, name = found
        if not is_handed_out(row.verdict, row.scanned_by, scans=services.scans):
            abort(403)
        try:
            services.blobs.size(row.sha256)
        except FileNotFoundError:
            abort(404)
        kind = kind_shown(row.media_type, row.told_kind)
        if kind.startswith("audio/") or row.media_type.startswith("audio/"):
            self._listen(who, row.complaint_id)
        self._read_letter(who, row)
        inline = bool(player_of(kind, row.verdict)) and not request.args.get("download")
        response = handed_out(services.blobs.open(row.sha256), kind if inline else "application/octet-stream")
        return guarded(response, PurePath(name).name or "file", inline=inline)

    def preview(self, attachment_id: str, number: int) -> Response:
        """Picture ``number`` of a file: a photo written anew without metadata, a page of a paper."""
        services = self._services
        found = services.archive.attachment(access.actor(), attachment_id)
        if found is None or found[0].preview_sha256 is None or found[0].verdict != Verdict.SHOWN:
            abort(404)
        self._read_letter(access.actor(), found[0])
        try:
            content = self._upright(found[0], number)
            if content is None:
                with services.blobs.open(found[0].preview_sha256) as album:
                    content = picture(album, number)
        except FileNotFoundError:
            abort(404)
        if content is None:
            abort(404)
        response = Response(content, mimetype=MEDIA_TYPE)
        return guarded(response, f"{PurePath(found[1]).stem or 'page'}-{number}.jpg", inline=True)

    def _upright(self, row: Any, number: int) -> bytes | None:
        """A letter's page as its reader turned it; None where it lay upright, or is no letter."""
        if row.channel != "letter":
            return None
        page = self._letters.turned_page(row.submission_id, row.sha256, number)
        return None if page is None else self._services.blobs.get(page.sha256)

    def _read_letter(self, who: Actor, row: Any) -> None:
        """A scanned letter shows who wrote it, as a voice does; its pages within an hour are one look."""
        if row.channel != "letter":
            return
        services = self._services
        if row.complaint_id is None or not services.archive.may_know(who, row.complaint_id):
            abort(404)
        now = services.clock()
        if not has_looked(services.store, row.complaint_id, who, "letter", now - _ONE_LISTENING):
            record_look(services.store, row.complaint_id, who, "letter", now)

    def _listen(self, who: Actor, complaint_id: str | None) -> None:
        """A voice tells who complained: only for those who may know it, and each listening is logged.

        A player asks for the rest of a recording in pieces (RFC 9110, 14.2), which is one listening; a piece
        from the middle counts when nothing came before it.
        """
        services = self._services
        if complaint_id is None or not services.archive.may_know(who, complaint_id):
            abort(404)
        now, first = services.clock(), request.headers.get("Range", "bytes=0-").startswith("bytes=0-")
        if first or not has_looked(services.store, complaint_id, who, "recording", now - _ONE_LISTENING):
            record_look(services.store, complaint_id, who, "recording", now)
