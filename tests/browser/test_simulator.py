"""A newcomer without any account plays every channel through: complaint, reference, answer, rating."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.browser.conftest import DESK, PASSWORD, PHONE, Open
from tests.browser.test_accessibility import faults
from tests.support.service import Service, serving

_REFERENCE = re.compile(r"\d{2}-\d{6}-\d")
_ANSWERS = {"zh-CN": "已经修好了，请您再看看。", "en": "It has been repaired; please look again."}
_READ_OUT = "() => document.querySelectorAll('#call-steps li:not(.mine, .aside)').length > 2"
_DELIVERED = re.compile(r"Answer → .*(· delivered|(E-mail|Telegram)\).* handed over)")  # these report no more
LANDLINE = "+12025550142"

Played = Callable[..., Any]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """All that ``make run`` starts, in a county of its own."""
    one = Service(tmp_path_factory.mktemp("simulator"), roles="")
    with serving(one):
        made = one.cli("user", "add", "boss", "--role", "admin", "--password", PASSWORD)
        assert made.returncode == 0, made.stderr
        yield one


@pytest.fixture
def staff(open_page: Open) -> Any:
    """The staff's pages in a browser of their own."""
    page = open_page("en")
    page.goto("/staff/login")
    page.fill("[name=username]", "boss")
    page.fill("[name=password]", PASSWORD)
    page.click("main form button")
    page.wait_for_url(re.compile(r"/staff/?$"))
    return page


def simulator(open_page: Open, language: str, device: str, viewport: dict[str, int] = DESK) -> Any:
    """The page with one device chosen."""
    page = open_page(language, viewport)
    page.goto(f"/simulator#tab-{device}")
    page.wait_for_function("!document.getElementById('dial').disabled")
    return page


def perform(staff: Any, reference: str, verb: str, **fields: str) -> None:
    """One verb, as somebody does it on the case page."""
    staff.goto(f"/staff/cases/{reference}")
    form = staff.locator(f"#verb-{verb}")
    if not form.evaluate("one => one.open"):
        form.locator("summary").first.click()
    for name, value in fields.items():
        field = form.locator(f"[name={name}]")
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    form.locator("form button").last.click()
    staff.wait_for_selector(".notice.done, .notice.good, .notice")
    assert not staff.locator("#refused").count(), staff.inner_text("main")


def shows_rating(staff: Any, reference: str, rating: str) -> None:
    """Reload the case until the rating stands there."""
    for _ in range(40):
        staff.goto(f"/staff/cases/{reference}")
        if rating in staff.inner_text(".area-facts"):
            return
        staff.wait_for_timeout(250)
    raise AssertionError(f"{rating} is not in the case: {staff.inner_text('.area-facts')}")


def until_said(page: Any, within: str, *words: str) -> str:
    """Wait until all ``words`` stand ``within``; the text that stands there."""
    page.wait_for_function(
        "([where, words]) => words.every((one) => document.querySelector(where)?.innerText.includes(one))",
        arg=[within, list(words)],
    )
    return str(page.inner_text(within))


def reference_in(page: Any, within: str) -> str:
    """The reference that appears ``within``."""
    page.wait_for_function(
        "(where) => /\\d{2}-\\d{6}-\\d/.test((document.querySelector(where)?.innerText ?? ''))", arg=within
    )
    found = _REFERENCE.search(page.inner_text(within))
    assert found is not None
    return found[0]


def until_delivered(staff: Any, reference: str) -> None:
    """The answer reached somebody: only then may the case be closed."""
    for _ in range(60):
        staff.goto(f"/staff/cases/{reference}")
        if _DELIVERED.search(staff.inner_text(".outbox")):
            return
        staff.wait_for_timeout(250)
    raise AssertionError(staff.inner_text(".outbox"))


def answered_and_closed(staff: Any, page: Any, reference: str, within: str, language: str) -> None:
    """The bureau accepts and answers, the citizen reads it, the office closes."""
    perform(staff, reference, "accept")
    perform(staff, reference, "answer", text=_ANSWERS[language])
    until_said(page, within, _ANSWERS[language])
    until_delivered(staff, reference)
    perform(staff, reference, "close", outcome="resolved")


