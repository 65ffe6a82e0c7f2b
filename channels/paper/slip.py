"""What a visitor takes home. You are here: a registered visit → **slip** → PDF bytes.

On a receipt printer's roll (80 mm, as long as it needs), or on A6 or A5; large print wants A5. It names nobody who
asked not to be named, and never says what the visit was about: pockets are emptied on kitchen tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from channels.paper.breaking import Line, lines
from channels.paper.characters import one_line
from channels.paper.flow import MM, em
from channels.paper.sheet import ACCENT, INK, QUIET, Colour, Imprint, Sheet, drawing, fitted
from channels.paper.words import (
    CALL,
    CODE,
    KEEP,
    NEXT,
    REFERENCE,
    SLIP,
    SLIP_SCAN,
    Letterhead,
    day,
    is_latin,
    reprint,
)
from channels.wording.languages import say
from intake.contracts import Text


@dataclass(frozen=True, slots=True)
class Step:
    """What happens, by when, in the office's words: 11月25日17:30前, 有人负责您的事."""

    when: Text
    what: Text


@dataclass(frozen=True, slots=True)
class Slip:
    """One slip. ``language`` comes first, the other beneath it. ``paper``: receipt, a6, a5."""

    letterhead: Letterhead
    reference: str
    code: str
    tracking_url: str
    date: date
    steps: tuple[Step, ...]
    name: str = ""
    anonymous: bool = False
    confidential: bool = False
    language: str = "zh-Hans"
    large: bool = False
    copy: int = 0
    paper: str = "a5"


@dataclass(frozen=True, slots=True)
class Paper:
    """Millimetres. ``height`` None: a roll, cut where the slip ends."""

    width: float
    height: float | None
    margin: float
    body: float  # points
    qr: float


PAPERS: Mapping[str, Paper] = {
    "receipt": Paper(80, None, 5, 9, 32),
    "a6": Paper(105, 148, 8, 8.5, 27),
    "a5": Paper(148, 210, 12, 11, 36),
}
_LARGE = 16.0


def slip_pdf(slip: Slip) -> bytes:
    """The slip as a PDF file; what does not fit on one sheet goes on to the next."""
    paper = PAPERS["a5" if slip.large and slip.paper == "a6" else slip.paper]
    with drawing():
        items = list(_items(slip, paper))
        height = paper.height or 2 * paper.margin + sum(item.height for item in items)
        title = f"{SLIP.zh} · {SLIP.en} · {slip.reference}"
        author = one_line(say(slip.letterhead.name, slip.language))
        sheet = Sheet(paper.width, height, Imprint(title, author, slip.language))
        y = paper.margin
        for item in items:
            if y + item.height > height - paper.margin + 0.01 and y > paper.margin:
                sheet.next_page()
                y = paper.margin
            item.draw(sheet, paper, y)
            y += item.height
        sheet.next_page()
        return sheet.bytes()


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of text, as high as ``height`` millimetres."""

    line: Line
    size: float
    height: float
    bold: bool = False
    colour: Colour = INK
    indent: float = 0.0

    def draw(self, sheet: Sheet, paper: Paper, top: float) -> None:
        baseline = top + (self.height + 0.76 * self.size / MM) / 2
        sheet.line(
            self.line, paper.margin + self.indent, baseline, self.size, bold=self.bold, colour=self.colour
        )


@dataclass(frozen=True, slots=True)
class _Rule:
    height: float

    def draw(self, sheet: Sheet, paper: Paper, top: float) -> None:
        middle = top + self.height / 2
        sheet.rule(paper.margin, middle, paper.width - paper.margin, middle)


@dataclass(frozen=True, slots=True)
class _Code:
    """The QR code with words beside it."""

    address: str
    side: float
    rows: tuple[_Row, ...]

    @property
    def height(self) -> float:
        return max(self.side, sum(row.height for row in self.rows)) + 2

    def draw(self, sheet: Sheet, paper: Paper, top: float) -> None:
        sheet.qr(self.address, paper.margin, top + 1, self.side)
        for row in self.rows:
            row.draw(sheet, paper, top)
            top += row.height


_Item = _Row | _Rule | _Code


def _items(slip: Slip, paper: Paper) -> Iterator[_Item]:
    """From top to bottom."""
    first, second = (slip.language, "zh-Hans") if slip.language == "en" else (slip.language, "en")
    size = max(paper.body, 18.0) if slip.large else paper.body
    small = _LARGE if slip.large else size * 0.86
    width = paper.width - 2 * paper.margin

    def rows(text: str, language: str, points: float, *, bold: bool = False, quiet: bool = False) -> Iterator[_Row]:
        yield from _rows(text, language, points, width, bold=bold, colour=QUIET if quiet else INK)

    def both(text: Text, *, bold: bool = False) -> Iterator[_Row]:
        yield from rows(say(text, first), first, size, bold=bold)
        yield from rows(say(text, second), second, small, quiet=True)

    if slip.copy > 0:
        yield from rows(f"〔{reprint(slip.copy)}〕", "en", size, bold=True)
    yield from _rows(
        one_line(say(slip.letterhead.name, first)), first, size * 1.2, width, bold=True, colour=ACCENT
    )
    yield from rows(one_line(say(slip.letterhead.name, second)), second, small, quiet=True)
    yield _Rule(size * 0.5)
    yield from rows(f"{say(SLIP, first)}  {say(SLIP, second)}  {day(slip.date, first)}", first, size)
    if slip.name and not slip.anonymous and not slip.confidential:
        yield from rows(one_line(slip.name), first, size)
    yield from rows(f"{say(REFERENCE, first)} {say(REFERENCE, second)}", first, small, quiet=True)
    reference = one_line(slip.reference)
    yield from rows(reference, "en", fitted(reference, width, size * 2.6, size), bold=True)
    if slip.code:
        yield from rows(f"{say(CODE, first)} {say(CODE, second)}", first, small, quiet=True)
        yield from rows(one_line(slip.code), "en", size * 1.9, bold=True)
    if slip.tracking_url:
        yield _beside(slip, paper, first, second, size, small)
    yield _Rule(size * 0.5)
    if slip.steps:
        yield from both(NEXT, bold=True)
        for step in slip.steps:
            yield from rows(one_line(f"{say(step.when, first)}  {say(step.what, first)}"), first, size)
            yield from rows(
                one_line(f"{say(step.when, second)}  {say(step.what, second)}"), second, small, quiet=True
            )
        yield _Rule(size * 0.5)
    phone = one_line(slip.letterhead.phone)
    yield from both(Text(f"{CALL.zh} {phone}", f"{CALL.en} {phone}"))
    yield from rows(one_line(say(slip.letterhead.postal, first)), first, small, quiet=True)
    if slip.code:
        yield from both(KEEP)


def _beside(slip: Slip, paper: Paper, first: str, second: str, size: float, small: float) -> _Code:
    left = paper.qr + 4
    room = paper.width - 2 * paper.margin - left
    words = [
        *_rows(say(SLIP_SCAN, first), first, size, room, indent=left),
        *_rows(say(SLIP_SCAN, second), second, small, room, indent=left, colour=QUIET),
    ]
    return _Code(slip.tracking_url, paper.qr, tuple(words))


def _rows(
    text: str,
    language: str,
    size: float,
    width: float,
    *,
    bold: bool = False,
    colour: Colour = INK,
    indent: float = 0.0,
) -> Iterator[_Row]:
    leading = 1.3 if is_latin(language) else 1.42
    for line in lines(text, em(width, size), latin=is_latin(language)):
        yield _Row(line, size, size * leading / MM, bold, colour, indent)
