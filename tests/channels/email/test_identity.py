"""The identity of a mail: the same over other hops, different for other mails."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.email.identity import identify
from tests.channels.email.post import mail

TO = ["complaints@gaoyao.example"]
TRACE = ["Received", "Return-Path", "Delivered-To", "X-Spam-Score", "DKIM-Signature", "ARC-Seal",
         "Authentication-Results", "Received-SPF"]  # fmt: skip


@pytest.mark.parametrize(
    ("given_id", "message_id"),
    [
        ("<abc@x.example>", "abc@x.example"),
        ("\r\n <abc@x.example>", "abc@x.example"),
        ("abc@x.example", "abc@x.example"),
        ("<abc@x.example> (added)", "abc@x.example"),
        ("<a$b+c=d/e@x.example>", "a$b+c=d/e@x.example"),
    ],
)
def test_message_id(given_id: str, message_id: str) -> None:
    assert identify(mail(message_id=given_id), TO).message_id == message_id


@pytest.mark.parametrize(
    "given_id", ["", "<>", "< >", "<" + "a" * 251 + ">", "<路灯@x.example>", "<\x01\x02\x03\x04>"]
)
def test_a_senseless_message_id_is_replaced_by_one_of_the_content(given_id: str) -> None:
    first = identify(mail(message_id=given_id), TO)
    assert first.message_id.startswith("sha256-")
    assert first.message_id.endswith("@missing.invalid")
    assert len(first.message_id) == len("sha256-") + 32 + len("@missing.invalid")
    assert identify(mail(message_id=given_id), TO) == first
    assert identify(mail("other", message_id=given_id), TO).message_id != first.message_id


def test_no_header_at_all() -> None:
    found = identify(b"", [])
    assert found.message_id.endswith("@missing.invalid")
    assert len(found.dedupe_key) == 64


@given(
    st.lists(st.tuples(st.sampled_from(TRACE), st.from_regex(r"[ -~]{0,40}", fullmatch=True)), max_size=6),
    st.booleans(),
    st.booleans(),
)
@settings(max_examples=200, deadline=None)
def test_trace_headers_line_ends_and_recipient_order_change_nothing(
    trace: list[tuple[str, str]], bare: bool, tail: bool
) -> None:
    original = mail("路灯\r\n坏了\r\n")
    relayed = "".join(f"{name}: {value}\r\n\t{value}x\r\n" for name, value in trace).encode() + original
    if bare:
        relayed = relayed.replace(b"\r\n", b"\n")
    if tail:
        relayed += b"\n"
    recipients = ["a@b.example", "Complaints@Gaoyao.Example"]
    assert identify(relayed, recipients) == identify(original, ["complaints@gaoyao.example", "A@b.example"])


@pytest.mark.parametrize(
    "other",
    [
        mail("other"),
        mail(subject="other"),
        mail(sender="other@citizen.example"),
        mail(message_id="<m2@citizen.example>"),
        mail().replace(b"09:00:00", b"09:00:01"),
    ],
)
def test_another_mail_has_another_key(other: bytes) -> None:
    assert identify(other, TO).dedupe_key != identify(mail(), TO).dedupe_key


def test_another_recipient_is_another_submission() -> None:
    assert identify(mail(), TO).dedupe_key != identify(mail(), ["x@gaoyao.example"]).dedupe_key


def test_parts_of_the_key_cannot_be_shifted_into_each_other() -> None:
    keys = {identify(mail(), recipients).dedupe_key for recipients in ([], ["a", "b"], ["ab"], ["a,b"])}
    assert len(keys) == 4
    assert all(len(key) == len(hashlib.sha256().hexdigest()) for key in keys)


@given(st.binary(max_size=300))
@settings(max_examples=300, deadline=None)
def test_anything_has_an_identity(raw: bytes) -> None:
    found = identify(raw, ["\udcff", "a@b.example"])
    assert found == identify(raw, ["a@b.example", "\udcff"])
    assert found.message_id
    assert found.message_id.isascii()
    assert len(found.message_id) <= 250
