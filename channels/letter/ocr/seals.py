"""Lifts a red seal off the print that it was set upon, so that the print can be read.

You are here: sources → [seals] → upright, strips. What people are shown keeps its seals. Red print stays, as
do letterheads and red lines: only what is about as wide as high, as large as a seal and over dark print goes.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from channels.letter.ocr.engine import Picture

_COARSE = 4
"""Seals are looked for on a picture this many times smaller."""
_RED = 45
"""By how much red exceeds the other two colours in a seal's ink, also a pale one; yellow paper has less."""
_SMALLEST = 0.05
"""Of the page's short side: a seal of a centimetre on A4."""
_LARGEST = 0.5
_OBLONG = 1.8
"""A line of a letterhead is longer than this many times its height."""
_DARK = 0.55
"""Of the paper's brightness, below which something is print."""
_UNDER = 0.01
"""Share of a seal's area that print must take, for the seal to lie over print."""


def lifted(page: Picture) -> Picture:
    """``page`` (BGR) without seals on print; the same picture where there are none."""
    height, width = page.shape[:2]
    size = (max(1, width // _COARSE), max(1, height // _COARSE))
    coarse = np.asarray(cv2.resize(page, size, interpolation=cv2.INTER_AREA), np.uint8)
    red = _red(coarse)
    if not red.any():
        return page
    clean = page.copy()
    found = False
    for left, top, right, bottom in _seals(coarse, red):
        area = clean[top * _COARSE : bottom * _COARSE, left * _COARSE : right * _COARSE]
        area[:] = _without_red(area)[:, :, None]
        found = True
    return clean if found else page


def _red(picture: Picture) -> NDArray[np.bool_]:
    blue, green, red = (picture[:, :, channel].astype(np.int16) for channel in range(3))
    return np.asarray(red - np.maximum(blue, green) > _RED, np.bool_)


def _seals(coarse: Picture, red: NDArray[np.bool_]) -> list[tuple[int, int, int, int]]:
    """Left, top, right and bottom of each, in pixels of the coarse picture."""
    joined = cv2.morphologyEx(red.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    _, _, boxes, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    short = min(coarse.shape[:2])
    found = []
    for left, top, width, height, _ in boxes[1:].tolist():
        as_large = _SMALLEST * short <= min(width, height) and max(width, height) <= _LARGEST * short
        if not as_large or max(width, height) > _OBLONG * min(width, height):
            continue
        box = (max(0, left - 1), max(0, top - 1), left + width + 1, top + height + 1)
        if _over_print(coarse[box[1] : box[3], box[0] : box[2], 2]):
            found.append(box)
    return found


def _over_print(redness: NDArray[np.uint8]) -> bool:
    """Seen through a red glass a seal is paper and print stays dark."""
    paper = float(np.percentile(redness, 95))
    return float(np.mean(redness < _DARK * paper)) > _UNDER


def _without_red(area: Picture) -> NDArray[np.uint8]:
    """The area seen through a red glass, in grey: what is left of the seal is brightened to paper."""
    glass = area[:, :, 2].astype(np.float32)
    ink = _red(area)
    paper = float(np.percentile(glass, 95))
    seal = float(np.median(glass[ink])) if ink.any() else paper
    brighter = glass * (paper / max(seal, 1.0))
    return np.asarray(np.clip(np.where(ink, brighter, glass), 0, paper), np.uint8)
