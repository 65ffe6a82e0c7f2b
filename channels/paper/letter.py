"""A letter for a window envelope, or many in one file. You are here: words → **letter** → PDF bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from channels.paper.address import AddressBlock, AddressDoesNotFit, address_block
from channels.paper.characters import one_line, printable, unprintable
from channels.paper.envelopes import ENVELOPES
from channels.paper.flow import MM, Column, Placed, pages, paragraphs
from channels.paper.letter_frame import LEFT, RIGHT, Facts, Frame, type_for
from channels.paper.sheet import Imprint, Sheet, drawing
from channels.paper.words import Letterhead, day, is_latin
from channels.wording.languages import say
from intake.contracts import Text

A4 = (210.0, 297.0)


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter. ``text`` is what ``channels.wording`` made of the message; ``envelope``: "din" or "gb".

    ``copy`` 0 is the first print; any later one bears a mark. ``large``: nothing but the address is smaller
    than 16 points. ``code`` and ``tracking_url`` may be empty.
    """

    name: str
    address: str  # as a clerk typed it, on one line or several
    letterhead: Letterhead
    date: date
    reference: str
    code: str
    tracking_url: str
    subject: str
    text: str
    language: str = "zh-Hans"  # zh-Hans, zh-Hant, en
    large: bool = False
    copy: int = 0
    envelope: str = "gb"


def letter_pdf(letter: Letter) -> bytes:
    """The letter as a PDF file; :class:`AddressDoesNotFit` when the window cannot show its address."""
    return letters_pdf([letter])


def letters_pdf(letters: Sequence[Letter]) -> bytes:
    """Many letters as one file for a duplex printer: each begins on an odd page.

    Raises :class:`AddressDoesNotFit` before anything is drawn, and ValueError when there are none.
    """
    if not letters:
        raise ValueError("there is no letter to print")
    for letter in letters:
        _address(letter)
    with drawing():
        sheet = Sheet(*A4, _imprint(letters))
        for letter in letters:
            if sheet.pages % 2:
                sheet.next_page()
            _draw(sheet, letter)
        return sheet.bytes()


def problem(letter: Letter) -> Text | None:
    """Why this letter cannot be printed, for a clerk; None when it can."""
    try:
        _address(letter)
    except AddressDoesNotFit as error:
        return error.reason
    return None


def mend_by_pen(letter: Letter) -> tuple[str, ...]:
    """Characters that the font lacks and that stand on the paper as their code."""
    return unprintable("".join((letter.name, letter.address, letter.subject, letter.text)))


def _address(letter: Letter) -> AddressBlock:
    box = ENVELOPES[letter.envelope].address
    return address_block(letter.name, letter.address, box.width, box.height)


def _imprint(letters: Sequence[Letter]) -> Imprint:
    first = letters[0]
    title = one_line(first.subject) if len(letters) == 1 else f"{len(letters)} 封信 · {len(letters)} letters"
    return Imprint(title[:200], one_line(say(first.letterhead.name, first.language)), first.language)


def _draw(sheet: Sheet, letter: Letter) -> None:
    envelope, type_ = ENVELOPES[letter.envelope], type_for(letter.language, large=letter.large)
    frame = Frame(sheet, envelope, letter.letterhead, type_, letter.language)
    facts = Facts(
        one_line(letter.reference),
        one_line(letter.code),
        day(letter.date, letter.language),
        letter.tracking_url,
    )
    width = RIGHT - LEFT
    latin = is_latin(letter.language)
    heading = Column(width, type_.subject, type_.subject * 1.35, latin)
    headline = one_line(letter.subject).removesuffix(f"[{facts.reference}]").strip()
    subject = list(paragraphs(headline, heading))
    subject_top = max(envelope.body_top, frame.facts_end(facts) + 5)
    text_top = subject_top + sum(len(p.lines) for p in subject) * heading.line_height + type_.body * 0.3
    column = Column(width, type_.body, type_.leading, latin)
    written = pages(
        list(paragraphs(printable(letter.text), column)),
        column,
        frame.bottom - text_top,
        frame.bottom - frame.later_top,
    )
    for number, page in enumerate(written, 1):
        if number == 1:
            frame.first_head(facts, _address(letter))
            _draw_lines(sheet, pages(subject, heading, 297, 297)[0], subject_top, heading, bold=True)
        else:
            frame.later_head(facts.reference)
        frame.copy_mark(letter.copy)
        _draw_lines(sheet, page, text_top if number == 1 else frame.later_top, column)
        frame.foot(number, len(written))
        sheet.next_page()


def _draw_lines(
    sheet: Sheet, page: Sequence[Placed], top: float, column: Column, *, bold: bool = False
) -> None:
    for placed in page:
        baseline = top + placed.top + (column.line_height + 0.76 * column.size / MM) / 2
        sheet.line(placed.line, LEFT + placed.indent, baseline, column.size, bold=bold)
