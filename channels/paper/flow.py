"""A text in lines, and lines on pages. You are here: text → **flow** → pages of lines.

Empty lines part paragraphs, a line's leading spaces set it in (as the letters' templates do). A page does not
end with the first line of a paragraph nor begin with its last, where the paragraph is long enough for that. A
last page holds more than a signature.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from channels.paper.breaking import Line, lines
from channels.paper.typeface import EM

MM = 72 / 25.4
"""Points in a millimetre."""
_INDENT = 7.0  # mm
_BETWEEN_PARAGRAPHS = 0.55  # of a line
_SHORT_LINES = 8
"""More of them in a row are a list, which may be parted anywhere."""
_SIGNATURE_LINES = 3
_COMPANY = 2
"""Lines of the text that go with a signature."""


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
    """The paragraphs of a printable ``text``; empty ones become space. Short lines in a row are one, as in a
    signature, so that no page's end parts one from the rest."""
    before, held = 0.0, None
    for written in text.strip("\n").split("\n"):
        words = written.strip()
        if not words:
            before = column.line_height * _BETWEEN_PARAGRAPHS
            continue
        indent = _INDENT if written.startswith("    ") else 0.0
        room = em(column.width - indent, column.size)
        set_in = tuple(lines(words, room, latin=column.latin, justify=not column.latin))
        if held and not before and len(set_in) == 1 and _takes_more(held, indent):
            held = replace(held, lines=held.lines + set_in)
            continue
        if held:
            yield held
        held, before = Paragraph(set_in, indent, before), 0.0
    if held:
        yield held


def _takes_more(held: Paragraph, indent: float) -> bool:
    return held.indent == indent and len(held.lines) < _SHORT_LINES and all(line.last for line in held.lines)


def em(millimetres: float, size: float) -> float:
    """A width in thousandths of the type size."""
    return millimetres * MM / size * EM


def millimetres(width: float, size: float) -> float:
    """The inverse of :func:`em`."""
    return width * size / MM / EM


def pages(text: Sequence[Paragraph], column: Column, first: float, other: float) -> list[list[Placed]]:
    """Lines by page; ``first`` and ``other``: the heights in millimetres of the first and of later pages."""
    filled = _filled(text, column, first, other)
    _keep_company(filled)
    return [_placed(page, text, column.line_height) for page in filled]


_Filled = list[list[tuple[int, Line]]]
"""For each page its lines, each with the place of its paragraph in the text."""


def _filled(text: Sequence[Paragraph], column: Column, first: float, other: float) -> _Filled:
    done: _Filled = [[]]
    height, top = first, 0.0
    step = column.line_height
    for place, paragraph in enumerate(text):
        rest = list(paragraph.lines)
        if done[-1]:
            top += paragraph.before
        while rest:
            fit = max(0, int((height - top) / step + 1e-9))
            if not done[-1]:
                fit = max(1, fit)  # a page that holds not even one line would never end
            take = _taken(len(rest), fit, may_wait=bool(done[-1]))
            done[-1] += [(place, line) for line in rest[:take]]
            top += take * step
            rest = rest[take:]
            if rest:
                done.append([])
                height, top = other, 0.0
    return done


def _keep_company(filled: _Filled) -> None:
    """A last page of a signature alone takes lines of the page before it, if that one can spare them."""
    if len(filled) < 2 or not 0 < len(filled[-1]) <= _SIGNATURE_LINES:
        return
    before, last = filled[-2:]
    if not before or before[-1][0] == last[0][0]:
        return  # it goes on with a paragraph, which is company
    keep = len(before) - _COMPANY
    if (
        keep > 0
        and before[keep - 1][0] == before[keep][0]
        and (keep < 2 or before[keep - 2][0] != before[keep][0])
    ):
        keep -= 1  # the first line alone
    if keep > 0:
        filled[-2:] = [before[:keep], before[keep:] + last]


def _placed(page: Sequence[tuple[int, Line]], text: Sequence[Paragraph], step: float) -> list[Placed]:
    """The lines at their heights; a paragraph's space above counts but at the page's upper edge."""
    done, top = [], 0.0
    for number, (place, line) in enumerate(page):
        if number and page[number - 1][0] != place:
            top += text[place].before
        done.append(Placed(line, text[place].indent, top))
        top += step
    return done


def _taken(count: int, fit: int, *, may_wait: bool) -> int:
    """How many of ``count`` lines go on this page, of which ``fit`` would."""
    if count <= fit:
        return count
    if fit == 1 and may_wait:
        return 0  # the first line alone
    if count - fit == 1 and fit >= 3:
        return fit - 1  # the last line alone
    if count - fit == 1 and may_wait:
        return 0
    return fit
