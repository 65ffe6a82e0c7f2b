"""Finds how a page lies: which of the four turns, and by how much it is askew.

You are here: sources, engine.find → [upright] → strips, lines. The engine finds print whichever way it runs
but reads it only upright. So print is looked for once, on the page as it lies; a few strips are then read
both ways up, and what reads better is up. The page itself is turned only for people to see. Columns of
vertical writing are read lying on their left side, which puts the right column first, as it should be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from channels.letter.ocr import columns, strips
from channels.letter.ocr.engine import Engine, Picture, Quad, Strip

TURNS = (0, 90, 180, 270)
_SAMPLES = 6
"""Strips read to find the turn; fewer when the first ones agree."""
_SAMPLE_LENGTH = 9.0
"""Of a sample, in heights: about nine Chinese characters tell."""
_LONG = 1.5
"""Heights from which on a strip's direction shows."""
_CLEAR = 4.0
"""How many times more print runs one way than the other, for the other not to be tried."""
_AGREED = 1.2
"""Lead, in strips read perfectly, with which a turn has won."""
_COLUMNS_TRIED = 3
"""Samples looked at for vertical writing; two of them must show it."""
_SKEW_MATTERS = 0.1
_MOST_SKEW = 12.0
"""Degrees."""


@dataclass(frozen=True, slots=True)
class Pose:
    """How a page of ``width`` × ``height`` pixels comes to stand upright.

    ``matrix`` (2 × 3) takes a point of the page as it lies to the upright picture, whose size is ``size``
    (width, height). ``samples`` is what was read on the way. With ``vertical`` the page is written in columns
    from the top down, and this pose lays them on their left side: it stands 90 degrees further clockwise.
    """

    turn: int
    skew: float
    matrix: NDArray[np.float64]
    size: tuple[int, int]
    samples: tuple[Strip, ...] = ()
    vertical: bool = False


def find(page: Picture, quads: Sequence[Quad], engine: Engine) -> Pose:
    """The pose of ``page`` on which print was found at ``quads``; a page without print stands as it lies."""
    turn, samples = _turn(page, quads, engine)
    height, width = page.shape[:2]
    turned = _turning(turn, width, height)
    skew = _skew([_ordered(_moved(quad, turned)) for quad in quads])
    size = (height, width) if turn in (90, 270) else (width, height)
    matrix, size = _straightened(turned, size, skew)
    vertical = turn in (90, 270) and _is_vertical(page, quads, turned, engine)
    return Pose(turn, skew, matrix, size, samples, vertical)


def stand(page: Picture, pose: Pose) -> Picture:
    """The page as people see it, with paper-coloured corners where straightening left some."""
    if pose.turn == 0 and pose.skew == 0:
        return page
    paper = tuple(float(value) for value in np.median(page[::16, ::16].reshape(-1, 3), axis=0))
    upright = cv2.warpAffine(page, pose.matrix, pose.size, flags=cv2.INTER_LINEAR, borderValue=paper)
    return np.asarray(upright, np.uint8)


def place(quad: Quad, pose: Pose) -> tuple[Quad, Quad]:
    """``quad`` with its corners in the order of the text: on the page as it lies, and on the upright picture.

    Short strips have no direction of their own; they get that of the page.
    """
    upright = _ordered(_moved(quad, pose.matrix))
    along, across = strips.size(upright)
    if along < 2.5 * across:
        left, top = upright.min(axis=0)
        right, bottom = upright.max(axis=0)
        upright = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)
    return _moved(upright, cv2.invertAffineTransform(pose.matrix)), upright


# ---------------------------------------------------------------- turn


def _turn(page: Picture, quads: Sequence[Quad], engine: Engine) -> tuple[int, tuple[Strip, ...]]:
    """The turn in which the samples read best, and how they read in it."""
    candidates = _candidates(quads)
    height, width = page.shape[:2]
    scores = dict.fromkeys(candidates, 0.0)
    read: dict[int, list[Strip]] = {turn: [] for turn in candidates}
    for quad in _samples(quads, candidates):
        for turn in candidates:
            matrix = _turning(turn, width, height)
            upright = _ordered(_moved(quad, matrix))
            strip = engine.read(
                strips.cut(page, _moved(_shortened(upright), cv2.invertAffineTransform(matrix)))
            )
            read[turn].append(strip)
            scores[turn] += strip.confidence if any(sign.isalnum() for sign in strip.text) else 0.0
        first, second = sorted(scores.values(), reverse=True)[:2]
        if first - second > _AGREED:
            break
    best = max(candidates, key=lambda turn: scores[turn])  # of equals the first: as it lies
    return best, tuple(read[best])


def _is_vertical(page: Picture, quads: Sequence[Quad], turned: NDArray[np.float64], engine: Engine) -> bool:
    """Whether what runs down the page is columns, and not lines of a page on its side."""
    found = 0
    for quad in _samples(quads, (90, 270))[:_COLUMNS_TRIED]:
        begun = _shortened(_ordered(_moved(quad, turned)))
        strip = strips.cut(page, _moved(begun, cv2.invertAffineTransform(turned)))
        found += columns.runs_down(strip, engine.read(strip), engine)
    return found >= 2


