"""Files by their content: written and synced before any row names them.

A file's name is the SHA-256 of its bytes, so the same file is kept once and a torn write can never
carry a good name. A file without a row (a crash in between) does no harm and is found by ``verify``.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from intake.ids import new_id


class BlobStore:
    """A folder of content-addressed files. Safe for many processes at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes) -> str:
        """Store ``content`` durably; returns its SHA-256 (64 hex digits). Raises OSError."""
        name = hashlib.sha256(content).hexdigest()
        final = self._path(name)
        if final.exists():
            return name
        final.parent.mkdir(parents=True, exist_ok=True)
        draft = final.with_name(f".{name[:16]}.{new_id()}")
        try:
            with draft.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(final)
        finally:
            with suppress(FileNotFoundError):
                draft.unlink()
        _sync_folder(final.parent)
        _sync_folder(self._folder)
        return name

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


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
