"""The kiosk in a real browser: large, step by step, in every language, and forgetful."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.browser.conftest import PHONE, Open, sign_in
from tests.browser.test_accessibility import faults

TABLET = {"width": 820, "height": 1180}
TEXT = "The street lamps in Sample Road have been broken for two weeks."


def tablet(open_page: Open, language: str = "en", **more: Any) -> Any:
    """A tablet that the desk handed over, with a clock that the test turns."""
    page = open_page(language, **{"viewport": TABLET} | more)
    sign_in(page)
    page.goto("/staff/visits")
    page.clock.install()
    page.click("form[action='/staff/visits/kiosk'] button")
    page.wait_for_url(re.compile(r"/kiosk$"))
    page.wait_for_selector("#s0:visible")
    return page


def onward(page: Any, steps: int = 1) -> None:
    for _ in range(steps):
        page.click("[data-next]:visible")


def fill_in(page: Any) -> None:
    """As far as the last look."""
    onward(page)
    page.fill("#text", TEXT)
    onward(page, 2)
    page.fill("#name-0", "Sun Sample")
    onward(page)
    page.fill("#email-0", "sun@citizen.example")
    onward(page, 2)


def assert_nothing_left(page: Any) -> None:
    assert page.locator("#s0").is_visible(), "it is at its beginning"
    assert page.locator(".take-home").count() == 0
    values = page.evaluate(
        "[...document.querySelectorAll('#kiosk input, #kiosk textarea')]"
        ".filter((field) => !/radio|checkbox/.test(field.type)).map((field) => field.value).join('')"
    )
    assert values == ""
    for word in (TEXT, "Sun Sample", "sun@citizen.example"):
        assert word not in page.content()
    assert page.evaluate("JSON.stringify(sessionStorage) + JSON.stringify(localStorage)") == "{}{}"


def test_a_visit_from_the_first_step_to_the_slip(open_page: Open) -> None:
    page = tablet(open_page)
    fill_in(page)
    summary = page.locator("#check-list").inner_text()
    assert "Sun Sample" in summary
    assert TEXT in summary
    page.click("#send")
    page.wait_for_selector(".take-home:visible")
    assert re.fullmatch(r"\d\d-\d{6}-\d", page.locator(".take-home dd").first.inner_text())
    assert page.locator(".take-home svg.qr").is_visible()
    assert [cookie["name"] for cookie in page.context.cookies()] == ["huiyin_kiosk"]
    page.click("#finish")
    assert_nothing_left(page)


def test_it_forgets_after_a_minute_of_silence(open_page: Open) -> None:
    page = tablet(open_page)
    fill_in(page)
    page.clock.run_for(49_000)
    assert not page.locator("#silence").is_visible()
    page.clock.run_for(3_000)
    assert page.locator("#silence").is_visible()
    assert 7 <= int(page.inner_text("#countdown")) <= 9
    page.clock.run_for(9_000)
    assert not page.locator("#silence").is_visible()
    assert_nothing_left(page)
    page.keyboard.press("Control+z")
    assert_nothing_left(page)


def test_somebody_is_still_here(open_page: Open) -> None:
    page = tablet(open_page)
    fill_in(page)
    page.clock.run_for(55_000)
    page.click("#still-here")
    page.clock.run_for(45_000)
    assert TEXT in page.locator("#check-list").inner_text()
    page.keyboard.press("Shift")  # any sign of life will do
    page.clock.run_for(45_000)
    assert TEXT in page.locator("#check-list").inner_text()
    page.clock.run_for(16_000)
    assert_nothing_left(page)


def test_the_slip_is_forgotten_too(open_page: Open) -> None:
    page = tablet(open_page)
    fill_in(page)
    page.click("#send")
    page.wait_for_selector(".take-home:visible")
    page.clock.run_for(61_000)
    assert_nothing_left(page)


def test_a_tablet_that_slept_shows_nothing_when_it_wakes(open_page: Open) -> None:
    page = tablet(open_page)
    fill_in(page)
    page.clock.fast_forward("02:00:00")
    page.mouse.click(400, 900)
    assert_nothing_left(page)


def test_back_and_reload_show_nothing(open_page: Open) -> None:
    page = tablet(open_page)
    fill_in(page)
    page.click("#send")
    page.wait_for_selector(".take-home:visible")
    page.click("#finish")
    for _ in range(3):
        page.evaluate("history.back()")
        page.wait_for_timeout(200)
        assert page.url.endswith("/kiosk")
        assert_nothing_left(page)
    page.reload()
    assert_nothing_left(page)


def test_leaving_the_page_forgets(open_page: Open) -> None:
    page = tablet(open_page)
    fill_in(page)
    page.goto("/track")
    page.go_back()
    page.wait_for_selector("#s0:visible")
    assert_nothing_left(page)


def test_the_back_button_goes_one_step_back(open_page: Open) -> None:
    page = tablet(open_page)
    fill_in(page)
    page.evaluate("history.back()")
    page.wait_for_selector("#s5:visible")


def test_another_language_keeps_what_was_entered(open_page: Open) -> None:
    page = tablet(open_page)
    fill_in(page)
    page.click("[data-language='zh-Hant']:visible")
    page.wait_for_selector("html[lang=zh-Hant]")
    assert "這樣對嗎？" in page.inner_text("#s6")
    assert TEXT in page.locator("#check-list").inner_text()
    page.click("#send")
    page.wait_for_selector(".take-home:visible")
    assert page.locator(".take-home").get_attribute("lang") == "en", "the words are clearly English"
    page.click("#finish")
    assert page.evaluate("document.documentElement.lang") == "en", "the next one finds it as it was"


def test_a_lost_connection_loses_nothing(open_page: Open) -> None:
    page = tablet(open_page)
    fill_in(page)
    page.evaluate(
        "() => { window.real = window.fetch; window.fetch = () => Promise.reject(new Error('away')); }"
    )
    page.click("#send")
    page.wait_for_selector("#trouble:visible")
    assert "no connection" in page.inner_text("#trouble")
    page.evaluate("() => { window.fetch = window.real; }")
    page.click("#send")
    page.wait_for_selector(".take-home:visible")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(("language", "viewport"), [("zh-CN", TABLET), ("en", PHONE)])
def test_nothing_grave_for_axe_and_large_enough_for_fingers(
    open_page: Open, language: str, viewport: dict[str, int], dark: bool
) -> None:
    page, found = tablet(open_page, language, viewport=viewport, dark=dark), {}
    found["0"] = faults(page)
    onward(page)
    page.fill("#text", f"{TEXT} {language} {dark}")
    for step in "123456":
        found[step] = faults(page)
        small = page.evaluate(
            "[...document.querySelectorAll('button, .input, .tick, .language')]"
            ".filter((each) => each.offsetParent && each.getBoundingClientRect().height < 48)"
            ".map((each) => each.outerHTML)"
        )
        assert small == []
        if step != "6":
            onward(page)
    page.click("#send")
    page.wait_for_selector(".take-home:visible")
    found["slip"] = faults(page)
    assert {name: broken for name, broken in found.items() if broken} == {}
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width <= 0, "nothing to scroll sideways"
