"""Signatures: the same judgement as Twilio's own validator, and a plain word when one does not match."""

from __future__ import annotations

import logging
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from channels.twilio import webhook
from channels.twilio.signature import Signatures
from channels.twilio.webhook import Call
from tests.support.texting import ACCOUNT, PUBLIC, SMS_PATH, call, message, official

NAMES = st.text(st.characters(codec="utf-8"), max_size=8)
PAIRS = st.lists(st.tuples(NAMES, NAMES), max_size=8)
BASES = st.builds(
    "{}://{}{}{}".format,
    st.sampled_from(["http", "https"]),
    st.sampled_from(["complaints.gaoyao.example", "127.0.0.1", "a.example"]),
    st.sampled_from(["", ":80", ":443", ":8000"]),
    st.sampled_from(["", "/huiyin", "/投诉"]),
)
TARGETS = st.sampled_from(
    ["/webhooks/twilio/sms", "/webhooks/twilio/status?id=01&part=1&of=3", "/x?a=&b=%20"]
)


def pairs(made: Call) -> webhook.Fields:
    parsed = webhook.parse(made)
    assert not isinstance(parsed, webhook.Answer)
    return parsed


@given(fields=PAIRS, base=BASES, signed_base=BASES, target=TARGETS, port=st.booleans(), swap=st.booleans())
def test_we_judge_as_twilios_own_validator(
    fields: list[tuple[str, str]], base: str, signed_base: str, target: str, port: bool, swap: bool
) -> None:
    validator = RequestValidator(ACCOUNT.token)
    signed_over = (signed_base if swap else base) + target
    if port and signed_over.count(":") == 1:
        scheme, rest = signed_over.split("://")
        host, slash, tail = rest.partition("/")
        signed_over = f"{scheme}://{host}:{443 if scheme == 'https' else 80}{slash}{tail}"
    signature = validator.compute_signature(signed_over, MultiDict(fields))
    body = urlencode(fields).encode()
    ours = Signatures(replace(ACCOUNT, public_url=base)).signed(
        target, pairs(Call(target=target, body=body)), signature
    )
    assert ours == validator.validate(base + target, MultiDict(fields), signature)


@given(fields=PAIRS, base=BASES, target=TARGETS, other=NAMES)
def test_what_we_sign_the_validator_takes_and_nothing_else(
    fields: list[tuple[str, str]], base: str, target: str, other: str
) -> None:
    signatures = Signatures(replace(ACCOUNT, public_url=base))
    signature = signatures.sign(target, fields)
    assert RequestValidator(ACCOUNT.token).validate(base + target, MultiDict(fields), signature)
    assert signatures.signed(target, fields, signature)
    assert not signatures.signed(target, [*fields, ("Body", other + "x")], signature)
    assert not signatures.signed(target, fields, other)


@pytest.mark.parametrize(
    "fields",
    [
        {"Body": "", "From": "", "To": ""},  # blank fields count
        {"MediaUrl": ["b", "a", "b"], "Body": "x"},  # a repeated name: sorted, each value once
        {"Body": "你好 👋 +&=%\r\n"},
        {"Body": "a\0b"},
        {},
    ],
)
def test_forms_as_they_come(fields: dict[str, object]) -> None:
    made = call(fields)
    assert Signatures(ACCOUNT).admit(made, pairs(made))


def test_bytes_that_are_no_utf8_are_no_error() -> None:
    made = Call(target=SMS_PATH, body=b"Body=%ff%fe\xff&From=%ED%A0%80", signature="\udcff")
    assert not Signatures(ACCOUNT).admit(made, pairs(made))


# ---------------------------------------------------------------- what is wrong, in one sentence


def refusal(made: Call, caplog: pytest.LogCaptureFixture, public_url: str = PUBLIC) -> str:
    caplog.clear()
    with caplog.at_level(logging.WARNING, "channels.twilio.signature"):
        account = replace(ACCOUNT, public_url=public_url)
        assert not Signatures(account).admit(made, pairs(made))
    assert ACCOUNT.token not in caplog.text
    return caplog.messages[0]


@pytest.mark.parametrize(
    ("base", "target", "more", "told"),
    [
        ("http://complaints.gaoyao.example", SMS_PATH, {}, "set it to http://complaints.gaoyao.example"),
        ("https://www.gaoyao.example", SMS_PATH, {"host": "www.gaoyao.example"}, "set it to https://www."),
        (
            "https://www.gaoyao.example:8443",
            SMS_PATH,
            {"forwarded_host": "www.gaoyao.example:8443, inner.example"},
            "set it to https://www.gaoyao.example:8443",
        ),
        (PUBLIC, SMS_PATH + "/", {"target": SMS_PATH}, "with a slash at the end"),
        (PUBLIC, SMS_PATH, {"target": SMS_PATH + "?a=1"}, "without the query"),
        (PUBLIC, SMS_PATH, {"signature": ""}, "header X-Twilio-Signature is missing"),
        (PUBLIC, SMS_PATH, {"algorithm": "key=abc,algorithm=HMAC_SHA256", "signature": "x"}, "shared key"),
        (PUBLIC, SMS_PATH, {"signature": official(PUBLIC + SMS_PATH, {})}, "without the form's fields"),
        (PUBLIC, SMS_PATH, {"signature": "forged"}, "it is forged"),
    ],
)
def test_the_log_says_what_would_have_matched(
    base: str, target: str, more: dict[str, str], told: str, caplog: pytest.LogCaptureFixture
) -> None:
    made = call(message(), base=base, target=target)
    assert told in refusal(replace(made, **more), caplog)


def test_another_account_is_named(caplog: pytest.LogCaptureFixture) -> None:
    made = call(message(AccountSid="AC" + "9" * 32), token="another")
    assert f"AC{'9' * 32}, not for {ACCOUNT.sid}" in refusal(made, caplog)


@pytest.mark.parametrize(
    "public_url", ["https://[2001:db8::1]", "https://[2001:db8::1]:8443", "http://a.example:80"]
)
def test_a_public_address_may_be_of_any_form(public_url: str) -> None:
    account = replace(ACCOUNT, public_url=public_url)
    signatures, fields = Signatures(account), [("Body", "x")]
    assert signatures.signed(SMS_PATH, fields, signatures.sign(SMS_PATH, fields))


def test_a_flood_of_forgeries_is_one_line_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    now = [0.0]
    signatures = Signatures(ACCOUNT, monotonic=lambda: now[0])
    made = call(message(), token="forged")
    with caplog.at_level(logging.WARNING, "channels.twilio.signature"):
        for _ in range(1000):
            assert not signatures.admit(made, pairs(made))
        now[0] = 61.0
        assert not signatures.admit(made, pairs(made))
    assert len(caplog.messages) == 2
    assert caplog.messages[1].startswith("twilio: 1000 call(s) refused")


def test_log_only_lets_it_through_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    made = call(message(), token="forged")
    with caplog.at_level(logging.WARNING, "channels.twilio.signature"):
        assert Signatures(ACCOUNT, "log").admit(made, pairs(made))
    assert "ACCEPTED WITHOUT A VALID SIGNATURE" in caplog.text


def test_a_mode_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="only logged"):
        Signatures(ACCOUNT, "off")
