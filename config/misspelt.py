"""Variables named ``HUIYIN_…`` that are no setting: a slip of the finger must not silently change nothing.

You are here: environment → [misspelt] → settings.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

PREFIX = "HUIYIN_"
_NEAR = 0.65
"""From this likeness on (0 to 1, difflib's ratio) a name is taken for a misspelt setting."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A variable that nobody reads; ``meant`` is the setting that it looks like, "" for none."""

    name: str
    meant: str


def unknown(names: Iterable[str], settings: Iterable[str]) -> list[Unknown]:
    """What in ``names`` begins like a setting and is none, in order. ``settings`` have no prefix.

    Upper and lower case mean the same, as when they are read.
    """
    known = sorted(setting.upper() for setting in settings)
    found = [name for name in names if name.upper().startswith(PREFIX)]
    return [
        Unknown(name, _nearest(name.upper().removeprefix(PREFIX), known))
        for name in sorted(found)
        if name.upper().removeprefix(PREFIX) not in known
    ]


def _nearest(name: str, known: Sequence[str]) -> str:
    likeness, best = max((_likeness(name, setting), setting) for setting in known)
    return PREFIX + best if likeness >= _NEAR else ""


def _likeness(name: str, setting: str) -> float:
    """Letters in common, and 1 for a name that is the end or the beginning of the other word by word."""
    short, long = sorted((name.split("_"), setting.split("_")), key=len)
    if long[: len(short)] == short or long[-len(short) :] == short:
        return 1.0
    return SequenceMatcher(None, name, setting).ratio()
