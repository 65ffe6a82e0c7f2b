"""Which files can be a scan: told by how they begin, and whether they are there to their end.

You are here: scanner folder or upload → [scans] → ``intake.letters.take_in``.
"""

from __future__ import annotations

from dataclasses import dataclass

from intake.files import kinds

HEAD = 1024
"""Bytes from the beginning that tell the kind."""
TAIL = 2048
"""Bytes from the end that tell whether it is complete."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of scan. ``end`` stands among the last bytes of a complete one; b"" where nothing does."""

    media_type: str
    extension: str
    end: bytes = b""

    def ends(self, tail: bytes) -> bool:
        """Whether the writer had come to an end when ``tail`` was last."""
        return bool(tail) and self.end in tail


KINDS = {
    "application/pdf": Kind("application/pdf", "pdf", b"%%EOF"),
    "image/jpeg": Kind("image/jpeg", "jpg", b"\xff\xd9"),
    "image/png": Kind("image/png", "png", b"IEND"),
    "image/tiff": Kind("image/tiff", "tif"),
    "image/heic": Kind("image/heic", "heic"),
}

ACCEPT = ".pdf,.tif,.tiff,.jpg,.jpeg,.png,.heic,.heif,application/pdf,image/*"
"""What a browser's file dialog offers."""


def kind_of(head: bytes) -> Kind | None:
    """The kind of a file that begins with ``head``; None for what no scanner makes."""
    return KINDS.get(kinds.kind_of(head[:HEAD]))
