"""Whatever is written, there is a turn; and what a turn says, the catalogues can say."""

from __future__ import annotations

import json
import time
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opencc import OpenCC

from channels.dialogue import Script
from channels.dialogue.questions import QUESTIONS, effect_of
from channels.dialogue.replies import EFFECTS
from channels.dialogue.spelling import fold, within_one_slip
from channels.dialogue.understand import Said, understand
from channels.dialogue.words import MEANING, VOCABULARY, Intent
from channels.wording.texts import catalogue
from intake.conversation import Act, Turn
from tests.channels.dialogue.scenes import SCENES, heard, remembered

WORDS = st.sampled_from(sorted(MEANING))
MESSAGES = st.one_of(
    st.text(max_size=60),
    st.lists(WORDS, max_size=4).map(" ".join),
    st.tuples(WORDS, st.text(max_size=20)).map("".join),
    st.sampled_from(
        ["26-004217-4", "26-000099-6", "3 ", "/", "/status", "１", "0️⃣", "查询 26", "补充：", "\n", "﷽"]
    ),
)
ASKED = st.sampled_from(["", "stopped", *QUESTIONS])


@settings(max_examples=400, deadline=None)
@given(MESSAGES, ASKED, st.sampled_from(sorted(SCENES)), st.integers(0, 3), st.booleans(), st.booleans())
def test_every_message_has_a_sound_turn(
    message: str, asked: str, scene: str, files: int, held: bool, pressed: bool
) -> None:
    cases = SCENES[scene]
    if asked in ("why", "withdraw") and not cases:
        asked = ""
    known = remembered(asked, cases, timedelta(minutes=5))
    choice = message[:20] if pressed else ""
    turn = Script().turn(heard(message, known, cases, files=files, held=held, choice=choice))
    _sound(turn, {case.id for case in cases})


def _sound(turn: Turn, own: set[str]) -> None:
    """What filing counts on."""
    assert turn.complaint_id is None or turn.complaint_id in own
    if turn.act in (Act.ADD, Act.RATE, Act.WITHDRAW):
        assert turn.complaint_id is not None
    if turn.act is Act.RATE:
        assert turn.value in ("satisfied", "basically_satisfied", "dissatisfied")
    if turn.act is Act.HOLD:
        assert turn.conversation.held_until is not None
        assert turn.conversation.asking == "new_or_more"
    assert turn.ask == "" or turn.act is Act.NEW
    assert turn.release in ("", "new", "add")
    assert turn.conversation.asking in ("", *QUESTIONS)
    assert (turn.conversation.asking == "") == (turn.conversation.asked_at is None)
    assert len(json.dumps(turn.conversation.memory)) < 1000
    for line in turn.say:
        assert line.template in catalogue("en")
        assert line.complaint_id is None or line.complaint_id in own


@pytest.mark.parametrize(
    "message",
    [
        "房子漏水" * 5000,
        "1" * 20_000,
        "👍" * 20_000,
        "status " * 3000,
        " " * 20_000,
        "查询" * 10_000,
        "26-" * 7000,
    ],
    ids=["complaint", "figures", "emoji", "status", "blank", "query", "dashes"],
)
@pytest.mark.parametrize("scene", ["nobody", "open", "closed"])
def test_twenty_thousand_characters_are_heard_quickly(message: str, scene: str) -> None:
    cases = SCENES[scene]
    started = time.perf_counter()
    turn = Script().turn(heard(message, remembered("", cases, timedelta(0)), cases))
    assert time.perf_counter() - started < 0.5
    assert turn.act in Act


def test_every_word_of_the_vocabulary_is_understood_in_both_scripts() -> None:
    converters = [OpenCC(name) for name in ("s2t", "s2hk", "s2tw")]
    for meaning, words in VOCABULARY.items():
        for word in words:
            for typed in (word, word.upper(), f" {word}。", *(each.convert(word) for each in converters)):
                said = understand(typed)
                assert (said.intent, said.value) == meaning, typed


def test_no_word_means_two_things() -> None:
    words = [word for group in VOCABULARY.values() for word in group]
    assert sorted(words) == sorted(set(words))
    assert all(fold(word) == word for word in words)


@given(st.sampled_from(["withdraw", "satisfied", "english", "complaint", "progress"]), st.data())
def test_one_slip_of_the_finger_is_forgiven(word: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(1, len(word) - 2))
    slips = [word[:at] + word[at + 1 :], word[:at] + "x" + word[at:], word[:at] + "x" + word[at + 1 :]]
    slips.append(word[:at] + word[at + 1] + word[at] + word[at + 2 :])
    for typed in slips:
        assert within_one_slip(typed, word)
        assert understand(typed).intent is MEANING[word][0]


@pytest.mark.parametrize(
    ("typed", "word"), [("statue of", "status"), ("dissatisfied", "satisfied"), ("a", "abc")]
)
def test_two_slips_are_not(typed: str, word: str) -> None:
    assert not within_one_slip(typed, word)


def test_every_question_can_be_skipped_and_every_effect_is_used() -> None:
    named = {effect for question in QUESTIONS.values() for effect in question.replies.values()}
    assert named == set(EFFECTS)
    for key in QUESTIONS.keys() - {"new_or_more"}:  # that one is skipped by saying nothing
        assert effect_of(key, Said(Intent.KEY, "0"))
        assert effect_of(key, Said(Intent.SKIP))
