"""Charsets, headers, transfer encodings, HTML: what the sender wrote comes out as written."""

from __future__ import annotations

import base64

import pytest

from channels.email.reader import read
from tests.channels.email.post import BODY, ENVELOPE, b64, mail, multipart, part, parts, word

TRADITIONAL = "路燈壞了兩個星期，請派人維修，謝謝。"


@pytest.mark.parametrize(
    ("claimed", "real"),
    [
        ("utf-8", "utf-8"),
        ("UTF8", "utf-8"),
        ("gb2312", "gb18030"),
        ("GBK", "gb18030"),
        ("gb18030", "gb18030"),
        ("cp936", "gb18030"),
        ('"GB_2312-80"', "gb18030"),
        ("x-gbk", "gb18030"),
        ("hz-gb-2312", "hz"),
        ("utf-7", "utf-7"),
        ("utf-16", "utf-16"),
        ("us-ascii", "gb18030"),  # mis-declared from here on
        ("us-ascii", "utf-8"),
        ("iso-8859-1", "gb18030"),
        ("iso-8859-1", "utf-8"),
        ("gb2312", "utf-8"),
        ("utf-8", "gb18030"),
        ("hz-gb-2312", "gb18030"),
        ("x-no-such-charset", "gb18030"),
        ("x-no-such-charset", "utf-8"),
        ("punycode", "utf-8"),
        ("base64", "gb18030"),
        ("", "gb18030"),
    ],
)
def test_charsets_claimed_and_real(claimed: str, real: str) -> None:
    raw = mail(BODY.encode(real), kind=f"text/plain; charset={claimed}" if claimed else "text/plain")
    assert read(raw, ENVELOPE).body == BODY


@pytest.mark.parametrize("claimed", ["big5", "Big5-HKSCS", "cp950", "us-ascii", "x-no-such-charset"])
def test_big5(claimed: str) -> None:
    reading = read(mail(TRADITIONAL.encode("big5hkscs"), kind=f"text/plain; charset={claimed}"), ENVELOPE)
    assert (reading.body, reading.language) == (TRADITIONAL, "zh-Hant")


def test_characters_beyond_gb2312_and_big5_are_read_under_their_old_names() -> None:
    assert (
        read(mail("镕堃㙍".encode("gb18030"), kind="text/plain; charset=gb2312"), ENVELOPE).body == "镕堃㙍"
    )
    assert (
        read(mail("佢哋喺嗰度".encode("big5hkscs"), kind="text/plain; charset=big5"), ENVELOPE).body
        == "佢哋喺嗰度"
    )


def test_iso_2022_cn_and_jp() -> None:
    shifted = "路灯".encode("gb2312").translate(bytes(byte & 0x7F for byte in range(256)))
    raw = mail(b"\x1b$)A\x0e" + shifted + b"\x0f ok", kind="text/plain; charset=iso-2022-cn")
    assert read(raw, ENVELOPE).body == "路灯 ok"
    raw = mail("東京".encode("iso2022_jp"), kind="text/plain; charset=ISO-2022-JP")
    assert read(raw, ENVELOPE).body == "東京"


def test_latin_text_is_not_taken_for_chinese() -> None:
    assert read(
        mail("Café déjà fermé".encode("latin-1"), kind="text/plain; charset=iso-8859-1"), ENVELOPE
    ).body == ("Café déjà fermé")


def test_a_damaged_character_does_not_turn_utf8_into_something_else() -> None:
    reading = read(mail(BODY.encode() + b"\xff" + BODY.encode()), ENVELOPE)
    assert reading.body == BODY + "\ufffd" + BODY
    assert any("could not be decoded" in problem for problem in reading.problems)


