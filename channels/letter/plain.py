"""A reader that reads nothing: where no engine is installed, the picture is shown and the desk types.

You are here: the letters' worker → [plain] → the picture as it came. Only JPEG and PNG can be shown
untouched; whatever else came is for download.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

from intake.contracts import Json, Text
from intake.letters import PageRead, PageUnreadable

MAX_PIXELS = 100_000_000
_LOOKED_AT = 1024 * 1024
_NO_SIZE = frozenset({0xC4, 0xC8, 0xCC})  # in the range of frame headers, but none (ITU-T T.81, table B.1)

NOT_HERE = Text(
    "这台机器没有安装识别组件，这种文件无法显示，请下载原件后照着录入。",
    "Nothing on this machine can show this kind of file: download the scan and type it in.",
)
BROKEN = Text("图片已损坏，无法显示。", "The picture is damaged and cannot be shown.")


class PlainReader:
    """One page a file, without a word."""

    folder: Path | None = None
    """It keeps nothing at work."""

    def count(self, scan: Path, media_type: str) -> int:
        """Always one."""
        return 1

    def read(self, scan: Path, media_type: str, number: int) -> PageRead:
        """The picture as it came, if a browser can show it."""
        if media_type not in ("image/jpeg", "image/png"):
            raise PageUnreadable(NOT_HERE)
        content = scan.read_bytes()
        size = _png_size(content) if media_type == "image/png" else _jpeg_size(content[:_LOOKED_AT])
        if size is None or not 0 < size[0] * size[1] <= MAX_PIXELS:
            raise PageUnreadable(BROKEN)
        return PageRead(content, *size)

    def fields(self, pages: Sequence[Sequence[Json]]) -> Json:
        """Nothing was read, so nothing is known."""
        return {}

    def close(self) -> None:
        """It holds nothing."""


def _png_size(content: bytes) -> tuple[int, int] | None:
    """Width and height out of IHDR (RFC 2083, 4.1.1)."""
    if content[12:16] != b"IHDR" or len(content) < 24:
        return None
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    """Width and height out of the frame header (ITU-T T.81, B.2.2)."""
    at = 2
    while at + 9 < len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in _NO_SIZE:
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        at += 2 + int(struct.unpack(">H", content[at + 2 : at + 4])[0])
    return None
