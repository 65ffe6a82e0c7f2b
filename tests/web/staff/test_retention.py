"""The list of what grows too old: for those who answer for it, in both languages."""

from __future__ import annotations

from datetime import timedelta

from tests.web.staff.conftest import Hall


def closed(hall: Hall, age: timedelta) -> str:
    reference = hall.mail()
    hall.put(reference, state="closed", closed_at=hall.clock() - age, bureau="water")
    return reference


def test_the_preview_names_what_the_next_month_erases(hall: Hall) -> None:
    soon, later = closed(hall, timedelta(days=1810)), closed(hall, timedelta(days=1700))
    page = hall.browser("leader").get("/staff/retention").text
    assert "5 years after closing" in page
    assert "within 30 days: 1" in page
    assert (soon in page, later in page) == (True, False)
    chinese = hall.browser("admin").client.get("/staff/retention", headers={"Accept-Language": "zh-CN"}).text
    assert "30 天内将抹去：1 件" in chinese


def test_an_empty_list_says_so(hall: Hall) -> None:
    assert "Nothing grows that old" in hall.browser("admin").get("/staff/retention").text


def test_clerks_and_bureaus_are_not_asked(hall: Hall) -> None:
    for role in ("clerk", "desk", "handler"):
        assert hall.browser(role).get("/staff/retention").status_code == 403
