"""Where scanned letters lie, who reads them (the engine where it is installed), what their text suggests."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from channels.letter import ocr
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
_LINES = 200
"""Lines in which its name is looked for."""


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
    text = text_of(pages)[:_LOOKED_AT]
    about = router.route(Matter("letter", "", text)).subject_bureaus
    return found | (_about(about[0], pages, router) if about else {})


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


def _about(bureau: str, pages: Sequence[Sequence[Json]], router: Router) -> dict[str, Any]:
    """The bureau, and the first line that names it in any way; page 0 when no line does by itself."""
    looked_at = 0
    for number, lines in enumerate(pages, 1):
        for index, line in enumerate(lines[: _LINES - looked_at]):
            told = router.route(Matter("letter", "", str(line["text"])))
            if bureau in (told.bureau, *told.subject_bureaus):
                return {"bureau": {"value": bureau, "page": number, "line": index}}
        looked_at = min(_LINES, looked_at + len(lines))
    return {"bureau": {"value": bureau, "page": 0, "line": 0}}
