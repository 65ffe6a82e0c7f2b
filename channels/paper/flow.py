"""A text in lines, and lines on pages. You are here: text → **flow** → pages of lines.

Empty lines part paragraphs, a line's leading spaces set it in (as the letters' templates do). A page does not
end with the first line of a paragraph nor begin with its last, where the paragraph is long enough for that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from channels.paper.breaking import Line, lines
from channels.paper.typeface import EM

MM = 72 / 25.4
"""Points in a millimetre."""
_INDENT = 7.0  # mm
_BETWEEN_PARAGRAPHS = 0.55  # of a line


@dataclass(frozen=True, slots=True)
class Column:
    """How a text is set: millimetres wide, type size and leading in points."""

    width: float
    size: float
    leading: float
    latin: bool

    @property
    def line_height(self) -> float:
        """Millimetres from line to line."""
        return self.leading / MM


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines that belong together; ``before`` is the space above them, in millimetres."""

    lines: tuple[Line, ...]
    indent: float
    before: float


@dataclass(frozen=True, slots=True)
class Placed:
    """A line on its page: ``top`` is the upper edge of its line box, in millimetres from the page's frame."""

    line: Line
    indent: float
    top: float


def paragraphs(text: str, column: Column) -> Iterator[Paragraph]:
    """The paragraphs of a printable ``text``; empty ones become space."""
    before = 0.0
    for written in text.strip("\n").split("\n"):
        words = written.strip()
        if not words:
            before = column.line_height * _BETWEEN_PARAGRAPHS
            continue
        indent = _INDENT if written.startswith("    ") else 0.0
        set_in = lines(
            words, em(column.width - indent, column.size), latin=column.latin, justify=not column.latin
        )
        yield Paragraph(tuple(set_in), indent, before)
        before = 0.0


def em(millimetres: float, size: float) -> float:
    """A width in thousandths of the type size."""
    return millimetres * MM / size * EM


def millimetres(width: float, size: float) -> float:
    """The inverse of :func:`em`."""
    return width * size / MM / EM


def pages(text: Sequence[Paragraph], column: Column, first: float, other: float) -> list[list[Placed]]:
    """Lines by page; ``first`` and ``other``: the heights in millimetres of the first and of later pages."""
    done: list[list[Placed]] = [[]]
    height, top = first, 0.0
    step = column.line_height
    for paragraph in text:
        rest = list(paragraph.lines)
        if done[-1]:
            top += paragraph.before
        while rest:
            fit = max(0, int((height - top) / step + 1e-9))
            if not done[-1]:
                fit = max(1, fit)  # a page that holds not even one line would never end
            take = _taken(len(rest), fit, may_wait=bool(done[-1]))
            for line in rest[:take]:
                done[-1].append(Placed(line, paragraph.indent, top))
                top += step
            rest = rest[take:]
            if rest:
                done.append([])
                height, top = other, 0.0
    return done


def _taken(count: int, fit: int, *, may_wait: bool) -> int:
    """How many of ``count`` lines go on this page, of which ``fit`` would."""
    if count <= fit:
        return count
    if fit == 1 and may_wait:
        return 0  # the first line alone
    if count - fit == 1 and fit >= 3:
        return fit - 1  # the last line alone
    return fit
