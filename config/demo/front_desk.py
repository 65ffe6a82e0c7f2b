"""What comes to the front desk in the demo: a scan in the letters' folder, and a visit of two people."""

from __future__ import annotations

import tomllib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from channels import visit
from channels.paper.breaking import wrapped
from channels.paper.flow import em
from channels.paper.sheet import Imprint, Sheet
from config.demo.samples import FILE
from config.wiring import System

A4 = (210.0, 297.0)
_MARGIN, _SIZE, _LEADING = 25.0, 14.0, 9.0  # millimetres, points, millimetres


@dataclass(frozen=True, slots=True)
class Came:
    """The scan that was dropped, and the reference that the visitors took home."""

    scan: Path
    visit: str


def come(system: System, lang: str) -> Came:
    """Drop the letter and enter the visit. Raises OSError, StorageUnavailable."""
    written = tomllib.loads(FILE.read_text("utf-8"))
    place = written["places" if lang == "zh" else "places_en"][0]
    now = system.clock()
    today = now.astimezone(system.county.office.zone).date()
    scan = _drop(system.settings.data_dir / "letters", printed(written["letter"][lang]["text"], place, today))
    return Came(scan, _enter(system, written["visit"][lang], place, now))


def printed(text: str, place: str, day: date) -> bytes:
    """The letter as a PDF of one page."""
    sheet = Sheet(*A4, Imprint("", "", "zh"))
    down = _MARGIN + _LEADING
    for paragraph in text.format(place=place, date=day.isoformat()).strip().split("\n"):
        for line in wrapped(paragraph, em(A4[0] - 2 * _MARGIN, _SIZE)) or [""]:
            sheet.text(line, _MARGIN, down, _SIZE)
            down += _LEADING
    sheet.next_page()
    return sheet.bytes()


def _drop(folder: Path, content: bytes) -> Path:
    """As a good scanner does: under a passing name first, so that nobody takes half of it."""
    folder.mkdir(parents=True, exist_ok=True)
    scan = folder / f"scan-{uuid.uuid4().hex[:8]}.pdf"
    passing = scan.with_suffix(".pdf.part")
    passing.write_bytes(content)
    passing.rename(scan)
    return scan


def _enter(system: System, values: Mapping[str, Any], place: str, now: datetime) -> str:
    """The visit, as the desk's page hands it in."""
    people = tuple(
        visit.Visitor(**{field: text.format(place=place) for field, text in person.items()})
        for person in values["visitors"]
    )
    form = visit.VisitForm(
        text=values["text"].format(place=place),
        visitors=people,
        present=len(people),
        place=place,
        language=values["language"],
        needs=tuple(values["needs"]),
    )
    return system.inbox.accept(visit.submission(form, uuid.uuid4().hex, now)).reference or ""
