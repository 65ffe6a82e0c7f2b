"""The confirmed letter as a submission and back; the text the desk begins with; reading without an engine."""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.letter.plain import PlainReader
from channels.letter.prefill import text_of
from channels.letter.reading import LetterForm, one_line, read, submission
from channels.letter.scans import kind_of
from intake.contracts import Contact, Reading, UnreadableSubmission
from intake.letters import PageUnreadable
from tests.support.scans import line, png

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
ADDRESS = "高要区示例路1号"


def through(form: LetterForm) -> Reading:
    sent = submission(form, "letter-1", NOON, (), {})
    return read(sent.raw, sent.envelope)


TITLES = (
    # how a letter begins, its title
    ("高要区机关效能监督投诉中心：\n　　西江路的路灯坏了。请派人来修。", "西江路的路灯坏了"),
    ("尊敬的领导:\n您好！\n西江路的路灯坏了。", "西江路的路灯坏了"),
    ("尊敬的领导，您好！\n西江路的路灯坏了。", "西江路的路灯坏了"),
    (
        "Dear Sir or Madam,\n\nThe lamp in Sample Road is broken. Please come.",
        "The lamp in Sample Road is broken",
    ),
    ("西江路的路灯坏了。\n此致", "西江路的路灯坏了"),
    ("投诉人：示例甲\n西江路的路灯坏了。", "西江路的路灯坏了"),
    ("您好！", "您好"),
    (
        "投诉信\n姓名：示例甲，男\n住址：高要区示例路1号\n2026年3月2日\n尊敬的局长：您好！路灯坏了两周。",
        "路灯坏了两周",
    ),
    ("我叫示例甲，家住示例路1号，村里的井干了三个月。", "村里的井干了三个月"),
    ("我是来反映学校乱收费的，请查。", "我是来反映学校乱收费的"),
    ("关于西江路路灯不亮的投诉\n尊敬的领导：\n路灯坏了。", "关于西江路路灯不亮的投诉"),
    (
        "Jane Sample\n5 Sample Road\n3 March 2026\n\nRe: Lamp outside no. 7\n\nDear Mr. Li,\nIt broke.",
        "Lamp outside no. 7",
    ),
    (
        "Jane Sample\n5 Sample Road\n\nDear Madam,\nMy name is Jane Sample. The bus never stops.",
        "The bus never",
    ),
    ("　\n" * 30 + "路灯坏了", "路灯坏了"),
)


@pytest.mark.parametrize(("text", "title"), TITLES)
def test_a_letter_is_called_by_what_it_says_not_by_whom_it_greets(text: str, title: str) -> None:
    assert through(LetterForm(text)).subject.startswith(title)


TELLING = (
    # what a confidential letter says, what it may be called
    ("示例甲\n高要区示例路1号\n13800005678\n供水公司停水三天。", "供水公司停水三天"),
    ("我叫示 例 甲，电话138-0000-5678，供水公司停水三天。", "供水公司停水三天"),
    ("高要区示例路1号住户来信。\n供水公司停水三天。", "供水公司停水三天"),
    ("身份证441283199001011234，供水公司停水三天。", "供水公司停水三天"),
    ("我叫示例甲。", "我叫〔姓名〕"),
)


@pytest.mark.parametrize(("text", "title"), TELLING)
@pytest.mark.parametrize("anonymous", [False, True])
def test_the_title_of_a_secret_letter_tells_nothing(text: str, title: str, anonymous: bool) -> None:
    form = LetterForm(text, name="示例甲", phone="+8613800005678", address=ADDRESS)
    form = replace(form, anonymous=anonymous, confidential=not anonymous)
    assert through(form).subject == title


@given(st.text(alphabet="我叫示例甲，。\n：电话1380005678号 尊敬的", max_size=200))
def test_no_text_puts_a_secret_writer_into_the_title(text: str) -> None:
    name, phone = "示例甲", "+8613800005678"
    form = LetterForm(text or "x", name=name, phone=phone, address=ADDRESS, confidential=True)
    if form.text.strip():
        subject = re.sub(r"\W", "", through(form).subject)
        assert name not in subject
        assert phone[-8:] not in subject


@pytest.mark.parametrize(
    ("answer_by", "order"),
    [
        ("postal", ["postal", "email", "phone"]),
        ("email", ["email", "postal", "phone"]),
        ("phone", ["phone", "postal", "email"]),
        ("pigeon", ["postal", "email", "phone"]),
    ],
)
def test_the_post_comes_first_unless_another_way_is_wished(answer_by: str, order: list[str]) -> None:
    form = LetterForm("路灯坏了。", address=ADDRESS, email="Li@Citizen.example", phone="+12025550123")
    reading = through(LetterForm(**{**asdict(form), "answer_by": answer_by}))
    assert [contact.kind for contact in reading.contacts] == order
    assert Contact("email", "li@citizen.example") in reading.contacts


