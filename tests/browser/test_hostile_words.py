"""What outsiders write is shown as they wrote it, and nothing of it runs: no script, no broken page."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from intake import schema
from intake.references import reference_of
from tests.browser.conftest import Open, sign_in
from tests.browser.test_accessibility import faults
from tests.browser.test_simulator import reference_in
from tests.support import mails
from tests.support.service import Service, opened, wait_until

HURT = (
    "<script>document.documentElement.dataset.hurt=1</script>",
    '"><img src=x onerror="document.documentElement.dataset.hurt=1">',
    "'><svg/onload=document.documentElement.dataset.hurt=1>",
    "</title></textarea></script><b id=broken>x</b>{{ 7*7 }}<!--",
    "javascript:document.documentElement.dataset.hurt=1",
)
WORDS = " ".join(HURT)


@pytest.fixture(scope="module")
def case(service: Service) -> str:
    """The reference of a case whose every word is hostile, and which holds a recording."""
    mail = mails.letter(f"The street lamp is broken. {WORDS}", subject=f"Lamp {WORDS}", name="")
    mail.replace_header("From", '"<b id=broken>Eve</b><script>dataset.hurt=1</script>" <eve@citizen.example>')
    sound = b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x40\x1f\0\0\x80\x3e\0\0\2\0\x10\0data\0\0\0\0"
    mail.add_attachment(sound, "audio", "wav", filename='"><img src=x onerror=hurt()>.wav')
    mail.add_attachment(b"<script>hurt()</script>", "image", "jpeg", filename="<b id=broken>.jpg")
    before = _cases(service)
    mails.hand_in(service.smtp_port, mail)
    wait_until(lambda: len(_cases(service) - before) == 1, "the case is registered")
    return (_cases(service) - before).pop()


def _cases(service: Service) -> set[str]:
    with opened(service) as store, store.read() as connection:
        return {
            reference_of(number) for number in connection.execute(select(schema.complaint.c.number)).scalars()
        }


def unhurt(page: Any) -> None:
    """Nothing ran, and nothing became markup."""
    page.wait_for_timeout(300)
    assert page.evaluate("document.documentElement.dataset.hurt") is None
    assert page.locator("#broken").count() == 0
    assert page.locator("img[onerror], svg[onload], a[href^='javascript:']").count() == 0


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_staff_pages(open_page: Open, case: str, language: str) -> None:
    page = open_page(language)
    sign_in(page)
    for path in ("/staff?tab=all", "/staff?tab=all&q=lamp", f"/staff/cases/{case}"):
        page.goto(path)
        unhurt(page)
    assert HURT[0] in page.inner_text("main"), "it is shown as it was written"
    assert page.locator("audio").count() == 1
    assert faults(page) == [], "a case with a recording"


def test_the_simulators_page(open_page: Open, case: str) -> None:
    page = open_page("en")
    page.goto("/simulator#tab-phone")
    page.wait_for_function("() => !document.getElementById('dial').disabled")
    page.fill("#text-body", WORDS)
    page.click("#text-form button:not([type])")
    page.wait_for_function("(text) => document.getElementById('texts').innerText.includes(text)", arg=HURT[0])
    reference_in(page, "#texts")
    unhurt(page)
    page.reload()  # as it is shown to who comes back
    page.wait_for_function("(text) => document.getElementById('texts').innerText.includes(text)", arg=HURT[0])
    unhurt(page)
    sign_in(page)
    page.goto("/staff?tab=all")
    unhurt(page)
