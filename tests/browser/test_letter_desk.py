"""The letter desk in a real browser, by keyboard: line and picture, drafts, one person at a time."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete

from intake import schema
from intake.files.folder import FolderStorage
from intake.letters import LetterIntake, LetterWorker
from tests.browser.conftest import PASSWORD, PHONE, Open, sign_in
from tests.browser.test_accessibility import faults
from tests.support.scans import KnowingReader, line, png, scan
from tests.support.service import Service, opened

_SERIAL = itertools.count(1)
WORDS = ("西江路的路灯坏了两个星期。", "请派人来修。", "投诉人：示例甲")


@pytest.fixture
def letters(service: Service, tmp_path: Path) -> Iterator[list[str]]:
    """Two letters that were read: one of two pages. They go with the test."""
    with opened(service) as store:
        blobs = FolderStorage(service.folder / "data" / "blobs")
        intake = LetterIntake(store, blobs, ZoneInfo("Asia/Shanghai"))
        first = next(_SERIAL) * 100
        words = {
            png(first): [
                line(text, 0.1 + 0.1 * n, [(0, 2)] if n == 1 else []) for n, text in enumerate(WORDS)
            ],
            png(first + 1): [line("附页：没有人来。", 0.5)],
        }
        later = datetime(2099, 1, 1, tzinfo=UTC)  # the service's own worker does not see it yet
        keys = [
            intake.take_in(map(scan, numbers), "upload", later).letter_id
            for numbers in ((first, first + 1), (first + 2,))
        ]
        worker = LetterWorker(store, blobs, KnowingReader(words), lambda: later, "browser-test")
        while worker.work():
            pass
        with store.write() as connection:
            connection.execute(_as_if_scanned_now())
        yield keys
        with store.write() as connection:
            for table in (schema.letter_page, schema.letter_file, schema.letter):
                connection.execute(delete(table))


def _as_if_scanned_now() -> Any:
    now = datetime.now(UTC)
    today = now.astimezone(ZoneInfo("Asia/Shanghai")).date().isoformat()
    return schema.letter.update().values(scanned_at=now, received_on=today)


def becomes(page: Any, expression: str) -> None:
    """Wait until it is true; the page's policy forbids Playwright's own way of waiting."""
    begun = time.monotonic()
    while not page.evaluate(expression):
        assert time.monotonic() - begun < 20, expression
        time.sleep(0.05)


def on_the_desk(page: Any) -> None:
    sign_in(page)
    page.goto("/staff/letters")
    page.keyboard.press("n")
    page.wait_for_selector("[data-desk]")
    page.wait_for_selector("[data-tools]:not([hidden])")


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_a_letter_is_entered_with_the_keyboard_alone(
    open_page: Open, letters: list[str], language: str
) -> None:
    page = open_page(language)
    on_the_desk(page)
    assert page.url.endswith(letters[0])
    assert page.input_value("#text").splitlines()[0].startswith(WORDS[0])
    assert page.input_value("#name") == "示例甲"
    page.keyboard.press("F8")
    assert (
        page.evaluate(
            "document.getSelection().toString() || text.value.slice(text.selectionStart, text.selectionEnd)"
        )
        == "请派"
    )
    page.keyboard.type("请多派")
    becomes(page, "document.querySelectorAll('.under mark').length === 0")
    page.keyboard.press("Alt+PageDown")
    assert page.inner_text("[data-where]") == "2 / 2"
    page.fill("#address", "高要区示例路1号")
    page.press("#name", "Enter")
    assert "/done" not in page.url, "Enter in a field confirms nothing"
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("[data-review][open]")  # not every field was on the screen: look once more
    seen = page.inner_text("[data-review-facts]")
    assert "示例甲" in seen
    assert "西江路的路灯坏了两个星期" in seen, "what the case will be called"
    assert "/done" not in page.url, "the first press registers nothing"
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile(r"/done$"))
    assert re.search(r"\d\d-\d{6}-\d", page.inner_text(".slip"))
    becomes(page, "document.activeElement.matches('a, button')")  # the next one has the focus
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(letters[1]))


def test_line_and_picture_point_at_each_other(open_page: Open, letters: list[str]) -> None:
    page = open_page()
    on_the_desk(page)
    place = "document.querySelector('.spot') && document.querySelector('.spot').style.top"
    page.focus("#text")
    page.keyboard.press("Control+Home")
    becomes(page, f"{place} === '9.8%'")
    page.evaluate("text.setSelectionRange(text.value.indexOf('附页') + 1, text.value.indexOf('附页') + 1)")
    becomes(page, "document.querySelector('.spot').closest('[data-page]').dataset.page === '2'")
    box = page.locator("#page-1 img").bounding_box()
    page.evaluate("document.querySelector('[data-view]').scrollTop = 0")
    box = page.locator("#page-1 img").bounding_box()
    page.mouse.click(box["x"] + 0.12 * box["width"], box["y"] + 0.315 * box["height"])
    caret = page.evaluate("text.selectionStart")
    start = page.input_value("#text").index("投诉人：〔姓名〕")
    assert start <= caret <= start + 2
    page.click("[data-goto]")
    assert page.evaluate(place) is not None
    page.keyboard.press("Alt+r")
    page.keyboard.press("Alt+Equal")
    assert page.evaluate("document.querySelector('.leaf').style.transform").endswith("rotate(90deg)")


def test_a_doubtful_word_is_shown_before_it_is_registered(open_page: Open, letters: list[str]) -> None:
    page = open_page(viewport={"width": 1280, "height": 2400})  # all fields are seen at once
    on_the_desk(page)
    page.fill("#name", "示例甲")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("[data-review][open]")
    assert "doubtful words not looked at: 1" in page.inner_text("[data-review-facts]")
    page.keyboard.press("Escape")
    becomes(page, "text.value.slice(text.selectionStart, text.selectionEnd) === '请派'")
    page.keyboard.type("请派")
    becomes(page, "document.querySelectorAll('.under mark').length === 0")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile(r"/done$"))


def test_what_the_server_would_refuse_is_said_in_the_review(open_page: Open, letters: list[str]) -> None:
    page = open_page("en", viewport={"width": 1280, "height": 2400})  # all fields are seen at once
    on_the_desk(page)
    page.fill("#text", "西江路的路灯坏了两个星期。\n示例乙敬上")
    page.fill("#name", "示例乙")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("[data-review][open]")
    assert "still tells who wrote" in page.inner_text("[data-review-facts]")
    assert page.locator("[data-review-yes]").is_hidden()
    page.keyboard.press("Control+Enter")
    assert "/done" not in page.url
    page.click("[data-review-leave-out]")
    becomes(page, "document.querySelector('#text').value.endsWith('〔姓名〕敬上')")
    page.wait_for_selector("[data-tools]:not([hidden])")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile(r"/done$"))


def test_on_a_phone_the_scan_fills_the_width_and_the_screen(open_page: Open, letters: list[str]) -> None:
    page = open_page(viewport=PHONE)
    on_the_desk(page)
    width = "document.querySelector('.leaf img').getBoundingClientRect().width"
    assert page.evaluate(width) >= PHONE["width"] - 20
    page.click('[data-act="full"]')
    box = page.locator("[data-view]").bounding_box()
    assert box["height"] > PHONE["height"] * 0.8
    view = page.locator("[data-view]")
    for kind, apart in (("touchstart", 100), ("touchmove", 250), ("touchend", 0)):
        view.evaluate(
            """(view, [kind, apart]) => {
              const one = (x, id) => new Touch({ identifier: id, target: view, clientX: x, clientY: 300 });
              const touches = apart ? [one(195 - apart / 2, 1), one(195 + apart / 2, 2)] : [];
              view.dispatchEvent(new TouchEvent(kind, { touches, bubbles: true, cancelable: true }));
            }""",
            [kind, apart],
        )
    assert page.evaluate(width) >= 2.4 * box["width"] - 20, "two fingers apart: it grows"
    page.keyboard.press("Escape")
    assert page.evaluate("document.querySelector('.scan').classList.contains('full')") is False
    assert page.evaluate("document.activeElement.dataset.act") == "full"
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert not wide, "nothing sticks out"


def test_nothing_typed_is_lost_when_the_browser_dies(open_page: Open, letters: list[str]) -> None:
    page = open_page()
    on_the_desk(page)
    page.fill("#text", "写到一半，电脑坏了。")
    becomes(page, "document.querySelector('[data-status]').textContent.startsWith('Saved')")
    page.close()
    again = open_page()
    on_the_desk(again)
    assert again.input_value("#text") == "写到一半，电脑坏了。"


def test_two_people_never_have_the_same_letter(open_page: Open, letters: list[str], service: Service) -> None:
    service.cli("user", "add", "desk", "--role", "desk", "--password", PASSWORD)
    one, other = open_page(), open_page()
    on_the_desk(one)
    other.goto("/staff/login")
    other.fill("[name=username]", "desk")
    other.fill("[name=password]", PASSWORD)
    other.click("main form button")
    other.wait_for_url(re.compile(r"/staff/?$"))
    other.goto("/staff/letters")
    other.keyboard.press("n")
    other.wait_for_selector("[data-desk]")
    assert one.url.endswith(letters[0])
    assert other.url.endswith(letters[1])
    other.goto(one.url)
    assert other.locator("[data-desk]").count() == 0


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("viewport", [None, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing(
    open_page: Open, letters: list[str], dark: bool, viewport: dict[str, int] | None
) -> None:
    page = open_page("zh-CN", **({"viewport": viewport} if viewport else {}), dark=dark)
    found = {}
    on_the_desk(page)
    found["desk"] = faults(page)
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert not wide, "nothing sticks out"
    page.goto("/staff/letters")
    found["list"] = faults(page)
    assert {name: broken for name, broken in found.items() if broken} == {}
