"""The font as ReportLab embeds it. You are here: typeface → **font** → PDF."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont


def register(name: str, path: Path) -> TTFont:
    """Read the font at ``path``; sheets find it by ``name``."""
    font = ReadableFont(name, str(path), asciiReadable=False, shapable=False)
    pdfmetrics.registerFont(font)
    return font


class ReadableFont(TTFont):
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
