"""Rows of the print queue as letters on paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from channels.paper.content import letter_from
from channels.paper.envelopes import ENVELOPES
from channels.paper.letter import letters_pdf, problem
from channels.paper.words import Letterhead
from intake.contracts import Text
from intake.print_queue import File
from web.printing.envelopes import in_order
from web.services import County
from web.staff.labels import N_

ENVELOPE_NAMES: Mapping[str, str] = {
    "gb": N_("Chinese window envelope DL (GB/T 22585)"),
    "din": N_("C6/5 window envelope (DIN 680)"),
}
"""What the envelopes of ``channels.paper`` are called; a test holds one against the other."""


class Paper:
    """Draws the county's letters."""

    def __init__(self, county: County) -> None:
        self._usual = county.envelope
        self._head = Letterhead(
            county.name, county.postal, county.phone, county.complaint_address, county.return_address
        )

    def envelope(self, asked: str) -> str:
        """A known envelope; the county's usual one for anything else."""
        return asked if asked in ENVELOPES else self._usual

    def trouble(self, row: Any, envelope: str) -> Text | None:
        """Why the window cannot show the address of a row with ``name``, ``address`` and ``pages``."""
        return problem(letter_from(row.pages, row.name, row.address, self._head, envelope=envelope))

    def troubles(self, rows: Sequence[Any], envelope: str) -> dict[str, Text]:
        """Those that do not fit, by id."""
        return {row.outbox_id: found for row in rows if (found := self.trouble(row, envelope))}

    def pdf(self, file: File) -> bytes:
        """One file for the printer, envelope by envelope; raises ``AddressDoesNotFit``."""
        return letters_pdf(
            [
                letter_from(
                    sheet.pages,
                    sheet.name,
                    sheet.address,
                    self._head,
                    envelope=file.envelope,
                    copy=sheet.copy,
                )
                for sheet in in_order(file.sheets)
            ]
        )