def test_by_text(open_page: Open, staff: Any) -> None:
    page = simulator(open_page, "zh-CN", "phone", PHONE)
    page.fill("#text-body", "西江路的路灯坏了两个星期，晚上一片漆黑。")
    page.click("#text-form button:not([type])")
    reference = reference_in(page, "#texts")
    answered_and_closed(staff, page, reference, "#texts", "zh-CN")
    until_said(page, "#texts", "您满意吗？")
    page.fill("#text-body", "1")
    page.click("#text-form button:not([type])")
    until_said(page, "#texts", "很高兴帮上了忙")
    shows_rating(staff, reference, "Satisfied")
    assert "西江路的路灯坏了两个星期" in staff.inner_text("h1"), "a case is called by its first words"
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"the page must be moved sideways by {wide} px"


def test_signing_in_from_another_tab_breaks_nothing(open_page: Open) -> None:
    office = open_page("en")
    page = office.context.new_page()
    page.goto("/simulator#tab-phone")
    page.wait_for_function("!document.getElementById('dial').disabled")
    old = page.get_attribute("#simulator", "data-csrf")
    office.goto("/staff/login")
    office.fill("[name=username]", "boss")
    office.fill("[name=password]", PASSWORD)
    office.click("main form button")
    office.wait_for_url(re.compile(r"/staff/?$"))
    page.bring_to_front()
    page.fill("#text-body", "The lamp in Sample Street is dark.")
    page.evaluate("(old) => { document.getElementById('simulator').dataset.csrf = old; }", old)
    page.click("#text-form button:not([type])")
    until_said(page, "#texts", "The lamp in Sample Street is dark.")
    page.evaluate("document.getElementById('simulator').dataset.csrf = 'of another session'")
    page.fill("#text-body", "It has been dark for a week.")
    page.click("#text-form button:not([type])")
    until_said(page, "#texts", "It has been dark for a week.")
    assert page.locator("#sim-away").is_hidden()


def test_by_telegram(open_page: Open, staff: Any) -> None:
    page = simulator(open_page, "en", "chat", PHONE)
    send = "#chat-form .compose-row button"
    page.fill("#chat-text", "/start")
    page.click(send)
    until_said(page, "#messages", "Just tell us what is wrong")
    page.fill("#chat-text", "The bus on line 3 drove past the stop in Sample Road twice this morning.")
    page.click(send)
    reference = reference_in(page, "#messages")
    answered_and_closed(staff, page, reference, "#messages", "en")
    button = page.locator("button", has_text="Dissatisfied")
    button.wait_for()
    bubble, inside = page.locator("#messages .bubble", has=button).bounding_box(), button.bounding_box()
    assert inside["x"] + inside["width"] <= bubble["x"] + bubble["width"], "buttons stay in their bubble"
    button.click()
    until_said(page, "#messages", "We are sorry")
    page.fill("#chat-text", "Nobody came.")
    page.click(send)
    until_said(page, "#messages", "Thank you for telling us")
    shows_rating(staff, reference, "Dissatisfied")
    assert "Nobody came." in staff.inner_text(".area-facts")


def test_by_mail(open_page: Open, staff: Any) -> None:
    page = simulator(open_page, "en", "mail")
    page.fill("#mail-subject", "Rubbish")
    page.fill("#mail-body", "The rubbish in Sample Lane has not been collected for a week.")
    page.click("#mail-form .compose-row button")
    reference = reference_in(page, "#mails .mail:not(.to-bureau) .mail-text")
    answered_and_closed(staff, page, reference, "#mails", "en")
    link = page.locator("#mails .mail:not(.to-bureau) a[href*='/rate/']")
    link.wait_for()
    assert not page.locator("#mails .to-bureau").first.is_visible(), "bureaus' mail is not the citizen's"
    page.check("#bureau-mail")
    assert page.locator("#mails .to-bureau").first.is_visible()
    with page.context.expect_page() as opened:
        link.click()
    rating = opened.value
    rating.click("button[name=value][value=satisfied]")
    shows_rating(staff, reference, "Satisfied")


