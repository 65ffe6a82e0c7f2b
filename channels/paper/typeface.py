"""The typeface of everything printed. You are here: characters → **typeface** → PDF.

One font for Chinese and Latin, embedded as the subset that a file uses. Its licence stands beside it, in
``fonts/``.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FONT_FILE = Path(__file__).parent / "fonts" / "NotoSansSC_400Regular.ttf"
NAME = "HuiyinPaper"
EM = 1000
"""Widths are in thousandths of the type size."""


class Typeface:
    """Which characters can be printed and how wide they are; loaded once a process (11 MB, 0.1 s)."""

    def __init__(self, path: Path) -> None:
        self._font = _ReadableFont(NAME, str(path), asciiReadable=False, shapable=False)
        self._glyphs: dict[int, int] = self._font.face.charToGlyph
        self._widths: dict[int, float] = self._font.face.charWidths
        self._default: float = self._font.face.defaultWidth
        pdfmetrics.registerFont(self._font)

    def has(self, character: str) -> bool:
        """Whether this one character can be printed."""
        return ord(character) in self._glyphs

    def widths(self, text: str) -> list[float]:
        """The natural advance of each character of ``text``, in thousandths of the size."""
        known, default = self._widths, self._default
        return [known.get(code, default) for code in map(ord, text)]


@lru_cache(maxsize=1)
def typeface() -> Typeface:
    """The typeface, read at the first letter."""
    return Typeface(FONT_FILE)


class _ReadableFont(TTFont):
    """A font whose text can be copied out of the file again, beyond the Basic Multilingual Plane too.

    ReportLab 5.1 writes U+2CB4E as five hex digits where UTF-16 is due (ISO 32000-1, 9.10.3), and more than
    100 rows in one ``bfchar`` (ibid., and Adobe technical note 5411).
    """

    def addObjects(self, doc: Any) -> None:
        """Write the fonts of ``doc``, then put right what tells a reader their characters."""
        subsets = [list(subset) for subset in self.state[doc].subsets]
        names = [self.getSubsetInternalName(number, doc)[1:] for number in range(len(subsets))]
        super().addObjects(doc)
        fonts = doc.idToObject["BasicFonts"].dict
        for name, subset in zip(names, subsets, strict=True):
            stream = doc.idToObject[fonts[name].ToUnicode.name]
            stream.content = to_unicode(subset)


def to_unicode(characters: Sequence[int]) -> str:
    """The CMap that tells which characters the one-byte codes 0, 1, 2 … stand for."""
    rows = [f"<{code:02X}> <{_utf16(character)}>" for code, character in enumerate(characters)]
    blocks = [rows[start : start + 100] for start in range(0, len(rows), 100)]
    return "\n".join(
        [
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
            "/CMapName /Adobe-Identity-UCS def /CMapType 2 def",
            "1 begincodespacerange <00> <FF> endcodespacerange",
            *("\n".join([f"{len(block)} beginbfchar", *block, "endbfchar"]) for block in blocks),
            "endcmap CMapName currentdict /CMap defineresource pop end end",
        ]
    )


def _utf16(character: int) -> str:
    return chr(character or 0xFFFD).encode("utf-16-be").hex().upper()
