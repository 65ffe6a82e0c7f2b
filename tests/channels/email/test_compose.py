"""Outgoing mail, read back with the standard library's parser."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.email.compose import canonical_address, compose
from channels.email.headers import encoded_words
from intake.contracts import DeliveryFailed, Message

MESSAGE = Message(
    outbox_id="0198c7a0-1111-7000-8000-000000000001",
    channel="email",
    to="li@home.example",
    to_name="李 四",
    subject="您的来件已收到 26-004217-5",
    text="李先生:\n\n您好,来件已收到。\n\n高要机关效能监督投诉中心\n",
    language="zh-Hans",
    reply_token="k7Xq",
    message_id="out.1@gaoyao.example",
    thread=("first@home.example", "second@home.example"),
)
OFFICE = ("机关效能监督投诉中心", "complaints@gaoyao.example")


def noon() -> datetime:
    return datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


def composed(message: Message) -> bytes:
    return compose(message, *OFFICE, noon)


def read(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=email.policy.default)


def text_of(mail: EmailMessage) -> str:
    """The body with line ends as Python writes them."""
    return str(mail.get_content()).replace("\r\n", "\n")


def test_an_acknowledgement() -> None:
    mail = read(composed(MESSAGE))
    assert [name for name, _ in mail.items()] == [
        "Date", "From", "To", "Reply-To", "Subject", "Message-ID", "In-Reply-To", "References",
        "Auto-Submitted", "X-Auto-Response-Suppress", "Content-Language",
        "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
    ]  # fmt: skip
    assert mail["Date"] == "Mon, 02 Mar 2026 04:00:00 +0000"
    assert mail["From"].addresses[0].display_name == OFFICE[0]
    assert mail["From"].addresses[0].addr_spec == OFFICE[1]
    assert (mail["To"].addresses[0].display_name, mail["To"].addresses[0].addr_spec) == (
        "李 四",
        "li@home.example",
    )
    assert mail["Reply-To"].addresses[0].addr_spec == "complaints+k7Xq@gaoyao.example"
    assert mail["Subject"] == MESSAGE.subject
    assert mail["Message-ID"] == "<out.1@gaoyao.example>"
    assert mail["In-Reply-To"] == "<second@home.example>"
    assert mail["References"] == "<first@home.example> <second@home.example>"
    assert (mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"]) == ("auto-replied", "All")
    assert mail["Content-Language"] == "zh-Hans"
    assert text_of(mail) == MESSAGE.text


def test_what_a_person_wrote_is_not_marked_automatic() -> None:
    mail = read(composed(replace(MESSAGE, automatic=False)))
    assert mail["Auto-Submitted"] is None
    assert mail["X-Auto-Response-Suppress"] is None


def test_what_answers_nothing_is_generated() -> None:
    mail = read(composed(replace(MESSAGE, thread=(), reply_token=None)))
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["References"] is None
    assert mail["In-Reply-To"] is None
    assert mail["Reply-To"] is None


def test_a_missing_id_is_derived_from_the_outbox_row() -> None:
    first, again = (composed(replace(MESSAGE, message_id="")) for _ in range(2))
    assert first == again
    assert read(first)["Message-ID"] == f"<{MESSAGE.outbox_id}@gaoyao.example>"


def test_a_long_thread_keeps_its_first_and_its_last_twenty() -> None:
    thread = tuple(f"m{number}@home.example" for number in range(100))
    references = read(composed(replace(MESSAGE, thread=thread)))["References"].split()
    assert references == ["<m0@home.example>", *(f"<m{number}@home.example>" for number in range(80, 100))]


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "no at",
        "a@b>\r\nBcc: x@y.example",
        "a b@c",
        "x" * 300 + "@c",
        "<a@b>",
        "李@home.example",
        "@",
        "a@",
    ],
)
def test_what_is_no_id_leaves_the_thread(bad: str) -> None:
    mail = read(composed(replace(MESSAGE, thread=("first@home.example", bad))))
    assert mail["References"] == "<first@home.example>"
    assert mail["Bcc"] is None


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Received. Thank you.\n", "7bit"),
        ("", "7bit"),
        ("A long English line. " * 60, "quoted-printable"),
        ("Mostly English about 高要 and then some more of it.\n", "quoted-printable"),
        ("件件有着落、事事有回音。" * 200, "base64"),
        ("From here\n.\n..\n", "7bit"),
    ],
)
def test_bodies_survive_and_lines_stay_short(text: str, encoding: str) -> None:
    raw = composed(replace(MESSAGE, text=text))
    mail = read(raw)
    assert mail["Content-Transfer-Encoding"] == encoding
    assert text_of(mail).rstrip("\n") == text.rstrip("\n")
    assert all(len(line) <= 78 for line in raw.split(b"\r\n"))
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")


INJECTIONS = [
    "a\r\nBcc: x@evil.example",
    "a\nBcc: x@evil.example",
    "a\rBcc: x@evil.example",
    "a\r\n\r\nbody",
    "\x00\x0b\x85\u2028Bcc: x",
]


@pytest.mark.parametrize("injection", INJECTIONS)
@pytest.mark.parametrize("where", ["subject", "to_name", "message_id", "language", "outbox_id"])
def test_no_field_injects_a_header(where: str, injection: str) -> None:
    changes = {where: injection} | ({"message_id": ""} if where == "outbox_id" else {})
    mail = read(composed(replace(MESSAGE, **changes)))  # type: ignore[arg-type]
    assert mail["Bcc"] is None
    assert text_of(mail) == MESSAGE.text
    assert not mail.defects


@pytest.mark.parametrize("injection", INJECTIONS)
@pytest.mark.parametrize("where", ["to", "reply_token"])
def test_addresses_with_line_breaks_fail_for_good(where: str, injection: str) -> None:
    given = injection + "@home.example" if where == "to" else injection
    with pytest.raises(DeliveryFailed) as failure:
        composed(replace(MESSAGE, **{where: given}))  # type: ignore[arg-type]
    assert failure.value.permanent


@pytest.mark.parametrize(
    ("given", "canonical"),
    [
        ("li@home.example", "li@home.example"),
        (" li@home.example ", "li@home.example"),
        ("li@例子.example", "li@xn--fsqu00a.example"),
        ("李@例子.example", "李@xn--fsqu00a.example"),
        ("o'neil+tag@home.example", "o'neil+tag@home.example"),
    ],
)
def test_canonical_addresses(given: str, canonical: str) -> None:
    assert canonical_address(given) == canonical


@pytest.mark.parametrize(
    "given",
    [
        "",
        "li",
        "@home.example",
        "li@",
        "a b@home.example",
        "<li@home.example>",
        "li@a..b",
        "a,b@c.example",
        "li@-.",
        "li@" + "a" * 300,
    ],
)
def test_no_addresses(given: str) -> None:
    with pytest.raises(DeliveryFailed) as failure:
        canonical_address(given)
    assert failure.value.permanent


@given(st.text(max_size=200))
def test_any_subject_is_read_back_as_one_line(subject: str) -> None:
    raw = composed(replace(MESSAGE, subject=subject))
    head, _, _ = raw.partition(b"\r\n\r\n")
    assert all(len(line) <= 78 for line in head.split(b"\r\n"))
    lines = email.message_from_bytes(raw)["Subject"].split("\n")
    decoded = email.header.make_header(email.header.decode_header(" ".join(part.strip() for part in lines)))
    readable = "".join(one if one.isprintable() else " " for one in subject)
    assert str(decoded).split() == readable.split()


@given(st.text(min_size=1, max_size=200))
def test_encoded_words_fit_and_split_no_character(text: str) -> None:
    words = encoded_words(text)
    assert all(len(word) <= 75 for word in words)
    decoded = [email.header.decode_header(word)[0][0].decode("utf-8") for word in words]
    assert "".join(decoded) == text.encode("utf-8", "replace").decode()
