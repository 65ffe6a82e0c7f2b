"""What stands around a letter's text: head, window, facts, foot. You are here: letter → **frame** → sheet."""

from __future__ import annotations

from dataclasses import dataclass

from channels.paper.address import AddressBlock
from channels.paper.breaking import filled, lines
from channels.paper.characters import one_line
from channels.paper.envelopes import Envelope
from channels.paper.flow import MM, em
from channels.paper.sheet import ACCENT, INK, QUIET, Sheet, fitted
from channels.paper.words import (
    CODE,
    DATE,
    PHONE,
    REFERENCE,
    SCAN,
    SCAN_SHORT,
    Letterhead,
    is_latin,
    page_number,
    reprint,
)
from channels.wording.languages import say

LEFT, RIGHT = 25.0, 190.0
"""The text's edges (DIN 5008: 25 mm and 20 mm)."""
_QR_SIDE = 24.0
_BAR = 1.4


@dataclass(frozen=True, slots=True)
class Type:
    """Type sizes in points."""

    body: float
    leading: float
    subject: float
    value: float  # reference, code, date
    label: float
    foot: float


@dataclass(frozen=True, slots=True)
class Facts:
    """What a letter is known by, ready to print."""

    reference: str
    code: str
    date: str
    tracking_url: str


LARGE_PRINT = 16.0
"""Points. The least that is called large print (RNIB Clear Print; DIN 1450 speaks of x-height)."""


def type_for(language: str, *, large: bool) -> Type:
    """The sizes of a letter; Chinese characters want more air between lines than Latin ones."""
    if large:
        return Type(18, 26 if is_latin(language) else 30, 20, LARGE_PRINT, LARGE_PRINT, LARGE_PRINT)
    return Type(11, 15.5 if is_latin(language) else 18.5, 13, 10, 8.5, 8)