SPLIT = "投诉路灯".encode()


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        (word("路灯坏了", "gb2312"), "路灯坏了"),
        (word("路灯") + "\r\n " + word("坏了"), "路灯坏了"),
        ("路灯坏了".encode(), "路灯坏了"),
        ("路灯坏了".encode("gbk"), "路灯坏了"),
        ("路燈壞了嗎".encode("big5"), "路燈壞了嗎"),
        # a character cut in two between words
        (
            b"=?utf-8?B?"
            + base64.b64encode(SPLIT[:4])
            + b"?= =?UTF-8?B?"
            + base64.b64encode(SPLIT[4:])
            + b"?=",
            "投诉路灯",
        ),
        # base64 itself cut between words, away from a multiple of four
        (
            b"=?utf-8?B?"
            + base64.b64encode(SPLIT)[:5]
            + b"?= =?utf-8?B?"
            + base64.b64encode(SPLIT)[5:]
            + b"?=",
            "投诉路灯",
        ),
        ("=?utf-8?B?" + base64.b64encode("路灯!".encode()).decode().rstrip("=") + "?=", "路灯!"),
        ("=?utf-8?B?" + base64.b64encode("路灯".encode()).decode() + "==?=", "路灯"),
        ("=?gbk?Q?=C2=B7=B5=C6?= again", "路灯 again"),
        ("=?utf-8*zh?Q?=E8=B7=AF?=", "路"),
        ("=?x-none?B?" + base64.b64encode("路灯坏".encode()).decode() + "?=", "路灯坏"),
        ("=?utf-8?B?not closed", "=?utf-8?B?not closed"),
        ("a" + "\x00b\x07c", "abc"),
    ],
)
def test_subjects(subject: bytes | str, expected: str) -> None:
    assert read(mail(subject=subject), ENVELOPE).subject == expected


@pytest.mark.parametrize(
    ("encoding", "raw", "expected"),
    [
        ("base64", b64(BODY), BODY),
        ("BASE64 ", b64(BODY).replace(b"\r\n", b"\r\n!*"), BODY),
        ("base64", b64("abcdef")[:-3], "abcde"),
        ("base64", b"YWJj\r\nZA==\r\nZWZn\r\n", "abcdefg"),
        ("base64", BODY.encode(), BODY),  # it is not base64 at all
        ("quoted-printable", b"=E8=B7=AF=\r\n=E7=81=AF", "路灯"),
        ("quoted-printable", b"100=% =ZZ =", "100=% =ZZ "),
        ("x-uuencode", b"begin 644 a\r\n#86)C\r\n`\r\nend\r\n", "abc"),
        ("x-unknown", b"plain", "plain"),
    ],
)
def test_transfer_encodings(encoding: str, raw: bytes, expected: str) -> None:
    read_body = read(mail(raw, extra=[f"Content-Transfer-Encoding: {encoding}"]), ENVELOPE).body
    assert read_body == expected.rstrip()


def test_html_becomes_text() -> None:
    source = (
        "<html><head><title>t</title><style>p{color:red}</style></head><body><p>路灯&nbsp;坏了 &lt;急&gt;</p>"
        "<!-- hidden --><div>第一<br>第二</div><ul><li>甲</li><li>乙</li></ul><script>x()</script>"
        "<table><tr><td>a</td><td>b</td></tr></table></body></html>"
    )
    body = read(mail(source, kind="text/html; charset=utf-8"), ENVELOPE).body
    assert body == "路灯 坏了 <急>\n\n第一\n第二\n\n- 甲\n- 乙\n\na\tb"


@pytest.mark.parametrize("tail", ["<style>", "<script", "<!--", "<p title='", "<title>", '<a href="'])
def test_html_that_is_never_closed_keeps_its_text(tail: str) -> None:
    body = read(mail(f"<div>{tail} {BODY} <b>完", kind="text/html; charset=utf-8"), ENVELOPE).body
    assert BODY in body or tail in ("<script", "<p title='", '<a href="')
    assert "完" in body


def alternative(plain: str, html: str) -> bytes:
    return multipart(
        part(plain, "Content-Type: text/plain; charset=utf-8"),
        part(html, "Content-Type: text/html; charset=utf-8"),
        subtype="alternative",
    )


@pytest.mark.parametrize(
    ("plain", "html", "expected"),
    [
        ("甲", "<p>乙</p>", "甲"),
        (" \r\n", "<p>乙</p>", "乙"),
        ("Your client does not support HTML.", "<p>乙</p>", "乙"),
        ("您的邮件客户端不支持HTML格式", "<p>乙</p>", "乙"),
        ("Your client does not support HTML.", "<p></p>", "Your client does not support HTML."),
    ],
)
def test_alternatives(plain: str, html: str, expected: str) -> None:
    assert read(alternative(plain, html), ENVELOPE).body == expected


