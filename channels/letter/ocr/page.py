"""A page that was read: its lines, where they stand, and how sure the engine was.

You are here: lines → [page] → JSON → the letter desk. Pure values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle on the upright picture, in fractions of its width and height (0–1)."""

    x: float
    y: float
    w: float
    h: float


@dataclass(frozen=True, slots=True)
class Span:
    """Characters ``start`` to ``end`` (exclusive) of a line that want a second look."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ReadLine:
    """One line of print. ``confidence`` is the mean over its characters, 0–1."""

    text: str
    box: Box
    confidence: float
    doubtful: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadPage:
    """One page. ``width`` and ``height`` are pixels of the upright picture that is shown.

    ``turn`` is by how much the scan was turned clockwise to stand upright: 0, 90, 180 or 270. ``skew`` is by
    how many degrees clockwise it was straightened after that. Lines are in reading order.
    """

    width: int
    height: int
    turn: int
    skew: float
    lines: tuple[ReadLine, ...]

    @property
    def text(self) -> str:
        """All lines, one under the other."""
        return "\n".join(line.text for line in self.lines)

    def as_json(self) -> dict[str, Any]:
        """Plain values for ``json.dumps``; :meth:`from_json` takes them back."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> ReadPage:
        """The page out of :meth:`as_json`, also when JSON turned tuples into lists."""
        return cls(
            width=int(values["width"]),
            height=int(values["height"]),
            turn=int(values["turn"]),
            skew=float(values["skew"]),
            lines=tuple(_line(line) for line in values["lines"]),
        )


def _line(values: Mapping[str, Any]) -> ReadLine:
    return ReadLine(
        text=str(values["text"]),
        box=Box(**values["box"]),
        confidence=float(values["confidence"]),
        doubtful=tuple(Span(**span) for span in values["doubtful"]),
    )
