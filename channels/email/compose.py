"""Turns an outgoing message into the bytes of a mail (RFC 5322), the same bytes every time.

You are here: outbox → Message → **compose** → sender. Only the Date comes from the clock; a retry
carries the same Message-ID, so that whoever got the first copy can tell.
"""

from __future__ import annotations

import base64
import quopri
import re
from email.utils import format_datetime

from channels.email.headers import is_message_id, mailbox, one_line, thread_headers, unstructured
from intake.clock import Clock
from intake.contracts import DeliveryFailed, Message

_LOCAL = re.compile(r"[^\s\x00-\x20\x7f-\x9f<>()\[\]:;@\\,\"]{1,64}\Z")
_DOMAIN = re.compile(r"(?=.{1,253}\Z)[a-z0-9](?:[a-z0-9-]{0,62})(?:\.[a-z0-9-]{1,63})*\Z", re.IGNORECASE)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,48}\Z")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*\Z")
_UNSAFE_ID = re.compile(r"[^A-Za-z0-9._-]")


def canonical_address(address: str) -> str:
    """``address`` as SMTP takes it, its domain in ASCII (IDNA).

    Raises :class:`DeliveryFailed` (permanent) for what is no address.
    """
    local, at, domain = address.strip().rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        ascii_domain = ""
    if not at or not _LOCAL.match(local) or not local.isprintable() or not _DOMAIN.match(ascii_domain):
        raise DeliveryFailed(f"{one_line(address)[:80]!r} is not an e-mail address", permanent=True)
    return f"{local}@{ascii_domain}"


def reply_address(message: Message, from_address: str) -> str:
    """Where answers and bounces go: ``local+TOKEN@domain`` when the message carries a token."""
    token = message.reply_token
    if not token:
        return from_address
    if not _TOKEN.match(token):
        raise DeliveryFailed("the reply token of this message cannot stand in an address", permanent=True)
    local, _, domain = from_address.rpartition("@")
    return f"{local}+{token}@{domain}"


def message_id(message: Message, from_address: str) -> str:
    """The message's own id, or one derived from ``outbox_id``, which is stable over retries."""
    if is_message_id(message.message_id):
        return message.message_id
    return f"{_UNSAFE_ID.sub('-', message.outbox_id)[:100]}@{from_address.rpartition('@')[2]}"


def compose(message: Message, from_name: str, from_address: str, clock: Clock) -> bytes:
    """The mail, lines ending in CRLF.

    Raises :class:`DeliveryFailed` (permanent) when an address in it cannot be one. No field can
    inject a header: line breaks in texts become spaces.
    """
    answers_to = reply_address(message, from_address)
    head = [
        f"Date: {format_datetime(clock())}\r\n",
        mailbox("From", from_name, from_address),
        mailbox("To", message.to_name, canonical_address(message.to)),
    ]
    if answers_to != from_address:
        head.append(mailbox("Reply-To", from_name, answers_to))
    head.append(unstructured("Subject", message.subject))
    head.append(f"Message-ID: <{message_id(message, from_address)}>\r\n")
    head.append(thread_headers(message.thread))
    if message.automatic:
        # RFC 3834 section 5; the second line is what Exchange looks at.
        head.append(f"Auto-Submitted: {'auto-replied' if message.thread else 'auto-generated'}\r\n")
        head.append("X-Auto-Response-Suppress: All\r\n")
    if _LANGUAGE.match(message.language):
        head.append(f"Content-Language: {message.language}\r\n")
    encoding, body = _encoded(message.text)
    head.append("MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n")
    head.append(f"Content-Transfer-Encoding: {encoding}\r\n\r\n")
    return "".join(head).encode("utf-8") + body


def _encoded(text: str) -> tuple[str, bytes]:
    lines = [*text.splitlines(), ""]
    raw = "\r\n".join(lines).encode("utf-8", "replace")
    if raw.isascii() and b"\0" not in raw and all(len(line) <= 78 for line in lines):
        return "7bit", raw
    foreign = sum(byte > 126 for byte in raw)
    if foreign * 6 > len(raw):
        return "base64", base64.encodebytes(raw).replace(b"\n", b"\r\n")
    return "quoted-printable", quopri.encodestring(raw.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")
