"""What of a sender's address says where somebody lives, however much of it a letter repeats. Pure.

You are here: secrecy → [home]. A street is where something happens; "18号3栋502房" or "Flat 3, 16 Willow
Lane" is somebody's door, wherever it stands, and so is a street with its number after "地址：".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

BETWEEN = r"[^\w\n]{0,3}\n?[^\w\n]{0,3}"
"""What a printer, a reader or a line's end puts between two signs."""
_LIVES = (
    r"(?:地址|住址|住所|地 {0,4}址|住 {0,4}址|家住|住在|居住在|现住|Address|live at|living at|resident of)"
)
_LABEL = re.compile(rf"{_LIVES}[ \t:：]{{0,4}}", re.I)
_UNITS = "号栋幢座楼层室组队房户單元號棟樓層戶"
_UNIT = re.compile(
    f"[A-Za-z]?(?:[0-9]+|[一二三四五六七八九十百]+)(?:单元|号楼|号院|[{_UNITS}])(?:之[0-9一二三四五六七八九十]+)?"
)
_ENGLISH_DOOR = re.compile(
    r"\b(?:(?:flat|apartment|apt|room|unit|suite) \w{1,6} \d{1,5}[a-z]? (?:[a-z]+ ){1,4}?STREET"
    r"|\d{1,5}[a-z]? (?:[a-z]+ ){1,4}?STREET (?:flat|apartment|apt|room|unit|suite) \w{1,6})\b".replace(
        "STREET",
        "(?:road|rd|street|st|lane|avenue|ave|drive|close|way|court|square|terrace|crescent|place|house)",
    ),
    re.I,
)
_POSTCODE = re.compile(
    r"[ \t，,、]{0,3}[（(]?(?:邮政编码|邮编|郵編|postcode|post code|zip)?[ \t:：]{0,3}\d{6}(?!\d)[）)]?", re.I
)
_LEAST_SIGNS = 5
"""Of a door's number, so that it is nobody else's: 3栋502房."""
_LEAST_AFTER_A_LABEL = 4
_LONGEST = 300
_MOST = 500
"""Places in one text that are looked at."""


class Home:
    """An address, and where a text tells it."""

    def __init__(self, address: str) -> None:
        bare = re.sub(r"[ ,，]{0,3}\d{6}$", "", address.strip())[:_LONGEST]
        self._signs = [sign for sign in bare.casefold() if sign.isalnum()]
        self._said = "".join(self._signs)
        self._doors = [_spaced(door) for door in sorted(set(_doors(bare)), key=len, reverse=True)]

    def told(self, text: str) -> bool:
        """Whether the very door stands in ``text``."""
        return any(door.search(text) for door in self._doors)

    def left_out(self, text: str, mark: str) -> str:
        """``text`` without the door, and what of the address and its postcode stands around it."""
        for door in self._doors:
            places = ((self._begin(text, at.start()), self._end(text, at)) for at in door.finditer(text))
            text = self._cut(text, places, mark)
        return self._cut(text, self._after_labels(text), mark)

    def _cut(self, text: str, places: Iterator[tuple[int, int]], mark: str) -> str:
        kept, end = [], 0
        for start, stop in places:
            if start >= end:
                postcode = _POSTCODE.match(text, stop)
                kept += [text[end:start], mark]
                end = postcode.end() if postcode else stop
        return "".join([*kept, text[end:]])

    def _begin(self, text: str, start: int) -> int:
        """Where the address begins that goes on at ``start``: back over all signs that it has there."""
        best, tail = start, text[start : start + _LONGEST]
        first = next((sign for sign in tail.casefold() if sign.isalnum()), "")
        for place, sign in enumerate(self._signs):
            if sign == first:
                best = min(best, self._back(text, start, place))
        return best

    def _end(self, text: str, door: re.Match[str]) -> int:
        """Where it ends: a room's number may go on without the word for room."""
        places = range(len(self._signs))
        return max([door.end(), *(self._along(text, door.start(), place) for place in places)])

    def _back(self, text: str, start: int, place: int) -> int:
        at, begin = start, start
        while at > 0 and place > 0 and begin - at < 6:
            at -= 1
            if text[at].isalnum():
                if text[at].casefold() != self._signs[place - 1]:
                    break
                place, begin = place - 1, at
            elif text[at] in "。！？!?；;":
                break
        return begin

    def _after_labels(self, text: str) -> Iterator[tuple[int, int]]:
        """What follows "地址：" and is a piece of the address with a number in it."""
        for count, label in enumerate(_LABEL.finditer(text)):
            if count > _MOST:
                return
            stop = max(
                (self._along(text, label.end(), place) for place in range(len(self._signs))), default=0
            )
            said = [sign for sign in text[label.end() : stop] if sign.isalnum()]
            if len(said) >= _LEAST_AFTER_A_LABEL and any(sign.isdigit() for sign in said):
                yield label.end(), stop

    def _along(self, text: str, start: int, place: int) -> int:
        """How far ``text`` says the address from its sign ``place`` on."""
        at = end = start
        while at < len(text) and place < len(self._signs) and at - end < 6:
            if text[at].isalnum():
                if text[at].casefold() != self._signs[place]:
                    place = self._later(text[at : at + 2], place)
                if place < 0:
                    break
                place, end = place + 1, at + 1
            at += 1
        return end

    def _later(self, pair: str, place: int) -> int:
        """Where the address has these two signs further on: who repeats it leaves out a town; -1: nowhere."""
        return self._said.find(pair.casefold(), place) if len(pair) == 2 and pair.isalpha() else -1


def _doors(address: str) -> Iterator[str]:
    """All that stands for this door alone: units that follow each other, an English flat with its street."""
    bare = re.sub(r"[\s,，、]+", "", address)
    units: list[re.Match[str]] = []
    for unit in [*_UNIT.finditer(bare)][-8:]:
        units = [*units, unit] if units and units[-1].end() == unit.start() else [unit]
        for first in units[:-1]:
            if unit.end() - first.start() >= _LEAST_SIGNS:
                yield bare[first.start() : unit.end()]
    for door in _ENGLISH_DOOR.finditer(re.sub(r"[^\w]+", " ", address)):
        yield door.group()


def _spaced(door: str) -> re.Pattern[str]:
    """A door as it may have been printed; "18号3栋" is not in "118号3栋"."""
    signs = [sign for sign in door if sign.isalnum()]
    return re.compile(rf"(?<![0-9A-Za-z])(?:{BETWEEN.join(map(re.escape, signs))})(?![A-Za-z])", re.I)
