"""Where a line may end, as a table that a clerk could read."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.paper.breaking import CLOSING, OPENING, filled, lines, may_break, wrapped
from channels.paper.characters import one_line
from channels.paper.typeface import EM


@pytest.mark.parametrize(
    ("before", "after", "allowed"),
    [
        ("投", "诉", True),
        ("诉", "，", False),  # no comma begins a line
        ("诉", "。", False),
        ("诉", "）", False),
        ("诉", "”", False),
        ("诉", "…", False),
        ("，", "您", True),
        ("。", "A", True),
        ("（", "见", False),  # no bracket ends one
        ("《", "信", False),
        ("“", "两", False),
        ("见", "（", True),
        ("于", "1", True),
        ("1", "1", False),
        ("1", "月", True),
        ("a", "b", False),
        ("a", " ", False),
        (" ", "b", True),
        ("y", "’", False),
        ("’", "s", False),
        ("6", "-", False),
        ("-", "0", False),  # a reference stays whole
        ("3", ".", False),
        (".", "5", False),
        ("…", "…", False),
        ("—", "—", False),
        ("—", "到", True),
        ("￥", "5", False),
        ("5", "%", False),
        ("，", "“", True),
    ],
)
def test_between_two_characters(before: str, after: str, allowed: bool) -> None:
    assert may_break(before, after) is allowed


@pytest.mark.parametrize(
    ("text", "characters", "expected"),
    [
        ("您的投诉我们收到了", 4, ["您的投诉", "我们收到", "了"]),
        ("您的投诉，我们收到", 4, ["您的投", "诉，我们", "收到"]),
        ("您的投，我们收到了", 4, ["您的投，", "我们收到", "了"]),
        ("我们投诉，收到了", 4.5, ["我们投诉，", "收到了"]),  # at the edge a comma takes half its width
        ("见附件（第二页）吧", 4, ["见附件", "（第二页）", "吧"]),
        ("编号26-004217-4的", 5.7, ["编号", "26-004217-4", "的"]),
        ("the water was cloudy", 5, ["the water", "was", "cloudy"]),
        ("a  b", 9, ["a  b"]),
        ("", 4, [""]),
        ("全部https://e.example/track?x=1", 6, ["全部", "https://e.", "example/", "track?x=1"]),
        ("abcdefghijklmnop", 3, ["abcde", "fghijkl", "mnop"]),  # one word longer than the line
        ("两小时内”到场", 4.5, ["两小时内”", "到场"]),
    ],
)
def test_lines(text: str, characters: float, expected: list[str]) -> None:
    assert wrapped(text, characters * EM) == expected


@given(st.text("投诉，。（）“”《》a b1-/…—", max_size=200), st.integers(2, 30), st.booleans())
def test_nothing_is_lost_and_no_line_is_wrong(text: str, characters: int, latin: bool) -> None:
    text = one_line(text)
    found = lines(text, characters * EM, latin=latin, justify=True)
    assert "".join("".join(line.text.split()) for line in found) == "".join(text.split())
    assert all(line.width <= characters * EM + 0.01 or len(line.text) == 1 for line in found)
    assert [line.last for line in found] == [False] * (len(found) - 1) + [True]
    for line, following in pairwise(found):
        assert not line.text.startswith(" ")
        if len(line.text) > characters * 2 or not line.text or not following.text:
            continue
        forced = not any(may_break(a, b) for a, b in pairwise(line.text))
        if not forced and line.text[-1] not in "/-":
            assert following.text[0] not in CLOSING
            assert line.text[-1] not in OPENING or f"{line.text[-1]} " in text  # a space ends any line


def test_a_full_line_reaches_the_edge() -> None:
    (first, *_) = lines(
        "您的投诉我们收到了，受理编号26-004217-4，谢谢您的耐心等候", 11.7 * EM, latin=False, justify=True
    )
    assert first.width == pytest.approx(11.7 * EM)


def test_quotation_marks_are_narrow_in_english_only() -> None:
    english = lines("the “word” isn’t", 99 * EM, latin=True)[0]
    chinese = lines("说“话”吧", 99 * EM, latin=False)[0]
    assert english.width < 8 * EM
    assert chinese.width == 5 * EM


def test_parts_stay_whole() -> None:
    assert filled(["甲乙丙", "丁戊", "己庚辛"], 5 * EM, "") == ["甲乙丙丁戊", "己庚辛"]


@pytest.mark.parametrize("number", ["0758 282 8282", "+1 202-555-0118", "138 0000 0000"])
@pytest.mark.parametrize(
    "words", ["不清楚请打电话{}，有人接。", "If it is unclear, call {} in office hours."]
)
def test_a_telephone_number_stands_on_one_line(number: str, words: str) -> None:
    for characters in range(9, 40):
        set_in = wrapped(words.format(number), characters * EM)
        assert any(number in line for line in set_in), set_in
