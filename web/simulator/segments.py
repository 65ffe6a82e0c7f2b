"""How many parts a text takes on the air, as the carrier counts (GSM 03.38, 3GPP TS 23.040)."""

from __future__ import annotations

GSM_7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_7_TWO = frozenset("^{}\\[~]|€\f")
"""These take two places."""


def segments(text: str) -> int:
    """Parts of ``text``: 160 GSM-7 places or 70 UTF-16 units in one, 153 or 67 in each of several."""
    if all(c in GSM_7 or c in GSM_7_TWO for c in text):
        places, one, several = len(text) + sum(c in GSM_7_TWO for c in text), 160, 153
    else:
        places, one, several = len(text.encode("utf-16-be", "surrogatepass")) // 2, 70, 67
    return 1 if places <= one else -(-places // several)
