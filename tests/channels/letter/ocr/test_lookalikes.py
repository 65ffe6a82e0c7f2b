"""Signs that paper does not tell apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from channels.letter.ocr.doubt import UNSURE
from channels.letter.ocr.lookalikes import told_apart

READ_AND_MEANT = [
    # as the engine reads it, what stands on the paper
    ("二○二六年九月", "二〇二六年九月"),
    ("二O二六年一O月", "二〇二六年一〇月"),
    ("willow_vi11age@mai1.example", "willow_village@mail.example"),
    ("Emai1: amp1e", "Email: ample"),
    ("comp0und", "compound"),
    ("138O0138o00", "13800138000"),
    ("○ 是  □ 否", "○ 是  □ 否"),  # a box to be ticked is no zero
    ("10月1日", "10月1日"),
    ("li1990@mail.example", "li1990@mail.example"),
    ("window1.example", "window1.example"),
    ("B5 H1N1 PM2.5", "B5 H1N1 PM2.5"),
]


@pytest.mark.parametrize(("read", "meant"), READ_AND_MEANT)
def test_neighbours_tell(read: str, meant: str) -> None:
    assert told_apart(read, [1.0] * len(read))[0] == meant


def test_what_was_guessed_is_doubtful() -> None:
    text, sure = told_apart("vi11a", [1.0, 1.0, 0.9, 0.2, 1.0])
    assert text == "villa"
    assert sure[2] < UNSURE
    assert (sure[0], sure[3], sure[4]) == (1.0, 0.2, 1.0)


@given(some.text(alphabet="二○〇O0o1ail@.月x", max_size=30))
def test_places_stay(text: str) -> None:
    after, sure = told_apart(text, [0.9] * len(text))
    assert (len(after), len(sure)) == (len(text), len(text))
