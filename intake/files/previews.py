"""A preview is an album: pictures 1, 2, 3 … in one stored file, made by us alone.

You are here: pictures | papers → [previews] → storage → the page that shows picture n. The file is a ZIP
without compression and without times, so that the same pictures make the same file.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

MEDIA_TYPE = "image/jpeg"
_NO_TIME = (1980, 1, 1, 0, 0, 0)


class Album:
    """Writes pictures one after another."""

    def __init__(self, path: Path) -> None:
        self._file = zipfile.ZipFile(path, "w", zipfile.ZIP_STORED)
        self._pictures = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, jpeg: bytes) -> None:
        """The next picture."""
        self._pictures += 1
        self._file.writestr(zipfile.ZipInfo(str(self._pictures), _NO_TIME), jpeg)


def picture(album: BinaryIO, number: int) -> bytes | None:
    """Picture ``number`` (from 1) as JPEG, None when there is none."""
    with zipfile.ZipFile(album) as pictures:
        try:
            return pictures.read(str(number))
        except KeyError:
            return None
