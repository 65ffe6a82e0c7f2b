"""Tells vertical writing, in columns from the top down, from a page that lies on its side.

You are here: upright → [columns] → reading. Both look alike: long strips of print that run down the page,
and the engine reads characters that lie on their left side as well. So the characters of a strip are set
upright one by one: of a column the same text comes out, of a line that lies on its side none does.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from channels.letter.ocr.engine import STRIP_HEIGHT, Engine, Picture, Strip

_PITCHES = np.arange(0.5, 1.3, 0.01)
"""From one character to the next, in heights of the strip."""
_SHORTEST = 2.0
"""Heights of a strip that holds enough characters to tell."""
_SAME = 0.6
"""Share of characters that must come out again."""


def runs_down(strip: Picture, read: Strip, engine: Engine) -> bool:
    """Whether ``strip``, which was ``read`` lying on its left side, is a column of upright characters."""
    if strip.shape[1] < _SHORTEST * STRIP_HEIGHT or not read.text:
        return False
    again = engine.read(_set_upright(strip)).text
    return _shared(read.text, again) >= _SAME * len(read.text)


def _set_upright(strip: Picture) -> Picture:
    """The characters of a column side by side."""
    grey = strip.astype(np.float32).mean(axis=2)
    ink = np.clip(np.median(grey) - grey, 0, None).sum(axis=0)
    begin, pitch = _grid(ink)
    cells = []
    for left in np.arange(begin, len(ink) - pitch * 0.4, pitch):
        cell = strip[:, max(0, int(left)) : int(left + pitch)]
        if cell.shape[1] >= pitch / 3:
            cells.append(_of_height(np.asarray(cv2.rotate(cell, cv2.ROTATE_90_CLOCKWISE), np.uint8)))
    return np.ascontiguousarray(np.hstack(cells)) if cells else strip


def _grid(ink: NDArray[np.float32]) -> tuple[float, float]:
    """Where the first character begins and how far it is to the next: cut where there is least ink."""
    least, best = np.inf, (0.0, float(STRIP_HEIGHT))
    for pitch in _PITCHES * STRIP_HEIGHT:
        for begin in np.arange(0, pitch, 2):
            cuts = np.arange(begin, len(ink), pitch).astype(int)
            cost = float(ink[cuts].mean() + ink[np.minimum(cuts + 1, len(ink) - 1)].mean())
            if cost < least:
                least, best = cost, (float(begin), float(pitch))
    begin, pitch = best
    return (begin - pitch if begin > 0.4 * pitch else begin), pitch


def _of_height(cell: Picture) -> Picture:
    """``cell`` with paper above and below, so that it is as high as a strip."""
    missing = max(0, STRIP_HEIGHT - cell.shape[0])
    above = missing // 2
    padded = cv2.copyMakeBorder(cell, above, missing - above, 0, 0, cv2.BORDER_REPLICATE)
    return np.asarray(padded[:STRIP_HEIGHT], np.uint8)


def _shared(one: str, other: str) -> int:
    """Characters that both have, in the same order (longest common subsequence)."""
    row = [0] * (len(other) + 1)
    for sign in one:
        diagonal = 0
        for place, against in enumerate(other, start=1):
            above = row[place]
            row[place] = diagonal + 1 if sign == against else max(above, row[place - 1])
            diagonal = above
    return row[-1]