def test_all_that_was_confirmed_arrives() -> None:
    reading = through(
        LetterForm(
            "公路局不修路灯。",
            name="示例甲",
            address=ADDRESS,
            language="zh-Hant",
            confidential=True,
            large_print=True,
            urgent=True,
            about="roads",
            about_name="公路局",
            letter_date="2026-03-01",
            postmark="2026-03-02",
            received_on="2026-03-03",
            pages=2,
        )
    )
    assert (reading.sender_name, reading.language, reading.subject_bureau) == ("示例甲", "zh-Hant", "roads")
    assert reading.confidential
    assert reading.large_print
    assert reading.urgent
    assert reading.details == {
        "letter_date": "2026-03-01",
        "postmark": "2026-03-02",
        "received_on": "2026-03-03",
        "pages": 2,
    }
    assert reading.body == "公路局不修路灯。", "it names the bureau already"


def test_the_bureau_follows_where_the_text_does_not_name_it() -> None:
    assert through(LetterForm("路灯坏了。", about="roads", about_name="公路局")).body.endswith(
        "被投诉单位：公路局"
    )


def test_one_letter_is_one_submission() -> None:
    one, other = (submission(LetterForm(text), "letter-1", NOON, (), {}) for text in ("a", "b"))
    assert one.dedupe_key == other.dedupe_key
    assert one.dedupe_key != submission(LetterForm("a"), "letter-2", NOON, (), {}).dedupe_key


@given(
    st.binary(max_size=400)
    | st.recursive(st.none() | st.text(), lambda x: st.lists(x, max_size=3)).map(lambda v: repr(v).encode())
)
def test_anything_else_is_parked(raw: bytes) -> None:
    with pytest.raises(UnreadableSubmission):
        read(raw, {})


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("示例路1号\n高要区", "示例路1号, 高要区"),
        (" 1 Sample Road, \r\n\r\nGaoyao ", "1 Sample Road, Gaoyao"),
        ("示例路1号", "示例路1号"),
        ("", ""),
    ],
)
def test_addresses_are_one_line(typed: str, kept: str) -> None:
    assert one_line(typed) == kept


def test_lines_become_paragraphs() -> None:
    first = line("我是示例路12号的居民，西江路的路灯坏了两个", 0.10)
    second = line("星期。", 0.15) | {"box": {"x": 0.1, "y": 0.15, "w": 0.2, "h": 0.03}}
    third = line("The lamps are", 0.20)
    fourth = line("broken.", 0.25)
    assert text_of([[first, second, third, fourth], [], [line("附页", 0.1)]]) == (
        "我是示例路12号的居民，西江路的路灯坏了两个星期。\nThe lamps are broken.\n\n附页"
    )


class TestWithoutAnEngine:
    def test_a_picture_is_shown_as_it_is(self, tmp_path: Path) -> None:
        path = tmp_path / "scan"
        path.write_bytes(png(1, 30, 50))
        page = PlainReader().read(path, "image/png", 1)
        assert (page.picture, page.width, page.height, page.lines) == (png(1, 30, 50), 30, 50, ())

    def test_jpeg_sizes(self, tmp_path: Path) -> None:
        head = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x0b\x08\x00\x40\x00\x30\x01\x01\x11\x00"
        path = tmp_path / "scan"
        path.write_bytes(head + b"\xff\xd9")
        page = PlainReader().read(path, "image/jpeg", 1)
        assert (page.width, page.height) == (0x30, 0x40)

    @pytest.mark.parametrize(
        ("content", "media_type"),
        [
            (b"%PDF-1.7", "application/pdf"),
            (b"\x89PNG\r\n\x1a\n", "image/png"),
            (b"\xff\xd8\xff" + b"\xff" * 500, "image/jpeg"),
            (png(1)[:16] + b"\x7f\xff\xff\xff" * 2 + png(1)[24:], "image/png"),
        ],
    )
    def test_all_else_is_for_download(self, tmp_path: Path, content: bytes, media_type: str) -> None:
        path = tmp_path / "scan"
        path.write_bytes(content)
        with pytest.raises(PageUnreadable) as raised:
            PlainReader().read(path, media_type, 1)
        assert raised.value.text.zh
        assert raised.value.text.en


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (b"%PDF-1.4", "application/pdf"),
        (b"junk before\n%PDF-1.4", "application/pdf"),
        (b"\xff\xd8\xff\xe1", "image/jpeg"),
        (b"II*\0", "image/tiff"),
        (b"MM\0*", "image/tiff"),
        (b"\0\0\0\x18ftypheic", "image/heic"),
        (b"\0\0\0\x18ftypmp42", None),
        (b"PK\x03\x04", None),
        (b"", None),
    ],
)
def test_kinds_are_told_by_content(head: bytes, media_type: str | None) -> None:
    kind = kind_of(head)
    assert (kind.media_type if kind else None) == media_type
