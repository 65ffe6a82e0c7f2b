"""You are here: intake → routing → *one spelling for many* → lexicon → rules.

People write 燃氣洩漏, 燃气 泄漏, ＧＡＳ ＬＥＡＫ and "Gas leak". Rules are written once: in
simplified characters and lower-case English. This module brings text and keywords alike to that
one form, so that both sides meet.
"""

from __future__ import annotations

import re
import unicodedata

from intake.simplified import simplified

MAXIMUM_SUBJECT = 400
MAXIMUM_BODY = 20_000
"""Characters of a message that routing looks at; what a person complains about is said before that."""

_LATIN_WORD = re.compile(r"([a-z0-9]+(?:'[a-z]+)?)")
_SPACES = re.compile(r"[ \t\r\n\f\v\-_/\u200b-\u200f\ufeff\u00ad]+")
_CJK = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_SPACE_WITHIN_CHINESE = re.compile(f"(?<=[{_CJK}]) (?=[{_CJK}])")


# Full-width ASCII is NFKC's commonest work in Chinese mail; in the table it costs a sixth.
_FULL_WIDTH = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_LEVEL = {**simplified(), **_FULL_WIDTH, 0x3000: " ", 0x2019: "'"}
_UNUSUAL = re.compile("[^\x00-\x7f\u2010-\u2026\u3000-\u303f\u3400-\u4dbf\u4e00-\u9fff\uff01-\uff5e]")


def normalise(text: str) -> str:
    """``text`` in the form rules are matched in. Total: works for any string, in linear time.

    NFKC (full width → half width), case folded, traditional → simplified, white space between
    Chinese characters dropped, and every Latin word set between single spaces, so that a keyword
    normalised the same way (" bus ") never matches inside another word ("business").
    """
    if not text.isascii():
        if _UNUSUAL.search(text):
            text = unicodedata.normalize("NFKC", text)
        text = text.translate(_LEVEL)
    text = text.casefold()
    # Splitting at a captured word and joining by spaces sets each word apart, all of it in C.
    text = _SPACES.sub(" ", " ".join(_LATIN_WORD.split(text)))
    return _SPACE_WITHIN_CHINESE.sub("", text)


def normalise_keyword(keyword: str) -> str:
    """A keyword as it is looked for. A trailing ``*`` lets a Latin word end in any way."""
    if keyword.endswith("*"):
        return normalise(keyword[:-1]).rstrip(" ")
    return normalise(keyword)
