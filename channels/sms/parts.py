"""How many parts a text takes on the air (each is paid for), and how a long one is split into messages.

Counted as 3GPP TS 23.038 and TS 23.040 say: 160 septets of the GSM alphabet in a single part and 153 in
each of several; 70 and 67 UTF-16 units when any character is outside of it. Characters of the extension
table take two septets; neither they nor a surrogate pair are split over two parts.
"""

from __future__ import annotations

import re
import unicodedata

GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENSION = frozenset("\f^{}\\[~]|€")
SINGLE_GSM, MANY_GSM = 160, 153
SINGLE_UCS, MANY_UCS = 70, 67
MAX_MESSAGE = 1600
"""UTF-16 units that Twilio takes in one call (error 21617 beyond)."""

_SENTENCE_ENDS = re.compile(r"[。！？；…]+[”’」』）]*|[.!?;]+[\"')]*(?=\s)|\n+")
_CLAUSE_ENDS = re.compile(r"[，、：]|[,:](?=\s)|\s+")
_JOINERS = "\u200d\ufe0e\ufe0f"


def is_gsm(text: str) -> bool:
    """Whether every character is in the GSM alphabet, so that a part holds 160 of them."""
    return all(character in GSM_BASIC or character in GSM_EXTENSION for character in text)


def sms_parts(text: str) -> int:
    """Parts that ``text`` takes; an empty one still takes one."""
    if is_gsm(text):
        return _parts([2 if character in GSM_EXTENSION else 1 for character in text], SINGLE_GSM, MANY_GSM)
    return _parts([_units(character) for character in text], SINGLE_UCS, MANY_UCS)


def _parts(sizes: list[int], single: int, many: int) -> int:
    if sum(sizes) <= single:
        return 1
    parts, room = 1, many
    for size in sizes:
        if size > room:
            parts, room = parts + 1, many
        room -= size
    return parts


def _units(character: str) -> int:
    return 2 if ord(character) > 0xFFFF else 1


def utf16_length(text: str) -> int:
    """UTF-16 code units."""
    return len(text) + sum(character > "\uffff" for character in text)


def messages(text: str, limit: int = MAX_MESSAGE) -> tuple[str, ...]:
    """``text`` itself, or several messages of at most ``limit`` units, numbered ``(1/3) …``.

    Nothing is left out but the white space where one message ends and the next begins.
    """
    if utf16_length(text) <= limit:
        return (text,)
    count = 2
    while True:  # the number itself takes room: few rounds, for each adds a digit at most
        room = limit - len(f"({count}/{count}) ")
        pieces = _pieces(text.strip(), room)
        if len(str(len(pieces))) <= len(str(count)):
            return tuple(f"({n}/{len(pieces)}) {piece}" for n, piece in enumerate(pieces, 1))
        count = len(pieces)


def _pieces(text: str, room: int) -> list[str]:
    """``text`` in pieces of at most ``room`` units, each as long as a good place to end allows."""
    pieces = []
    start = 0
    while start < len(text):
        reach = _reach(text, start, room)
        end = len(text) if reach == len(text) else _good_end(text, start, reach)
        if piece := text[start:end].strip():
            pieces.append(piece)
        start = end
    return pieces


def _reach(text: str, start: int, room: int) -> int:
    """How far ``room`` units from ``start`` go."""
    end, left = start, room
    while end < len(text) and (size := _units(text[end])) <= left:
        left -= size
        end += 1
    return end


def _good_end(text: str, start: int, reach: int) -> int:
    """The end of the last sentence within reach; else of a clause or word; else between two characters."""
    earliest = start + (reach - start) // 3  # a message of three words is no better than a cut sentence
    for ends in (_SENTENCE_ENDS, _CLAUSE_ENDS):
        found = [match.end() for match in ends.finditer(text, earliest, reach)]
        if found:
            return found[-1]
    for end in range(reach, max(start, reach - 20), -1):
        if not _belongs_together(text[end - 1], text[end]):
            return end
    return reach


def _belongs_together(before: str, after: str) -> bool:
    """Whether two characters make one sign: an accent, an emoji with its colour."""
    joined = after in _JOINERS or before in _JOINERS or unicodedata.combining(after) != 0
    skin = 0x1F3FB <= ord(after) <= 0x1F3FF
    flags = all(0x1F1E6 <= ord(c) <= 0x1F1FF for c in (before, after))
    return joined or skin or flags
