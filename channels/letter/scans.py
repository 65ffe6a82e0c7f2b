"""Which files can be a scan: told by how they begin, and whether they are there to their end.

You are here: scanner folder or upload → [scans] → ``intake.letters.take_in``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

HEAD = 1024
"""Bytes from the beginning that tell the kind."""
TAIL = 2048
"""Bytes from the end that tell whether it is complete."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of scan. ``ends`` says of the last bytes whether the writer had come to an end."""

    media_type: str
    extension: str
    begins: Callable[[bytes], bool]
    ends: Callable[[bytes], bool] = bool


_HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")

KINDS = (
    Kind("application/pdf", "pdf", lambda head: b"%PDF-" in head, lambda tail: b"%%EOF" in tail),
    Kind("image/jpeg", "jpg", lambda head: head[:3] == b"\xff\xd8\xff", lambda tail: b"\xff\xd9" in tail),
    Kind("image/png", "png", lambda head: head[:8] == b"\x89PNG\r\n\x1a\n", lambda tail: b"IEND" in tail),
    Kind("image/tiff", "tif", lambda head: head.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"))),
    Kind("image/heic", "heic", lambda head: head[4:8] == b"ftyp" and head[8:12] in _HEIC),
)
"""In the order in which they are asked."""

ACCEPT = ".pdf,.tif,.tiff,.jpg,.jpeg,.png,.heic,.heif,application/pdf,image/*"
"""What a browser's file dialog offers."""


def kind_of(head: bytes) -> Kind | None:
    """The kind of a file that begins with ``head``; None for what no scanner makes."""
    return next((kind for kind in KINDS if kind.begins(head[:HEAD])), None)
