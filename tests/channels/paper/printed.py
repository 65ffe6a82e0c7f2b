"""A PDF as it lies on the table: where each character stands, in millimetres from the upper left corner."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

import pypdfium2
import pypdfium2.raw as pdfium
import zxingcpp

from channels.paper.envelopes import Rectangle

MM = 72 / 25.4
T = TypeVar("T")


@dataclass(frozen=True)
class Ink:
    """One character."""

    character: str
    left: float
    top: float
    right: float
    bottom: float
    size: float  # points

    def within(self, place: Rectangle) -> bool:
        return (
            place.left <= self.left
            and place.top <= self.top
            and self.right <= place.right
            and self.bottom <= place.bottom
        )

    def touches(self, place: Rectangle) -> bool:
        return (
            self.left < place.right
            and place.left < self.right
            and self.top < place.bottom
            and place.top < self.bottom
        )


@dataclass(frozen=True)
class Page:
    """One page: its size in millimetres and what stands on it."""

    width: float
    height: float
    text: str
    ink: tuple[Ink, ...]

    def spot(self, words: str) -> tuple[Ink, ...]:
        """The first place where ``words`` stand, line ends and spaces aside."""
        characters = "".join(ink.character for ink in self.ink)
        at = characters.index("".join(words.split()))
        return self.ink[at : at + len("".join(words.split()))]


def read(file: bytes) -> list[Page]:
    """All pages."""
    return _with(file, lambda document: [_page(page) for page in document])


def everything(pages: Iterable[Page]) -> str:
    """All characters, without spaces and line ends."""
    return "".join("".join(page.text.split()) for page in pages)


def qr_codes(file: bytes, page: int = 0) -> list[str]:
    """What a camera reads on the page at 200 dots an inch."""

    def look(document: pypdfium2.PdfDocument) -> list[str]:
        picture = document[page].render(scale=200 / 72).to_pil().convert("L")
        return [found.text for found in zxingcpp.read_barcodes(picture)]

    return _with(file, look)


def facts(file: bytes) -> dict[str, str]:
    """Title, author, language."""
    found = _with(file, lambda document: document.get_metadata_dict())
    return {key: str(value) for key, value in found.items()}


def _with(file: bytes, work: Callable[[pypdfium2.PdfDocument], T]) -> T:
    document = pypdfium2.PdfDocument(file)
    try:
        return work(document)
    finally:
        document.close()


def _page(page: pypdfium2.PdfPage) -> Page:
    width, height = page.get_size()
    words = page.get_textpage()
    text = words.get_text_range()
    ink = []
    for at in range(words.count_chars()):
        code = pdfium.FPDFText_GetUnicode(words.raw, at)
        if chr(code).isspace() or code == 0:
            continue
        left, bottom, right, top = words.get_charbox(at)
        size = pdfium.FPDFText_GetFontSize(words.raw, at)
        ink.append(Ink(chr(code), left / MM, (height - top) / MM, right / MM, (height - bottom) / MM, size))
    words.close()
    return Page(width / MM, height / MM, text, tuple(ink))
