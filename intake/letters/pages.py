"""Who reads a scan's pages. You are here: the letters' worker → [the reader] → lines with their places.

The reader stands outside (``channels.letter``): it turns and straightens a page, and knows how to work on
hostile files without harm. ``ReaderAway`` is this machine's matter, ``PageUnreadable`` the page's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from intake.contracts import Json, Text


@dataclass(frozen=True, slots=True)
class PageRead:
    """One page, upright.

    ``picture`` is JPEG, PNG or WebP of ``width`` × ``height`` pixels; ``turn`` the degrees it was turned (0,
    90, 180, 270), ``skew`` the hundredths of a degree it was straightened. Each of ``lines`` has ``text``,
    ``box`` (x, y, w, h as fractions of the picture), ``confidence`` (0 … 1) and ``doubtful`` (places in the
    text, each with ``start`` and ``end``). ``note`` says why there are none, where there should be some.
    """

    picture: bytes
    width: int
    height: int
    turn: int = 0
    skew: int = 0
    lines: tuple[Json, ...] = ()
    note: Text | None = None


class PageUnreadable(Exception):
    """Not even a picture of it can be shown, now or later; ``text`` says why."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


class ReaderAway(Exception):
    """No page can be read here and now; trying again helps."""


class LetterReader(Protocol):
    """Reads scans, each call within its own limits of time and memory."""

    def count(self, scan: Path, media_type: str) -> int:
        """How many pages the file has. Raises :class:`PageUnreadable`, :class:`ReaderAway`."""
        ...

    def read(self, scan: Path, media_type: str, number: int) -> PageRead:
        """One page of the file, from 1. Raises :class:`PageUnreadable`, :class:`ReaderAway`."""
        ...

    def fields(self, pages: Sequence[Sequence[Json]]) -> Json:
        """What the lines of all pages tell: field → {"value", "page", "line"} (page from 1, line from 0).

        Fields are sender, address, phone, email, date (ISO 8601) and bureau (a code); never raises.
        """
        ...
