"""The tables that programs print."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Sequence


def say(line: str) -> None:
    """Print at once, also into a pipe."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def show(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print ``rows`` under ``head``; the first column is text, the others stand to the right."""
    lines = [list(head), *(list(row) for row in rows)]
    widths = [max(_width(line[n]) for line in lines) for n in range(len(head))]
    for number, line in enumerate(lines):
        cells = [_padded(cell, widths[n], left=n == 0) for n, cell in enumerate(line)]
        say("   " + "  ".join(cells).rstrip())
        if number == 0:
            say("   " + "  ".join("─" * width for width in widths))


def median(values: Sequence[float]) -> float:
    """The middle one (the lower of two)."""
    return sorted(values)[(len(values) - 1) // 2]


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` of ``values`` lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _padded(text: str, width: int, *, left: bool) -> str:
    space = " " * (width - _width(text))
    return text + space if left else space + text
