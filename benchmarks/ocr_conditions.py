"""Pages in the states in which offices get them. You are here: ocr → [ocr_conditions].

Each condition prints a text and does to the page what happens to pages: small type, old scanners, faxes,
seals, ruled paper, shadows, telephones. What cannot be read by people either is not among them.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import cv2
import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from benchmarks import letter_texts
from benchmarks.letter_texts import chinese
from tests.support import printed_pages as scans

_A4_INCHES = (8.27, 11.69)
Wear = Callable[[Image.Image, random.Random], Image.Image]


@dataclass(frozen=True, slots=True)
class Condition:
    """How a page is printed and what becomes of it. ``points`` of type at ``dpi``; ``goal`` in per cent."""

    name: str
    wear: Wear
    goal: float = 99.0
    points: float = 12.0
    dpi: int = 200
    length: int = 500
    english: bool = False
    printed: Callable[[str, scans.Face, Condition], tuple[Image.Image, str]] = field(
        default=lambda text, face, how: how.sheet(text, face)
    )

    def sheet(self, text: str, face: scans.Face) -> tuple[Image.Image, str]:
        """A4 with ``text`` in lines, and what of it found room."""
        size = (round(_A4_INCHES[0] * self.dpi), round(_A4_INCHES[1] * self.dpi))
        return scans.printed(
            text, face, size=round(self.points * self.dpi / 72), sheet=size, margin=round(0.85 * self.dpi)
        )


def pages(count: int) -> Iterator[tuple[Condition, scans.Face, Image.Image, str]]:
    """``count`` pages of every condition, over the fonts of this machine, and what truly stands on them."""
    pick = random.Random(11)
    chinese_faces, english_faces = scans.faces(), scans.faces(chinese=False) or scans.faces()
    for number, condition in enumerate(CONDITIONS):
        faces = english_faces if condition.english else chinese_faces
        write = letter_texts.english if condition.english else chinese
        for turn, text in enumerate(write(count, condition.length, seed=100 + number)):
            face = faces[(number + turn) % len(faces)]
            page, truth = condition.printed(text, face, condition)
            yield condition, face, condition.wear(page, pick).convert("RGB"), truth


# ---------------------------------------------------------------- what happens to pages


def _as_it_is(page: Image.Image, pick: random.Random) -> Image.Image:
    return page


def _noise(page: Image.Image, pick: random.Random, strength: float = 12) -> Image.Image:
    light = np.asarray(page).astype(np.float32)
    light += np.random.default_rng(pick.randrange(2**30)).normal(0, strength, light.shape)
    return Image.fromarray(np.clip(light, 0, 255).astype(np.uint8))


def _specks(page: Image.Image, pick: random.Random) -> Image.Image:
    """Salt and pepper, 3 %."""
    light = np.asarray(page).copy()
    chance = np.random.default_rng(pick.randrange(2**30)).random(light.shape)
    light[chance < 0.015] = 0
    light[chance > 0.985] = 255
    return Image.fromarray(light)


def _blurred(page: Image.Image, pick: random.Random) -> Image.Image:
    return scans.as_jpeg(_noise(page.filter(ImageFilter.GaussianBlur(1.6)), pick, 6), 50)


def _pale(page: Image.Image, pick: random.Random) -> Image.Image:
    return _noise(page.point(lambda light: 140 + light // 4), pick, 5)


def _old_and_folded(page: Image.Image, pick: random.Random) -> Image.Image:
    """Yellow paper, darker to one side and in the fold."""
    light = np.asarray(page).astype(np.float32) / 255
    down, across = np.linspace(0, 1, light.shape[0])[:, None], np.linspace(0, 1, light.shape[1])[None, :]
    light *= (1 - 0.4 * across) * (1 - 0.5 * np.exp(-(((down - 0.5) / 0.03) ** 2)))
    coloured = np.stack([light * 235 + 10, light * 215 + 10, light * 160 + 10], axis=-1)
    return scans.as_jpeg(_noise(Image.fromarray(coloured.astype(np.uint8)), pick, 6), 50)


def _fax(page: Image.Image, pick: random.Random) -> Image.Image:
    """One bit a pixel, as office scanners write it: CCITT group 4."""
    askew = page.rotate(pick.uniform(-1.5, 1.5), fillcolor=255, resample=Image.Resampling.BICUBIC)
    grey = _noise(askew.filter(ImageFilter.GaussianBlur(0.6)), pick, 15)
    file = io.BytesIO()
    grey.point(lambda light: 255 * (light > 160)).convert("1").save(file, "TIFF", compression="group4")
    file.seek(0)
    return Image.open(file).convert("L")


def _askew(page: Image.Image, pick: random.Random) -> Image.Image:
    angle = pick.choice((-8, 8))
    return scans.as_jpeg(
        page.rotate(angle, expand=True, fillcolor=255, resample=Image.Resampling.BICUBIC), 50
    )


def _black_borders(page: Image.Image, pick: random.Random) -> Image.Image:
    sheet = page.rotate(2, fillcolor=8, resample=Image.Resampling.BICUBIC)
    ImageDraw.Draw(sheet).rectangle((0, 0, sheet.width, 50), 8)
    ImageDraw.Draw(sheet).rectangle((0, 0, 35, sheet.height), 8)
    return _noise(sheet, pick, 6)


def _sealed(page: Image.Image, pick: random.Random) -> Image.Image:
    """A round red seal in the middle of the text."""
    stamp, red, radius = Image.new("RGB", page.size, "white"), (212, 36, 44), page.width // 10
    x, y = page.width // 2, round(page.height * pick.uniform(0.15, 0.25))
    draw = ImageDraw.Draw(stamp)
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), outline=red, width=radius // 14)
    draw.regular_polygon((x, y, radius // 3), 5, fill=red)
    for place in range(12):
        angle = np.radians(30 * place)
        at = (x + radius * 0.75 * np.cos(angle), y + radius * 0.75 * np.sin(angle), radius // 9)
        draw.regular_polygon(at, 4, outline=red, width=4)
    return scans.as_jpeg(ImageChops.multiply(page.convert("RGB"), stamp), 70)


def _ruled(page: Image.Image, pick: random.Random) -> Image.Image:
    lines, step = Image.new("L", page.size, 255), int(scans.TWELVE_POINT * 1.6)
    for down in range(170 + int(scans.TWELVE_POINT * 1.25), page.height - 170, step):
        ImageDraw.Draw(lines).line((150, down, page.width - 150, down), fill=90, width=2)
    return ImageChops.multiply(page, lines)


def _photographed(page: Image.Image, pick: random.Random) -> Image.Image:
    """On a dark table, from the side, in light from one side."""
    wide, high = page.size
    table = np.random.default_rng(pick.randrange(2**30)).normal(55, 7, (int(high * 1.15), int(wide * 1.2)))
    corners = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
    seen = corners + np.array([wide * 0.1, high * 0.07], np.float32)
    seen += np.array(
        [[wide * 0.07, 30], [-wide * 0.05, 0], [wide * 0.02, -20], [-wide * 0.01, 0]], np.float32
    )
    matrix = cv2.getPerspectiveTransform(corners, seen.astype(np.float32))
    size = (table.shape[1], table.shape[0])
    sheet = cv2.warpPerspective(np.asarray(page), matrix, size, flags=cv2.INTER_LINEAR, borderValue=0)
    inside = cv2.warpPerspective(np.full((high, wide), 255, np.uint8), matrix, size) > 127
    light = np.where(inside, sheet, table) * np.linspace(1, 0.7, size[0])[None, :]
    return scans.as_jpeg(Image.fromarray(np.clip(light, 0, 255).astype(np.uint8)), 70)


def _in_columns(text: str, face: scans.Face, how: Condition) -> tuple[Image.Image, str]:
    """Vertical writing, from the right to the left."""
    sheet = Image.new("L", scans.A4, scans.PAPER)
    draw, font = ImageDraw.Draw(sheet), face.at(36)
    signs = [sign for sign in text if not sign.isspace() and not sign.isascii()]
    for number, sign in enumerate(signs[: 20 * 45]):
        column, place = divmod(number, 45)
        draw.text((1440 - 64 * column, 180 + 43 * place), sign, font=font, fill=scans.INK)
    return sheet, "".join(signs[: 20 * 45])


def _few_words(text: str, face: scans.Face, how: Condition) -> tuple[Image.Image, str]:
    return how.sheet(text.split("\n", 2)[1], face)


def _clean(name: str, **how: Any) -> Condition:
    return Condition(name, _as_it_is, goal=99.5, **how)


CONDITIONS = (
    _clean("9 pt, 150 dpi", points=9, dpi=150),
    _clean("10.5 pt, 300 dpi", points=10.5, dpi=300),
    _clean("16 pt, 600 dpi", points=16, dpi=600, length=300),
    _clean("2,000 characters", points=9, length=2000),
    _clean("3,000 Latin letters", points=10, length=3000, english=True),
    _clean("a few words", printed=_few_words),
    _clean("vertical", printed=_in_columns),
    Condition("ruled paper", _ruled, goal=99.5),
    Condition("red seal on the text", _sealed),
    Condition("8° askew, JPEG 50", _askew),
    Condition("JPEG 30", lambda page, pick: scans.as_jpeg(page, 30)),
    Condition("noise", partial(_noise, strength=30)),
    Condition("specks, 3 %", _specks),
    Condition("blurred, JPEG 50", _blurred),
    Condition("pale", _pale),
    Condition("yellow, folded", _old_and_folded),
    Condition("black borders", _black_borders),
    Condition("1 bit, 200 dpi", _fax),
    Condition("1 bit, 300 dpi, 10.5 pt", _fax, points=10.5, dpi=300),
    Condition("photographed", _photographed),
)
