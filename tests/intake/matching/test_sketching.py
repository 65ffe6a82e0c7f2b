"""Sketches: what is told of two texts from 64 numbers, and that it does not depend on who asks."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.matching_texts import AGAIN, complaint, complaint_en
from intake.matching.sketching import (
    LEAST_LANES,
    SIZE,
    Sketch,
    compared,
    lanes_of,
    packed,
    sketch_of,
    unpacked,
)

LETTER = complaint(random.Random(1), 10)


def drawn(text: str) -> Sketch:
    found = sketch_of(text)
    assert found is not None
    return found


@given(st.text(max_size=400), st.text(max_size=400))
def test_of_any_two_texts(one: str, other: str) -> None:
    mine, theirs = sketch_of(one), sketch_of(other)
    if mine is None or theirs is None:
        return
    assert compared(mine, theirs) == compared(theirs, mine)
    assert 0 <= compared(mine, theirs).share <= 100
    assert unpacked(packed(mine)) == mine
    assert len(mine.minima) <= SIZE
    assert len(lanes_of(mine)) == len(set(lanes_of(mine))) >= min(LEAST_LANES, len(mine.minima))


def test_the_same_text_is_wholly_the_same() -> None:
    assert compared(drawn(LETTER), drawn(LETTER)).share == 100


@pytest.mark.parametrize(("share", "least"), [(0.05, 75), (0.10, 55), (0.15, 40)])
def test_a_text_typed_wrongly_meets_its_first_form(share: float, least: int) -> None:
    pick = random.Random(5)
    typed = "".join("错" if pick.random() < share else character for character in LETTER)
    assert set(lanes_of(drawn(LETTER))) & set(lanes_of(drawn(typed)))
    assert compared(drawn(LETTER), drawn(typed)).share >= least


def test_a_short_text_is_found_within_a_long_one_and_said_to_be() -> None:
    part = LETTER[60:130]
    likeness = compared(drawn(LETTER), drawn(part))
    assert set(lanes_of(drawn(LETTER))) & set(lanes_of(drawn(part)))
    assert likeness.within
    assert likeness.share >= 50


@pytest.mark.parametrize("make", [complaint, complaint_en])
def test_strangers_share_little(make: object) -> None:
    assert callable(make)
    sketches = [drawn(make(random.Random(n), 6)) for n in range(30)]
    shares = [compared(a, b).share for n, a in enumerate(sketches) for b in sketches[:n]]
    assert max(shares) < 40
    assert sum(shares) / len(shares) < 10


def test_a_sketch_of_an_older_form_is_no_sketch() -> None:
    assert unpacked(bytes(256)) is None
    assert unpacked(b"") is None
    assert unpacked(packed(drawn(LETTER))[:-1]) is None


def test_every_way_of_coming_again_is_another_text() -> None:
    pick = random.Random(2)
    ways = {way: again(LETTER, pick) for way, again in AGAIN.items()}
    assert ways.pop("the same text") == LETTER
    assert LETTER not in ways.values()
    assert len(set(ways.values())) == len(ways)
