"""Letters as a scanner would deliver them: printed in a font of this machine, worn, askew, turned.

Used by tests and by the benchmark, so that both mean the same by "noisy".
"""

from __future__ import annotations

import io
import random
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

_FOLDER = Path("/usr/share/fonts")
_FACES = (
    # name, file, face within it, Chinese
    ("Noto Sans", "opentype/noto/NotoSansCJK-Regular.ttc", 2, True),
    ("Noto Serif", "opentype/noto/NotoSerifCJK-Regular.ttc", 2, True),
    ("WenQuanYi Micro Hei", "truetype/wqy/wqy-microhei.ttc", 0, True),
    ("WenQuanYi Zen Hei", "truetype/wqy/wqy-zenhei.ttc", 0, True),
    ("AR PL UKai", "truetype/arphic/ukai.ttc", 0, True),
    ("AR PL UMing", "truetype/arphic/uming.ttc", 0, True),
    ("Liberation Serif", "truetype/liberation/LiberationSerif-Regular.ttf", 0, False),
    ("DejaVu Sans", "truetype/dejavu/DejaVuSans.ttf", 0, False),
)

INK = 25
PAPER = 255
A4 = (1654, 2339)
"""Pixels at 200 dpi."""
TWELVE_POINT = 33
"""Pixels at 200 dpi: what letters are printed in."""


@dataclass(frozen=True, slots=True)
class Face:
    """A font that is on this machine."""

    name: str
    file: Path
    number: int

    def at(self, size: int) -> ImageFont.FreeTypeFont:
        """The font, ``size`` pixels high."""
        return ImageFont.truetype(self.file, size, index=self.number)


def faces(*, chinese: bool = True) -> list[Face]:
    """Fonts of this machine with Chinese characters, or those without."""
    return [
        Face(name, _FOLDER / file, number)
        for name, file, number, has_chinese in _FACES
        if has_chinese == chinese and (_FOLDER / file).is_file()
    ]


def printed(
    text: str, face: Face, *, size: int = TWELVE_POINT, sheet: tuple[int, int] = A4, margin: int = 170
) -> tuple[Image.Image, str]:
    """A clean grey page with ``text``, and what of it found room, a line each as printed."""
    page = Image.new("L", sheet, PAPER)
    draw, font = ImageDraw.Draw(page), face.at(size)
    lines, down = [], margin
    for line in (
        part for paragraph in text.split("\n") for part in _broken(paragraph, font, sheet[0] - 2 * margin)
    ):
        if down + size > sheet[1] - margin:
            break
        draw.text((margin, down), line, font=font, fill=INK)
        lines.append(line)
        down += int(size * 1.6)
    return page, "\n".join(lines)


def _broken(paragraph: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """Lines of at most ``width`` pixels; Latin words stay whole."""
    lines, line = [], ""
    for word in _units(paragraph):
        if line and font.getlength(line + word) > width:
            lines.append(line)
            line = word.lstrip()
        else:
            line += word
    return [*lines, line]


def _units(paragraph: str) -> list[str]:
    """Chinese characters one by one, Latin words with the space before them."""
    units: list[str] = []
    for sign in paragraph:
        if units and sign.isascii() and not sign.isspace() and units[-1][-1].isascii():
            units[-1] += sign
        else:
            units.append(sign)
    return units


def worn(page: Image.Image, pick: random.Random, *, skew: float | None = None) -> Image.Image:
    """``page`` from a poor scanner: askew, blurred, grey, with a shadow, noise, specks, as a small JPEG."""
    askew = page.rotate(
        pick.uniform(-3, 3) if skew is None else skew, fillcolor=PAPER, resample=Image.Resampling.BICUBIC
    )
    blurred = askew.filter(ImageFilter.GaussianBlur(pick.uniform(0.6, 1.2)))
    light = np.asarray(blurred).astype(np.float32) * 0.82 + 25
    light += np.linspace(0, 20, light.shape[1])[None, :]
    chance = np.random.default_rng(pick.randrange(2**30))
    light += chance.normal(0, 14, light.shape)
    specks = chance.random(light.shape)
    light[specks < 0.001] = 30
    light[specks > 0.999] = 250
    return as_jpeg(Image.fromarray(np.clip(light, 0, 255).astype(np.uint8)), 45)


def as_jpeg(page: Image.Image, quality: int) -> Image.Image:
    """``page`` after having been a JPEG."""
    file = io.BytesIO()
    page.save(file, "JPEG", quality=quality)
    file.seek(0)
    return Image.open(file).convert("RGB")


def laid(page: Image.Image, turn: int) -> Image.Image:
    """``page`` laid on the scanner so that ``turn`` degrees clockwise bring it upright again."""
    return page.rotate(turn, expand=True)


# ---------------------------------------------------------------- scoring

_ALIKE = str.maketrans("“”‘’。、《》〈〉【】—–―～…·•", "\"\"''.,<><>[]---~...")


def comparable(text: str) -> str:
    """What is compared: no white space, one width of letters and signs (NFKC), one shape of quotes, dashes.

    Paper does not tell a wide comma from a narrow one; every other difference counts as an error.
    """
    folded = unicodedata.normalize("NFKC", text).translate(_ALIKE)
    return "".join(sign for sign in folded if not sign.isspace())


def errors(truth: str, read: str) -> int:
    """Characters inserted, left out or replaced (Levenshtein's distance, by Myers' bit vectors, 1999)."""
    if not truth:
        return len(read)
    where: dict[str, int] = {}
    for place, sign in enumerate(truth):
        where[sign] = where.get(sign, 0) | 1 << place
    whole, top = (1 << len(truth)) - 1, 1 << (len(truth) - 1)
    more, less, distance = whole, 0, len(truth)
    for sign in read:
        same = where.get(sign, 0)
        vertical = same | less
        horizontal = (((same & more) + more) ^ more) | same
        up, down = less | ~(horizontal | more) & whole, more & horizontal
        distance += bool(up & top) - bool(down & top)
        up, down = (up << 1 | 1) & whole, down << 1 & whole
        more, less = down | ~(vertical | up) & whole, up & vertical
    return distance
