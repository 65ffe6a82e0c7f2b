"""The check of an identity document's number, and that nothing of it is kept but hash and last four."""

from __future__ import annotations

import hmac
from datetime import date, timedelta

import pytest
from flask import Flask
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.support.county import COUNTY
from tests.web.visits.numbers import card, check_digit
from web import i18n
from web.catalogues import Catalogues
from web.visits.documents import RESIDENT, KeyedHash, Notes, Seen, compact, number_error, seen

TODAY = date(2026, 3, 2)


def keyed_by(secret: str) -> KeyedHash:
    """HMAC-SHA256 (RFC 2104) under a key derived from ``secret`` for each purpose."""

    def keyed_hash(purpose: str, text: str) -> str:
        key = hmac.digest(secret.encode(), f"huiyin keyed hash\0{purpose}".encode(), "sha256")
        return hmac.digest(key, text.encode("utf-8", "surrogatepass"), "sha256").hex()

    return keyed_hash


HASH = keyed_by("a secret for tests only")
_APP = Flask(__name__)
i18n.install(_APP, Catalogues.read(), COUNTY.zone)

days = st.dates(date(1900, 1, 1), TODAY)
cards = st.builds(
    lambda place, born, serial: card(f"{place:06d}{born:%Y%m%d}{serial:03d}"),
    st.integers(110000, 999999),
    days,
    st.integers(0, 999),
)


def wrong(number: str, kind: str = RESIDENT, language: str = "en") -> str:
    with _APP.test_request_context(f"/?lang={language}"):
        return number_error(kind, number, TODAY)


def test_the_worked_example_of_the_standard() -> None:
    """GB 11643 gives 11010519491231002X."""
    assert check_digit("11010519491231002") == "X"
    assert wrong("11010519491231002X") == ""


@given(cards)
def test_every_good_number_passes(number: str) -> None:
    assert wrong(number) == ""


@given(cards, st.integers(0, 17), st.sampled_from("0123456789X"))
def test_every_single_wrong_character_is_caught(number: str, place: int, typed: str) -> None:
    assume(number[place] != typed)
    sentence = wrong(number[:place] + typed + number[place + 1 :])
    assert sentence
    assert number[6:] not in sentence


@given(cards, st.integers(0, 16))
def test_every_two_neighbours_changed_over_are_caught(number: str, place: int) -> None:
    assume(number[place] != number[place + 1])
    assert wrong(number[:place] + number[place + 1] + number[place] + number[place + 2 :])


@given(st.text(max_size=80))
def test_whatever_is_typed_is_judged_and_never_repeated(typed: str) -> None:
    for kind in (RESIDENT, "passport", "no such kind"):
        sentence = wrong(typed, kind)
        number = compact(typed)
        assert isinstance(sentence, str)
        assert len(number) < 5 or number not in sentence.upper()


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("99000019900307123", "18 digits"),  # the old length, or one left out
        (card()[:-1] + "Y", "18 digits"),
        ("", "18 digits"),
        ("九九〇〇〇〇一九九〇〇三〇七一二三四", "18 digits"),
        (card("99000019901307123"), "no such day of birth"),  # a thirteenth month
        (card("99000020260303123"), "no such day of birth"),  # born tomorrow
        (card("99000017000101123"), "no such day of birth"),
    ],
)
def test_one_clear_sentence(typed: str, says: str) -> None:
    assert says in wrong(typed)
    assert wrong(typed, language="zh-Hans") != wrong(typed)


def test_born_today_is_no_mistake() -> None:
    assert wrong(card(f"990000{TODAY:%Y%m%d}001")) == ""
    assert wrong(card(f"990000{TODAY + timedelta(days=1):%Y%m%d}001"))


@pytest.mark.parametrize("kind", ["hk_macau_permit", "taiwan_permit", "passport", "other"])
def test_other_documents_have_no_check_digit(kind: str) -> None:
    assert wrong("H00000000", kind) == ""
    assert "5 to 20" in wrong("H0", kind)
    assert "5 to 20" in wrong("<script>", kind)


@given(cards)
def test_what_is_kept_tells_the_number_to_nobody(number: str) -> None:
    kept = seen(RESIDENT, number, HASH)
    spaced = seen(RESIDENT, f" {number[:6]} {number[6:14]}-{number[14:].lower()} ", HASH)
    assert kept == spaced, "the same card, however it was typed"
    assert kept.last4 == number[-4:]
    assert len(kept.number_hash) == 64
    assert number[:-4] not in repr(kept)
    assert kept.number_hash != seen("passport", number, HASH).number_hash
    assert kept.number_hash != seen(RESIDENT, number, keyed_by("another secret")).number_hash


@given(st.text(max_size=200))
def test_a_note_that_was_not_written_here_says_nothing(note: str) -> None:
    assert Notes("secret").read(note) is None


def test_a_note_comes_back() -> None:
    kept = Seen(RESIDENT, "0" * 64, "123X")
    assert Notes("secret").read(Notes("secret").write(kept)) == kept
    assert Notes("other").read(Notes("secret").write(kept)) is None