def test_several_texts_are_joined_in_order() -> None:
    raw = multipart(
        part("一", "Content-Type: text/plain; charset=utf-8"), part("二", "Content-Type: text/plain")
    )
    assert read(raw, ENVELOPE).body == "一\n\n二"


@pytest.mark.parametrize(
    "raw",
    [
        mail(parts(part(BODY), close=False), kind="multipart/mixed; boundary=B"),  # never closed
        mail(parts(part(BODY)), kind="multipart/mixed"),  # no boundary named: guessed only with Content-
        mail(parts(part(BODY, "Content-Type: text/plain")), kind="multipart/mixed; boundary=other"),
        mail(parts(part(BODY, "Content-Type: text/plain")), kind="text/plain"),
        mail(BODY, kind="multipart/mixed; boundary=B"),
        mail(BODY, kind="multipart/mixed"),
        mail(BODY, kind="nonsense"),
        mail(BODY, kind="text"),
        mail(BODY, kind="text/plain; charset=utf-8", extra=["Content-Disposition: attachment"]),
        mail(b"only a preamble\r\n" + BODY.encode() + b"\r\n--B--\r\n", kind="multipart/mixed; boundary=B"),
        b"From: wang@citizen.example\r\n" + BODY.encode(),  # no blank line
        b"From: wang@citizen.example\r\nbroken line\r\nSubject: x\r\n\r\n" + BODY.encode(),
        mail().replace(b"\r\n", b"\n"),
        mail().replace(b"\r\n", b"\r"),
        b"\r\n\r\n" + mail(),
        b"From wang@citizen.example Mon Mar  2 09:00:00 2026\n" + mail(),
        BODY.encode(),
    ],
)
def test_broken_structure_still_shows_the_text(raw: bytes) -> None:
    assert BODY in read(raw, ENVELOPE).body


def test_a_boundary_used_again_inside_keeps_the_alternative_together() -> None:
    inner = part(b"", 'Content-Type: multipart/alternative; boundary="B"') + parts(
        part("甲", "Content-Type: text/plain; charset=utf-8"), part("<p>甲</p>", "Content-Type: text/html")
    )
    assert read(multipart(inner), ENVELOPE).body == "甲"


def test_control_characters_and_surrogates_never_come_out() -> None:
    reading = read(mail("a\x00b\x1bc\td\x7f", kind="text/plain"), ENVELOPE)
    assert reading.body == "abc\td"
    lone = read(mail(b"x+2AA-y", kind="text/plain; charset=utf-7"), ENVELOPE)
    lone.body.encode()
    assert lone.body.startswith("x")
    assert lone.body.endswith("y")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (BODY, "zh-Hans"),
        (TRADITIONAL, "zh-Hant"),
        ("The street light has been broken for two weeks.", "en"),
        ("The street light on 西江路 has been broken for two weeks, please repair it.", "en"),
        ("路灯坏了 https://map.example/a", "zh-Hans"),
        ("12345", "zh-Hans"),
    ],
)
def test_language(text: str, language: str) -> None:
    assert read(mail(text, subject="" if language != "en" else "Light"), ENVELOPE).language == language


def test_a_very_long_text_is_shown_in_part_and_attached_whole() -> None:
    raw = mail("很长" * 400_000)
    reading = read(raw, ENVELOPE)
    assert reading.body.startswith("很长很长")
    assert reading.attachments[0].content == ("很长" * 400_000).encode()
    assert any("very long" in problem for problem in reading.problems)


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("一\r\n二", "text/html; charset=utf-8", "一\n二"),
        ("<html><body>一<br>二</body></html>", "text/plain; charset=utf-8", "一\n二"),
        ("<!DOCTYPE html><p>一", "text/plain; charset=utf-8", "一"),
        ("一 <b> 二", "text/plain; charset=utf-8", "一 <b> 二"),
    ],
)
def test_html_that_claims_to_be_plain_and_the_reverse(text: str, kind: str, expected: str) -> None:
    assert read(mail(text, kind=kind), ENVELOPE).body == expected
