"""The web form: what was filled in comes out again as a reading, whatever was filled in."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.table import READERS
from channels.webform import (
    CHANNEL,
    MAX_LINE,
    MAX_TEXT,
    ComplaintForm,
    cleaned,
    phone_number,
    read,
    submission,
)
from intake.contracts import Contact, Reading, UnreadableSubmission

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
FORM = ComplaintForm(text="路灯坏了。三天没人修！")


def reading(form: ComplaintForm) -> Reading:
    return read(submission(form, "a" * 22, NOW).raw, {})


def test_the_same_key_is_the_same_submission() -> None:
    first, again, other = (submission(FORM, key, NOW) for key in ("k" * 22, "k" * 22, "m" * 22))
    assert first.dedupe_key == again.dedupe_key != other.dedupe_key
    assert (first.channel, first.external_id, first.wants_reference) == (CHANNEL, "k" * 22, True)


def test_an_addition_wants_no_reference() -> None:
    assert not submission(replace(FORM, token="t" * 24), "k" * 22, NOW).wants_reference
    assert reading(replace(FORM, token="t" * 24)).token == "t" * 24


@pytest.mark.parametrize(
    ("form", "contacts"),
    [
        (FORM, ()),
        (replace(FORM, email="A@Mail.Example"), (Contact("email", "a@mail.example"),)),
        (replace(FORM, phone="+867585550123"), (Contact("phone", "+867585550123"),)),
        (
            replace(FORM, phone="+867585550123", email="a@mail.example"),
            (Contact("email", "a@mail.example"), Contact("phone", "+867585550123")),
        ),
        (replace(FORM, member="m1", token="t"), (Contact("web", "m1"),)),
        (
            replace(FORM, member="m1", token="t", email="a@mail.example"),
            (Contact("email", "a@mail.example"),),
        ),
    ],
)
def test_contacts(form: ComplaintForm, contacts: tuple[Contact, ...]) -> None:
    assert reading(form).contacts == contacts


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("路灯坏了。三天没人修！", "路灯坏了"),
        ("The lamp is broken. Nobody comes.", "The lamp is broken. Nobody comes."),
        ("水" * 100, "水" * 39 + "…"),
        ("第一行标题\n第二行", "第一行标题"),
        ("啊！！！", "啊！！！"),
    ],
)
def test_a_subject_out_of_the_first_words(text: str, subject: str) -> None:
    assert reading(ComplaintForm(text)).subject == subject


def test_whom_it_is_about_and_who_is_asked_to_help() -> None:
    form = replace(FORM, bureau="roads", bureau_name="公路局")
    assert reading(replace(form, about_bureau=True)).subject_bureau == "roads"
    assert "被投诉单位：公路局" in reading(replace(form, about_bureau=True)).body
    assert reading(form).subject_bureau == ""
    assert "请公路局处理" in reading(form).body
    assert "please Roads Bureau" in reading(replace(form, bureau_name="Roads Bureau", language="en")).body


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("0758 555 0123", "+867585550123"),
        ("+44 1632 960123", "+441632960123"),
        ("（0758）555-0123", "+867585550123"),
        ("12", None),
        ("call me", None),
        ("", None),
        ("1" * 500, None),
        ("\x00\ud800", None),
    ],
)
def test_telephone_numbers(typed: str, number: str | None) -> None:
    assert phone_number(typed) == number


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"{}",
        b'{"text": 1}',
        b'{"text": "a", "anonymous": "yes"}',
        b'{"text": "a", "name": {}}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"text": "' + b"a" * 600_000 + b'"}',
    ],
)
def test_what_is_no_form_is_parked(raw: bytes) -> None:
    with pytest.raises(UnreadableSubmission):
        read(raw, {})


def test_unknown_fields_of_a_later_form_do_not_matter() -> None:
    assert read(b'{"text": "a", "mood": "bad"}', {}).body == "a"


hostile = st.sampled_from("\ud800\udfff\x00\x1b\u202e\ufeff\r")
texts = st.text(st.characters() | hostile, max_size=300)


@given(text=texts, name=texts, place=texts, subject=texts, anonymous=st.booleans())
def test_any_text_survives_cleaning_once(
    text: str, name: str, place: str, subject: str, anonymous: bool
) -> None:
    form = ComplaintForm(text=text, name=name, place=place, subject=subject, anonymous=anonymous)
    once = cleaned(form)
    assert cleaned(once) == once
    sent = submission(form, "k" * 22, NOW)
    assert sent.raw == submission(once, "k" * 22, NOW).raw
    found = read(sent.raw, {})
    for words in (found.body, found.subject, found.sender_name, found.place):
        assert "\x00" not in words
        words.encode()  # no lone surrogates
    assert found.body.startswith(once.text)
    assert found.anonymous == anonymous


def test_everything_is_bounded() -> None:
    form = cleaned(ComplaintForm(text="水" * (MAX_TEXT + 10), name="张 " * MAX_LINE))
    assert len(form.text) == MAX_TEXT
    assert len(form.name) <= MAX_LINE


@given(st.binary(max_size=400))
def test_the_reader_answers_or_parks(raw: bytes) -> None:
    try:
        found = READERS[CHANNEL](raw, {})
    except UnreadableSubmission:
        return
    assert isinstance(found, Reading)


def test_raw_is_canonical() -> None:
    values = json.loads(submission(FORM, "k" * 22, NOW).raw)
    assert list(values) == sorted(values)
