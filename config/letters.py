"""Who reads scanned letters here: the engine where it is installed; and what their text suggests."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from typing import Any, Protocol

from channels.letter import ocr
from channels.letter.plain import PlainReader
from channels.letter.prefill import text_of
from intake.contracts import Directory, Json, Matter, Router
from intake.letters import LetterReader

log = logging.getLogger(__name__)

_LOOKED_AT = 20_000
"""Characters of a letter in which a bureau is looked for."""


class PageReader(LetterReader, Protocol):
    """A reader that may keep a process."""

    def close(self) -> None:
        """Let go of it."""
        ...


def page_reader(router: Router, directory: Directory) -> PageReader:
    """The engine in its sandbox, or what shows pictures as they are."""
    if not ocr.installed():
        log.info("letters: no engine is installed (extra “scan”): letters are typed in")
        return PlainReader()
    from channels.letter.reader import SandboxReader

    return SandboxReader(partial(suggestions, router=router, directory=directory))


def suggestions(pages: Sequence[Sequence[Json]], *, router: Router, directory: Directory) -> Json:
    """What the lines tell of the sender, and whom the letter is about."""
    text = text_of(pages)[:_LOOKED_AT]
    about = router.route(Matter("letter", "", text)).subject_bureaus
    return _about(about[0], pages, directory) if about else {}


def _about(bureau: str, pages: Sequence[Sequence[Json]], directory: Directory) -> dict[str, Any]:
    """The bureau, and the first line that has its name."""
    name, found = directory.name(bureau), {"value": bureau, "page": 0, "line": 0}
    for number, lines in enumerate(pages, 1):
        for index, line in enumerate(lines):
            if name.zh in line["text"] or name.en.lower() in line["text"].lower():
                return {"bureau": found | {"page": number, "line": index}}
    return {"bureau": found}
