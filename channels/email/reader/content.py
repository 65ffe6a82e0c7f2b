"""What the parts of a mail hold: its text, its files, its reports.

You are here: after :mod:`parts` has cut the tree, before the text is told apart from what it quotes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from channels.email.reader import (
    charsets,
    headers,
    hypertext,
    invitation,
    transfer,
    winmail,
    words,
)
from channels.email.reader.parts import Part, Tree
from channels.reading import clean
from intake.contracts import ReadAttachment

MAX_ATTACHMENTS = 100
MAX_TEXT = 1_000_000  # bytes of one text part that become body; beyond, the whole part is attached too
MAX_TOTAL_TEXT = 1_200_000  # bytes of all text parts together
MAX_WINMAILS = 3  # opened; further ones are attached as they are
_TEXTS = frozenset(
    ("text/plain", "text/html", "text/enriched", "text/richtext", "text/x-html", "application/xhtml+xml")
)
_MARKUP = _TEXTS - {"text/plain"}
_REPORTS = frozenset(("message/delivery-status", "message/global-delivery-status"))
_RECEIPTS = frozenset(("message/disposition-notification", "message/feedback-report"))
_RETURNED = frozenset(("text/rfc822-headers", "message/rfc822-headers", "message/global-headers"))
_MESSAGES = frozenset(("message/rfc822", "message/global", "message/news"))
_TNEF = frozenset(("application/ms-tnef", "application/vnd.ms-tnef"))
_PLACEHOLDER = re.compile(
    r"(?:does ?n[o']t|not|unable to|cannot|can't)\s+(?:support|display|view|read|render|"
    r"show)\b.{0,60}\bhtml|"
    r"html[- ](?:enabled|capable|compatible)|this (?:message|e-?mail) (?:is|contains|was sent) "
    r"(?:in )?html|"
    r"不支持\s?html|支持\s?html\s?(?:格式)?的?|html\s?格式的?邮件|to view this (?:message|e-?mail)",
    re.I,
)
_EXTENSIONS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "application/pdf": "pdf",
    "text/plain": "txt",
    "text/html": "html",
    "text/calendar": "ics",
    "message/rfc822": "eml",
    "audio/mpeg": "mp3",
    "image/heic": "heic",
    "audio/amr": "amr",
    "video/mp4": "mp4",
    "application/zip": "zip",
    "application/msword": "doc",
}


@dataclass(slots=True)
class Piece:
    """One text of the mail: already plain, or HTML that waits to be rendered."""

    text: str
    markup: bool = False
    rendered: str | None = None


@dataclass(slots=True)
class Content:
    """All that was found; ``pieces`` in order of appearance."""

    tree: Tree
    mark_quotes: bool = False
    pieces: list[Piece] = field(default_factory=list)
    strays: list[Piece] = field(default_factory=list)
    attachments: list[ReadAttachment] = field(default_factory=list)
    messages: list[Part] = field(default_factory=list)
    invitations: list[str] = field(default_factory=list)
    statuses: list[bytes] = field(default_factory=list)
    returned: list[bytes] = field(default_factory=list)
    report_type: str = ""
    text_bytes: int = 0
    winmails: int = 0
    inner: bool = False  # inside a shown message, whose own messages are in its .eml already

    def note(self, problem: str) -> None:
        """Remember ``problem`` once, up to a bound."""
        self.tree.note(problem)

    def attach(self, filename: str, media_type: str, content: bytes) -> None:
        """Keep a file, up to a hundred."""
        if len(self.attachments) >= MAX_ATTACHMENTS:
            self.note(f"More than {MAX_ATTACHMENTS} attachments; the rest was not read.")
            return
        fallback = f"attachment-{len(self.attachments) + 1}.{_EXTENSIONS.get(media_type, 'bin')}"
        self.attachments.append(ReadAttachment(clean.filename(filename, fallback), media_type, content))


def collect(content: Content, part: Part) -> list[Piece]:
    """The texts of ``part`` and all below it; files and reports go into ``content``.

    Recursion is bounded by :data:`parts.MAX_DEPTH`.
    """
    kind = part.media_type
    if part.children:
        if kind == "multipart/report":
            content.report_type = (
                content.report_type or part.parameters.get("report-type", "").lower() or "unknown"
            )
        if kind == "multipart/alternative":
            return _alternative(content, part)
        return [piece for child in part.children for piece in collect(content, child)]
    if part.stray:
        content.strays.extend(_text(content, part))
        return []
    if kind in _TEXTS and _is_body(part, has_text=bool(content.pieces)):
        return _text(content, part)
    if kind.startswith("multipart/"):
        return []  # empty, or too deep: noted already
    return _other(content, part, kind)


def _is_body(part: Part, *, has_text: bool) -> bool:
    """A text is the mail's own unless it is a file; a lone name= on an inline text is only clumsy."""
    if part.disposition == "attachment":
        return False
    return not part.filename or (part.disposition == "" and not has_text and "." not in part.filename[-6:])


