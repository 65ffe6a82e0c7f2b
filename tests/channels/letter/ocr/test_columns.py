"""Vertical writing: columns from the top down, the right one first."""

from __future__ import annotations

import pytest
from PIL import Image, ImageDraw

from channels.letter.ocr import reading
from channels.letter.ocr.engine import Engine
from tests.support import printed_pages as scans
from tests.support.printed_pages import Face

COLUMNS = (
    "尊敬的领导：文明路的路灯坏了两个月",
    "晚上什么也看不见，老人在这里摔过跤",
    "打过三次电话，每次都说会派人来修理",
    "请有关部门派人到现场看一看，并答复",
)


def vertical(face: Face) -> Image.Image:
    sheet = Image.new("L", (700, 1000), 255)
    draw, font = ImageDraw.Draw(sheet), face.at(36)
    for number, column in enumerate(COLUMNS):
        for place, sign in enumerate(column):
            draw.text((560 - 80 * number, 100 + 44 * place), sign, font=font, fill=25)
    return sheet


@pytest.mark.parametrize("lies", [0, 180])
def test_columns_are_read_from_the_right_and_the_page_stands(lies: int, engine: Engine, face: Face) -> None:
    seen = reading.read(scans.laid(vertical(face), lies).convert("RGB"), engine)
    assert seen.page.turn == lies
    assert seen.picture.size == (seen.page.width, seen.page.height) == (700, 1000)
    truth = scans.comparable("".join(COLUMNS))
    assert scans.errors(truth, scans.comparable(seen.page.text)) <= 2
    assert len(seen.page.lines) == len(COLUMNS)


def test_boxes_stand_on_their_columns(engine: Engine, face: Face) -> None:
    page = reading.read(vertical(face).convert("RGB"), engine).page
    for number, line in enumerate(page.lines):
        assert (line.box.x + line.box.w / 2) * 700 == pytest.approx(560 - 80 * number + 18, abs=15)
        assert line.box.h > 5 * line.box.w
