"""Who wrote a letter: what is left out of its text, and when its writer allows to be named."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.letter.secrecy import Writer, left_out, may_be_named, tells

WRITER = Writer("示例甲", "+8613800005678", "me@citizen.example", "高要区示例路1号, 526100")

LEFT_OUT = (
    # what was written, what is left of it
    ("投诉人：示 例\n甲", "投诉人：〔姓名〕"),
    ("电话：138-0000-5678 (+86 138 0000 5678)", "电话：〔电话〕 (〔电话〕)"),
    ("Me@Citizen.example", "〔邮箱〕"),
    ("地址：高要区示例路1号", "地址：〔住址〕"),
    ("高要区示例路1号\n526100", "〔住址〕\n526100"),
    ("我住在高要区示例路1号，井干了。", "我住在〔住址〕，井干了。"),
    ("高要区示例路1号的餐馆油烟很大，影响所有人休息。", "高要区示例路1号的餐馆油烟很大，影响所有人休息。"),
    ("西江路的路灯坏了。", "西江路的路灯坏了。"),
)


@pytest.mark.parametrize(("text", "left"), LEFT_OUT)
def test_what_is_left(text: str, left: str) -> None:
    assert left_out(text, WRITER, "zh-Hans") == left


def test_english_letters_have_english_marks() -> None:
    writer = Writer("Jane Sample", "+12025550123", "jane@citizen.example", "5 Sample Road, Gaoyao")
    text = "I am Jane Sample, call (202) 555-0123.\nJANE SAMPLE\n5 Sample Road\nGaoyao"
    assert left_out(text, writer, "en") == "I am [name], call [telephone].\n[name]\n[address]"


DOOR = Writer(address="示例省示例市高要区南岸街道文明路18号3栋502房, 526100")
DOOR_LEFT_OUT = (
    (
        "我的通信地址：示例省示例市高要区南岸街道文明路\n18号3栋502房，邮政编码526100。",
        "我的通信地址：〔住址〕。",
    ),
    ("18号3栋502房，邮政编码526100", "〔住址〕"),
    ("我家在文明路 18 号\n3栋502房，夜里很吵。", "我家在〔住址〕，夜里很吵。"),
    ("家住文明路18号，夜里很吵。", "家住〔住址〕，夜里很吵。"),
    ("我家在文明路18号3栋502，夜里很吵。", "我家在〔住址〕，夜里很吵。"),
    ("地址：高要区文明路18号", "地址：〔住址〕"),
    # the place of the matter
    ("文明路的路灯坏了。", "文明路的路灯坏了。"),
    ("文明路18号的餐馆油烟很大，影响所有人休息。", "文明路18号的餐馆油烟很大，影响所有人休息。"),
    ("地址：示例市高要区南岸街道文明路夜市", "地址：示例市高要区南岸街道文明路夜市"),
    ("文明路18号5栋1502房漏水。", "文明路18号5栋1502房漏水。"),
)


@pytest.mark.parametrize(("text", "left"), DOOR_LEFT_OUT)
def test_a_door_is_left_out_wherever_it_stands_and_the_street_stays(text: str, left: str) -> None:
    assert left_out(text, DOOR, "zh-Hans") == left
    assert tells(text, DOOR) is ("3栋502" in text)
    assert not tells(left, DOOR)


def test_an_english_flat_is_a_door() -> None:
    writer = Writer(address="Flat 3, 16 Willow Lane, Little Sampleton")
    text = "The bins of Willow Lane overflow. I live in flat 3, 16 Willow\nLane with two children."
    assert tells(text, writer)
    left = left_out(text, writer, "en")
    assert left == "The bins of Willow Lane overflow. I live in [address] with two children."
    assert not tells(left, writer)
    assert not tells("The bins of 16 Willow Lane overflow, and room 3 is damp.", writer)


@given(st.text(alphabet="文明路18号3栋502房，\n 526100住址：", max_size=80))
def test_no_door_is_told_after_it_was_left_out(text: str) -> None:
    assert not tells(left_out(text, DOOR, "zh-Hans"), DOOR)


@given(st.text(alphabet="示例甲 1380005678-+()\nme@citizen.example。", max_size=120))
def test_nothing_tells_after_it_was_left_out(text: str) -> None:
    assert not tells(left_out(text, WRITER, "zh-Hans"), WRITER)


CONSENT = (
    ("不需要为我保密。", True),
    ("可以公开我的姓名。", True),
    ("我同意把我的姓名告诉公路局。", True),
    ("You may give my name to the bureau.", True),
    ("There is no need to keep my name secret.", True),
    ("Please name me to the bureau.", True),
    ("I would like to be named to the water bureau.", True),
    ("Please identify me to the office.", True),
    ("请向公路局公开我的姓名。", True),
    ("可以告诉公路局我的姓名。", True),
    ("Please do not name me to the bureau.", False),
    ("Please never identify me to the office.", False),
    ("Please name the person at the bureau.", False),
    ("请不要告诉公路局我的姓名。", False),
    ("请为我保密。", False),
    ("不可以公开我的姓名。", False),
    ("我不同意将姓名告知公路局。", False),
    ("请不要公开我的身份。", False),
    ("You may not give my name to the bureau.", False),
    ("Please do not share my name.", False),
    ("实名举报。", False),  # to the office; the law keeps it from the one complained about
)


@pytest.mark.parametrize(("said", "named"), CONSENT)
def test_a_letter_asks_to_be_named_in_so_many_words(said: str, named: bool) -> None:
    assert bool(may_be_named(f"路灯坏了。{said}谢谢。")) is named


@pytest.mark.parametrize(
    "bad", ["1 " * 50_000, "示例" * 50_000, "\n" * 100_000, "可以公开" * 25_000, "住址：文明路18" * 9_000]
)
def test_hostile_text_costs_little(bad: str) -> None:
    begun = time.process_time()
    left_out(bad, WRITER, "zh-Hans")
    left_out(bad, DOOR, "zh-Hans")
    tells(bad, DOOR)
    may_be_named(bad)
    assert time.process_time() - begun < 2
