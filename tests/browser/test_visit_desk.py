"""The front desk in a real browser: the keyboard alone, a lost connection, what is printed, what is kept."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.browser.conftest import DESK, PHONE, Open, sign_in
from tests.browser.test_accessibility import faults
from tests.support.service import Service
from tests.web.visits.numbers import card

TEXT = "西江路的路灯坏了两个星期，晚上一片漆黑，请派人来修。"
SLIP = re.compile(r"/staff/visits/[0-9a-f]{32}$")


def at_the_desk(open_page: Open, language: str = "zh-CN", **more: Any) -> Any:
    page = open_page(language, **more)
    sign_in(page)
    page.goto("/staff/visits")
    return page


def press(page: Any, *keys: str) -> int:
    """Press keys; how many they were."""
    for key in keys:
        page.keyboard.press(key)
    return len(keys)


def reference_on(page: Any) -> str:
    return str(page.locator(".take-home dd").first.inner_text())


def test_a_plain_visit_with_the_keyboard_alone(open_page: Open) -> None:
    """Beside what is typed three keys register a visit, and one more calls the next visitor."""
    page = at_the_desk(open_page)
    page.keyboard.type(TEXT)
    keys = press(page, "Tab")
    page.keyboard.type("赵示例")
    keys += press(page, "Tab")
    page.keyboard.type("+1 202 555 0141")
    keys += press(page, "Control+Enter")
    page.wait_for_url(SLIP)
    assert re.fullmatch(r"\d\d-\d{6}-\d", reference_on(page))
    assert page.locator(".take-home svg.qr").is_visible()
    assert "年" in page.locator(".take-home-steps").inner_text(), "the day is on it"
    keys += press(page, "Enter")
    page.wait_for_url(re.compile(r"/staff/visits$"))
    assert keys == 4
    assert page.evaluate("document.activeElement.id") == "text"
    assert page.input_value("#text") == ""
    assert page.input_value("#name-0") == ""


def test_a_group_with_the_keyboard_alone(open_page: Open) -> None:
    page = at_the_desk(open_page, "en")
    page.keyboard.type("Noise at night in Sample Road.")
    press(page, "Tab")
    page.keyboard.type("Zhao Sample")
    press(page, "Alt+n")
    assert page.evaluate("document.activeElement.id") == "name-1"
    page.keyboard.type("Qian Sample")
    press(page, "Tab", "Tab")
    page.keyboard.type("qian@citizen.example")
    page.locator("#speaker-1").focus()
    press(page, "Space", "Control+Enter")
    page.wait_for_url(SLIP)
    page.click("text=Open the case")
    page.click("text=Show name and contacts")
    facts = page.locator(".visit-facts").inner_text()
    assert re.search(r"Spokesperson\s+Qian Sample\s", facts)
    assert "by the front desk" in facts


def test_a_draft_outlives_a_lost_connection_and_is_sent_once(open_page: Open) -> None:
    page = at_the_desk(open_page, "en")
    page.evaluate("() => { window.fetch = () => Promise.reject(new Error('away')); }")
    page.fill("#text", "The lift is out of order.")
    page.fill("#name-0", "Sun Sample")
    press(page, "Control+Enter")
    page.wait_for_selector("#offline:not([hidden])")
    assert page.url.endswith("/staff/visits")
    key = page.input_value("[name=key]")
    page.reload()  # the tab was closed by accident, or the machine went to sleep
    assert page.input_value("#text") == "The lift is out of order."
    assert page.input_value("#name-0") == "Sun Sample"
    assert page.input_value("[name=key]") == key, "it is the same visit"
    page.focus("#text")
    press(page, "Control+Enter")
    page.wait_for_url(SLIP)
    first = reference_on(page)
    page.go_back()
    page.wait_for_selector("#visit")
    assert page.input_value("#text") == "", "what was registered is no draft"
    page.go_forward()
    assert reference_on(page) == first


def test_a_number_is_in_no_draft_and_nowhere_in_the_folder(open_page: Open, service: Service) -> None:
    page, number = at_the_desk(open_page, "en"), card()
    page.fill("#text", "They did not give me a receipt.")
    page.fill("#name-0", "Li Sample")
    page.click(".document summary")
    page.fill("#number-0", number)
    page.select_option("#document-0", "resident_id")
    assert number not in page.evaluate("JSON.stringify(sessionStorage) + JSON.stringify(localStorage)")
    press(page, "Control+Enter")
    page.wait_for_url(SLIP)
    assert number not in page.content()
    page.go_back()
    page.wait_for_selector("#visit")
    assert page.input_value("#number-0") == ""
    files = [path for path in service.folder.rglob("*") if path.is_file()]
    assert len(files) > 3
    assert not [path.name for path in files if number.encode() in path.read_bytes()]


def test_the_slip_on_paper(open_page: Open) -> None:
    page = at_the_desk(open_page, "en")
    page.fill("#text", "The water is brown.")
    page.check("#needs-large_print")
    press(page, "Control+Enter")
    page.wait_for_url(SLIP)
    page.evaluate("() => { window.print = () => { window.printed = true; }; }")
    press(page, "p")
    assert page.evaluate("window.printed")
    page.emulate_media(media="print")
    assert page.locator(".take-home.large").is_visible()
    for hidden in (".masthead", ".footer", "#next", "h1"):
        assert not page.locator(hidden).first.is_visible(), hidden
    assert page.request.get(f"{page.url}/slip.pdf?paper=receipt").body().startswith(b"%PDF-")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(("language", "viewport"), [("zh-CN", DESK), ("en", PHONE)])
def test_nothing_grave_for_axe(open_page: Open, language: str, viewport: dict[str, int], dark: bool) -> None:
    page, found = at_the_desk(open_page, language, viewport=viewport, dark=dark), {}
    page.click("#add")
    found["form"] = faults(page)
    page.fill("#text", f"{TEXT} {language} {dark}")
    page.click("#register")
    page.wait_for_url(SLIP)
    found["slip"] = faults(page)
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert {name: broken for name, broken in found.items() if broken} == {}
    assert width <= 0, "nothing to scroll sideways"


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_an_address_has_the_whole_row(open_page: Open, viewport: dict[str, int]) -> None:
    page = at_the_desk(open_page, viewport=viewport)
    row, email, postal = (
        page.locator(place).first.bounding_box()["width"]
        for place in ("[data-visitor] .pair", "#email-0", "#postal-0")
    )
    assert postal == pytest.approx(row, abs=1)
    assert email >= min(row - 1, 300), "thirty signs"
