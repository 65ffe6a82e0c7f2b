"""What stands in the window. You are here: a name and an address as a clerk typed it → **address** → lines.

A Chinese address is written postcode, place, person (收); any other person, place. The address comes as one
text: its own line ends are kept, else it is parted at commas or after the names of places. What does not
fit is never cut: :class:`AddressDoesNotFit` says so, and a clerk shortens it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from channels.paper.breaking import filled, wrapped
from channels.paper.characters import printable
from channels.paper.flow import MM, em
from intake.contracts import Text

MOST_LINES = 6
SIZES = (11.5, 10.5, 9.5, 8.5)
"""Points, tried in turn; smaller is not read by sorting machines nor by tired eyes."""
_LEADING = 1.22
_LONGEST = 600
_POSTCODE = re.compile(r"(?<![0-9])([0-9]{6})(?![0-9])")
_HAN = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")
_ENDS = "省市区县旗镇乡村路街道巷弄号栋幢楼座室屯组"
_PLACES = re.compile(f"[^{_ENDS}]*[{_ENDS}]+|.+")
_NOBODY = Text("住户", "The Resident")


class AddressDoesNotFit(ValueError):
    """The window cannot show this address. ``reason`` tells a clerk what to do."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.en)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class AddressBlock:
    """The lines as they are printed, and the type size in points."""

    lines: tuple[str, ...]
    size: float

    @property
    def line_height(self) -> float:
        """Millimetres."""
        return self.size * _LEADING / MM


def address_block(name: str, address: str, width: float, height: float) -> AddressBlock:
    """The address in at most six lines within ``width`` × ``height`` millimetres.

    Raises :class:`AddressDoesNotFit` when it is empty, longer than 600 characters, or too large for the
    smallest type.
    """
    if len(name) + len(address) > _LONGEST:
        raise AddressDoesNotFit(_TOO_LONG)
    person = " ".join(printable(name).split())
    places = [" ".join(part.split()) for part in printable(address).split("\n")]
    places = [place for place in places if place]
    if not places:
        raise AddressDoesNotFit(_EMPTY)
    chinese = bool(_HAN.search("".join(places)))
    arrange = _chinese if chinese else _western
    for size in SIZES:
        found = arrange(person, places, em(width, size))
        block = AddressBlock(tuple(found), size)
        if len(found) <= MOST_LINES and len(found) * block.line_height <= height:
            return block
    raise AddressDoesNotFit(_TOO_LONG)


def _chinese(person: str, places: list[str], width: float) -> list[str]:
    """邮编, 地址, 姓名 收 (GB/T 1416)."""
    postcode, rest = "", []
    for place in places:
        match = None if postcode else _POSTCODE.search(place)
        if match:
            postcode = match[1]
            place = (place[: match.start()] + " " + place[match.end() :]).strip(" ,，;；")
            place = re.sub("^(邮编|邮政编码)[:：]? *|[ ,，]*(邮编|邮政编码)[:：]?$", "", place)
        if place:
            rest.append(place)
    found = [postcode] if postcode else []
    for place in rest:
        found += filled(_chinese_parts(place), width, "")
    return [*found, *wrapped(f"{person or _NOBODY.zh} 收", width)]


def _western(person: str, places: list[str], width: float) -> list[str]:
    found = wrapped(person or _NOBODY.en, width)
    if len(places) > 1:  # the clerk parted it
        return found + [line for place in places for line in wrapped(place, width)]
    parts = [part.strip() for part in places[0].split(",") if part.strip()]
    if len(parts) + len(found) <= MOST_LINES:
        return found + [line for part in parts for line in wrapped(part, width)]
    return found + filled(parts, width, ", ")


def _chinese_parts(place: str) -> list[str]:
    commas = [part.strip() for part in re.split("[,，]", place) if part.strip()]
    return [name for part in commas for name in _PLACES.findall(part)]


_EMPTY = Text(
    "没有邮寄地址，请补上再打印。",
    "There is no postal address; add one, then print.",
)
_TOO_LONG = Text(
    "邮寄地址太长，信封窗口最多显示六行，请缩短或分行。",
    "The postal address is too long for the envelope's window (six lines); shorten it or part it into lines.",
)
