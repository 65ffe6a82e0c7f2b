"""Drawing on paper, in millimetres from the upper left corner. You are here: lines → **sheet** → PDF."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import segno

from channels.paper.breaking import Line, lines
from channels.paper.flow import MM, em, millimetres
from channels.paper.typeface import EM, NAME, typeface

INK = (0.10, 0.11, 0.13)
QUIET = (0.36, 0.38, 0.42)
ACCENT = (0.09, 0.27, 0.42)
_BOLD = 0.032
"""A heavier stroke around each character, of the size: one font serves for headings too."""
_ONE_AT_A_TIME = threading.Lock()
"""ReportLab cuts subsets out of a font with one reading position, so files are finished one by one."""

Colour = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Imprint:
    """What a reader of the file is told: title and author, and the language for who has it read aloud."""

    title: str
    author: str
    language: str


class Sheet:
    """One PDF file in the making; another thread may make another one."""

    def __init__(self, width: float, height: float, imprint: Imprint) -> None:
        self._to = io.BytesIO()
        self.width, self.height = width, height
        from reportlab.pdfgen.canvas import Canvas  # 11 MB: only in a process that prints

        typeface()
        canvas = self._canvas = Canvas(
            self._to,
            pagesize=(width * MM, height * MM),
            pageCompression=1,
            invariant=1,  # the same letter, the same bytes
            lang=imprint.language,
            initialFontName=NAME,  # type: ignore[arg-type]  # the stubs call it a number
        )
        canvas.setTitle(imprint.title)
        canvas.setAuthor(imprint.author)
        canvas.setSubject("")
        canvas.setCreator("Huiyin 回音")
        canvas.setViewerPreference("DisplayDocTitle", "true")
        self.pages = 0

    def text(
        self,
        text: str,
        x: float,
        baseline: float,
        size: float,
        *,
        bold: bool = False,
        colour: Colour = INK,
        right: bool = False,
        centre: bool = False,
        latin: bool = True,
    ) -> float:
        """One printable line at ``x``, or ending or centred there; gives its width in millimetres."""
        if not text:
            return 0.0
        (line,) = lines(text, 1e12, latin=latin)
        wide = millimetres(line.width, size)
        left = x - wide if right else x - wide / 2 if centre else x
        self.line(line, left, baseline, size, bold=bold, colour=colour)
        return wide

    def line(
        self, line: Line, x: float, baseline: float, size: float, *, bold: bool = False, colour: Colour = INK
    ) -> None:
        """A line as it was set."""
        pen = self._canvas.beginText()
        pen.setFont(NAME, size)
        pen.setFillColorRGB(*colour)
        if bold:
            pen.setTextRenderMode(2)
            pen.setStrokeColorRGB(*colour)
            self._canvas.setLineWidth(_BOLD * size)
        for left, text, extra in _runs(line):
            pen.setTextOrigin(x * MM + left * size / EM, (self.height - baseline) * MM)
            pen.setCharSpace(extra * size / EM)
            pen.textOut(text)
        if bold:
            pen.setTextRenderMode(0)
        pen.setCharSpace(0)
        self._canvas.drawText(pen)

    def rule(
        self, x: float, y: float, to_x: float, to_y: float, width: float = 0.2, colour: Colour = QUIET
    ) -> None:
        """A straight line, ``width`` in millimetres."""
        canvas = self._canvas
        canvas.setStrokeColorRGB(*colour)
        canvas.setLineWidth(width * MM)
        canvas.line(x * MM, (self.height - y) * MM, to_x * MM, (self.height - to_y) * MM)

    def frame(self, x: float, y: float, width: float, height: float, line: float = 0.3) -> None:
        """An empty rectangle."""
        canvas = self._canvas
        canvas.setStrokeColorRGB(*INK)
        canvas.setLineWidth(line * MM)
        canvas.rect(x * MM, (self.height - y - height) * MM, width * MM, height * MM)

    def qr(self, address: str, x: float, y: float, side: float) -> None:
        """``address`` as a QR code (ISO/IEC 18004, level M), ``side`` millimetres without its quiet zone.

        Raises ``ValueError`` when it is too long to be read from paper.
        """
        if len(address) > LONGEST_ADDRESS:
            raise ValueError(f"the tracking address has {len(address)} characters; {LONGEST_ADDRESS} fit")
        rows = [list(row) for row in segno.make_qr(address, error="m").matrix]
        module = side / len(rows) * MM
        canvas, path = self._canvas, self._canvas.beginPath()
        for number, row in enumerate(rows):
            at = 0
            for dark, run in groupby(row):
                length = len(list(run))
                if dark:
                    below = (self.height - y) * MM - (number + 1) * module
                    path.rect(x * MM + at * module, below, length * module, module)
                at += length
        canvas.setFillColorRGB(0, 0, 0)
        canvas.drawPath(path, stroke=0, fill=1)

    def next_page(self) -> None:
        """End this page."""
        self._canvas.showPage()
        self.pages += 1

    def bytes(self) -> bytes:
        """The file; nothing can be drawn after."""
        with _ONE_AT_A_TIME:
            self._canvas.save()
        return self._to.getvalue()


LONGEST_ADDRESS = 400
"""Of a web address in a QR code."""


def fitted(text: str, width: float, largest: float, smallest: float) -> float:
    """The type size in points at which ``text`` is one line of ``width`` millimetres, within limits."""
    (line,) = lines(text, 1e12, latin=True)
    return max(smallest, min(largest, largest * em(width, largest) / max(line.width, 1)))


def _runs(line: Line) -> Iterator[tuple[float, str, float]]:
    """(left edge, text, space after each character): as few pieces as the line's spacing allows."""
    natural = typeface().widths(line.text)
    left = begun = 0.0
    text, extra = "", 0.0
    for at, character in enumerate(line.text):
        more = line.advances[at] - natural[at]
        shift = line.shifts[at]
        if text and (shift or abs(more - extra) > 0.5):
            yield begun, text, extra
            text = ""
        if not text:
            begun, extra = left + shift, more - shift
        text += character
        left += line.advances[at]
    if text:
        yield begun, text, extra