def _decoded(content: Content, part: Part) -> bytes:
    raw = content.tree.raw[part.start : part.end]
    if part.encoding:
        raw, problem = transfer.decode(raw, part.encoding)
        if problem:
            content.note(problem)
    return raw


def _text(content: Content, part: Part) -> list[Piece]:
    raw = _decoded(content, part)
    most = min(MAX_TEXT, MAX_TOTAL_TEXT - content.text_bytes)
    if len(raw) > most:
        content.note("A text is very long; its beginning is shown and all of it is attached.")
        content.attach(part.filename, part.media_type, raw)
        raw = raw[:most]
    content.text_bytes += len(raw)
    charset = part.parameters.get("charset", "")
    text = charsets.decode(raw, charset)
    if charset and charsets.codec(charset) is None and not raw.isascii() and len(charset) < 60:
        content.note(
            f"The charset {clean.line(charset, 40)!r} does not tell what the text is in; it was detected."
        )
    if "\ufffd" in text:
        content.note("Some characters could not be decoded.")
    piece = Piece(text, _is_markup(part, text))
    content.pieces.append(piece)
    return [piece]


def _is_markup(part: Part, text: str) -> bool:
    """Whether ``text`` is HTML, whatever the Content-Type says."""
    if part.media_type in _MARKUP:
        return "<" in text or "&" in text
    return text[:2000].lstrip().lower().startswith(("<html", "<!doctype html"))


def _alternative(content: Content, part: Part) -> list[Piece]:
    """The plain side, or the HTML side when the plain one is empty or only says to look at the other."""
    sides = [side for child in part.children if (side := collect(content, child))]
    plain = next((side for side in sides if not any(piece.markup for piece in side)), None)
    markup = next((side for side in reversed(sides) if any(piece.markup for piece in side)), None)
    if plain is None or markup is None:
        return plain or markup or []
    said = "".join(piece.text for piece in plain).strip()
    empty = not said or (len(said) < 400 and bool(_PLACEHOLDER.search(said)))
    if empty and any(render(content, piece) for piece in markup):
        return markup
    return plain


def render(content: Content, piece: Piece) -> str:
    """``piece`` as clean plain text."""
    if piece.rendered is None:
        text = piece.text
        if piece.markup:
            text = hypertext.to_text(text, mark_quotes=content.mark_quotes)
        piece.rendered = clean.text(text)
    return piece.rendered


def _other(content: Content, part: Part, kind: str) -> list[Piece]:
    """Parts that are not text to read: files, messages, reports, invitations."""
    if kind in _REPORTS:
        content.statuses.append(_decoded(content, part))
        return []
    if kind in _RETURNED:
        content.returned.append(_decoded(content, part)[:200_000])
        return []
    if kind in _RECEIPTS:
        return []  # its multipart/report says all that matters
    if kind in _MESSAGES:
        return _message(content, part, kind)
    raw = _decoded(content, part)
    if kind in _TNEF or (part.filename.lower() == "winmail.dat" and raw.startswith(winmail.SIGNATURE)):
        return _winmail(content, raw)
    if kind == "text/calendar":
        text = invitation.summarise(charsets.decode(raw[:100_000], part.parameters.get("charset", "utf-8")))
        if text and text not in content.invitations and len(content.invitations) < 10:
            content.invitations.append(text)
    if kind in ("application/pkcs7-mime", "application/x-pkcs7-mime", "multipart/encrypted"):
        content.note("A part is encrypted or signed as a whole and cannot be read here; it is attached.")
    if raw or part.filename:
        content.attach(part.filename, kind, raw)
    return []


def _message(content: Content, part: Part, kind: str) -> list[Piece]:
    raw = _decoded(content, part)
    if not content.inner:
        fields = headers.parse(raw, 0, len(raw), headers.MAX_PART_BLOCK)[0]
        subject = clean.line(words.decode(fields.value(b"subject")), 80)
        content.attach(part.filename or (f"{subject}.eml" if subject else ""), "message/rfc822", raw)
    content.returned.append(raw[:200_000])
    content.messages.append(part)
    return []


def _winmail(content: Content, raw: bytes) -> list[Piece]:
    content.winmails += 1
    opened = winmail.open_winmail(raw if content.winmails <= MAX_WINMAILS else b"")
    if opened.problem:
        content.note(opened.problem)
    if opened.problem or not (opened.text or opened.attachments):
        content.attach("winmail.dat", "application/ms-tnef", raw)
    for file in opened.attachments:
        content.attach(file.filename, file.media_type, file.content)
    # Outlook sends the same text as a plain part beside it; then this one would say it twice.
    if opened.text and not any(piece.text.strip() for piece in content.pieces):
        piece = Piece(opened.text)
        content.pieces.append(piece)
        return [piece]
    return []
