"""Puts pieces of print into lines and lines into reading order, columns included.

You are here: engine.read → [lines] → page. Pure. Pieces belong to one line when they overlap in height, not
when they begin at the same height: commas and brackets begin lower, headings higher.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

_SAME_LINE = 0.5
"""Overlap, as a share of the lower of two heights."""
_SPACE = 0.45
"""Gap, in heights, that shows as a space."""
_COLUMN_ROWS = 4
"""Rows that must stand side by side before they are columns: fewer may be a form."""
_COLUMN_WIDTH = 7.0
"""Usual width of a piece, in heights, from which on it is prose; a form has short words."""
_GUTTER = 0.8
"""Heights of paper between columns."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Print found and read at one place: pixels of the upright picture, a confidence for each character."""

    left: float
    top: float
    right: float
    bottom: float
    text: str
    confidences: tuple[float, ...]

    @property
    def height(self) -> float:
        """Pixels."""
        return self.bottom - self.top


def in_order(pieces: Iterable[Piece]) -> list[Piece]:
    """One piece a line, in reading order; the pieces of a line are joined, with spaces where there are gaps."""
    return [_joined(row) for row in _by_columns(_rows(pieces))]


def _rows(pieces: Iterable[Piece]) -> list[list[Piece]]:
    """Pieces that overlap in height, top row first; within a row from left to right.

    A row is as high as its widest piece, so that a tall seal does not draw two lines together.
    """
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda piece: (piece.left - piece.right, piece.top)):
        best, most = None, _SAME_LINE
        for row in rows:
            shared = _overlap(row[0], piece)
            if shared > most:
                best, most = row, shared
        if best is None:
            rows.append([piece])
        else:
            best.append(piece)
    rows.sort(key=lambda row: (row[0].top + row[0].bottom) / 2)
    return [sorted(row, key=lambda piece: piece.left) for row in rows]


def _overlap(one: Piece, other: Piece) -> float:
    shared = min(one.bottom, other.bottom) - max(one.top, other.top)
    return shared / max(min(one.height, other.height), 1e-9)


def _by_columns(rows: list[list[Piece]]) -> list[list[Piece]]:
    """Rows as they are, but where two columns of prose stand side by side: all of the left one, then the right."""
    gutter = _gutter(rows)
    if gutter is None:
        return rows
    ordered: list[list[Piece]] = []
    beside: list[Piece] = []
    for row in rows:
        if any(piece.left < gutter < piece.right for piece in row):
            ordered += _side_by_side(beside, gutter)
            ordered.append(row)
            beside = []
        else:
            beside += row
    return ordered + _side_by_side(beside, gutter)


def _side_by_side(pieces: Sequence[Piece], gutter: float) -> list[list[Piece]]:
    left = [piece for piece in pieces if piece.right <= gutter]
    right = [piece for piece in pieces if piece.right > gutter]
    return _rows(left) + _by_columns(_rows(right))  # there may be a third column to the right


def _gutter(rows: Sequence[Sequence[Piece]]) -> float | None:
    """The x of a gap between columns, or None."""
    pieces = [piece for row in rows for piece in row]
    if len(pieces) < 2 * _COLUMN_ROWS:
        return None
    height = median(piece.height for piece in pieces)
    for candidate in sorted({(piece.left - _GUTTER * height / 2) for piece in pieces}):
        if _divides(candidate, rows, height):
            return candidate
    return None


def _divides(x: float, rows: Sequence[Sequence[Piece]], height: float) -> bool:
    """Whether prose stands on both sides of ``x`` in enough rows, and hardly a row crosses it."""
    margin = _GUTTER * height / 2
    left: list[float] = []
    right: list[float] = []
    crossing = both = 0
    for row in rows:
        if any(piece.left < x + margin * 0.9 and piece.right > x - margin * 0.9 for piece in row):
            crossing += 1
            continue
        before = [piece.right - piece.left for piece in row if piece.right <= x]
        after = [piece.right - piece.left for piece in row if piece.left >= x]
        left += before
        right += after
        both += bool(before) and bool(after)
    return (
        both >= _COLUMN_ROWS
        and both > crossing
        and median(left) >= _COLUMN_WIDTH * height
        and median(right) >= _COLUMN_WIDTH * height
    )


def _joined(row: Sequence[Piece]) -> Piece:
    text, confidences = row[0].text, list(row[0].confidences)
    for before, piece in zip(row, row[1:], strict=False):
        if piece.left - before.right > _SPACE * min(before.height, piece.height) and text and piece.text:
            text += " "
            confidences.append(1.0)
        text += piece.text
        confidences += piece.confidences
    return Piece(
        min(piece.left for piece in row),
        min(piece.top for piece in row),
        max(piece.right for piece in row),
        max(piece.bottom for piece in row),
        text,
        tuple(confidences),
    )
