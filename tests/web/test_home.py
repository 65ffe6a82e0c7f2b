"""The first page names every way that is switched on, and says of none what is not so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from channels.telegram.account import TelegramAccount
from channels.twilio.account import TwilioAccount
from tests.support.county import Running
from tests.web.browser import Browser
from web.app import create_app

URL = "https://complaints.county.example"
TWILIO = TwilioAccount(sid="AC" + "0" * 32, token="0" * 32, number="+12025550118", public_url=URL)
TELEGRAM = TelegramAccount(token="1:x", public_url=URL)


@pytest.mark.parametrize("twilio", [None, TWILIO])
@pytest.mark.parametrize("telegram", [None, TELEGRAM])
def test_the_ways_are_those_that_are_switched_on(
    light: Running, twilio: TwilioAccount | None, telegram: TelegramAccount | None
) -> None:
    browser = Browser(create_app(replace(light.services, twilio=twilio, telegram=telegram)))
    browser.get("/")
    page = browser.answer.text
    assert ("By text or WhatsApp" in page) == ("sms:+12025550118" in page) == bool(twilio)
    assert ("By Telegram" in page) == bool(telegram)
    for way in ("On this page", "By e-mail", "By telephone", "In person or by letter"):
        assert way in page
    assert "Four ways" not in page


def test_nobody_is_promised_that_their_words_are_read_back(light: Running) -> None:
    for language, words in (("en", "read it back"), ("zh-Hans", "念给您听")):
        browser = Browser(create_app(light.services))
        browser.get(f"/?lang={language}")
        assert words not in browser.answer.text


def test_the_name_may_be_left_empty_by_more_than_the_anonymous(light: Running) -> None:
    browser = Browser(create_app(light.services))
    browser.get("/complain")
    assert "Leave it empty to stay anonymous" not in browser.answer.text
    assert "Needed only if the bureau may know it" in browser.answer.text
