"""A letter on paper: its window, its words, its marks; read back out of the PDF."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.paper.address import AddressDoesNotFit
from channels.paper.characters import printable
from channels.paper.envelopes import ENVELOPES
from channels.paper.letter import Letter, letter_pdf, letters_pdf, mend_by_pen, problem
from routing.office import ENVELOPES as NAMED_BY_THE_OFFICE
from tests.channels.paper.printed import Ink, everything, facts, qr_codes, read
from tests.channels.paper.samples import CODE, OFFICE, REFERENCE, SUBJECTS, TRACK, WORDS, letter

BOTH = pytest.mark.parametrize("language", ["zh-Hans", "en"])
EACH = pytest.mark.parametrize("envelope", sorted(ENVELOPES))
ADDRESS_OF = {
    "zh-Hans": "123456某省某市示例县示例镇示例村三组18号2栋301室甲示例收",
    "en": "JiaSample18Group3SampleVillageSampleTownSampleCounty123456SomeProvince",
}


def test_the_office_can_name_every_envelope() -> None:
    assert set(NAMED_BY_THE_OFFICE) == set(ENVELOPES)


# ---------------------------------------------------------------- the window


@BOTH
@EACH
@pytest.mark.parametrize("large", [False, True])
def test_the_address_is_in_the_window_and_nothing_else_is(language: str, envelope: str, large: bool) -> None:
    page = read(letter_pdf(letter(language, envelope=envelope, large=large, copy=3)))[0]
    place = ENVELOPES[envelope]
    seen = [ink for ink in page.ink if ink.touches(place.shown)]
    assert all(ink.within(place.window) for ink in seen)
    sender = "" if place.return_line is None else "".join(OFFICE.return_address_in(language).split())
    shown = "".join(ink.character for ink in seen).replace(",", "")
    assert shown == sender.replace(",", "") + ADDRESS_OF[language]


def test_the_windows_are_those_of_the_standards() -> None:
    """For every way in which the folded sheet may lie in its envelope (millimetres)."""
    cases = [
        # window on the envelope: left, top, width, height; how far the sheet can slide: right, down
        ("gb", 25, 30, 100, 40, 220 - 210, 110 - 99),
        ("din", 20, 110 - 15 - 45, 90, 45, 220 - 210, 110 - 105),  # DL
        ("din", 20, 114 - 15 - 45, 90, 45, 229 - 210, 114 - 105),  # C6/5
    ]
    for name, left, top, width, height, right, down in cases:
        place = ENVELOPES[name]
        for x in (0, right):
            for y in (0, down):
                seen_left, seen_top = left - x, top - y
                assert seen_left <= place.address.left
                assert seen_top <= place.address.top
                assert place.address.right <= seen_left + width
                assert place.address.bottom <= seen_top + height
                assert place.shown.left <= seen_left
                assert place.shown.top <= seen_top
                assert seen_left + width <= place.shown.right
                assert seen_top + height <= place.shown.bottom


@EACH
def test_a_long_address_is_printed_smaller_but_whole(envelope: str) -> None:
    home = "第十三村民小组示例家园小区东区18号楼2单元1301室"
    address = f"123456 某省某某市某某自治县示例镇示例行政村{home}（快递放菜鸟驿站旁边的小卖部）"
    page = read(letter_pdf(letter(address=address, envelope=envelope)))[0]
    spot = page.spot(home)
    assert all(ink.within(ENVELOPES[envelope].window) for ink in spot)


@pytest.mark.parametrize("address", ["", " \n ", "某" * 400, "A very long road name, " * 40, "X" * 601])
def test_an_address_that_does_not_fit_is_said_so_and_never_cut(address: str) -> None:
    with pytest.raises(AddressDoesNotFit) as caught:
        letters_pdf([letter(), letter(address=address)])
    assert caught.value.reason.zh
    assert problem(letter(address=address)) == caught.value.reason
    assert problem(letter()) is None


# ---------------------------------------------------------------- the words


@BOTH
def test_everything_that_was_written_can_be_read(language: str) -> None:
    sent = letter(language)
    found = everything(read(letter_pdf(sent)))
    for part in (sent.text, REFERENCE, CODE, OFFICE.telephone, OFFICE.mail, OFFICE.name.zh, OFFICE.name.en):
        assert "".join(part.split()) in found
    assert SUBJECTS[language].replace(" ", "") in found
    assert f"[{REFERENCE}]" not in found  # it stands beside the window


def test_the_file_says_what_it_is() -> None:
    said = facts(letter_pdf(letter("en")))
    assert said["Title"] == f"{SUBJECTS['en']} [{REFERENCE}]"
    assert said["Author"] == OFFICE.name.en
    assert b"/Lang (en)" in letter_pdf(letter("en"))
    assert b"/Lang (zh-Hans)" in letter_pdf(letter())


def test_all_fonts_are_in_the_file() -> None:
    file = letter_pdf(letter())
    assert b"Helvetica" not in file
    assert file.count(b"/FontFile2") == file.count(b"/Type /FontDescriptor") > 0


def test_the_same_letter_is_the_same_file() -> None:
    assert letter_pdf(letter()) == letter_pdf(letter())


def test_threads_do_not_spoil_each_others_letters() -> None:
    ask = [
        letter(text=f"第{n}封：" + "".join(chr(0x4E00 + n * 300 + k) for k in range(300))) for n in range(12)
    ]
    alone = [letter_pdf(one) for one in ask]
    with ThreadPoolExecutor(4) as together:
        assert list(together.map(letter_pdf, ask)) == alone


def test_a_letter_in_traditional_chinese() -> None:
    found = everything(read(letter_pdf(replace(letter(), language="zh-Hant"))))
    assert "受理編號" in found
    assert "第1頁，共1頁" in found


def test_a_long_answer_flows_over_pages() -> None:
    answer = "本局收到来件后，即派两名工作人员到现场核实；经查，情况属实（详见附件2）。" * 550
    pages = read(letter_pdf(letter(text=answer)))
    assert len(answer) > 20_000
    assert len(pages) > 10
    for number, page in enumerate(pages, 1):
        assert f"第 {number} 页，共 {len(pages)} 页" in page.text
        assert number == 1 or f"受理编号 {REFERENCE}" in page.text
        assert max(ink.bottom for ink in page.ink) < 290
    body = everything(pages)
    assert body.count("情况属实") == 550


@BOTH
def test_no_page_ends_with_the_first_line_of_a_paragraph(language: str) -> None:
    """Paragraphs of four lines, each beginning and ending with its own mark, at every height of the page."""
    filler = "字" * 130 if language == "zh-Hans" else "word " * 62
    for lead in range(6):
        text = "x\n" * lead + "\n\n".join(f"A{n}a {filler.strip()} Z{n}z" for n in range(24))
        pages = read(letter_pdf(letter(language, text=text)))
        assert len(pages) > 1
        for page in pages[:-1]:
            rows = _rows(page.ink)
            assert not rows[-1].startswith("A"), rows[-1]


def test_a_signature_stays_together() -> None:
    for lines in range(20, 44):
        pages = read(letter_pdf(letter(text="这是一行。\n" * lines + "\n示例县投诉中心\n+12025550199")))
        (page,) = [page for page in pages if "+12025550199" in page.text]
        assert [page.text.count("示例县投诉中心"), page.text.count("+12025550199")] == [1, 1]


def _rows(ink: tuple[Ink, ...]) -> list[str]:
    """The text's lines from top to bottom: what is not head, foot or beside the window."""
    rows: dict[int, list[Ink]] = {}
    for one in ink:
        if 10.9 < one.size < 11.1:
            rows.setdefault(round(one.bottom / 3), []).append(one)
    return [
        "".join(o.character for o in sorted(row, key=lambda o: o.left)) for _, row in sorted(rows.items())
    ]


