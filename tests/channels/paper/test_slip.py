"""What a visitor takes home."""

from __future__ import annotations

import pytest

from channels.paper.slip import PAPERS, Step, slip_pdf
from channels.paper.words import ANSWERED, LOOKED_INTO, NEXT_DAYS, REGISTERED, TODAY, Letterhead
from channels.wording.languages import say
from intake.contracts import Text
from tests.channels.paper.printed import everything, facts, qr_codes, read
from tests.channels.paper.samples import CODE, OFFICE, REFERENCE, STEPS, TRACK, slip


@pytest.mark.parametrize("paper", sorted(PAPERS))
@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
@pytest.mark.parametrize("large", [False, True])
def test_it_says_all_in_both_languages_on_one_sheet(paper: str, language: str, large: bool) -> None:
    file = slip_pdf(slip(paper=paper, language=language, large=large))
    pages = read(file)
    assert len(pages) == 1
    found = everything(pages)
    for step in STEPS:
        for text in (step.when, step.what):
            chinese = text.zh if language == "en" else say(text, language)
            assert chinese in found
            assert text.en.replace(" ", "") in found
    for part in (REFERENCE, CODE, OFFICE.telephone.replace(" ", ""), "甲示例"):
        assert part in found
    assert qr_codes(file) == [TRACK]
    assert max(ink.bottom for ink in pages[0].ink) < pages[0].height - 3
    assert max(ink.right for ink in pages[0].ink) < pages[0].width - 3


def test_the_roll_is_as_long_as_the_slip() -> None:
    short, long = (read(slip_pdf(slip(paper="receipt", steps=STEPS * n)))[0] for n in (1, 6))
    assert short.width == pytest.approx(80)
    assert short.height < 170 < long.height


def test_the_reference_is_what_one_sees_first() -> None:
    page = read(slip_pdf(slip()))[0]
    assert max(page.ink, key=lambda ink: ink.size).character in REFERENCE
    assert {ink.size for ink in page.spot(REFERENCE)} == {max(ink.size for ink in page.ink)}


@pytest.mark.parametrize("wish", ["anonymous", "confidential"])
def test_who_does_not_want_to_be_named_is_not(wish: str) -> None:
    file = slip_pdf(slip(**{wish: True}))
    assert "示例县" in everything(read(file))
    assert "甲示例" not in everything(read(file))
    assert "甲示例" not in str(facts(file))


def test_large_print_is_large_throughout() -> None:
    page = read(slip_pdf(slip(large=True)))[0]
    assert min(ink.size for ink in page.ink) >= 15.99


def test_a_reprint_says_so() -> None:
    assert "重印Reprint1" in everything(read(slip_pdf(slip(copy=1))))
    assert "重印" not in everything(read(slip_pdf(slip())))


def test_many_steps_go_on_to_another_sheet_and_stay_whole() -> None:
    pages = read(slip_pdf(slip(steps=STEPS * 12, paper="a6")))
    assert len(pages) > 1
    for page in pages:
        assert page.text.count("给您答复") == page.text.count("you have an answer")


LONG = Letterhead(
    Text("示例省示例市示例区机关效能监督投诉中心", "Sample District Government Efficiency Complaint Centre"),
    Text(
        "示例省示例市示例区示例路1号，机关效能监督投诉中心",
        "Efficiency Complaint Centre, 1 Sample Road, Sample District, Sample City",
    ),
    "+12025550118",
    "complaints@county.example",
)
THREE = (
    Step(TODAY, REGISTERED),
    Step(NEXT_DAYS, LOOKED_INTO),
    Step(Text("2026年12月17日前", "By 17 December 2026"), ANSWERED),
)


@pytest.mark.parametrize("paper", ["a6", "a5", "a4"])
@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
@pytest.mark.parametrize("large", [False, True])
def test_the_offices_own_slip_is_one_sheet(paper: str, language: str, large: bool) -> None:
    file = slip_pdf(slip(letterhead=LONG, steps=THREE, paper=paper, language=language, large=large))
    (page,) = read(file)
    assert max(ink.bottom for ink in page.ink) < page.height - 3
    assert qr_codes(file) == [TRACK]
    if large:
        assert min(ink.size for ink in page.ink) >= 15.99


def test_no_sheet_holds_the_warning_alone() -> None:
    for count in range(1, 40):
        last = read(slip_pdf(slip(letterhead=LONG, steps=THREE[:1] * count, paper="a6")))[-1]
        assert "请打电话" in last.text
        assert "不要给别人看" in "".join(last.text.split())
