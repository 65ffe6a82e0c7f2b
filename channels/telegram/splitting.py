"""Long texts become several messages, never cut inside a sentence that fits. You are here: in the sender."""

from __future__ import annotations

MAX_UNITS = 4096
"""UTF-16 units of one Telegram message (Bot API, ``sendMessage``)."""

_ENDS = ("\n\n", "\n", "。", "！", "？", "；", "!", "?", ". ", "; ", "，", ", ", " ")
"""Where a text may be parted, best first."""
_JOINERS = frozenset("\u200d\ufe0e\ufe0f\u20e3") | {chr(c) for c in range(0x1F3FB, 0x1F400)}
"""What belongs to the character before it: an emoji's joiner, variation or skin tone."""


def units(text: str) -> int:
    """How Telegram counts: UTF-16 code units."""
    return len(text) + sum(1 for character in text if ord(character) > 0xFFFF)


def split(text: str, limit: int = MAX_UNITS) -> tuple[str, ...]:
    """``text`` in parts of at most ``limit`` units; only white space at the seams is left out."""
    parts, rest = [], text.strip()
    while units(rest) > limit:
        at = _seam(rest, _most(rest, limit))
        parts.append(rest[:at].rstrip())
        rest = rest[at:].lstrip()
    return (*parts, rest) if rest or not parts else tuple(parts)


def _most(text: str, limit: int) -> int:
    """How many characters of ``text`` fit."""
    used = 0
    for index, character in enumerate(text):
        used += 2 if ord(character) > 0xFFFF else 1
        if used > limit:
            return index
    return len(text)


def _seam(text: str, most: int) -> int:
    """Where to part: after the best end in the latter half of what fits."""
    head = text[:most]
    for end in _ENDS:
        at = head.rfind(end)
        if at >= most // 2:
            return at + len(end)
    for at in range(most, max(most // 2, most - 16, 0), -1):
        if text[at] not in _JOINERS and text[at - 1] != "\u200d":
            return at
    return most
