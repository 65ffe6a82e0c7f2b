"""A clerk works the list from the top with the keyboard."""

from __future__ import annotations

import re

from tests.browser.conftest import Open, sign_in


def test_the_list_is_worked_with_the_keyboard(open_page: Open) -> None:
    page = open_page()
    sign_in(page)
    page.goto("/staff?tab=all")
    links = page.locator("[data-rows] tbody tr td.ref a")
    focused = "document.activeElement.getAttribute('href')"
    page.keyboard.press("j")
    assert page.evaluate(focused) == links.nth(0).get_attribute("href")
    page.keyboard.press("j")
    second = links.nth(1).get_attribute("href")
    assert page.evaluate(focused) == second
    page.keyboard.press("k")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(re.escape(str(second))))
    page.keyboard.press("u")
    page.wait_for_url(re.compile(r"/staff(\?.*)?$"))
    page.keyboard.press("?")
    assert page.locator("dialog#keys").evaluate("box => box.open")
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("j?u")
    assert page.input_value("#q") == "j?u", "what is typed is no command"
