"""The same words of the same person are no second matter."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from intake import schema
from intake.verbs import Answer, Close
from tests.support.talking import PHONE, TalkingCounty
from tests.support.worked import CLERK, County

WORDS = "新港路的路灯坏了两个星期，请派人修理，谢谢。"
AGAIN: list[tuple[str, dict[str, Any], bool]] = [
    # what comes, and whether it joins the first case
    ("the same", {}, True),
    ("other spaces and marks", {"body": "新港路的路灯坏了两个星期  请派人修理 谢谢！"}, True),
    (
        "in traditional characters",
        {"body": "新港路的路燈壞了兩個星期，請派人修理，謝謝。"},
        False,
    ),  # 两 兩: a person looks
    ("other words", {"body": WORDS + "已经三个星期了。"}, False),
    ("from somebody else", {"contacts": [["email", "ben@citizen.example", True]]}, False),
    ("from a machine", {"automatic": "bulk"}, False),
]


@pytest.mark.parametrize(("what", "said", "joins"), AGAIN)
def test_a_mail_that_comes_again(county: County, what: str, said: dict[str, Any], joins: bool) -> None:
    first = county.case(body=WORDS)
    county.deliver()
    county.clock.advance(days=3)
    second = county.case(**{"body": WORDS} | said)
    assert (first == second) is joins, what
    if joins:
        assert county.events(first)[-1] == "added"
        assert [row.template for row in county.deliver()][-1:] == ["added"]


def test_two_in_one_batch_are_one_case(county: County) -> None:
    county.send(body=WORDS)
    county.send(body=WORDS)
    county.register()
    assert [row.n for row in county.rows("SELECT count(*) AS n FROM complaint")] == [1]
    assert [row.value for row in county.rows("SELECT value FROM counter")] == [1], "no number is skipped"


def test_short_words_never_join(county: County) -> None:
    assert county.case(body="你好") != county.case(body="你好")


@pytest.mark.parametrize(("gap", "joins"), [(29, True), (31, False)])
def test_within_thirty_days(county: County, gap: int, joins: bool) -> None:
    first = county.case(body=WORDS)
    county.clock.advance(days=gap)
    assert (county.case(body=WORDS) == first) is joins


def test_after_closing_it_is_a_new_complaint(county: County) -> None:
    first = county.case(body=WORDS)
    county.say(first, CLERK, Answer("已修好"))
    county.deliver()
    county.say(first, CLERK, Close("resolved"))
    assert county.case(body=WORDS) != first


def test_who_got_a_reference_at_the_door_keeps_it(county: County) -> None:
    first = county.case(body=WORDS)
    receipt = county.send(body=WORDS, wants=True, channel="web")
    county.register()
    assert county.reference_of(receipt) == receipt.reference != first


def test_a_text_that_comes_again_gets_the_same_reference(talking: TalkingCounty) -> None:
    talking.hear(WORDS)
    talking.clock.advance(days=1)
    talking.hear(WORDS)
    assert [row.n for row in talking.rows("SELECT count(*) AS n FROM complaint")] == [1]
    o = schema.outbox.c
    query = select(o.id, o.template, o.address).where(o.role == "complainant").order_by(o.id)
    said = talking.ask(query)
    assert [row.template for row in said][-1] == "added"
    assert {row.address for row in said} == {PHONE}


ELSEWHERE: list[tuple[str, dict[str, Any], dict[str, Any], bool]] = [
    # how it came first, how it comes again; whether it joins by itself
    (
        "one number by text, then by WhatsApp: two people until a clerk says otherwise",
        {"contacts": [["phone", "+12025550123", True]]},
        {"contacts": [["whatsapp", "+12025550123", True]]},
        False,
    ),
    (
        "by telephone, then by text from the same number",
        {"contacts": [["phone", "+12025550123", True]]},
        {"contacts": [["phone", "+12025550123", True]]},
        True,
    ),
    (
        "in the web form with an address, then by mail from there",
        {"channel": "web", "contacts": [["email", "ann@citizen.example", False]]},
        {"contacts": [["email", "ann@citizen.example", False]]},
        True,
    ),
    (
        "by mail, then with another's number beside the own address",
        {"contacts": [["email", "ann@citizen.example", True]]},
        {
            "contacts": [["email", "eve@citizen.example", True], ["email", "ann@citizen.example", False]],
        },
        False,
    ),
]


@pytest.mark.parametrize(("what", "first", "again", "joins"), ELSEWHERE)
def test_only_the_same_person_joins_by_itself(
    county: County, what: str, first: dict[str, Any], again: dict[str, Any], joins: bool
) -> None:
    one = county.case(body=WORDS, **first)
    county.clock.advance(days=1)
    assert (county.case(body=WORDS, **again) == one) is joins, what
