"""A red seal is lifted off print; everything else that is red stays."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from PIL import Image, ImageChops, ImageDraw

from channels.letter.ocr import reading, seals
from channels.letter.ocr.engine import Engine, Picture
from tests.support import printed_pages as scans
from tests.support.printed_pages import Face

SHEET = (1000, 700)
RED = (214, 38, 46)
TEXT = (
    "关于文明路路灯的情况说明：我们小区门口的三盏路灯从上月起不亮，居民夜间出入不便，多次反映没有结果。"
    "现请供电所派人检修，并将处理情况书面告知我们全体住户。望尽快办理为盼。东门小区业主委员会。" * 2
)


def stamped(page: Image.Image, middle: tuple[int, int], radius: int, face: Face) -> Image.Image:
    """``page`` under a round seal with a name along its rim, whose ink lets print shine through."""
    stamp = Image.new("RGB", page.size, "white")
    draw, (x, y) = ImageDraw.Draw(stamp), middle
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), outline=RED, width=radius // 14)
    draw.regular_polygon((x, y, round(radius * 0.3)), 3, fill=RED)
    for place, sign in enumerate("示例县东门小区业主委员会"):
        angle = math.radians(150 + 240 * place / 11)
        at = (x + radius * 0.78 * math.cos(angle), y + radius * 0.78 * math.sin(angle))
        draw.text(at, sign, font=face.at(radius // 4), fill=RED, anchor="mm")
    return ImageChops.multiply(page.convert("RGB"), stamp)


def as_picture(page: Image.Image) -> Picture:
    return np.asarray(cv2.cvtColor(np.asarray(page.convert("RGB")), cv2.COLOR_RGB2BGR), np.uint8)


def share_right(truth: str, read: str) -> float:
    expected = scans.comparable(truth)
    return 1 - scans.errors(expected, scans.comparable(read)) / len(expected)


@pytest.mark.parametrize("quality", [95, 45])
def test_print_under_a_seal_is_read(quality: int, engine: Engine, face: Face) -> None:
    page, truth = scans.printed(TEXT, face, sheet=SHEET, margin=70)
    scan = scans.as_jpeg(stamped(page, (420, 240), 150, face), quality)
    seen = reading.read(scan, engine)
    assert share_right(truth, seen.page.text) >= 0.98
    shown = np.asarray(seen.picture.crop((280, 90, 560, 370))).astype(int)
    assert (shown[:, :, 0] - shown[:, :, 1] > 100).sum() > 3000  # people still see it


@pytest.mark.parametrize(
    "draw",
    [
        lambda sheet: sheet.rectangle((50, 60, 950, 66), RED),  # the line under a letterhead
        lambda sheet: sheet.rectangle((100, 60, 700, 140), RED),  # letters of a head, run together
        lambda sheet: sheet.ellipse((300, 450, 500, 650), outline=RED, width=12),  # a seal beside the print
    ],
)
def test_other_red_stays(draw: object, face: Face) -> None:
    page, _ = scans.printed("　\n" * 4 + TEXT[:40], face, sheet=SHEET, margin=70)
    sheet = page.convert("RGB")
    draw(ImageDraw.Draw(sheet))  # type: ignore[operator]
    picture = as_picture(sheet)
    assert np.array_equal(seals.lifted(picture), picture)


def test_a_page_without_red_is_handed_on_untouched(face: Face) -> None:
    picture = as_picture(scans.printed(TEXT, face, sheet=SHEET)[0])
    assert seals.lifted(picture) is picture


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (3, 3), (2600, 2)])
def test_odd_shapes_do_no_harm(size: tuple[int, int]) -> None:
    picture = as_picture(Image.new("RGB", size, RED))
    assert np.array_equal(seals.lifted(picture), picture)
