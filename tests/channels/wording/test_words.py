"""The same message on each kind of channel, in the reader's language."""

from __future__ import annotations

import pytest
from jinja2 import TemplateNotFound, UndefinedError

from channels.table import SILENT
from channels.wording.catalogue import BrokenCatalogue, read_texts
from channels.wording.speech import Speech
from channels.wording.texts import catalogue
from tests.channels.wording.letters import REFERENCE, letter, wording
from tests.channels.wording.test_catalogues import TO_CITIZENS

EVERYWHERE = [
    (channel, language)
    for channel in ("email", "letter", "web", "sms", "whatsapp", "telegram", "phone")
    for language in ("zh-Hans", "zh-Hant", "en")
]


@pytest.mark.parametrize(("channel", "language"), EVERYWHERE)
def test_every_message_has_words_everywhere(channel: str, language: str) -> None:
    for template in TO_CITIZENS:
        worded = wording().word(letter(template, channel, language, question="几栋？", answer="修好了"))
        assert worded.text.strip()
        assert "{" not in worded.text
        assert bool(worded.subject) == (channel in ("email", "letter", "web"))


@pytest.mark.parametrize(
    ("channel", "language", "expected"),
    [
        ("sms", "zh-Hans", "您的投诉26-004217-4已办结（已解决）。您满意吗？回1满意，2基本满意，3不满意。"),
        (
            "telegram",
            "zh-Hant",
            "您的投訴26-004217-4已辦結（已解決）。您滿意嗎？回1滿意，2基本滿意，3不滿意。",
        ),
        (
            "whatsapp",
            "en",
            "Your complaint 26-004217-4 is closed (resolved). "
            "Were you satisfied? Reply 1 yes, 2 mostly, 3 no.",
        ),
        ("phone", "zh-Hans", "您的投诉，编号二，六，零，零，四，二，幺，七，四，已经办结，结果是已解决。"),
    ],
)
def test_are_you_satisfied(channel: str, language: str, expected: str) -> None:
    worded = wording().word(letter("feedback", channel, language))
    assert worded.text == expected
    assert [choice.key for choice in worded.choices] == ([] if channel == "phone" else ["1", "2", "3"])


def test_the_acknowledgement_carries_everything_and_one_question() -> None:
    worded = wording().word(letter("acknowledgement", "sms", "zh-Hans", ask="name"))
    assert worded.text == (
        "收到了，编号26-004217-4，查询码123456。由住房和城乡建设局负责，11月27日前给您回音。\n"
        "可以让办理单位知道您是谁吗？回1可以，2保密。"
    )
    assert [choice.label for choice in worded.choices] == ["可以", "保密"]
    english = wording().word(letter("acknowledgement", "sms", "en"))
    assert (
        english.text
        == "We have your complaint: 26-004217-4, code 123456. Housing Bureau will answer by 27 Nov."
    )


def test_only_a_mail_says_reply_to_this_mail() -> None:
    for template in ("acknowledgement", "answer", "question", "question_reminder"):
        for language, words in (
            ("zh-Hans", "这封邮件"),
            ("zh-Hant", "這封郵件"),
            ("en", "reply to this message"),
        ):
            for channel in ("email", "web", "sms", "phone"):
                text = wording().word(letter(template, channel, language, question="?")).text
                assert (words in text) == (channel == "email"), (template, language, channel)


def test_talk_is_said_line_by_line_about_a_case_or_none() -> None:
    lines = [
        {"template": "named", "params": {}},
        {"template": "ask_when", "params": {}},
    ]
    worded = wording().word(letter("talk", "sms", "en", about=False, lines=lines))
    assert worded.text == "Thank you. The bureau may know who you are.\nWhen did it happen? To skip, reply 0."
    assert [choice.key for choice in worded.choices] == ["0"]
    status = {"template": "status_assigned", "params": {"reference": REFERENCE, "bureau": "health"}}
    status["params"] |= {"due_at": "2026-11-27T09:30:00+00:00"}  # type: ignore[operator]
    told = wording().word(letter("talk", "telegram", "zh-Hans", about=False, lines=[status]))
    assert told.text == "26-004217-4：已交卫生健康局，11月27日前答复您。"


def test_what_is_frozen_in_both_languages_is_said_in_the_readers() -> None:
    refused = {"template": "refused", "params": {"zh": "已经办结。", "en": "It is closed."}}
    for language, words in (("zh-Hans", "已经办结。"), ("en", "It is closed.")):
        assert wording().word(letter("talk", "sms", language, about=False, lines=[refused])).text == words


def test_what_citizens_wrote_is_never_a_template_and_never_converted() -> None:
    hostile = "{{ code }} {% for x in y %} 修好了 {reference}"
    for channel in ("sms", "email", "phone"):
        assert hostile in wording().word(letter("answer", channel, "zh-Hant", answer=hostile)).text


def test_a_message_without_words_is_an_error_not_silence() -> None:
    for channel in ("sms", "phone", "email"):
        with pytest.raises(TemplateNotFound):
            wording().word(letter("no_such", channel, "en"))
    with pytest.raises(UndefinedError):
        catalogue("en")["added"].say({})
    with pytest.raises(UndefinedError):
        Speech("yue").say("message.answer", reference="1")
    with pytest.raises(KeyError):
        Speech("yue").say("message.no_such")
    with pytest.raises(BrokenCatalogue):
        read_texts("fr")


def test_figures_are_read_one_by_one() -> None:
    assert Speech("en").digits(REFERENCE) == "2, 6, 0, 0, 4, 2, 1, 7, 4"
    assert Speech("yue").digits("26-01") == "二，六，零，一"
    assert Speech("zh-Hans").digits("26-01") == "二，六，零，幺"


@pytest.mark.parametrize(("language", "said"), [("zh-Hans", "有危险请先离开"), ("en", "If there is danger")])
def test_an_urgent_acknowledgement_says_what_to_do_in_danger(language: str, said: str) -> None:
    usual = letter("acknowledgement", "sms", language)
    assert said not in wording().word(usual).text
    usual.case.urgency = "urgent"
    assert said in wording().word(usual).text
    assert "119" in wording().word(usual).text


BY_POST = sorted(set(TO_CITIZENS) - SILENT["letter"])
"""All that a letter is printed for."""


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
@pytest.mark.parametrize("template", BY_POST)
@pytest.mark.parametrize("answered", [False, True])
def test_paper_says_what_can_be_done_with_paper(template: str, language: str, answered: bool) -> None:
    said = letter(template, "letter", language, question="几栋？", answer="修好了", answered=answered)
    worded = wording().word(said)
    words = f"{worded.subject}\n{worded.text}"
    assert REFERENCE in words
    assert "+1 202-555-0118" in words, "who has no web and no mail can call"
    foot = {"zh-Hans": "页脚的地址", "zh-Hant": "頁腳的地址", "en": "foot of this page"}
    assert foot[language] in words, "or write"
    assert "\n\n\n" not in words
    for clickable in ("http", "click", "reply to this", "回复这封", "回复本", "点开", "回復這封", "链接"):
        assert clickable not in words
    assert "[" not in worded.subject


def test_the_letter_with_the_answer_asks_for_the_rating() -> None:
    worded = wording().word(letter("answer", "letter", "zh-Hans", answer="修好了"))
    assert "□ 满意　　□ 基本满意　　□ 不满意" in worded.text
