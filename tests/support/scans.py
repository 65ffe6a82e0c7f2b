"""Scans for tests, made of nothing but the standard library; and a reader that knows what stands on them."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from intake.contracts import Json, Text
from intake.letters import PageRead, PageUnreadable, ReaderAway, Scan


def png(number: int = 1, width: int = 40, height: int = 60) -> bytes:
    """A grey picture; each ``number`` has its own bytes."""
    rows = b"".join(b"\0" + bytes([200 + number % 50]) * width for _ in range(height))
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)),
        (b"tEXt", b"Comment\0scan %d" % number),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    ]
    made = b"\x89PNG\r\n\x1a\n"
    for kind, content in parts:
        made += struct.pack(">I", len(content)) + kind + content
        made += struct.pack(">I", zlib.crc32(kind + content))
    return made


def scan(number: int = 1, name: str = "") -> Scan:
    """One page as a file of its own."""
    return Scan(name or f"page{number}.png", "image/png", png(number))


def line(text: str, y: float, doubtful: Sequence[tuple[int, int]] = ()) -> dict[str, Any]:
    """A line of print at height ``y``."""
    return {
        "text": text,
        "box": {"x": 0.1, "y": y, "w": 0.8, "h": 0.03},
        "confidence": 0.98,
        "doubtful": [{"start": start, "end": end} for start, end in doubtful],
    }


class KnowingReader:
    """Reads scans whose words it was told: picture → lines. ``away`` and ``broken`` fail as real ones do."""

    def __init__(self, words: Mapping[bytes, Sequence[Json]] | None = None, pages: int = 1) -> None:
        self.words = dict(words or {})
        self.pages = pages
        self.away = False
        self.broken: set[int] = set()
        self.crashes: set[int] = set()
        self.read_pages: list[int] = []

    def count(self, scan: Path, media_type: str) -> int:
        if self.away:
            raise ReaderAway("no process could be started")
        return self.pages

    def read(self, scan: Path, media_type: str, number: int) -> PageRead:
        if self.away:
            raise ReaderAway("no process could be started")
        self.read_pages.append(number)
        if number in self.crashes:
            raise RuntimeError("a surprise")
        if number in self.broken:
            raise PageUnreadable(Text("图片已损坏。", "The picture is damaged."))
        content = scan.read_bytes()
        return PageRead(content, 40, 60, lines=tuple(self.words.get(content, ())))

    def fields(self, pages: Sequence[Sequence[Json]]) -> Json:
        for number, lines in enumerate(pages, 1):
            for index, each in enumerate(lines):
                if each["text"].startswith("投诉人："):
                    return {"sender": {"value": each["text"][4:], "page": number, "line": index}}
        return {}
