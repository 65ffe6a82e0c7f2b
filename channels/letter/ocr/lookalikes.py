"""Signs that look alike on paper are told apart by their neighbours.

You are here: punctuation → [lookalikes] → lines. Pure. Each sign is replaced by exactly one other, and what
was replaced by guess is marked doubtful.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from channels.letter.ocr.doubt import UNSURE

_GUESSED = UNSURE - 0.35
_NUMERALS = "一二三四五六七八九十〇"
_ROUND = re.compile(f"(?<=[{_NUMERALS}○])[○O0]|[○O0](?=[{_NUMERALS}○])")
_ONE_IN_WORD = re.compile("(?<=[a-z])1+(?=[a-z])|(?<=\\bmai)1\\b|(?<=\\bemai)1\\b|(?<=\\bEmai)1\\b")
_ZERO_IN_WORD = re.compile("(?<=[a-z]{2})0(?=[a-z]{2})")
_OH_IN_NUMBER = re.compile("(?<=[0-9])[Oo](?=[0-9])")


def told_apart(text: str, confidences: Sequence[float]) -> tuple[str, tuple[float, ...]]:
    """``text`` and its confidences, both as long as before."""
    sure = list(confidences)
    text = _ROUND.sub("〇", text)  # 二○二六年: the zero of Chinese dates, whichever ring was meant
    for form, sign in ((_ONE_IN_WORD, "l"), (_ZERO_IN_WORD, "o"), (_OH_IN_NUMBER, "0")):
        for found in form.finditer(text):
            width = found.end() - found.start()
            text = text[: found.start()] + sign * width + text[found.end() :]
            sure[found.start() : found.end()] = [
                min(_GUESSED, value) for value in sure[found.start() : found.end()]
            ]
    return text, tuple(sure)
