"""What a visitor takes home: reference, code, a way to the case's page, what happens by when.

You are here: a visit that is on disk → **slip** → screen, print or PDF. The visitor's language comes first,
the other one beneath it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

import segno
from babel.dates import format_date
from markupsafe import Markup

from channels import visit
from channels.paper import slip as paper
from channels.paper.words import (
    ANSWERED,
    BY,
    BY_THE_DEADLINE,
    CALL,
    CODE,
    KEEP,
    LOOKED_INTO,
    NEXT,
    NEXT_DAYS,
    REFERENCE,
    REGISTERED,
    SLIP,
    SLIP_SCAN,
    TODAY,
    Letterhead,
)
from channels.visit import MOST_REPRESENTATIVES
from channels.wording.languages import say
from channels.wording.telephone import dialled
from intake.contracts import Reading, Text
from web.services import Services

PATIENCE = 1.0
"""Seconds to wait for the worker, so that the slip names the day; it is right without, too."""
_LOOK_EVERY = 0.05
_LOCALES = {"en": "en_GB", "zh-Hans": "zh_Hans_CN", "zh-Hant": "zh_Hant_HK"}

WORDS = {
    "reference": REFERENCE,
    "code": CODE,
    "title": SLIP,
    "keep": KEEP,
    "scan": SLIP_SCAN,
    "next": NEXT,
    "call": CALL,
}
"""The screen says what the paper says: ``channels.paper.words`` is the one source of both."""


@dataclass(frozen=True, slots=True)
class VisitSlip:
    """One slip. ``due`` is the day of the answer, None while the case is not registered yet."""

    reference: str
    code: str
    due: datetime | None
    received_at: datetime
    reading: Reading

    @property
    def language(self) -> str:
        """The visitor's, which comes first."""
        return self.reading.language

    @property
    def many(self) -> bool:
        """Whether more came than may represent a matter (see MOST_REPRESENTATIVES)."""
        return int(self.reading.details.get("present", 0)) > MOST_REPRESENTATIVES


class Slips:
    """Makes slips of visits that are on disk."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._patience = PATIENCE

    def slip(self, reference: str, code: str, raw: bytes, received_at: datetime) -> VisitSlip:
        """The slip of a visit's raw form."""
        return VisitSlip(reference, code, self._due(reference, code), received_at, visit.read(raw, {}))

    def tracking_url(self, slip: VisitSlip) -> str:
        """Where the case is followed; the code is not in it."""
        return f"{self._services.public_url}/track?reference={quote(slip.reference)}"

    def shown(self, slip: VisitSlip) -> dict[str, Any]:
        """What the template of a slip needs."""
        zone = self._services.county.zone
        second = "zh-Hans" if slip.language == "en" else "en"

        def both(text: Text) -> tuple[str, str]:
            return say(text, slip.language), say(text, second)

        def dated(text: Text, day: date) -> tuple[str, str]:
            return _filled(text, day, slip.language), _filled(text, day, second)

        due = slip.due.astimezone(zone).date() if slip.due else None
        by = dated(BY, due) if due else both(BY_THE_DEADLINE)
        return {
            "slip": slip,
            "second": second,
            "words": {key: both(text) for key, text in WORDS.items()},
            "office": both(self._services.county.name),
            "day": dated(Text("{day}", "{day}"), slip.received_at.astimezone(zone).date()),
            "steps": [
                (both(TODAY), both(REGISTERED)),
                (both(NEXT_DAYS), both(LOOKED_INTO)),
                (by, both(ANSWERED)),
            ],
            "phone": dialled(self._services.county.phone),
            "url": self.tracking_url(slip),
            "qr": qr(self.tracking_url(slip)),
        }

    def pdf(self, slip: VisitSlip, size: str) -> bytes:
        """The slip for a printer; ``size`` is one of ``channels.paper.slip.PAPERS``."""
        county = self._services.county
        zone, reading = county.zone, slip.reading
        by = BY_THE_DEADLINE
        if slip.due:
            due = slip.due.astimezone(zone).date()
            by = Text(_filled(BY, due, "zh-Hans"), _filled(BY, due, "en"))
        return paper.slip_pdf(
            paper.Slip(
                letterhead=Letterhead(county.name, county.postal, county.phone, county.complaint_address),
                reference=slip.reference,
                code=slip.code,
                tracking_url=self.tracking_url(slip),
                date=slip.received_at.astimezone(zone).date(),
                steps=(
                    paper.Step(TODAY, REGISTERED),
                    paper.Step(NEXT_DAYS, LOOKED_INTO),
                    paper.Step(by, ANSWERED),
                ),
                name=reading.sender_name,
                anonymous=reading.anonymous,
                confidential=reading.confidential,
                language=slip.language,
                large=reading.large_print,
                paper=size,
            )
        )

    def _due(self, reference: str, code: str) -> datetime | None:
        until = time.monotonic() + self._patience
        while True:
            tracked = self._services.tracking.by_code(reference, code)
            if tracked is not None and tracked.case is not None:
                due: datetime = tracked.case.answer_due_at
                return due
            if time.monotonic() >= until:
                return None
            time.sleep(_LOOK_EVERY)


def qr(url: str) -> Markup:
    """The code as a drawing in the page, dark on light in any colour scheme."""
    drawn = segno.make(url, error="m").svg_inline(
        omitsize=True, svgclass="qr", lineclass=None, dark="#000", light="#fff", border=4
    )
    return Markup(drawn)  # drawn from a reference of ours, never from what people wrote


def _filled(text: Text, day: date, language: str) -> str:
    pattern = "d MMMM y" if language == "en" else "y年M月d日"
    return say(text, language).replace("{day}", format_date(day, pattern, locale=_LOCALES[language]))
