"""What a person does on the page: each is one small form, with the page's script or without it."""

from __future__ import annotations

import math
from collections.abc import Callable

from flask import Blueprint, Response, flash, jsonify, make_response, redirect, request, url_for

from web.i18n import gettext as _
from web.simulator import line as at
from web.simulator.line import Input
from web.simulator.mailbox import ADDRESS, Letter
from web.simulator.play import Play
from web.simulator.sound import NoSound, frames_of
from web.simulator.stage import CHATS, LANDLINE, Upload
from web.simulator.switchboard import FINAL
from web.simulator.texts import MOST_CHARACTERS, MOST_MEDIA

MOST_FILE = 16 * 1024 * 1024  # bytes
MOST_LETTER = 20_000  # characters
MOST_CHAT = 4096
_PICTURES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png", b"GIF8": "image/gif"}


class Wrong(Exception):
    """The form cannot be done; the sentence says why."""


class Deeds:
    """Every post of the page."""

    def __init__(self, play: Play) -> None:
        self._play = play

    def add_to(self, pages: Blueprint) -> None:
        """Add the addresses."""
        deeds: tuple[tuple[str, Callable[..., None]], ...] = (
            ("/simulator/text", self.text),
            ("/simulator/dial", self.dial),
            ("/simulator/call/<sid>", self.call),
            ("/simulator/pace", self.pace),
            ("/simulator/chat", self.chat),
            ("/simulator/mail", self.mail),
        )
        for path, deed in deeds:
            pages.add_url_rule(path, deed.__name__, _answered(deed), methods=["POST"])

    # ------------------------------------------------------------ telephone

    def text(self) -> None:
        """A text, or a picture message."""
        phone, body = self._phone(), request.form.get("body", "").replace("\r\n", "\n").strip()
        files = self._files(MOST_MEDIA)
        if phone == LANDLINE:
            raise Wrong(_("This telephone hangs on the wall: it can call, but not text."))
        if not body and not files:
            raise Wrong(_("Write something first."))
        if len(body) > MOST_CHARACTERS:
            raise Wrong(_("A text takes up to %(most)s characters.", most=MOST_CHARACTERS))
        self._play.texts.write(phone, body, files)

    def dial(self) -> None:
        """Call the service."""
        phone = self._phone()
        if self._play.switchboard.busy(phone):
            raise Wrong(_("This telephone is in a call already."))
        if self._play.switchboard.dial(phone) is None:
            raise Wrong(_("Too many calls at once. Hang one up first."))

    def call(self, sid: str) -> None:
        """Answer, decline, press a key, speak or hang up."""
        item = self._play.stage.find(sid, "call")
        if item is None or item.facts["status"] in FINAL:
            raise Wrong(_("This call is over."))
        kind, value = request.form.get("kind", ""), request.form.get("value", "").strip()
        frames = b""
        if kind == at.KEY and value not in at.KEYS:
            raise Wrong(_("There is no such key."))
        if kind == at.WORDS and not 0 < len(value) <= 2000:
            raise Wrong(_("Write something first."))
        if kind == at.SOUND:
            frames = self._sound()
        if kind not in (at.ANSWER, at.DECLINE, at.KEY, at.WORDS, at.SOUND, at.DESK, at.HANG_UP):
            raise Wrong(_("This could not be read."))
        if kind == at.DESK and value not in ("completed", "no-answer", "busy"):
            raise Wrong(_("This could not be read."))
        self._play.switchboard.do(sid, Input(kind, value[:2000], frames))

    def pace(self) -> None:
        """Whether calls wait for somebody who reads, or keep the time of a real call."""
        self._play.switchboard.unhurried = request.form.get("unhurried") == "yes"

    def _sound(self) -> bytes:
        file = request.files.get("sound")
        try:
            return frames_of(file.read(MOST_FILE) if file else b"")
        except NoSound:
            raise Wrong(_("The recording could not be read. Try again, or type what you say.")) from None

    def _phone(self) -> str:
        phone = request.form.get("phone", "")
        if phone not in self._play.stage.phones:
            raise Wrong(_("There is no such telephone."))
        return phone

    def _files(self, most: int) -> list[Upload]:
        given = [file for file in request.files.getlist("files") if file.filename]
        if len(given) > most:
            raise Wrong(_("Up to %(most)s files at once.", most=most))
        kept = []
        for file in given:
            content = file.read(MOST_FILE + 1)
            if len(content) > MOST_FILE:
                raise Wrong(_("This file is too large; up to 16 MB."))
            name = (file.filename or "file").replace("\\", "/").rpartition("/")[2]
            kept.append(self._play.stage.keep(name, _media_type(content, file.mimetype), content))
        return kept

    # ------------------------------------------------------------ chat

    def chat(self) -> None:
        """Whatever is done in the chat; ``what`` says which."""
        chat = request.form.get("chat", 0, type=int)
        if chat not in CHATS:
            raise Wrong(_("There is no such chat."))
        what, chats = request.form.get("what", "text"), self._play.chats
        if what in ("block", "unblock"):
            chats.block(chat, what == "block")
            return
        if chat in chats.blocked:
            raise Wrong(_("You have blocked the bot. Unblock it to go on."))
        number = request.form.get("number", 0, type=int)
        if what == "press" and not chats.press(chat, number, request.form.get("value", "")):
            raise Wrong(_("This button is gone."))
        if what == "place":
            chats.send_place(chat, _degrees("latitude", 90), _degrees("longitude", 180))
        if what == "voice":
            wave = self._play.stage.keep("voice.wav", "audio/wav", self._voice())
            chats.send_files(chat, [wave], "", "voice")
        if what == "edit" and not chats.edit(chat, number, self._said()):
            raise Wrong(_("This message cannot be changed."))
        if what == "text":
            files = self._files(MOST_MEDIA)
            if files:
                chats.send_files(chat, files, request.form.get("text", "").strip()[:1024])
            else:
                chats.write(chat, self._said(), number)

    def _voice(self) -> bytes:
        self._sound()  # refuses what is no recording
        file = request.files["sound"]
        file.seek(0)
        return file.read(MOST_FILE)

    def _said(self) -> str:
        text = request.form.get("text", "").replace("\r\n", "\n").strip()
        if not text:
            raise Wrong(_("Write something first."))
        if len(text) > MOST_CHAT:
            raise Wrong(_("A text takes up to %(most)s characters.", most=MOST_CHAT))
        return text

    # ------------------------------------------------------------ mail

    def mail(self) -> None:
        """Write to the office, or answer one of its mails."""
        form, box = request.form, self._play.mailbox
        sender = form.get("sender", "").strip()
        if not ADDRESS.fullmatch(sender):
            raise Wrong(_("Use an address that ends in .example: nobody real has one."))
        body = form.get("body", "").replace("\r\n", "\n").strip()
        subject = " ".join(form.get("subject", "").split())
        if not body or len(body) > MOST_LETTER or len(subject) > 300:
            raise Wrong(_("Write something first, up to %(most)s characters.", most=MOST_LETTER))
        original = box.find(form.get("reply", "")) if form.get("reply") else None
        letter = Letter(
            sender=sender,
            to=original["reply_to"] if original else box.office,
            subject=subject,
            body=body,
            reply_to=original["message_id"] if original else "",
            references=original["references"] if original else "",
        )
        box.send(letter, self._files(5))


