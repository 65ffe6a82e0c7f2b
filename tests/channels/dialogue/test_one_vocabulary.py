"""Mail and texts are rated in the same words: what one channel understands, the other does not misread."""

from __future__ import annotations

import pytest

from channels.dialogue.understand import RATINGS, understand
from channels.dialogue.words import VOCABULARY, Intent
from intake.ratings import rating_of

WORDS = [
    (word, value) for (intent, value), words in VOCABULARY.items() if intent is Intent.RATE for word in words
]


@pytest.mark.parametrize(("word", "value"), WORDS)
def test_a_word_of_the_dialogue_is_a_verdict_by_mail(word: str, value: str) -> None:
    assert rating_of(word) == (value, "")
    assert rating_of(f"{word}。") == (value, "")


@pytest.mark.parametrize(("key", "value"), RATINGS.items())
def test_a_key_is_the_same_verdict_by_mail(key: str, value: str) -> None:
    assert rating_of(key) == (value, "")


@pytest.mark.parametrize(
    "text",
    [
        "满意",
        "很满意，谢谢",
        "3 修了又坏",
        "3，修了又坏",
        "不满意，修了又坏",
        "基本滿意",
        "Satisfied",
        "not satisfied",
        "１",
        "满意吗？",
        "3天没水",
        "还行",
        "一般",
        "满意度调查",
        "我们这里没有水",
        "查询",
    ],
)
def test_where_both_find_a_verdict_it_is_one(text: str) -> None:
    said, by_mail = understand(text), rating_of(text)
    by_text = RATINGS.get(said.value, said.value) if said.intent in (Intent.KEY, Intent.RATE) else None
    assert by_text is None or by_mail is None or by_text == by_mail[0]
