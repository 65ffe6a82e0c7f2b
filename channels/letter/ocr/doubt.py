"""Which characters of a line want a second look. You are here: lines → [doubt] → page. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from channels.letter.ocr.page import Span

UNSURE = 0.85
"""Confidence below which a character is doubtful; see docs of the benchmark for how many errors that marks."""
_WORD = re.compile(r"[0-9A-Za-z@][0-9A-Za-z@._/'’+-]*")


def spans(text: str, confidences: Sequence[float]) -> tuple[Span, ...]:
    """Doubtful characters of ``text``; of a Latin word or a number the whole, of Chinese the character."""
    doubtful = [value < UNSURE and not sign.isspace() for sign, value in zip(text, confidences, strict=True)]
    for word in _WORD.finditer(text):
        if any(doubtful[word.start() : word.end()]):
            doubtful[word.start() : word.end()] = [True] * (word.end() - word.start())
    found: list[Span] = []
    for place, unsure in enumerate(doubtful):
        if unsure and found and found[-1].end == place:
            found[-1] = Span(found[-1].start, place + 1)
        elif unsure:
            found.append(Span(place, place + 1))
    return tuple(found)
