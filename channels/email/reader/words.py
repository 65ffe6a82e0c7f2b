"""Header bytes to text: raw 8-bit headers and encoded words (RFC 2047), sound or broken.

You are here: subject, display names and filenames come through this module.
"""

from __future__ import annotations

import binascii
import re

from channels.email.reader import charsets

_WORD = re.compile(r"=\?([^?\s]{1,64})\?([bBqQ])\?([^?]*+)\?=")
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]+")


def unfold(raw: bytes) -> str:
    """The header value ``raw`` as one line of text; encoded words are left as they are."""
    if b"\n" in raw:
        raw = raw.replace(b"\r\n", b"").replace(b"\n", b"")
    if raw.isascii():
        return raw.decode("ascii").strip()
    return charsets.decode(raw).strip()


def decode(value: str) -> str:
    """``value`` with its encoded words decoded. Linear; never raises.

    Words of the same charset that follow each other are joined as bytes before decoding, because
    many mailers cut Chinese characters in two (against RFC 2047 section 5).
    """
    if "=?" not in value:
        return value
    out: list[str] = []
    run: list[tuple[str, str, str]] = []
    position = 0
    for word in _WORD.finditer(value):
        between = value[position : word.start()]
        charset, coding, payload = (
            word.group(1).partition("*")[0].lower(),
            word.group(2).upper(),
            word.group(3),
        )
        if between.strip() or not run:
            out.append(_decode_run(run))
            run = []
            out.append(between)
        elif run[-1][0] != charset:
            out.append(_decode_run(run))
            run = []
        run.append((charset, coding, payload))
        position = word.end()
    out.append(_decode_run(run))
    out.append(value[position:])
    return "".join(out)


def _decode_run(run: list[tuple[str, str, str]]) -> str:
    """The text of adjacent encoded words of one charset."""
    if not run:
        return ""
    charset = run[0][0]
    apart = b"".join(_payload(coding, payload) for _, coding, payload in run)
    cut = any(len(payload) % 4 and "=" not in payload for _, _, payload in run[:-1])
    if cut and all(coding == "B" for _, coding, _ in run):
        # Cut within a base64 quantum: only the joined base64 makes sense. Prefer it when it reads well.
        joined = charsets.decode(base64_bytes("".join(payload for _, _, payload in run)), charset)
        if "\ufffd" not in joined:
            return joined
    return charsets.decode(apart, charset)


def _payload(coding: str, payload: str) -> bytes:
    if coding == "B":
        return base64_bytes(payload)
    return binascii.a2b_qp(payload.encode("utf-8", "replace"), header=True)


def base64_bytes(payload: str) -> bytes:
    """Base64 with missing or wrong padding and stray characters; what cannot be read is left out."""
    kept = _NOT_BASE64.sub("", payload)
    if len(kept) % 4 == 1:
        kept = kept[:-1]
    return binascii.a2b_base64(kept + "=" * (-len(kept) % 4))
