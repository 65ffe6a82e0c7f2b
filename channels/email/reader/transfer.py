"""Content-Transfer-Encodings undone, all of them in C speed and forgiving of damage.

You are here: between a part's raw bytes and its content.
"""

from __future__ import annotations

import binascii

_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_BASE64_OR_SPACE = _BASE64 + b" \t\r\n"
_NOT_BASE64 = bytes(set(range(256)) - set(_BASE64))
_MAX_DAMAGE = 10_000  # damaged places after which repair stops
_MIN_UU_LINE = 20  # bytes; lines are usually 62, and far shorter ones only cost time
_UU_NAMES = frozenset(("x-uuencode", "uuencode", "uue", "x-uue"))


def decode(raw: bytes, encoding: str) -> tuple[bytes, str]:
    """The content of ``raw`` and a problem in English, or "" when all was well. Never raises."""
    encoding = encoding.partition(";")[0].strip(" \t\r\n\"'").lower()
    if encoding == "base64":
        return _base64(raw)
    if encoding in ("quoted-printable", "quotedprintable", "qp"):
        return binascii.a2b_qp(raw), ""
    if encoding in _UU_NAMES:
        return _uu(raw)
    if encoding in ("", "7bit", "8bit", "binary", "7-bit", "8-bit", "none"):
        return raw, ""
    return raw, f"Unknown transfer encoding {encoding[:40]!r}; the content was taken as it is."


def _base64(raw: bytes) -> tuple[bytes, str]:
    foreign = len(raw.translate(None, _BASE64_OR_SPACE))
    if foreign * 10 > len(raw):
        return raw, "The content claims to be base64 and is not; it was taken as it is."
    stripped = raw.rstrip()
    padding = stripped.find(b"=")
    if not foreign and (padding < 0 or padding >= len(stripped) - 2):
        decoded = _sound_base64(stripped)
        if decoded is not None:
            return decoded, ""
    return _mend_base64(stripped.translate(None, _NOT_BASE64)), "The base64 content is damaged."


def _sound_base64(stripped: bytes) -> bytes | None:
    try:
        return binascii.a2b_base64(stripped)
    except binascii.Error:  # cut short
        return None


def _mend_base64(kept: bytes) -> bytes:
    """Base64 characters with padding anywhere: each padded run is decoded by itself."""
    if kept.count(b"=") > _MAX_DAMAGE:
        kept = kept.replace(b"=", b"")
    runs = [run for run in kept.split(b"=") if run]
    out = []
    for run in runs:
        if len(run) % 4 == 1:
            run = run[:-1]
        out.append(binascii.a2b_base64(run + b"=" * (-len(run) % 4)))
    return b"".join(out)


def _uu(raw: bytes) -> tuple[bytes, str]:
    if raw.count(b"\n") * _MIN_UU_LINE > len(raw) + 10_000:
        return raw, "The content claims to be uuencoded and is not; it was taken as it is."
    out: list[bytes] = []
    damaged = 0
    for line in raw.split(b"\n"):
        line = line.rstrip(b"\r")
        if not line or line.startswith((b"begin ", b"`")):
            continue
        if line == b"end":
            break
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            damaged += 1
            if damaged > _MAX_DAMAGE:
                return raw, "The content claims to be uuencoded and is not; it was taken as it is."
    return b"".join(out), "The uuencoded content is damaged." if damaged else ""