def _degrees(name: str, most: float) -> float:
    value = request.form.get(name, math.nan, type=float)
    if not -most <= value <= most:
        raise Wrong(_("This could not be read."))
    return value


def _media_type(content: bytes, claimed: str) -> str:
    """What a provider would say of the file: pictures by their first bytes, others as the browser said."""
    for start, media_type in _PICTURES.items():
        if content.startswith(start):
            return media_type
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    known = claimed.lower() if claimed.isascii() and claimed.count("/") == 1 else ""
    return known if known and not known.startswith("image/") else "application/octet-stream"


def _answered(deed: Callable[..., None]) -> Callable[..., Response]:
    """JSON for the page's script; a way back to the page for a browser without it."""

    def answer(**parts: str) -> Response:
        scripted = request.headers.get("X-Requested-With") == "simulator"
        try:
            deed(**parts)
        except Wrong as wrong:
            if scripted:
                return make_response(jsonify(error=str(wrong)), 400)
            flash(str(wrong), "error")
            return make_response(redirect(_way_back(), 303))
        return jsonify(ok=True) if scripted else make_response(redirect(_way_back(), 303))

    return answer


def _way_back() -> str:
    phone = request.form.get("phone")
    return url_for("simulator.home", phone=phone) if phone else url_for("simulator.home")
