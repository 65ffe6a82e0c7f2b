"""Pieces of print become lines in the order in which people read them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from channels.letter.ocr import doubt, punctuation
from channels.letter.ocr.lines import Piece, in_order
from channels.letter.ocr.page import Box, ReadLine, ReadPage, Span


def piece(text: str, left: float, top: float, width: float = 400, height: float = 30) -> Piece:
    return Piece(left, top, left + width, top + height, text, (0.9,) * len(text))


def texts(*pieces: Piece) -> list[str]:
    return [line.text for line in in_order(pieces)]


def test_a_piece_that_begins_a_little_lower_still_belongs_to_its_line() -> None:
    assert texts(piece("的路灯", 520, 112), piece("文明路", 100, 100), piece("坏了", 100, 150)) == [
        "文明路 的路灯",
        "坏了",
    ]


def test_pieces_that_touch_are_joined_without_a_space() -> None:
    assert texts(piece("路灯", 100, 100, 100), piece("坏了", 205, 100, 100)) == ["路灯坏了"]


def test_a_comma_alone_stays_in_its_line() -> None:
    assert texts(
        piece("路灯坏了", 100, 100, 120), piece("，", 222, 118, 8, 10), piece("请修", 232, 100, 60)
    ) == ["路灯坏了，请修"]


def test_lines_close_together_stay_apart() -> None:
    assert texts(*(piece(str(number), 100, 100 + 28 * number) for number in range(20))) == [
        str(n) for n in range(20)
    ]


def test_a_tall_seal_does_not_draw_lines_together() -> None:
    seal = piece("专用章", 450, 90, 120, 120)
    lines = texts(piece("第一行", 100, 100), piece("第二行", 100, 140), piece("第三行", 100, 180), seal)
    assert [line.replace("专用章", "").strip() for line in lines if line != "专用章"] == [
        "第一行",
        "第二行",
        "第三行",
    ]


def test_two_columns_are_read_one_after_the_other_under_their_heading() -> None:
    heading = piece("标题", 100, 40, 1000)
    left = [piece(f"左{number}", 100, 100 + 40 * number) for number in range(6)]
    right = [piece(f"右{number}", 700, 110 + 40 * number) for number in range(6)]
    mixed = [entry for pair in zip(right, left, strict=True) for entry in pair]
    assert texts(*mixed, heading) == ["标题", *(f"左{n}" for n in range(6)), *(f"右{n}" for n in range(6))]


def test_a_form_of_names_and_values_is_read_line_by_line() -> None:
    labels = [piece("姓名：", 100, 100 + 40 * number, 90) for number in range(6)]
    values = [piece(f"值{number}", 700, 100 + 40 * number, 90) for number in range(6)]
    assert texts(*labels, *values) == [f"姓名： 值{number}" for number in range(6)]


PLACES = st.floats(0, 2000)
SIZES = st.floats(1, 300)


@given(st.lists(st.builds(piece, st.text(min_size=1, max_size=5), PLACES, PLACES, SIZES, SIZES), max_size=40))
def test_no_piece_is_lost_wherever_it_stands(pieces: list[Piece]) -> None:
    lines = in_order(pieces)
    kept = "".join(line.text for line in lines).replace(" ", "")
    assert sorted(kept) == sorted("".join(entry.text for entry in pieces).replace(" ", ""))
    assert all(len(line.text) == len(line.confidences) for line in lines)


def test_of_a_word_the_whole_is_doubtful_and_of_chinese_the_character() -> None:
    text = "电话 01632 坏了"
    unsure = [1.0] * len(text)
    unsure[4] = unsure[10 - 1] = 0.3
    assert doubt.spans(text, unsure) == (Span(3, 8), Span(9, 10))


def test_nothing_is_doubtful_that_is_sure() -> None:
    assert doubt.spans("路灯坏了。", [0.99] * 5) == ()


def test_chinese_gets_wide_signs_and_figures_keep_theirs() -> None:
    assert punctuation.chinese("路灯坏了,请修(3,000元).") == "路灯坏了，请修（3,000元）。"
    assert punctuation.chinese("电话:10:30,好!坏?") == "电话：10:30，好！坏？"
    assert punctuation.chinese("我住这里.") == "我住这里。"
    assert punctuation.chinese("请求：(1）查明；(2)停工") == "请求：（1）查明；（2）停工"
    assert punctuation.chinese("共126户(487人)") == "共126户（487人）"
    assert punctuation.chinese("Lamps (12, 14) are broken. Why?") == "Lamps (12, 14) are broken. Why?"


@given(st.text(max_size=80))
def test_signs_are_replaced_one_by_one(text: str) -> None:
    assert len(punctuation.chinese(text)) == len(text)


def test_a_page_survives_json() -> None:
    page = ReadPage(10, 20, 90, -1.25, (ReadLine("路灯", Box(0.1, 0.2, 0.3, 0.4), 0.5, (Span(0, 1),)),))
    assert ReadPage.from_json(page.as_json()) == page
