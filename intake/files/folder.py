"""The storage of one machine: a folder, each file written and synced before any row names it.

You are here: storage (the contract) → [folder] → disk.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from intake.disk import sync
from intake.files.storage import check, is_name
from intake.ids import new_id

_ASIDE = ".aside"
_ABANDONED = timedelta(minutes=10)
"""A file is written in seconds. Whoever still writes a draft that was removed fails, and says so."""


class FolderStorage:
    """A folder of content-addressed files (:class:`intake.files.storage.Storage`)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes) -> str:
        """Store ``content`` durably; returns its SHA-256 (64 hex digits). Raises OSError."""
        return self.put_all([content])[0]

    def put_all(self, contents: Sequence[bytes]) -> list[str]:
        """Store each durably; returns their SHA-256 in the same order. Raises OSError.

        All are written before the first is synced, and a folder is synced once for all files in it:
        the disk then works off many files in little more than the time of one. A file that lies there is not
        therefore durable: whoever put it may just be about to sync its folder, or have failed to.
        """
        names = [hashlib.sha256(content).hexdigest() for content in contents]
        new = {n: c for n, c in zip(names, contents, strict=True) if not self._renew(n, len(c))}
        drafts: dict[str, Path] = {}
        try:
            for name, content in new.items():
                drafts[name] = self._draft(name, content)
            for name, draft in drafts.items():
                sync(draft)
                draft.replace(self._path(name))
        finally:
            for draft in drafts.values():
                with suppress(FileNotFoundError):
                    draft.unlink()
        for shelf in sorted({self._path(name).parent for name in names}):
            sync(shelf)
        if names:
            sync(self._folder)
        return names

    def _draft(self, name: str, content: bytes) -> Path:
        """The content in a file of a passing name, not yet synced."""
        final = self._path(name)
        final.parent.mkdir(parents=True, exist_ok=True)
        draft = final.with_name(f".{name[:16]}.{new_id()}")
        with draft.open("xb") as file:
            file.write(content)
        return draft

    def get(self, name: str) -> bytes:
        """The content; raises FileNotFoundError for an unknown name."""
        return self._path(name).read_bytes()

    def open(self, name: str) -> BinaryIO:
        """The content to be read in pieces; raises FileNotFoundError."""
        return self._path(name).open("rb")

    def size(self, name: str) -> int:
        """Bytes; raises FileNotFoundError."""
        return self._path(name).stat().st_size

    def modified(self, name: str) -> datetime:
        """When it was stored, UTC; raises FileNotFoundError."""
        return datetime.fromtimestamp(self._path(name).stat().st_mtime, UTC)

    def path(self, name: str) -> Path:
        """Where the file lies on this machine. Nobody but this storage's own tests should care."""
        return self._path(name)

    def names(self) -> Iterator[str]:
        """Every stored file's name."""
        for shelf in self._folder.glob("[0-9a-f][0-9a-f]"):
            for file in shelf.iterdir():
                if is_name(file.name):
                    yield file.name

    def discard(self, name: str, younger: timedelta) -> bool:
        """Remove the file, unless it is younger than that; returns whether it is gone.

        It is taken aside first and looked at again there: whoever put it meanwhile either made it young,
        and it comes back, or found nothing, and wrote it anew.
        """
        path = self._path(name)
        aside = path.with_name(f".{name}.{new_id()}{_ASIDE}")
        try:
            if _age(path) < younger:
                return False
            path.replace(aside)
            if _age(aside) < younger:
                aside.replace(path)
                return False
            aside.unlink()
        except FileNotFoundError:
            return False
        return True

    def sweep(self, now: datetime) -> int:
        """Remove the drafts of processes that were killed while writing; returns how many.

        What one was killed over while it took it aside comes back: whether it may go is asked anew.
        """
        swept = 0
        for shelf in self._folder.glob("[0-9a-f][0-9a-f]"):
            for file in shelf.glob(".*"):
                with suppress(FileNotFoundError):
                    if _changed(file) < now - _ABANDONED:
                        swept += self._clear_up(file)
        return swept

    def _clear_up(self, file: Path) -> bool:
        if not file.name.endswith(_ASIDE):
            file.unlink()
            return True
        name = file.name.split(".")[1]
        if is_name(name) and not self._path(name).exists():
            file.replace(self._path(name))
        else:
            file.unlink()
        return True

    def _renew(self, name: str, size: int) -> bool:
        """Whether the file is there; from now on it counts as young, so that :meth:`discard` spares it.

        One that a damaged disk cut off is not: it is written anew.
        """
        try:
            os.utime(self._path(name))
            return self.size(name) == size
        except FileNotFoundError:
            return False

    def _path(self, name: str) -> Path:
        check(name)
        return self._folder / name[:2] / name


def _age(path: Path) -> timedelta:
    return timedelta(seconds=time.time() - path.stat().st_mtime)


def _changed(path: Path) -> datetime:
    """When it was last written to, or renamed."""
    return datetime.fromtimestamp(path.stat().st_ctime, UTC)