# ---------------------------------------------------------------- marks


def test_a_reprint_says_so_on_every_page() -> None:
    text = "一行一行的答复。" * 900
    for page in read(letter_pdf(letter(text=text, copy=2))):
        assert "重印 Reprint 2" in page.text
    assert "重印" not in everything(read(letter_pdf(letter(text=text))))


@BOTH
@EACH
def test_large_print_is_large_but_for_what_the_postman_reads(language: str, envelope: str) -> None:
    pages = read(letter_pdf(letter(language, envelope=envelope, large=True, copy=1)))
    place = ENVELOPES[envelope]
    small = [
        ink
        for number, page in enumerate(pages)
        for ink in page.ink
        if ink.size < 15.99 and not (number == 0 and (ink.within(place.window) or ink.bottom < 30))
    ]
    assert not small
    body = [ink for page in pages for ink in page.ink if ink.size >= 17.9]
    assert len(body) > 100


@BOTH
@EACH
@pytest.mark.parametrize("large", [False, True])
def test_a_camera_reads_the_way_to_the_case(language: str, envelope: str, large: bool) -> None:
    assert qr_codes(letter_pdf(letter(language, envelope=envelope, large=large))) == [TRACK]


def test_without_a_case_there_is_no_code_and_no_way_to_it() -> None:
    file = letter_pdf(letter(code="", tracking_url=""))
    assert qr_codes(file) == []
    assert "查询码" not in everything(read(file))