class Frame:
    """Draws everything but the text. All positions in millimetres."""

    def __init__(
        self, sheet: Sheet, envelope: Envelope, letterhead: Letterhead, type_: Type, language: str
    ) -> None:
        self._sheet, self._envelope, self._type, self._language = sheet, envelope, type_, language
        self._letterhead = letterhead
        self._name = one_line(say(letterhead.name, language))
        self._facts_left = envelope.shown.right + 4
        self._foot = self._foot_lines()
        self._step = type_.foot * 1.4 / MM
        self._large = type_.body >= LARGE_PRINT
        rows = len(self._foot) + (1 if self._large else 0)
        self._foot_top = sheet.height - 10 - rows * self._step
        self.bottom = self._foot_top - 6
        self.later_top = 33.0

    def first_head(self, facts: Facts, address: AddressBlock) -> None:
        """The office's name, the window, the facts beside it, the marks for folding."""
        self._draw_name()
        self._draw_address(address)
        self._draw_facts(facts)
        for y in self._envelope.folds:
            self._sheet.rule(4, y, 8, y, 0.15)
        self._sheet.rule(4, self._envelope.hole, 10, self._envelope.hole, 0.15)

    def later_head(self, reference: str) -> None:
        """Which letter this page belongs to."""
        size = max(self._type.label, 8.5)
        least = LARGE_PRINT if self._large else 6.0
        name_size = fitted(self._name, 105, size, least)
        room = em(105, name_size)
        first = lines(self._name, room, latin=is_latin(self._language))[0]
        self._sheet.line(first, LEFT, 19, name_size, colour=QUIET)
        label = say(REFERENCE, self._language)
        self._sheet.text(f"{label} {reference}", RIGHT, 26.5 if self._large else 19, size, right=True)
        self._sheet.rule(LEFT, 29 if self._large else 22, RIGHT, 29 if self._large else 22)

    def copy_mark(self, copy: int) -> None:
        """A later print says so, where no eye misses it and no window shows it."""
        if copy > 0:
            size = LARGE_PRINT if self._large else 10.5
            wide = self._sheet.text(reprint(copy), RIGHT - 2, 11.2, size, bold=True, right=True)
            high = size * 1.5 / MM
            self._sheet.frame(RIGHT - wide - 4, 11.2 - high * 0.74, wide + 4, high)

    def foot(self, number: int, count: int) -> None:
        """Where the office is, and which page of how many."""
        sheet, size = self._sheet, self._type.foot
        sheet.rule(LEFT, self._foot_top, RIGHT, self._foot_top)
        baseline = self._foot_top + self._step
        for line in self._foot:
            sheet.text(line, LEFT, baseline, size, colour=QUIET)
            baseline += self._step
        at = baseline if self._large else self._foot_top + self._step
        sheet.text(page_number(number, count, self._language), RIGHT, at, size, right=True, colour=QUIET)

    def facts_end(self, facts: Facts) -> float:
        """Where the block of facts ends."""
        end = self._envelope.facts_top + len(self._rows(facts)) * self._step_of_facts
        return end + (_QR_SIDE + 3 if facts.tracking_url else 0)

    @property
    def _step_of_facts(self) -> float:
        return self._type.value * 1.45 / MM

    def _rows(self, facts: Facts) -> list[tuple[str, str, bool]]:
        """Label, value, bold. Large print has room only for what is not in the foot as well."""
        phone = one_line(self._letterhead.telephone)
        reference, code, day, call = (say(label, self._language) for label in (REFERENCE, CODE, DATE, PHONE))
        if self._large:
            rows = [("", facts.date, False), (reference, "", False), ("", facts.reference, True)]
            return [*rows, (code, facts.code, True)] if facts.code else rows
        rows = [(reference, facts.reference, True), (code, facts.code, True)]
        return [row for row in [*rows, (day, facts.date, False), (call, phone, False)] if row[1]]

    def _draw_facts(self, facts: Facts) -> None:
        sheet, left, type_ = self._sheet, self._facts_left, self._type
        baseline = self._envelope.facts_top
        for label, value, bold in self._rows(facts):
            baseline += self._step_of_facts
            wide = sheet.text(label, left, baseline, type_.label, colour=QUIET)
            at = left + (0 if not label else wide + 3 if self._large else 18)
            least = LARGE_PRINT if self._large else 6.0
            size = fitted(value, RIGHT - at, type_.value, least)
            sheet.text(value, at, baseline, size, bold=bold)
        if facts.tracking_url:
            top = baseline + 3.5
            sheet.qr(facts.tracking_url, left, top, _QR_SIDE)
            self._caption(left + _QR_SIDE + 3, top)

    def _caption(self, left: float, top: float) -> None:
        size = self._type.label
        words = say(SCAN_SHORT if self._large else SCAN, self._language)
        step = size * 1.35 / MM
        room = em(RIGHT - left, size)
        for number, line in enumerate(lines(words, room, latin=is_latin(self._language))):
            self._sheet.line(line, left, top + step * (number + 0.75), size, colour=QUIET)

    def _draw_name(self) -> None:
        sheet, top = self._sheet, self._envelope.head
        other = one_line(self._letterhead.name.zh if self._language == "en" else self._letterhead.name.en)
        sizes = (17.0, 9.5) if self._language != "en" else (15.0, 10.0)
        room = RIGHT - LEFT - 4 - 36  # a copy's mark stands at the right
        x = LEFT + _BAR + 3
        sheet.text(self._name, x, top + 6.0, fitted(self._name, room, sizes[0], 5), bold=True, colour=ACCENT)
        sheet.text(other, x, top + 10.6, fitted(other, room, sizes[1], 4), colour=QUIET)
        sheet.rule(LEFT + _BAR / 2, top + 0.6, LEFT + _BAR / 2, top + 11.2, _BAR, ACCENT)

    def _draw_address(self, block: AddressBlock) -> None:
        sheet, place = self._sheet, self._envelope.address
        if self._envelope.return_line is not None:
            sender = one_line(self._letterhead.return_address_in(self._language))
            size = fitted(sender, place.width, 7, 4)
            wide = sheet.text(sender, place.left, self._envelope.return_line, size, colour=QUIET)
            below = self._envelope.return_line + 1
            sheet.rule(place.left, below, place.left + wide, below, 0.1)
        used = len(block.lines) * block.line_height
        top = place.top + (place.height - used) / 2
        for number, line in enumerate(block.lines):
            baseline = top + block.line_height * (number + 0.78)
            sheet.text(line, place.left, baseline, block.size, colour=INK)

    def _foot_lines(self) -> list[str]:
        of = self._letterhead
        parts = [
            self._name,
            one_line(say(of.postal, self._language)),
            one_line(of.telephone),
            one_line(of.mail),
        ]
        width = RIGHT - LEFT - (0 if self._type.body >= LARGE_PRINT else 32)
        return filled([part for part in parts if part], em(width, self._type.foot), "  |  ")
