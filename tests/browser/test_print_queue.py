"""The front desk prints, posts with a scanner and takes a letter back; both languages, axe finds nothing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from channels.letter.reading import LetterForm
from channels.letter.reading import submission as letter_submission
from intake import schema
from intake.clock import system_clock
from intake.ids import new_id
from intake.inbox import Inbox
from intake.store import Store
from tests.browser.conftest import PHONE, Open, sign_in
from tests.support.service import Service, opened, wait_until

axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
SHOTS = os.environ.get("HUIYIN_SHOTS", "")
"""A folder for pictures of the pages, for whoever wants to look at them."""


def write_in(service: Service, count: int) -> None:
    """Letters come in; their acknowledgements wait to be printed."""
    with opened(service) as store:
        before = waiting(store)
        inbox = Inbox(store)
        for n in range(count):
            form = LetterForm(
                text=f"示例路{n + 1}号门口的下水道堵了。",
                name="示例甲",
                address=f"示例省示例市示例区示例路{n + 1}号, 526100",
                large_print=n == 0,
            )
            inbox.accept(letter_submission(form, new_id(), system_clock(), (), {}))
        inbox.close()
        wait_until(lambda: waiting(store) == before + count, "the letters are answered")


def waiting(store: Store) -> int:
    with store.read() as connection:
        c = schema.printout.c
        query = select(func.count()).select_from(schema.printout).where(c.state == "waiting")
        return int(connection.execute(query).scalar_one())


def clean(page: Any, name: str) -> None:
    """No serious finding by axe; nothing wider than the window."""
    found = axe.Axe().run(page).response["violations"]
    grave = [f"{name}: {one['id']} {one['nodes'][0]['html'][:120]}" for one in found]
    assert grave == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1"), (
        f"{name} is too wide"
    )
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)


@pytest.mark.parametrize(
    ("language", "viewport", "dark"),
    [("en", None, False), ("zh-CN", PHONE, True)],
    ids=["english at a desk", "chinese on a phone"],
)
def test_printing_posting_and_back(
    service: Service, open_page: Open, language: str, viewport: dict[str, int] | None, dark: bool
) -> None:
    write_in(service, 2)
    page = open_page(language, viewport, dark) if viewport else open_page(language)
    sign_in(page)
    page.goto("/staff/printing")
    clean(page, f"queue-{language}")
    page.click(".make-file button")
    page.wait_for_url("**/batches/*")
    clean(page, f"fetch-{language}")
    with page.expect_download() as coming:
        page.click("form[data-fetch] button")
    assert Path(coming.value.path()).read_bytes().startswith(b"%PDF-")
    assert page.locator("form[data-fetch] button").is_disabled(), "one press, one file"
    page.reload()
    clean(page, f"printed-{language}")
    page.click("button[value=all]")
    page.wait_for_selector("[data-scan]")
    clean(page, f"post-{language}")
    fields = page.locator("[data-scan]")
    fields.nth(0).focus()
    for number in range(fields.count()):
        page.keyboard.type(f"XA{language[:2]}{number}CN".upper())
        page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "all-posted"
    page.keyboard.press("Enter")
    page.wait_for_selector(".tag.good")
    clean(page, f"posted-{language}")

    page.goto("/staff/printing#returned")
    page.fill("#wanted", f"XA{language[:2]}0CN".upper())
    page.select_option("#why", "moved")
    page.click(".came-back button")
    page.wait_for_selector(".notice.good")
    clean(page, f"returned-{language}")
    page.locator("main section:last-of-type table form button").first.click()
    page.wait_for_selector("#value")
    clean(page, f"address-{language}")
    page.fill("#value", "示例省示例市示例镇新街5号, 526101")
    page.click("form[action$='/address'] button")
    page.wait_for_selector(".notice.good")
    with opened(service) as store:
        wait_until(lambda: waiting(store) >= 1, "the letter waits once more")