# ---------------------------------------------------------------- many


def test_each_letter_begins_on_an_odd_page() -> None:
    long = "很长的一段答复。" * 700
    batch = [letter(name="甲"), letter(name="乙", text=long), letter(name="丙"), letter(name="丁")]
    pages = read(letters_pdf(batch))
    firsts = [number for number, page in enumerate(pages, 1) if " 收" in page.text]
    assert len(firsts) == 4
    assert all(number % 2 for number in firsts)
    assert pages[1].text == ""
    assert pages[-1].text  # no empty leaf at the end


def test_five_hundred_letters_take_no_longer_each_than_one() -> None:
    letter_pdf(letter())  # the font is read once
    begun = time.process_time()
    for _ in range(10):
        letter_pdf(letter())
    one = (time.process_time() - begun) / 10
    begun = time.process_time()
    file = letters_pdf([letter(name=f"甲{n}") for n in range(500)])
    assert (time.process_time() - begun) / 500 < 1.5 * one
    assert len(file) < 500 * 6_000


def test_nothing_to_print() -> None:
    with pytest.raises(ValueError, match="no letter"):
        letters_pdf([])


# ---------------------------------------------------------------- any text at all


def test_names_with_rare_characters() -> None:
    sent = letter(name="㐀䶮𬭎龍", text="朱㐀、王䶮、𬭎、說話嘅㗎，éŇ。")
    found = everything(read(letter_pdf(sent)))
    assert "㐀䶮𬭎龍收" in found
    assert "朱㐀、王䶮、𬭎、說話嘅㗎，éŇ。" in found
    assert mend_by_pen(sent) == ()


def test_what_the_font_lacks_is_printed_as_its_code() -> None:
    sent = letter(name="𠮷田", text="谢谢😀")
    found = everything(read(letter_pdf(sent)))
    assert "〔U+20BB7〕田收" in found
    assert "谢谢〔U+1F600〕" in found
    assert mend_by_pen(sent) == ("𠮷", "😀")


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=120), st.booleans())
@settings(max_examples=40, deadline=None)
def test_any_text_comes_back_out_of_the_file(text: str, large: bool) -> None:
    sent = letter(text=f"[{text}]", subject=text, name=text[:4], large=large)
    found = everything(read(letter_pdf(sent)))
    for part in printable(f"[{text}]").split():
        assert part in found


@pytest.mark.parametrize(
    "text",
    [
        "字" * 100_000,
        "a" * 100_000,
        "（" * 100_000,
        "。" * 20_000,
        "e" + "\u0301\u0328" * 50_000,
        "\u202e" * 100_000,
        "\n" * 100_000 + "x",
        " " * 100_000 + "x",
        "https://e.example/" + "a/" * 40_000,
        "“" * 20_000,
    ],
    ids=[
        "han",
        "one word",
        "opening",
        "closing",
        "marks",
        "bidi",
        "line ends",
        "spaces",
        "address",
        "quotes",
    ],
)
def test_a_hundred_thousand_characters_are_a_matter_of_seconds(text: str) -> None:
    begun = time.process_time()
    sent: Letter = letter(text=text)
    assert letter_pdf(sent).startswith(b"%PDF-")
    assert time.process_time() - begun < 10


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_a_signature_never_has_a_page_to_itself(language: str) -> None:
    signed = WORDS[language].rstrip().rpartition("\n\n")[2]
    line = {"zh-Hans": "供水已经恢复。", "en": "The water is back."}[language]
    several = 0
    for count in range(4, 40):
        text = "\n\n".join([line] * count) + f"\n\n{signed}\n"
        pages = read(letter_pdf(letter(language, large=True, text=text)))
        several += len(pages) > 1
        if len(pages) > 1:
            assert "".join(pages[-1].text.split()).count("".join(line.split())) >= 2, count
    assert several > 20
