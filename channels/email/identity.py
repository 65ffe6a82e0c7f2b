"""Which mail this is: its id and its dedupe key, from raw bytes, in microseconds.

You are here: the hot path of accepting, before anything is stored or understood (promise 2). The
same message over another hop has other trace fields and perhaps other line ends; the key must not
change with them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

MAX_HEADER = 1_000_000  # bytes of header looked at
_SANE = re.compile(rb"[!-;=?-~]{3,250}")
_NAMES = (b"from", b"date", b"subject", b"message-id")
_NOT_FOLDED = re.compile(rb"\n(?![ \t])")


@dataclass(frozen=True, slots=True)
class Identity:
    """``message_id`` without angle brackets, never empty; ``dedupe_key`` is 64 hex digits."""

    message_id: str
    dedupe_key: str


def identify(raw: bytes, recipients: Sequence[str]) -> Identity:
    """The identity of ``raw`` as delivered to ``recipients``. Linear; never raises.

    A missing or senseless Message-ID is replaced by one made of the content, so that the same mail
    gets the same one again.
    """
    head, body = _divide(raw)
    lowered = head.lower()
    found = [_field(head, lowered, name) for name in _NAMES]
    content = hashlib.sha256(b"\0".join(found))
    content.update(b"\0")
    content.update(body)
    digest = content.hexdigest()
    message_id = _message_id(found[3]) or f"sha256-{digest[:32]}@missing.invalid"
    to = sorted({address.strip().lower() for address in recipients})
    key = "\0".join(("email", message_id, digest, *to)).encode("utf-8", "replace")
    return Identity(message_id, hashlib.sha256(key).hexdigest())


def _divide(raw: bytes) -> tuple[bytes, bytes]:
    """(header with a newline before it, body), both with LF line ends and no empty lines at the end."""
    ends = [
        (at, at + len(blank)) for blank in (b"\n\r\n", b"\n\n") if (at := raw.find(blank, 0, MAX_HEADER)) >= 0
    ]
    stop, start = min(ends, default=(min(len(raw), MAX_HEADER), MAX_HEADER))
    head, body = raw[:stop], raw[start:]
    if b"\r" in head:
        head = head.replace(b"\r\n", b"\n")
    if b"\r" in body:
        body = body.replace(b"\r\n", b"\n")
    return b"\n" + head, body.rstrip(b"\r\n")


def _field(head: bytes, lowered: bytes, name: bytes) -> bytes:
    """The first value of ``name``, unfolded with single spaces; b"" when missing."""
    at = lowered.find(b"\n" + name + b":")
    if at < 0:
        return b""
    start = at + len(name) + 2
    end = _NOT_FOLDED.search(head, start)
    return b" ".join(head[start : end.start() if end else len(head)].split())


def _message_id(value: bytes) -> str:
    """The id in a Message-ID value, "" when it is senseless."""
    if not value.isascii():
        return ""
    _, opened, rest = value.partition(b"<")
    candidate = (rest.partition(b">")[0] if opened else value).replace(b" ", b"")
    return candidate.decode("ascii") if _SANE.fullmatch(candidate) else ""
