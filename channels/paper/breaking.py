"""Where a line may end, and how its characters stand. You are here: a paragraph → **breaking** → lines.

After 《中文排版需求》(W3C clreq) and GB/T 15834-2011: no closing mark begins a line and no opening mark
ends one (禁则); Latin words, numbers and references stay whole, and so do a telephone number's groups; a web
address may break after its punctuation; Chinese and Latin stand a little apart; two full-width marks that
meet, or one at a line's edge, give up half their width.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from channels.paper.typeface import EM, typeface

OPENING = frozenset("（《〈「『【〔〖“‘([{¥￥$£€＄")
CLOSING = frozenset("，。、；：？！）》〉」』】〕〗”’…—·,.;:?!)]}%‰℃％～ー々")
_GIVES_HALF_BEFORE = frozenset("（《〈「『【〔〖“‘")
_GIVES_HALF_AFTER = frozenset("，。、；：？！）》〉」』】〕〗”’")
_URL_BREAKS = frozenset("/?&=#.-_%:@,;")
_BETWEEN_SCRIPTS = EM // 7
_NARROW = {"“": (-570.0, 440.0), "‘": (-750.0, 260.0), "”": (0.0, 420.0), "’": (0.0, 250.0)}
"""Quotation marks among Latin letters: the font draws them full-width. Shift and advance."""
_TELEPHONE = re.compile(r"(?<![0-9])\+?[0-9]{1,4}(?:[ -][0-9]{2,4}){1,4}(?![0-9])")
"""Groups of figures as ``channels.wording.telephone`` writes them: who dials them reads one line."""
_MOST_STRETCH = EM * 0.22
"""Between two characters; a line that would need more stays ragged."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its text, and for each character its advance and its shift, in thousandths of the size."""

    text: str
    advances: tuple[float, ...]
    shifts: tuple[float, ...]
    last: bool  # of its paragraph

    @property
    def width(self) -> float:
        """In thousandths of the size."""
        return sum(self.advances)


def lines(text: str, width: float, *, latin: bool, justify: bool = False) -> list[Line]:
    """``text`` (printable, without line ends) in lines of at most ``width`` thousandths of the size.

    ``latin``: quotation marks are narrow. An empty text is one empty line. Linear in the text.
    """
    set_text = _Setting(text, latin)
    found, start = [], 0
    while True:
        end, after = set_text.line_end(start, width)
        line = set_text.line(start, end, last=after >= len(text))
        found.append(_stretched(line, width) if justify and not line.last else line)
        start = after
        if start >= len(text):
            return found


def wrapped(text: str, width: float) -> list[str]:
    """The bare texts of :func:`lines`, for what is short: addresses, a page's foot."""
    return [line.text for line in lines(text, width, latin=True)]


def filled(parts: Sequence[str], width: float, between: str) -> list[str]:
    """Parts that stay whole where they can, as many on each line as it holds."""
    found: list[str] = []
    for part in parts:
        joined = f"{found[-1]}{between}{part}" if found else part
        if found and len(wrapped(joined, width)) == 1:
            found[-1] = joined
        else:
            found += wrapped(part, width)
    return found


def may_break(before: str, after: str) -> bool:
    """Whether a line may end between two neighbours. A space ends a line; none begins one."""
    if after == " " or after in CLOSING:
        return False
    if before == " ":
        return True
    if before in OPENING:
        return False
    if _is_wide(before):
        return True
    if before in "”’":  # ambiguous: in Chinese they close, in English ’ may stand in a word
        return _is_wide(after)
    if before == "-":
        return False
    return _is_wide(after)


