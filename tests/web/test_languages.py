"""Every sentence of the pages exists in both languages, and is chosen and written as its readers expect."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from flask import Flask

from intake.contracts import Text
from tests.support.county import COUNTY
from tests.web.sentences import sentences
from web import i18n
from web.catalogues import TRANSLATIONS, Catalogues

CATALOGUES = sorted((TRANSLATIONS / "zh_Hans").glob("*.po"))
_GAP = re.compile(r"%\((\w+)\)s")


def messages(path: Path) -> list[Message]:
    with path.open("rb") as file:
        return [message for message in read_po(file, locale="zh_Hans") if message.id]


def first(value: object) -> str:
    return str(value[0] if isinstance(value, (list, tuple)) else value)


def test_every_sentence_is_translated() -> None:
    known = {first(m.id) for path in CATALOGUES for m in messages(path) if first(m.string) and not m.fuzzy}
    missing = {f"{place}: {sentence}" for place, sentence in sentences() if sentence not in known}
    assert not missing


def test_the_extractor_finds_sentences_in_code_and_templates() -> None:
    found = {sentence for _place, sentence in sentences()}
    assert {"Tell us what happened.", "Send my complaint", "One thing needs your attention"} <= found


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.name)
def test_catalogue_is_clean(path: Path) -> None:
    said = {sentence for _place, sentence in sentences()}
    for message in messages(path):
        english, chinese = first(message.id), first(message.string)
        assert not message.fuzzy, english
        assert chinese, english
        assert english in said, f"nobody says {english!r} any more"
        gaps = message.id[-1] if isinstance(message.id, (list, tuple)) else message.id
        assert set(_GAP.findall(chinese)) <= set(_GAP.findall(gaps)), english


def test_no_sentence_is_translated_twice() -> None:
    """The catalogues are read into one: what two areas say stands in common.po, once. Where they mean
    different things, their English differs too."""
    said: dict[str, list[str]] = {}
    for path in CATALOGUES:
        for message in messages(path):
            said.setdefault(f"{message.context}|{first(message.id)}", []).append(path.name)
    assert not {english: where for english, where in said.items() if len(where) > 1}


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("zh", "zh-Hans"),
        ("zh-CN", "zh-Hans"),
        ("zh-Hans-HK", "zh-Hans"),
        ("zh-TW", "zh-Hant"),
        ("zh_HK", "zh-Hant"),
        ("zh-Hant", "zh-Hant"),
        ("yue", "zh-Hans"),
        ("en-GB", "en"),
        ("fr", None),
        ("", None),
    ],
)
def test_language_tags(tag: str, language: str | None) -> None:
    assert i18n.matched(tag) == language


@pytest.mark.parametrize(
    ("query", "cookie", "header", "language"),
    [
        ("", None, "en-GB,en;q=0.8", "en"),
        ("", None, "fr,zh-TW;q=0.5", "zh-Hant"),
        ("", None, "fr", "zh-Hans"),
        ("", "en", "zh-CN", "en"),
        ("?lang=zh-Hans", "en", "en", "zh-Hans"),
        ("?lang=xx", "en", "zh-CN", "en"),
    ],
)
def test_query_beats_cookie_beats_browser(query: str, cookie: str | None, header: str, language: str) -> None:
    headers = {"Accept-Language": header} | ({"Cookie": f"lang={cookie}"} if cookie else {})
    with speaking().test_request_context(f"/{query}", headers=headers):
        assert i18n.language() == language


def speaking() -> Flask:
    app = Flask(__name__)
    i18n.install(app, Catalogues.read(), COUNTY.zone)
    return app


@pytest.mark.parametrize(
    ("language", "moment", "day", "number", "greeting"),
    [
        ("zh-Hans", "2026年9月30日 17:30", "2026年9月30日", "20,000", "就有回音。"),
        ("zh-Hant", "2026年9月30日 17:30", "2026年9月30日", "20,000", "就有回音。"),
        (
            "en",
            "30 September 2026, 17:30",
            "30 September 2026",
            "20,000",
            "An answer comes back.",
        ),
    ],
)
def test_written_as_people_write(language: str, moment: str, day: str, number: str, greeting: str) -> None:
    then = datetime(2026, 9, 30, 9, 30, tzinfo=UTC)
    with speaking().test_request_context(f"/?lang={language}"):
        assert (i18n.moment(then), i18n.day(then), i18n.number(20000)) == (moment, day, number)
        assert i18n.gettext("An answer comes back.") == greeting


def test_traditional_is_converted_and_keeps_our_name() -> None:
    with speaking().test_request_context("/?lang=zh-Hant"):
        assert i18n.gettext("What happens then") == "接下來會怎樣"
        assert i18n.gettext("Huiyin") == "回音"


def test_a_day_is_the_offices_day() -> None:
    late = datetime(2026, 9, 30, 20, 0, tzinfo=UTC)  # already October in Gaoyao
    with speaking().test_request_context("/?lang=en"):
        assert i18n.day(late) == "1 October 2026"


def test_chinese_has_one_form_for_any_number() -> None:
    with speaking().test_request_context("/?lang=en"):
        said = [
            i18n.ngettext("One thing needs your attention", "%(num)s things need your attention", n)
            for n in (1, 2)
        ]
    assert said == ["One thing needs your attention", "2 things need your attention"]
    with speaking().test_request_context("/?lang=zh"):
        said = [
            i18n.ngettext("One thing needs your attention", "%(num)s things need your attention", n)
            for n in (1, 2)
        ]
    assert said == ["有 1 处需要改一下", "有 2 处需要改一下"]


def test_texts_with_both_languages() -> None:
    name = Text("教育局", "Education Bureau")
    for language, said in (("zh-Hans", "教育局"), ("zh-Hant", "教育局"), ("en", "Education Bureau")):
        with speaking().test_request_context(f"/?lang={language}"):
            assert i18n.say(name) == said
