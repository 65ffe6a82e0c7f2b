"""Makes texts safe to store and to show. You are here: the last thing every read text passes."""

from __future__ import annotations

import re
import unicodedata

MAX_FILENAME = 150
MAX_NAME = 200
_MOST, _MOST_LATIN = 40, 72  # signs of a subject taken from a text

# C0 controls but tab and newline, DEL, and lone surrogates: PostgreSQL refuses NUL and surrogates,
# terminals obey the rest.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]+")
# Bidirectional overrides and isolates, and zero-width characters, let a name pose as another one.
_DECEPTIVE = re.compile("[\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\x80-\x9f]+")
_FORBIDDEN_IN_FILENAMES = re.compile(r'[<>:"|?*\n\t]+')


def text(raw: str) -> str:
    """``raw`` with LF line ends and without controls, lone surrogates and a leading BOM."""
    if "\r" in raw:
        raw = raw.replace("\r\n", "\n").replace("\r", "\n")
    if raw.startswith("\ufeff"):
        raw = raw[1:]
    return _UNSAFE.sub("", raw)


def line(raw: str, limit: int = MAX_NAME) -> str:
    """``raw`` as one line of at most ``limit`` characters, safe as a name or a subject."""
    if raw.isascii() and raw.isprintable() and len(raw) <= limit and "  " not in raw:
        return raw.strip()
    flat = " ".join(raw[: limit * 8].split())
    safe = _DECEPTIVE.sub("", _UNSAFE.sub("", flat))
    return " ".join(safe.split())[:limit].strip()  # what stood between two spaces may be gone


def filename(raw: str, fallback: str) -> str:
    """A plain basename of at most 150 characters without paths, controls or bidi tricks.

    The extension survives shortening; an empty result becomes ``fallback``.
    """
    flat = line(raw[-1000:].replace("\\", "/").rsplit("/", 1)[-1], 1000)
    flat = _FORBIDDEN_IN_FILENAMES.sub("_", unicodedata.normalize("NFC", flat)).strip(" .")
    if len(flat) > MAX_FILENAME:
        stem, dot, extension = flat.rpartition(".")
        if dot and stem and len(extension) <= 10:
            flat = stem[: MAX_FILENAME - len(extension) - 1] + "." + extension
        else:
            flat = flat[:MAX_FILENAME]
    return flat or fallback


def opening(written: str) -> str:
    """A subject for what came without one: its first sentence; an outcry is none.

    At most 40 characters, 72 where most letters are Latin (they take half the room); what is longer ends
    in "…", after a whole word where words are parted by spaces.
    """
    end = re.search(r"[。！？；!?;\n]", written[:400][4:])
    first = line(written[: 4 + end.start()] if end else written[:400], 400)
    most = _MOST_LATIN if _mostly_latin(first) else _MOST
    if len(first) <= most:
        return first
    cut = first[: most - 1]
    if first[most - 1] != " ":
        words, space, scrap = cut.rpartition(" ")
        if space and scrap.isascii() and len(words) >= most // 2:  # a lone word beyond measure is cut
            cut = words
    return cut.rstrip(" ,:-–—(") + "…"


def _mostly_latin(line: str) -> bool:
    letters = [sign for sign in line if sign.isalpha()]
    return 2 * sum(sign < "\u0250" for sign in letters) > len(letters)
