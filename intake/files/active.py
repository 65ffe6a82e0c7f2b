"""Whether a paper can act: scripts, programs to launch, files inside; and whether it is locked.

You are here: looking → [active]. Names of PDF are looked for in its plain parts and in its object streams,
which are unpacked up to a limit; nothing is interpreted. What is missed costs little: only pictures of the
pages are shown anyway.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

_ACTS = re.compile(
    rb"/(?:JavaScript|JS|Launch|EmbeddedFiles?|OpenAction|AA|RichMedia|XFA|SubmitForm|ImportData|GoToE)"
    rb"(?![A-Za-z0-9])"
)
_JUST_A_PLACE = re.compile(rb"/OpenAction\s*\[")  # "open at this page", as many programs write
_LOCKED = re.compile(rb"/Encrypt\s*(?:<<|\d{1,10}\s+\d{1,5}\s+R)")
_HASHED = re.compile(rb"#([0-9A-Fa-f]{2})")
_STREAM = re.compile(rb"/(?:ObjStm|XRef)\b[^\0]{0,400}?stream\r?\n")
_UNPACKED, _UNPACKED_TOGETHER, _STREAMS = 4 * 1024 * 1024, 64 * 1024 * 1024, 2_000
_MACROS = (b"vbaProject.bin", b"word/vbaData.xml", b"V\0B\0A\0", b"_\0V\0B\0A\0_\0P\0R\0O\0J\0E\0C\0T\0")


def is_encrypted(content: bytes) -> bool:
    """Whether a PDF's trailer names a way of encryption (ISO 32000-1, 7.6)."""
    return any(_LOCKED.search(part) for part in _parts(content, _trailers(content)))


def is_active(content: bytes) -> bool:
    """Whether a PDF holds what acts when it is opened, or carries files."""
    return any(_ACTS.search(_JUST_A_PLACE.sub(b"", _plain(part))) for part in _parts(content, content))


def has_macros(content: bytes) -> bool:
    """Whether an office document carries programs."""
    return any(mark in content for mark in _MACROS)


def _trailers(content: bytes) -> bytes:
    """Where a trailer may stand; a /Encrypt within a page's text is no lock."""
    places = [found.start() for found in re.finditer(rb"trailer", content)][:100]
    return b"\n".join(content[place : place + 2_000] for place in places)


def _parts(content: bytes, plain: bytes) -> Iterator[bytes]:
    """The plain part, then what packed streams of objects and cross references say, until it is too much."""
    yield plain
    left = _UNPACKED_TOGETHER
    for number, found in enumerate(_STREAM.finditer(content)):
        if number >= _STREAMS or left <= 0:
            return
        yield found.group()
        try:
            unpacked = zlib.decompressobj().decompress(content[found.end() :], _UNPACKED)
        except zlib.error:
            continue
        left -= len(unpacked)
        yield unpacked


def _plain(part: bytes) -> bytes:
    """Names may spell their letters as #xx (ISO 32000-1, 7.3.5)."""
    return _HASHED.sub(lambda found: bytes([int(found[1], 16)]), part) if b"#" in part else part
