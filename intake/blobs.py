"""Files by their content: written and synced before any row names them.

A file's name is the SHA-256 of its bytes, so the same file is kept once and a torn write can never
carry a good name. A file without a row (a crash in between) does no harm and is found by ``verify``.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from intake.disk import sync
from intake.ids import new_id


class BlobStore:
    """A folder of content-addressed files. Safe for many processes at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes) -> str:
        """Store ``content`` durably; returns its SHA-256 (64 hex digits). Raises OSError."""
        return self.put_all([content])[0]

    def put_all(self, contents: Sequence[bytes]) -> list[str]:
        """Store each durably; returns their SHA-256 in the same order. Raises OSError.

        All are written before the first is synced, and a folder is synced once for all files in it:
        the disk then works off many files in little more than the time of one.
        """
        names = [hashlib.sha256(content).hexdigest() for content in contents]
        new = {n: c for n, c in zip(names, contents, strict=True) if not self._renew(n)}
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
        for shelf in sorted({self._path(name).parent for name in new}):
            sync(shelf)
        if new:
            sync(self._folder)
        return names

    def _renew(self, name: str) -> bool:
        """Whether the file is there; from now on it counts as young, so that :meth:`discard` spares it."""
        try:
            os.utime(self._path(name))
        except FileNotFoundError:
            return False
        return True

    def discard(self, name: str, younger: timedelta) -> bool:
        """Remove the file, unless it is younger than that; returns whether it is gone.

        It is taken aside first and looked at again there: whoever put it meanwhile either made it young,
        and it comes back, or found nothing, and wrote it anew.
        """
        path = self._path(name)
        aside = path.with_name(f".{name[:16]}.{new_id()}")
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

    def path(self, name: str) -> Path:
        """Where the file lies, for sending it out without reading it into memory."""
        return self._path(name)

    def names(self) -> Iterator[str]:
        """Every stored file's name."""
        for shelf in self._folder.glob("[0-9a-f][0-9a-f]"):
            for file in shelf.iterdir():
                if not file.name.startswith("."):
                    yield file.name

    def _path(self, name: str) -> Path:
        if len(name) != 64 or not all(c in "0123456789abcdef" for c in name):
            raise FileNotFoundError(name)
        return self._folder / name[:2] / name


def _age(path: Path) -> timedelta:
    return timedelta(seconds=time.time() - path.stat().st_mtime)
