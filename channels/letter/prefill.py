"""The text the desk begins with: scanned lines put together into paragraphs, as the writer meant them.

You are here: ``letter_page.lines`` → [prefill] → the text area of the letter desk.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from intake.contracts import Json

_SHORT = 0.12
"""A line that ends this much of the text's width before the right edge ends its paragraph."""
_INDENTED = 1.2
"""A line that begins this many line heights after the left edge begins one."""
_FAR = 1.2
"""More than this many line heights of empty paper above begin one, too."""


def text_of(pages: Sequence[Sequence[Json]]) -> str:
    """All lines of all pages; paragraphs are parted by a line's end, pages by an empty line."""
    return "\n\n".join(part for part in (_page(lines) for lines in pages) if part)


def _page(lines: Sequence[Json]) -> str:
    kept = [line for line in lines if line["text"].strip()]
    if not kept:
        return ""
    left = min(line["box"]["x"] for line in kept)
    right = max(line["box"]["x"] + line["box"]["w"] for line in kept)
    text = str(kept[0]["text"]).strip()
    for one, next_one in pairwise(kept):
        glue = "\n" if _parted(one, next_one, left, right) else _glue(text, next_one["text"])
        text += glue + next_one["text"].strip()
    return text


def _parted(one: Json, next_one: Json, left: float, right: float) -> bool:
    x, y, width, height = (one["box"][side] for side in "xywh")
    next_x, next_y = next_one["box"]["x"], next_one["box"]["y"]
    ends_early = x + width < right - _SHORT * (right - left)
    far_below = next_y - (y + height) > _FAR * height
    page_ratio = 1.41  # a box's height is a share of the page's height, its place a share of its width
    indented = next_x - left > _INDENTED * height * page_ratio
    return bool(ends_early or far_below or indented or next_y < y)


def _glue(before: str, after: str) -> str:
    """Nothing between Chinese characters; a space where words of letters or figures meet."""
    ends, begins = before[-1:], after.lstrip()[:1]
    return " " if ends.isascii() and begins.isascii() and ends not in "-/ " else ""
