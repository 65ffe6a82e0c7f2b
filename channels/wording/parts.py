"""How many parts a text message needs. You are here: catalogue → [parts] → sms.

GSM 7-bit (3GPP TS 23.038 §6.2.1): 160 septets alone, 153 in each part of a longer one; UCS-2: 70 and 67
code units. A character of GSM's extension table takes two septets, one beyond the BMP two code units;
neither is torn in two by the end of a part.
"""

from __future__ import annotations

GSM_7, UCS_2 = "gsm-7", "ucs-2"
_ROOM = {GSM_7: (160, 153), UCS_2: (70, 67)}
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = frozenset("\f^{}\\[~]|€")


def encoding_of(text: str) -> str:
    """``gsm-7`` when every character is in GSM's tables, else ``ucs-2``."""
    return GSM_7 if all(char in _BASIC or char in _EXTENSION for char in text) else UCS_2


def sms_parts(text: str) -> int:
    """How many text messages ``text`` is sent as; 0 for an empty one."""
    encoding = encoding_of(text)
    alone, each = _ROOM[encoding]
    widths = [_width(char, encoding) for char in text]
    if sum(widths) <= alone:
        return 1 if widths else 0
    parts, used = 1, 0
    for width in widths:
        if used + width > each:
            parts, used = parts + 1, 0
        used += width
    return parts


def _width(char: str, encoding: str) -> int:
    if encoding == GSM_7:
        return 2 if char in _EXTENSION else 1
    return 2 if ord(char) > 0xFFFF else 1
