"""Rows of the print queue as letters on paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from channels.paper.envelopes import ENVELOPES
from channels.paper.frozen import thawed
from channels.paper.letter import Letter, letters_pdf, problem
from intake.contracts import Text
from intake.print_queue import File
from web.staff.labels import N_

ENVELOPE_NAMES: Mapping[str, str] = {
    "gb": N_("Chinese window envelope DL (GB/T 22585)"),
    "din": N_("C6/5 window envelope (DIN 680)"),
}
"""What the envelopes of ``channels.paper`` are called; a test holds one against the other."""
USUAL_ENVELOPE = "gb"


def envelope_of(asked: str) -> str:
    """A known envelope; the usual one for anything else."""
    return asked if asked in ENVELOPES else USUAL_ENVELOPE


def letter_of(row: Any, envelope: str, copy: int = 0) -> Letter:
    """The letter of a row with ``name``, ``address`` and ``pages``."""
    return thawed(row.pages, row.name, row.address, envelope=envelope, copy=copy)


def trouble(row: Any, envelope: str) -> Text | None:
    """Why the window cannot show this letter's address; None when it can."""
    return problem(letter_of(row, envelope))


def printable_ids(rows: Sequence[Any], envelope: str) -> list[str]:
    """The letters whose address fits."""
    return [row.outbox_id for row in rows if trouble(row, envelope) is None]


def pdf_of(file: File) -> bytes:
    """One file for the printer; ``AddressDoesNotFit`` when an address has become unprintable."""
    return letters_pdf([letter_of(sheet, file.envelope, sheet.copy) for sheet in file.sheets])
