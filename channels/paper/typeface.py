"""The typeface of everything printed. You are here: characters → **typeface** → PDF.

One font for Chinese and Latin, embedded as the subset that a file uses. Its licence stands beside it, in
``fonts/``.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

FONT_FILE = Path(__file__).parent / "fonts" / "NotoSansSC_400Regular.ttf"
NAME = "HuiyinPaper"
EM = 1000
"""Widths are in thousandths of the type size."""


class Typeface:
    """Which characters can be printed and how wide they are; loaded once a process (11 MB, 0.1 s)."""

    def __init__(self, path: Path) -> None:
        from channels.paper.font import register  # 11 MB: only in a process that prints

        self._font = register(NAME, path)
        self._glyphs: dict[int, int] = self._font.face.charToGlyph
        self._widths: dict[int, float] = self._font.face.charWidths
        self._default: float = self._font.face.defaultWidth

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
