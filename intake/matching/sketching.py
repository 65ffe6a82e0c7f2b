"""Sketches of texts: how alike two are is told from 64 numbers, and found by an index.

MinHash with one permutation (P. Li, A. Owen, C.-H. Zhang: One Permutation Hashing, 2012): every run of
a few characters is hashed once, the hashes fall into 64 bins, and each bin keeps its least. Empty bins of
a short text borrow from the next full one, by rotation (A. Shrivastava, P. Li, 2014). The share of bins in
which two sketches agree estimates the Jaccard likeness of the texts. Sixteen bands of four bins are the
index (LSH): texts alike by 0.8 meet in one of them with probability 0.9998, by 0.6 with 0.89, by 0.3 with
0.12. Hashes are CRC-32 (ISO 3309) mixed by Knuth's multiplier, the same on every machine and in every year.
"""

from __future__ import annotations

import hashlib
import re
import struct
from zlib import crc32

from intake.matching.texts import bare

BINS, BANDS = 64, 16
_ROWS = BINS // BANDS
_MIX, _MASK = 2654435769, 0xFFFFFFFF
_SHIFT, _REST = 26, (1 << 26) - 1  # six bits choose the bin
_BORROWED = 0x9E3779B1
_HAN = re.compile(r"[\u3400-\u9fff]")
_LEAST = 12  # bare characters; what is shorter is compared with nothing

Sketch = tuple[int, ...]


def sketch_of(text: str) -> Sketch | None:
    """64 numbers of 32 bits; None for a text too short to be told from others."""
    bared = bare(text)
    if len(bared) < _LEAST:
        return None
    run = 3 if len(_HAN.findall(bared)) * 3 > len(bared) else 6  # characters; Latin words say less with each
    wide = bared.encode("utf-32-le", "replace")  # four bytes a character
    pieces = {wide[i : i + 4 * run] for i in range(0, len(wide) - 4 * run + 1, 4)}
    mixed = sorted([crc32(piece) * _MIX & _MASK for piece in pieces], reverse=True)
    return _filled({value >> _SHIFT: value & _REST for value in mixed})  # of a bin the last, least one stays


def _filled(least: dict[int, int]) -> Sketch:
    """Empty bins take the next full one's number, marked by how far it came."""
    filled = list[int]()
    for n in range(BINS):
        far = next(k for k in range(BINS) if (n + k) % BINS in least)
        filled.append((least[(n + far) % BINS] + far * _BORROWED) & _MASK)
    return tuple(filled)


def alike(one: Sketch, other: Sketch) -> int:
    """How alike two texts are, in per cent."""
    same = sum(a == b for a, b in zip(one, other, strict=True))
    return round(100 * same / BINS)


def bands_of(sketch: Sketch) -> list[int]:
    """Where texts like this one meet: 16 keys of 63 bits."""
    return [key_of("text", n, *sketch[n * _ROWS : (n + 1) * _ROWS]) for n in range(BANDS)]


def key_of(*parts: object) -> int:
    """A key of the index ``likeness``: 63 bits."""
    named = "\x1f".join(map(str, parts)).encode("utf-8", "replace")
    return int.from_bytes(hashlib.blake2b(named, digest_size=8).digest(), "big") >> 1


def packed(sketch: Sketch) -> bytes:
    """As it is stored: 256 bytes."""
    return struct.pack(f">{BINS}I", *sketch)


def unpacked(stored: bytes) -> Sketch:
    """A stored sketch."""
    return struct.unpack(f">{BINS}I", stored)
