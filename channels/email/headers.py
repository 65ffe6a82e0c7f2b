"""Header lines of outgoing mail: encoded, folded, and impossible to inject into.

The standard library's folding is avoided: it can split an encoded word inside a character and
refold identifiers into encoded words. Every function returns whole lines ending in CRLF, of at most
78 characters where the content allows (RFC 5322 section 2.1.1).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable

_WIDTH = 76
_CHUNK = 42  # UTF-8 bytes per encoded word: 42 → 56 base64 characters, 68 with its frame (limit 75)
_PLAIN_WORD = re.compile(r"[!-~]{1,60}\Z")
_ATOM_PHRASE = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*\Z")
_MESSAGE_ID = re.compile(r"[!-;=?A-~]{1,120}@[!-;=?A-~]{1,120}\Z")
REFERENCES_KEPT = 20


def one_line(text: str) -> str:
    """``text`` without line breaks, controls and runs of space: nothing in it can start a header."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def encoded_words(text: str) -> list[str]:
    """RFC 2047 encoded words, none of which splits a character."""
    words: list[bytes] = [b""]
    for character in text:
        encoded = character.encode("utf-8", "replace")
        if len(words[-1]) + len(encoded) > _CHUNK:
            words.append(b"")
        words[-1] += encoded
    return [f"=?utf-8?b?{base64.b64encode(word).decode()}?=" for word in words]


def folded(name: str, parts: Iterable[str]) -> str:
    """``Name: part part …``, broken before the part that no longer fits."""
    lines = [f"{name}:"]
    for part in parts:
        if len(lines[-1]) + 1 + len(part) > _WIDTH and lines[-1] not in (f"{name}:", ""):
            lines.append("")
        lines[-1] += f" {part}"
    return "\r\n".join(lines) + "\r\n"


def unstructured(name: str, text: str) -> str:
    """A header of free text, such as Subject."""
    text = one_line(text)
    words = text.split(" ")
    if all(_PLAIN_WORD.match(word) and "=?" not in word for word in words):
        return folded(name, words)
    return folded(name, encoded_words(text))


def mailbox(name: str, display: str, address: str) -> str:
    """From, To or Reply-To with one address, which must be checked already."""
    display = one_line(display)
    if not display:
        return folded(name, [f"<{address}>"])
    if _ATOM_PHRASE.match(display) and len(display) <= 60:
        return folded(name, [display, f"<{address}>"])
    return folded(name, [*encoded_words(display), f"<{address}>"])


def is_message_id(text: str) -> bool:
    """Whether ``text`` can stand between angle brackets as a Message-ID."""
    return _MESSAGE_ID.match(text) is not None


def thread_headers(thread: Iterable[str]) -> str:
    """In-Reply-To and References; the first id and the last twenty (RFC 5322 section 3.6.4).

    Ids come from citizens' mail: what is no id is left out. "" when none is left.
    """
    ids = [f"<{one}>" for one in dict.fromkeys(thread) if is_message_id(one)]
    if not ids:
        return ""
    kept = ids if len(ids) <= REFERENCES_KEPT + 1 else [ids[0], *ids[-REFERENCES_KEPT:]]
    return folded("In-Reply-To", ids[-1:]) + folded("References", kept)
