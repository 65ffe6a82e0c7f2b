"""The lists: what stands where, in which order, page by page; search and filters; what an empty one says."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from intake.contracts import Submission
from intake.lifecycle import State
from tests.web.staff.conftest import ROADS, WATER, Browser, Hall
from web.staff import worklists
from web.staff.worklists import ALL, BUREAU_TABS, OFFICE_TABS

LISTED = re.compile(r'class="digits" href="/staff/cases/([\d-]+)"')
OLDER = re.compile(r'rel="next" href="([^"]+)"')
COUNT = re.compile(r'class="work-tab (\w+)[^>]*>[^<]*(?:<span class="count">([^<]*))?')


def listed(browser: Browser, path: str) -> list[str]:
    return LISTED.findall(browser.get(path).text)


def test_each_case_stands_where_its_work_is(hall: Hall) -> None:
    clerk = hall.browser("clerk")
    where: dict[str, dict[str, Any]] = {
        "new": {"state": State.TRIAGE, "bureau": None},
        "late": {"state": State.ASSIGNED, "due_at": hall.clock() - timedelta(hours=3)},
        "returned": {"state": State.ASSIGNED, "attention": "returned"},
        "look": {"state": State.CLOSED, "attention": "dissatisfied", "closed_at": hall.clock()},
        "answered": {"state": State.ANSWERED},
        "progress": {"state": State.AWAITING},
    }
    references = {}
    for tab, columns in where.items():
        references[tab] = hall.mail()
        hall.put(references[tab], attention_since=hall.clock(), **columns)
    for tab, reference in references.items():
        found = listed(clerk, f"/staff?tab={tab}")
        assert reference in found
        wanted = {reference} | ({references["late"], references["returned"]} if tab == "progress" else set())
        assert set(found) == wanted, tab
    assert set(listed(clerk, "/staff?tab=all")) == set(references.values())
    counts = dict(COUNT.findall(clerk.get("/staff").text))
    expected = {
        "new": "1",
        "late": "1",
        "returned": "1",
        "look": "1",
        "answered": "1",
        "progress": "3",
        "same": "0",
    }
    assert counts == {**expected, "all": ""}


def test_what_is_due_first_stands_first_over_all_pages(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worklists, "PAGE", 3)
    states, due = (State.ASSIGNED, State.IN_PROGRESS, State.AWAITING), {}
    for n in range(10):
        reference = hall.mail()
        due[reference] = hall.clock() + timedelta(hours=(n * 7) % 5)  # two each are due at one moment
        hall.put(reference, state=states[n % 3], due_at=due[reference])
    clerk, path, found = hall.browser("clerk"), "/staff?tab=progress", []
    while path:
        page = clerk.get(path).text
        assert len(LISTED.findall(page)) <= 3
        found += LISTED.findall(page)
        older = OLDER.search(page)
        path = older[1].replace("&amp;", "&") if older else ""
    assert found == sorted(due, key=lambda reference: (due[reference], reference))


def test_all_cases_newest_first_over_all_pages(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worklists, "PAGE", 2)
    references = [hall.mail() for _n in range(5)]
    hall.put(references[0], state=State.CLOSED, closed_at=hall.clock())
    clerk, path, found = hall.browser("clerk"), "/staff?tab=all", []
    while path:
        page = clerk.get(path).text
        found += LISTED.findall(page)
        older = OLDER.search(page)
        path = older[1].replace("&amp;", "&") if older else ""
    assert found == references[::-1]


def test_search_and_filters(hall: Hall) -> None:
    water, roads = hall.mail("停水", "供水公司停水"), hall.mail("Pothole", "公路局 a deep pothole")
    clerk = hall.browser("clerk")
    assert listed(clerk, "/staff?q=停水") == [water]
    assert listed(clerk, "/staff?q=pothole") == [roads]
    assert listed(clerk, "/staff?q=unknown") == []
    assert listed(clerk, f"/staff?tab=all&bureau={ROADS}") == [roads]
    assert listed(clerk, "/staff?tab=all&state=closed") == []
    assert listed(clerk, "/staff?tab=all&channel=web") == []
    assert listed(clerk, "/staff?tab=all&channel=email&state=assigned") == [roads, water]
    spoken = water.replace("-", " ")
    assert clerk.get(f"/staff?q={spoken}").headers["Location"] == f"/staff/cases/{water}"


def test_lateness_is_said_in_words(hall: Hall) -> None:
    clerk = hall.browser("clerk")
    words = {
        -72: "3 days late",
        -5: "5 hours late",
        1: "due in 1 hour",
        30: "due in 30 hours",
        72: "due in 3 days",
    }
    for hours, sentence in words.items():
        hall.put(hall.mail(), due_at=hall.clock() + timedelta(hours=hours))
        assert sentence in clerk.get("/staff?tab=all").text
    clerk.client.set_cookie("lang", "zh-Hans")
    page = clerk.get("/staff?tab=all").text
    assert "逾期3天" in page
    assert "还有1小时" in page


@pytest.mark.parametrize("tab", [tab.key for tab in (*OFFICE_TABS, ALL)])
def test_an_empty_list_says_what_to_do(small_hall: Hall, tab: str) -> None:
    advice = {each.key: each.empty for each in (*OFFICE_TABS, ALL)}[tab]
    assert advice.replace("“", "“") in small_hall.browser("clerk").get(f"/staff?tab={tab}").text


def test_a_bureau_sees_its_own(hall: Hall) -> None:
    theirs, helped, other = hall.mail(), hall.mail("x", "公路局"), hall.mail("y", "公路局")
    clerk, handler = hall.browser("clerk"), hall.browser("handler")
    hall.say(clerk, helped, "assign", bureau=ROADS, supporting=[WATER])
    assert set(listed(handler, "/bureau")) == {theirs, helped}
    assert set(listed(handler, "/bureau?tab=all")) == {theirs, helped}
    assert listed(handler, f"/bureau?tab=all&bureau={ROADS}") == [helped]
    assert other not in handler.get("/bureau?q=公路局").text
    for tab in BUREAU_TABS:
        assert handler.get(f"/bureau?tab={tab.key}").status_code == 200


def test_unreadable_messages_wait_with_what_is_wrong(hall: Hall) -> None:
    broken = Submission("web", "x", "broken", hall.clock(), b"no form at all")
    reference, clerk = hall.receive(broken), hall.browser("clerk")
    page = clerk.get("/staff/parked").text
    assert "the form is not JSON" in page
    assert reference in page
    raw = re.search(r'href="(/staff/submissions/\w+/raw)"', page)
    assert raw
    assert clerk.get(raw[1]).data == b"no form at all"
    assert hall.browser("handler").get("/staff/parked").status_code == 403


def test_pages_work_without_scripts_and_name_every_field(hall: Hall) -> None:
    reference, clerk = hall.mail(), hall.browser("clerk")
    for path in ("/staff", "/staff?tab=all", f"/staff/cases/{reference}", "/staff/account"):
        page = clerk.get(path).text
        assert " onclick=" not in page
        assert " style=" not in page
        ids = re.findall(r'<(?:input|select|textarea)(?![^>]*type="hidden")[^>]* id="([^"]+)"', page)
        labels = re.findall(r'<label[^>]* for="([^"]+)"', page)
        assert ids
        assert sorted(ids) == sorted(set(ids))
        assert set(ids) <= set(labels), set(ids) - set(labels)
