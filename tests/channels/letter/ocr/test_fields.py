"""What is suggested for the desk's form, as a table a clerk could read."""

from __future__ import annotations

import json
import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.letter.ocr import dates
from channels.letter.ocr.fields import Fields, suggest

SENDERS = (
    # what stands in the letter, who signed, on which line (from 0)
    (["投诉人：张三"], "张三", 0),
    (["投诉人姓名：欧阳示例", "电话：13800000001"], "欧阳示例", 0),
    (["举报人(签名)：李 示", "2026年3月5日"], "李示", 0),
    (["联系人：王小明 联系电话：13800000001"], "王小明", 0),
    (["联系人：王小明等五人"], "王小明", 0),
    (["姓名：王小明，住址：示例县"], "王小明", 0),
    (["请尽快处理。", "此致", "敬礼！", "白土镇思福村村民：李示", "2026年3月5日"], "李示", 3),
    (["此致敬礼", "赵示例", "二〇二六年三月五日"], "赵示例", 1),
    (["希望领导重视。", "陈小红", "2026年3月5日"], "陈小红", 1),
    (["希望领导重视。", "陈小红 2026年3月5日"], "陈小红", 1),
    (["Yours faithfully,", "Jemima Sample", "2 Willow Lane"], "Jemima Sample", 1),
    (["Kind regards, Ms. Ann O'Sample"], "Ms. Ann O'Sample", 0),
    (["Yours sincerely", "", "(J. Sample)"], "J. Sample", 2),
    (["Name: Pat Sample", "I complain about the noise."], "Pat Sample", 0),
    # nobody signed
    (["投诉人：匿名"], None, None),
    (["此致", "敬礼", "一名群众", "2026年3月5日"], None, None),
    (["请尽快处理我的问题。", "2026年3月5日"], None, None),
    (["I am a resident of Little Sampleton."], None, None),
)


@pytest.mark.parametrize(("lines", "name", "line"), SENDERS)
def test_who_signed(lines: list[str], name: str | None, line: int | None) -> None:
    found = suggest(lines).sender
    assert (found.value, found.line) == (name, line) if found else name is None


ADDRESSES = (
    (["地址：示例省示例市高要区白土镇文明路12号"], "示例省示例市高要区白土镇文明路12号", 0),
    (["通讯地址：示例县金渡镇文明路12号 邮编：526001"], "示例县金渡镇文明路12号, 526001", 0),
    (["住址：示例市高要区文明路", "3栋502室", "电话：13800000001"], "示例市高要区文明路3栋502室", 0),
    (["地址：示例县金渡镇文明路12号（邮编 526001）"], "示例县金渡镇文明路12号, 526001", 0),
    (["526001 示例省示例市高要区白土镇思福村3组", "李示"], "示例省示例市高要区白土镇思福村3组, 526001", 0),
    (["李示", "示例市高要区莲塘镇新桥街8号", "2026年3月5日"], "示例市高要区莲塘镇新桥街8号", 1),
    (["地址：示例县金渡镇文明路12号，电话：13800000001"], "示例县金渡镇文明路12号", 0),
    (
        ["16 Willow Lane", "Little Sampleton", "ZZ1 9ZZ", "5 March 2026"],
        "16 Willow Lane, Little Sampleton, ZZ1 9ZZ",
        0,
    ),
    (["Address: Flat 3, 16 Willow Lane, Little Sampleton"], "Flat 3, 16 Willow Lane, Little Sampleton", 0),
    # over a line's end
    (
        ["我的通信地址：示例省示例市高要区南岸街道文明路", "18号3栋502房，邮政编码526100。"],
        "示例省示例市高要区南岸街道文明路18号3栋502房, 526100",
        0,
    ),
    (
        ["通讯地址：示例市高要区文明路1", "8号3栋502房。", "电话：13800000001"],
        "示例市高要区文明路18号3栋502房",
        0,
    ),
    (["地址：示例市高要区文明路", "18号3栋502房，我在这里住了十年。"], "示例市高要区文明路18号3栋502房", 0),
    (["地址：示例市高要区文明路18号。", "3栋的人都知道"], "示例市高要区文明路18号", 0),
    (["地址：示例市，高要区，文明路18号"], "示例市高要区文明路18号", 0),
    (["示例市高要区南岸街道文明路", "18号3栋502房"], "示例市高要区南岸街道文明路18号3栋502房", 0),
    (["示例省示例市高要区", "南岸街道文明路18号3栋502房"], "示例省示例市高要区南岸街道文明路18号3栋502房", 0),
    (
        ["通信地址：示例市高要区", "南岸街道文明路", "18号3栋502房"],
        "示例市高要区南岸街道文明路18号3栋502房",
        0,
    ),
    (
        ["My postal address is Flat 3, 16 Willow Lane,", "Little Sampleton, ZZ1 9ZZ."],
        "Flat 3, 16 Willow Lane, Little Sampleton, ZZ1 9ZZ",
        0,
    ),
    (["Address: Flat 3, 16 Willow Lane,", "Little Sampleton"], "Flat 3, 16 Willow Lane, Little Sampleton", 0),
    # where something happened is not where somebody lives
    (["我在示例市高要区白土镇文明路12号被人打了。"], None, None),
    (["请派人到示例县金渡镇看一看。"], None, None),
    (["The bins in Willow Lane 16 have not been emptied."], None, None),
)


