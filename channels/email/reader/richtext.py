"""Outlook's compressed RTF (MS-OXRTFCP) to plain text. You are here: the last resort of winmail."""

from __future__ import annotations

import re
import struct

from channels.email.reader import charsets

MAX_OUTPUT = 200_000  # bytes of RTF; what is beyond is formatting and pictures in practice
_PRELOAD = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor "
    rb"MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0" + b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|[\r\n]+|([^\\{}\r\n]+)"
)
_HIDDEN = frozenset(
    (
        b"fonttbl",
        b"colortbl",
        b"stylesheet",
        b"info",
        b"pict",
        b"object",
        b"header",
        b"footer",
        b"themedata",
        b"htmltag",
        b"generator",
        b"listtable",
        b"xmlnstbl",
        b"mhtmltag",
    )
)
_BREAKS = frozenset((b"par", b"line", b"row", b"sect", b"page"))


def decompress(packed: bytes) -> bytes:
    """The RTF in ``packed``, at most 200,000 bytes; b"" when it is not in this format."""
    if len(packed) < 16:
        return b""
    size, kind = struct.unpack_from("<4xI4s", packed)
    size = min(size, MAX_OUTPUT)
    if kind == b"MELA":
        return packed[16 : 16 + size]
    if kind != b"LZFu":
        return b""
    out = bytearray(_PRELOAD)
    size += len(_PRELOAD)
    position = 16
    while position < len(packed) and len(out) < size:
        control = packed[position]
        position += 1
        for bit in range(8):
            if control >> bit & 1:
                pair = packed[position : position + 2]
                position += 2
                if len(pair) < 2 or not _copy(out, pair[0] << 4 | pair[1] >> 4, (pair[1] & 15) + 2):
                    return bytes(out[len(_PRELOAD) : size])
            else:
                out += packed[position : position + 1]
                position += 1
    return bytes(out[len(_PRELOAD) : size])


def _copy(out: bytearray, offset: int, length: int) -> bool:
    """Append ``length`` bytes from the 4096-byte window; False at the end mark (offset = write place)."""
    write = len(out) & 0xFFF
    if offset == write:
        return False
    back = (write - offset) & 0xFFF
    start = len(out) - back
    for number in range(length):
        at = start + number
        out.append(out[at] if 0 <= at < len(out) else 0x20)
    return True


def to_text(rtf: bytes) -> str:
    """The readable text of ``rtf``. Linear; never raises."""
    out: list[str] = []
    pending = bytearray()
    hidden: list[bool] = [False]
    charset, skip = "gb18030", 0
    for word, number, hexadecimal, symbol, brace, plain in _TOKEN.findall(rtf[:MAX_OUTPUT]):
        if brace == b"{":
            if len(hidden) < 10_000:
                hidden.append(hidden[-1])
        elif brace == b"}":
            if len(hidden) > 1:
                hidden.pop()
        elif word in _HIDDEN or symbol == b"*":
            hidden[-1] = True
        elif word == b"ansicpg":
            charset = "cp" + number.decode("ascii")
        elif hidden[-1]:
            continue
        elif hexadecimal or plain:
            piece = bytes.fromhex(hexadecimal.decode("ascii")) if hexadecimal else plain
            pending += piece[skip:]
            skip = max(0, skip - len(piece))
        elif word == b"u" and number:
            _flush(out, pending, charset)
            out.append(chr(int(number) & 0xFFFF))
            skip = 1
        elif word in _BREAKS:
            _flush(out, pending, charset)
            out.append("\n")
        elif word == b"tab" or symbol in (b"~", b"\\", b"{", b"}"):
            pending += b"\t" if word else (b" " if symbol == b"~" else symbol)
    _flush(out, pending, charset)
    return "".join(out).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _flush(out: list[str], pending: bytearray, charset: str) -> None:
    if pending:
        out.append(charsets.decode(bytes(pending), charset))
        pending.clear()
