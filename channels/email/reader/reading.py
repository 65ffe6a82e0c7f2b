"""One raw mail understood: the entry of the reader.

You are here: channel → intake queue; a worker calls :func:`read` for each stored mail. Pure, and
bounded in time, memory and depth for any input; what cannot be read is said in ``problems``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from channels.email.reader import addresses, automatic, bounces, parts, quoting, words
from channels.email.reader.content import Content, Piece, collect, render
from channels.email.reader.headers import Headers
from channels.email.reader.headers import parse as parse_headers
from channels.reading import clean, language
from intake.contracts import Automatic, Bounce, Contact, Json, Reading, UnreadableSubmission

MAX_SIZE = 60_000_000  # bytes looked at
MAX_SUBJECT = 1000
MAX_THREAD = 50
_ID = re.compile(r"<([^<>\s\"]{1,250})>")
_BARE_ID = re.compile(r"[^<>\s\"@]{1,120}@[^<>\s\"@]{1,120}")
_TOKEN = re.compile(r"[^@+\s]{1,64}\+([A-Za-z0-9_-]{6,64})@")
_REPLY = re.compile(
    r"\s*(?:re|回复|回覆|回復|答复|答覆|aw|sv|antw)\s{0,3}(?:\[\d{1,3}\]|\(\d{1,3}\)|\^\d)?\s{0,3}[:：]", re.I
)
_FORWARD = re.compile(r"\s*\[?\s{0,3}(?:fwd?|转发|轉寄|轉發|wg|tr)\s{0,3}[:：]", re.I)


@dataclass(slots=True)
class _Origin:
    """Who wrote, and how sure the headers are about it."""

    name: str
    contacts: tuple[Contact, ...]
    address: str


def read(raw: bytes, envelope: Json) -> Reading:
    """Understand one mail.

    ``envelope`` may hold ``mail_from`` (str, "" for the null sender) and ``rcpt_to`` (list of str).
    Raises only :class:`UnreadableSubmission`, and only when there is nothing in ``raw`` at all.
    """
    if not raw or not raw.strip(b"\x00 \t\r\n\x0b\x0c\x1a"):
        raise UnreadableSubmission("The mail is empty.")
    try:
        return _read(raw[:MAX_SIZE], envelope)
    except Exception as error:
        # A mail never stops the queue (promise 3): show what is there, and say that it is rough.
        text = clean.text(raw[:100_000].decode("utf-8", "replace"))
        return Reading(body=text, problems=(f"The mail could not be taken apart ({type(error).__name__}).",))


def _read(raw: bytes, envelope: Json) -> Reading:
    if b"\n" not in raw[:100_000] and b"\r" in raw[:100_000]:
        raw = raw.replace(b"\r", b"\n")
    tree = parts.Tree(raw)
    start = len(raw) - len(raw.lstrip(b"\r\n"))
    root = parts.cut(tree, start, len(raw))
    fields = root.headers
    subject = clean.line(words.decode(fields.value(b"subject")[:20_000]), MAX_SUBJECT)
    thread = _thread(fields)
    forward = bool(_FORWARD.match(subject))
    answers = not forward and (bool(thread) or bool(_REPLY.match(subject)))
    content = Content(tree, mark_quotes=answers)
    text = _text(content, root, forward)
    body, quoted = quoting.split(text) if answers else (text.strip("\n").rstrip(), "")
    origin = _origin(fields, envelope, tree)
    kind, returned = _kind(content, fields, subject, text, origin, envelope)
    if any(len(fields.fields.get(name, ())) > 1 for name in (b"from", b"subject", b"message-id", b"date")):
        tree.note("A header that may appear once appears again; the first one counts.")
    if automatic.takes_no_replies(origin.address):
        tree.note("The sender's address takes no replies.")
    return Reading(
        subject=subject,
        body=body,
        quoted=quoted,
        sender_name=origin.name,
        contacts=origin.contacts,
        language=language.detect(subject + "\n" + body[:1000]),
        automatic=kind,
        thread=thread,
        token=_token(envelope),
        attachments=tuple(content.attachments),
        bounces=tuple(returned),
        problems=tuple(tree.problems),
    )


def _text(content: Content, root: parts.Part, forward: bool) -> str:
    """All text of the mail in reading order: its own, invitations, and a message it only passes on."""
    own = _join(content, collect(content, root))
    if not own.strip() and content.strays:
        own = _join(content, content.strays)
    if not own.strip() and not content.pieces and root.media_type in ("text/plain", "text/html"):
        root.disposition = root.filename = ""  # the only text there is, marked as a file
        own = _join(content, collect(content, root))
    texts = [own, *content.invitations]
    if content.messages and not content.report_type and (forward or not own.strip()):
        texts.extend(_passed_on(content))
    return "\n\n".join(text.strip("\n") for text in texts if text.strip())


def _join(content: Content, pieces: Sequence[Piece]) -> str:
    texts: list[str] = []
    for piece in pieces:
        text = render(content, piece)
        if text.strip():
            texts.append(text)
    return texts[0] if len(texts) == 1 else "\n\n".join(text.strip("\n") for text in texts)


def _passed_on(content: Content) -> list[str]:
    """The texts of attached messages, each under its From, Date and Subject; their files as well."""
    shown: list[str] = []
    waiting = list(content.messages)
    content.inner = True
    for _ in range(5):
        if not waiting:
            break
        part = waiting.pop(0)
        if part.encoding.strip().lower() in ("base64", "quoted-printable"):
            continue  # not allowed for messages (RFC 2046 5.2.1); it is attached decoded
        inner = parts.cut(content.tree, part.start, part.end, 2)
        content.messages.clear()
        top = [
            f"{name.decode().title()}: {clean.line(words.decode(inner.headers.value(name)), 500)}"
            for name in (b"from", b"date", b"subject")
            if inner.headers.value(name)
        ]
        text = _join(content, collect(content, inner))
        if text.strip():
            shown.append("\n".join(top) + "\n\n" + text.strip("\n"))
        else:
            waiting.extend(content.messages)
    return shown


def _thread(fields: Headers) -> tuple[str, ...]:
    """Ids of earlier messages, nearest first: In-Reply-To, then References from its end."""
    found: dict[str, None] = {}
    for raw in fields.all(b"in-reply-to"):
        value = words.unfold(raw)
        ids = _ID.findall(value) or (_BARE_ID.findall(value) if len(value) < 250 else [])
        found.update(dict.fromkeys(ids))
    values = fields.fields.get(b"references")
    if values:
        found.update(dict.fromkeys(reversed(_ID.findall(words.unfold(values[0][-20_000:])))))
    if not found:
        return ()
    sane = (clean.line(identity, 250) for identity in found)
    return tuple(dict.fromkeys(identity for identity in sane if len(identity) > 2))[:MAX_THREAD]


def _origin(fields: Headers, envelope: Json, tree: parts.Tree) -> _Origin:
    """The writer by From; by the envelope when From has no address; Reply-To as a further contact."""
    boxes = [box for raw in fields.all(b"from") for box in addresses.parse(words.unfold(raw))]
    name = next((box.name for box in boxes if box.address), boxes[0].name if boxes else "")
    found = [box.address for box in boxes if box.address]
    if len(found) > 1:
        tree.note("From names several addresses; the first one counts.")
    if not found:
        tree.note("From has no address that can be used.")
        found = [addresses.canonical(str(envelope.get("mail_from") or "")[:400])]
    first = found[0]
    reply_to = [box.address for box in addresses.parse(fields.value(b"reply-to")) if box.address]
    if reply_to and (not first or automatic.takes_no_replies(first)):
        found = reply_to + found
    else:
        found = found + reply_to
    contacts = tuple(Contact("email", address) for address in dict.fromkeys(found) if address)
    return _Origin(name, contacts[:10], first)


def _kind(
    content: Content, fields: Headers, subject: str, text: str, origin: _Origin, envelope: Json
) -> tuple[Automatic, list[Bounce]]:
    """Whether a machine wrote it, and which of our mails it brings back."""
    mail_from = envelope.get("mail_from")
    if content.statuses or content.report_type == "delivery-status":
        original = _original_id(content, fields)
        found = [
            bounce for status in content.statuses[:5] for bounce in bounces.from_status(status, original)
        ]
        if not found and not content.statuses:
            found = bounces.from_text(text, fields, _ours(origin, envelope), original)
        return Automatic.BOUNCE, found[: bounces.MAX_BOUNCES]
    if bounces.looks_like_one(subject, text, origin.address, mail_from, fields):
        original = _original_id(content, fields)
        return Automatic.BOUNCE, bounces.from_text(text, fields, _ours(origin, envelope), original)
    if content.report_type == "disposition-notification":
        return Automatic.REPLY, []
    answers_to = origin.contacts[0].value if origin.contacts else ""
    return automatic.classify(fields, subject, origin.address, mail_from, answers_to), []


def _original_id(content: Content, fields: Headers) -> str | None:
    """The Message-ID in the returned headers, else the message that the report answers."""
    for returned in content.returned:
        ids = _ID.findall(parse_headers(returned, 0, len(returned))[0].value(b"message-id"))
        if ids:
            return clean.line(ids[0], 250)
    thread = _thread(fields)
    return thread[0] if thread else None


def _ours(origin: _Origin, envelope: Json) -> list[str]:
    """Addresses that cannot be the failed recipient: the reporter's and our own, with and without token."""
    own = [origin.address]
    for address in _recipients(envelope):
        address = address.lower()
        local, _, domain = address.partition("@")
        own += [address, f"{local.partition('+')[0]}@{domain}"]
    return own


def _recipients(envelope: Json) -> list[str]:
    value = envelope.get("rcpt_to") or ()
    if isinstance(value, str):
        return [value]
    return [str(address)[:400] for address in list(value)[:200]] if isinstance(value, Sequence) else []


def _token(envelope: Json) -> str | None:
    for address in _recipients(envelope):
        match = _TOKEN.match(address.strip().strip("<>"))
        if match:
            return match.group(1)
    return None
