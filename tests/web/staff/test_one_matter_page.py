"""What a clerk sees of cases that look alike, and what nobody else sees."""

from __future__ import annotations

import re

from intake.matching.worker import MatchWorker
from intake.references import number_from
from tests.web.staff.conftest import WATER, Hall

WORDS = "供水公司停水三天没有任何通知，老人孩子连水都喝不上，请尽快恢复供水。"


def two_alike(hall: Hall) -> tuple[str, str]:
    """Two complaints in nearly the same words, looked at by the worker."""
    first = hall.mail(body=WORDS)
    second = hall.form(text=WORDS + "谢谢！", name="Sample Person", phone="+12025550123")
    match(hall)
    return first, second


def match(hall: Hall) -> None:
    worker = MatchWorker(hall.running.services.store, hall.clock, "m1")
    while worker.work():
        continue


def test_both_texts_stand_side_by_side_with_the_reason(hall: Hall) -> None:
    first, second = two_alike(hall)
    page = hall.browser("clerk").get(f"/staff/cases/{second}").text
    assert "Possibly the same matter" in page
    assert "Nearly the same words" in page or "of the words are the same" in page
    assert page.count(WORDS) >= 2
    (proposed,) = re.findall(r'name="reason"[^>]*value="([^"]+)"', page)
    chinese, _, english = proposed.partition(" / ")
    assert ("文字" in chinese, "words" in english) == (True, True), "kept in both, whoever reads it later"
    assert f'value="{first}"' in page


def test_merge_leads_to_the_lead_which_shows_both(hall: Hall) -> None:
    first, second = two_alike(hall)
    clerk = hall.browser("clerk")
    answer = hall.say(
        clerk,
        second,
        "merge",
        into=first,
        into_version=hall.case(first).version,
        reason="Nearly the same words",
    )
    assert (answer.status_code, answer.location) == (303, f"/staff/cases/{first}")
    assert f"Merged into {first}" in clerk.get("/staff?tab=all").text
    page = clerk.get(f"/staff/cases/{first}").text
    assert "Handled together" in page
    assert second in page
    assert page.count(WORDS) >= 2, "one timeline: what both wrote"
    assert "Possibly the same matter" not in page
    merged = clerk.get(f"/staff/cases/{second}").text
    assert "That case is handled and answered for both." in merged
    assert f"{second}/reopen" not in merged
    apart = hall.say(clerk, second, "separate", reason="two houses")
    assert apart.status_code == 303
    assert hall.case(second).merged_into is None


def test_not_the_same_is_remembered(hall: Hall) -> None:
    first, second = two_alike(hall)
    clerk = hall.browser("clerk")
    answer = clerk.post(f"/staff/cases/{second}/different", {"other": first})
    assert answer.status_code == 303
    assert "Possibly the same matter" not in clerk.get(f"/staff/cases/{second}").text
    assert "Possibly the same matter" not in clerk.get(f"/staff/cases/{first}").text


def test_the_list_counts_what_looks_alike(hall: Hall) -> None:
    _, second = two_alike(hall)
    page = hall.browser("clerk").get("/staff?tab=same").text
    assert second in page
    assert "Same matter?" in page


def test_a_stale_lead_is_not_merged_into(hall: Hall) -> None:
    first, second = two_alike(hall)
    seen = hall.case(first).version
    clerk = hall.browser("clerk")
    hall.say(clerk, first, "note", text="being looked at")
    answer = hall.say(clerk, second, "merge", into=first, into_version=seen, reason="same")
    assert answer.status_code == 409
    assert hall.case(second).merged_into is None


def test_a_bureau_sees_nothing_of_it_and_may_not_merge(hall: Hall) -> None:
    first, second = two_alike(hall)
    assert hall.case(first).bureau == WATER
    handler = hall.browser("handler")
    page = handler.get(f"/staff/cases/{first}").text
    assert "Possibly the same matter" not in page
    assert second not in page
    assert hall.say(handler, first, "merge", into=second, reason="same").status_code == 403
    assert handler.post(f"/staff/cases/{first}/different", {"other": second}).status_code == 403


def test_a_bureau_is_not_told_the_name_of_a_lead_that_it_may_not_see(hall: Hall) -> None:
    first, second = two_alike(hall)
    clerk = hall.browser("clerk")
    hall.say(clerk, first, "merge", into=second, reason="same")
    hall.put(second, bureau="roads")
    page = hall.browser("handler").get(f"/staff/cases/{first}").text
    assert f'href="/staff/cases/{second}"' not in page
    assert number_from(second) == hall.case(second).number
