"""What is offered as one matter, by a table that a clerk could read; and what it costs."""

from __future__ import annotations

from typing import Any

import pytest

from intake.matching.worker import MatchWorker
from intake.verbs import Merge, Separate
from tests.support.worked import CLERK, County

LIGHTS = "解放北路小学门口的路灯坏了两个星期，孩子们放学时一片漆黑，家长们十分担心，请尽快派人修理。"
LOOK_ALIKES: list[tuple[str, dict[str, Any], dict[str, Any], bool, str]] = [
    # what they have in common; the first, the second; offered?; a reason that is given
    (
        "the same words of somebody else",
        {"body": LIGHTS},
        {"body": LIGHTS + "谢谢！"},
        True,
        "words",
    ),
    (
        "words lightly changed, spaces and full stops lost",
        {"body": LIGHTS},
        {"body": "解放北路小学门口的路灯坏了二个星期 孩子们放学时一片漆黑 家长们很担心 请尽快派人来修理"},
        True,
        "words",
    ),
    (
        "English, a word changed",
        {"body": "The street lamp outside the school in Harbour Road has been broken for two weeks now."},
        {"body": "The street lamp outside the school on Harbour Road has been broken for three weeks now."},
        True,
        "words",
    ),
    (
        "one telephone, a letter and a text, one bureau",
        {"body": "公交车半夜不停站", "contacts": [["postal", "示例市第一街"], ["phone", "+12025550123"]]},
        {"body": "bus 的投诉没人管", "contacts": [["phone", "+12025550123", True]]},
        True,
        "contact",
    ),
    (
        "one number by text and by WhatsApp, one bureau: two people until a clerk says otherwise",
        {"body": "公交车半夜不停站", "contacts": [["phone", "+12025550123", True]]},
        {
            "body": "bus 的投诉没人管",
            "contacts": [["email", "cat@citizen.example"], ["whatsapp", "+12025550123", True]],
        },
        True,
        "contact",
    ),
    (
        "one house, one bureau, other words",
        {"body": "公交车在新港路12号门前从不停靠，老人走不动"},
        {"body": "昨天新港路12号站牌那里，公交司机又开走了不理人"},
        True,
        "place",
    ),
    (
        "one road, but other bureaus and other troubles",
        {"body": "公交车在新港路上开得太快"},
        {"body": "新港路医院排队三个小时没有人管"},
        False,
        "",
    ),
    ("nothing", {"body": "公交车不停站，司机态度差"}, {"body": "小区里半夜施工吵得睡不着觉"}, False, ""),
    (
        "typed anew with a seventh of it wrong",
        {"body": LIGHTS},
        {"body": "解放北路小学们口的路灯坏了两个星斯，孩子们放学是一片漆黒，家长门十分担心请尽快派人修里"},
        True,
        "words",
    ),
    (
        "a letter, and its substance in a text of a few words",
        {
            "body": LIGHTS
            + "这条路上车多，上个月已经有两位老人摔伤。社区说不归他们管，供电公司说不是他们的灯。"
        },
        {"body": "小学门口路灯坏了两个星期，放学时一片漆黑，没人修"},
        True,
        "stands in the longer",
    ),
    (
        "traditional characters, other marks",
        {"body": LIGHTS},
        {"body": "解放北路小學門口的路燈壞了兩個星期,孩子們放學時一片漆黑,家長們十分擔心,請盡快派人修理!"},
        True,
        "same words",
    ),
    (
        "a dozen characters, typed twice",
        {"body": "东门桥头路灯坏了没人修理"},
        {"body": "东门桥头路灯坏了没人来修"},
        True,
        "words",
    ),
    (
        "courtesies alone in common",
        {"body": "尊敬的领导您好，希望有关部门尽快处理，自来水发黄有怪味，谢谢领导"},
        {"body": "尊敬的领导您好，希望有关部门尽快处理，拖欠三个月工资，谢谢领导"},
        False,
        "",
    ),
    ("greetings alone", {"body": "你好"}, {"body": "你好"}, False, ""),
]