class _Setting:
    """One paragraph, measured."""

    def __init__(self, text: str, latin: bool) -> None:
        self.text = text
        self.shifts = [0.0] * len(text)
        self.advances = typeface().widths(text)
        self.gaps = [0.0] * len(text)
        for at in range(len(text)):
            self._place(at, latin)
        self._whole = frozenset(
            at for number in _TELEPHONE.finditer(text) for at in range(number.start() + 1, number.end())
        )
        self._upto = [0.0, *accumulate(a + g for a, g in zip(self.advances, self.gaps, strict=True))]

    def _place(self, at: int, latin: bool) -> None:
        text, here = self.text, self.text[at]
        before, after = text[at - 1 : at], text[at + 1 : at + 2]
        if here in _NARROW and _is_narrow(here, before, after, latin):
            self.shifts[at], self.advances[at] = _NARROW[here]
        elif here in _GIVES_HALF_AFTER and after and after in (_GIVES_HALF_AFTER | _GIVES_HALF_BEFORE):
            self.advances[at] = EM / 2
        elif here in _GIVES_HALF_BEFORE and before in _GIVES_HALF_BEFORE and before:
            self.shifts[at], self.advances[at] = -EM / 2, EM / 2
        if after and _apart(here, after):
            self.gaps[at] = _BETWEEN_SCRIPTS

    def line_end(self, start: int, width: float) -> tuple[int, int]:
        """Where the line from ``start`` ends, and where the next one begins (spaces between are dropped)."""
        text, size = self.text, len(self.text)
        strong = weak = -1
        limit = self._upto[start] + width + (EM / 2 if text[start : start + 1] in _HALF_AT_START else 0)
        for at in range(start, size):
            here = text[at]
            if at > start:
                if may_break(text[at - 1], here) and at not in self._whole:
                    strong = at
                elif at not in self._whole and text[at - 1] in _URL_BREAKS and here not in CLOSING:
                    weak = at
            used = self._upto[at] + self._advance_at_end(at)
            if used > limit and here != " ":
                end = strong if strong > start else weak if weak > start else max(at, start + 1)
                break
        else:
            return size, size
        after = end
        while after < size and text[after] == " ":
            after += 1
        return end, after

    def _advance_at_end(self, at: int) -> float:
        if self.text[at] in _GIVES_HALF_AFTER and self.advances[at] == EM:
            return EM / 2
        return self.advances[at]

    def line(self, start: int, end: int, *, last: bool) -> Line:
        while end > start and self.text[end - 1] == " ":
            end -= 1
        advances = [a + g for a, g in zip(self.advances[start:end], self.gaps[start:end], strict=True)]
        shifts = self.shifts[start:end]
        if end > start:
            if self.text[start] in _HALF_AT_START and advances[0] == EM:
                shifts[0], advances[0] = -EM / 2, EM / 2
            advances[-1] = (
                self._advance_at_end(end - 1) if end - 1 > start else advances[-1] - self.gaps[end - 1]
            )
        return Line(self.text[start:end], tuple(advances), tuple(shifts), last)


_HALF_AT_START = _GIVES_HALF_BEFORE


def _stretched(line: Line, width: float) -> Line:
    """The line as wide as the column: what is missing goes between Chinese characters and into spaces."""
    text, slack = line.text, width - line.width
    gaps = [at for at in range(len(text) - 1) if _stretches(text[at], text[at + 1])]
    if slack <= 0 or not gaps or slack / len(gaps) > _MOST_STRETCH:
        return line
    advances = list(line.advances)
    for at in gaps:
        advances[at] += slack / len(gaps)
    return Line(text, tuple(advances), line.shifts, line.last)


def _stretches(here: str, after: str) -> bool:
    return here == " " or ((_is_wide(here) or _is_wide(after)) and after != " ")


def _is_narrow(quote: str, before: str, after: str, latin: bool) -> bool:
    inside = after if quote in "“‘" else before
    if latin:
        return not (inside and _is_wide(inside))
    return quote == "’" and before.isascii() and before.isalpha() and after.isascii() and after.isalpha()


def _apart(here: str, after: str) -> bool:
    return (_is_han(here) and after.isascii() and after.isalnum()) or (
        _is_han(after) and here.isascii() and (here.isalnum() or here == "%")
    )


def _is_han(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff" or character in "〇々" or character >= "\U00020000"


def _is_wide(character: str) -> bool:
    """Chinese characters, kana, and full-width marks."""
    return (
        "\u2e80" <= character <= "\ua4cf"
        or "\uac00" <= character <= "\ufaff"
        or ("\ufe30" <= character <= "\uffee" or character >= "\U0001f000" or character in "…—")
    )
