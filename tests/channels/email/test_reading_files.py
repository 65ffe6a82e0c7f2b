"""Attachments, attached messages, winmail.dat, invitations: nothing that came along gets lost."""

from __future__ import annotations

import pytest

from channels.email.reader import read
from intake.contracts import ReadAttachment
from tests.channels.email.post import BODY, ENVELOPE, b64, mail, multipart, part, winmail, word

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


def one_file(*lines: bytes | str, content: bytes = PNG) -> ReadAttachment:
    """The only attachment of a mail with a text and a file described by ``lines``."""
    raw = multipart(part(BODY), part(b64(content), *lines, "Content-Transfer-Encoding: base64"))
    reading = read(raw, ENVELOPE)
    assert reading.body == BODY
    (attachment,) = reading.attachments
    return attachment


@pytest.mark.parametrize(
    ("disposition", "filename"),
    [
        ('attachment; filename="a.png"', "a.png"),
        ("attachment; filename=a b.png", "a b.png"),
        ("attachment; filename*=UTF-8''%E8%B7%AF%E7%81%AF.png", "路灯.png"),
        ("attachment; filename*=gb2312'zh'%C2%B7%B5%C6.png", "路灯.png"),
        ("attachment; filename*0*=utf-8''%E8%B7%AF%E7; filename*1*=%81%AF; filename*2=.png", "路灯.png"),
        ("attachment; filename*1*=%81%AF.png; filename*0*=utf-8''%E8%B7%AF%E7", "路灯.png"),
        ("attachment; filename*=%E8%B7%AF%E7%81%AF.png", "路灯.png"),  # broken: no charset
        ("attachment; filename*=\"utf-8''%E8%B7%AF%E7%81%AF.png\"", "路灯.png"),  # broken: quoted
        ("attachment; filename=old.png; filename*=utf-8''%E8%B7%AF.png", "路.png"),
        ('attachment; filename="路灯.png"'.encode("gbk"), "路灯.png"),
        ('attachment; filename="路灯.png"'.encode(), "路灯.png"),
        (f'attachment; filename="{word("路灯.png", "gbk")}"', "路灯.png"),
        (f'attachment; filename="{word("路")}\r\n {word("灯.png")}"', "路灯.png"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        (r'attachment; filename="C:\new\table.doc"', "table.doc"),
        ('attachment; filename="a\u202egnp.exe"'.encode(), "agnp.exe"),
        ('attachment; filename="..."', "attachment-1.png"),
        ("attachment", "attachment-1.png"),
        ("attachment; filename=" + "长".encode().decode("latin-1"), None),
        ("attachment; filename*=utf-8''" + "%E9%95%BF" * 400 + ".png", "长" * 146 + ".png"),
        ("attachment; filename*x=3; =; ;;;filename", "attachment-1.png"),
    ],
)
def test_filenames(disposition: bytes | str, filename: str | None) -> None:
    line = disposition.encode() if isinstance(disposition, str) else disposition
    found = one_file("Content-Type: image/png", b"Content-Disposition: " + line)
    assert found.content == PNG
    assert found.media_type == "image/png"
    assert len(found.filename) <= 150
    assert filename is None or found.filename == filename


def test_the_name_of_the_content_type_serves_too() -> None:
    assert one_file("Content-Type: image/png; name=" + word("灯.png", "gb2312")).filename == "灯.png"


def test_inline_images_are_attachments() -> None:
    found = one_file("Content-Type: image/png", "Content-ID: <p1>", "Content-Disposition: inline")
    assert (found.filename, found.content) == ("attachment-1.png", PNG)


def test_a_file_without_any_text() -> None:
    reading = read(
        mail(b64(PNG), kind="image/png; name=p.png", extra=["Content-Transfer-Encoding: base64"]), ENVELOPE
    )
    assert (reading.body, reading.attachments[0].content) == ("", PNG)


def test_a_text_file_is_a_file_and_an_unnamed_text_is_not() -> None:
    raw = multipart(
        part(BODY),
        part("notes", "Content-Type: text/plain", "Content-Disposition: attachment; filename=n.txt"),
        part("end"),
    )
    reading = read(raw, ENVELOPE)
    assert reading.body == BODY + "\n\nend"
    assert reading.attachments == (ReadAttachment("n.txt", "text/plain", b"notes"),)


def test_an_attached_message_beside_a_text_is_only_attached() -> None:
    inner = mail("内文", subject="旧信")
    reading = read(multipart(part(BODY), part(inner, "Content-Type: message/rfc822")), ENVELOPE)
    assert reading.body == BODY
    assert reading.attachments == (ReadAttachment("旧信.eml", "message/rfc822", inner),)


@pytest.mark.parametrize(("text", "subject"), [("", "路灯"), ("请看", "Fwd: 路灯"), ("请看", "转发：路灯")])
def test_a_message_that_is_passed_on_is_shown(text: str, subject: str) -> None:
    inner = multipart(
        part("内文"), part(b"%PDF", "Content-Type: application/pdf; name=a.pdf"), boundary="I", subject="旧信"
    )
    reading = read(
        multipart(part(text), part(inner, "Content-Type: message/rfc822"), subject=subject), ENVELOPE
    )
    assert "内文" in reading.body
    assert "Subject: 旧信" in reading.body
    assert text in reading.body
    assert [file.filename for file in reading.attachments] == ["旧信.eml", "a.pdf"]


def test_winmail_gives_up_its_text_and_files() -> None:
    raw = multipart(
        part(" "),
        part(
            b64(winmail(BODY, "证据.pdf", b"%PDF-1.7")),
            "Content-Type: application/ms-tnef; name=winmail.dat",
            "Content-Transfer-Encoding: base64",
        ),
    )
    reading = read(raw, ENVELOPE)
    assert reading.body == BODY
    assert [(file.filename, file.content) for file in reading.attachments] == [("证据.pdf", b"%PDF-1.7")]
    assert reading.problems == ()


@pytest.mark.parametrize("cut", [4, 10, 30, 60, -1])
def test_damaged_winmail_is_attached_as_it_is(cut: int) -> None:
    broken = winmail(BODY, "a.pdf", b"%PDF-1.7")[:cut].replace(b"%PDF", b"%XXX")
    broken = broken[:6] + b"\x01" + b"\xff" * 8 + broken[6:]
    raw = multipart(
        part(BODY),
        part(b64(broken), "Content-Type: application/ms-tnef", "Content-Transfer-Encoding: base64"),
    )
    reading = read(raw, ENVELOPE)
    assert reading.body == BODY
    assert reading.attachments[0] == ReadAttachment("winmail.dat", "application/ms-tnef", broken)


ICS = (
    "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nSUMMARY:现场\\, 查看\r\n"
    "DTSTART;TZID=Asia/Shanghai:20260305T093000\r\nDTEND:20260305T023000Z\r\nLOCATION:西江\r\n 路口\r\n"
    "END:VEVENT\r\nEND:VCALENDAR\r\n"
)


def test_an_invitation_is_told_and_attached() -> None:
    raw = multipart(part(BODY), part(ICS, "Content-Type: text/calendar; charset=utf-8; method=REQUEST"))
    reading = read(raw, ENVELOPE)
    assert reading.body == (
        BODY
        + "\n\n日程 Event: 现场, 查看"
        + "\n时间 Time: 2026-03-05 09:30 (Asia/Shanghai) – 2026-03-05 02:30 UTC\n地点 Place: 西江路口"
    )
    assert reading.attachments[0] == ReadAttachment("attachment-1.ics", "text/calendar", ICS.encode())


def test_too_many_parts_are_noted() -> None:
    raw = multipart(*[part(b"x", "Content-Type: image/png")] * 150, part(BODY))
    reading = read(raw, ENVELOPE)
    assert 90 <= len(reading.attachments) <= 100
    assert any("More than 100 parts" in problem for problem in reading.problems)


def test_a_large_attachment_comes_out_whole() -> None:
    content = bytes(range(256)) * 20_000
    assert one_file("Content-Type: video/mp4; name=v.mp4", content=content).content == content
