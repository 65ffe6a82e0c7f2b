"""Cuts strips of print out of a page, straightened and at the height the engine reads.

You are here: upright → [strips] → engine. Each strip is sampled once, from the scan itself.
"""

from __future__ import annotations

import cv2
import numpy as np

from channels.letter.ocr.engine import STRIP_HEIGHT, Picture, Quad

_ABOVE_AND_BELOW = 0.08
_BEFORE_AND_AFTER = 0.1
"""Paper left around the print, in heights of the strip."""
_NARROWEST = 16
_WIDEST = 4096
"""Pixels of a strip; longer print than this is none."""


def size(quad: Quad) -> tuple[float, float]:
    """Length along the text and height across it, in pixels."""
    along = (np.linalg.norm(quad[1] - quad[0]) + np.linalg.norm(quad[2] - quad[3])) / 2
    across = (np.linalg.norm(quad[3] - quad[0]) + np.linalg.norm(quad[2] - quad[1])) / 2
    return float(along), float(across)


def width(quad: Quad) -> float:
    """Columns of the strip that :func:`cut` makes of ``quad`` without narrowing it."""
    along, across = size(quad)
    around = across * (1 + 2 * _ABOVE_AND_BELOW)
    return (along + 2 * _BEFORE_AND_AFTER * across) * STRIP_HEIGHT / max(around, 1.0)


def cut(picture: Picture, quad: Quad, narrowing: float = 1.0) -> Picture:
    """The strip, ``STRIP_HEIGHT`` high; ``narrowing`` below 1 squeezes it sideways to save reading time."""
    along, across = size(quad)
    right = (quad[1] - quad[0] + quad[2] - quad[3]) / 2 / max(along, 1.0) * (along / 2 + _BEFORE_AND_AFTER * across)
    down = (quad[3] - quad[0] + quad[2] - quad[1]) / 2 * (0.5 + _ABOVE_AND_BELOW)
    middle = quad.mean(axis=0)
    corners = np.array([middle - right - down, middle + right - down, middle + right + down, middle - right + down], np.float32)
    wide = int(min(_WIDEST, max(_NARROWEST, round(width(quad) * narrowing))))
    # Sampled at the scan's own height first and shrunk by area, so that fine strokes are not skipped.
    finer = max(1, round(across / STRIP_HEIGHT))
    target = np.array([[0, 0], [wide, 0], [wide, STRIP_HEIGHT], [0, STRIP_HEIGHT]], np.float32) * finer
    strip = cv2.warpPerspective(
        picture,
        cv2.getPerspectiveTransform(corners, target),
        (wide * finer, STRIP_HEIGHT * finer),
        flags=cv2.INTER_CUBIC if across < STRIP_HEIGHT else cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    if finer > 1:
        strip = cv2.resize(strip, (wide, STRIP_HEIGHT), interpolation=cv2.INTER_AREA)
    return np.asarray(strip, np.uint8)
