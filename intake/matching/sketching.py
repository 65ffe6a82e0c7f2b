"""Sketches of texts: how alike two are is told from at most 64 numbers, and found by an index.

Every run of a few characters (``levelling``) is hashed once; the sketch is the least 64 of the hashes, and
how many there were (bottom-k: E. Cohen, H. Kaplan: Summarizing Data using Bottom-k Sketches, 2007). Under
the greatest number that both sketches reach, the shared part estimates how much of the texts is the same,
and also how much of the *shorter* one stands in the longer: a text message of a long letter. The least of
the numbers are the index: 24 of a short text, up to all of a long one. Texts of which a seventh of
the characters differ share ten of them; one that is enough to meet is shared nearly always. Hashes are CRC-32
(ISO 3309) mixed by Knuth's multiplier, the same on every machine and in every year.
"""

from __future__ import annotations

import hashlib
import struct
from bisect import bisect_right
from dataclasses import dataclass
from zlib import crc32

from intake.matching.levelling import runs_of
from intake.matching.texts import bare

SIZE = 64
LEAST_LANES, PER_LANE = 24, 8  # a lane for each eight runs of a text
BRIEF = 16
"""Runs below which a text says so little that others may well say the same of something else."""

_MIX, _MASK = 2654435769, 0xFFFFFFFF
_TEXT_LANE = 1 << 32  # above all hashes, so that no lane is a small number
_LEAST = 8  # bare characters; what is shorter is compared with nothing
_ENOUGH, _SOUND = 3, 8  # numbers in common that count at all; from which a share can be relied on
_PART = 0.85  # a text found within a longer one is a little less than the same text
_VERSION = 2


@dataclass(frozen=True, slots=True)
class Sketch:
    """``minima`` ascending, at most :data:`SIZE`; ``runs`` is how many different ones the text has."""

    minima: tuple[int, ...]
    runs: int

    @property
    def reach(self) -> int:
        """Up to which number all hashes of the text are here."""
        return _MASK if self.runs <= len(self.minima) else self.minima[-1]


@dataclass(frozen=True, slots=True)
class Likeness:
    """``share`` of the words that are the same, per cent. ``within``: the shorter text's, in the longer.

    ``brief``: at least one of the texts is so short that it may be said of many matters.
    """

    share: int
    within: bool = False
    brief: bool = False


UNLIKE = Likeness(0)


def sketch_of(text: str) -> Sketch | None:
    """What a text is compared by; None for one too short to be told from others."""
    if len(bare(text)) < _LEAST:
        return None
    hashes = sorted({crc32(run) * _MIX & _MASK for run in runs_of(text)})
    return Sketch(tuple(hashes[:SIZE]), len(hashes)) if hashes else None


def compared(one: Sketch, other: Sketch) -> Likeness:
    """How alike two texts are."""
    reach = min(one.reach, other.reach)
    mine, theirs = one.minima, other.minima
    mine, theirs = mine[: bisect_right(mine, reach)], theirs[: bisect_right(theirs, reach)]
    common = len(set(mine).intersection(theirs))
    if common < _ENOUGH:
        return UNLIKE
    same = 2 * common / (len(mine) + len(theirs))
    sure: float = min(1.0, common / _SOUND) ** 0.5
    part = _PART * sure * common / min(len(mine), len(theirs))
    brief = min(one.runs, other.runs) < BRIEF
    return Likeness(round(100 * max(same, part)), part > same, brief)


def lanes_of(sketch: Sketch) -> tuple[int, ...]:
    """Where texts that share something with this one meet: 24 to 64 keys of the index ``likeness``."""
    lanes = max(LEAST_LANES, sketch.runs // PER_LANE)
    return tuple(_TEXT_LANE | least for least in sketch.minima[:lanes])


def key_of(*parts: object) -> int:
    """A key of the index ``likeness``: 63 bits."""
    named = "\x1f".join(map(str, parts)).encode("utf-8", "replace")
    return int.from_bytes(hashlib.blake2b(named, digest_size=8).digest(), "big") >> 1


def packed(sketch: Sketch) -> bytes:
    """As it is stored: at most 261 bytes, the first names the form."""
    return struct.pack(f">BI{len(sketch.minima)}I", _VERSION, sketch.runs, *sketch.minima)


def unpacked(stored: bytes) -> Sketch | None:
    """A stored sketch; None for one of another form."""
    if len(stored) % 4 != 1 or stored[0] != _VERSION:
        return None
    _, runs, *minima = struct.unpack(f">BI{(len(stored) - 5) // 4}I", stored)
    return Sketch(tuple(minima), runs) if minima else None
