"""The form of a visit: what becomes of each field, what a hostile raw message cannot do."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.visit import MAX_VISITORS, NEEDS, WAYS, VisitForm, Visitor, cleaned, read, submission
from intake.contracts import Contact, Identity, Reading, UnreadableSubmission

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
FORM = VisitForm("路灯坏了。请修", (Visitor(name="赵示例", phone="+12025550141"),))


def reading_of(form: VisitForm) -> Reading:
    return read(submission(form, "key", NOON).raw, {})


def test_a_plain_visit() -> None:
    reading = reading_of(FORM)
    assert (reading.subject, reading.body, reading.sender_name) == ("路灯坏了", "路灯坏了。请修", "赵示例")
    assert reading.contacts == (Contact("phone", "+12025550141"),)
    assert reading.details == {"entered_at": "desk", "present": 1}
    assert not reading.companions


def test_the_same_form_is_the_same_submission_and_other_words_are_not() -> None:
    first, again = submission(FORM, "key", NOON), submission(FORM, "key", NOON.replace(hour=5))
    assert first.dedupe_key == again.dedupe_key
    assert first.wants_reference
    assert len(first.dedupe_key) == 64
    assert submission(replace(FORM, text="x"), "key", NOON).dedupe_key != first.dedupe_key
    assert submission(FORM, "other", NOON).dedupe_key != first.dedupe_key


@pytest.mark.parametrize("way", WAYS)
def test_the_chosen_way_comes_first(way: str) -> None:
    visitor = Visitor(phone="+12025550141", email="A@b.example", postal="示例路1号", answer_by=way)
    contacts = reading_of(replace(FORM, visitors=(visitor,))).contacts
    assert contacts[0].kind == way
    assert {contact.kind for contact in contacts} == set(WAYS)
    assert Contact("email", "a@b.example") in contacts


def test_a_chosen_way_without_an_address_is_no_way() -> None:
    visitor = Visitor(phone="+12025550141", answer_by="email")
    assert reading_of(replace(FORM, visitors=(visitor,))).contacts[0].kind == "phone"


def test_a_group() -> None:
    seen = Visitor(name="钱样本", document="resident_id", number_hash="0" * 64, last4="123X")
    reading = reading_of(replace(FORM, visitors=(*FORM.visitors, seen), present=9))
    (other,) = reading.companions
    assert (other.name, other.contacts) == ("钱样本", ())
    assert other.identity == Identity("resident_id", "0" * 64, "123X")
    assert reading.details["visitors"] == "赵示例\n钱样本"
    assert reading.details["spokesman"] == "赵示例"
    assert reading.details["present"] == 9


def test_danger_calls_the_office() -> None:
    reading = reading_of(replace(FORM, safety=True))
    assert (reading.attention, reading.urgent) == ("safety", True)
    assert reading_of(replace(FORM, urgent=True)).attention == ""


def test_help_is_kept_in_one_order_and_large_print_is_told() -> None:
    reading = reading_of(replace(FORM, needs=("large_print", "nonsense", "wheelchair")))
    assert reading.details["needs"] == "wheelchair,large_print"
    assert reading.large_print


@pytest.mark.parametrize(
    ("about", "subject", "says"), [(True, "roads", "被投诉单位：公路局"), (False, "", "请公路局处理")]
)
def test_the_bureau(about: bool, subject: str, says: str) -> None:
    form = replace(FORM, bureau="roads", bureau_name="公路局", about_bureau=about)
    reading = reading_of(form)
    assert reading.subject_bureau == subject
    assert says in reading.body


@pytest.mark.parametrize("number_hash", ["", "4408", "440811199001010012", "z" * 64, "A" * 64, "０" * 64])
def test_a_forged_document_is_none(number_hash: str) -> None:
    visitor = Visitor(name="x", document="resident_id", number_hash=number_hash, last4="1234")
    assert reading_of(replace(FORM, visitors=(visitor,))).identity is None


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"[]",
        b'{"text": 1}',
        b'{"text": "x", "visitors": {"name": "a"}}',
        b'{"text": "x", "visitors": [[]]}',
        b'{"text": "x", "visitors": [{"name": 1}]}',
        b'{"text": "x", "urgent": 1}',
        b'{"text": "x", "present": "1"}',
        b'{"text": "x", "present": 1.5}',
        b'{"text": "' + b"x" * 600_000 + b'"}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_form_is_parked(raw: bytes) -> None:
    with pytest.raises(UnreadableSubmission):
        read(raw, {})


def test_many_visitors_are_cut_and_counted() -> None:
    values: dict[str, Any] = {
        "text": "x",
        "visitors": [{"name": f"n{i}"} for i in range(1000)],
        "present": 10**9,
    }
    reading = read(json.dumps(values).encode(), {})
    assert len(reading.companions) == MAX_VISITORS - 1
    assert reading.details["present"] == 5000


words = st.text(max_size=300)
visitors = st.builds(Visitor, words, words, words, words, st.sampled_from((*WAYS, "")), words, words, words)
forms = st.builds(
    VisitForm,
    text=words,
    visitors=st.lists(visitors, max_size=20).map(tuple),
    present=st.integers(-5, 10**6),
    place=words,
    interpreter=words,
    language=words,
    needs=st.lists(st.sampled_from((*NEEDS, "x"))).map(tuple),
    urgent=st.booleans(),
    safety=st.booleans(),
    entered_at=words,
)


@given(forms)
def test_any_form_is_read_back_as_it_was_cleaned(form: VisitForm) -> None:
    clean = cleaned(form)
    assert cleaned(clean) == clean
    raw = submission(form, "key", NOON).raw
    assert json.loads(raw) == json.loads(json.dumps(asdict(clean)))
    reading = read(raw, {})
    assert json.dumps(dict(reading.details))
    assert all(not isinstance(value, dict | list) for value in reading.details.values()), "flat"
