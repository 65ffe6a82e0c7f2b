"""The catalogues are complete, alike in every language, and no text needs more SMS than it should."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from channels.dialogue.questions import ABOUT_A_MATTER, QUESTIONS
from channels.sms.parts import is_gsm, sms_parts
from channels.wording.catalogue import Sentence
from channels.wording.facts import LANGUAGES
from channels.wording.speech import SPOKEN, Speech
from channels.wording.texts import catalogue
from intake.lifecycle import State

ROOT = Path(__file__).resolve().parents[3]
TO_CITIZENS = (
    *("acknowledgement", "accepted", "added", "question", "question_reminder", "answer"),
    *("feedback", "feedback_reminder", "merged", "reopened", "separated", "taken_back"),
)

USUAL = {
    "reference": "26-004217-4",
    "code": "123456",
    "track_url": "https://complaints.county.example/track?reference=26-004217-4",
    "phone": "+12025550118",
    "n": "7+",
    "urgent": False,
    "answered": False,
    "late": False,
    "stands": False,
    "ask": "",
}
USUAL_ZH = USUAL | {
    "bureau": "住房和城乡建设局",
    "due": "11月27日",
    "question": "漏水的是哪一栋、哪一单元？物业是怎么答复您的？",
    "answer": "我局已派人到现场查看，破裂的水管昨天修好了，今后会加强这一片的巡查。谢谢您告诉我们。",
    "outcome": "不予受理",
    "said": "这个投诉件已经办结，不能再撤回。",
    "office": "示例县机关效能监督投诉中心",
}
USUAL_EN = USUAL | {
    "bureau": "Housing and Urban-Rural Development Bureau",
    "due": "27 Nov",
    "question": "Which building and which entrance is it, and what did the property management say?",
    "answer": "We came to look and had the burst pipe mended yesterday. We now check this street more often.",
    "outcome": "not accepted",
    "said": "This case is closed and cannot be withdrawn any more.",
    "office": "Sample County Efficiency Office",
}
USUAL_IN = {"zh-Hans": USUAL_ZH, "zh-Hant": USUAL_ZH, "en": USUAL_EN}
EVERY_TEXT = [(language, key) for language in LANGUAGES for key in sorted(catalogue(language))]


def _as_sent(language: str, key: str) -> list[str]:
    """The text with usual values; an acknowledgement with each question it may carry."""
    sentence, usual = catalogue(language)[key], USUAL_IN[language]
    if key != "acknowledgement":
        return [sentence.say(usual)]
    questions = ["", *(catalogue(language)[f"ask_{each}"].say(usual) for each in ABOUT_A_MATTER)]
    return [sentence.say(usual | {"ask": q, "urgent": u}) for q in questions for u in (False, True)]


def test_every_language_has_the_same_texts_with_the_same_values_and_choices() -> None:
    def shape(sentence: Sentence) -> tuple[frozenset[str], list[str]]:
        return sentence.values, [choice.key for choice in sentence.choices]

    chinese = {key: shape(sentence) for key, sentence in catalogue("zh-Hans").items()}
    for language in ("zh-Hant", "en"):
        assert {key: shape(sentence) for key, sentence in catalogue(language).items()} == chinese


def test_every_voice_has_the_same_sentences_with_the_same_values() -> None:
    wanted = {language: Speech(language).wants() for language in SPOKEN}
    assert wanted["yue"] == wanted["zh-Hans"]
    assert wanted["en"] == wanted["zh-Hans"]


@pytest.mark.parametrize(("language", "key"), EVERY_TEXT)
def test_no_text_needs_more_sms_than_it_should(language: str, key: str) -> None:
    declared = catalogue(language)[key].parts
    assert 1 <= declared <= 3
    for text in _as_sent(language, key):
        assert sms_parts(text) <= declared, f"{len(text)} characters: {text}"


@pytest.mark.parametrize("key", sorted(catalogue("en")))
def test_english_stays_in_the_alphabet_of_plain_texts(key: str) -> None:
    assert all(is_gsm(text) for text in _as_sent("en", key))


def test_a_text_that_is_too_long_would_be_found() -> None:
    assert sms_parts(catalogue("en")["added"].say(USUAL_EN) + "—" * 70) > catalogue("en")["added"].parts


def test_everything_that_citizens_are_told_has_a_text_and_a_voice() -> None:
    texts, voice = catalogue("zh-Hans"), Speech("zh-Hans").wants()
    for template in TO_CITIZENS:
        assert template in texts
        assert f"message.{template}" in voice
    for state in State:
        assert f"status_{state}" in texts
        assert f"status.{state!s}" in voice
    for question in QUESTIONS.keys() - {"withdraw", "new_or_more"}:
        assert f"ask_{question}" in texts


def test_every_template_that_intake_tells_complainants_is_among_them() -> None:
    sources = "\n".join(path.read_text("utf-8") for path in (ROOT / "intake").rglob("*.py"))
    told = set(re.findall(r'tell_complainants?\(\s*case,\s*(?:part,\s*)?"(\w+)"', sources))
    assert told
    assert told <= set(TO_CITIZENS)


def test_every_line_that_the_dialogue_says_has_a_text() -> None:
    sources = "\n".join(path.read_text("utf-8") for path in (ROOT / "channels" / "dialogue").glob("*.py"))
    said = set(re.findall(r'(?<!\w)line\(\s*"(\w+)"', sources))
    said |= {f"ask_{key}" for key in re.findall(r'(?<!\w)question\("(\w+)"', sources)}
    assert len(said) > 15
    assert said <= set(catalogue("zh-Hans"))


def test_the_texts_in_traditional_characters_are_converted() -> None:
    assert catalogue("zh-Hant")["feedback"].choices[0].label == "滿意"
    assert "查詢碼" in catalogue("zh-Hant")["acknowledgement"].source
