"""Addresses out of From, To and the like (RFC 5322), from headers that may be hostile.

You are here: who wrote. The structure is read before encoded words are decoded, so a display name
that hides an address stays a name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from channels.email.reader import words
from channels.reading import clean

MAX_HEADER = 50_000  # characters of one header looked at
MAX_ADDRESSES = 20
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"?|<[^<>]*+>?|\([^()]*+\)|[,;:]|[^"<,;:(]++|[(]', re.S)
# No controls, no surrogates, nothing invisible: an address must look like what it is.
_UNFIT = r"\s<>@,;:\"()\[\]\\\x00-\x1f\x7f-\x9f\ud800-\udfff\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufffd"
_DOMAIN = r"(?:[^\W_](?:[\w.-]{0,252}[^\W_])?|\[[0-9A-Fa-f:.]{2,45}\])"
_ADDRESS = re.compile(rf"[^{_UNFIT}]{{1,64}}@{_DOMAIN}")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A display name (may be "") and a lower-cased address (may be "")."""

    name: str
    address: str


def canonical(raw: str) -> str:
    """``raw`` as a lower-cased address, or "" when it is none."""
    candidate = raw.strip().strip("<>").strip()
    candidate = candidate.removeprefix("mailto:").rstrip(".")
    if candidate.startswith("@"):  # an obsolete source route: <@relay:user@host>
        candidate = candidate.rpartition(":")[2]
    if len(candidate) > 320 or ".." in candidate or not _ADDRESS.fullmatch(candidate):
        return ""
    return candidate.lower()


def parse(value: str) -> list[Mailbox]:
    """The mailboxes of the unfolded header ``value``: at most 20, in order. Linear; never raises."""
    found: list[Mailbox] = []
    pieces: list[str] = []
    angle = comment = ""
    for token in _TOKEN.findall(value[:MAX_HEADER]):
        kind = token[0]
        if kind == "<":
            angle = angle or canonical(token)
        elif kind == "(" and len(token) > 1:
            comment = comment or token[1:-1]
        elif kind == ":":
            pieces = []  # the name of a group
        elif kind in ",;":
            _flush(found, pieces, angle, comment)
            pieces, angle, comment = [], "", ""
            if len(found) >= MAX_ADDRESSES:
                return found
        else:
            pieces.append(token)
    _flush(found, pieces, angle, comment)
    return found


def _flush(found: list[Mailbox], pieces: list[str], angle: str, comment: str) -> None:
    if not angle:
        bare = "".join(pieces).strip()
        angle = canonical(bare)
        if angle:
            pieces = []
    name = " ".join(
        piece.strip('"').replace("\\", "") if piece[0] == '"' else piece.strip() for piece in pieces
    )
    name = clean.line(words.decode((name or comment)[:2000]).strip().strip("\"'"))
    if angle or name:
        found.append(Mailbox(name, angle))
