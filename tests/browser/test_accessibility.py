"""axe-core, which nobody here wrote, finds nothing serious on the pages that people use most."""

from __future__ import annotations

import pytest

from tests.browser.conftest import PHONE, Open, rate_link, sign_in
from tests.support.service import Service

axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
_GRAVE = ("serious", "critical")


def faults(page: object) -> list[str]:
    """Each grave rule that is broken, and where."""
    found = axe.Axe().run(page).response["violations"]
    return [
        f"{rule['id']}: {node['html'][:160]} ({node.get('failureSummary', '')[:200]})"
        for rule in found
        if rule["impact"] in _GRAVE
        for node in rule["nodes"]
    ]


def test_it_sees_what_is_wrong(open_page: Open) -> None:
    page = open_page()
    page.goto("/")
    page.evaluate("document.querySelector('main').innerHTML = '<img src=/static/mark.svg><input>'")
    assert {fault.partition(":")[0] for fault in faults(page)} == {"image-alt", "label"}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_citizens_pages(open_page: Open, service: Service, dark: bool) -> None:
    page, found = open_page("zh-CN", PHONE, dark), {}
    for path in ("/", "/complain", "/track", rate_link(service)):
        page.goto(path)
        found[path] = faults(page)
    assert {path: broken for path, broken in found.items() if broken} == {}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_staff_pages(open_page: Open, dark: bool) -> None:
    page, found = open_page("en", dark=dark), {}
    page.goto("/staff/login")
    found["sign in"] = faults(page)
    sign_in(page)
    page.goto("/staff?tab=all")
    found["list"] = faults(page)
    page.locator("[data-rows] tbody tr td.ref a").first.click()
    page.wait_for_selector(".case-grid")
    found["case"] = faults(page)
    assert {name: broken for name, broken in found.items() if broken} == {}