@pytest.mark.parametrize(("lines", "address", "line"), ADDRESSES)
def test_where_the_sender_lives(lines: list[str], address: str | None, line: int | None) -> None:
    found = suggest(lines).address
    assert (found.value, found.line) == (address, line) if found else address is None


PHONES: tuple[tuple[list[str], list[str]], ...] = (
    (["电话：138 0000 0001"], ["+8613800000001"]),
    (["手机１３８００００００１２"], ["+8613800000012"]),  # wide figures
    (["联系电话：0758-8321234"], ["+867588321234"]),
    (["电话 (0758) 8321234 转 5"], ["+867588321234"]),
    (["Tel. +1 202 555 0123"], ["+12025550123"]),
    (["局里的人让我打13800000009。", "电话：13800000001"], ["+8613800000001", "+8613800000009"]),
    (["电话：13800000001", "手机：13800000001"], ["+8613800000001"]),
    (["邮编：526001，身份证号忘了，合同2026030512号"], []),
)


@pytest.mark.parametrize(("lines", "numbers"), PHONES)
def test_telephones(lines: list[str], numbers: list[str]) -> None:
    assert [found.value for found in suggest(lines).phones] == numbers


DATES = (
    # what is written, the day it means
    ("2026年3月5日", date(2026, 3, 5)),
    ("2026 年 3 月 5 日", date(2026, 3, 5)),
    ("二〇二六年三月五日", date(2026, 3, 5)),
    ("二○二六年十二月三十一日", date(2026, 12, 31)),
    ("二O二六年元月廿八日", date(2026, 1, 28)),
    ("二零二六年十月二十日", date(2026, 10, 20)),
    ("2026-03-05", date(2026, 3, 5)),
    ("2026.3.5", date(2026, 3, 5)),
    ("2026/3/5", date(2026, 3, 5)),
    ("5 March 2026", date(2026, 3, 5)),
    ("5th March, 2026", date(2026, 3, 5)),
    ("March 5, 2026", date(2026, 3, 5)),
    ("Sept. 1st 2026", date(2026, 9, 1)),
    # no days of the calendar
    ("2026年2月30日", None),
    ("2026年13月1日", None),
    ("二〇二六年三月十十一日", None),
    ("1.2.3.4", None),
    ("3026年1月1日", None),
)


@pytest.mark.parametrize(("written", "day"), DATES)
def test_dates(written: str, day: date | None) -> None:
    assert [mention.day for mention in dates.mentions(written)] == ([day] if day else [])


def test_the_letters_date_is_the_one_it_ends_with() -> None:
    letter = ["2026年1月1日下午路灯坏了。", "请处理。", "此致", "敬礼", "李示", "2026年3月5日"]
    found = suggest(letter).written_on
    assert found is not None
    assert (found.value, found.line) == ("2026-03-05", 5)


def test_a_date_in_the_story_of_a_long_letter_is_not_the_letters() -> None:
    assert suggest(["2026年1月1日下午路灯坏了，到现在没有人修。"] + ["请处理。"] * 20).written_on is None


def test_an_address_for_mail_is_found_and_lower_cased() -> None:
    found = suggest(["电子邮箱：Li.Shi@Mail.example。"]).email
    assert found is not None
    assert found.value == "li.shi@mail.example"


def test_nothing_is_found_in_nothing() -> None:
    assert suggest([]) == suggest(["", " "]) == Fields()


PIECES = st.sampled_from(
    [
        "投诉人：",
        "地址",
        "：",
        "敬礼",
        "此致",
        "张",
        "村",
        "路",
        "12",
        "号",
        "2026年",
        "3月",
        "二",
        "〇",
        "十",
        "年",
        "月",
        "日",
        "@",
        ".",
        "a",
        "电话",
        "138",
        "Yours",
        " ",
        "，",
        "\x00",
        "\ud800",
        "省",
        "Lane",
        "1",
    ]
)


@given(st.lists(st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=60), max_size=20))
@settings(max_examples=300, deadline=None)
def test_never_raises_and_every_line_exists(lines: list[str]) -> None:
    found = suggest(lines).as_json()
    json.dumps(found)
    for value in [found["sender"], found["address"], found["email"], found["written_on"], *found["phones"]]:
        assert value is None or (value["value"] and 0 <= value["line"] < len(lines))


@pytest.mark.parametrize(
    "unit",
    [
        "投诉人：张",
        "a@",
        "a.b",
        "1380000",
        "省市县",
        "2026年3月",
        "村民：",
        "地址：12号",
        "12 Willow Lane ",
        "A ",
        "1 ",
    ],
)
def test_hostile_lines_take_no_longer_than_others(unit: str) -> None:
    begun = time.process_time()
    suggest([(unit * 100_000)[:100_000]] * 400)
    assert time.process_time() - begun < 4
