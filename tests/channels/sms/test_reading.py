"""What is understood of a text: words, pictures, place, language, and who must not be answered."""

from __future__ import annotations

import json
from typing import Any

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.sms.reading import may_take_texts, read, told_language
from channels.sms.receiving import submission
from channels.table import READERS, way_back
from intake.contracts import Automatic, Contact, Reading, RemoteFile, UnreadableSubmission
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.texting import ACCOUNT, OURS, THEIRS, message


def reading(**changed: Any) -> Reading:
    made = submission(message(**changed), NOW)
    assert made is not None
    return READERS[made.channel](made.raw, made.envelope)


def test_a_text() -> None:
    assert reading() == Reading(
        subject="东门路灯坏了三天",
        body="东门路灯坏了三天",
        contacts=(Contact("phone", THEIRS),),
        language="zh-Hans",
        confidential=True,
    )


def test_a_whatsapp_message() -> None:
    got = reading(
        From=f"whatsapp:{THEIRS}",
        To=f"whatsapp:{OURS}",
        ProfileName="张 三\n",
        Body="The street lamp is broken",
        OriginalRepliedMessageSid="SM9",
        ButtonPayload="rate:1",
    )
    assert got.contacts == (Contact("whatsapp", THEIRS),)
    assert (got.sender_name, got.language, got.thread, got.choice) == ("张 三", "en", ("SM9",), "rate:1")
    assert way_back(got.contacts[0]) == "whatsapp"


def test_pictures() -> None:
    url = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT.sid}/Messages/MM1/Media/ME1"
    got = reading(
        Body="", NumMedia="3", MediaUrl0=url, MediaContentType0="image/jpeg; x=1", MediaUrl1=url, MediaUrl2=""
    )
    assert got.remote == (
        RemoteFile(url, "image-1.jpg", "image/jpeg"),
        RemoteFile(url, "application-2.bin", "application/octet-stream"),
    )
    assert got.problems == ("file 3 has no usable address",)
    assert (got.body, got.language) == ("", "")


@pytest.mark.parametrize("count", ["-1", "x", "999999999999", "١", "1.5"])
def test_a_count_that_is_none(count: str) -> None:
    assert reading(NumMedia=count).problems == ("NumMedia is not a number",)


def test_more_files_than_twilio_sends() -> None:
    fields = {f"MediaUrl{n}": f"https://api.twilio.com/{n}" for n in range(99)}
    got = reading(NumMedia="99", **fields)
    assert len(got.remote) == 10
    assert got.problems == ("only the first 10 of 99 files are fetched",)


def test_a_shared_place() -> None:
    got = reading(Body="", Latitude="23.0300", Longitude="112.46", Label="东门", Address="东门路 1 号")
    assert got.place == "东门, 东门路 1 号"
    assert got.body == "位置：东门, 东门路 1 号 (23.0300, 112.46)"
    assert reading(Body="Here it is", Latitude="23.03", Longitude="112.46").body.endswith(
        "\nLocation: 23.03, 112.46"
    )
    assert reading(Latitude="x", Longitude="<b>").place == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", ""),
        ("ok", ""),
        ("👍", ""),
        ("26-004217-5", ""),
        ("https://a.example/x", ""),
        ("查", "zh-Hans"),
        ("help", "en"),
        ("補充", "zh-Hant"),
        ("路灯坏了", "zh-Hans"),
    ],
)
def test_language(text: str, expected: str) -> None:
    assert told_language(text) == expected


@pytest.mark.parametrize("sender", ["12345", "GAOYAO", "+1", "whatsapp:x", "+" + "9" * 30, OURS])
def test_nobody_is_answered_who_cannot_read_it(sender: str) -> None:
    got = reading(From=sender)
    assert got.automatic is Automatic.BULK


@pytest.mark.parametrize(
    ("told", "choice"), [("STOP", "stop"), ("start", "start"), ("HELP", "help"), ("X", "")]
)
def test_what_twilio_understood_is_passed_on(told: str, choice: str) -> None:
    got = reading(Body="退订", OptOutType=told)
    assert (got.body, got.choice) == ("退订", choice)


@pytest.mark.parametrize("raw", [b"", b"[]", b"x", b"[" * 100_000, b'"' + b"x" * 600_000 + b'"'])
def test_what_is_no_message(raw: bytes) -> None:
    with pytest.raises(UnreadableSubmission):
        read(raw, {})


@given(
    st.dictionaries(
        st.sampled_from(
            [*message(), "NumMedia", "MediaUrl0", "Latitude", "Longitude", "ProfileName", "OptOutType"]
        ),
        st.one_of(st.text(max_size=60), st.lists(st.text(max_size=9), max_size=2), st.integers(), st.none()),
    )
)
def test_any_fields_at_all(fields: dict[str, Any]) -> None:
    got = read(json.dumps(fields).encode(), {})
    for text in (got.body, got.sender_name, got.place, *(c.value for c in got.contacts)):
        assert "\0" not in text
        text.encode()


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        ("MOBILE", True),
        ("FIXED_LINE", False),
        ("FIXED_LINE_OR_MOBILE", True),
        ("TOLL_FREE", False),
        ("VOIP", True),
    ],
)
def test_texts_go_where_they_can_be_read(kind: str, texts: bool) -> None:
    region = {"FIXED_LINE_OR_MOBILE": "US", "VOIP": "GB"}.get(kind, "CN")
    sample = phonenumbers.example_number_for_type(region, getattr(phonenumbers.PhoneNumberType, kind))
    assert sample is not None
    number = phonenumbers.format_number(sample, phonenumbers.PhoneNumberFormat.E164)
    assert may_take_texts(number) is texts
    assert (way_back(Contact("phone", number)) == "sms") is texts


def test_no_number_takes_no_texts() -> None:
    assert not may_take_texts("+86 ?")
