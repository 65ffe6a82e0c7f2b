"""A citizen with a telephone in the hand: complain, keep the number, look how it stands."""

from __future__ import annotations

import pytest

from tests.browser.conftest import PHONE, Open

WORDS = {
    "zh-CN": ("垃圾三天没有人收，请处理。", "投诉"),
    "en": ("The rubbish has not been collected for three days.", "complaint"),
}


@pytest.mark.parametrize("language", list(WORDS))
def test_complain_and_track_at_the_width_of_a_phone(open_page: Open, language: str) -> None:
    text, word = WORDS[language]
    page = open_page(language, PHONE)
    page.goto("/complain")
    page.fill("[name=text]", text)
    page.click("main form button[type=submit]")
    page.wait_for_selector(".slip dd")
    reference, code = (each.strip() for each in page.locator(".slip dd").all_inner_texts()[:2])
    page.goto("/track")
    if page.locator("[name=reference]").count():
        page.fill("[name=reference]", reference)
        page.fill("[name=code]", code)
        page.click("main form button")
        page.wait_for_load_state()
    assert reference in page.inner_text("main")
    assert word in page.inner_text("body").casefold()
    for path in ("/", "/complain", "/track"):
        page.goto(path)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{path} must be moved sideways by {wide} px"
