"""Where which envelope has its window. You are here: a letter's look → **envelopes** → where things stand.

All lengths are millimetres from the sheet's upper left corner (A4). What the window may show is more than the
place for the address: the sheet slides inside the envelope, so nothing else stands there.

``din``: DIN 5008:2020 form B (address field 20–105 × 45–90, folds at 105 and 210) for DIN 680 envelopes DL
(220 × 110) and C6/5 (229 × 114) with the window 90 × 45, 20 from the left and 15 from the bottom. The sheet
may lie up to 19 to the right and 9 lower: what is seen in any position is 20–91 × 54–90 of the sheet.

``gb``: GB/T 22585-2008 (透明窗口信封; GB/T 1416 leaves these to it), domestic, size DL 220 × 110, window
100 × 40, 25 ± 2 from the left and 30 ± 1.5 from the top. The sheet is folded in three (99 high), so it may
lie up to 11 lower and 10 to the right: what is seen in any position is 27–113 × 32–58 of the sheet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rectangle:
    """Edges in millimetres from the upper left corner."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Right minus left."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Bottom minus top."""
        return self.bottom - self.top


@dataclass(frozen=True, slots=True)
class Envelope:
    """``window``: always seen. ``shown``: may be seen; holds nothing but the address and ``return_line``.

    ``head``: where the office's name begins; ``facts_top``: the block at the right; ``body_top``: the text.
    """

    window: Rectangle
    address: Rectangle
    shown: Rectangle
    return_line: float | None  # baseline of the sender's line in the window
    head: float
    facts_top: float
    body_top: float
    folds: tuple[float, ...]
    hole: float


ENVELOPES: Mapping[str, Envelope] = {
    "din": Envelope(
        window=Rectangle(20, 45, 105, 90),
        address=Rectangle(25, 60.5, 91, 89.5),
        shown=Rectangle(1, 45, 115, 99),
        return_line=57.5,
        head=13,
        facts_top=47,
        body_top=103.5,
        folds=(105, 210),
        hole=148.5,
    ),
    "gb": Envelope(
        window=Rectangle(27, 32, 113, 58),
        address=Rectangle(28, 33, 112, 57.5),
        shown=Rectangle(13, 17, 129, 72),
        return_line=None,  # a Chinese envelope bears its sender at the lower right
        head=5,
        facts_top=33,
        body_top=88,
        folds=(99, 198),
        hole=148.5,
    ),
}
