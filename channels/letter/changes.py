"""Whether what was put away is still what was looked at.

You are here: the folder's watcher → [changes] → shelves. A scanner may replace a file in the very moment
in which its letter is made, or write on into one that rested for a while. Moved scans are therefore looked
at again; what changed is new, and goes back to be taken in.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from channels.letter.waiting import is_foreign

Shape = frozenset[tuple[str, int, int]]
"""Name within a folder ("" for a file), size and time of change of each file. No inode: not every share
keeps it when a file is moved.
"""
MAX_FOLLOWED = 1_000


def shape_of(path: Path, most: int) -> Shape:
    """How a file looks, or at most that many files of a folder. Raises OSError."""
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode):
        return frozenset({_look("", found)})
    with os.scandir(path) as entries:
        ours = (entry for entry in islice(entries, most) if not is_foreign(entry.name))
        return frozenset(_look(entry.name, entry.stat(follow_symlinks=False)) for entry in ours)


def _look(name: str, found: os.stat_result) -> tuple[str, int, int]:
    return name, found.st_size, found.st_mtime_ns


@dataclass(frozen=True, slots=True)
class _Moved:
    name: str
    shape: Shape
    until: float


class Followed:
    """What was moved a while ago; all times are seconds of a clock that never jumps."""

    def __init__(self, seconds: float, most: int) -> None:
        """``most`` files of a folder are looked at."""
        self._seconds = seconds
        self._most = most
        self._moved: dict[Path, _Moved] = {}

    def follow(self, path: Path, name: str, shape: Shape, now: float) -> None:
        """From now on ``path``, which lay in the scanner's folder as ``name`` and looked like that."""
        if len(self._moved) < MAX_FOLLOWED:
            self._moved[path] = _Moved(name, shape, now + self._seconds)

    def changed(self, now: float) -> list[tuple[Path, str]]:
        """What is no longer what was looked at, with its name; it is followed no further."""
        found = []
        for path, moved in list(self._moved.items()):
            try:
                new = shape_of(path, self._most) - moved.shape  # what somebody removed is no news
            except OSError:  # somebody took it away
                del self._moved[path]
                continue
            if new:
                found.append((path, moved.name))
            if new or now >= moved.until:
                del self._moved[path]
        return found
