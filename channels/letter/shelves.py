"""Where scans go when they were dealt with: ``taken/<day>/``, or ``set-aside/`` with a note beside each.

You are here: the folder's watcher → [shelves]. Nothing is ever written over, and nothing is deleted
but the taken ones that the county's rule of keeping lets go (``forget``).
"""

from __future__ import annotations

import logging
import os
import shutil
from datetime import date
from pathlib import Path

from intake.contracts import Text

log = logging.getLogger(__name__)

TAKEN, SET_ASIDE = "taken", "set-aside"
_LONGEST = 255  # bytes of a name, on every file system that people scan to
_TRIES = 10_000


def take_away(folder: Path, name: str, day: str) -> Path:
    """Move what was taken in; returns where it lies now. Raises OSError."""
    return _move(folder / name, folder / TAKEN / day)


def set_aside(folder: Path, name: str, why: Text) -> Path:
    """Move what cannot be taken in, with a note in both languages beside it; returns where it lies now.

    Raises OSError.
    """
    moved = _move(folder / name, folder / SET_ASIDE, noted=True)
    with _note_of(moved).open("xb") as note:
        note.write(f"{why.zh}\n\n{why.en}\n".encode("utf-8", "replace"))
    return moved


def bring_back(folder: Path, moved: Path, name: str) -> None:
    """Put what was moved, and turned out to be something else, back under its name, or one like it.

    Raises OSError.
    """
    back = _free(folder, name)
    moved.rename(back)
    if moved.parent.name == SET_ASIDE:
        _note_of(moved).unlink(missing_ok=True)


def forget(folder: Path, before: date) -> int:
    """Remove the days of ``taken/`` before that one; returns how many. Links are not followed.

    The service's own copy of each scan lies with its letter, and goes when that is old enough.
    """
    try:
        days = [path for path in (folder / TAKEN).iterdir() if _is_before(path.name, before)]
    except FileNotFoundError:
        return 0
    gone = 0
    for path in sorted(days):
        try:
            shutil.rmtree(path)
            gone += 1
        except OSError as error:
            log.warning("letters: %s in taken/ cannot be removed: %s", path.name, error.strerror or error)
    return gone


def _is_before(name: str, before: date) -> bool:
    try:
        return len(name) == len("2026-03-02") and date.fromisoformat(name) < before
    except ValueError:
        return False


def _move(source: Path, shelf: Path, *, noted: bool = False) -> Path:
    shelf.mkdir(parents=True, exist_ok=True)
    target = _free(shelf, source.name, noted=noted)
    source.rename(target)  # one watcher at a time: see the folder's lock
    return target


def _free(shelf: Path, name: str, *, noted: bool = False) -> Path:
    """A path in ``shelf`` under which nothing lies yet, nor, if it is to be noted, under its note's."""
    for number in range(1, _TRIES):
        target = shelf / _fitting(name, "" if number == 1 else f"-{number}")
        if not os.path.lexists(target) and not (noted and os.path.lexists(_note_of(target))):
            return target
    raise FileExistsError(f"too many files of one name in {shelf.name}")


def _note_of(moved: Path) -> Path:
    return moved.with_name(_fitting(moved.name, ".txt"))


def _fitting(name: str, ending: str) -> str:
    """``name`` with ``ending``, short enough for a file system; never cut within a character."""
    room = _LONGEST - len(os.fsencode(ending))
    stem = name
    while len(os.fsencode(stem)) > room:
        stem = stem[:-1]
    return stem + ending
