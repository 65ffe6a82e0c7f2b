"""Which files an erasing is about to let go of, on disk before its rows are gone.

You are here: keeper → [journal] → files. A row is the only one that knows a file: killed between the rows
and the files, the next run would not know what to remove. An entry is a list of SHA-256, nothing else.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from intake.disk import sync
from intake.files.storage import is_name
from intake.ids import new_id


@dataclass(frozen=True, slots=True)
class Entry:
    """One list that is being worked on; its lock says that this process lives."""

    path: Path
    handle: int
    names: frozenset[str]

    def strike(self) -> None:
        """Its files are let go of."""
        self.path.unlink(missing_ok=True)

    def release(self) -> None:
        """Nobody works on it any more: struck, or for the next run."""
        os.close(self.handle)


class Journal:
    """The lists of one machine, in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def note(self, names: Collection[str]) -> Entry | None:
        """Put ``names`` on disk; None when there are none. Raises OSError."""
        if not names:
            return None
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / f"{new_id()}.txt"
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(handle, fcntl.LOCK_EX)
        os.write(handle, "\n".join(sorted(names)).encode("ascii"))
        os.fsync(handle)
        sync(self._folder)
        return Entry(path, handle, frozenset(names))

    def left(self) -> Iterator[Entry]:
        """Lists of processes that were killed, one after the other; strike and release each."""
        if not self._folder.is_dir():
            return
        for path in sorted(self._folder.glob("*.txt")):
            try:
                handle = os.open(path, os.O_RDWR)
            except FileNotFoundError:  # struck by another process
                continue
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:  # its process lives and goes on
                os.close(handle)
                continue
            names = path.read_text("ascii").split() if path.exists() else []
            yield Entry(path, handle, frozenset(filter(is_name, names)))
