"""What can be printed, and what stands for the rest. You are here: any text → **characters** → lines.

A character that the font lacks is never an empty box: it is printed in its plain form if it has one
(compatibility decomposition), else as its code, 〔U+20BB7〕, which a clerk sees and can mend by pen.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import groupby

from channels.paper.typeface import typeface
from channels.reading.clean import text as safe

_MOST_MARKS = 3
"""Marks upon one letter: Vietnamese needs two. More are a prank, and sorting them takes square time."""
_MOST_KNOWN = 60_000
_SPACES = frozenset("\t\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f")


def printable(text: str) -> str:
    """``text`` with nothing but line ends and characters that the font draws. Linear in the text."""
    plain = safe(text)
    if plain.isascii():
        return plain.replace("\t", "    ").replace("\x7f", "")
    return unicodedata.normalize("NFC", _few_marks(plain)).translate(_table())


def one_line(text: str) -> str:
    """:func:`printable`, without line ends and doubled spaces."""
    return " ".join(printable(text).split())


def unprintable(text: str) -> tuple[str, ...]:
    """The characters of ``text`` that are printed as their code, each once, in order."""
    plain = unicodedata.normalize("NFC", _few_marks(safe(text)))
    table = _table()
    return tuple(dict.fromkeys(c for c in plain if str(c).translate(table) == _code(c)))


def _few_marks(text: str) -> str:
    if text.isascii() or not any(map(unicodedata.combining, text)):
        return text
    kept = []
    for marks, run in groupby(text, lambda c: unicodedata.combining(c) != 0):
        kept.append("".join(run)[: _MOST_MARKS if marks else None])
    return "".join(kept)


class _Table(dict[int, str]):
    """What is printed for a character, worked out when it is first seen."""

    def __missing__(self, code: int) -> str:
        if len(self) > _MOST_KNOWN:
            self.clear()
        found = self[code] = _shown(chr(code))
        return found


@lru_cache(maxsize=1)
def _table() -> _Table:
    return _Table()


def _shown(character: str) -> str:
    if character == "\n":
        return character
    if character in _SPACES:
        return " "
    if unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp") or re.match("[\ufe00-\ufe0f]", character):
        return ""  # controls, direction marks, joiners, variation selectors: nothing to be seen
    if typeface().has(character):
        return character
    plain = unicodedata.normalize("NFKC", character)
    if plain != character and all(map(typeface().has, plain)):
        return plain
    return _code(character)


def _code(character: str) -> str:
    return f"〔U+{ord(character):04X}〕"
