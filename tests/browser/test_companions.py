"""Two complaints in one matter: the clerk merges them with the keyboard, and takes them apart again."""

from __future__ import annotations

import itertools
import os
import re
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from intake import schema
from intake.references import number_from, reference_of
from intake.store import Store
from tests.browser.conftest import DESK, PHONE, Open, sign_in
from tests.browser.test_accessibility import faults
from tests.support import mails
from tests.support.service import Service, opened, wait_until

SHOTS = os.environ.get("HUIYIN_SHOTS", "")
"""A folder for pictures of the pages, for whoever wants to look at them."""
WORDS = {
    "en": (
        "The lift in block seven of Sample Gardens has stood still for three weeks. Old people on the ninth"
        " floor cannot get down to the street, and nobody at the property company answers the telephone."
    ),
    "zh-CN": (
        "示例花园七栋的电梯已经停了三个星期，九楼的老人下不了楼，买菜看病都要人背，"
        "打物业公司的电话一直没有人接，请尽快派人来修。"
    ),
}
SEPARATE = {"en": "Separate", "zh-CN": "拆分"}
_SERIAL = itertools.count(1)


def two_alike(service: Service, words: str) -> tuple[str, str]:
    """Two people write nearly the same; returns both references once they were found to be alike."""
    with opened(service) as store:
        sent = [f"Lift {next(_SERIAL)}" for _ in range(2)]
        for number, subject in enumerate(sent):
            said = words + "谢谢！" * number
            sender = f"lift{next(_SERIAL)}@citizen.example"
            mails.hand_in(service.smtp_port, mails.letter(said, sender=sender, subject=subject))
            wait_until(partial(registered, store, subject), "it is registered")
        first, second = (found(store, subject) for subject in sent)
        wait_until(lambda: likeness(store, second), "they are found to be alike")
    return first, second


def found(store: Store, subject: str) -> str:
    with store.read() as connection:
        c = schema.complaint.c
        number = connection.execute(select(c.number).where(c.subject == subject)).scalar_one_or_none()
    return reference_of(number) if number is not None else ""


def registered(store: Store, subject: str) -> bool:
    return bool(found(store, subject))


def likeness(store: Store, reference: str) -> bool:
    with store.read() as connection:
        o = schema.companion.c
        pairs = select(o.complaint_id).where(o.complaint_id == case_of(store, reference).id)
        return connection.execute(pairs).first() is not None


def case_of(store: Store, reference: str) -> Any:
    with store.read() as connection:
        c = schema.complaint.c
        return connection.execute(select(schema.complaint).where(c.number == number_from(reference))).one()


def looked_at(page: Any, name: str) -> None:
    """Nothing grave by axe, nothing wider than the window; a picture, when one is wanted."""
    assert faults(page) == [], name
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1"), f"{name}: too wide"
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)


@pytest.mark.parametrize(
    ("language", "viewport", "dark"),
    [("en", DESK, False), ("zh-CN", PHONE, True)],
    ids=["english at a desk", "chinese on a phone"],
)
def test_merged_and_separated_with_the_keyboard(
    service: Service, open_page: Open, language: str, viewport: dict[str, int], dark: bool
) -> None:
    words = WORDS[language]
    first, second = two_alike(service, words)
    page = open_page(language, viewport, dark)
    sign_in(page)
    page.goto(f"/staff/cases/{second}")
    assert words in page.locator(".offer .beside > div").nth(1).inner_text()
    looked_at(page, f"companions-{language}")

    page.keyboard.press("n")
    assert page.evaluate("document.activeElement.dataset.key") == "n"
    page.keyboard.press("m")
    assert page.evaluate("document.activeElement.dataset.key") == "m", "m goes there and presses nothing"
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(f"/staff/cases/{first}$"))
    assert page.locator(".offers").count() == 0
    assert page.locator(f"a[href='/staff/cases/{second}']").count() >= 1
    assert page.locator("main").inner_text().count(words) >= 2, "one timeline: what both wrote"
    looked_at(page, f"merged-{language}")

    page.locator(".together summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Two houses")
    looked_at(page, f"separating-{language}")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == SEPARATE[language]
    page.keyboard.press("Enter")
    with opened(service) as store:
        wait_until(lambda: case_of(store, second).merged_into is None, "it stands by itself again")
    page.goto(f"/staff/cases/{first}")
    assert page.locator(".together").count() == 0
    looked_at(page, f"separated-{language}")
