"""Where scanned letters lie, who reads them (the engine where it is installed), what their text suggests."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from channels.letter import ocr
from channels.letter.accusing import Accused, accusations
from channels.letter.folder import LetterFolder
from channels.letter.ocr.fields import suggest
from channels.letter.plain import PlainReader
from channels.letter.prefill import text_of
from channels.letter.shelves import forget
from intake.contracts import Json, Matter, Router
from intake.letters import LetterIntake, LetterReader

if TYPE_CHECKING:
    from config.wiring import System

log = logging.getLogger(__name__)

_LOOKED_AT = 20_000
"""Characters of a letter in which a bureau is looked for."""


class PageReader(LetterReader, Protocol):
    """A reader that may keep a process, and in ``folder`` what is at work."""

    folder: Path | None

    def close(self) -> None:
        """Let go of it."""
        ...


def page_reader(router: Router, scratch: Path) -> PageReader:
    """The engine in its sandbox, working in ``scratch``; or what shows pictures as they are."""
    if not ocr.installed():
        log.info("letters: no engine is installed (extra “scan”): letters are typed in")
        return PlainReader()
    from channels.letter.reader import SandboxReader

    return SandboxReader(partial(suggestions, router=router), scratch=scratch)


def letter_folder(system: System) -> LetterFolder:
    """What takes letters out of the scanner's folder, ``letters/`` of the data folder."""
    zone = system.county.office.zone
    letters = LetterIntake(system.store, system.blobs, zone)
    return LetterFolder(system.settings.data_dir / "letters", letters, system.clock, zone)


def forget_taken(system: System, before: datetime) -> None:
    """Let go of the scans that the folder keeps of letters taken before that moment."""
    day = before.astimezone(system.county.office.zone).date()
    forget(system.settings.data_dir / "letters", day)


def suggestions(pages: Sequence[Sequence[Json]], *, router: Router) -> Json:
    """What the lines tell of the sender, and whom the letter is about."""
    found = _of_the_sender(pages)
    return found | _about(pages, router)


def _of_the_sender(pages: Sequence[Sequence[Json]]) -> dict[str, Any]:
    """Each value with the page and the line in which it stands."""
    places = [(number, index) for number, lines in enumerate(pages, 1) for index in range(len(lines))]
    told = suggest([str(line["text"]) for lines in pages for line in lines])
    named = {
        "sender": told.sender,
        "address": told.address,
        "phone": next(iter(told.phones), None),
        "email": told.email,
        "date": told.written_on,
    }
    return {
        name: {"value": found.value, "page": places[found.line][0], "line": places[found.line][1]}
        for name, found in named.items()
        if found is not None and 0 <= found.line < len(places)
    }


def _about(pages: Sequence[Sequence[Json]], router: Router) -> dict[str, Any]:
    """The bureau that the letter accuses in so many words, and the line that names it; nothing otherwise."""
    text = text_of(pages)[:_LOOKED_AT]
    for accused in accusations(text):
        bureaus = _told(router, accused.asked)
        if bureaus:
            place = _place(pages, text, accused.start + _named_within(accused, bureaus[0], router))
            return {"bureau": {"value": bureaus[0], "page": place[0], "line": place[1]}}
    return {}


def _told(router: Router, words: str) -> tuple[str, ...]:
    return router.route(Matter("letter", "", words)).subject_bureaus


def _named_within(accused: Accused, bureau: str, router: Router) -> int:
    """The last sign of the shortest beginning that names the bureau."""
    for end in range(2, len(accused.said) + 1):
        if bureau in _told(router, accused.spoken(accused.said[:end])):
            return end - 1
    return 0


def _place(pages: Sequence[Sequence[Json]], text: str, at: int) -> tuple[int, int]:
    """Page (from 1) and line (from 0) that sign ``at`` of :func:`text_of` came from."""
    place, end = (0, 0), 0
    for number, lines in enumerate(pages, 1):
        for index, line in enumerate(lines):
            words = str(line["text"]).strip()
            start = text.find(words, end) if words else -1
            if start > at:
                return place
            if start >= 0:
                place, end = (number, index), start + len(words)
    return place