def offered(county: County) -> list[Any]:
    """What the worker has offered by now."""
    return county.rows("SELECT * FROM companion WHERE state = 'offered'")


def match(county: County) -> None:
    """Let the worker look at all that was filed."""
    worker = MatchWorker(county.store, county.clock, "matcher-1")
    while worker.work():
        continue


@pytest.mark.parametrize(("common", "one", "other", "expected", "why"), LOOK_ALIKES)
def test_look_alikes(
    county: County, common: str, one: dict[str, Any], other: dict[str, Any], expected: bool, why: str
) -> None:
    county.case(**{"subject": "", "contacts": [["email", "ann@citizen.example"]]} | one)
    match(county)
    county.clock.advance(days=1)
    county.case(**{"subject": "", "contacts": [["email", "ben@citizen.example"]]} | other)
    match(county)
    found = offered(county)
    assert bool(found) is expected, common
    assert not expected or why in found[0].reasons
    assert not expected or "zh" in found[0].reasons


def test_the_same_place_long_ago_is_another_matter(county: County) -> None:
    county.case(body="公交车在新港路12号门前从不停靠", contacts=[["email", "ann@citizen.example"]])
    match(county)
    county.clock.advance(days=60)
    county.case(body="昨天新港路12号站牌那里公交司机不理人", contacts=[["email", "ben@citizen.example"]])
    match(county)
    assert offered(county) == []


def test_two_that_are_looked_at_together_find_each_other(county: County) -> None:
    for name in ("ann", "ben"):
        county.send(body=LIGHTS, contacts=[["email", f"{name}@citizen.example"]])
    county.register()
    match(county)
    assert len(offered(county)) == 1


def test_a_form_letter_offers_a_few_and_no_more(county: County) -> None:
    for n in range(40):
        county.send(body=LIGHTS, contacts=[["email", f"c{n}@citizen.example"]])
    county.register()
    match(county)
    per_case = county.rows("SELECT count(*) AS n FROM companion GROUP BY complaint_id, other_id")
    assert {row.n for row in per_case} == {1}
    assert len(per_case) <= 40 * 5


def test_what_was_dismissed_or_merged_is_not_offered_again(county: County) -> None:
    first = county.case(body=LIGHTS, contacts=[["email", "ann@citizen.example"]])
    second = county.case(body=LIGHTS, contacts=[["email", "ben@citizen.example"]])
    match(county)
    county.say(second, CLERK, Merge(first, "同一件事"))
    assert offered(county) == []
    county.say(second, CLERK, Separate("其实不是"))
    county.sql("UPDATE matching SET state = 'pending'")
    match(county)
    assert offered(county) == []
    assert [row.state for row in county.rows("SELECT state FROM companion")] == ["dismissed"]


def test_what_joins_a_merged_case_is_offered_with_its_lead(county: County) -> None:
    first = county.case(body="公交车不停站", contacts=[["email", "ann@citizen.example"]])
    second = county.case(body=LIGHTS, contacts=[["email", "ben@citizen.example"]])
    match(county)
    county.say(second, CLERK, Merge(first, "同一件事"))
    third = county.case(body=LIGHTS, contacts=[["email", "cat@citizen.example"]])
    match(county)
    assert [(row.complaint_id, row.other_id) for row in offered(county)] == [
        (county.row(third).id, county.row(first).id)
    ]


def test_a_worker_that_died_leaves_its_rows_to_the_next(county: County) -> None:
    county.case(body=LIGHTS, contacts=[["email", "ann@citizen.example"]])
    county.sql("UPDATE matching SET owner = 'dead', lease_until = :then", then="2026-03-02 01:10:00.000000")
    county.clock.advance(hours=1)
    match(county)
    assert [row.state for row in county.rows("SELECT state FROM matching")] == ["done"]
