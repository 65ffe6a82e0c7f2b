"""Small pages, printed here, are read whichever way up they lie."""

from __future__ import annotations

import random

import pytest
from PIL import Image

from channels.letter.ocr import reading
from channels.letter.ocr.engine import Engine, Strip
from channels.letter.ocr.page import ReadPage
from tests.support import printed_pages as scans
from tests.support.printed_pages import Face

SHEET = (1000, 700)
LETTER = (
    "尊敬的领导：\n文明路12号门口的路灯坏了两个月，晚上什么也看不见，老人在这里摔过跤。"
    "我打过三次电话，每次都说会派人来修，可是一直没有人来。\n投诉人：李示\n2026年3月5日"
)
ENGLISH = (
    "Dear Sir or Madam,\nThe street lamp outside 16 Willow Lane has been out of order since 14 February. "
    "I telephoned on three occasions (reference QX-7741/b) and nobody came.\nYours faithfully,\nJemima Sample"
)


def letter(text: str, face: Face) -> tuple[Image.Image, str]:
    return scans.printed(text, face, sheet=SHEET, margin=70)


def share_right(truth: str, page: ReadPage) -> float:
    expected = scans.comparable(truth)
    return 1 - scans.errors(expected, scans.comparable(page.text)) / len(expected)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("text", [LETTER, ENGLISH], ids=["Chinese", "English"])
def test_worn_letters_are_turned_and_read(text: str, turn: int, engine: Engine, face: Face) -> None:
    page, truth = letter(text, face)
    seen = reading.read(scans.laid(scans.worn(page, random.Random(turn)), turn), engine)
    assert seen.page.turn == turn
    assert share_right(truth, seen.page) >= 0.98
    assert len(seen.page.lines) == len(truth.split("\n"))


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_page_with_one_short_line_is_turned(turn: int, engine: Engine, face: Face) -> None:
    page, _ = letter("请还我的鸡", face)
    seen = reading.read(scans.laid(page, turn).convert("RGB"), engine)
    assert (seen.page.turn, seen.page.text) == (turn, "请还我的鸡")


@pytest.mark.parametrize("words", ["请尽快答复。", "收到。", "张三", "Please reply."])
def test_a_few_words_on_a_large_sheet_are_found(words: str, engine: Engine, face: Face) -> None:
    page, _ = scans.printed(words, face)
    assert scans.comparable(reading.read(page.convert("RGB"), engine).page.text) == scans.comparable(words)


def test_numbers_and_addresses_keep_their_signs(engine: Engine, face: Face) -> None:
    text = "联系电话：13800138000，工单号20260901-330871，邮箱willow_village@mail.example。" * 4
    page, truth = scans.printed(text, face)
    assert scans.comparable(reading.read(page.convert("RGB"), engine).page.text) == scans.comparable(truth)


@pytest.mark.parametrize(
    ("squeezed", "whole", "counts"),
    [
        (("电话1380018000", 0.99), ("电话13800138000", 0.97), "电话13800138000"),  # two figures ran into one
        (("路灯不亮", 0.95), ("路灯不高", 0.93), "路灯不亮"),
        (("号码20260901", 0.97), ("号码2O.6O9", 0.6), "号码20260901"),
    ],
)
def test_figures_count_as_they_were_read_with_room(
    squeezed: tuple[str, float], whole: tuple[str, float], counts: str
) -> None:
    looks = [Strip(text, (sure,) * len(text)) for text, sure in (squeezed, whole)]
    assert reading.better(*looks).text == counts


@pytest.mark.parametrize("askew", [-9.0, -2.5, 4.0, 9.0])
def test_pages_askew_are_straightened(askew: float, engine: Engine, face: Face) -> None:
    page, truth = letter(LETTER, face)
    lying = page.rotate(askew, expand=True, fillcolor=255, resample=Image.Resampling.BICUBIC)
    seen = reading.read(scans.laid(lying, 90).convert("RGB"), engine)
    assert seen.page.turn == 90
    assert seen.page.skew == pytest.approx(askew, abs=0.4)
    assert share_right(truth, seen.page) >= 0.98
    assert len(seen.page.lines) == len(truth.split("\n"))


def test_boxes_point_at_their_lines_in_the_upright_picture(engine: Engine, face: Face) -> None:
    page, _ = letter(LETTER, face)
    lying = scans.laid(page.rotate(3, expand=True, fillcolor=255), 270)
    seen = reading.read(lying.convert("RGB"), engine)
    assert seen.picture.size == (seen.page.width, seen.page.height)
    for line in seen.page.lines:
        left, top = line.box.x * seen.page.width, line.box.y * seen.page.height
        right, bottom = left + line.box.w * seen.page.width, top + line.box.h * seen.page.height
        inside = seen.picture.crop((round(left), round(top), round(right), round(bottom)))
        again = reading.read(_on_paper(inside), engine).page.text
        assert scans.errors(scans.comparable(line.text), scans.comparable(again)) <= 1 + len(line.text) // 10


def _on_paper(strip: Image.Image) -> Image.Image:
    paper = Image.new("RGB", (strip.width + 80, strip.height + 80), "white")
    paper.paste(strip, (40, 40))
    return paper


def test_two_columns_are_read_one_after_the_other(engine: Engine, face: Face) -> None:
    left, left_truth = scans.printed(
        "东门小区楼下的烧烤摊每天吵到凌晨，油烟很大，我们不敢开窗。" * 3, face, sheet=(600, 700), margin=50
    )
    right, right_truth = scans.printed(
        "请有关部门派人到现场看一看，给我们居民一个明确的答复。" * 3, face, sheet=(600, 700), margin=50
    )
    both = Image.new("L", (1200, 700), 255)
    both.paste(left, (0, 0))
    both.paste(right, (600, 12))  # columns are seldom level
    assert share_right(left_truth + right_truth, reading.read(both.convert("RGB"), engine).page) >= 0.98


def test_what_cannot_be_read_surely_is_marked(engine: Engine, face: Face) -> None:
    page, truth = letter(LETTER, face)
    small = page.resize((SHEET[0] // 4, SHEET[1] // 4), Image.Resampling.BOX)  # eight pixels a character
    seen = reading.read(small.resize(SHEET).convert("RGB"), engine)
    wrong = scans.errors(scans.comparable(truth), scans.comparable(seen.page.text))
    assert wrong > 0
    assert any(line.doubtful for line in seen.page.lines)


@pytest.mark.parametrize("colour", ["white", "black", (200, 180, 160)])
def test_an_empty_page_has_no_lines(colour: str | tuple[int, int, int], engine: Engine) -> None:
    seen = reading.read(Image.new("RGB", SHEET, colour), engine)
    assert seen.page.lines == ()
    assert (seen.page.turn, seen.page.skew) == (0, 0.0)


@pytest.mark.parametrize("size", [(1, 1), (1, 2600), (2600, 1), (7, 7), (2600, 40)])
def test_pages_of_odd_shapes_do_no_harm(size: tuple[int, int], engine: Engine) -> None:
    assert reading.read(Image.new("RGB", size, "white"), engine).page.lines == ()


def test_pure_noise_does_no_harm(engine: Engine) -> None:
    noise = Image.effect_noise((900, 1200), 200).convert("RGB")
    assert all(0 <= line.confidence <= 1 for line in reading.read(noise, engine).page.lines)