class Line:
    """The telephone on the page, in the hand of a tester."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def press(self, key: str) -> None:
        """A key of the telephone, typed on the keyboard."""
        self.page.locator("#call-steps").focus()
        self.page.keyboard.press(key)

    def hears(self, *words: str) -> str:
        """Wait until it was said."""
        return until_said(self.page, "#call-steps", *words)

    def hangs_up(self) -> None:
        """The red button; the next call may ring at once."""
        self.page.click("#call-end")
        self.page.wait_for_selector("#call-end", state="hidden")

    def picks_up(self, *words: str) -> None:
        """Answer what rings until ``words`` are heard; messages before it are listened to as well."""
        for _ in range(4):
            self.page.locator("#call-ring").wait_for()
            self.page.click("[data-call=answer]")
            self.hears("请按 1")
            self.press("1")
            self.page.wait_for_function(_READ_OUT)  # who hangs up at once has not heard it
            if all(one in self.page.inner_text("#call-steps") for one in words):
                return
            self.hangs_up()
        raise AssertionError(f"{words} was never heard")


def test_by_telephone(open_page: Open, staff: Any) -> None:
    page = simulator(open_page, "zh-CN", "phone")
    page.select_option("#phone", LANDLINE)
    line = Line(page)
    page.click("#dial")
    line.hears("For English")
    line.press("1")
    line.hears("要投诉，请按 1")
    assert page.is_disabled("#say-text"), "nobody listens yet"
    line.press("1")
    page.wait_for_selector("#say-text:enabled")
    page.fill("#say-text", "示范路的路灯坏了一个星期，晚上看不见路。")
    page.keyboard.press("Enter")
    line.hears("示范路的路灯坏了一个星期")
    line.press("#")
    line.hears("编号是")
    reference = heard_reference(staff)
    line.hangs_up()
    assert "示范路的路灯坏了一个星期" in staff.inner_text("main"), "what was typed is written down"
    assert plays(staff)
    perform(staff, reference, "accept")
    perform(staff, reference, "answer", text=_ANSWERS["zh-CN"])
    line.picks_up(_ANSWERS["zh-CN"])
    line.hangs_up()
    until_delivered(staff, reference)
    perform(staff, reference, "close", outcome="resolved")
    line.picks_up("满意")
    line.press("1")
    line.hears("谢谢")
    line.hangs_up()
    shows_rating(staff, reference, "Satisfied")


def heard_reference(staff: Any) -> str:
    """The case that came by telephone, opened once its words are written down."""
    for _ in range(60):
        staff.goto("/staff?tab=all&channel=phone")
        if staff.locator("[data-rows] tbody tr").count():
            staff.locator("[data-rows] td.ref a").first.click()
            staff.wait_for_selector(".case-grid")
            if "Written down by a machine" in staff.inner_text("main"):
                return str(staff.url.rpartition("/")[2])
        staff.wait_for_timeout(250)
    raise AssertionError(staff.inner_text("main"))


def plays(staff: Any) -> bool:
    """Whether the browser can play the recording of the case."""
    return bool(
        staff.evaluate(
            """() => new Promise((told) => {
                const sound = document.querySelector("audio");
                sound.oncanplaythrough = () => told(sound.duration > 1);
                sound.onerror = () => told(false);
                sound.preload = "auto";
                sound.load();
            })"""
        )
    )


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_nothing_grave_is_wrong_with_the_page(open_page: Open, dark: bool) -> None:
    found = {}
    for language, viewport in (("zh-CN", PHONE), ("en", DESK)):
        page = open_page(language, viewport, dark)
        page.goto("/simulator")
        page.wait_for_function("!document.getElementById('dial').disabled")
        found[language] = faults(page)
        page.click("#dial")
        page.wait_for_selector("#call-open:not([hidden])")
        found[f"{language}, in a call"] = faults(page)
        page.click("#call-end")
        page.wait_for_selector("#call-close:not([hidden])")
        found[f"{language}, after it"] = faults(page)
    assert {where: broken for where, broken in found.items() if broken} == {}
