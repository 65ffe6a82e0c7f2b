"""A subject taken from a text ends at a word's end, and fits the room there is for it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.reading import clean

LONG = "The street lamps along the river have been dark for several weeks and nobody seems to care about it"


@pytest.mark.parametrize(
    ("written", "subject"),
    [
        (LONG, "The street lamps along the river have been dark for several weeks and…"),
        ("No bus at Lake Road. It has been a week", "No bus at Lake Road. It has been a week"),
        ("The bus does not stop at Lake Road any more; why?", "The bus does not stop at Lake Road any more"),
        ("水" * 40, "水" * 40),
        ("水" * 41, "水" * 39 + "…"),
        ("我在 Lake Road 旁边住了很多年，最近晚上总有工地施工，吵得全家都睡不着觉，请管一管", None),
        ("Aa" * 60, "Aa" * 35 + "A…"),  # one word beyond measure
        ("路灯 " + "坏了" * 30, "路灯 " + "坏了" * 18 + "…"),
        ("", ""),
    ],
)
def test_what_a_text_is_called(written: str, subject: str | None) -> None:
    found = clean.opening(written)
    assert len(found) <= (72 if written.isascii() else 40)
    assert found == (written if subject is None and len(written) <= 40 else subject or found)


@given(st.lists(st.text("abcdefgh", min_size=1, max_size=12), min_size=1, max_size=60))
def test_no_english_word_is_cut(words: list[str]) -> None:
    found = clean.opening(" ".join(words))
    assert found.removesuffix("…").split(" ") == words[: len(found.split(" "))]
