"""Mails made to do harm: reading ends soon, raises nothing, and yields clean texts."""

from __future__ import annotations

import dataclasses
import os
import random
import struct
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.email.identity import identify
from channels.email.reader import read
from channels.email.reader import winmail as tnef
from intake.contracts import Reading, UnreadableSubmission
from tests.channels.email.post import BODY, ENVELOPE, b64, mail, multipart, part, winmail, word

MEGABYTE = 1_000_000
# Generous, for a busy machine; what is quadratic takes minutes at these sizes.
PATIENCE = 3.0  # seconds


def nested(levels: int) -> bytes:
    lines = [
        f'Content-Type: multipart/mixed; boundary="B{level}"\r\n\r\n--B{level}\r\n' for level in range(levels)
    ]
    return b"From: a@b.example\r\n" + "".join(lines).encode() + b"\r\nx"


def html(body: str) -> bytes:
    return mail(body * (MEGABYTE // len(body)), kind="text/html", extra=["In-Reply-To: <a@b.example>"])


def reply(body: str, size: int = 5 * MEGABYTE) -> bytes:
    return mail(body * (size // len(body)), extra=["In-Reply-To: <a@b.example>"])


def encoded(body: bytes, encoding: str, size: int = 25 * MEGABYTE) -> bytes:
    kind = "application/x; name=a"
    return mail(body * (size // len(body)), kind=kind, extra=[f"Content-Transfer-Encoding: {encoding}"])


def bounce(body: str) -> bytes:
    return mail(
        body * (5 * MEGABYTE // len(body)), sender="mailer-daemon@x.example", subject="failure notice"
    )


def bomb() -> bytes:
    """A winmail.dat whose message properties are 400 times the same compressed RTF, then empty values."""
    packed = struct.pack("<II4sI", 0, 2**31, b"LZFu", 0) + b"\xff" + bytes(range(16)) * 200
    rich = struct.pack("<HHII", 0x102, 0x1009, 1, len(packed)) + packed + b"\0" * (-len(packed) % 4)
    empty = struct.pack("<HHI", 0x101E, 0x1000, 400) + b"\0" * 1600
    rows = struct.pack("<I", 440) + rich * 40 + empty * 100
    return tnef.SIGNATURE + b"\0\0" + (struct.pack("<BII", 1, 0x69003, len(rows)) + rows + b"\0\0")


BOMB = bomb()
HOSTILE: dict[str, Callable[[], bytes]] = {
    "quotes in From": lambda: mail(sender='"' * MEGABYTE),
    "quotes in To": lambda: mail(extra=["To: " + '"' * 40_000]),
    "parentheses": lambda: mail(sender="(" * MEGABYTE),
    "angles": lambda: mail(sender="<" * MEGABYTE),
    "commas": lambda: mail(sender="a," * MEGABYTE),
    "1500 levels": lambda: nested(1500),
    "100,000 levels": lambda: nested(100_000),
    "messages in messages": lambda: b"Content-Type: message/rfc822\r\n\r\n" * 100_000,
    "a header of 1 MB": lambda: mail(extra=["X-A: " + "a" * MEGABYTE]),
    "a header of 30 MB": lambda: mail(extra=["X-A: " + "a" * 30 * MEGABYTE]),
    "100,000 header lines": lambda: mail(extra=["X-A: b"] * 100_000),
    "a million tiny fields": lambda: b"a:\n" * MEGABYTE,
    "folded for ever": lambda: mail(extra=["X-A:" + "\r\n a" * MEGABYTE]),
    "no field at all": lambda: b"a" * 30 * MEGABYTE,
    "tabs": lambda: b"From: a@b.example\r\n" + (b"\t" * 1000 + b"\n") * 20_000,
    "encoded words": lambda: mail(subject="=?a?b?" * 200_000),
    "encoded words, nearly": lambda: mail(subject="=?a?q?=" * 200_000),
    "references": lambda: mail(extra=["References: " + "<a@b> " * 500_000]),
    "parameters": lambda: mail(kind="text/plain" + "; a=b" * 200_000),
    "backslashes": lambda: mail(kind='text/plain; a="' + "\\" * 200_000),
    "boundary lines": lambda: mail("\r\n--B" * 5 * MEGABYTE, kind="multipart/mixed; boundary=B"),
    "nearly boundary lines": lambda: mail("\r\n--BX" * 4 * MEGABYTE, kind="multipart/mixed; boundary=B"),
    "a boundary of dashes": lambda: mail("-" * 25 * MEGABYTE, kind="multipart/mixed; boundary=" + "-" * 70),
    "an empty boundary": lambda: mail("\r\n--" * 5 * MEGABYTE, kind='multipart/mixed; boundary=""'),
    "a million parts": lambda: mail("\r\n--B\r\n\r\nx" * MEGABYTE, kind="multipart/mixed; boundary=B"),
    "base64 with padding all over": lambda: encoded(b"QQ==", "base64"),
    "base64 with stray characters": lambda: encoded(b"!AAAAAAAAAAAAAAAAAA", "base64"),
    "quoted-printable of =": lambda: encoded(b"=", "quoted-printable"),
    "quoted-printable of spaces": lambda: encoded(b" ", "quoted-printable"),
    "uuencode in tiny lines": lambda: encoded(b"A\n", "x-uuencode"),
    "random bytes": lambda: os.urandom(25 * MEGABYTE),
    "NULs": lambda: b"\0" * 25 * MEGABYTE + b"a",
    "CRs": lambda: mail("\r" * 25 * MEGABYTE),
    "mbox lines": lambda: b"From \n" * 4 * MEGABYTE,
    "quote marks": lambda: reply(">\n"),
    "wrote": lambda: reply("On 1 a@b wrote:\n"),
    "From lines": lambda: reply("From: a\n"),
    "From and To lines": lambda: reply("From: a\nTo: b\n"),
    "rules": lambda: reply("-----\n\n\n\n\n"),
    "dashes": lambda: reply("-"),
    "On lines": lambda: reply("On 1 a\n"),
    "addresses in a bounce": lambda: bounce("a@b.example "),
    "a word in a bounce": lambda: bounce("a"),
    "big headers in every part": lambda: multipart(*[b"a:\n" * 90_000] * 99),
    "a slow charset in every part": lambda: multipart(
        *[part(b"\x0eAB\x0f" * 60_000, "Content-Type: text/plain; charset=iso-2022-cn")] * 99
    ),
    "a multipart without boundary in every part": lambda: multipart(
        *[part("\n--a" * 60_000, "Content-Type: multipart/mixed")] * 99
    ),
    "uuencode in every part": lambda: multipart(
        *[part("A\n" * 120_000, "Content-Type: a/b", "Content-Transfer-Encoding: x-uuencode")] * 99
    ),
    "winmail in every part": lambda: multipart(*[part(BOMB, "Content-Type: application/ms-tnef")] * 99),
    "calendar": lambda: mail("BEGIN:VEVENT\n" + "SUMMARY;a\n" * MEGABYTE, kind="text/calendar"),
    **{
        f"HTML of {piece!r}": lambda piece=piece: html(piece)  # type: ignore[misc]
        for piece in (
            "<div>",
            "<b>",
            "<",
            "<a",
            '<a "',
            "<a '\"<a\"'",
            "<!--",
            "<!--x-->",
            "<style>",
            "<style></style>",
            "<script>x</script ",
            "&",
            "&#1",
            "&abcdefghijklmnopqrstuvwxyzabcdef",
            "<pre>a  \n",
            "<li>",
            "</td>",
            "<p>",
            "<blockquote type=cite>",
            " ",
            "<p><style><script><title><head><svg>",
        )
    },
    "a huge character reference": lambda: mail("&#" + "1" * MEGABYTE, kind="text/html"),
}


def check_clean(reading: Reading) -> None:
    """No NUL, control or lone surrogate anywhere; every text can be stored; nothing fell through."""
    texts = [
        reading.subject,
        reading.body,
        reading.quoted,
        reading.sender_name,
        *reading.thread,
        *reading.problems,
    ]
    texts += [contact.value for contact in reading.contacts] + [file.filename for file in reading.attachments]
    texts += [file.media_type for file in reading.attachments]
    texts += [
        field for one in reading.bounces for field in dataclasses.astuple(one) if isinstance(field, str)
    ]
    for text in texts:
        text.encode("utf-8")
        assert not any(char < " " and char not in "\n\t" for char in text)
    assert not any("taken apart" in problem for problem in reading.problems)
    assert len(reading.attachments) <= 100
    assert len(reading.problems) <= 50


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_mails_are_read_in_bounded_time(name: str) -> None:
    raw = HOSTILE[name]()
    began = time.process_time()
    reading = read(raw, ENVELOPE)
    identify(raw, ["complaints@gaoyao.example"])
    assert time.process_time() - began < PATIENCE
    check_clean(reading)


def test_a_large_attachment_is_decoded_fast() -> None:
    content = os.urandom(18 * MEGABYTE)
    raw = multipart(
        part(BODY), part(b64(content), "Content-Type: video/mp4", "Content-Transfer-Encoding: base64")
    )
    began = time.process_time()
    reading = read(raw, ENVELOPE)
    assert time.process_time() - began < PATIENCE
    assert reading.attachments[0].content == content


SEEDS = [
    mail(extra=["In-Reply-To: <a@b.example>", "References: <c@d.example>"]),
    mail(
        "<p>路灯 <b>坏了</b><blockquote type=cite>x</blockquote>",
        kind="text/html; charset=gb2312",
        subject=word("路灯", "gbk"),
    ),
    multipart(
        part(
            b64(winmail(BODY, "a.pdf", b"%PDF")),
            "Content-Type: application/ms-tnef",
            "Content-Transfer-Encoding: base64",
        ),
        part(mail(), "Content-Type: message/rfc822"),
        part("BEGIN:VEVENT\r\nSUMMARY:x\r\nDTSTART:20260101\r\nEND:VEVENT", "Content-Type: text/calendar"),
        part("=E8=B7", "Content-Type: text/plain; charset=hz", "Content-Transfer-Encoding: quoted-printable"),
        part("x", "Content-Disposition: attachment; filename*0*=gbk''%C2; filename*1*=%B7"),
    ),
    multipart(
        part(
            "Final-Recipient: rfc822; a@b.example\r\nAction: failed\r\nStatus: 5.0.0",
            "Content-Type: message/delivery-status",
        ),
        part(mail(), "Content-Type: message/rfc822"),
        subtype="report; report-type=delivery-status",
    ),
]


def read_or_nothing(raw: bytes, envelope: dict[str, object]) -> None:
    """Read; only the one allowed exception may come, and only for nothing."""
    try:
        reading = read(raw, envelope)
    except UnreadableSubmission:
        assert not raw.strip(b"\x00 \t\r\n\x0b\x0c\x1a")
    else:
        check_clean(reading)


@given(
    st.binary(max_size=400),
    st.sampled_from([None, "", "a@b.example", 3]),
    st.sampled_from([None, [], ["\udcff+abcdefg@x"], "x"]),
)
@settings(max_examples=300, deadline=None)
def test_random_bytes(raw: bytes, mail_from: object, recipients: object) -> None:
    read_or_nothing(raw, {"mail_from": mail_from, "rcpt_to": recipients})


@given(st.sampled_from(SEEDS), st.integers(0, 2**32), st.integers(1, 12))
@settings(max_examples=500, deadline=None)
def test_mutated_mails(seed: bytes, number: int, changes: int) -> None:
    chance = random.Random(number)
    raw = bytearray(seed)
    for _ in range(changes):
        at = chance.randrange(len(raw))
        match chance.randrange(5):
            case 0:
                raw[at] = chance.randrange(256)
            case 1:
                del raw[at : at + chance.randrange(1, 30)]
            case 2:
                raw[at:at] = raw[chance.randrange(len(raw)) :][: chance.randrange(1, 200)]
            case 3:
                raw[at:at] = chance.choice(
                    [b"\r\n", b"\0", b"--B", b"=?", b'"', b"<", b"\x1b$)A\x0e", b"\xed\xa0\x80", b";", b"%ff"]
                )
            case _:
                raw[at : at + 4] = chance.randbytes(4)
        if not raw:
            break
    read_or_nothing(
        bytes(raw), {"mail_from": chance.choice(["", "a@b.example"]), "rcpt_to": ["c+token12@d.example"]}
    )


@given(
    st.lists(
        st.sampled_from(
            [
                "=?gb2312?B?",
                "?=",
                "=?utf-8?Q?",
                "<",
                ">",
                '"',
                ",",
                ":",
                ";",
                "@",
                "(",
                ")",
                "\\",
                "a@b.example",
                " ",
                "王",
                "=",
            ]
        )
    )
)
@settings(max_examples=300, deadline=None)
def test_senders_of_all_shapes(pieces: list[str]) -> None:
    read_or_nothing(mail(sender="".join(pieces), subject="".join(pieces)), dict(ENVELOPE))
