"""What a visitor takes home. You are here: a registered visit → **slip** → PDF bytes.

On a receipt printer's roll (80 mm, as long as it needs), or on A6 or A5; large print takes the roll or A4. It
names nobody who asked not to be named, and never says what the visit was about: pockets are emptied on
kitchen tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from channels.paper.breaking import Line, lines
from channels.paper.characters import one_line
from channels.paper.flow import MM, em
from channels.paper.sheet import ACCENT, INK, QUIET, Colour, Imprint, Sheet, fitted
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
    """One slip. ``language`` comes first, the other beneath it. ``paper``: receipt, a6, a5, a4."""

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
    leading: float = 1.0  # of the usual

    def tightened(self) -> Paper:
        """The same sheet with narrower margins, a smaller code and less air; no type gets smaller."""
        return replace(self, margin=max(4.5, self.margin * 0.65), qr=self.qr * 0.8, leading=0.9)


PAPERS: Mapping[str, Paper] = {
    "receipt": Paper(80, None, 5, 9, 32),
    "a6": Paper(105, 148, 7, 8.5, 26),
    "a5": Paper(148, 210, 12, 11, 36),
    "a4": Paper(210, 297, 20, 14, 42),
}
LARGE_PAPERS = ("receipt", "a4")
"""What large print has room on; the smaller sheets become A4."""
_LARGE = 16.0


def slip_pdf(slip: Slip) -> bytes:
    """The slip as a PDF file; what does not fit on one sheet goes on to the next."""
    paper = PAPERS["a4" if slip.large and slip.paper not in LARGE_PAPERS else slip.paper]
    items = list(_items(slip, paper))
    if paper.height and not _on_one_sheet(items, paper):
        tight = paper.tightened()
        squeezed = list(_items(slip, tight))
        if _on_one_sheet(squeezed, tight):
            paper, items = tight, squeezed
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


def _on_one_sheet(items: Sequence[_Item], paper: Paper) -> bool:
    return 2 * paper.margin + sum(item.height for item in items) <= (paper.height or 0) + 0.01


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
        return max(self.side, sum(row.height for row in self.rows)) + 3

    def draw(self, sheet: Sheet, paper: Paper, top: float) -> None:
        sheet.qr(self.address, paper.margin, top + 1, self.side)
        for row in self.rows:
            row.draw(sheet, paper, top)
            top += row.height


@dataclass(frozen=True, slots=True)
class _Group:
    """Rows that no page's end parts, with a little air above."""

    rows: tuple[_Row | _Group, ...]
    air: float

    @property
    def height(self) -> float:
        return self.air + sum(row.height for row in self.rows)

    def draw(self, sheet: Sheet, paper: Paper, top: float) -> None:
        top += self.air
        for row in self.rows:
            row.draw(sheet, paper, top)
            top += row.height


_Item = _Row | _Rule | _Code | _Group


class _Setting:
    """How one slip is set: its two languages, its sizes, its width."""

    def __init__(self, slip: Slip, paper: Paper) -> None:
        self.first = slip.language
        self.second = "zh-Hans" if slip.language == "en" else "en"
        self.size = max(paper.body, _LARGE) if slip.large else paper.body
        self.small = _LARGE if slip.large else self.size * 0.86
        self.width = paper.width - 2 * paper.margin
        self.leading = paper.leading

    def row(
        self, text: str, *, size: float = 0.0, second: bool = False, bold: bool = False, colour: Colour = INK
    ) -> Iterator[_Row]:
        """``text`` in lines; ``second``: the smaller one of the two languages."""
        language = self.second if second else self.first
        points = size or (self.small if second else self.size)
        text = one_line(text)
        shade = QUIET if second else colour
        return _rows(text, language, points, self.width, bold=bold, colour=shade, spread=self.leading)

    def both(self, text: Text, *, bold: bool = False) -> _Group:
        """A sentence in both languages."""
        rows = [*self.row(say(text, self.first), bold=bold), *self.row(say(text, self.second), second=True)]
        return _Group(tuple(rows), self.size * 0.1)

    def label(self, text: Text) -> _Group:
        """What the large figures beneath are."""
        words = f"{say(text, self.first)}  {say(text, self.second)}"
        return _Group(tuple(self.row(words, size=self.small, colour=QUIET)), self.size * 0.13)


def _items(slip: Slip, paper: Paper) -> Iterator[_Item]:
    """From top to bottom."""
    to = _Setting(slip, paper)
    yield from _head(slip, to)
    yield to.label(REFERENCE)
    reference = one_line(slip.reference)
    yield from to.row(reference, size=fitted(reference, to.width, to.size * 2.6, to.size), bold=True)
    if slip.code:
        yield to.label(CODE)
        yield from to.row(slip.code, size=to.size * 1.9, bold=True)
    if slip.tracking_url:
        yield _beside(slip.tracking_url, paper, to)
    yield _Rule(to.size * 0.3)
    if slip.steps:
        heading = f"{say(NEXT, to.first)}  {say(NEXT, to.second)}"
        yield from to.row(heading, size=to.size * 1.1, bold=True, colour=ACCENT)
        for step in slip.steps:
            yield to.both(Text(f"{step.when.zh}：{step.what.zh}", f"{step.when.en}: {step.what.en}"))
        yield _Rule(to.size * 0.3)
    yield _Group(tuple(_last_words(slip, to)), 0.0)


def _last_words(slip: Slip, to: _Setting) -> Iterator[_Row | _Group]:
    """Whom to ask, and what to keep to oneself: together, so that no sheet holds the warning alone."""
    yield to.both(CALL)
    yield from to.row(slip.letterhead.telephone, bold=True)
    yield from to.row(say(slip.letterhead.postal, to.first), size=to.small, colour=QUIET)
    if slip.code:
        yield _Group((to.both(KEEP),), to.size * 0.12)


def _head(slip: Slip, to: _Setting) -> Iterator[_Item]:
    """The office, the day, and who came if that may be said."""
    if slip.copy > 0:
        yield from to.row(f"〔{reprint(slip.copy)}〕", bold=True)
    office = slip.letterhead.name
    yield from to.row(say(office, to.first), size=to.size * 1.2, bold=True, colour=ACCENT)
    yield from to.row(say(office, to.second), second=True)
    yield _Rule(to.size * 0.3)
    yield from to.row(f"{say(SLIP, to.first)}  {say(SLIP, to.second)}  {day(slip.date, to.first)}")
    if slip.name and not slip.anonymous and not slip.confidential:
        yield from to.row(slip.name)


def _beside(address: str, paper: Paper, to: _Setting) -> _Code:
    left = paper.qr + 5
    room = to.width - left
    words = [
        *_rows(say(SLIP_SCAN, to.first), to.first, to.size, room, indent=left, spread=to.leading),
        *_rows(
            say(SLIP_SCAN, to.second),
            to.second,
            to.small,
            room,
            indent=left,
            colour=QUIET,
            spread=to.leading,
        ),
    ]
    return _Code(address, paper.qr, tuple(words))


def _rows(
    text: str,
    language: str,
    size: float,
    width: float,
    *,
    bold: bool = False,
    colour: Colour = INK,
    indent: float = 0.0,
    spread: float = 1.0,
) -> Iterator[_Row]:
    leading = (1.28 if is_latin(language) else 1.38) * spread
    for line in lines(text, em(width, size), latin=is_latin(language)):
        yield _Row(line, size, size * leading / MM, bold, colour, indent)
