"""Pages of letters, printing, companions and people ask as many queries for many as for one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from intake import schema
from intake.letters import LetterIntake, Scan
from tests.support.county import COUNTY
from tests.web.printing.conftest import ADDRESS, room_over
from tests.web.staff.conftest import Hall
from tests.web.staff.test_one_matter_page import WORDS, match

MORE = 6


def queries(hall: Hall, role: str, path: str) -> Callable[[], int]:
    """How many statements a page asks, once it has been seen (a first visit notes who looks in)."""
    browser = hall.browser(role)

    def ask() -> int:
        asked: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            asked.append(statement)

        engine = hall.running.services.store.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            assert browser.get(path).status_code == 200
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return len(asked)

    ask()
    return ask


def scan(hall: Hall, n: int) -> None:
    services = hall.running.services
    letters = LetterIntake(services.store, services.blobs, COUNTY.zone)
    letters.take_in([Scan(f"{n}.png", "image/png", b"\x89PNG %d" % n)], "upload", hall.clock())


def post(hall: Hall, n: int) -> None:
    room_over(hall).letter(address=f"{ADDRESS} {n}")


def alike(hall: Hall, n: int) -> None:
    hall.form(text=f"{WORDS}{n}", name="Sample Person", phone=f"+1202555011{n}")
    match(hall)


def old(hall: Hall, n: int) -> None:
    reference = hall.mail(body=f"第{n}件事：供水公司停水")
    hall.put(reference, state="closed", closed_at=hall.clock() - timedelta(days=1810), bureau="water")


def of_one(hall: Hall, n: int) -> None:
    hall.mail(body=f"第{n}件事：供水公司停水，请处理")


@pytest.mark.parametrize(
    ("make", "role", "path"),
    [
        (scan, "desk", "/staff/letters"),
        (post, "desk", "/staff/printing"),
        (old, "leader", "/staff/retention"),
        (of_one, "clerk", "/staff?q=bao@citizen.example"),
    ],
    ids=["letters", "printing", "retention", "person"],
)
def test_a_list_asks_no_more_for_many(
    small_hall: Hall, make: Callable[[Hall, int], None], role: str, path: str
) -> None:
    make(small_hall, 0)
    ask = queries(small_hall, role, path)
    one = ask()
    for n in range(1, MORE):
        make(small_hall, n)
    assert ask() == one


def test_a_case_asks_no_more_for_many_companions(small_hall: Hall) -> None:
    reference = small_hall.mail(body=WORDS)
    alike(small_hall, 0)
    ask = queries(small_hall, "clerk", f"/staff/cases/{reference}")
    one = ask()
    for n in range(1, MORE):
        alike(small_hall, n)
    assert ask() == one
    offered = small_hall.rows(schema.companion)
    assert len(offered) > 1