def _candidates(quads: Sequence[Quad]) -> tuple[int, ...]:
    """The turns that the directions of the print leave possible, the likeliest first."""
    across = down = 0.0
    for quad in quads:
        width, height = _extent(quad)
        if width > _LONG * height:
            across += width
        elif height > _LONG * width:
            down += height
    if across > _CLEAR * down:
        return 0, 180
    if down > _CLEAR * across:
        return 90, 270
    return TURNS


def _samples(quads: Sequence[Quad], candidates: tuple[int, ...]) -> list[Quad]:
    """Strips that should tell most: long ones of usual height (a headline will do, a ruled line will not)."""
    if not quads:
        return []
    usual = float(np.median([min(strips.size(quad)) for quad in quads]))

    def worth(quad: Quad) -> float:
        short, long = sorted(strips.size(quad))
        likely = 1.0 if 0.6 * usual <= short <= 2.5 * usual else 0.3
        return likely * min(long / max(short, 1.0), _SAMPLE_LENGTH)

    fitting = [quad for quad in quads if len(candidates) == len(TURNS) or _runs(quad, candidates)]
    return sorted(fitting, key=worth, reverse=True)[:_SAMPLES]


def _runs(quad: Quad, candidates: tuple[int, ...]) -> bool:
    """Whether a strip runs as the page does (or is too short to tell)."""
    width, height = _extent(quad)
    return width >= height if 0 in candidates else height >= width


def _extent(quad: Quad) -> tuple[float, float]:
    span = quad.max(axis=0) - quad.min(axis=0)
    return float(span[0]), float(span[1])


def _shortened(quad: Quad) -> Quad:
    """The beginning of a strip."""
    along, across = strips.size(quad)
    share = min(1.0, _SAMPLE_LENGTH * across / max(along, 1.0))
    return np.array(
        [quad[0], quad[0] + (quad[1] - quad[0]) * share, quad[3] + (quad[2] - quad[3]) * share, quad[3]],
        np.float32,
    )


# ---------------------------------------------------------------- skew and geometry


def _skew(upright: Sequence[Quad]) -> float:
    """Degrees by which to turn clockwise: the median of the long strips, weighted by length."""
    angles, lengths = [], []
    for quad in upright:
        along, across = strips.size(quad)
        if along >= 4 * across:
            run = (quad[1] - quad[0] + quad[2] - quad[3]) / 2
            angles.append(-float(np.degrees(np.arctan2(run[1], run[0]))))
            lengths.append(along)
    if not angles:
        return 0.0
    order = np.argsort(angles)
    halfway = int(np.searchsorted(np.cumsum(np.array(lengths)[order]), sum(lengths) / 2))
    skew = angles[order[min(halfway, len(angles) - 1)]]
    return round(skew, 2) if _SKEW_MATTERS <= abs(skew) <= _MOST_SKEW else 0.0


def _turning(turn: int, width: int, height: int) -> NDArray[np.float64]:
    """Takes a page's points to where they are after ``turn`` degrees clockwise."""
    return np.array(
        {
            0: [[1, 0, 0], [0, 1, 0]],
            90: [[0, -1, height - 1], [1, 0, 0]],
            180: [[-1, 0, width - 1], [0, -1, height - 1]],
            270: [[0, 1, 0], [-1, 0, width - 1]],
        }[turn],
        np.float64,
    )


def _straightened(
    turned: NDArray[np.float64], size: tuple[int, int], skew: float
) -> tuple[NDArray[np.float64], tuple[int, int]]:
    """``turned`` followed by ``skew`` degrees clockwise, on a sheet that keeps all corners."""
    if skew == 0:
        return turned, size
    width, height = size
    rotation = cv2.getRotationMatrix2D((width / 2, height / 2), -skew, 1.0)
    cos, sin = abs(rotation[0, 0]), abs(rotation[0, 1])
    wide, high = round(width * cos + height * sin), round(width * sin + height * cos)
    rotation[:, 2] += ((wide - width) / 2, (high - height) / 2)
    whole = rotation @ np.vstack([turned, [0, 0, 1]])
    return np.asarray(whole, np.float64), (wide, high)


def _moved(quad: Quad, matrix: NDArray[np.float64] | cv2.typing.MatLike) -> Quad:
    return np.asarray(quad @ np.asarray(matrix)[:, :2].T + np.asarray(matrix)[:, 2], np.float32)


def _ordered(quad: Quad) -> Quad:
    """The same corners from the top left one clockwise, for print that runs from left to right."""
    by_x = quad[np.argsort(quad[:, 0], kind="stable")]
    left, right = by_x[:2][np.argsort(by_x[:2, 1])], by_x[2:][np.argsort(by_x[2:, 1])]
    return np.array([left[0], right[0], right[1], left[1]], np.float32)
