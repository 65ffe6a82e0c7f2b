"""Reads one page: how it lies, what stands on it and where.

You are here: sources → [reading] → page; tasks calls it in the sandbox. Chinese is as wide as high, so strips
of it may be squeezed sideways and still be read right; that saves a third of the time. Latin letters suffer
from it, and so do figures, of which two alike run into one: strips that turn out to hold some, or that were
read with doubt, are read again unsqueezed. A page with little on it is not squeezed at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from PIL import Image

from channels.letter.ocr import lines, seals, strips, upright
from channels.letter.ocr.doubt import spans
from channels.letter.ocr.engine import Engine, Picture, Quad, Strip
from channels.letter.ocr.lookalikes import told_apart
from channels.letter.ocr.page import Box, ReadLine, ReadPage
from channels.letter.ocr.punctuation import chinese

_MOST_SQUEEZED = 0.62
"""Of their width, for strips of Chinese; measured to read as well as unsqueezed ones."""
_HARDLY = 0.9
"""Squeezing less than this saves nothing."""
_COLUMNS = 42_000
"""Of strips that are read on one page in about two seconds of one core; a fuller page is squeezed harder."""
_FIRST = 27_000
"""Of these for the first look."""
_LATIN_PAGE = 0.25
"""Share of Latin letters in the samples from which on nothing is squeezed."""
_SOME_LATIN = 4
"""Letters or figures in a squeezed strip from which on it is read again."""
_CLEARLY = 0.04
"""By how much surer the first look must be for it to count where letters or figures stand."""
_CONFIDENT = 0.93
_LEAST_CONFIDENCE = 0.4
"""Below it a strip is no print: a stain, a stamp's rim, a drawn line."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A page read, and the upright picture that its boxes refer to."""

    page: ReadPage
    picture: Image.Image


def read(scan: Image.Image, engine: Engine) -> Seen:
    """Read ``scan`` (RGB), whichever way up it lies."""
    page = np.asarray(cv2.cvtColor(np.asarray(scan), cv2.COLOR_RGB2BGR), np.uint8)
    bare = seals.lifted(page)
    quads = engine.find(bare)
    pose = upright.find(bare, quads, engine)
    pieces = _pieces(bare, quads, pose, engine)
    shown = Image.fromarray(cv2.cvtColor(upright.stand(page, pose), cv2.COLOR_BGR2RGB))
    found = tuple(_line(piece, pose.size) for piece in lines.in_order(pieces))
    seen = Seen(ReadPage(pose.size[0], pose.size[1], pose.turn, pose.skew, found), shown)
    return _stood_up(seen) if pose.vertical else seen


def _stood_up(seen: Seen) -> Seen:
    """A page of vertical writing, read lying on its left side, a quarter turn clockwise."""
    lying = seen.page
    standing = tuple(
        replace(line, box=Box(round(1 - line.box.y - line.box.h, 5), line.box.x, line.box.h, line.box.w))
        for line in lying.lines
    )
    page = ReadPage(lying.height, lying.width, (lying.turn + 90) % 360, lying.skew, standing)
    return Seen(page, seen.picture.transpose(Image.Transpose.ROTATE_270))


def _pieces(page: Picture, quads: Sequence[Quad], pose: upright.Pose, engine: Engine) -> list[lines.Piece]:
    placed = [upright.place(quad, pose) for quad in quads]
    narrowing = _narrowing([lying for lying, _ in placed], pose.samples)
    spare = float(_COLUMNS)
    pieces = []
    for lying, standing in placed:
        spare -= strips.width(lying) * narrowing
        strip = engine.read(strips.cut(page, lying, narrowing))
        if narrowing < 1 and spare > 0 and (_has_narrow_signs(strip) or strip.confidence < _CONFIDENT):
            spare -= strips.width(lying)
            strip = better(strip, engine.read(strips.cut(page, lying)))
        if strip.text.strip() and strip.confidence >= _LEAST_CONFIDENCE:
            left, top = (float(value) for value in standing.min(axis=0))
            right, bottom = (float(value) for value in standing.max(axis=0))
            text, confidences = told_apart(chinese(strip.text), strip.confidences)
            pieces.append(lines.Piece(left, top, right, bottom, text, confidences))
    return pieces


def _narrowing(lying: Sequence[Quad], samples: Sequence[Strip]) -> float:
    """To what share of its width each strip is squeezed, by how much there is to read and in which script."""
    text = "".join(strip.text for strip in samples)
    if sum(_latin(sign) for sign in text) > _LATIN_PAGE * len(text):
        return 1.0
    whole = sum(strips.width(quad) for quad in lying)
    narrowing = max(_MOST_SQUEEZED, _FIRST / max(whole, 1.0))
    return narrowing if narrowing < _HARDLY else 1.0


def _has_narrow_signs(strip: Strip) -> bool:
    return sum(sign.isascii() and sign.isalnum() for sign in strip.text) >= _SOME_LATIN


def better(squeezed: Strip, whole: Strip) -> Strip:
    """Of two looks at a strip; where letters or figures stand, the one that had room for them."""
    lead = _CLEARLY if _has_narrow_signs(squeezed) or _has_narrow_signs(whole) else 0.0
    return squeezed if squeezed.confidence > whole.confidence + lead else whole


def _latin(sign: str) -> bool:
    return sign.isascii() and sign.isalpha()


def _line(piece: lines.Piece, size: tuple[int, int]) -> ReadLine:
    width, height = size
    left, top = max(0.0, piece.left / width), max(0.0, piece.top / height)
    box = Box(
        round(left, 5),
        round(top, 5),
        round(min(1.0, piece.right / width) - left, 5),
        round(min(1.0, piece.bottom / height) - top, 5),
    )
    sure = sum(piece.confidences) / len(piece.confidences)
    return ReadLine(piece.text, box, round(sure, 4), spans(piece.text, piece.confidences))
